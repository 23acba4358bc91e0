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


ZERO = 'c = get_config()\nc.LateSubmissionPlugin.penalty_method = "zero"\n'


def penalty(course: Path) -> float | None:
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        (ada,) = gradebook.find_submission(NAME, "ada").notebooks
        return ada.late_submission_penalty


def set_due_date(course: Path, date: str) -> None:
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate=date)


def test_a_due_date_a_time_stamp_and_settings_that_changed_count_without_force(
    course: Path, executor: LocalExecutor
) -> None:
    (course / "nbgrader_config.py").write_text(ZERO)
    stamp = course / "submitted" / "ada" / NAME / "timestamp.txt"
    stamp.write_text("2024-03-10 12:00:00 UTC")
    set_due_date(course, "2024-03-01 00:00 UTC")
    (before, _) = grade(course, NAME, executor=executor)
    assert penalty(course) == 20
    set_due_date(course, "2025-03-01 00:00 UTC")
    grade(course, NAME, executor=executor)
    assert penalty(course) is None
    stamp.write_text("10.04.2025 12:00")
    (after, _) = grade(course, NAME, executor=executor)
    assert penalty(course) == 20
    assert (after.submitted_at, after.seconds) == ("2025-04-10T12:00:00+00:00", before.seconds)  # it did not run again
    (course / "nbgrader_config.py").write_text("c = get_config()\n")
    grade(course, NAME, executor=executor)
    assert penalty(course) is None
    stamp.write_text("10/04/2025")
    (unclear, _) = grade(course, NAME, executor=executor)
    assert (unclear.submitted_at, len(unclear.repairs)) == ("", 1)


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
