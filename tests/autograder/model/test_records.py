"""What stands in the place of a record and is none is not read."""

import os
from pathlib import Path

import pytest

from autograder.errors import RecordError
from autograder.model.records import read_record, read_records, record_path

UNIT = "90_small"


@pytest.mark.parametrize("kind", ["pipe", "folder", "device"])
def test_what_is_no_plain_file_is_no_record(tmp_path: Path, kind: str) -> None:
    path = record_path(tmp_path, UNIT, "ada")
    path.parent.mkdir(parents=True)
    {"pipe": os.mkfifo, "folder": Path.mkdir, "device": lambda path: path.symlink_to("/dev/zero")}[kind](path)
    assert read_record(tmp_path, UNIT, "ada") is None
    with pytest.raises(RecordError, match="not a record of this version of the grader"):
        read_records(tmp_path, UNIT)
