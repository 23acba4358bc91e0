"""Whatever goes wrong with one submission goes wrong with that one: it gets its record, and all others theirs."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder import grade as pipeline
from autograder.errors import CourseError, PartlyDone
from autograder.grade import grade
from autograder.model.outcomes import Result
from autograder.model.records import Record, read_record, read_records, record_path
from autograder.model.units import load_unit
from autograder.release.build import released
from autograder.results.feedback import write_feedback
from autograder.running.executors import LocalExecutor
from tests.autograder.never_lost import main_in, query
from tests.autograder.small_unit import NAME, RIGHT, hand_in, write_unit

SECRET = "double(-3) == -6"
LONG = "l" * 252
LATIN = os.fsdecode("Jörg".encode("latin-1"))
ODD_NAMES = (LONG, LATIN, "Jörg", "-rf", "@ada", "=1+1", "[ada]", "a\nb\x1b[2J", "ä" * 120)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    write_unit(tmp_path)
    release = released(load_unit(tmp_path, NAME))
    for student in ("ada", "bob", "cleo"):
        hand_in(tmp_path, student, release, RIGHT)
    return tmp_path


def totals(records: list[Record]) -> dict[str, float]:
    return {record.student: record.score for record in records}


# ---- the grader itself fails on one


def fails_on_bob(step: Callable, error: BaseException) -> Callable:
    def wrapped(*arguments: object) -> object:
        if any(getattr(argument, "student", "") == "bob" for argument in arguments):
            raise error
        return step(*arguments)

    return wrapped


@pytest.mark.parametrize(
    "error",
    [RecursionError(SECRET), MemoryError(), KeyError(SECRET), UnicodeEncodeError("utf-8", "\udcff", 0, 1, "no")],
    ids=repr,
)
def test_what_the_grader_fails_on_gets_its_record_and_is_graded_again(
    course: Path, executor: LocalExecutor, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(pipeline, "read_submission", fails_on_bob(pipeline.read_submission, error))
        records = grade(course, NAME, executor=executor)
    assert totals(records) == {"ada": 20, "bob": 0, "cleo": 20}
    bob = records[1]
    assert bob.failed
    assert {test.outcome for test in bob.tests} == {Result.BROKEN}
    assert f"the grader itself failed on this submission ({type(error).__name__})" in bob.problem
    assert "no fault of the student" in bob.problem
    assert SECRET not in json.dumps(bob.summary())
    log = course / "records" / NAME / "failures.log"
    assert type(error).__name__ in log.read_text()
    assert "bob" in log.read_text()
    (page,) = [page for page in write_feedback(course, load_unit(course, NAME), records) if "bob" in page.parts]
    assert "no fault of the student" in page.read_text()
    assert SECRET not in page.read_text()
    assert totals(grade(course, NAME, executor=executor)) == {"ada": 20, "bob": 20, "cleo": 20}
    assert not log.exists()


def test_a_failure_of_all_stops_the_class(
    course: Path, executor: LocalExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        pipeline, "read_submission", fails_on_bob(pipeline.read_submission, CourseError("the disk is gone"))
    )
    with pytest.raises(CourseError, match="the disk is gone"):
        grade(course, NAME, executor=executor)


def test_the_command_line_says_on_how_many_the_grader_failed(
    course: Path, one_warm_process: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pipeline, "read_submission", fails_on_bob(pipeline.read_submission, RecursionError()))
    assert main_in(course, "grade", NAME) == 0
    shown = capsys.readouterr().out
    assert (
        f"3 submissions graded; the grader failed on 1, see records/{NAME}/failures.log; the same command tries again"
        in shown
    )


# ---- names


def test_every_name_of_a_folder_gets_its_record_its_row_its_page_and_its_mark(
    course: Path, one_warm_process: None, capsys: pytest.CaptureFixture[str]
) -> None:
    release = released(load_unit(course, NAME))
    for name in ODD_NAMES:
        hand_in(course, name, release, RIGHT)
    assert main_in(course, "grade", NAME) == 0
    names = {record.student for record in read_records(course, NAME)}
    assert names == {"ada", "bob", "cleo", *ODD_NAMES} - {LATIN} | {"Jörg (2)"}
    assert all(read_record(course, NAME, name).score == 20 for name in names)
    assert "not in UTF-8: rename it" in "".join(read_record(course, NAME, "Jörg (2)").repairs)
    assert len(os.fsencode(record_path(course, NAME, LONG).name)) <= 255
    assert {name for (name,) in query(course, "select student_id from submitted_assignment")} == names
    inodes = {path: path.stat().st_ino for path in (course / "records" / NAME).glob("*.json")}
    assert main_in(course, "grade", NAME) == 0
    assert {path: path.stat().st_ino for path in (course / "records" / NAME).glob("*.json")} == inodes
    for verb in (["results", NAME], ["feedback", NAME], ["report", NAME]):
        assert main_in(course, *verb) == 0, capsys.readouterr().err
    for system in ("csv", "moodle", "canvas", "gradescope"):
        assert main_in(course, "export", NAME, "--to", system) == 0, capsys.readouterr().err
    assert "\x1b" not in capsys.readouterr().out


def test_a_folder_that_cannot_be_looked_into_gets_a_record(
    course: Path, executor: LocalExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_dir = Path.is_dir

    def denied(path: Path) -> bool:
        if path.parent.name == "bob":
            raise PermissionError(13, "Permission denied", str(path))
        return is_dir(path)

    monkeypatch.setattr(Path, "is_dir", denied)  # root may look into every folder
    hidden = course / "submitted" / "bob" / NAME
    hidden.rename(hidden.with_name("elsewhere"))
    records = grade(course, NAME, executor=executor)
    assert totals(records) == {"ada": 20, "bob": 0, "cleo": 20}
    assert "cannot be read" in records[1].problem


# ---- one row, one page


REFUSING = """
from nbgrader.plugins import BasePlugin

class RefusesBob(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        if student_id == "bob":
            raise ValueError("not bob")
"""


def test_a_record_that_nbgrader_refuses_is_named_and_the_others_are_written(
    course: Path, executor: LocalExecutor
) -> None:
    (course / "refusing.py").write_text(REFUSING)
    (course / "nbgrader_config.py").write_text(
        'c = get_config()\nc.AssignLatePenalties.plugin_class = "refusing.RefusesBob"\n'
    )
    for student in ("ada", "bob", "cleo"):
        (course / "submitted" / student / NAME / "timestamp.txt").write_text("2024-03-10 12:00:00 UTC")
    (course / "gradebook.db").unlink(missing_ok=True)
    with pytest.raises(PartlyDone, match=r"all is graded.* but not for bob \(ValueError: not bob\)") as partly:
        _grade_late(course, executor)
    assert totals(partly.value.done) == {"ada": 20, "bob": 20, "cleo": 20}
    assert {name for (name,) in query(course, "select student_id from submitted_assignment")} == {"ada", "cleo"}
    (course / "nbgrader_config.py").write_text("c = get_config()\n")
    assert totals(grade(course, NAME, executor=executor))["bob"] == 20
    assert {name for (name,) in query(course, "select student_id from submitted_assignment")} == {"ada", "bob", "cleo"}


def _grade_late(course: Path, executor: LocalExecutor) -> list[Record]:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate="2024-03-01 00:00 UTC")
    return grade(course, NAME, executor=executor)


def test_a_page_that_cannot_be_written_is_named_and_the_others_are_written(
    course: Path, executor: LocalExecutor
) -> None:
    records = grade(course, NAME, executor=executor)
    (course / "feedback").mkdir()
    (course / "feedback" / "bob").write_text("a file where a folder belongs")
    with pytest.raises(PartlyDone, match=r"2 pages are written, but not for bob \(.*Not a directory") as partly:
        write_feedback(course, load_unit(course, NAME), records)
    assert [path.parts[-3] for path in partly.value.done] == ["ada", "cleo"]


@pytest.mark.parametrize(
    ("verb", "wrote"),
    [
        (["results", NAME], "ada"),
        (["results", NAME, "--json"], '"student": "ada"'),
        (["feedback", NAME], "2 pages"),
        (["report", NAME], "wrote report"),
        (["export", NAME, "--to", "csv"], ""),
    ],
    ids=["results", "results as JSON", "feedback", "report", "export"],
)
def test_a_damaged_record_is_named_and_the_others_are_used(
    course: Path, one_warm_process: None, capsys: pytest.CaptureFixture[str], verb: list[str], wrote: str
) -> None:
    assert main_in(course, "grade", NAME) == 0
    path = record_path(course, NAME, "bob")
    path.write_text(path.read_text()[:100])
    capsys.readouterr()
    assert main_in(course, *verb) == 2
    shown = capsys.readouterr()
    assert wrote in shown.out
    assert "bob" not in shown.out
    assert "but not for bob" in shown.err
    assert f"run: python -m autograder grade {NAME}" in shown.err
    assert "report this" not in shown.err
    if verb[0] == "export":
        assert "ada" in (course / "export" / "marks.csv").read_text()
    assert main_in(course, "grade", NAME) == 0
    assert main_in(course, *verb) == 0
