"""Who is in the course: the people of `students.csv` in the course folder and those of nbgrader's database."""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import CourseError
from autograder.gradebook.reviews import read_people
from autograder.model.files import read_plain
from autograder.model.reviews import Person

FILE = "students.csv"
MAX_BYTES = 20_000_000
DELIMITERS = ",;\t"
# What the columns are called, without capitals, accents and signs: as nbgrader has them, and as the systems export them.
HEADINGS = {
    "id": "id student studentid",
    "username": "username login loginid sislogin sisloginid anmeldename benutzername nombredeusuario "
    "nomdutilisateur gebruikersnaam nomeutente utilizador",
    "idnumber": "idnumber sid sisuserid studentnumber matrikelnummer matriculationnumber idnummer numerodeid "
    "numerodidentification numerodetudiant studentnummer numeroid identifier",
    "last_name": "lastname surname familyname nachname familienname apellidos apellido nom nomdefamille achternaam cognome sobrenome",
    "first_name": "firstname givenname vorname nombre prenom voornaam nome",
    "name": "name fullname studentname nameoflearner vollstandigername nombrecompleto nomcomplet volledigenaam nomecompleto",
    "email": "email emailaddress mail emailadresse direcciondecorreo correoelectronico adressedecourriel courriel emailadres "
    "indirizzoemail enderecodeemail",
    "lms_user_id": "lmsuserid canvasid canvasuserid userid",
    "aliases": "alias aliases",
    "github": "githubusername github",
}
FIELDS = {spelling: field for field, spellings in HEADINGS.items() for spelling in spellings.split()}
NAMES_OF_IDS = (
    "id",
    "username",
    "idnumber",
    "email",
)  # where there is no column called id, the first of these takes its place
GUARDED = re.compile(r"^'(?=[=+\-@＝＋－＠])")  # so exports keep spreadsheets from running a name
POINTS_POSSIBLE = "pointspossible"  # the row below the headings of Canvas


@dataclass(frozen=True)
class Student:
    """One student: the id that names the folder, and by what else a system may know the student."""

    id: str
    person: Person = field(default_factory=Person)
    username: str = ""
    name: str = ""  # in one piece, where that is all that is known
    idnumber: str = ""
    aliases: tuple[str, ...] = ()  # whatever else a system calls this student


@dataclass(frozen=True)
class Roster:
    """The students of a course, by id. `complete`: nobody else is in the course."""

    students: dict[str, Student]
    complete: bool = False


def read_roster(course: Path) -> Roster:
    """Return everybody who is in `students.csv` or nbgrader's database; raises CourseError where either cannot be read.

    Where both know a student, what `students.csv` says counts, and the database fills in what it leaves empty.
    """
    path = course / FILE
    listed = read_students(path)
    students = {id_: Student(id_, person) for id_, person in read_people(course).items()}
    for id_, student in listed.items():
        known = students[id_].person if id_ in students else Person()
        students[id_] = Student(**{**vars(student), "person": _filled(student.person, known)})
    return Roster(students, complete=bool(listed))


def people_of(course: Path) -> dict[str, Person]:
    """Return names, addresses and LMS numbers by student."""
    return {id_: student.person for id_, student in read_roster(course).students.items()}


def read_students(path: Path) -> dict[str, Student]:
    """Return the students of a CSV file by id, none where there is no file; raises CourseError for one that cannot be
    used."""
    try:
        data = read_plain(path)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise CourseError(f"{path}: cannot be read ({error.strerror}); put a file there that you may read") from error
    if len(data) > MAX_BYTES:
        raise CourseError(f"{path}: over {MAX_BYTES:,} bytes, so no list of students; give one row per student")
    students: dict[str, Student] = {}
    for number, row in _rows(path, _text(data)):
        student = _student(row)
        if not student.id:
            raise CourseError(f"{path}: row {number} has no id; fill it in or delete the row")
        if student.id in students:
            raise CourseError(f"{path}: the id {student.id!r} is there twice (again in row {number}); keep one row")
        students[student.id] = student
    return students


def _rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the number of each row and its fields by our names for them."""
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        fields = _fields(next(lines, []))
        if not any(field in fields for field in NAMES_OF_IDS):
            raise CourseError(
                f"{path}: no column is called id; its first line must name the columns, such as id,last_name,first_name,email"
            )
        for number, line in enumerate(lines, 2):
            values = [GUARDED.sub("", value.strip()) for value in line]
            if any(values) and not any(plain_letters(value) == POINTS_POSSIBLE for value in values):
                yield number, {field: value for field, value in zip(fields, values, strict=False) if field}
    except csv.Error as error:
        raise CourseError(f"{path}: line {lines.line_num} is no CSV ({error}); save it again as CSV") from error


def _fields(headings: Iterable[str]) -> list[str]:
    """Return our name for each column, empty for those that are not used and for a name's second column."""
    fields = [FIELDS.get(plain_letters(heading), "") for heading in headings]
    letters = [plain_letters(heading) for heading in headings]
    if "sisloginid" in letters and "id" in letters:  # Canvas's own gradebook
        fields[letters.index("id")] = "lms_user_id"
        if "student" in letters:
            fields[letters.index("student")] = "name"
    return [field if field not in fields[:place] else "" for place, field in enumerate(fields)]


def _student(row: dict[str, str]) -> Student:
    identity = next((row[field] for field in NAMES_OF_IDS if field in row), "")
    person = Person(*(row.get(field, "") for field in ("first_name", "last_name", "email", "lms_user_id")))
    others = [row.get("github", ""), *row.get("aliases", "").split("|")]
    aliases = tuple(filter(None, map(str.strip, others)))
    return Student(identity, person, row.get("username", ""), row.get("name", ""), row.get("idnumber", ""), aliases)


def _filled(person: Person, known: Person) -> Person:
    return Person(**{field: value or getattr(known, field) for field, value in vars(person).items()})


def _text(data: bytes) -> str:
    """Return the text of a file that a spreadsheet wrote."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def plain_letters(text: str) -> str:
    """Return the letters and digits of a text without capitals and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in apart if character.isalnum())
