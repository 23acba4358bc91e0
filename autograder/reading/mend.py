"""Make notebooks of the bytes of a file, whole or damaged. Runs nothing, and goes over a file only a few times.

Each step has one kind of damage in mind: the encoding, marks of a merge, text around the notebook, trailing commas, and last a
file that breaks off or has a hole in it.
"""

import io
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

FEW_BYTES = 5  # that may be bad in a file of UTF-8
MAX_GAPS = 10  # places where a file may be damaged; each costs a look at all that follows
MAX_TIDIED = 20_000_000  # characters of a file that commas and marks are looked for in
MAX_PARTS = 5_000_000  # lists, mappings and commas of the JSON: what memory a file takes depends on them
MAX_READ = 2_500  # cells that are read from a damaged file
MERGED = (
    "the file held the marks of a merge: where its sides differ, both were read, the first one as the later version"
)
STRING = r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)'  # also one that never ends, or each of its quotes would be looked at again
PART = re.compile(rf"{STRING}|[\[{{,]", re.DOTALL)
TRAILING_COMMA = re.compile(rf"({STRING})|,(?=\s*+[\]}}])", re.DOTALL)
LEFT_OVER = re.compile(r"^(?:<<<<<<<|\|\|\|\|\|\|\||=======|>>>>>>>)(?: .*)?$\r?\n?", re.MULTILINE)
TIDIED = "commas too many or lines of a merge in the file were left out"
CELLS = re.compile(r'"cells"\s*+:\s*+\[\s*+\Z')
CELL = re.compile(
    r'\{\s*+"(?:attachments|cell_type|collapsed|execution_count|id|input|level|metadata|outputs|source)"\s*+:'
)
GRADE_ID = re.compile(r'"grade_id"\s*:\s*"([a-z0-9_]{1,200})"')
Notebook = dict[str, Any]


class Unreadable(ValueError):
    """A file of which nothing can be made; says what it is instead, in half a sentence."""


@dataclass(frozen=True)
class Mended:
    """What a file holds: one notebook, or the several of a merge or of two saves in one file, the one that counts last."""

    notebooks: tuple[Notebook, ...]
    repairs: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()  # the grade_ids that stand in the parts that could not be read


def mend(data: bytes) -> Mended:
    """The notebooks that the bytes of a file hold; raises Unreadable."""
    text, recoded = _decode(data)
    if _parts(text) > MAX_PARTS:
        raise Unreadable(f"over {MAX_PARTS:,} lists and numbers, more than a notebook has: clear the outputs")
    try:
        return Mended((_notebook(json.loads(text)),), recoded)
    except (ValueError, RecursionError) as error:
        if isinstance(error, Unreadable):
            raise
        found = _sides(text) or _whole(text) or _rest(text)
        if found is None:
            raise Unreadable(_what_it_is(data, text, error)) from error
        return Mended(found.notebooks, (*recoded, *found.repairs), found.damaged)


def two_sides(text: str) -> tuple[str, str] | None:
    """The two sides of a text with the marks of a merge in it, the first one first; None where there are none."""
    if "<<<<<<<" not in text:
        return None
    first, second = io.StringIO(newline=""), io.StringIO(newline="")
    place, conflicts = "outside", 0
    for line in io.StringIO(text, newline=""):
        mark = line[:7] if line[7:8] in ("", " ", "\n", "\r") else ""
        if mark == "<<<<<<<" and place == "outside":
            place = "first"
        elif mark == "|||||||" and place == "first":
            place = "base"  # what both sides began with
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
    """The text, and what was unusual about its encoding. Bytes that are wrong in it become U+FFFD."""
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
    """Whether most of what is not ASCII was wrong in UTF-8: a file of Windows-1252, then, not one with a few bad bytes."""
    foreign, wrong = len(text) - len(text.encode("ascii", errors="ignore")), text.count("\ufffd")
    return wrong > FEW_BYTES and wrong * 2 >= foreign


def _parts(text: str) -> int:
    """How many lists, mappings and items the JSON has; what stands in strings is no part, but printed by the megabyte."""
    if sum(map(text.count, "[{,")) <= MAX_PARTS:
        return 0
    parts = (match for match in PART.finditer(text) if len(match[0]) == 1)
    return sum(1 for _ in itertools.islice(parts, MAX_PARTS + 1))


def _notebook(found: Any) -> Notebook:
    """What was read, if it has cells, in the layout of format 4; raises Unreadable."""
    if isinstance(found, dict) and isinstance(found.get("cells"), list):
        return found
    if isinstance(found, dict) and isinstance(found.get("worksheets"), list) and found["worksheets"]:
        sheets = [sheet.get("cells") for sheet in found["worksheets"] if isinstance(sheet, dict)]
        return {**found, "cells": [cell for cells in sheets if isinstance(cells, list) for cell in cells]}
    raise Unreadable("JSON, but not a notebook of format 4 (it has no cells)")


def _whole(text: str) -> Mended | None:
    """Notebooks that are whole but for trailing commas and for what stands around them: a second one is a later save."""
    notebooks: list[Notebook] = []
    repairs: list[str] = []
    for candidate in (text, _tidied(text)):
        at = 0
        try:
            while len(notebooks) < 3 and (at := candidate.index("{", at)) >= 0:
                found, at = json.JSONDecoder().raw_decode(candidate, at)
                notebooks.append(_notebook(found))
        except (ValueError, RecursionError):  # Unreadable among them
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
    """The text without commas after a last item and without lines that a merge solved by hand left over."""
    if len(text) > MAX_TIDIED:
        return text
    return TRAILING_COMMA.sub(lambda match: match[1] or "", LEFT_OVER.sub("", text))


def _sides(text: str) -> Mended | None:
    """A notebook that git left half-way through a merge: both sides, the first one as the later version."""
    sides = two_sides(text)
    if sides is None:
        return None
    read = [found for side in reversed(sides) if (found := _whole(side) or _rest(side))]
    if not read:
        return None
    notebooks = tuple(one.notebooks[-1] for one in read)
    told = [words.replace("the file", "one of its sides", 1) for one in read for words in one.repairs]
    repairs = dict.fromkeys(told)
    return Mended(notebooks, (MERGED, *repairs), tuple({name for one in read for name in one.damaged}))


def _rest(text: str) -> Mended | None:
    """The cells that can be read of a file that breaks off or has a hole, if there is code among them."""
    as_it_is, tidied = _cells_of(text), _cells_of(_tidied(text))
    if tidied and (as_it_is is None or len(tidied.notebooks[0]["cells"]) > len(as_it_is.notebooks[0]["cells"])):
        return Mended(tidied.notebooks, (TIDIED, *tidied.repairs), tidied.damaged)
    return as_it_is


def _cells_of(text: str) -> Mended | None:
    cells: list[Notebook] = []
    places: dict[int, int] = {}  # how many cells were read before a gap -> where in the text the gap begins
    gaps: list[tuple[int, int]] = []
    end = 0
    for start, cell, after in _readable(text):
        if text[end:start].strip(", \t\r\n") if end else not CELLS.search(text[max(0, start - 200) : start]):
            gaps.append((end, start))
            places.setdefault(len(cells), end)
        cells.append(cell)
        end = after
    if not any(cell.get("cell_type") == "code" for cell in cells):
        return None
    if not text[end:].lstrip(", \t\r\n").startswith("]"):
        gaps.append((end, len(text)))
        places.setdefault(len(cells), end)
    where = ", ".join(str(count) for count in places)
    if list(places) == [len(cells)]:
        told = f"the file is damaged after its cell {where}; the cells before were graded"
    else:
        told = (
            f"the file is damaged after its cells {where or '0'}; the {len(cells)} cells that can be read were graded"
        )
    damaged = dict.fromkeys(name for gap in gaps for name in GRADE_ID.findall(text, *gap))
    return Mended(({"cells": cells},), (told,), tuple(damaged))


def _readable(text: str) -> Iterator[tuple[int, Notebook, int]]:
    """Where each cell that can be read begins, the cell, and where it ends."""
    at, failures, read = 0, 0, 0
    decoder = json.JSONDecoder()
    while failures <= MAX_GAPS and read <= MAX_READ and (match := CELL.search(text, at)):
        try:
            found, end = decoder.raw_decode(text, match.start())
        except (ValueError, RecursionError):
            failures, at = failures + 1, match.start() + 1
            continue
        if "cell_type" in found and ("source" in found or "input" in found):  # nbgrader's marks have the first too
            read += 1
            yield match.start(), found, end
        at = end


def _what_it_is(data: bytes, text: str, error: Exception) -> str:
    """Why nothing could be made of a file."""
    if not text:
        return "an empty file"
    if data[:2] == b"PK":
        return "an archive, not a notebook: unpack it"
    if text.lstrip()[:1] == "<":
        return "a web page, not the notebook: download the file itself"
    where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else type(error).__name__
    return f"not a notebook, its JSON breaks off or is damaged ({where})"
