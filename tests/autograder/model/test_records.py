"""What stands in the place of a record and is none is not read."""

import errno
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import RecordError
from autograder.model import records
from autograder.model.outcomes import Result, TestOutcome
from autograder.model.records import Record, read_record, read_records, record_path, write_record

UNIT = "90_small"


@pytest.mark.parametrize("kind", ["pipe", "folder", "device"])
def test_what_is_no_plain_file_is_no_record(tmp_path: Path, kind: str) -> None:
    path = record_path(tmp_path, UNIT, "ada")
    path.parent.mkdir(parents=True)
    {"pipe": os.mkfifo, "folder": Path.mkdir, "device": lambda path: path.symlink_to("/dev/zero")}[kind](path)
    assert read_record(tmp_path, UNIT, "ada") is None
    with pytest.raises(RecordError, match="not a record of this version of the grader"):
        read_records(tmp_path, UNIT)


def with_field(name: str, value: object) -> Callable[[dict[str, Any]], object]:
    return lambda fields: fields | {name: value}


def with_test(name: str, value: object) -> Callable[[dict[str, Any]], object]:
    return lambda fields: fields | {"tests": [fields["tests"][0] | {name: value}]}


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "no fields": lambda _fields: [1],
    "another student": with_field("student", "eve"),
    "a student outside": with_field("student", "../../out"),
    "no student": with_field("student", None),
    "a text for a list": with_field("repairs", "abc"),
    "numbers for texts": with_field("notes", [1]),
    "no isolation": with_field("isolation", None),
    "a notebook that is none": with_field("notebook", []),
    "a cell that is none": with_field("notebook", {"cells": [5]}),
    "a cell without a text": with_field("notebook", {"cells": [{"source": 5, "metadata": {}}]}),
    "a cell without an id": with_field("notebook", {"cells": [{"source": "", "metadata": {"nbgrader": {}}}]}),
    "points in words": with_test("score", "1"),
    "points that are no number": with_test("score", float("nan")),
    "points beyond all": with_test("score", 10**400),
    "an outcome that nobody knows": with_test("outcome", "great"),
    "an exercise that is no text": with_test("exercise", []),
    "a later layout": with_field("version", 99),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_is_no_whole_record_is_not_read(tmp_path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    test = TestOutcome("double_two", "double", False, 1, 4.0, Result.FAILED, "no", "no")
    cell = {"cell_type": "markdown", "source": "x", "metadata": {}, "attachments": {"a.png": {"image/png": "eA=="}}}
    whole = Record("ada", UNIT, (test,), "limits", notes=("one",), notebook={"cells": [cell]})
    path = write_record(tmp_path, whole)
    assert read_record(tmp_path, UNIT, "ada") == whole
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    assert read_record(tmp_path, UNIT, "ada") is None


def test_why_a_file_holds_no_record_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_record(tmp_path, Record("ada", UNIT, (), "limits"))
    copy = path.with_name("ada (1).json")
    shutil.copy(path, copy)
    read = read_records(tmp_path, UNIT)
    assert read.damaged == {"ada (1)": f"a record of ada under another name; if it is a copy, remove {copy}"}

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(records, "read_json", refuse)
    with pytest.raises(RecordError, match=r"cannot be read \(Permission denied\); run this as the user who graded"):
        read_records(tmp_path, UNIT)
    monkeypatch.setattr(os, "listdir", refuse)
    with pytest.raises(RecordError, match=f"{UNIT}: cannot be read"):
        read_records(tmp_path, UNIT)


def test_a_record_that_is_too_deep_is_not_read(tmp_path: Path) -> None:
    path = record_path(tmp_path, UNIT, "ada")
    path.parent.mkdir(parents=True)
    path.write_text("[" * 100_000)
    assert read_record(tmp_path, UNIT, "ada") is None
