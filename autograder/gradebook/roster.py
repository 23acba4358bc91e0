"""Who is in the course: the people of `students.csv` in the course folder and those of nbgrader's database."""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from autograder.errors import CourseError
from autograder.model.files import read_plain
from autograder.model.reviews import Person

FILE = "students.csv"
MAX_BYTES = 20_000_000
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # how files of Excel and LibreOffice begin
DELIMITERS = ",;\t|"
MOST_ABOVE = 20  # lines above that which names the columns: a title, or empty ones
# What the columns are called, without capitals, spaces and signs: as nbgrader has them, and as the systems export them.
HEADINGS = {
    "id": "id student studentid",
    "username": "username login loginid sislogin sisloginid anmeldename benutzername nombredeusuario "
    "nomdutilisateur gebruikersnaam nomeutente utilizador nomedeutilizador nomedeusuario identificacaodeusuario "
    "anvandarnamn brugernavn brukernavn kayttajatunnus nazwauzytkownika uzivatelskejmeno kullanıcıadı felhasznalonev "
    "numedeutilizator numeutilizator nomdusuari όνομαχρήστη логин имяпользователя логін ім'якористувача ユーザ名 用户名 使用者名稱 帳號 사용자아이디 사용자이름 아이디 "
    "اسمالمستخدم שםמשתמש",
    "idnumber": "idnumber idno sid sisuserid studentnumber studentno matrikelnummer matrikelnr matrnr matriculationnumber matriculationno "
    "idnummer numerodeid numerodidentification numerodetudiant noetudiant netudiant nodetudiant studentnummer studentnr dni numeroid identifier "
    "numerodeidentificacao matricula matricola codiceidentificativo idnumero numerid numeralbumu nralbumu identifikacnicislo "
    "kimliknumarası ogrencino ogrencinumarası azonositoszam neptunkod numardeidentificare numarmatricol αριθμόςid αριθμόςμητρώου "
    "индивидуальныйномер номерстудента ідентифікаційнийномер індивідуальнийномер idナンバー 学籍番号 id号码 学号 學號 id번호 학번 "
    "رقمالتعريف الرقمالجامعي מספרזיהוי",
    "last_name": "lastname surname familyname nachname familienname zuname apellidos apellido primerapellido nom nomdefamille achternaam "
    "cognome cognoms sobrenome apelido ultimonome efternamn efternavn etternavn sukunimi nazwisko prijmeni priezvisko soyad soyadı vezeteknev "
    "numedefamilie επώνυμο επίθετο фамилия прізвище 姓 姓氏 성 اسمالعائلة الاسمالأخير שםמשפחה",
    "first_name": "firstname givenname forename vorname rufname nombre nombres prenom voornaam roepnaam nome nomeproprio primeironome "
    "fornamn fornavn etunimi imie krestnijmeno jmeno meno ad adı isim keresztnev utonev prenume όνομα имя ім'я 名 名字 이름 الاسمالأول שםפרטי",
    "name": "name fullname studentname nameoflearner vollstandigername nombrecompleto nomcomplet volledigenaam nomecompleto nomcompleto "
    "adsoyad adısoyadı teljesnev imieinazwisko фио 氏名 姓名",
    "email": "email emailaddress mail mailaddress emailadresse mailadresse direcciondecorreo direcciondecorreoelectronico direccionemail "
    "correoelectronico correo adressedecourriel adressemail courriel emailadres indirizzoemail mailistituzionale enderecodeemail "
    "enderecodecorreioeletronico adrecaelectronica epost epostadress epostadresse sahkoposti sahkopostiosoite adresemail adresaemail "
    "adresadeemail emailovaadresa eposta epostaadresi emailcim διεύθυνσηηλεκτρονικούταχυδρομείου ηλεκτρονικήδιεύθυνση "
    "адресэлектроннойпочты электроннаяпочта електроннапошта адресаелектронноїпошти メールアドレス 电子邮件地址 电子邮箱 電子郵件 電子郵件信箱 電子郵件地址 이메일 이메일주소 "
    "البريدالإلكتروني כתובתדואל דואל",
    "lms_user_id": "lmsuserid canvasid canvasuserid userid",
    "aliases": "alias aliases",
    "github": "githubusername github",
    "groups": "group groups groupname team teams teamname gruppe gruppen grupo grupos groupe groupes groep groepen gruppo gruppi",
}
# The column that names the student: the first of these that is filled in for anybody. Where that is not the column called id, a row
# that leaves it empty takes the next.
NAMES_OF_IDS = ("id", "username", "idnumber", "email", "lms_user_id")
# So exports keep spreadsheets from running a name, and people keep them from taking the zeros off a number.
GUARDED = re.compile(r"^'(?=[=+\-@＝＋－＠]|\d+$)")
AS_TEXT = re.compile(r'="(.*)"')  # another way to keep the zeros of a number
WITH_FRACTION = re.compile(r"(\d{2,})\.0")  # a number after a program that took the column for measurements
UNSEEN = "\u200b\u200e\u200f\u2060\ufeff"  # spaces without a width, and signs of the direction of writing
# Canvas's own gradebook has rows of what is no student: how grades are posted, the points possible, and the one for trying things out.
POINTS_POSSIBLE = "pointspossible"
POSTING = re.compile(r"(muted|manual posting)\b.*", re.IGNORECASE)
CANVAS_TEST_STUDENT = "Student, Test"
PARTICIPANT = re.compile(r"\D+ \d+")  # as Moodle's grading worksheet calls students in one assignment and nowhere else
# Letters that Unicode does not take apart into a plain one and a sign, as systems write them without signs.
WITHOUT_STROKES = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})
SEVERAL = re.compile(r"[|,;]")  # what stands between the groups of one student


@dataclass(frozen=True)
class Student:
    """One student: the id that names the folder, and by what else a system may know the student."""

    id: str
    person: Person = field(default_factory=Person)
    username: str = ""
    name: str = ""  # in one piece, where that is all that is known
    idnumber: str = ""
    aliases: tuple[str, ...] = ()  # whatever else a system calls this student
    groups: tuple[str, ...] = ()  # what a system calls those with whom the student hands in


@dataclass(frozen=True)
class Roster:
    """The students of a course, by id. `listed`: those of the instructor's own list; where there is one, nobody else is in the
    course."""

    students: dict[str, Student]
    listed: frozenset[str] = frozenset()

    @property
    def complete(self) -> bool:
        """Whether everybody who is in the course is known."""
        return bool(self.listed)


def read_roster(course: Path) -> Roster:
    """Return everybody who is in `students.csv` or nbgrader's database; raises CourseError where either cannot be read.

    Where both know a student, what `students.csv` says counts, and the database fills in what it leaves empty.
    """
    from autograder.gradebook.reviews import read_people  # imports nbgrader, which takes a second

    path = course / FILE
    listed = read_students(path)
    students = {id_: Student(id_, person) for id_, person in read_people(course).items()}
    for id_, student in listed.items():
        known = students[id_].person if id_ in students else Person()
        students[id_] = Student(**{**vars(student), "person": _filled(student.person, known)})
    return Roster(students, frozenset(listed))


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
    if data.startswith(WORKBOOKS):
        raise CourseError(f"{path}: a workbook of a spreadsheet program, not CSV; save it as CSV there")
    students: dict[str, Student] = {}
    rows = _without_participants(list(_rows(path, _text(data))))
    named_by = _named_by([row for _, row in rows])
    for number, row in rows:
        student = _student(row, named_by)
        if not student.id:
            raise CourseError(f"{path}: row {number} has no id; fill it in or delete the row")
        if student.id in students:
            raise CourseError(f"{path}: the id {student.id!r} is there twice (again in row {number}); keep one row")
        students[student.id] = student
    return students


def _rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the number of each row and its fields by our names for them."""
    above, text = _without_lines_above(text)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        fields = _fields(next(lines, []))
        if not any(field in fields for field in NAMES_OF_IDS):
            raise CourseError(
                f"{path}: no column is called id; its first line must name the columns, such as id,last_name,first_name,email"
            )
        for number, line in enumerate(lines, above + 2):
            values = [_plain(value) for value in line]
            if not _is_no_student(values):
                yield number, {field: value for field, value in zip(fields, values, strict=False) if field}
    except csv.Error as error:
        raise CourseError(f"{path}: line {above + lines.line_num} is no CSV ({error}); save it again as CSV") from error


def _without_lines_above(text: str) -> tuple[int, str]:
    """Return how many lines stand above the one that names the columns, and the text from there; all of it where none does."""
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines[: MOST_ABOVE + 1]):
        headings = line.rstrip("\r\n").split(_delimiter(line))
        if any(field in NAMES_OF_IDS for field in _fields(heading.strip(' "') for heading in headings)):
            return number, "".join(lines[number:])
    return 0, text


def _delimiter(text: str) -> str:
    """Return what stands between the columns of a text, as its first line has it."""
    return max(DELIMITERS, key=io.StringIO(text, newline="").readline().count)


def _plain(value: str) -> str:
    """Return a value without what spreadsheets put around it."""
    value = value.strip().strip(UNSEEN).strip()
    if text := AS_TEXT.fullmatch(value):
        value = text[1]
    value = GUARDED.sub("", value)
    whole = WITH_FRACTION.fullmatch(value)
    return whole[1] if whole else value


def _without_participants(rows: list[tuple[int, dict[str, str]]]) -> list[tuple[int, dict[str, str]]]:
    """Leave out the columns that call students by a number for one assignment, where another column names them."""
    columns = {column for column in NAMES_OF_IDS if any(row.get(column) for _, row in rows)}
    passing = {column for column in columns if all(PARTICIPANT.fullmatch(row.get(column, "")) for _, row in rows)}
    if passing == columns:
        return rows
    return [(number, {field: row[field] for field in row if field not in passing}) for number, row in rows]


def _named_by(rows: list[dict[str, str]]) -> list[str]:
    """Return the columns in which a student's id may be, the first one first."""
    filled = [column for column in NAMES_OF_IDS if any(row.get(column) for row in rows)]
    return filled[:1] if filled[:1] == ["id"] else filled


@cache
def _by_spelling() -> dict[str, str]:
    return {plain_letters(spelling): field for field, spellings in HEADINGS.items() for spelling in spellings.split()}


def _is_no_student(values: list[str]) -> bool:
    """Whether a row is empty, or one of those of Canvas's gradebook that are about no student."""
    filled = [value for value in values if value]
    if all(POSTING.fullmatch(value) for value in filled):
        return True
    return any(plain_letters(value) == POINTS_POSSIBLE for value in filled) or filled[0] == CANVAS_TEST_STUDENT


def _fields(headings: Iterable[str]) -> list[str]:
    """Return our name for each column, empty for those that are not used and for a name's second column."""
    letters = [plain_letters(heading) for heading in headings]
    fields = [_by_spelling().get(heading, "") for heading in letters]
    if "id" in letters and (
        "sisloginid" in letters or {"student", "section"} <= set(letters)
    ):  # Canvas's own gradebook
        fields[letters.index("id")] = "lms_user_id"
        if "student" in letters:
            fields[letters.index("student")] = "name"
    if "nom" in letters and fields.count("last_name") > 1:  # Catalan's first name; French has one column of last names
        fields[letters.index("nom")] = "first_name"
    fields = [field if field not in fields[:place] else "" for place, field in enumerate(fields)]
    if "first_name" in fields and "last_name" not in fields and "name" in fields:  # as in German: Name, Vorname
        fields[fields.index("name")] = "last_name"
    return fields


def _student(row: dict[str, str], named_by: list[str]) -> Student:
    """Return the student of a row; the id is in the first of these columns that the row fills in."""
    identity = next((row[field] for field in named_by if row.get(field)), "")
    last, comma, first = row.get("name", "").partition(",")
    if comma and "," not in first:  # as Canvas sorts names
        row = {"last_name": last.strip(), "first_name": first.strip()} | row
    person = Person(*(row.get(field, "") for field in ("first_name", "last_name", "email", "lms_user_id")))
    others = [row.get("github", ""), *row.get("aliases", "").split("|")]
    aliases = tuple(filter(None, map(str.strip, others)))
    groups = row.get("groups", "")
    groups_apart = (groups, *SEVERAL.split(groups))  # the name of one may hold a comma
    return Student(
        identity,
        person,
        row.get("username", ""),
        row.get("name", ""),
        row.get("idnumber", ""),
        aliases,
        groups=tuple(dict.fromkeys(filter(None, map(str.strip, groups_apart)))),
    )


def _filled(person: Person, known: Person) -> Person:
    return Person(**{field: value or getattr(known, field) for field, value in vars(person).items()})


def _text(data: bytes) -> str:
    """Return the text of a file that a spreadsheet wrote."""
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return data.decode("utf-32", errors="replace")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    if b"\0" in data[:2]:  # of the first letter of the first heading, in UTF-16 without a mark of its order
        return data.decode("utf-16-be" if data[0] == 0 else "utf-16-le", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def plain_letters(text: str) -> str:
    """Return the letters and digits of a text without capitals and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold()).translate(WITHOUT_STROKES)
    return "".join(character for character in apart if character.isalnum())
