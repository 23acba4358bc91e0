"""The process that writes nbgrader's gradebook while grading goes on."""

from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.errors import CourseError
from autograder.grade import grade
from autograder.gradebook.process import GradebookProcess
from autograder.model.records import Record, read_records
from autograder.model.units import load_unit
from autograder.release.build import released
from autograder.running.executors import LocalExecutor
from tests.autograder.small_unit import NAME, RIGHT, hand_in, write_unit


@pytest.fixture
def course(tmp_path: Path) -> Path:
    write_unit(tmp_path)
    release = released(load_unit(tmp_path, NAME))
    for student in ("ada", "bob"):
        hand_in(tmp_path, student, release, RIGHT)
    return tmp_path


def scores(course: Path) -> dict[str, float]:
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        return {s.student.id: s.score for s in gradebook.assignment_submissions(NAME)}


def show(course: Path, records: list[Record], afresh: bool = False) -> list[int]:
    written: list[int] = []
    with GradebookProcess(course, load_unit(course, NAME), afresh, written.append) as gradebook:
        for record in records:
            gradebook.show(record)
    return written


def test_shows_what_is_new_and_nothing_else(course: Path, executor: LocalExecutor) -> None:
    records = grade(course, NAME, executor=executor)
    assert scores(course) == {"ada": 20, "bob": 20}
    before = (course / "gradebook.db").stat().st_mtime_ns
    assert show(course, records) == []
    assert (course / "gradebook.db").stat().st_mtime_ns == before
    assert show(course, records, afresh=True)[-1] == 2
    (course / "gradebook.db").unlink()
    assert show(course, records)[-1] == 2
    assert scores(course) == {"ada": 20, "bob": 20}


def test_what_was_graded_before_a_failure_is_in_the_gradebook(course: Path, executor: LocalExecutor) -> None:
    records = grade(course, NAME, executor=executor)
    (course / "gradebook.db").unlink()

    def fail_half_way() -> None:
        with GradebookProcess(course, load_unit(course, NAME), False, lambda _: None) as gradebook:
            gradebook.show(records[0])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert scores(course) == {"ada": 20}


def test_a_gradebook_that_cannot_be_written_is_said(course: Path, executor: LocalExecutor) -> None:
    grade(course, NAME, executor=executor)
    records = list(read_records(course, NAME))
    (course / "gradebook.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(CourseError, match=r"gradebook.db: nbgrader's database refuses"):
        show(course, records, afresh=True)
