"""Make notebooks of the bytes of a file, whole or damaged. Runs nothing, and goes over a file only a few times.

Each step is for one kind of damage: the encoding, the marks of a merge, text around the notebook, trailing commas, and last a
file that breaks off or has a hole in it.
"""

import io
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from autograder.model.text import first_line

FEW_BYTES = 5  # a file of UTF-8 may have so many bad bytes
MAX_GAPS = 10  # places where a file may be damaged; for each, the rest of the file is searched again
MAX_TIDIED = 20_000_000  # characters: stray commas and marks of a merge are not looked for in a longer file
MAX_PARTS = 5_000_000  # lists, mappings and commas of the JSON; the memory that reading takes grows with them
MAX_READ = 2_500  # cells that are read from a damaged file
MERGED = (
    "the file held the marks of a merge: where its sides differ, both were read, the first one as the later version"
)
STRING = (
    r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)'  # also one that never ends, or the search would start again at each of its quotes
)
PART = re.compile(rf"{STRING}|[\[{{,]", re.DOTALL)
TRAILING_COMMA = re.compile(rf"({STRING})|,(?=\s*+[\]}}])", re.DOTALL)
LEFT_OVER = re.compile(r"^(?:<<<<<<<|\|\|\|\|\|\|\||=======|>>>>>>>)(?: .*)?$\r?\n?", re.MULTILINE)
UNWRAPPED = "the notebook was wrapped in other data, as a program sends it: it was taken out"
TIDIED = "surplus commas or lines of a merge in the file were left out"
CELLS = re.compile(r'"cells"\s*+:\s*+\[\s*+\Z')
CELL = re.compile(
    r'\{\s*+"(?:attachments|cell_type|collapsed|execution_count|id|input|level|metadata|outputs|source)"\s*+:'
)
GRADE_ID = re.compile(r'"grade_id"\s*:\s*"([a-z0-9_]{1,200})"')
Notebook = dict[str, Any]


class Unreadable(ValueError):
    """A file from which no notebook can be made; the message says in half a sentence what the file is instead."""


@dataclass(frozen=True)
class Mended:
    """The notebooks that a file holds: one, or several where a merge or two saves left them; the last one counts."""

    notebooks: tuple[Notebook, ...]
    repairs: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()  # the grade_ids in the parts that could not be read


def mend(data: bytes) -> Mended:
    """Return the notebooks that the bytes of a file hold; raises Unreadable."""
    text, recoded = _decode(data)
    if _parts(text) > MAX_PARTS:
        raise Unreadable(f"over {MAX_PARTS:,} lists and numbers, more than a notebook has: clear the outputs")
    try:
        value, taken_out = _unwrapped(json.loads(text))
        return Mended((_notebook(value),), (*recoded, *taken_out))
    except (ValueError, RecursionError) as error:
        if isinstance(error, Unreadable):
            raise
        mended = _sides(text) or _whole(text) or _rest(text)
        if mended is None:
            raise Unreadable(_what_it_is(data, text, error)) from error
        return Mended(mended.notebooks, (*recoded, *mended.repairs), mended.damaged)


def two_sides(text: str) -> tuple[str, str] | None:
    """Return the first and the second side of a text with the marks of a merge in it; None where it has no such marks."""
    if "<<<<<<<" not in text:
        return None
    first, second = io.StringIO(newline=""), io.StringIO(newline="")
    place, conflicts = "outside", 0
    for line in io.StringIO(text, newline=""):
        mark = line[:7] if line[7:8] in ("", " ", "\n", "\r") else ""
        if mark == "<<<<<<<" and place == "outside":
            place = "first"
        elif mark == "|||||||" and place == "first":
            place = "base"  # the text that both sides started from
        elif mark == "=======" and place in ("first", "base"):
            place = "second"
        elif mark == ">>>>>>>" and place == "second":
            place, conflicts = "outside", conflicts + 1
        else:
            if place in ("outside", "first"):
                first.write(line)
            if place in ("outside", "second"):
                second.write(line)
    return (first.getvalue(), second.getvalue()) if conflicts else None


# ---- the steps


def _decode(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the text and what was unusual about its encoding. Bytes that are wrong in the encoding become U+FFFD."""
    encoding = json.detect_encoding(data)
    text = data.decode(encoding, errors="replace").rstrip("\0 \t\r\n")
    repairs = []
    if encoding == "utf-8-sig":
        repairs.append("a byte-order mark at the beginning of the file was left out")
        text = text.lstrip("\ufeff")
    elif encoding != "utf-8":
        repairs.append(f"the file was encoded as {encoding.upper()}, not as UTF-8")
    elif "\ufffd" in text and _is_western(text):
        repairs.append("the file was encoded as Windows-1252, not as UTF-8")
        text = data.decode("cp1252", errors="replace").rstrip("\0 \t\r\n")
    return text, tuple(repairs)


def _is_western(text: str) -> bool:
    """Whether a text that was decoded as UTF-8 is Windows-1252: most of its characters beyond ASCII could not be decoded."""
    beyond_ascii, wrong = len(text) - len(text.encode("ascii", errors="ignore")), text.count("\ufffd")
    return wrong > FEW_BYTES and wrong * 2 >= beyond_ascii


def _parts(text: str) -> int:
    """Count the lists, mappings and items of the JSON. Brackets in strings do not count: long printed outputs are full of them."""
    if sum(map(text.count, "[{,")) <= MAX_PARTS:
        return 0
    parts = (match for match in PART.finditer(text) if len(match[0]) == 1)
    return sum(1 for _ in itertools.islice(parts, MAX_PARTS + 1))


def _unwrapped(value: Any) -> tuple[Any, tuple[str, ...]]:
    """Return what a JSON value holds, where it is a notebook wrapped up, as a server sends it or in a list; and say so."""
    inner = value
    if isinstance(inner, list) and len(inner) == 1:
        inner = inner[0]
    if isinstance(inner, dict) and "cells" not in inner and isinstance(inner.get("content"), dict):
        inner = inner["content"]
    return inner, () if inner is value else (UNWRAPPED,)


def _notebook(value: Any) -> Notebook:
    """Return a JSON value as a notebook in the layout of format 4; raises Unreadable where it has no cells."""
    if isinstance(value, dict) and isinstance(value.get("cells"), list):
        return value
    if isinstance(value, dict) and isinstance(value.get("worksheets"), list) and value["worksheets"]:
        sheets = [sheet.get("cells") for sheet in value["worksheets"] if isinstance(sheet, dict)]
        return {**value, "cells": [cell for cells in sheets if isinstance(cells, list) for cell in cells]}
    raise Unreadable("JSON, but not a notebook of format 4 (it has no cells)")


def _whole(text: str) -> Mended | None:
    """Return notebooks that are whole apart from trailing commas and text around them. A second notebook is a later save."""
    notebooks: list[Notebook] = []
    repairs: list[str] = []
    for candidate in (text, _tidied(text)):
        at = 0
        try:
            while len(notebooks) < 3 and (at := candidate.index("{", at)) >= 0:
                value, at = json.JSONDecoder().raw_decode(candidate, at)
                notebooks.append(_notebook(value))
        except (ValueError, RecursionError):  # Unreadable is a ValueError
            pass
        if notebooks:
            break
        repairs = [TIDIED]
    if not notebooks:
        return None
    if not text.startswith("{") or candidate[at:].strip():
        repairs.append("text around the notebook was left out")
    if len(notebooks) > 1:
        repairs.append(f"the file held {len(notebooks)} notebooks, one after the other: the last is the later version")
    return Mended(tuple(notebooks), tuple(repairs))


def _tidied(text: str) -> str:
    """Return the text without commas after a last item and without the lines that a merge solved by hand left over."""
    if len(text) > MAX_TIDIED:
        return text
    return TRAILING_COMMA.sub(lambda match: match[1] or "", LEFT_OVER.sub("", text))


def _sides(text: str) -> Mended | None:
    """Read both sides of a notebook that git left half-way through a merge; the first side counts as the later version."""
    sides = two_sides(text)
    if sides is None:
        return None
    versions = [mended for side in reversed(sides) if (mended := _whole(side) or _rest(side))]
    if not versions:
        return None
    notebooks = tuple(version.notebooks[-1] for version in versions)
    repairs = [repair.replace("the file", "one of its sides", 1) for version in versions for repair in version.repairs]
    damaged = {name for version in versions for name in version.damaged}
    return Mended(notebooks, (MERGED, *dict.fromkeys(repairs)), tuple(damaged))


def _rest(text: str) -> Mended | None:
    """Read the cells that can be read of a file that breaks off or has a hole; None where no code is among them."""
    as_it_is, tidied = _readable_cells(text), _readable_cells(_tidied(text))
    if tidied and (as_it_is is None or len(tidied.notebooks[0]["cells"]) > len(as_it_is.notebooks[0]["cells"])):
        return Mended(tidied.notebooks, (TIDIED, *tidied.repairs), tidied.damaged)
    return as_it_is


@dataclass(frozen=True)
class _Gap:
    """A stretch of a file that could not be read: how many cells were read before it, and where it lies in the text."""

    cells_before: int
    start: int
    end: int


def _readable_cells(text: str) -> Mended | None:
    cells: list[Notebook] = []
    gaps: list[_Gap] = []
    end = 0
    for start, cell, after in _cells_with_places(text):
        if text[end:start].strip(", \t\r\n") if end else not CELLS.search(text[max(0, start - 200) : start]):
            gaps.append(_Gap(len(cells), end, start))
        cells.append(cell)
        end = after
    if not any(cell.get("cell_type") == "code" for cell in cells):
        return None
    if not text[end:].lstrip(", \t\r\n").startswith("]"):
        gaps.append(_Gap(len(cells), end, len(text)))
    damaged = dict.fromkeys(name for gap in gaps for name in GRADE_ID.findall(text, gap.start, gap.end))
    return Mended(({"cells": cells},), (_say_gaps(gaps, len(cells)),), tuple(damaged))


def _say_gaps(gaps: list[_Gap], cells: int) -> str:
    places = list(dict.fromkeys(gap.cells_before for gap in gaps))
    if places == [cells]:
        return f"the file is damaged after its cell {cells}; the cells before were graded"
    where = ", ".join(map(str, places)) or "0"
    return f"the file is damaged after its cells {where}; the {cells} cells that can be read were graded"


def _cells_with_places(text: str) -> Iterator[tuple[int, Notebook, int]]:
    """Yield where each cell that can be read begins in the text, the cell, and where it ends."""
    at, failures, read = 0, 0, 0
    decoder = json.JSONDecoder()
    while failures <= MAX_GAPS and read <= MAX_READ and (match := CELL.search(text, at)):
        try:
            node, end = decoder.raw_decode(text, match.start())
        except (ValueError, RecursionError):
            failures, at = failures + 1, match.start() + 1
            continue
        # nbgrader's metadata of a cell has a "cell_type" too, but no source.
        if "cell_type" in node and ("source" in node or "input" in node):
            read += 1
            yield match.start(), node, end
        at = end


def _what_it_is(data: bytes, text: str, error: Exception) -> str:
    """Say what a file is from which no notebook can be made."""
    if not text:
        return "an empty file"
    if data[:2] == b"PK":
        return "an archive, not a notebook: unpack it"
    if text.lstrip()[:1] == "<":
        return "a web page, not the notebook: download the file itself"
    match error:
        case json.JSONDecodeError():
            why = f"line {error.lineno}"
        case RecursionError():
            why = "it is nested too deeply"
        case _ if "digits" in str(error):  # Python reads no number of thousands of them
            why = "a number has too many digits"
        case _:
            why = first_line(error)
    return f"not a notebook, its JSON breaks off or is damaged ({why})"
