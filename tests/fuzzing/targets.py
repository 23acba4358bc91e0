"""What is fuzzed: each target takes any bytes, and fails by any exception but those that are meant for a person."""

import contextlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from atheris import FuzzedDataProvider

from autograder.errors import CourseError
from autograder.reading.find import find_submissions
from autograder.reading.submission import read_submission, submission_digest
from autograder.rpc.connection import Missing
from autograder.rpc.faults import WireError
from tests.autograder.reading.test_fuzz import read_any
from tests.autograder.rpc.test_hostile_replies import asked, connected
from tests.autograder.small_unit import NAME

NAMES = (
    NAME,
    f"{NAME}.ipynb",
    NAME.upper(),
    "ada",
    "timestamp.txt",
    "copy.ipynb",
    ".hidden",
    "99_other",
    "helper.py",
    "a" * 250,
    "é\udcff",
)
MAKERS: tuple[Callable[[Path, bytes], Any], ...] = (
    lambda path, data: _write(path, data),
    lambda path, data: _write(
        path, json.dumps({"cells": [{"cell_type": "code", "source": data.decode("latin-1")}]}).encode()
    ),
    lambda path, _data: path.symlink_to("/dev/zero"),
    lambda path, _data: path.symlink_to(path.parent),
    lambda path, _data: os.mkfifo(path),
)


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:  # never into a FIFO or through a link that is there
        file.write(data)


def notebook(data: bytes) -> None:
    """Read and match bytes that were handed in as a notebook."""
    read_any(data)


def tree(data: bytes) -> None:
    """Find and read submissions in a tree of folders and files."""
    given = FuzzedDataProvider(data)
    with TemporaryDirectory() as folder:
        submitted = Path(folder)
        places = [submitted]
        while given.remaining_bytes() and len(places) < 30:
            path = given.PickValueInList(places) / given.PickValueInList(list(NAMES))
            with contextlib.suppress(OSError):  # there is one already, or its parent is none
                if given.ConsumeBool():
                    path.mkdir()
                    places.append(path)
                else:
                    given.PickValueInList(list(MAKERS))(path, given.ConsumeBytes(40))
        with contextlib.suppress(CourseError):
            for submission in find_submissions(submitted, NAME, [NAME, "99_other"]):
                with contextlib.suppress(CourseError):
                    submission_digest(submission)
                with contextlib.suppress(CourseError):
                    read_submission(submission)


def frames(data: bytes) -> None:
    """Let the judge ask a student's process that answers with these bytes."""
    with connected(data[1:]) as connection:
        requests = asked(connection)
        try:
            requests[data[0] % len(requests) if data else 0]()
        except (WireError, Missing):
            pass
        except Exception as error:
            # What PyTorch says where an answer has no gradient, and what the student's own code raised.
            if not hasattr(error, "original") and not isinstance(error, AttributeError | RuntimeError | TypeError):
                raise


TARGETS: dict[str, Callable[[bytes], None]] = {"notebook": notebook, "tree": tree, "frames": frames}
