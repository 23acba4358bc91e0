"""Bring nbgrader's gradebook.db and `autograded/` up to date with records, through nbgrader's own preprocessors.

Nothing runs here: where nbgrader would execute a notebook, the outcomes on record become the cells' outputs. nbgrader opens
its database anew in every step; here the whole class shares one handle, and a submission is one transaction.
"""

import contextlib
import html
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import nbgrader.api
from nbformat import NotebookNode
from nbgrader import utils
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
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import CheckCellMetadata, Execute, NbGraderPreprocessor, SaveCells
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, scoped_session, sessionmaker
from traitlets.config import Application, Config

from autograder.errors import CourseError, GraderError, UnitError
from autograder.model.files import sweep, write_whole
from autograder.model.lock import locked
from autograder.model.outcomes import Result, TestOutcome
from autograder.model.records import Record
from autograder.model.reviews import ManualGrade, Person, Review
from autograder.model.text import encodable, readable
from autograder.model.units import Unit
from autograder.release.build import copy_data_files, to_save

UNGRADED = "Not graded: {}"

# What to do about what sqlite says, first fit first.
AFRESH = "put a copy of it back, or move it away: it is made again from the records, without what people graded by hand"
REMEDIES = {
    "is full": "make room, then run the same command again",
    "readonly": "mend its permissions, then run the same command again",
    "unable to open": "mend its permissions, then run the same command again",
    "disk I/O error": "look after the disk, then run the same command again",
    "locked": "close whatever holds it (formgrader, another nbgrader), then run the same command again",
    "not a database": AFRESH,
    "malformed": AFRESH,
    "no such": "if it is older than nbgrader, run `nbgrader db upgrade`; else " + AFRESH,
    "": "run `nbgrader db upgrade` if it is older than nbgrader; else " + AFRESH,
}

# The name of the error that formgrader shows; the words below it are the record's.
ERROR_NAMES = {
    Result.FAILED: "CheckFailed",
    Result.RAISED: "ExceptionInAnswer",
    Result.UNANSWERED: "NotAnswered",
    Result.INTERFACE: "WrongKindOfValue",
    Result.TIMEOUT: "TimeLimit",
    Result.CRASHED: "ProcessEnded",
    Result.MEMORY: "MemoryLimit",
    Result.BROKEN: "BrokenTest",
    Result.NOT_RUN: "NotRun",
}


def write_gradebook(
    course: Path, unit: Unit, records: Iterable[Record], progress: Callable[[str], None] | None = None
) -> None:
    """Write the records into gradebook.db and `autograded/<student>/<unit>/`; what people graded by hand stays.

    `progress` is called with each student's name when the gradebook holds the record.

    Raises CourseError where the database or a folder cannot be written, UnitError where nbgrader refuses the unit.
    """
    config = _nbgrader_config(course)
    coursedir = CourseDirectory(config=config, root=str(course.absolute()))
    lock = (
        course / "records" / ".gradebook.lock"
    )  # for the graders of several units; formgrader meets sqlite's own locks
    with _on_path(course), _told(course), contextlib.ExitStack() as stack:
        with locked(lock):
            gradebook = stack.enter_context(_open(coursedir))
            replay = _Replay(unit, coursedir, config, gradebook)
            replay.save_unit()
        for record in records:
            with locked(lock):
                replay.save(record)
            if progress:
                progress(record.student)


def read_manual(course: Path, unit: Unit) -> dict[str, Review]:
    """What people graded and wrote in formgrader, by student; empty without a gradebook."""
    with _existing(course) as gradebook:
        return _reviews(gradebook, unit.name) if gradebook else {}


def read_people(course: Path) -> dict[str, Person]:
    """Names, addresses and LMS numbers by student, as `nbgrader db student` or formgrader hold them; empty without a gradebook."""
    with _existing(course) as gradebook:
        return {
            student.id: Person(
                student.first_name or "", student.last_name or "", student.email or "", student.lms_user_id or ""
            )
            for student in (gradebook.students if gradebook else ())
        }


@contextlib.contextmanager
def _existing(course: Path) -> Iterator["_SharedGradebook | None"]:
    """The gradebook to read from; None where there is none, and none is made."""
    coursedir = CourseDirectory(config=_nbgrader_config(course), root=str(course.absolute()))
    if coursedir.db_url.startswith("sqlite:///") and not Path(coursedir.db_url.removeprefix("sqlite:///")).exists():
        yield None
        return
    with _told(course), _open(coursedir) as gradebook:
        yield gradebook


# ---- the database


class _Session(Session):
    """nbgrader commits after every cell. Here that does nothing: what changed is sent with the next query, and saved by `save`."""

    def commit(self) -> None:
        pass

    def save(self) -> None:
        super().commit()


class _SharedGradebook(Gradebook):
    """One connection for a whole class; nothing is on disk before `save`.

    nbgrader looks up every cell with a query of seven joins; here what a submission needs is fetched once, or never where it
    has just been made.
    """

    db: Any

    def __init__(self, db_url: str, course_id: str) -> None:
        super().__init__(db_url, course_id)
        self.db.remove()
        self.db = scoped_session(sessionmaker(bind=self.engine, class_=_Session, expire_on_commit=False))
        self._cells: dict[tuple[type, str], Any] = {}  # of the unit
        self._names: dict[str, str] = {}  # of those cells, by their ids in the database
        self._kept: dict[tuple, Any] = {}  # what was looked up for the unit
        self._found: dict[tuple, Any] = {}  # and for the submission in hand

    def save(self) -> None:
        """Put everything since the last call on disk, all or nothing."""
        self.db().save()
        self._found.clear()
        for row in self._kept.values():
            self.db.expire(row, ["submissions"])  # they would gather there, student by student

    def close(self) -> None:
        """A step of nbgrader is done with the database; the next one goes on with it."""

    def disconnect(self) -> None:
        """Give up what was not saved and close the database."""
        super().close()

    def keep_unit(self, name: str) -> None:
        """Hold the unit's assignment, notebook and cells in memory: from now on they do not change."""
        assignment, notebook = super().find_assignment(name), super().find_notebook(name, name)
        self._kept = {("assignment", name): assignment, ("notebook", name, name): notebook}
        self._cells = {(SourceCell, cell.name): cell for cell in notebook.source_cells}
        self._cells |= {(GradeCell, cell.name): cell for cell in [*notebook.grade_cells, *notebook.task_cells]}
        cells = [*notebook.grade_cells, *notebook.solution_cells, *notebook.task_cells]
        self._names = {cell.id: cell.name for cell in cells}

    def comments(self, notebook: str, assignment: str, student: str) -> list[Comment]:
        """The comments on every answer of a submission."""
        return list(self._of_submission(Comment, notebook, assignment, student).values())

    def grades(self, notebook: str, assignment: str, student: str) -> dict[str, Grade]:
        """The grades of a submission by cell."""
        return self._of_submission(Grade, notebook, assignment, student)

    # ---- what nbgrader's steps call

    def add_student(self, student_id: str, **told: Any) -> Student:
        made = self._found["student", student_id] = super().add_student(student_id, **told)
        return made

    def find_student(self, student_id: str) -> Student:
        return self._once(("student", student_id), lambda: super(_SharedGradebook, self).find_student(student_id))

    def find_assignment(self, name: str) -> Assignment:
        return self._kept.get(("assignment", name)) or super().find_assignment(name)

    def find_notebook(self, name: str, assignment: str) -> Notebook:
        return self._kept.get(("notebook", name, assignment)) or super().find_notebook(name, assignment)

    def find_source_cell(self, name: str, notebook: str, assignment: str) -> SourceCell:
        return self._cells.get((SourceCell, name)) or super().find_source_cell(name, notebook, assignment)

    def find_graded_cell(self, name: str, notebook: str, assignment: str) -> Any:
        return self._cells.get((GradeCell, name)) or super().find_graded_cell(name, notebook, assignment)

    def find_submission(self, assignment: str, student: str) -> SubmittedAssignment:
        key = ("submission", assignment, student)
        return self._once(key, lambda: super(_SharedGradebook, self).find_submission(assignment, student))

    def add_submission(self, assignment: str, student: str, **told: Any) -> SubmittedAssignment:
        with self.db.no_autoflush:  # half made, it is not to be sent
            made = super().add_submission(assignment, student, **told)
        self._found["submission", assignment, student] = made
        for notebook in made.notebooks:
            where = (notebook.notebook.name, assignment, student)
            self._found["submitted", *where] = notebook
            notebook.late_submission_penalty = None  # known, so that no step's saying so is a change to send
            for kind, rows in ((Grade, notebook.grades), (Comment, notebook.comments)):
                self._found[kind, *where] = {self._names[row.cell_id]: row for row in rows}
                for row in rows:
                    row.id = new_uuid()  # rows with their ids are sent together
        return made

    def find_submission_notebook(self, notebook: str, assignment: str, student: str) -> SubmittedNotebook:
        """For the step that looks at its points, which the database reckons: it is told the grades first."""
        found = self._submitted(notebook, assignment, student)
        self.db.flush()
        self.db.expire(found, ["score"])
        return found

    def find_grade(self, grade_cell: str, notebook: str, assignment: str, student: str) -> Grade:
        return self._row(Grade, grade_cell, notebook, assignment, student)

    def find_comment(self, solution_cell: str, notebook: str, assignment: str, student: str) -> Comment:
        return self._row(Comment, solution_cell, notebook, assignment, student)

    def _row(self, kind: type, name: str, notebook: str, assignment: str, student: str) -> Any:
        try:
            return self._of_submission(kind, notebook, assignment, student)[name]
        except KeyError:
            raise MissingEntry(f"no {kind.__name__} of {assignment}/{name} for {student}") from None

    def _of_submission(self, kind: Any, notebook: str, assignment: str, student: str) -> dict[str, Any]:
        def look_up() -> dict[str, Any]:
            submitted = self._submitted(notebook, assignment, student)
            cells = select(BaseCell.name, kind).join(BaseCell, BaseCell.id == kind.cell_id)
            return dict(self.db.execute(cells.where(kind.notebook_id == submitted.id)).all())

        return self._once((kind, notebook, assignment, student), look_up)

    def _submitted(self, notebook: str, assignment: str, student: str) -> SubmittedNotebook:
        find = super().find_submission_notebook
        return self._once(("submitted", notebook, assignment, student), lambda: find(notebook, assignment, student))

    def _once(self, key: tuple, look_up: Callable[[], Any]) -> Any:
        if key not in self._found:
            self._found[key] = look_up()
        return self._found[key]


@contextlib.contextmanager
def _open(coursedir: CourseDirectory) -> Iterator[_SharedGradebook]:
    with _version_looked_up():
        gradebook = _SharedGradebook(coursedir.db_url, coursedir.course_id)
    try:
        yield gradebook
    finally:
        gradebook.disconnect()


@contextlib.contextmanager
def _version_looked_up() -> Iterator[None]:
    """For a new database nbgrader starts the program `alembic`: two seconds, and hidden unless its environment is activated."""
    original = nbgrader.api.get_alembic_version
    nbgrader.api.get_alembic_version = _newest_version
    try:
        yield
    finally:
        nbgrader.api.get_alembic_version = original


def _newest_version() -> str:
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory(str(Path(nbgrader.__file__).parent / "alembic")).get_current_head())


@contextlib.contextmanager
def _lent(gradebook: Gradebook, steps: Iterable[type]) -> Iterator[None]:
    """Let nbgrader's steps use this handle where each would open one of its own."""
    modules = {module for step in steps if hasattr(module := sys.modules[step.__module__], "Gradebook")}
    before = {module: module.Gradebook for module in modules}
    try:
        for module in modules:
            module.Gradebook = lambda *_args, **_kwargs: gradebook  # type: ignore[attr-defined]
        yield
    finally:
        for module, original in before.items():
            module.Gradebook = original  # type: ignore[attr-defined]


@contextlib.contextmanager
def _told(course: Path) -> Iterator[None]:
    """Say in one sentence what the database or the disk refuses."""
    try:
        yield
    except (SQLAlchemyError, InvalidEntry) as error:
        cause = str(getattr(error, "orig", None) or error).splitlines()[0]
        step = next((step for words, step in REMEDIES.items() if words in cause), REMEDIES[""])
        raise CourseError(f"{course / 'gradebook.db'}: nbgrader's database refuses ({cause}); {step}") from error
    except OSError as error:
        raise CourseError(
            f"{error.filename or course}: cannot be written ({error.strerror}); mend its permissions or make room"
        ) from error


@contextlib.contextmanager
def _on_path(course: Path) -> Iterator[None]:
    """A late-penalty plugin may be a module in the course folder."""
    sys.path.insert(0, str(course.absolute()))
    try:
        yield
    finally:
        sys.path.remove(str(course.absolute()))


def _nbgrader_config(course: Path) -> Config:
    """What `nbgrader_config.py` in the course folder says; raises CourseError where it cannot be run."""
    application = Application()
    application.raise_config_file_errors = True
    before = Path.cwd()
    try:
        os.chdir(course)  # nbgrader reads it there, and so may the file itself
        application.load_config_file("nbgrader_config", path=["."])
    except Exception as error:  # the file is a program and may raise anything
        raise CourseError(f"{course / 'nbgrader_config.py'}: cannot be run ({error}); mend it") from error
    finally:
        os.chdir(before)
    return application.config


# ---- replaying


class ShowOutcomes(NbGraderPreprocessor):
    """In the place of nbgrader's Execute: what the record says of each test becomes the output of its cell."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        outcomes: dict[str, TestOutcome] = resources["autograder_outcomes"]
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
                if utils.is_grade(cell):
                    cell.outputs = _outputs(cell, outcomes.get(cell.metadata.nbgrader.grade_id))
        return nb, resources


def _outputs(cell: NotebookNode, outcome: TestOutcome | None) -> list[NotebookNode]:
    """nbgrader gives full points for no output, none for an error, and in between what the result says."""
    if outcome is None:
        return [_error("NotRun", "the record holds no outcome for this test", "")]
    if outcome.score <= 0:
        return [_error(ERROR_NAMES.get(outcome.outcome, "Failed"), outcome.hint, outcome.message)]
    if outcome.score < cell.metadata.nbgrader.points:
        shown = {"text/plain": repr(float(outcome.score))}
        return [nbformat.v4.new_output("execute_result", data=shown, execution_count=1)]
    return []


def _error(name: str, hint: str, message: str) -> NotebookNode:
    told = readable(message or hint)
    shown = {"ename": name, "evalue": readable(hint or message), "traceback": [f"{name}: {told}" if told else name]}
    return NotebookNode(output_type="error", **shown)  # nbformat's own way checks it against the schema each time


class _Replay:
    """nbgrader's two lists of steps over one record after another."""

    def __init__(self, unit: Unit, coursedir: CourseDirectory, config: Config, gradebook: _SharedGradebook) -> None:
        autograde = Autograde(coursedir=coursedir, config=config)
        steps = [*autograde.sanitize_preprocessors, *autograde.autograde_preprocessors]
        # The metadata of the cells is the unit's own, which `to_save` checked once; nbgrader would check it twice a student.
        self._steps = [ShowOutcomes if step is Execute else step for step in steps if step is not CheckCellMetadata]
        self._made = [step(config=config) for step in self._steps]
        self._permissions = int(str(autograde.permissions), 8)
        self._unit = unit
        self._coursedir = coursedir
        self._gradebook = gradebook

    def save_unit(self) -> None:
        """The assignment and its cells, as `nbgrader generate_assignment` saves them."""
        name = self._unit.name
        try:
            with _lent(self._gradebook, [SaveCells]):
                self._gradebook.update_or_create_assignment(name)
                SaveCells().preprocess(to_save(self._unit), self._resources(""))
        except RuntimeError as error:  # nbgrader's: cells were added or removed, and there are submissions
            raise UnitError(
                f"{self._unit.path}: its graded cells are not those that gradebook.db holds submissions of; "
                f"put them back, or forget the old grades with `nbgrader db assignment remove {name} --force`"
            ) from error
        self._gradebook.save()
        self._gradebook.keep_unit(name)

    def save(self, record: Record) -> None:
        """One student: rows and the autograded notebook; the rows are saved when the notebook is in its place."""
        gradebook, name = self._gradebook, self._unit.name
        stamp = self._timestamp(record.student)
        gradebook.update_or_create_student(record.student)
        gradebook.update_or_create_submission(name, record.student, **({"timestamp": stamp} if stamp else {}))
        notebook = self._replayed(record)
        self._check(record)
        if record.problem:
            for comment in gradebook.comments(name, name, record.student):
                comment.auto_comment = UNGRADED.format(readable(record.problem))
        self._write(record, notebook, stamp)
        gradebook.save()

    def _replayed(self, record: Record) -> NotebookNode:
        notebook = nbformat.from_dict(record.notebook) if record.notebook else to_save(self._unit)
        for cell in notebook.cells:
            cell.source = encodable(cell.source)
        resources = self._resources(record.student)
        resources["autograder_outcomes"] = {test.grade_id: test for test in record.tests}
        with _lent(self._gradebook, self._steps):
            for step in self._made:
                if step.enabled:
                    notebook, resources = step.preprocess(notebook, resources)
        return _with_remarks(notebook, record)

    def _check(self, record: Record) -> None:
        """Points must be the record's: nbgrader reads them off outputs, and nobody should lose or win any on the way."""
        grades = self._gradebook.grades(self._unit.name, self._unit.name, record.student)
        for test in record.tests:
            if test.grade_id not in grades or grades[test.grade_id].auto_score != test.score:
                raise GraderError(
                    f"{record.student}, {test.grade_id}: nbgrader did not take over {test.score:g} points; please report this"
                )

    def _write(self, record: Record, notebook: NotebookNode, stamp: Any) -> None:
        name = self._unit.name
        folder = Path(self._coursedir.format_path(self._coursedir.autograded_directory, record.student, name))
        sweep(folder)
        copy_data_files(self._unit, folder)
        written = [(folder / f"{name}.ipynb", encodable(_as_json(notebook)))]
        if stamp:
            written.append((folder / "timestamp.txt", f"{stamp.isoformat(sep=' ')} UTC"))
        for path, text in written:
            write_whole(path, text, lasting=False)  # replay.py looks whether it is whole
            path.chmod(self._permissions)

    def _timestamp(self, student: str) -> Any:
        """From nbgrader's timestamp.txt alone. A file's own time says when it was copied here, not when it was handed in."""
        folder = self._coursedir.format_path(self._coursedir.submitted_directory, student, self._unit.name)
        try:
            return self._coursedir.get_existing_timestamp(folder)
        except (ValueError, AttributeError, OSError):  # AttributeError is nbgrader's own slip for an unreadable stamp
            return None

    def _resources(self, student: str) -> dict[str, Any]:
        name = self._unit.name
        told = {"notebook": name, "assignment": name, "student": student, "db_url": self._coursedir.db_url}
        return {"nbgrader": told}


def _as_json(notebook: NotebookNode) -> str:
    """A notebook file, a cell a line. nbformat's own way, indented and with a list of lines for each text, takes ten times as long."""
    cells = ",\n".join(json.dumps(cell, ensure_ascii=False, sort_keys=True) for cell in notebook.cells)
    rest = json.dumps({key: value for key, value in notebook.items() if key != "cells"}, ensure_ascii=False)
    return f'{{"cells": [\n{cells}\n],\n{rest[1:]}\n'


def _with_remarks(notebook: NotebookNode, record: Record) -> NotebookNode:
    """Tell the instructor on top what was repaired and what went wrong."""
    told = [f"Not graded: {record.problem}"] if record.problem else []
    told += [f"Repaired: {words}" for words in record.repairs]
    told += [f"Note: {words}" for words in record.notes]
    if told:
        items = "".join(f"<li>{html.escape(' '.join(readable(words).split()))}</li>" for words in told)
        remarks = nbformat.v4.new_markdown_cell(f"<p>From the autograder:</p><ul>{items}</ul>", id="autograder-remarks")
        notebook.cells.insert(0, remarks)
    return notebook


# ---- what people graded


def _reviews(gradebook: Gradebook, name: str) -> dict[str, Review]:
    rows = gradebook.db.execute(
        select(SubmittedAssignment.student_id, SubmittedNotebook.id, SubmittedNotebook.late_submission_penalty)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == name)
    ).all()
    cells: dict[str, dict[str, dict[str, Any]]] = {notebook: {} for _, notebook, _ in rows}
    for grade in gradebook.db.execute(_of_assignment(Grade, name).add_columns(*_GRADE_COLUMNS)):
        notebook, cell, auto, manual, extra, waiting, most = grade
        cells[notebook][cell] = {"auto_score": auto, "score": manual, "extra_credit": extra or 0.0}
        cells[notebook][cell] |= {"waiting": bool(waiting), "max_score": most or 0.0}
    for notebook, cell, words in gradebook.db.execute(
        _of_assignment(Comment, name).add_columns(Comment.manual_comment)
    ):
        if words:
            cells[notebook].setdefault(cell, {})["comment"] = words
    return {
        student: Review({cell: ManualGrade(cell, **told) for cell, told in cells[notebook].items()}, penalty or 0.0)
        for student, notebook, penalty in rows
    }


_GRADE_COLUMNS = (Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade, Grade.max_score)


def _of_assignment(kind: Any, name: str) -> Any:
    return (
        select(kind.notebook_id, BaseCell.name)
        .join(BaseCell, BaseCell.id == kind.cell_id)
        .join(SubmittedNotebook, SubmittedNotebook.id == kind.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == name)
    )
