"""Bring nbgrader's gradebook.db and `autograded/` up to date with records, through nbgrader's own preprocessors.

Nothing runs here: where nbgrader would execute a notebook, the recorded outcomes become the outputs of its cells.
"""

import contextlib
import html
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.converters import Autograde
from nbgrader.preprocessors import CheckCellMetadata, Execute, NbGraderPreprocessor, SaveCells
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError

from autograder.errors import GraderError, UnitError
from autograder.gradebook.session import (
    SharedGradebook,
    database_failures_explained,
    in_place_of_nbgraders,
    open_gradebook,
)
from autograder.gradebook.settings import Settings, plugins_importable, read_settings
from autograder.model.files import close_to_others, concerns_one_file, sweep, write_whole, writing
from autograder.model.lock import locked
from autograder.model.outcomes import Result, TestOutcome
from autograder.model.records import Record
from autograder.model.text import encodable, first_line, readable
from autograder.model.units import Unit
from autograder.reading.beside import SECRET, TIME_STAMP
from autograder.reading.plain_file import NotPlain, read_plain_file
from autograder.reading.timestamp import timestamp_text
from autograder.release.build import copy_data_files, to_save

LONGEST_SECRET = 1_000  # bytes
UNGRADED = "Not graded: {}"

# The names of errors that formgrader shows; the message after the name is the record's.
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
) -> dict[str, str]:
    """Write the records into gradebook.db and `autograded/<student>/<unit>/`; what people graded by hand stays.

    `progress` is called with each student's name when the gradebook holds the record. Returns why a record could not be written, by
    student: the others are.

    Raises CourseError where the database or a folder cannot be written, UnitError where nbgrader refuses the unit.
    """
    refused: dict[str, str] = {}
    no_file: OSError | None = None
    settings = read_settings(course)
    # Taken by graders of several units in turn; against formgrader, SQLite's own locks are enough.
    lock = course / "records" / ".gradebook.lock"
    with contextlib.ExitStack() as cleanup:
        for context in (plugins_importable(course), writing(course), database_failures_explained(course)):
            cleanup.enter_context(context)
        with locked(lock):  # opening makes the tables where there are none, which two cannot do at once
            gradebook = cleanup.enter_context(open_gradebook(settings.folders))
            if not settings.folders.groupshared:
                close_to_others(course / "gradebook.db")
            writer = _RecordWriter(unit, settings, gradebook)
            writer.save_unit()
        written = 0
        for record in records:
            with locked(lock):
                try:
                    writer.save(record)
                    written += 1
                except Exception as error:  # nbgrader's steps raise anything
                    if not _concerns_one_record(error):
                        raise
                    refused[record.student] = f"{type(error).__name__}: {first_line(error)}"
                    gradebook.discard()
                    no_file = error if isinstance(error, OSError) else no_file
                    continue
            if progress:
                progress(record.student)
        if no_file and not written:  # then it concerned all of them
            raise no_file
    return refused


def _concerns_one_record(error: Exception) -> bool:
    """Whether other records can probably be written all the same."""
    if isinstance(error, DatabaseError):
        return isinstance(error, DataError | IntegrityError)
    return concerns_one_file(error)


class ShowOutcomes(NbGraderPreprocessor):
    """Takes the place of nbgrader's Execute: the recorded outcome of each test becomes the output of its cell."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        outcomes: dict[str, TestOutcome] = resources["autograder_outcomes"]
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
                if utils.is_grade(cell):
                    cell.outputs = _outputs(cell, outcomes.get(cell.metadata.nbgrader.grade_id))
        return nb, resources


def _outputs(cell: NotebookNode, outcome: TestOutcome | None) -> list[NotebookNode]:
    """Return the outputs from which nbgrader reads the recorded score.

    nbgrader gives full points for no output, none for an error, and otherwise the number that the cell's result shows.
    """
    if outcome is None:
        return [_error("NotRun", "the record holds no outcome for this test", "")]
    if outcome.score <= 0:
        return [_error(ERROR_NAMES.get(outcome.outcome, "Failed"), outcome.hint, outcome.message)]
    if outcome.score < cell.metadata.nbgrader.points:
        result = {"text/plain": repr(float(outcome.score))}
        return [nbformat.v4.new_output("execute_result", data=result, execution_count=1)]
    return []


def _error(name: str, hint: str, message: str) -> NotebookNode:
    details = readable(message or hint)
    error = {
        "ename": name,
        "evalue": readable(hint or message),
        "traceback": [f"{name}: {details}" if details else name],
    }
    return NotebookNode(output_type="error", **error)  # nbformat.v4.new_output would check it against the schema


class _RecordWriter:
    """Takes one record after another through nbgrader's two lists of steps for `nbgrader autograde`."""

    def __init__(self, unit: Unit, settings: Settings, gradebook: SharedGradebook) -> None:
        autograde = Autograde(coursedir=settings.folders, config=settings.config)
        steps = [*autograde.sanitize_preprocessors, *autograde.autograde_preprocessors]
        # The cells' metadata is the unit's own, which `to_save` has checked; nbgrader would check it twice per student.
        self._step_classes = [
            ShowOutcomes if step is Execute else step for step in steps if step is not CheckCellMetadata
        ]
        self._steps = [step(config=settings.config) for step in self._step_classes]
        self._permissions = int(str(autograde.permissions), 8)
        self._unit = unit
        self._folders = settings.folders
        self._gradebook = gradebook

    def save_unit(self) -> None:
        """Save the assignment and its cells, as `nbgrader generate_assignment` does."""
        name = self._unit.name
        try:
            with in_place_of_nbgraders(self._gradebook, [SaveCells]):
                self._gradebook.update_or_create_assignment(name)
                SaveCells().preprocess(to_save(self._unit), self._resources(""))
        except RuntimeError as error:  # nbgrader's: cells were added or removed, and there are submissions
            raise UnitError(
                f"{self._unit.path}: its graded cells differ from those that gradebook.db holds submissions of; "
                f"restore them, or delete the old grades with `nbgrader db assignment remove {name} --force`"
            ) from error
        self._gradebook.save()
        self._gradebook.keep_unit(name)

    def save(self, record: Record) -> None:
        """Save one student's rows and autograded notebook; the rows last, so that they are never without the notebook."""
        gradebook, name = self._gradebook, self._unit.name
        timestamp = _naive_utc(record.submitted_at)
        gradebook.update_or_create_student(record.student)
        gradebook.update_or_create_submission(name, record.student, **({"timestamp": timestamp} if timestamp else {}))
        notebook = self._autograded(record)  # with the penalty for lateness by that time
        if theirs := self._nbgraders_timestamp(record.student):
            gradebook.find_submission(name, record.student).timestamp = theirs
        self._check_points(record)
        if record.problem:
            for comment in gradebook.comments(name, name, record.student):
                comment.auto_comment = UNGRADED.format(readable(record.problem))
        self._write_files(record, notebook, timestamp)
        gradebook.save()

    def _autograded(self, record: Record) -> NotebookNode:
        """Take the recorded notebook through nbgrader's steps, which change the gradebook's rows on the way."""
        notebook = nbformat.from_dict(record.notebook) if record.notebook else to_save(self._unit)
        for cell in notebook.cells:
            cell.source = encodable(cell.source)
        resources = self._resources(record.student)
        resources["autograder_outcomes"] = {test.grade_id: test for test in record.tests}
        with in_place_of_nbgraders(self._gradebook, self._step_classes):
            for step in self._steps:
                if step.enabled:
                    notebook, resources = step.preprocess(notebook, resources)
        return _with_remarks(notebook, record)

    def _check_points(self, record: Record) -> None:
        """Raise GraderError unless nbgrader has read the recorded score off every test's outputs."""
        grades = self._gradebook.grades(self._unit.name, self._unit.name, record.student)
        for test in record.tests:
            if test.grade_id not in grades or grades[test.grade_id].auto_score != test.score:
                raise GraderError(
                    f"{record.student}, {test.grade_id}: nbgrader did not accept the score of {test.score:g} points; "
                    "please report this"
                )

    def _write_files(self, record: Record, notebook: NotebookNode, timestamp: datetime | None) -> None:
        name = self._unit.name
        folder = Path(self._folders.format_path(self._folders.autograded_directory, record.student, name))
        sweep(folder)
        copy_data_files(self._unit, folder)
        texts = {folder / f"{name}.ipynb": encodable(_as_json(notebook))}
        if timestamp:
            texts[folder / TIME_STAMP] = f"{timestamp.isoformat(sep=' ')} UTC"
        if secret := self._secret(record.student):
            texts[folder / SECRET] = secret
        for path, text in texts.items():
            write_whole(path, text, lasting=False)  # process.py looks whether the notebook is whole
            path.chmod(self._permissions if path.name != SECRET else 0o600)

    def _nbgraders_timestamp(self, student: str) -> datetime | None:
        """Return the time that nbgrader itself reads in timestamp.txt; None where it reads none.

        It takes no notice of a zone such as +01:00. The row still has to hold it: formgrader shows a submission as not graded
        where the two differ.
        """
        folder = Path(self._folders.format_path(self._folders.submitted_directory, student, self._unit.name))
        try:
            return utils.parse_utc(timestamp_text(folder, folder.parent.parent) or "")
        except Exception:  # of dateutil and datetime, of many kinds, and what is no plain file
            return None

    def _secret(self, student: str) -> str:
        """Return what nbgrader's exchange names the feedback on this submission by; empty for one that did not come through it."""
        folder = Path(self._folders.format_path(self._folders.submitted_directory, student, self._unit.name))
        try:
            return (read_plain_file(folder / SECRET, LONGEST_SECRET, folder.parent.parent) or b"").decode()
        except (OSError, NotPlain, ValueError):
            return ""

    def _resources(self, student: str) -> dict[str, Any]:
        name = self._unit.name
        nbgrader = {"notebook": name, "assignment": name, "student": student, "db_url": self._folders.db_url}
        return {"nbgrader": nbgrader}


def _naive_utc(stamp: str) -> datetime | None:
    """Return a record's time of handing in as nbgrader keeps times; None where there is none."""
    return datetime.fromisoformat(stamp).astimezone(UTC).replace(tzinfo=None) if stamp else None


def _as_json(notebook: NotebookNode) -> str:
    """Return a notebook file with one cell per line.

    nbformat's own layout, indented and with each text as a list of lines, takes ten times as long.
    """
    cells = ",\n".join(json.dumps(cell, ensure_ascii=False, sort_keys=True) for cell in notebook.cells)
    rest = json.dumps({key: value for key, value in notebook.items() if key != "cells"}, ensure_ascii=False)
    return f'{{"cells": [\n{cells}\n],\n{rest[1:]}\n'


def _with_remarks(notebook: NotebookNode, record: Record) -> NotebookNode:
    """Add a cell at the top that tells the instructor what was repaired and what went wrong."""
    remarks = [UNGRADED.format(record.problem)] if record.problem else []
    remarks += [f"Repaired: {words}" for words in record.repairs]
    remarks += [f"Note: {words}" for words in record.notes]
    if remarks:
        items = "".join(f"<li>{html.escape(' '.join(readable(words).split()))}</li>" for words in remarks)
        source = f"<p>From the autograder:</p><ul>{items}</ul>"
        notebook.cells.insert(0, nbformat.v4.new_markdown_cell(source, id="autograder-remarks"))
    return notebook
