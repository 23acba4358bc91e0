"""What students wrote into the cells of tests: taken out of these and made cells of their own. Runs nothing."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from autograder.model.source import tree_of
from autograder.model.units import Unit
from autograder.reading.pieces import Piece, piece_of
from autograder.reading.read import HandedCell

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


def separate_additions(unit: Unit, released: Mapping[str, Piece], cells: Iterable[HandedCell]) -> Iterator[HandedCell]:
    """Yield the cells, and above or below the cell of a test what was added to it.

    `released`: what the release shows in each cell, by id. Of a test that was itself changed, only definitions and imports are
    taken: what else differs is the changed test.
    """
    tests = {test.id for test in unit.tests}
    for cell in cells:
        test = next((name for name in (cell.grade_id, cell.id) if name in tests), None)
        if test is None or not cell.code:
            yield cell
            continue
        above, rest, below = _parted(cell.source, released[test])
        if _is_code(above):
            yield HandedCell(above, code=True, added_to=test)
        yield replace(cell, source=rest)
        if _is_code(below):
            yield HandedCell(below, code=True, added_to=test)


def _parted(source: str, released: Piece) -> tuple[str, str, str]:
    """Return what was added above a test, the test, and what was added below it."""
    text = piece_of(source).bare
    above, found, below = f"\n{text}\n".partition(f"\n{released.bare}\n")
    if released.bare and found and Piece(above).parses and Piece(below).parses:
        return above.strip("\n"), released.source, below.strip("\n")
    known = set(_definitions(released.source))
    return "\n\n\n".join(text for text in _definitions(source) if text not in known), source, ""


def _definitions(source: str) -> Iterator[str]:
    """Yield the text of each definition and import at the top level; nothing where it is not Python."""
    tree = tree_of(source)
    lines = source.split("\n")
    for node in tree.body if tree else ():
        if isinstance(node, DEFINITIONS):
            first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))])
            yield "\n".join(lines[first - 1 : node.end_lineno])


def _is_code(text: str) -> bool:
    """Whether a text holds more than comments."""
    return any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines())
