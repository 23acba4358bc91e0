"""What a unit's own headings call it and its exercises."""

import re
from collections.abc import Iterable, Iterator

from autograder.model.units import BY_HAND, Cell, Kind, Unit

HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$", re.MULTILINE)
POINTS = re.compile(r"\s*\(\d+ points?\)$")
MARKUP = re.compile(r"[*`$]|\[([^\]]*)\]\([^)]*\)")


def title_of(unit: Unit) -> str:
    """Return the unit's first top-level heading, or its name without one."""
    return next((words for level, words in _headings(unit.cells) if level == 1), unit.name)


def heading_above(unit: Unit, cell: Cell) -> str:
    """Return the last heading between a cell and the graded cell before it; empty where the cell has no heading of its own."""
    above = unit.cells[: unit.cells.index(cell)]
    graded = [index for index, other in enumerate(above) if other.kind in (Kind.ANSWER, Kind.TEST, *BY_HAND)]
    near = above[graded[-1] + 1 if graded else 0 :]
    own = [words for level, words in _headings([*near, cell] if cell.kind is Kind.TASK else near) if level > 1]
    return POINTS.sub("", own[-1]) if own else ""


def _headings(cells: Iterable[Cell]) -> Iterator[tuple[int, str]]:
    """Yield the level and the plain words of each heading."""
    for cell in cells:
        if cell.kind in (Kind.TEXT, Kind.TASK):
            yield from ((len(marks), MARKUP.sub(r"\1", words)) for marks, words in HEADING.findall(cell.source))
