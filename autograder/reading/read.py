"""Read one notebook as data, whatever its state: its code and markdown cells in order, and what had to be repaired. Runs nothing."""

import contextlib
import hashlib
import io
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.errors import SubmissionError
from autograder.model.source import words_in
from autograder.model.text import encodable
from autograder.model.units import INSTALL_ID, KIT_MARKS
from autograder.reading.mend import MERGED, Notebook, Unreadable, mend, two_sides
from autograder.reading.plain_file import NotPlain, opened, size_of

MAX_BYTES = 150_000_000
MAX_CELLS = 2_000
MAX_SOURCE = 1_000_000  # characters of one cell
MAX_CODE = 1_000_000  # characters of all code cells together
MAX_WORDS = (
    200_000  # words and signs of all code cells that are looked into: the time that reading takes grows with them
)
PICTURE = re.compile(r"data:[^\s)\"'>]{1000,}")
PICTURE_KINDS = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
MAX_PICTURES = 10_000_000  # characters of base64 in one cell
BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
# A cell that is nothing but a block of code as Markdown has it: pasted from a chat, or an answer whose cell became text.
FENCED = re.compile(r"\s*```[ \t]*(?:python3?|py|ipython3?)?[ \t]*\n((?:(?!```).*\n)*)```\s*", re.IGNORECASE)
UNFENCED = "marks of Markdown round the code of a cell were left out"
AGAIN = "open it in JupyterLab, save it, and hand in again"

# The interpreter parses one file at a time anyway, so this lock costs no time, and it keeps two large files out of memory.
_one_file = threading.Lock()


@dataclass(frozen=True)
class HandedCell:
    """One cell as handed in. Its grade_id and id are the student's claims and prove nothing."""

    source: str
    code: bool
    grade_id: str = ""
    id: str = ""
    added_to: str = ""  # the id of the test whose cell the student wrote this into
    pictures: dict[str, dict[str, str]] = field(default_factory=dict, compare=False)  # nbformat's attachments, by name

    @property
    def is_the_kits(self) -> bool:
        """Whether the students' kit put it there: it only installs the course, or looks for it."""
        return self.id == INSTALL_ID or self.source.startswith(KIT_MARKS)


@dataclass(frozen=True)
class Handed:
    """A submission's notebook as it was read: code and markdown cells only, in order. `digest` is a SHA-256 of the file, and of the
    files beside it if there are any."""

    cells: tuple[HandedCell, ...]
    digest: str
    submitted_at: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)  # what lay beside the notebook, by name
    repairs: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()  # grade_ids in the parts of the file that could not be read


def read_notebook(path: Path, below: Path | None = None) -> Handed:
    """Read one notebook as data; raises SubmissionError saying what is wrong and what to do.

    `below`: the folder below which no part of the path may be a link, by default its own.
    """
    with _one_file:
        with _opened(path, below) as file:
            data = file.read(MAX_BYTES)
        try:
            mended = mend(data)
        except Unreadable as error:
            raise SubmissionError(f"{path}: {error}; {AGAIN}") from error
        repairs = list(mended.repairs)
        cells = _merged([list(_cells(path, notebook, repairs)) for notebook in mended.notebooks])
    _check_size(path, cells)
    different_repairs = tuple(dict.fromkeys(repairs))
    digest = hashlib.sha256(data).hexdigest()
    return Handed(tuple(cells), digest, repairs=different_repairs, damaged=mended.damaged)


def file_digest(path: Path, below: Path | None = None) -> str:
    """Return the `Handed.digest` of a file without parsing it; raises SubmissionError where it cannot be opened."""
    with _opened(path, below) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def _opened(path: Path, below: Path | None) -> Iterator[io.BufferedReader]:
    """Open a plain file of bounded size."""
    try:
        with opened(path, below) as file:
            size = size_of(file)
            if size > MAX_BYTES:
                raise SubmissionError(
                    f"{path}: {size:,} bytes, over {MAX_BYTES:,}; clear the outputs and hand in again"
                )
            yield file
    except NotPlain as error:
        raise SubmissionError(f"{error}; hand in the notebook itself, a plain file and not a link") from error
    except OSError as error:
        raise SubmissionError(
            f"{path}: cannot be opened ({error.strerror}); hand in a plain file that can be read"
        ) from error


def _check_size(path: Path, cells: list[HandedCell]) -> None:
    """Raise SubmissionError for more cells, or more code in them, than a notebook of this course can have."""
    code = [cell.source for cell in cells if cell.code]
    not_yours, no_code = "delete what is not yours", "delete what is not code and hand in again"
    for size, most, what, remedy in (
        (len(cells), MAX_CELLS, "cells", not_yours),
        (sum(map(len, code)), MAX_CODE, "characters of code", no_code),
        (sum(map(words_in, code)), MAX_WORDS, "words and signs of code", no_code),
    ):
        if size > most:
            raise SubmissionError(f"{path}: {size:,} {what}, over {most:,}; {remedy}")


def _cells(path: Path, notebook: Notebook, repairs: list[str]) -> Iterator[HandedCell]:
    """Yield the cells of a notebook; add to `repairs` what had to be repaired in them."""
    if len(notebook["cells"]) > MAX_CELLS:
        raise SubmissionError(f"{path}: {len(notebook['cells']):,} cells, over {MAX_CELLS:,}; delete what is not yours")
    for number, node in enumerate(notebook["cells"], 1):
        if not isinstance(node, dict):
            repairs.append(f"cell {number} of the file is not a cell and was left out")
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
            source = side.rstrip("\n") if sides else side
            if "```" in source and _is_for_code(code, grader) and (fenced := FENCED.fullmatch(source)):
                source = fenced[1].rstrip("\n")
                repairs.append(UNFENCED)
            yield HandedCell(source, code, _text(grade_id), _text(identity), pictures=_pictures(node))


def _is_for_code(code: bool, grader: Any) -> bool:
    """Whether a cell is for code: it is one of code, or nbgrader's marks say that it was handed out as one for an answer.

    What a person grades stays as it was written, and so does a text of the student's.
    """
    marks = grader if isinstance(grader, dict) else {}
    return (code or bool(marks.get("solution"))) and not marks.get("grade")


def _source(node: dict[str, Any], number: int, code: bool, repairs: list[str]) -> str:
    """Return the text of a cell with uniform line ends, of bounded length, and fit to be written to a file."""
    source = node.get("source", node.get("input", ""))  # "input" in format 3
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        repairs.append(f"cell {number} of the file holds no text and was read as empty")
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


def _pictures(node: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return the pictures that were pasted into a cell, each by its MIME type in base64; whatever else is attached is left out."""
    attachments = node.get("attachments")
    if node.get("cell_type") == "code" or not isinstance(attachments, dict):
        return {}
    pictures: dict[str, dict[str, str]] = {}
    room = MAX_PICTURES
    for name, types in attachments.items():
        for kind, data in types.items() if isinstance(types, dict) else ():
            if isinstance(data, list):
                data = "".join(line for line in data if isinstance(line, str))
            if not isinstance(data, str) or kind not in PICTURE_KINDS or len(data) > room:
                continue
            data = "".join(data.split())
            if BASE64.fullmatch(data):
                pictures[encodable(name)] = {kind: data}
                room -= len(data)
                break
    return pictures


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _merged(versions: list[list[HandedCell]]) -> list[HandedCell]:
    """Return the cells of several versions of a notebook; where they differ, the cells of the later version come later."""
    cells = versions[0]
    for later in versions[1:]:
        cells = list(_merged_pair(cells, later))
    return cells


def _merged_pair(earlier: Iterable[HandedCell], later: list[HandedCell]) -> Iterator[HandedCell]:
    places: dict[HandedCell, list[int]] = {}
    for place, cell in enumerate(later):
        places.setdefault(cell, []).append(place)
    start = 0  # of what was not yet yielded of `later`
    for cell in earlier:
        next_places = [place for place in places.get(cell, []) if place >= start]
        if next_places:
            yield from later[start : next_places[0] + 1]
            start = next_places[0] + 1
        elif cell not in places:
            yield cell
    yield from later[start:]
