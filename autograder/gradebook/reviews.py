"""What nbgrader's gradebook holds of people: students' names, deadlines, and what was graded and written by hand in formgrader."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, BaseCell, Comment, Grade, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import select

from autograder.gradebook.session import SharedGradebook, database_failures_explained, open_gradebook
from autograder.gradebook.settings import read_settings
from autograder.model.reviews import ManualGrade, Person, Review
from autograder.model.units import Unit

GRADE_COLUMNS = (Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade, Grade.max_score)


def read_reviews(course: Path, unit: Unit) -> dict[str, Review]:
    """Return what people graded and wrote, by student; empty without a gradebook."""
    with _existing_gradebook(course) as gradebook:
        return _reviews(gradebook, unit.name) if gradebook else {}


def read_people(course: Path) -> dict[str, Person]:
    """Return names, addresses and LMS numbers by student; empty without a gradebook.

    They are entered with `nbgrader db student` or in formgrader.
    """
    with _existing_gradebook(course) as gradebook:
        return {
            student.id: Person(
                student.first_name or "", student.last_name or "", student.email or "", student.lms_user_id or ""
            )
            for student in (gradebook.students if gradebook else ())
        }


def last_deadline(course: Path, unit: Unit) -> datetime | None:
    """Return the unit's due date with the longest extension that a student has; None where no due date is set."""
    with _existing_gradebook(course) as gradebook:
        if gradebook is None:
            return None
        due = gradebook.db.execute(select(Assignment.duedate).where(Assignment.name == unit.name)).scalar()
        extensions = gradebook.db.execute(
            select(SubmittedAssignment.extension)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .where(Assignment.name == unit.name)
        ).scalars()
        longest = max((extension for extension in extensions if extension is not None), default=timedelta(0))
    return None if due is None else (due + max(longest, timedelta(0))).replace(tzinfo=UTC)  # nbgrader keeps UTC


@contextlib.contextmanager
def _existing_gradebook(course: Path) -> Iterator[SharedGradebook | None]:
    """Open the gradebook for reading; None where there is none, and none is created."""
    folders = read_settings(course).folders
    if folders.db_url.startswith("sqlite:///") and not Path(folders.db_url.removeprefix("sqlite:///")).exists():
        yield None
        return
    with database_failures_explained(course), open_gradebook(folders) as gradebook:
        yield gradebook


def _reviews(gradebook: SharedGradebook, unit: str) -> dict[str, Review]:
    submissions = gradebook.db.execute(
        select(SubmittedAssignment.student_id, SubmittedNotebook.id, SubmittedNotebook.late_submission_penalty)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == unit)
    ).all()
    cells = _columns_by_notebook_and_cell(gradebook, unit)
    return {
        student: Review(
            {cell: ManualGrade(cell, **columns) for cell, columns in cells.get(notebook, {}).items()}, penalty or 0.0
        )
        for student, notebook, penalty in submissions
    }


def _columns_by_notebook_and_cell(gradebook: SharedGradebook, unit: str) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the fields of each ManualGrade, by the id of the submitted notebook and the name of the cell."""
    cells: dict[str, dict[str, dict[str, Any]]] = {}
    for notebook, cell, auto, manual, extra, waiting, most in gradebook.db.execute(
        _rows_of_unit(Grade, unit).add_columns(*GRADE_COLUMNS)
    ):
        columns = {"auto_score": auto, "score": manual, "extra_credit": extra or 0.0}
        cells.setdefault(notebook, {})[cell] = columns | {"waiting": bool(waiting), "max_score": most or 0.0}
    for notebook, cell, words in gradebook.db.execute(_rows_of_unit(Comment, unit).add_columns(Comment.manual_comment)):
        if words:
            cells.setdefault(notebook, {}).setdefault(cell, {})["comment"] = words
    return cells


def _rows_of_unit(kind: Any, unit: str) -> Any:
    """Select the grades or comments of a unit's submissions, with the notebook's id and the cell's name."""
    return (
        select(kind.notebook_id, BaseCell.name)
        .join(BaseCell, BaseCell.id == kind.cell_id)
        .join(SubmittedNotebook, SubmittedNotebook.id == kind.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == unit)
    )
