"""What students must not see: whether the markers of regions to be cut out are right, and what of a region is left. Pure."""

import ast
import base64
import difflib
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from autograder.model.source import parse, tree_of, without_magics
from autograder.model.units import BY_HAND, Cell, Kind, Unit

SOLUTION, HIDDEN_TESTS, MARK_SCHEME = "SOLUTION", "HIDDEN TESTS", "MARK SCHEME"
MARKERS = {
    f"### {edge} {region}": (edge, region)
    for region in (SOLUTION, HIDDEN_TESTS, MARK_SCHEME)
    for edge in ("BEGIN", "END")
}
ALIKE = 0.8  # difflib's ratio from which a line counts as a misspelt marker
EDGE_ALIKE = 0.7  # and a word as a misspelt "begin" or "end"
MOST_WORDS = 6  # a longer line is no marker
LEFT_OVER = re.compile(r"(BEGIN|END)[ _-]*(SOLUTION|HIDDEN|MARK)|AUTOTEST")
LEAST_CODE = 20  # characters without spaces: anybody may write a shorter statement, such as `return x / n`
LEAST_TEXT = 30  # the same for a line of text
ALLOWED_IN = {SOLUTION: (Kind.ANSWER, Kind.MANUAL), HIDDEN_TESTS: (Kind.TEST,), MARK_SCHEME: (Kind.TEXT, Kind.TASK)}
NAMES = {SOLUTION: "the answer", HIDDEN_TESTS: "the hidden test", MARK_SCHEME: "the mark scheme"}


@dataclass(frozen=True)
class Secret:
    """A statement or a line that only the instructor may see; `bare` holds its spellings, as `bare()` returns them."""

    cell: str
    region: str
    shown: str
    bare: frozenset[str]


# ---- markers


def marker_faults(unit: Unit) -> list[str]:
    """Return a sentence for each cell with a marker that is misspelt, unpaired, nested or in the wrong kind of cell."""
    faults = ((cell, _marker_fault(cell)) for cell in unit.cells)
    return [f"{unit.path}: the cell {cell.id!r}{fault}" for cell, fault in faults if fault]


def _marker_fault(cell: Cell) -> str:
    """Return what is wrong with the first faulty marker of a cell; those below it may only follow from that."""
    within = ""
    for number, line in enumerate(cell.source.split("\n"), 1):
        marker = _marker(line)
        if marker is None:
            if wanted := _meant_marker(line):
                return f", line {number}, says {line.strip()!r}; write {wanted!r} at the beginning of a line of its own"
            continue
        edge, region = marker
        if cell.kind not in ALLOWED_IN[region]:
            return f", line {number}, has a {region} region, but is {_a(cell.kind)} cell; move it"
        if edge == "BEGIN" and within:
            return f", line {number}, begins a region inside another; end the first one before"
        if edge == "END" and within != region:
            return f", line {number}, ends a region that was not begun; add '### BEGIN {region}'"
        within = region if edge == "BEGIN" else ""
    return f" has '### BEGIN {within}' without its end; add '### END {within}'" if within else ""


def _marker(line: str) -> tuple[str, str] | None:
    """Return the edge and the region of a line that is a marker.

    The marker of a solution may be indented. That of a hidden test may not: a test is cut out in whole statements.
    """
    marker = MARKERS.get(line.strip())
    return None if marker and marker[1] == HIDDEN_TESTS and line != line.strip() else marker


def _meant_marker(line: str) -> str:
    """Return the marker that a line was probably meant to be; empty for ordinary lines."""
    words = re.findall(r"[a-z]+", line.lower())
    by_words = {marker.removeprefix("### ").lower(): marker for marker in MARKERS}
    about_edge = len(words) <= MOST_WORDS and any(map(_is_like_an_edge, words))
    close = difflib.get_close_matches(" ".join(words), by_words, 1, ALIKE) if about_edge else []
    if close:
        return by_words[close[0]]
    remnant = LEFT_OVER.search(line)
    if not remnant:
        return ""
    edge, region = remnant.groups()
    return next((m for m in MARKERS if edge and m.startswith(f"### {edge} {region}")), "### BEGIN SOLUTION")


@functools.cache  # a unit has tens of thousands of words and few different ones
def _is_like_an_edge(word: str) -> bool:
    return bool(difflib.get_close_matches(word, ["begin", "end", "start"], 1, EDGE_ALIKE))


def _a(kind: Kind) -> str:
    return f"{'an' if kind.value[0] in 'aeiou' else 'a'} {kind.value}"


# ---- what is secret


def secrets_of(unit: Unit) -> tuple[Secret, ...]:
    """Return every statement and line of the unit that its release must not show."""
    return tuple(secret for cell in unit.cells for secret in _secrets_of_cell(unit, cell))


def _secrets_of_cell(unit: Unit, cell: Cell) -> Iterator[Secret]:
    regions = _regions(cell)
    if not regions and cell.kind in (Kind.ANSWER, Kind.MANUAL):
        regions = dict.fromkeys(range(1, cell.source.count("\n") + 2), SOLUTION)
    if not regions:
        return
    statements = _simple_statements(cell.source)
    if cell.kind in (Kind.TEXT, *BY_HAND) or statements is None:
        for number, line in enumerate(cell.source.split("\n"), 1):
            if number in regions and len(bare(line)) >= LEAST_TEXT:
                yield Secret(cell.id, regions[number], line.strip(), frozenset([bare(line)]))
        return
    for statement in statements:
        lines = range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
        if all(number in regions for number in lines) and _gives_something_away(statement, unit, regions[lines[0]]):
            text = ast.get_source_segment(cell.source, statement) or ""
            yield Secret(cell.id, regions[lines[0]], text, frozenset([bare(text), bare(ast.unparse(statement))]))


def _regions(cell: Cell) -> dict[int, str]:
    """Return the region of each line that lies within one; lines are counted from 1."""
    regions, within = {}, ""
    for number, line in enumerate(cell.source.split("\n"), 1):
        edge, region = _marker(line) or ("", "")
        if edge:
            within = region if edge == "BEGIN" else ""
        elif within:
            regions[number] = within
    return regions


@functools.lru_cache(maxsize=1024)  # a release reads each cell of its unit several times
def _simple_statements(source: str) -> tuple[ast.stmt, ...] | None:
    """Return the statements that contain no others; None where the source is not Python."""
    tree = tree_of(source)
    if tree is None:
        return None
    return tuple(node for node in ast.walk(tree) if isinstance(node, ast.stmt) and not hasattr(node, "body"))


def _gives_something_away(statement: ast.stmt, unit: Unit, region: str) -> bool:
    """Say whether a statement gives something away; lines that only prepare a hidden test do not."""
    if isinstance(statement, ast.Import | ast.ImportFrom) or len(bare(ast.unparse(statement))) < LEAST_CODE:
        return False
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return False
    names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
    return region != HIDDEN_TESTS or bool(names & unit.answer_names)


def bare(text: str) -> str:
    """Return text without spaces and with one kind of quote, so that neither layout nor quotes hide a copy."""
    return re.sub(r"\s+", "", text).replace('"', "'")


# ---- what is left


def leaks(where: Any, secrets: tuple[Secret, ...], notebook: NotebookNode) -> list[str]:
    """Return a sentence for each secret, marker, output or broken cell of a notebook that is meant for students."""
    return list(dict.fromkeys(_leaks(where, secrets, notebook)))


def _leaks(where: Any, secrets: tuple[Secret, ...], notebook: NotebookNode) -> Iterator[str]:
    for index, cell in enumerate(notebook.cells):
        name = cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id") or index
        place = f"{where}: the release's cell {name!r}"
        if cell.get("outputs") or cell.get("execution_count") is not None:
            yield f"{place} keeps its output; clear the outputs of the source notebook"
        if broken := _broken(cell):
            yield f"{place} {broken}"
        for name in cell.get("attachments", {}):
            if f"attachment:{name}" not in cell.source:
                yield f"{place} keeps the attachment {name!r}, which only the removed text showed; delete it"
        for text in _texts(cell):
            yield from leaks_in_text(place, secrets, text)
    for text in _strings(notebook.metadata):
        yield from leaks_in_text(f"{where}: the notebook's metadata", secrets, text)


def leaks_in_text(place: str, secrets: tuple[Secret, ...], text: str) -> list[str]:
    """Return a sentence for each marker and secret in a text; `place` is how the sentence names the text."""
    sentences = []
    if marker := LEFT_OVER.search(text):
        sentences.append(f"{place} still holds the marker {marker[0]!r}; remove it from the source notebook")
    bare_text = bare(text)
    for secret in secrets:
        if any(spelling in bare_text for spelling in secret.bare):
            sentences.append(
                f"{place} shows {NAMES[secret.region]} of {secret.cell!r} ({_shortened(secret.shown)}); change or remove it there"
            )
    return sentences


def _broken(cell: NotebookNode) -> str:
    """Return what is wrong with the code that is left of a graded or locked cell; empty where it is whole."""
    marks = cell.metadata.get("nbgrader", {})
    if cell.cell_type != "code" or not (marks.get("grade") or marks.get("solution") or marks.get("locked")):
        return ""
    if not cell.source.strip():
        return "is empty for students; begin the source cell with a comment line outside the hidden part"
    locked = not (marks.get("grade") or marks.get("solution"))
    try:
        parse(without_magics(cell.source) if locked else cell.source)
    except SyntaxError as error:
        return f"is no longer Python (line {error.lineno}: {error.msg}); begin and end regions at whole statements"
    return ""


def _texts(cell: NotebookNode) -> Iterator[str]:
    """Yield everything in a cell that a reader could read."""
    yield cell.source
    if cell.cell_type == "code":
        yield from (ast.unparse(statement) for statement in _simple_statements(cell.source) or [])
    yield from _strings(cell.metadata)
    for name, bundle in cell.get("attachments", {}).items():
        yield name
        yield from (_decoded(kind, data) for kind, data in bundle.items())


def _decoded(kind: str, data: Any) -> str:
    if not isinstance(data, str):
        return " ".join(_strings(data))
    if kind.startswith("text/") and not re.fullmatch(r"[A-Za-z0-9+/=\s]*", data):
        return data
    try:
        return base64.b64decode(data).decode("utf-8", errors="ignore")
    except ValueError:
        return data


def _strings(value: Any) -> Iterator[str]:
    """Yield every string of a JSON value, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _strings(key)
            yield from _strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:57]}…"
