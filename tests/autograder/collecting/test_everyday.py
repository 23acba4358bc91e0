"""What students, browsers and spreadsheets make of files before a system hands them over."""

from pathlib import Path

import pytest

from autograder.collecting.collect import Collected, collect
from autograder.errors import CourseError
from autograder.gradebook.roster import Student, read_students
from tests.autograder.collecting.made import make_course, notebook_of, write_zip, zipped
from tests.autograder.small_unit import NAME, RIGHT

ROSTER = """\
id;Nachname;Vorname;E-Mail-Adresse;lms_user_id;Anmeldename
007;Novák;Jana;jana@uni.example;4021;jnovak
0012;O'Brien-Smith;Séan Óg;sean@uni.example;4022;sean_ob
cy;van der Berg-Østergård;Łukasz;cy@uni.example;4023;cymu
dd;😀;;dd@uni.example;4024;dd
"""
JANA, SEAN = "novákjana_4021_90001_", "obriensmithséanóg_LATE_4022_90002_"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    course = make_course(tmp_path_factory.mktemp("made"), ROSTER)
    return course, notebook_of(course, RIGHT)


@pytest.fixture
def course(made: tuple[Path, bytes], tmp_path: Path) -> Path:
    (tmp_path / "source").symlink_to(made[0] / "source")
    (tmp_path / "students.csv").write_text(ROSTER, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def work(made: tuple[Path, bytes]) -> bytes:
    return made[1]


def taken(course: Path, files: dict[str, bytes]) -> Collected:
    return collect(course, write_zip(course / "x.zip", files))


def students(collected: Collected) -> list[str]:
    return sorted(one.student for one in collected.placed)


def sentences(collected: Collected) -> list[str]:
    return [str(problem) for problem in collected.problems]


@pytest.mark.parametrize("ending", [".json", ".txt", ".ipynb.txt", ".ipynb.json", " (1).ipynb"])
def test_a_notebook_that_a_browser_saved_under_another_ending_is_one(course: Path, work: bytes, ending: str) -> None:
    collected = taken(course, {f"{JANA}{NAME}{ending}": work, f"{SEAN}{NAME}_notes.txt": b"my notes", "x": b""})
    assert students(collected) == ["007"]
    assert (course / "submitted" / "007" / NAME / f"{NAME}.ipynb").read_bytes() == work
    assert f"{SEAN}{NAME}_notes.txt: no notebook in it ({NAME}_notes.txt); ask for one" in sentences(collected)


@pytest.mark.parametrize(
    "name", [f".{NAME}.ipynb.icloud", f"{NAME}.ipynb.lnk", f"{NAME}.ipynb.webloc", f"{NAME}.ipynb.gdoc"]
)
def test_what_only_says_where_a_notebook_is_stands_for_none(course: Path, work: bytes, name: str) -> None:
    zip_of_it = zipped({f"work/{name}": b"bplist00"})
    collected = taken(course, {f"{JANA}{name}": b"bplist00", f"{SEAN}w.zip": zip_of_it})
    assert not collected.placed
    said = "which only says where a file is; ask for the notebook itself"
    assert sorted(sentences(collected)) == [
        f"{JANA}{name}: no notebook in it, but {name}, {said}",
        f"{SEAN}w.zip: no notebook in it, but work/{name}, {said}",
    ]
    beside = taken(course, {f"{JANA}{NAME}.ipynb": work, f"{JANA}{name}": b"bplist00"})
    assert [path.name for path in (course / "submitted" / "007" / NAME).iterdir()] == [f"{NAME}.ipynb"]
    assert "it only says where a file is" in beside.placed[0].remarks[0]


def test_canvas_is_known_where_most_have_typed_text_and_takes_a_name_without_letters(course: Path, work: bytes) -> None:
    files = {"novákjana_4021_text.html": b"", "obriensmithséanóg_LATE_4022_link.html": b"", "_4024_9_x.ipynb": work}
    collected = taken(course, files)
    assert collected.system == "canvas"
    assert students(collected) == ["dd"]
    assert len(sentences(collected)) == 2


def test_on_canvas_the_list_of_students_says_which_numbers_are_the_student_s(course: Path, work: bytes) -> None:
    """A file that is called after a date; and somebody whose name on Canvas ends in another's number."""
    collected = taken(
        course,
        {
            f"{JANA}2026_10_{NAME}.ipynb": work,
            "obriensmithséanóg_4022_4024_900_hw.ipynb": work,
            "vanderbergøstergårdłukasz_4023_90003_hw.ipynb": work,
        },
    )
    assert students(collected) == ["007", "cy"]
    assert "its name can be read in two ways" in sentences(collected)[0]


def test_letters_with_strokes_are_those_without(course: Path, work: bytes) -> None:
    assert students(taken(course, {f"Lukasz van der Berg-Ostergard_7_assignsubmission_file_/{NAME}.ipynb": work})) == [
        "cy"
    ]


def test_blackboard_s_time_is_the_first_in_a_name(course: Path, work: bytes) -> None:
    time, other = "2026-10-01-12-30-00", "2020-01-01-00-00-00"
    collected = taken(course, {f"Home_work_jnovak_attempt_{time}_x_attempt_{other}_{NAME}.ipynb": work})
    assert [one.time.year for one in collected.placed if one.time] == [2026]


@pytest.mark.parametrize("name", ["metadata.yml", "submission_metadata.yaml"])
def test_gradescope_s_list_may_be_called_otherwise_and_a_number_have_lost_its_zeros(
    course: Path, work: bytes, name: str
) -> None:
    metadata = b"submission_1:\n  :submitters:\n  - :name: Whoever\n    :sid: 12\n    :email: \n"
    assert students(taken(course, {f"e/submission_1/{NAME}.ipynb": work, f"e/{name}": metadata})) == ["0012"]


def test_two_numbers_that_differ_in_their_zeros_are_two_students(course: Path, work: bytes) -> None:
    (course / "students.csv").write_text("id\n12\n012\n")
    assert students(taken(course, {f"12/{NAME}.ipynb": work, f"012/{NAME}.ipynb": work})) == ["012", "12"]
    collected = taken(course, {f"0012/{NAME}.ipynb": work, f"12/{NAME}.ipynb": work, "012.ipynb": work})
    assert any("0012 may be 012, 12" in sentence for sentence in sentences(collected))


def test_files_called_by_student_and_unit_find_their_student(course: Path, work: bytes) -> None:
    names = (f"jnovak_{NAME}.ipynb", f"{NAME} - Séan Óg O'Brien-Smith.ipynb", f"cymu.{NAME} (1).ipynb")
    collected = taken(course, dict.fromkeys(names, work))
    assert (collected.system, students(collected)) == ("folders", ["0012", "007", "cy"])
    assert not collected.problems


# ---- lists of students


LIST = "id,last_name,first_name,lms_user_id\n007,Novák,Jana,4021\n"


@pytest.mark.parametrize(
    "data",
    [
        LIST.encode("utf-16-le"),
        LIST.encode("utf-16-be"),
        LIST.encode("utf-32"),
        LIST.replace(",", "|").encode(),
        LIST.replace("\n", "\r").encode(),
        b"\n\n" + LIST.encode(),
        b"Class list, spring;;;\n;;;\n" + LIST.replace(",", ";").encode(),
        LIST.replace("007", '="007"').encode(),
        LIST.replace("007", '"=""007"""').encode(),
        LIST.replace("007", "'007").encode(),
        LIST.replace("007", "\u200b007\u00a0").encode(),
        LIST.replace("4021", "4021.0").encode(),
    ],
    ids=[
        *("UTF-16 without a mark", "of the other order", "UTF-32", "upright strokes", "old Mac", "empty lines above"),
        *(
            "a title above",
            "a formula for zeros",
            "the same in quotes",
            "an apostrophe for zeros",
            "spaces without width",
        ),
        "a number as a measurement",
    ],
)
def test_lists_of_students_come_through_spreadsheets(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "students.csv"
    path.write_bytes(data)
    (one,) = read_students(path).values()
    assert (one.id, one.person.last_name, one.person.lms_user_id) == ("007", "Novák", "4021")


@pytest.mark.parametrize(
    "headings",
    [
        "Vezetéknév,Keresztnév,Azonosítószám,E-mail cím",
        "Επώνυμο,Όνομα,Αριθμός ID,Διεύθυνση ηλεκτρονικού ταχυδρομείου",
        "Прізвище,Ім'я,Індивідуальний номер,Електронна пошта",
        "Nume de familie,Prenume,Număr de identificare,Adresa de e-mail",
        "성,이름,ID 번호,이메일 주소",
        "Cognoms,Nom,Número ID,Adreça electrònica",
        "Cognome,Nome,Matricola,E-mail",
        "Último nome,Nome próprio,Número de identificação,Endereço de correio eletrónico",
        "Nazwisko,Imię,Numer albumu,Adres e-mail",
        "Soyadı,Adı,Öğrenci No,E-posta",
        "姓氏,名字,學號,電子郵件信箱",
        "اسم العائلة,الاسم الأول,رقم التعريف,البريد الإلكتروني",
        "שם משפחה,שם פרטי,מספר זיהוי,כתובת דואל",
        "Name,Vorname,Matrikelnr.,E-Mail",
        "Nom,Prénom,N° étudiant,Courriel",
        "Surname,Forename,Student No.,Mail",
    ],
)
def test_headings_in_many_languages_are_known(tmp_path: Path, headings: str) -> None:
    path = tmp_path / "students.csv"
    path.write_text(f"{headings}\nNovák,Jana,007,jana@x\n", encoding="utf-8")
    (one,) = read_students(path).values()
    person = one.person
    assert (one.id, one.idnumber) == ("007", "007")
    assert (person.last_name, person.first_name, person.email) == ("Novák", "Jana", "jana@x")


def test_a_row_is_counted_from_the_first_line_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "students.csv"
    path.write_text("Spring\n\nid,name\na,A\n,B\n")
    with pytest.raises(CourseError, match="row 5 has no id"):
        read_students(path)


def test_a_name_with_an_apostrophe_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "students.csv"
    path.write_text("id,name\na,'t Hooft\n")
    assert read_students(path) == {"a": Student("a", name="'t Hooft")}


@pytest.mark.parametrize("data", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0rest"], ids=["xlsx", "xls"])
def test_a_workbook_is_refused_with_what_to_do(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "students.csv"
    path.write_bytes(data)
    with pytest.raises(CourseError, match="a workbook of a spreadsheet program, not CSV; save it as CSV there"):
        read_students(path)
