"""Read one notebook as data, whatever its state: its code and markdown cells in order, and what had to be repaired. Runs nothing."""

import hashlib
import os
import re
import stat
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import SubmissionError
from autograder.model.text import encodable
from autograder.reading.mend import MERGED, Notebook, Unreadable, mend, two_sides

MAX_BYTES = 150_000_000
MAX_CELLS = 2_000
MAX_SOURCE = 1_000_000  # characters of a cell
MAX_CODE = 1_000_000  # characters of all cells of code together: what looking at them costs depends on it
PICTURE = re.compile(r"data:[^\s)\"'>]{1000,}")
WHILE = re.compile(rb"\bwhile\b")
AGAIN = "open it in JupyterLab, save it, and hand in again"
# Windows has neither flag: `check` then looks for a link before it opens the file. `grade` runs on Linux alone.
NO_FOLLOW, NO_WAIT = getattr(os, "O_NOFOLLOW", 0), getattr(os, "O_NONBLOCK", 0)

# Parsing JSON holds the interpreter anyway: one file after the other costs no time, and two of the largest no memory.
_one_file = threading.Lock()


@dataclass(frozen=True)
class HandedCell:
    """One cell as handed in. Its grade_id and id are claims, no more."""

    source: str
    code: bool
    grade_id: str = ""
    id: str = ""


@dataclass(frozen=True)
class Handed:
    """A submission's notebook as it was read: code and markdown cells only, in order."""

    cells: tuple[HandedCell, ...]
    digest: str
    submitted_at: str = ""
    repairs: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()  # grade_ids of cells that stand in a part of the file that could not be read


def read_notebook(path: Path) -> Handed:
    """Read one notebook as data; raises SubmissionError saying what is wrong and what to do."""
    with _one_file:
        data = _read_file(path)
        try:
            found = mend(data)
        except Unreadable as error:
            raise SubmissionError(f"{path}: {error}; {AGAIN}") from error
        repairs = list(found.repairs)
        cells = _one_after_the_other([list(_cells(path, notebook, repairs)) for notebook in found.notebooks])
    if len(cells) > MAX_CELLS:
        raise SubmissionError(f"{path}: {len(cells):,} cells, over {MAX_CELLS:,}; delete what is not yours")
    code = sum(len(cell.source) for cell in cells if cell.code)
    if code > MAX_CODE:
        raise SubmissionError(
            f"{path}: {code:,} characters of code, over {MAX_CODE:,}; delete what is no code and hand in again"
        )
    told = tuple(dict.fromkeys(repairs))
    return Handed(tuple(cells), hashlib.sha256(data).hexdigest(), repairs=told, damaged=found.damaged)


def loops_in(path: Path) -> int:
    """How often a notebook says `while`; 0 for what cannot be read."""
    try:
        return len(WHILE.findall(_read_file(path)))
    except SubmissionError:
        return 0


def _read_file(path: Path) -> bytes:
    """The bytes of a regular file, opened without following a link."""
    if not NO_FOLLOW and path.is_symlink():
        raise SubmissionError(f"{path}: cannot be opened (a link); hand in a plain file, not a link")
    try:
        descriptor = os.open(path, os.O_RDONLY | NO_FOLLOW | NO_WAIT)
    except OSError as error:
        raise SubmissionError(
            f"{path}: cannot be opened ({error.strerror}); hand in a plain file, not a link"
        ) from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise SubmissionError(f"{path}: not a plain file; hand in the notebook itself")
        if status.st_size > MAX_BYTES:
            raise SubmissionError(
                f"{path}: {status.st_size:,} bytes, over {MAX_BYTES:,}; clear the outputs and hand in again"
            )
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(MAX_BYTES)
    finally:
        os.close(descriptor)


def _cells(path: Path, notebook: Notebook, repairs: list[str]) -> Iterator[HandedCell]:
    """The cells of a notebook; what had to be done to one is added to `repairs`."""
    if len(notebook["cells"]) > MAX_CELLS:
        raise SubmissionError(f"{path}: {len(notebook['cells']):,} cells, over {MAX_CELLS:,}; delete what is not yours")
    for number, node in enumerate(notebook["cells"], 1):
        if not isinstance(node, dict):
            repairs.append(f"cell {number} of the file is no cell and was left out")
            continue
        code = node.get("cell_type") == "code"
        source = _source(node, number, code, repairs)
        metadata = node.get("metadata")
        metadata = metadata if isinstance(metadata, dict) else {}
        grader = metadata.get("nbgrader")
        grade_id = grader.get("grade_id") if isinstance(grader, dict) else ""
        identity = node.get("id") or metadata.get("id")  # Colab keeps a cell's id among its metadata
        sides = two_sides(source)
        if sides is not None:
            repairs.append(MERGED)
        for side in reversed(sides) if sides is not None else [source]:
            yield HandedCell(side.rstrip("\n") if sides else side, code, _text(grade_id), _text(identity))


def _source(node: dict[str, Any], number: int, code: bool, repairs: list[str]) -> str:
    """The text of a cell: with line ends of one kind, of bounded length, and fit to be written to a file."""
    source = node.get("source", node.get("input", ""))  # "input" in format 3
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        repairs.append(f"cell {number} of the file holds no text and was taken to be empty")
        return ""
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    if not source.isascii():
        source = encodable(source)
    if len(source) > MAX_SOURCE and not code:
        repairs.append(
            f"the text of cell {number} of the file was over {MAX_SOURCE:,} characters; its pictures were cut"
        )
        source = PICTURE.sub("data:,", source)[:MAX_SOURCE]
    if len(source) > MAX_SOURCE:
        repairs.append(f"cell {number} of the file was over {MAX_SOURCE:,} characters of code and was left out")
        return ""
    return source


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _one_after_the_other(versions: list[list[HandedCell]]) -> list[HandedCell]:
    """The cells of several versions of a notebook; where they differ, those of the later version come later."""
    cells = versions[0]
    for later in versions[1:]:
        cells = list(_joined(cells, later))
    return cells


def _joined(earlier: Iterable[HandedCell], later: list[HandedCell]) -> Iterator[HandedCell]:
    places: dict[HandedCell, list[int]] = {}
    for place, cell in enumerate(later):
        places.setdefault(cell, []).append(place)
    done = 0
    for cell in earlier:
        found = [place for place in places.get(cell, []) if place >= done]
        if found:
            yield from later[done : found[0] + 1]
            done = found[0] + 1
        elif cell not in places:
            yield cell
    yield from later[done:]
