"""What was handed in is opened in one way: plain files, no links on the way to them, no waiting, no more than asked for."""

import ast
import os
import socket
from pathlib import Path

import pytest

from autograder.errors import SubmissionError
from autograder.reading.find import Submission
from autograder.reading.plain_file import NotPlain, opened, read_plain_file
from autograder.reading.submission import read_submission, submission_digest, time_of
from tests.autograder.small_unit import NAME

HOUSE = Path(__file__).resolve().parents[3] / "autograder"
OPENS = frozenset(
    "open fdopen read_text read_bytes read_notebook_file load mmap fromfile memmap copyfile copytree".split()
)


def test_a_plain_file_is_read_up_to_the_most(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").write_bytes(b"12345")
    assert read_plain_file(tmp_path / "a" / "file", 5) == b"12345"
    assert read_plain_file(tmp_path / "a" / "file", 4) is None
    assert read_plain_file(tmp_path / "a" / "file", 5, below=tmp_path) == b"12345"


def test_no_part_of_the_path_below_the_trusted_folder_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real" / "inside").mkdir(parents=True)
    (tmp_path / "real" / "inside" / "file").write_bytes(b"x")
    (tmp_path / "linked").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "other").symlink_to(tmp_path / "real" / "inside")
    (tmp_path / "real" / "file").symlink_to(tmp_path / "real" / "inside" / "file")
    for path in ("linked/inside/file", "real/other/file", "real/file"):
        with pytest.raises((NotPlain, OSError)):
            read_plain_file(tmp_path / path, 5, below=tmp_path)
    assert read_plain_file(tmp_path / "linked" / "inside" / "file", 5, below=tmp_path / "linked") == b"x"


def test_what_is_no_file_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "zero").symlink_to("/dev/zero")
    monkeypatch.chdir(tmp_path)  # the name of a socket has to be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        for name in ("pipe", "folder", "zero", "socket"):
            with pytest.raises((NotPlain, OSError)), opened(tmp_path / name):
                pass


@pytest.mark.parametrize("name", ["pipe", "zero", "folder"])
def test_a_time_stamp_that_is_no_file_costs_nothing_but_the_time(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "ada" / NAME
    folder.mkdir(parents=True)
    make = {"pipe": os.mkfifo, "zero": lambda path: path.symlink_to("/dev/zero"), "folder": Path.mkdir}
    make[name](folder / "timestamp.txt")
    stamp = time_of(Submission("ada", NAME, folder))
    assert stamp.utc == ""
    assert "could not be read (no plain file)" in "".join(stamp.repairs)


def test_a_student_s_folder_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "ben" / NAME).mkdir(parents=True)
    (tmp_path / "ben" / NAME / f"{NAME}.ipynb").write_text("{}")
    (tmp_path / "ada").symlink_to(tmp_path / "ben")
    (tmp_path / "cy").mkdir()
    (tmp_path / "cy" / NAME).symlink_to(tmp_path / "ben" / NAME)
    for student in ("ada", "cy"):
        for read in (read_submission, submission_digest):
            with pytest.raises(SubmissionError, match="a link, perhaps to somebody else's work"):
                read(Submission(student, NAME, tmp_path / student / NAME))


def test_nothing_else_opens_what_was_handed_in() -> None:
    files = [path for path in (HOUSE / "reading").glob("*.py") if path.name != "plain_file.py"]
    calls = {
        (path.name, name)
        for path in [*files, HOUSE / "grade.py", HOUSE / "check.py"]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        for name in [getattr(node.func, "attr", None) or getattr(node.func, "id", "")]
        if name in OPENS
    }
    assert calls == set()
