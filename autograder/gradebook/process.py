"""Keep nbgrader's gradebook up to date with the records, in a process of its own while grading goes on.

That process is `python -m autograder.gradebook.process UNIT`, run in the course folder: it reads students' names from its standard input, a JSON string on a line
each, and answers each with a line when the gradebook holds that student's record.
"""

import contextlib
import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from autograder.errors import CourseError, GraderError
from autograder.model.files import write_whole
from autograder.model.records import Record, as_json, read_record, records_folder
from autograder.model.units import Unit, load_unit

SUBMISSIONS = "select student_id from submitted_assignment join assignment on assignment.id = assignment_id where assignment.name = ?"


class Replay:
    """A context: what is shown in it is in the gradebook when it ends, also when it ends by an error."""

    def __init__(self, course: Path, unit: Unit, afresh: bool, progress: Callable[[int], None]) -> None:
        self._course = course
        self._unit = unit
        self._path = records_folder(course, unit.name) / ".gradebook.json"
        self._shown = {} if afresh else _shown(course, unit.name, self._path)
        self._sent: dict[str, str] = {}
        self._progress = progress
        self._process: subprocess.Popen[str] | None = None
        self._answers: list[str] = []
        self._closing = False
        self._reader = threading.Thread(target=self._read_answers, daemon=True)

    def start(self) -> None:
        """Start the process if it does not run yet: what it imports takes a second of a core, best one that waits."""
        if self._process is not None:
            return
        command = [sys.executable, "-m", "autograder.gradebook.process", self._unit.name]
        self._process = subprocess.Popen(
            command, cwd=self._course, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._reader.start()

    def show(self, record: Record) -> None:
        """Bring one record into the gradebook, unless it is there already. The record must be on disk."""
        fingerprint = hashlib.sha256(as_json(record).encode()).hexdigest()
        if self._shown.get(record.student) == fingerprint:
            return
        self.start()
        self._sent[record.student] = fingerprint
        assert self._process is not None
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # why it ended is said by __exit__
            self._process.stdin.write(json.dumps(record.student) + "\n")
            self._process.stdin.flush()

    def __enter__(self) -> "Replay":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_error: object) -> None:
        if self._process is None:
            return
        assert self._process.stdin is not None
        self._closing = True
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._reader.join()
        if self._process.wait() == 0:
            self._remember(kind is None)
        elif kind is None:
            raise self._failure()

    def _read_answers(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._answers.append(line.rstrip("\n"))
                if self._closing:  # before, the progress of grading is what people look at
                    self._progress(len(self._answers))

    def _remember(self, raises: bool) -> None:
        try:
            write_whole(self._path, json.dumps({**self._shown, **self._sent}))
        except OSError as error:
            if raises:
                raise CourseError(
                    f"{self._path}: cannot be written ({error.strerror}); all grades are kept: make room or mend the "
                    "permissions, then run the same command again"
                ) from error

    def _failure(self) -> CourseError:
        last = self._answers[-1] if self._answers else ""
        if last.startswith("error: "):
            return CourseError(last.removeprefix("error: "))
        return GraderError("the process that writes nbgrader's gradebook ended early; run the same command again")


def _shown(course: Path, unit: str, path: Path) -> dict[str, str]:
    """What an earlier run noted as shown, for those students whom the database and `autograded/` still hold."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        held = _held(course / "gradebook.db", unit)
    except (OSError, ValueError, sqlite3.Error):  # no note, no database, or a damaged one: everything is shown again
        return {}
    if not isinstance(kept, dict):
        return {}
    files = course / "autograded"
    return {name: told for name, told in kept.items() if name in held and _whole(files / name / unit / f"{unit}.ipynb")}


def _whole(notebook: Path) -> bool:
    """Whether a file has its end: a power cut leaves it empty, or with zeros in the place of what was not written."""
    try:
        with notebook.open("rb") as file:
            file.seek(-2, os.SEEK_END)
            return file.read() == b"}\n"
    except OSError:
        return False


def _held(database: Path, unit: str) -> set[str]:
    """The students with a submission in nbgrader's database; asked without nbgrader, which takes a second to import."""
    with contextlib.closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        return {student for (student,) in connection.execute(SUBMISSIONS, (unit,))}


def _records(course: Path, unit: Unit) -> Iterator[Record]:
    """The records that are asked for, one line of standard input after another."""
    for line in sys.stdin:
        record = read_record(course, unit.name, json.loads(line))
        if record is not None:
            yield record


def main(name: str) -> int:
    """Write what is asked for until standard input ends."""
    from autograder.gradebook.writer import write_gradebook

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the grader's to handle; it closes standard input
    course = Path.cwd()
    unit = load_unit(course, name)
    try:
        write_gradebook(course, unit, _records(course, unit), lambda student: print(json.dumps(student), flush=True))
    except CourseError as error:
        print(f"error: {error}", flush=True)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
