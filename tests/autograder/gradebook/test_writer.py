"""gradebook.db and `autograded/` are as `nbgrader autograde` makes them of the same submissions."""

import gc
import shutil
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory

from autograder.errors import CourseError, UnitError
from autograder.gradebook.reviews import read_reviews
from autograder.gradebook.writer import write_gradebook
from autograder.model.lock import locked
from autograder.model.outcomes import Result, TestOutcome
from autograder.model.records import Record
from autograder.model.units import Kind, Unit, load_unit
from autograder.reading.timestamp import read_timestamp
from autograder.release.build import make_release, to_save
from tests.autograder import small_unit
from tests.autograder.real_nbgrader import run_nbgrader
from tests.autograder.small_unit import NAME, RIGHT

THOUGHT = {"think": "I thought about it."}
CLASS = {
    "ada": RIGHT | THOUGHT,
    "ben": {"double": "def double(x):\n    return x * x", "total": RIGHT["total"]},  # right for 2 and wrong for -3
    "cy": {},  # the release, untouched
    "dee": RIGHT | THOUGHT,  # late, see below
    "eve": {"double": "def double(x)\n    return", "total": "def total(xs):\n    return xs[0]"} | THOUGHT,
}
STAMPS = {"ada": "2026-03-01 10:00:00.250000 UTC", "dee": "2026-03-03 14:00:00.000000 +01:00"}
DUE = "2026-03-02 12:00:00 UTC"

CONFIG = """
c = get_config()
c.AssignLatePenalties.plugin_class = "late_points.TwoPoints"
"""
PLUGIN = """
from nbgrader.plugins import BasePlugin

class TwoPoints(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 2.0 if total_seconds_late > 3600 else None
"""


def _unit_notebook() -> NotebookNode:
    """The small unit with points for the written answer, so that somebody has to grade it."""
    notebook = small_unit.notebook()
    notebook.cells[-1].metadata.nbgrader.points = 3
    return notebook


def _course(folder: Path) -> Path:
    """A course in which a class has handed in, with a late-penalty plugin and a due date in the gradebook."""
    small_unit.write_unit(folder, _unit_notebook())
    released = nbformat.read(make_release(folder, NAME), as_version=4)
    for student, answers in CLASS.items():
        path = small_unit.hand_in(folder, student, released, answers)
        if student in STAMPS:
            (path.parent / "timestamp.txt").write_text(STAMPS[student])
    (folder / "nbgrader_config.py").write_text(CONFIG)
    (folder / "late_points.py").write_text(PLUGIN)
    return folder


def _handed_in(unit: Unit, course: Path, student: str) -> NotebookNode:
    """The pristine notebook with the student's answers in place, as the grader grafts it."""
    notebook = to_save(unit)
    path = course / "submitted" / student / NAME / f"{NAME}.ipynb"
    handed = {cell.id: cell.source for cell in nbformat.read(path, as_version=4).cells}
    for cell, node in zip(unit.cells, notebook.cells, strict=True):
        if cell.kind in (Kind.ANSWER, Kind.MANUAL):
            node.source = handed[node.id]
    return notebook


def _record(unit: Unit, course: Path, student: str) -> Record:
    """Run the cells in order in this process, as a kernel would, and note which test raises."""
    notebook, namespace, tests = _handed_in(unit, course, student), {}, []  # type: ignore[var-annotated]
    for cell, node in zip(unit.cells, notebook.cells, strict=True):
        if cell.kind in (Kind.TEXT, Kind.MANUAL):
            continue
        outcome, message = Result.PASSED, ""
        try:
            exec(node.source, namespace)
        except Exception as error:
            outcome, message = Result.FAILED, f"{type(error).__name__}: {error}"
        if cell.kind is Kind.TEST:
            points = cell.points if outcome is Result.PASSED else 0.0
            tests.append(
                TestOutcome(cell.id, cell.exercise, cell.hidden, points, cell.points, outcome, message, "Try.")
            )
    handed_in = read_timestamp(course / "submitted" / student / NAME).utc
    return Record(student, NAME, tuple(tests), "none", submitted_at=handed_in, notebook=notebook)


def _records(course: Path) -> tuple[Unit, list[Record]]:
    unit = load_unit(course, NAME)
    return unit, [_record(unit, course, student) for student in CLASS]


def _query(course: Path, sql: str) -> list[tuple]:
    with sqlite3.connect(course / "gradebook.db") as database:
        rows = database.execute(sql).fetchall()
    database.close()
    return rows


def _change(course: Path, sql: str) -> None:
    with sqlite3.connect(course / "gradebook.db") as database:
        assert database.execute(sql).rowcount > 0
    database.close()


OF_STUDENT = """
    join submitted_notebook on submitted_notebook.id = x.notebook_id
    join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id
    join base_cell on base_cell.id = x.cell_id order by 1, 2"""
TABLES = {
    "grades": "select student_id, base_cell.name, auto_score, manual_score, extra_credit, needs_manual_grade from grade x"
    + OF_STUDENT,
    "comments": "select student_id, base_cell.name, auto_comment, manual_comment from comment x" + OF_STUDENT,
    "submissions": """select student_id, timestamp, extension, late_submission_penalty, flagged from submitted_assignment s
        join submitted_notebook n on n.assignment_id = s.id order by 1""",
    "students": "select id, first_name, last_name, email from student order by 1",
    "source": "select name, cell_type, source, checksum, locked from source_cell order by 1",
    "cells": "select base_cell.name, type, max_score, cell_type from base_cell left join grade_cells using (id) order by 1, 2",
    "units": "select assignment.name, duedate, course_id, notebook.name, kernelspec from assignment join notebook on assignment_id = assignment.id",
    "version": "select version_num from alembic_version",
}


def _rows(course: Path) -> dict[str, list[tuple]]:
    return {name: _query(course, sql) for name, sql in TABLES.items()}


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class graded by nbgrader itself."""
    course = _course(tmp_path_factory.mktemp("theirs"))
    config = "from autograder.release.build import nbgrader_settings, Kit\nc.merge(nbgrader_settings(Kit()))\nc.Execute.timeout = 60\n"
    with (course / "nbgrader_config.py").open("a") as file:
        file.write(config)
    run_nbgrader(course, "generate_assignment", NAME, "--force")
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate=DUE)
    run_nbgrader(course, "autograde", NAME)
    return course


@pytest.fixture(scope="module")
def ungraded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same class, with the assignment and its due date entered and nothing graded. To be copied, not changed."""
    course = _course(tmp_path_factory.mktemp("ungraded"))
    write_gradebook(course, load_unit(course, NAME), [])
    _change(course, "update assignment set duedate = '2026-03-02 12:00:00.000000'")
    return course


@pytest.fixture
def ours(ungraded: Path, tmp_path: Path) -> Path:
    return shutil.copytree(ungraded, tmp_path / "ours")


@pytest.fixture(scope="module")
def graded(ungraded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That class after our writer wrote its records. To be read, not changed."""
    course = shutil.copytree(ungraded, tmp_path_factory.mktemp("graded") / "course")
    write_gradebook(course, *_records(course))
    return course


@pytest.fixture
def written(graded: Path, tmp_path: Path) -> Path:
    """A copy of that class, for tests that go on from there."""
    return shutil.copytree(graded, tmp_path / "written")


@pytest.mark.parametrize("table", TABLES)
def test_the_gradebook_is_what_nbgrader_autograde_makes(theirs: Path, graded: Path, table: str) -> None:
    expected = _rows(theirs)[table]
    assert expected
    assert _rows(graded)[table] == expected


def test_the_class_is_not_all_alike(theirs: Path) -> None:
    """What the comparison above rests on: penalties, failures, missing answers and work for a person all occur."""
    rows = _rows(theirs)
    assert {row[0]: row[3] for row in rows["submissions"]} == {
        "ada": None,
        "ben": None,
        "cy": None,
        "dee": 2,
        "eve": None,
    }
    assert {row[0] for row in rows["grades"] if row[5]} == {"ada", "dee", "eve"}
    assert {row[2] for row in rows["grades"]} == {0, 4, 6, None}
    assert {row[2] for row in rows["comments"]} == {None, "No response."}


def test_autograded_notebooks_are_nbgraders_but_for_what_cells_printed(theirs: Path, graded: Path) -> None:
    for student in CLASS:
        path = Path("autograded", student, NAME, f"{NAME}.ipynb")
        expected, got = (nbformat.read(course / path, as_version=4) for course in (theirs, graded))
        nbformat.validate(got)
        assert _without_runs(got) == _without_runs(expected)
        assert _failed(got) == _failed(expected)
        assert (graded / path).stat().st_mode == (theirs / path).stat().st_mode
        assert (graded / path).with_name("timestamp.txt").exists() == (theirs / path).with_name(
            "timestamp.txt"
        ).exists()


def _without_runs(notebook: NotebookNode) -> list[tuple]:
    return [(cell.cell_type, cell.id, cell.source, cell.metadata.get("nbgrader")) for cell in notebook.cells]


def _failed(notebook: NotebookNode) -> list[str]:
    """Test cells with an error."""
    tests = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade") and "outputs" in cell]
    return [cell.id for cell in tests if any(output.output_type == "error" for output in cell.outputs)]


def test_formgrader_lists_the_class(graded: Path) -> None:
    _, records = _records(graded)
    api = NbGraderAPI(coursedir=CourseDirectory(root=str(graded)))
    submissions = api.get_submissions(NAME)
    points = {record.student: record.score for record in records}
    assert {entry["student"]: entry["code_score"] for entry in submissions} == points
    assert all(entry["autograded"] and entry["submitted"] for entry in submissions)
    assert {entry["student"] for entry in submissions if entry["needs_manual_grade"]} == {"ada", "dee", "eve"}
    assert {entry["max_score"] for entry in submissions} == {23.0}
    assert api.get_autograded_students(NAME) == set(CLASS)
    notebooks = api.get_notebook_submissions(NAME, NAME)
    assert {entry["student"] for entry in notebooks if entry["failed_tests"]} == {"ben", "cy", "eve"}


def test_tables_are_made_by_one_grader_at_a_time(ours: Path) -> None:
    (ours / "gradebook.db").unlink(missing_ok=True)
    writer = threading.Thread(target=write_gradebook, args=[ours, *_records(ours)])
    with locked(ours / "records" / ".gradebook.lock"):  # another grader is making them
        writer.start()
        writer.join(3)
        assert not (ours / "gradebook.db").exists()
    writer.join()
    assert (ours / "gradebook.db").exists()


def test_nbgrader_can_go_on_with_our_files(written: Path) -> None:
    """Its own feedback, and its own autograde on top of written, leave the points as they are."""
    before = _rows(written)
    run_nbgrader(written, "generate_feedback", NAME, "--student=dee")
    page = (written / "feedback" / "dee" / NAME / f"{NAME}.html").read_text()
    assert "Score: 18.0 / 23.0" in page
    run_nbgrader(written, "autograde", NAME, "--student=ben", "--force")
    assert _rows(written) == before


def test_grading_again_changes_nothing(written: Path) -> None:
    unit, records = _records(written)
    everything = {
        name: _query(written, f"select * from {name} order by 1") for name in ("grade", "comment", "base_cell")
    }
    files = {path: path.read_bytes() for path in sorted((written / "autograded").rglob("*.*"))}
    write_gradebook(written, unit, reversed(records))
    assert {name: _query(written, f"select * from {name} order by 1") for name in everything} == everything
    assert {path: path.read_bytes() for path in sorted((written / "autograded").rglob("*.*"))} == files


def test_what_a_person_graded_survives(written: Path) -> None:
    unit, records = _records(written)
    cell = "(select id from base_cell where name = '{}' and type = '{}')"
    of_ada = "notebook_id in (select n.id from submitted_notebook n join submitted_assignment s on n.assignment_id = s.id where student_id = 'ada')"
    thinking = f"cell_id = {cell.format('think', 'GradeCell')} and {of_ada}"
    _change(written, f"update grade set manual_score = 2.5, needs_manual_grade = 0 where {thinking}")
    _change(
        written,
        f"update grade set extra_credit = 1 where cell_id = {cell.format('double_two', 'GradeCell')} and {of_ada}",
    )
    answered = f"cell_id = {cell.format('double', 'SolutionCell')} and {of_ada}"
    _change(written, f"update comment set manual_comment = 'Nicely put.' where {answered}")
    write_gradebook(written, unit, records)
    reviews = read_reviews(written, unit)
    graded = reviews["ada"].cells
    assert (graded["think"].score, graded["think"].points, graded["think"].max_score) == (2.5, 2.5, 3.0)
    assert graded["think"].waiting  # nbgrader asks for another look after grading again
    assert graded["double"].comment == "Nicely put."
    assert (graded["double_two"].score, graded["double_two"].points) == (None, 5.0)
    assert (reviews["dee"].late_penalty, reviews["ada"].late_penalty) == (2.0, 0.0)
    assert reviews["ben"].cells["think"].points == 0
    assert not reviews["ben"].cells["think"].waiting


def test_without_a_gradebook_nobody_has_graded_anything(tmp_path: Path) -> None:
    small_unit.write_unit(tmp_path)
    assert read_reviews(tmp_path, load_unit(tmp_path, NAME)) == {}
    assert not (tmp_path / "gradebook.db").exists()


def test_students_that_are_not_graded_now_are_left_alone(written: Path) -> None:
    unit, records = _records(written)
    before = _rows(written)["grades"]
    ada = replace(records[0], tests=tuple(replace(test, score=0.0, outcome=Result.FAILED) for test in records[0].tests))
    write_gradebook(written, unit, [ada])
    after = _rows(written)["grades"]
    assert [row for row in after if row[0] != "ada"] == [row for row in before if row[0] != "ada"]
    assert sum(row[2] or 0 for row in after if row[0] == "ada") == 0


def test_an_unread_submission_gets_zero_and_its_reason(ours: Path) -> None:
    unit, records = _records(ours)
    reason = "submitted/ada: not a notebook (line 1); hand in again"
    tests = tuple(replace(test, score=0.0, outcome=Result.NOT_RUN, message="did not run") for test in records[0].tests)
    for notebook in ({}, to_save(unit)):
        write_gradebook(ours, unit, [replace(records[0], tests=tests, problem=reason, notebook=notebook)])
        rows = _rows(ours)
        assert [row[2:] for row in rows["grades"]] == [(0.0, None, None, 0)] * 5
        assert {row[2] for row in rows["comments"]} == {f"Not graded: {reason}"}
        shown = nbformat.read(ours / "autograded" / "ada" / NAME / f"{NAME}.ipynb", as_version=4)
        assert reason in shown.cells[0].source
        assert _failed(shown) == [test.id.replace("_", "-") for test in unit.tests]


def test_formgrader_shows_what_was_repaired_and_a_hidden_test_tells_its_hint_first(ours: Path) -> None:
    unit, records = _records(ours)
    repairs = ("the file was called <b>x</b>.ipynb",)
    write_gradebook(ours, unit, [replace(records[1], repairs=repairs, notes=("it\nprinted",))])
    shown = nbformat.read(ours / "autograded" / "ben" / NAME / f"{NAME}.ipynb", as_version=4)
    assert "Repaired: the file was called &lt;b&gt;x&lt;/b&gt;.ipynb" in shown.cells[0].source
    assert "Note: it printed" in shown.cells[0].source
    error = next(cell for cell in shown.cells if cell.id == "double-negative").outputs[0]
    assert (error.ename, error.evalue, error.traceback) == ("CheckFailed", "Try.", ["CheckFailed: AssertionError: "])


def test_a_partial_score_and_text_that_is_not_unicode_come_through(ours: Path) -> None:
    unit, records = _records(ours)
    half = replace(records[0].tests[0], score=1.5, message="\x1b[31mred\x00 \ud800")
    notebook = nbformat.from_dict(records[0].notebook)
    notebook.cells[-1].source = "lone \ud800 surrogate"
    write_gradebook(ours, unit, [replace(records[0], tests=(half, *records[0].tests[1:]), notebook=notebook)])
    assert ("ada", "double_two", 1.5, None, None, 0) in _rows(ours)["grades"]
    assert "lone ? surrogate" in (ours / "autograded" / "ada" / NAME / f"{NAME}.ipynb").read_text()


def test_a_test_that_the_record_does_not_name_earns_nothing(ours: Path) -> None:
    unit, records = _records(ours)
    write_gradebook(ours, unit, [replace(records[0], tests=records[0].tests[:-1])])
    assert ("ada", "total_empty", 0.0, None, None, 0) in _rows(ours)["grades"]


def test_points_that_change_are_taken_over_and_cells_that_change_are_refused(written: Path) -> None:
    _, records = _records(written)
    before = _rows(written)
    notebook = _unit_notebook()
    notebook.cells[-1].metadata.nbgrader.points = 5
    small_unit.write_unit(written, notebook)
    write_gradebook(written, load_unit(written, NAME), records)
    assert _query(written, "select max_score from grade_cells where cell_type = 'markdown'") == [(5.0,)]
    notebook.cells[-1].metadata.nbgrader.grade_id = "ponder"
    small_unit.write_unit(written, notebook)
    with pytest.raises(UnitError, match=r"restore them, or delete the old grades .*db assignment remove"):
        write_gradebook(written, load_unit(written, NAME), records)
    assert _rows(written)["grades"] == before["grades"]


class _Stop(Exception):
    pass


@pytest.mark.parametrize("at", [1, 2, 4])
def test_stopped_on_the_way_it_goes_on_where_it_was(ours: Path, at: int) -> None:
    unit, records = _records(ours)

    saved: list[str] = []

    def stop(student: str) -> None:
        saved.append(student)
        if len(saved) == at:
            raise _Stop

    with pytest.raises(_Stop):
        write_gradebook(ours, unit, records, stop)
    assert saved == [record.student for record in records[:at]]
    assert [row[0] for row in _rows(ours)["submissions"]] == sorted(CLASS)[:at]
    write_gradebook(ours, unit, records)
    fresh = _rows(ours)
    write_gradebook(ours, unit, records)
    assert _rows(ours) == fresh
    assert len(fresh["submissions"]) == len(CLASS)


def test_a_submission_is_saved_whole_or_not_at_all(ours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped between its rows and its notebook, a student has neither."""
    unit, records = _records(ours)

    def refuse(*_arguments: Any, **_options: Any) -> None:
        raise OSError(28, "No space left on device", "autograded")

    monkeypatch.setattr("autograder.gradebook.writer.write_whole", refuse)
    with pytest.raises(CourseError, match="No space left on device"):
        write_gradebook(ours, unit, records)
    assert _rows(ours)["students"] == []
    assert _rows(ours)["grades"] == []


# SQLAlchemy leaves a connection on which it could not begin to the search for garbage, and Python 3.13 warns of that.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <sqlite3.Connection:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda course: (course / "gradebook.db").write_text("not a database " * 100), "file is not a database"),
        (lambda course: (course / "gradebook.db").mkdir(), "no plain file"),
        (lambda course: (course / "autograded").write_text("a file"), "autograded"),
        (lambda course: (course / "nbgrader_config.py").write_text("c.x = 1 / 0"), "cannot be run (division by zero)"),
    ],
)
def test_what_cannot_be_written_is_said_in_a_sentence(
    tmp_path: Path, break_it: Callable[[Path], object], words: str
) -> None:
    course = _course(tmp_path)
    unit, records = _records(course)
    break_it(course)
    with pytest.raises(CourseError) as caught:
        write_gradebook(course, unit, records)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    del caught
    gc.collect()
