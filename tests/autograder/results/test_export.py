"""Marks for learning management systems: what each system publishes of its format, and what counts after people and penalties."""

import csv
import json
import shutil
from pathlib import Path

import jsonschema
import pytest
from nbgrader.api import Gradebook

from autograder.errors import CourseError, RecordError
from autograder.gradebook.writer import write_gradebook
from autograder.model.outcomes import Result, TestOutcome
from autograder.model.records import Record, write_record
from autograder.model.units import Unit, load_unit
from autograder.release.build import to_save
from autograder.results import export as export_module
from autograder.results.export import FORMATS, export
from tests.autograder import small_unit
from tests.autograder.never_lost import main_in

FIRST, SECOND = "90_small", "91_small"
SECRET = "double(-3) gave 9, not -6"
HINT = "Think of numbers below zero."
LATE = "2026-03-03T14:00:00+00:00"
PLUGIN = """
from nbgrader.plugins import BasePlugin

class TwoPoints(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 2.0
"""

# From https://gradescope-autograders.readthedocs.io/en/latest/specs/ but for `execution_time`: students see it, and an answer can choose by its
# arguments how long a hidden test takes.
VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
GRADESCOPE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["score", "tests"],
    "properties": {
        "score": {"type": "number"},
        "output": {"type": "string"},
        "visibility": VISIBILITY,
        "stdout_visibility": VISIBILITY,
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "name": {"type": "string"},
                    "score": {"type": "number"},
                    "max_score": {"type": "number"},
                    "status": {"enum": ["passed", "failed"]},
                    "output": {"type": "string"},
                    "visibility": VISIBILITY,
                },
            },
        },
    },
}


def record(unit: Unit, student: str, passed: int, submitted_at: str = "") -> Record:
    """A record of a submission that passed the first tests, so many of them."""
    tests = tuple(
        TestOutcome(test.id, test.exercise, test.hidden, test.points, test.points, Result.PASSED)
        if number < passed
        else TestOutcome(test.id, test.exercise, test.hidden, 0, test.points, Result.FAILED, SECRET, HINT)
        for number, test in enumerate(unit.tests)
    )
    return Record(student, unit.name, tests, "none", seconds=1.4, submitted_at=submitted_at, notebook=to_save(unit))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two units; ada did both and has a name, ben only the first, and late, =cy only the second."""
    folder = tmp_path_factory.mktemp("made")
    for name in (FIRST, SECOND):
        small_unit.write_unit(folder, name=name)
    (folder / "nbgrader_config.py").write_text(
        'c = get_config()\nc.AssignLatePenalties.plugin_class = "late_points.TwoPoints"\n'
    )
    (folder / "late_points.py").write_text(PLUGIN)
    first, second = load_unit(folder, FIRST), load_unit(folder, SECOND)
    stamp = folder / "submitted" / "ben" / FIRST / "timestamp.txt"
    stamp.parent.mkdir(parents=True)
    stamp.write_text("2026-03-03 14:00:00 UTC")
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        gradebook.add_student("ada", first_name="Ada", last_name="Lovelace", email="ada@x.org", lms_user_id="4711")
        gradebook.add_assignment(FIRST, duedate="2026-03-02 12:00:00 UTC")
    for unit, records in (
        (first, [record(first, "ada", 4), record(first, "ben", 3, LATE)]),
        (second, [record(second, "ada", 1), record(second, "=cy", 4)]),
    ):
        write_gradebook(folder, unit, records)
        for one in records:
            write_record(folder, one)
    return folder


@pytest.fixture
def course(made: Path, tmp_path: Path) -> Path:
    """A copy of them: nbgrader takes seconds for a new database."""
    return shutil.copytree(made, tmp_path / "course")


def units(course: Path) -> list[Unit]:
    return [load_unit(course, FIRST), load_unit(course, SECOND)]


def rows(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_canvas_finds_its_columns_its_points_and_its_students(course: Path) -> None:
    """The conditions of `header?`, `process_pp` and `process_student` in lib/gradebook_importer.rb of Canvas."""
    (path,) = export(course, units(course), "canvas")
    head, possible, *students = rows(path)
    assert len(head) > 3
    assert "Student" in head[0]
    assert "ID" in head[1]
    assert (head[2], head[3], head[4]) == ("SIS User ID", "SIS Login ID", "Section")
    assert head[5:] == [FIRST, SECOND]
    assert "Points Possible" in possible[0]
    assert possible[5:] == ["20", "20"]
    assert ["Lovelace, Ada", "4711", "", "ada", "", "20", "4"] in students
    assert ["ben", "", "", "ben", "", "12", ""] in students
    assert {len(row) for row in (head, possible, *students)} == {7}


def test_moodle_has_one_row_a_student_and_one_column_a_unit(course: Path) -> None:
    (path,) = export(course, units(course), "moodle")
    assert rows(path) == [
        ["username", "email", "idnumber", FIRST, SECOND],
        ["'=cy", "-", "-", "", "20"],
        ["ada", "ada@x.org", "4711", "20", "4"],
        ["ben", "-", "-", "12", ""],
    ]


def moodles(path: Path, by: str) -> dict[str, str]:
    """Whose marks Moodle takes each row's for, as `prepare_import_grade_data` in its load_data.php does: a row with an empty cell
    is taken for the one above. Raises KeyError where it imports nothing."""
    with path.open(newline="") as file:
        taken, who = {}, ""
        for row in csv.DictReader(file):
            who = row[by] or who
            if who not in ("ada", "ben", "=cy", "ada@x.org", "4711"):
                raise KeyError(who)
            taken[who] = row[FIRST]
    return taken


@pytest.mark.parametrize("by", ["email", "idnumber"])
def test_moodle_gives_nobody_the_marks_of_another_whose_number_is_not_known(course: Path, by: str) -> None:
    (path,) = export(course, units(course), "moodle")
    with pytest.raises(KeyError, match="-"):
        moodles(path, by)


def test_students_go_back_by_what_their_system_calls_them(course: Path) -> None:
    (course / "students.csv").write_text(
        "id,last_name,first_name,username,idnumber,email\nada,Lovelace,Ada,alove,0815,ada@x.org\nben,B,Ben,ben1,0816,ben@x.org\n"
        "=cy,C,Cy,cy,0817,cy@x.org\n"
    )
    export(course, units(course), "moodle")
    assert ["alove", "ada@x.org", "0815", "20", "4"] in rows(course / "export" / "moodle.csv")
    export(course, units(course), "canvas")
    assert ["Lovelace, Ada", "4711", "0815", "alove", "", "20", "4"] in rows(course / "export" / "canvas.csv")
    export(course, units(course), "blackboard")
    head, *students = rows(course / "export" / "blackboard.csv")
    assert head == ["Last Name", "First Name", "Username", "Student ID", FIRST, SECOND]
    assert ["Lovelace", "Ada", "alove", "0815", "20", "4"] in students
    assert ["B", "Ben", "ben1", "0816", "12", ""] in students


def test_who_is_on_no_list_and_who_has_not_handed_in_is_said(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (course / "students.csv").write_text("id\nada\nben\nzoe\n")
    assert main_in(course, "export", "90", "91", "--to", "moodle") == 0
    said = " ".join(capsys.readouterr().err.split())
    assert said.startswith("not in students.csv: =cy; add the student there, or take the row out")
    assert main_in(course, "results", "90") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "not handed in: zoe"


def test_gradescope_s_results_fit_its_specification(course: Path) -> None:
    paths = export(course, units(course), "gradescope")
    assert len(paths) == 4
    for path in paths:
        jsonschema.validate(json.loads(path.read_text()), GRADESCOPE)
    results = json.loads((course / "export" / "gradescope" / FIRST / "ben" / "results.json").read_text())
    assert results["score"] == 12  # 14 less the penalty
    assert [test["score"] for test in results["tests"]] == [4, 6, 4, 0]
    assert [test["status"] for test in results["tests"]] == ["passed"] * 3 + ["failed"]


def test_gradescope_gets_nothing_of_a_hidden_test_but_its_hint(course: Path) -> None:
    tests = units(course)[0].tests
    shown = [
        (test.hidden, SECRET in results["output"])
        for path in export(course, units(course), "gradescope")
        for test, results in zip(tests, json.loads(path.read_text())["tests"], strict=True)
    ]
    assert (True, True) not in shown
    assert (False, True) in shown
    results = json.loads((course / "export" / "gradescope" / SECOND / "ada" / "results.json").read_text())
    assert HINT in results["tests"][1]["output"]


def test_the_plain_file_has_everything_that_is_known(course: Path) -> None:
    (path,) = export(course, units(course), "csv")
    with path.open(newline="") as file:
        ada, ben, cy, ada_again = csv.DictReader(file)
    assert (ada["student"], ada["last_name"], ada["score"], ada["max_score"]) == ("ada", "Lovelace", "20", "20")
    assert (ben["score"], ben["late_penalty"], ben["handed_in"]) == ("12", "2", LATE)
    assert (ada_again["unit"], ada_again["score"]) == (SECOND, "4")
    assert cy["student"] == "'=cy"  # no spreadsheet takes it for a formula


def test_points_that_a_person_gave_count(course: Path) -> None:
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        grade = gradebook.find_grade("double_negative", SECOND, SECOND, "ada")
        grade.manual_score = 5
        gradebook.db.commit()
    export(course, units(course), "moodle")
    assert ["ada", "ada@x.org", "4711", "20", "9"] in rows(course / "export" / "moodle.csv")


def test_without_a_gradebook_the_records_are_enough(course: Path) -> None:
    (course / "gradebook.db").unlink()
    export(course, units(course), "moodle")
    assert ["ada", "", "", "20", "4"] in rows(course / "export" / "moodle.csv")
    assert not (course / "gradebook.db").exists()


@pytest.mark.parametrize("system", FORMATS)
def test_a_unit_that_nobody_graded_is_said(tmp_path: Path, system: str) -> None:
    small_unit.write_unit(tmp_path)
    with pytest.raises(RecordError, match=r"90_small: nothing graded yet; run: python -m autograder grade 90_small"):
        export(tmp_path, [load_unit(tmp_path, FIRST)], system)


def test_a_folder_that_cannot_be_written_is_said(course: Path) -> None:
    (course / "export").write_text("a file in the way")
    with pytest.raises(CourseError, match=r"moodle.csv: cannot be written"):
        export(course, units(course), "moodle")


def test_the_command_line_offers_every_format(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for system in FORMATS:
        assert main_in(course, "export", "90", "91_small", "90", "--to", system) == 0
        (line,) = capsys.readouterr().out.splitlines()
        assert line.startswith("wrote export/")


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u3000=1", "＝1+1", "'\"=1"),
        *(";=HYPERLINK(A1)", "x;=1", 'x;"=1', "x; =1", "x\t=1", "x\n=1", "x\r\n+1", "x|=1", "x,=1"),
    ],
)
def test_no_spreadsheet_finds_a_formula_wherever_it_ends_a_cell(text: str) -> None:
    written = export_module._harmless(text)
    for separator in (";", "\t", "\n", "\r", "|", ","):
        for cell in written.split(separator):
            assert not cell.lstrip(' \u3000"').startswith(("=", "+", "-", "@", "＝")), written


def test_ordinary_text_and_names_stay_as_they_are() -> None:
    for text in ("a - b", "O'Neil; Ada", "x = 1", "-ada", "@bob", "10-03-2024", "Ada, the first"):
        assert export_module._harmless(text) == text
