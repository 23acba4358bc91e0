"""Whose work is whose: by number, id, address or name, never by guess."""

from pathlib import Path

import pytest

from autograder.collecting.attempt import Claim
from autograder.collecting.collect import collect
from autograder.collecting.entries import CannotRead
from autograder.collecting.students import StudentIndex
from autograder.errors import CourseError
from autograder.gradebook.roster import Roster, Student, read_roster, read_students
from autograder.gradebook.session import open_gradebook
from autograder.gradebook.settings import read_settings
from autograder.model.reviews import Person
from tests.autograder.collecting.made import ROSTER, make_course, notebook_of, write_zip
from tests.autograder.small_unit import NAME, RIGHT


def index(text: str, folder: Path) -> StudentIndex:
    (folder / "students.csv").write_text(text, encoding="utf-8")
    students = read_students(folder / "students.csv")
    return StudentIndex(Roster(students, frozenset(students)))


def only(claim: Claim, students: StudentIndex) -> str:
    """The one student whom a claim means."""
    (match,) = students.students(claim)
    return match.student


@pytest.mark.parametrize(
    "claim",
    [
        Claim("x", number="4021"),
        Claim("x", ("007",)),
        Claim("x", ("JNovak",)),
        Claim("x", ("Jana@Uni.example",)),
        Claim("x", name="Novak, Jana"),
        Claim("x", name="jana NOVÁK"),
        Claim("x", joined_name="novákjana"),
        Claim("x", joined_name="novakjana", number="4021"),
    ],
    ids=repr,
)
def test_a_student_is_found_by_all_that_a_system_may_know(tmp_path: Path, claim: Claim) -> None:
    assert only(claim, index(ROSTER, tmp_path)) == "007"


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (Claim("Jan Kim", name="Jan Kim"), "Jan Kim may be a, b; write what the system calls the student"),
        (Claim("kimjan_9", number="9", joined_name="kimjan"), "nobody is called kimjan_9 in students.csv"),
        (Claim("Al", ("al",)), "Al may be AL, Al"),
        (Claim("up", ("../up",)), "the id '../up' cannot be the name of a folder"),
        (Claim("Participant 5"), "nothing says whose it is: it was handed in anonymously"),
    ],
)
def test_who_is_not_sure_is_nobody(tmp_path: Path, claim: Claim, words: str) -> None:
    roster = "id,first_name,last_name,lms_user_id\na,Jan,Kim,1\nb,Kim,Jan,2\nAL,,,\nAl,,,\n../up,,,\n"
    with pytest.raises(CannotRead) as error:
        index(roster, tmp_path).students(claim)
    assert str(error.value).startswith(words)


def test_an_alias_says_who_is_meant(tmp_path: Path) -> None:
    roster = "id,first_name,last_name,aliases\na,Jan,Kim,Jan Kim_31 | jk\nb,Jan,Kim,\n"
    assert only(Claim("Jan Kim_31", name="Jan Kim"), index(roster, tmp_path)) == "a"


def test_two_people_of_one_name_on_the_system_are_both_named_though_the_list_has_one(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    work = notebook_of(course, RIGHT)
    folders = [f"Jana Novák_{number}_assignsubmission_file_" for number in (711, 712)]
    collected = collect(course, write_zip(tmp_path / "x.zip", {f"{folder}/{NAME}.ipynb": work for folder in folders}))
    assert not collected.placed
    words = (
        "Jana Novák_711, Jana Novák_712 may each be 007; write what the system calls the student into the column alias"
    )
    assert [str(problem) for problem in collected.problems] == [
        f"{folder}: {words} of students.csv" for folder in folders
    ]
    (course / "students.csv").write_text("id,first_name,last_name,alias\n007,Jana,Novák,Jana Novák_712\n")
    collected = collect(course, tmp_path / "x.zip")
    assert [one.student for one in collected.placed] == ["007"]
    assert [problem.path for problem in collected.problems] == [folders[0]]


def test_who_takes_the_name_of_anothers_id_or_alias_is_not_taken_for_them(tmp_path: Path) -> None:
    course = make_course(tmp_path, "id,first_name,last_name,alias\nann,Ann,Able,Annie\n")
    work = notebook_of(course, RIGHT)
    names = ["ann_7", "Annie_8", "Ann Able_9"]
    files = {f"{name}_assignsubmission_file_/{NAME}.ipynb": work for name in names}
    collected = collect(course, write_zip(tmp_path / "x.zip", files))
    assert not collected.placed
    assert len(collected.problems) == 3


@pytest.mark.parametrize(
    ("data", "student"),
    [
        (
            b"\xef\xbb\xbfID;Nachname;Vorname;E-Mail-Adresse\r\n007;M\xc3\xbcller;J\xc3\xb6rg;a@b\r\n",
            ("Jörg", "Müller", "a@b", ""),
        ),
        (
            "Identifiant,Nom,Prénom,Adresse de courriel\n".replace("Identifiant", "id").encode("cp1252")
            + b"007,L,P,a@b\n",
            ("P", "L", "a@b", ""),
        ),
        ("id\tApellido(s)\tNombre\n007\tÑu\tJo\n".encode("utf-16"), ("Jo", "Ñu", "", "")),
        (
            b'Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\n"B, A",42,,007,S\n',
            ("A", "B", "", "42"),
        ),
        (b"First name,Surname,ID number,Email address\n=cmd|x,'=B,007,a@b\n\n", ("=cmd|x", "=B", "a@b", "")),
        (b"identifier,github_username,github_id,name\n007,octo,5,Oc To\n", ("", "", "", "")),
        (
            b"Student,ID,SIS User ID,SIS Login ID,Section,HW 1 (55),Final Score\n,,,,,Manual Posting,\n"
            b'    Points Possible,,,,,10,(read only)\n"B, A",42,s-1,007,"S 1, S 2",9,90\n"Student, Test",99,,,S,,\n',
            ("A", "B", "", "42"),
        ),
        (
            b"LastName,FirstName,ID,SIS User ID,SIS Login ID,Section\nB,A,42,,007,S\n",
            ("A", "B", "", "42"),
        ),
        (
            '"Last Name"\t"First Name"\t"Username"\t"Student ID"\t"HW [Total Pts: 9 Score] |12"\n"B"\t"A"\t"007"\t""\t"3"\n'.encode(
                "utf-16"
            ),
            ("A", "B", "", ""),
        ),
        ("sep=;\r\nid;Nachname\r\n007;B\r\n".encode("utf-8-sig"), ("", "B", "", "")),
        ("Imię,Nazwisko,Numer ID,Adres e-mail\nJan,B,007,a@b\n".encode(), ("Jan", "B", "a@b", "")),
        ("Förnamn;Efternamn;ID-nummer;E-postadress\nJan;B;007;a@b\n".encode("cp1252"), ("Jan", "B", "a@b", "")),
        ("Имя,Фамилия,Индивидуальный номер,Адрес электронной почты\nЯн,Б,007,a@b\n".encode(), ("Ян", "Б", "a@b", "")),
        ("名,姓,IDナンバー,メールアドレス\n花,山,007,a@b\n".encode(), ("花", "山", "a@b", "")),
        ("Nome,Apelido,Número de identificação,Endereço de e-mail\nJo,B,007,a@b\n".encode(), ("Jo", "B", "a@b", "")),
    ],
    ids=[
        *("German", "French", "Spanish", "Canvas", "Moodle", "GitHub", "Canvas with posting", "Canvas with two names"),
        *("Blackboard", "for Excel", "Polish", "Swedish", "Russian", "Japanese", "Portuguese"),
    ],
)
def test_lists_of_students_are_read_as_systems_and_spreadsheets_write_them(
    tmp_path: Path, data: bytes, student: tuple[str, str, str, str]
) -> None:
    path = tmp_path / "students.csv"
    path.write_bytes(data)
    (one,) = read_students(path).values()
    assert "007" in (one.id, one.idnumber)
    assert one.aliases == (("octo",) if b"octo" in data else ())
    assert one.person == Person(*student)


def test_who_has_no_number_is_called_by_what_else_there_is(tmp_path: Path) -> None:
    """Gradescope lists its staff with the students, and Canvas shows the login to some teachers alone."""
    path = tmp_path / "students.csv"
    path.write_text("First Name,Last Name,SID,Email,Role\nAda,L,007,ada@x,Student\nIn,S,,in@x,Instructor\n")
    assert [*read_students(path)] == ["007", "in@x"]
    path.write_text(
        "Identifier,Full name,Email address,Status\nParticipant 711,Ada L,ada@x,Submitted\nParticipant 712,B O,b@x,\n"
    )
    assert [*read_students(path)] == ["ada@x", "b@x"]
    path.write_text('Student,ID,Section\n"L, Ada",42,S\n')
    assert read_students(path) == {"42": Student("42", Person("Ada", "L", lms_user_id="42"), name="L, Ada")}


GROUPS = """\
id,first_name,last_name,lms_user_id,username,group
007,Jana,Novák,4021,jnovak,"Group 1, Section A"
b-02,Séan,O'Brien,4022,sean_ob,Group 1
cy,Cy,Müller,4023,cymu,Group 2
"""


@pytest.mark.parametrize(
    "claim",
    [
        Claim("Group 1_1", group="Group 1"),
        Claim("group1_4022", number="4022", joined_name="group1"),
        Claim("hw-1-group-1", ("hw-1-group-1", "1-group-1", "group-1", "1")),
    ],
    ids=["Moodle", "Canvas", "GitHub"],
)
def test_a_groups_name_means_each_of_its_members(tmp_path: Path, claim: Claim) -> None:
    assert [match.student for match in index(GROUPS, tmp_path).students(claim)] == ["007", "b-02"]


def test_a_group_that_is_called_like_a_student_is_the_student(tmp_path: Path) -> None:
    roster = "id,first_name,last_name,lms_user_id,group\na,Jan,Kim,1,\nb,Al,Ex,2,Jan Kim\nc,Bo,Yo,3,Jan Kim\n"
    assert only(Claim("kimjan_1", number="1", joined_name="jankim"), index(roster, tmp_path)) == "a"


def test_a_groups_work_on_moodle_and_canvas_is_each_members(tmp_path: Path) -> None:
    course = make_course(tmp_path, GROUPS)
    work = notebook_of(course, RIGHT)
    for number, names in enumerate(
        (
            (f"Group 1_101_assignsubmission_file_/{NAME}.ipynb", f"Group 2_102_assignsubmission_file_/{NAME}.ipynb"),
            (f"group1_4021_90001_{NAME}.ipynb", f"group2_4023_90002_{NAME}.ipynb"),
        )
    ):
        source = write_zip(tmp_path / f"{number}.zip", dict.fromkeys(names, work))
        collected = collect(course, source, submitted=tmp_path / f"{number}")
        assert [one.student for one in collected.placed] == ["007", "b-02", "cy"]
        assert not collected.problems


def test_those_in_no_group_on_moodle_are_named(tmp_path: Path) -> None:
    course = make_course(tmp_path, GROUPS)
    name = f"Default group_assignsubmission_file_/{NAME}.ipynb"
    collected = collect(course, write_zip(tmp_path / "x.zip", {name: notebook_of(course, RIGHT)}))
    assert collected.system == "moodle"
    assert [str(problem).partition(" in ")[0] for problem in collected.problems] == [
        "Default group_assignsubmission_file_: nobody is called Default group"
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no column is called id"),
        ("first,last\na,b\n", "no column is called id; its first line must name the columns"),
        ("id,email\na,x\n,y\n", "row 3 has no id; fill it in or delete the row"),
        ("id\na\na\n", "the id 'a' is there twice (again in row 3); keep one row"),
        ('id,name\na,"x\n' + "y" * 200_000, "is no CSV (field larger than field limit"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_in_a_sentence(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "students.csv"
    path.write_text(text)
    with pytest.raises(CourseError, match=r"students\.csv: ") as error:
        read_students(path)
    assert words in str(error.value)


def test_the_list_and_nbgraders_database_complete_each_other(tmp_path: Path) -> None:
    make_course(tmp_path, "id,last_name\n007,Novák\n")
    with open_gradebook(read_settings(tmp_path).folders) as gradebook:
        gradebook.add_student("007", last_name="Old", lms_user_id="4021")
        gradebook.add_student("guest", first_name="G")
        gradebook.save()
    roster = read_roster(tmp_path)
    assert roster.complete
    assert roster.students == {
        "007": Student("007", Person("", "Novák", "", "4021")),
        "guest": Student("guest", Person("G")),
    }
    assert roster.listed == {"007"}


def test_without_a_list_the_accounts_of_the_exchange_are_the_students(tmp_path: Path) -> None:
    course = make_course(tmp_path, "")
    files = {f"new+{NAME}+2026-03-01 10:00:00.000000 UTC/{NAME}.ipynb": notebook_of(course, RIGHT)}
    assert [one.student for one in collect(course, write_zip(tmp_path / "x.zip", files)).placed] == ["new"]
