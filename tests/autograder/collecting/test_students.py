"""Whose work is whose: by number, id, address or name, never by guess."""

from pathlib import Path

import pytest

from autograder.collecting.attempt import Claim
from autograder.collecting.collect import collect
from autograder.collecting.entries import CannotRead
from autograder.collecting.students import StudentIndex
from autograder.errors import CourseError
from autograder.gradebook.roster import Roster, Student, people_of, read_roster, read_students
from autograder.gradebook.session import open_gradebook
from autograder.gradebook.settings import read_settings
from autograder.model.reviews import Person
from tests.autograder.collecting.made import ROSTER, make_course, notebook_of, write_zip
from tests.autograder.small_unit import NAME, RIGHT


def index(text: str, folder: Path) -> StudentIndex:
    (folder / "students.csv").write_text(text, encoding="utf-8")
    return StudentIndex(Roster(read_students(folder / "students.csv"), complete=True))


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
    assert index(ROSTER, tmp_path).student(claim).student == "007"


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
        index(roster, tmp_path).student(claim)
    assert str(error.value).startswith(words)


def test_an_alias_says_who_is_meant(tmp_path: Path) -> None:
    roster = "id,first_name,last_name,aliases\na,Jan,Kim,Jan Kim_31 | jk\nb,Jan,Kim,\n"
    assert index(roster, tmp_path).student(Claim("Jan Kim_31", name="Jan Kim")).student == "a"


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
            ("", "", "", "42"),
        ),
        (b"First name,Surname,ID number,Email address\n=cmd|x,'=B,007,a@b\n\n", ("=cmd|x", "=B", "a@b", "")),
        (b"identifier,github_username,github_id,name\n007,octo,5,Oc To\n", ("", "", "", "")),
    ],
    ids=["German", "French", "Spanish", "Canvas", "Moodle", "GitHub"],
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
    assert people_of(tmp_path)["007"].lms_user_id == "4021"


def test_without_a_list_the_accounts_of_the_exchange_are_the_students(tmp_path: Path) -> None:
    course = make_course(tmp_path, "")
    files = {f"new+{NAME}+2026-03-01 10:00:00.000000 UTC/{NAME}.ipynb": notebook_of(course, RIGHT)}
    assert [one.student for one in collect(course, write_zip(tmp_path / "x.zip", files)).placed] == ["new"]
