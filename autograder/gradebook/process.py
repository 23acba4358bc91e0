"""Keep nbgrader's gradebook up to date with the records, in a process of its own while grading goes on (see `warm.py`)."""

import contextlib
import hashlib
import json
import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.errors import CourseError, GraderError
from autograder.gradebook.warm import DONE, ERROR, REFUSED, RELEASED, Writer, new_writer
from autograder.model.files import read_json, read_plain, write_whole, writing
from autograder.model.records import Record, as_json, records_folder
from autograder.model.units import Unit

REMEDY = "all grades are kept: make room or mend the permissions, then run the same command again"
DUE = "select duedate from assignment where name = ?"
EXTENSIONS = "select student_id, extension from submitted_assignment join assignment on assignment.id = assignment_id where assignment.name = ?"
STUDENTS = "select student_id from submitted_assignment join assignment on assignment.id = assignment_id where assignment.name = ?"


class GradebookProcess:
    """A context: every record passed to `show` is in the gradebook when it ends, also when it ends with an error.

    A note beside the records remembers which records the gradebook holds, by their fingerprints; what it holds already is
    not written again, unless `afresh` or a due date or nbgrader's settings have changed, on which the penalty depends. `progress` is called with the number of records written while the context waits for
    the process to finish.
    """

    def __init__(self, course: Path, unit: Unit, afresh: bool, progress: Callable[[int], None]) -> None:
        self._course = course
        self._unit = unit
        self._note = records_folder(course, unit.name) / ".gradebook.json"
        self._fingerprints = {} if afresh else _known_fingerprints(course, unit.name, self._note)
        self._terms = _Terms(course, unit.name)
        self._new_fingerprints: dict[str, str] = {}
        self._progress = progress
        self.refused: dict[
            str, str
        ] = {}  # why the gradebook has not taken a record, by student; known when the context ends
        self._writer: Writer | None = None
        self._lines: list[str] = []  # what the process has printed
        self._released: dict[str, str] | None = None
        self._answered = threading.Event()  # the process has said what the release shows, or has ended
        self._closing = False
        self._reader = threading.Thread(target=self._read_lines, daemon=True)

    def start(self) -> None:
        """Start the process unless it runs: the first one's imports take a second, best spent while the grader waits for something."""
        if self._writer is None:
            self._writer = new_writer(self._course, self._unit.name)
            self._reader.start()

    def released_sources(self) -> dict[str, str]:
        """Return what the release shows in each cell, by the cell's id: the process has imported nbgrader, and this one need not."""
        self.start()
        self._request(None)
        self._answered.wait()
        if self._released is not None:
            return self._released
        # The process has ended. This imports nbgrader, which takes a second.
        from autograder.release.build import released_sources

        return released_sources(self._unit)

    def show(self, record: Record) -> None:
        """Bring one record into the gradebook, unless it is there already. The record must be on disk."""
        fingerprint = hashlib.sha256((self._terms.of(record.student) + as_json(record)).encode()).hexdigest()
        if self._fingerprints.get(record.student) == fingerprint:
            return
        self.start()
        self._new_fingerprints[record.student] = fingerprint
        self._request(record.student)

    def _request(self, student: str | None) -> None:
        assert self._writer is not None
        with contextlib.suppress(BrokenPipeError):  # __exit__ says why the process ended
            self._writer.requests.write(json.dumps(student) + "\n")
            self._writer.requests.flush()

    def __enter__(self) -> "GradebookProcess":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_error: object) -> None:
        if self._writer is None:
            return
        self._closing = True
        with contextlib.suppress(BrokenPipeError):
            self._writer.requests.close()
        self._reader.join()
        if self._lines[-1:] == [DONE]:
            self.refused = dict(
                json.loads(line.removeprefix(REFUSED)) for line in self._lines if line.startswith(REFUSED)
            )
            for student in self.refused:  # the next run tries again
                del self._new_fingerprints[student]
            self._write_note(keep_quiet=kind is not None)
        elif kind is None:
            raise self._failure()

    def _read_lines(self) -> None:
        assert self._writer is not None
        try:
            with self._writer.lines as lines:
                for line in lines:
                    if line.startswith(RELEASED) and line.endswith("\n"):
                        self._released = json.loads(line.removeprefix(RELEASED))
                        self._answered.set()
                        continue
                    self._lines.append(line.rstrip("\n"))
                    if self._closing and self._lines[-1] != DONE:  # until then people watch the progress of grading
                        self._progress(len(self._lines))
        finally:
            self._answered.set()

    def _write_note(self, keep_quiet: bool) -> None:
        """Remember what the gradebook holds. `keep_quiet`: an error is on its way already, so raise no other."""
        with contextlib.suppress(CourseError) if keep_quiet else contextlib.nullcontext(), writing(self._note, REMEDY):
            write_whole(self._note, json.dumps({**self._fingerprints, **self._new_fingerprints}), private=True)

    def _failure(self) -> CourseError:
        last = self._lines[-1] if self._lines else ""
        if last.startswith(ERROR):
            return CourseError(last.removeprefix(ERROR))
        return GraderError("the process that writes nbgrader's gradebook ended early; run the same command again")


class _Terms:
    """What the penalty for lateness depends on beside the record: due date, extensions, and nbgrader's settings."""

    def __init__(self, course: Path, unit: str) -> None:
        self._common = ""
        self._extensions: dict[str, str] = {}
        with contextlib.suppress(OSError):
            self._common = hashlib.sha256(read_plain(course / "nbgrader_config.py")).hexdigest()
        with contextlib.suppress(sqlite3.Error):  # no database yet: nobody has set a due date
            due = _rows(course / "gradebook.db", DUE, unit)
            self._common += "".join(str(date) for (date,) in due if date is not None)
            extensions = _rows(course / "gradebook.db", EXTENSIONS, unit)
            self._extensions = {student: str(extension) for student, extension in extensions if extension is not None}

    def of(self, student: str) -> str:
        """Return the terms for one student as a text."""
        return self._common + self._extensions.get(student, "")


def _known_fingerprints(course: Path, unit: str, note: Path) -> dict[str, str]:
    """Read an earlier run's note, for those students whom the database and `autograded/` still hold."""
    try:
        fingerprints = read_json(note)
        students = _students_in_database(course / "gradebook.db", unit)
    except (OSError, ValueError, sqlite3.Error):  # no note, no database or a damaged one: everything is written again
        return {}
    if not isinstance(fingerprints, dict):
        return {}
    notebooks = {student: course / "autograded" / student / unit / f"{unit}.ipynb" for student in students}
    return {
        student: fingerprint
        for student, fingerprint in fingerprints.items()
        if student in notebooks and _is_whole(notebooks[student])
    }


def _is_whole(notebook: Path) -> bool:
    """Say whether a file has its end: after a power cut it may be empty, or hold zeros where nothing was written."""
    try:
        if not notebook.is_file():
            return False
        with notebook.open("rb") as file:
            file.seek(-2, os.SEEK_END)
            return file.read() == b"}\n"
    except OSError:
        return False


def _students_in_database(database: Path, unit: str) -> set[str]:
    """Return the students with a submission in nbgrader's database; without nbgrader, which takes a second to import."""
    return {student for (student,) in _rows(database, STUDENTS, unit)}


def _rows(database: Path, sql: str, unit: str) -> list[tuple[Any, ...]]:
    """Return what a query about a unit gives; raise sqlite3.Error where there is no database or a damaged one."""
    if not database.is_file():  # SQLite would wait for a pipe
        raise sqlite3.OperationalError("no plain file")
    with contextlib.closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        return connection.execute(sql, (unit,)).fetchall()
