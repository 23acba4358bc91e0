"""The record on disk of one graded submission: the truth from which gradebook, feedback and report are made.

`records/<unit>/<student>.json`, written whole and renamed into place.
"""

import dataclasses
import hashlib
import json
import math
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.errors import RecordError
from autograder.model.files import read_json, write_whole
from autograder.model.outcomes import Result, TestOutcome

VERSION = 1
AGAIN = "not a record of this version of the grader; run: python -m autograder grade {}"
ANOTHER_S = "a record of {} under another name; if it is a copy, remove {}"
NOT_ALLOWED = "cannot be read ({}); run this as the user who graded"
LONGEST_NAME = 255  # bytes, on every file system in use


@dataclass(frozen=True)
class Record:
    """One graded submission. `notebook` is the grafted notebook as it was graded (nbformat 4 JSON)."""

    student: str
    unit: str
    tests: tuple[TestOutcome, ...]
    isolation: str
    repairs: tuple[str, ...] = ()
    problem: str = ""  # why nothing could be graded; empty for a submission that was read
    notes: tuple[str, ...] = ()  # what happened on the way: time-outs, crashes
    seconds: float = 0.0
    submission_digest: str = ""
    unit_digest: str = ""
    grader_digest: str = ""
    submitted_at: str = ""  # UTC, ISO 8601, from the submission's timestamp.txt; empty without one
    notebook: dict[str, Any] = field(default_factory=dict)
    version: int = VERSION

    @property
    def failed(self) -> bool:
        """Whether the grader itself failed on this submission, so that nothing is known of it."""
        return bool(self.problem) and any(test.outcome is Result.BROKEN for test in self.tests)

    @property
    def score(self) -> float:
        """Points earned in the tests."""
        return sum(test.score for test in self.tests)

    @property
    def max_score(self) -> float:
        """Points that the tests are worth."""
        return sum(test.max_score for test in self.tests)

    def exercise_score(self, exercise: str) -> float:
        """Return the points earned in the tests of one exercise."""
        return sum(test.score for test in self.tests if test.exercise == exercise)

    def summary(self) -> dict[str, Any]:
        """Return what `results --json` says about this submission."""
        return {
            "student": self.student,
            "unit": self.unit,
            "score": self.score,
            "max_score": self.max_score,
            "isolation": self.isolation,
            "repairs": list(self.repairs),
            "problem": self.problem,
            "notes": list(self.notes),
            "tests": [
                {
                    "grade_id": test.grade_id,
                    "score": test.score,
                    "max_score": test.max_score,
                    "outcome": test.outcome.value,
                    "message": test.message,
                }
                for test in self.tests
            ],
            "seconds": self.seconds,
        }


def records_folder(course: Path, unit: str) -> Path:
    """Return the folder that holds the records of a unit."""
    return course / "records" / unit


def record_path(course: Path, unit: str, student: str) -> Path:
    """Return where the record of a submission lies: under the student's name, unless that is too long for a file."""
    name = f"{student}.json"
    if len(os.fsencode(name)) > LONGEST_NAME:
        name = f"{hashlib.sha256(student.encode()).hexdigest()}.json"
    return records_folder(course, unit) / name


def write_record(course: Path, record: Record) -> Path:
    """Write a record whole and rename it into place. It quotes hidden tests, so its owner alone can read it."""
    path = record_path(course, record.unit, record.student)
    write_whole(path, as_json(record), private=True)
    return path


def as_json(record: Record) -> str:
    """Return a record as its file holds it, one field per line."""
    # dataclasses.asdict would copy the notebook, which may be large.
    fields = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
    fields["tests"] = [vars(test) for test in record.tests]
    return "{" + ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in fields.items()) + "}\n"


def read_record(course: Path, unit: str, student: str) -> Record | None:
    """Return the record of one submission; None where there is none, or it is damaged or of another version."""
    record = _read(record_path(course, unit, student))
    return record if isinstance(record, Record) and record.student == student else None


def _read(path: Path) -> Record | str:
    """Return the record that a file holds, else why it holds none, and what to do."""
    again = AGAIN.format(path.parent.name)
    try:
        fields = read_json(path)
        if fields.get("version") != VERSION:
            return again
        tests = tuple(TestOutcome(**{**test, "outcome": Result(test["outcome"])}) for test in fields.pop("tests"))
        fields = {key: tuple(value) if isinstance(value, list) else value for key, value in fields.items()}
        record = Record(tests=tests, **fields)
        if not (all(map(_is_whole, (record, *tests))) and _is_notebook(record.notebook)):
            return again
        if path != record_path(path.parents[2], path.parent.name, record.student):
            return ANOTHER_S.format(record.student, path)
        return record
    except PermissionError as error:
        return NOT_ALLOWED.format(error.strerror)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return again  # none yet, half a file or an older layout: the submission is simply graded again


def _is_whole(part: Any) -> bool:
    """Return whether each field of a record, or of one of its tests, holds what its annotation says."""
    return all(_FITS[field.type](getattr(part, field.name)) for field in dataclasses.fields(part))


def _is_text(value: Any) -> bool:
    return type(value) is str


# By annotation. A number may have been written without its decimal point.
_FITS: Mapping[Any, Callable[[Any], bool]] = {
    str: _is_text,
    bool: lambda value: type(value) is bool,
    int: lambda value: type(value) is int,
    float: lambda value: type(value) in (int, float) and math.isfinite(value),
    Result: lambda value: type(value) is Result,
    tuple[str, ...]: lambda value: type(value) is tuple and all(map(_is_text, value)),
    tuple[TestOutcome, ...]: lambda value: type(value) is tuple,  # each is looked at by itself
    dict[str, Any]: lambda value: type(value) is dict,
}


def _is_notebook(notebook: dict[str, Any]) -> bool:
    """Return whether the cells of a record's notebook have what whoever shows them expects."""
    cells = notebook.get("cells", [])
    return type(cells) is list and all(map(_is_cell, cells))


def _is_cell(cell: Any) -> bool:
    """Return whether a cell has a text and metadata, and if it has nbgrader's marks, an id among them."""
    marked = cell["metadata"].get("nbgrader")
    pictures = cell.get("attachments", {}).values()
    return (
        _is_text(cell["source"])
        and (marked is None or _is_text(marked["grade_id"]))
        and all(type(kinds) is dict for kinds in pictures)
    )


@dataclass(frozen=True)
class Records:
    """The records of a unit, by student. `damaged`: why a record could not be read, by the name of its file, which is the student's."""

    readable: tuple[Record, ...]
    damaged: Mapping[str, str] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Record]:
        """Yield those that could be read."""
        return iter(self.readable)


def read_records(course: Path, unit: str) -> Records:
    """Read every record of a unit; raise RecordError where there is none that can be read."""
    folder = records_folder(course, unit)
    try:
        names = sorted(os.listdir(folder))
    except PermissionError as error:
        raise RecordError(f"{folder}: {NOT_ALLOWED.format(error.strerror)}") from error
    except OSError:  # none yet
        names = []
    paths = [folder / name for name in names if name.endswith(".json") and not name.startswith(".")]
    if not paths:
        raise RecordError(f"{unit}: nothing graded yet; run: python -m autograder grade {unit}")
    read = {path: _read(path) for path in paths}
    readable = tuple(record for record in read.values() if isinstance(record, Record))
    damaged = {path.stem: reason for path, reason in read.items() if isinstance(reason, str)}
    if not readable:
        raise RecordError(f"{paths[0]}: {damaged[paths[0].stem]}")
    return Records(readable, damaged)
