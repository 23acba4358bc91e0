"""nbgrader's database, opened once for a whole class.

nbgrader opens its database anew in every step, commits after every cell and looks up each cell with a query of seven joins.
Here all steps share one connection, a submission is one transaction, and what is known already is not asked for again.
"""

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import nbgrader.api
from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    InvalidEntry,
    MissingEntry,
    Notebook,
    SourceCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from autograder.errors import CourseError

SQLITE = "sqlite:///"  # how the address of a database begins that is a file
# What to do about a failure of SQLite, by words of its message; the first entry that fits counts.
REBUILD = (
    "restore a copy of it, or move it away: it is then rebuilt from the records, without what people graded by hand"
)
REMEDIES = {
    "is full": "make room, then run the same command again",
    "readonly": "fix its permissions, then run the same command again",
    "unable to open": "fix its permissions, then run the same command again",
    "disk I/O error": "check the disk, then run the same command again",
    "locked": "close the program that holds it (formgrader or another nbgrader), then run the same command again",
    "not a database": REBUILD,
    "malformed": REBUILD,
    "no such": f"if it is from an older nbgrader, run `nbgrader db upgrade`; otherwise {REBUILD}",
    "": f"if it is from an older nbgrader, run `nbgrader db upgrade`; otherwise {REBUILD}",
}


class SharedGradebook(Gradebook):
    """One connection for a whole class; nothing is on disk before `save`.

    What a submission needs is fetched in one query, or not at all where it has just been created.
    """

    db: Any

    def __init__(self, db_url: str, course_id: str) -> None:
        super().__init__(db_url, course_id)
        self.db.remove()
        self.db = scoped_session(sessionmaker(bind=self.engine, class_=_ExplicitSession, expire_on_commit=False))
        self._cells: dict[tuple[type, str], Any] = {}  # the unit's cells by kind and name
        self._cell_names: dict[str, str] = {}  # the names of those cells by their ids in the database
        self._unit_rows: dict[tuple, Any] = {}  # what was looked up for the unit
        self._submission_rows: dict[tuple, Any] = {}  # what was looked up for the current submission

    def save(self) -> None:
        """Put everything since the last call on disk, all or nothing."""
        self.db().save()
        self._submission_rows.clear()
        for row in self._unit_rows.values():
            self.db.expire(row, ["submissions"])  # otherwise the list grows with every student

    def discard(self) -> None:
        """Forget everything since the last call of `save`."""
        self.db().rollback()
        self._submission_rows.clear()

    def close(self) -> None:
        """Do nothing: a step of nbgrader has finished, and the next one uses the same connection."""

    def disconnect(self) -> None:
        """Discard what was not saved and close the database."""
        super().close()

    def keep_unit(self, name: str) -> None:
        """Hold the unit's assignment, notebook and cells in memory: from now on they do not change."""
        assignment, notebook = super().find_assignment(name), super().find_notebook(name, name)
        self._unit_rows = {("assignment", name): assignment, ("notebook", name, name): notebook}
        self._cells = {(SourceCell, cell.name): cell for cell in notebook.source_cells}
        self._cells |= {(GradeCell, cell.name): cell for cell in [*notebook.grade_cells, *notebook.task_cells]}
        cells = [*notebook.grade_cells, *notebook.solution_cells, *notebook.task_cells]
        self._cell_names = {cell.id: cell.name for cell in cells}

    def comments(self, notebook: str, assignment: str, student: str) -> list[Comment]:
        """Return the comments on every answer of a submission."""
        return list(self._rows_by_cell(Comment, notebook, assignment, student).values())

    def grades(self, notebook: str, assignment: str, student: str) -> dict[str, Grade]:
        """Return the grades of a submission by cell."""
        return self._rows_by_cell(Grade, notebook, assignment, student)

    # ---- what nbgrader's steps call

    def add_student(self, student_id: str, **columns: Any) -> Student:
        student = self._submission_rows["student", student_id] = super().add_student(student_id, **columns)
        return student

    def find_student(self, student_id: str) -> Student:
        return self._once(("student", student_id), lambda: super(SharedGradebook, self).find_student(student_id))

    def find_assignment(self, name: str) -> Assignment:
        return self._unit_rows.get(("assignment", name)) or super().find_assignment(name)

    def find_notebook(self, name: str, assignment: str) -> Notebook:
        return self._unit_rows.get(("notebook", name, assignment)) or super().find_notebook(name, assignment)

    def find_source_cell(self, name: str, notebook: str, assignment: str) -> SourceCell:
        return self._cells.get((SourceCell, name)) or super().find_source_cell(name, notebook, assignment)

    def find_graded_cell(self, name: str, notebook: str, assignment: str) -> Any:
        return self._cells.get((GradeCell, name)) or super().find_graded_cell(name, notebook, assignment)

    def find_submission(self, assignment: str, student: str) -> SubmittedAssignment:
        key = ("submission", assignment, student)
        return self._once(key, lambda: super(SharedGradebook, self).find_submission(assignment, student))

    def add_submission(self, assignment: str, student: str, **columns: Any) -> SubmittedAssignment:
        with self.db.no_autoflush:  # a half-made submission must not be sent to the database
            submission = super().add_submission(assignment, student, **columns)
        self._submission_rows["submission", assignment, student] = submission
        for notebook in submission.notebooks:
            where = (notebook.notebook.name, assignment, student)
            self._submission_rows["submitted", *where] = notebook
            notebook.late_submission_penalty = None  # set here, so that setting it to None later is no change to send
            for kind, rows in ((Grade, notebook.grades), (Comment, notebook.comments)):
                self._submission_rows[kind, *where] = {self._cell_names[row.cell_id]: row for row in rows}
                for row in rows:
                    row.id = new_uuid()  # rows that have their ids already are sent in one statement
        return submission

    def find_submission_notebook(self, notebook: str, assignment: str, student: str) -> SubmittedNotebook:
        """Find it for the step that reads its score, which the database computes: send the grades first."""
        submitted = self._submitted_notebook(notebook, assignment, student)
        self.db.flush()
        self.db.expire(submitted, ["score"])
        return submitted

    def find_grade(self, grade_cell: str, notebook: str, assignment: str, student: str) -> Grade:
        return self._row(Grade, grade_cell, notebook, assignment, student)

    def find_comment(self, solution_cell: str, notebook: str, assignment: str, student: str) -> Comment:
        return self._row(Comment, solution_cell, notebook, assignment, student)

    # ---- lookups

    def _row(self, kind: type, name: str, notebook: str, assignment: str, student: str) -> Any:
        try:
            return self._rows_by_cell(kind, notebook, assignment, student)[name]
        except KeyError:
            raise MissingEntry(f"no {kind.__name__} of {assignment}/{name} for {student}") from None

    def _rows_by_cell(self, kind: Any, notebook: str, assignment: str, student: str) -> dict[str, Any]:
        """Return a submission's grades or comments by the name of the cell, fetched in one query."""

        def look_up() -> dict[str, Any]:
            submitted = self._submitted_notebook(notebook, assignment, student)
            cells = select(BaseCell.name, kind).join(BaseCell, BaseCell.id == kind.cell_id)
            return dict(self.db.execute(cells.where(kind.notebook_id == submitted.id)).all())

        return self._once((kind, notebook, assignment, student), look_up)

    def _submitted_notebook(self, notebook: str, assignment: str, student: str) -> SubmittedNotebook:
        find = super().find_submission_notebook
        return self._once(("submitted", notebook, assignment, student), lambda: find(notebook, assignment, student))

    def _once(self, key: tuple, look_up: Callable[[], Any]) -> Any:
        """Return what was looked up under this key for the current submission; look it up the first time."""
        if key not in self._submission_rows:
            self._submission_rows[key] = look_up()
        return self._submission_rows[key]


class _ExplicitSession(Session):
    """A session whose `commit`, which nbgrader calls after every cell, does nothing; `save` commits.

    Changes are sent to the database with the next query, so the steps of nbgrader see them.
    """

    def commit(self) -> None:
        pass

    def save(self) -> None:
        super().commit()


@contextlib.contextmanager
def open_gradebook(folders: CourseDirectory) -> Iterator[SharedGradebook]:
    """Open the course's database; create it where there is none. Raises CourseError for what is no file: SQLite would wait for a pipe."""
    database = Path(folders.db_url.removeprefix(SQLITE))
    if folders.db_url.startswith(SQLITE) and database.exists() and not database.is_file():
        raise CourseError(f"{database}: no plain file, so no gradebook of nbgrader's; move it away")
    with _schema_version_read_directly():
        gradebook = SharedGradebook(folders.db_url, folders.course_id)
    try:
        yield gradebook
    finally:
        gradebook.disconnect()


@contextlib.contextmanager
def in_place_of_nbgraders(gradebook: Gradebook, steps: Iterable[type]) -> Iterator[None]:
    """Give these steps of nbgrader this connection where each would open its own."""
    modules = {module for step in steps if hasattr(module := sys.modules[step.__module__], "Gradebook")}
    originals = {module: module.Gradebook for module in modules}
    try:
        for module in modules:
            module.Gradebook = lambda *_args, **_kwargs: gradebook  # type: ignore[attr-defined]
        yield
    finally:
        for module, original in originals.items():
            module.Gradebook = original  # type: ignore[attr-defined]


@contextlib.contextmanager
def database_failures_explained(course: Path) -> Iterator[None]:
    """Raise CourseError, with what to do about it, where the database refuses."""
    try:
        yield
    except (SQLAlchemyError, InvalidEntry) as error:
        cause = str(getattr(error, "orig", None) or error).splitlines()[0]
        remedy = next(remedy for words, remedy in REMEDIES.items() if words in cause)
        raise CourseError(f"{course / 'gradebook.db'}: nbgrader's database refuses ({cause}); {remedy}") from error


@contextlib.contextmanager
def _schema_version_read_directly() -> Iterator[None]:
    """Keep nbgrader from starting the program `alembic` for a new database.

    That takes two seconds and fails where the environment is not activated.
    """
    original = nbgrader.api.get_alembic_version
    nbgrader.api.get_alembic_version = _newest_schema_version
    try:
        yield
    finally:
        nbgrader.api.get_alembic_version = original


def _newest_schema_version() -> str:
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory(str(Path(nbgrader.__file__).parent / "alembic")).get_current_head())
