"""Tell from a notebook's name, or else from its cells, which unit it belongs to."""

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from autograder.errors import CourseError
from autograder.model.units import Kind, list_units, load_unit
from autograder.reading.find import is_spelling_of, letters_of
from autograder.reading.mend import Unreadable, mend

STUB = "raise NotImplementedError"  # in each answer of a release


class Units:
    """The units of a course, as notebooks may be called after them."""

    def __init__(self, course: Path) -> None:
        self.course = course
        self.names = tuple(list_units(course))

    def called(self, name: str) -> str:
        """Return the unit whose name this spells; empty where it is none."""
        return next((unit for unit in self.names if is_spelling_of(unit, name)), "")

    def named_in(self, name: str) -> str:
        """Return the one unit whose name is in a file's name, however it is spelled; empty where that is none or
        several."""
        letters = letters_of(name.rpartition("/")[2])
        named = [unit for unit in self.names if letters_of(unit) in letters]
        named = [
            unit
            for unit in named
            if not any(unit != other and letters_of(unit) in letters_of(other) for other in named)
        ]
        return named[0] if len(named) == 1 else ""

    def holding(self, data: bytes) -> str:
        """Return the one unit with most of the cells in a notebook's file; empty where that is none or several."""
        ids = _ids_in(data)
        shared = {unit: len(ids & self._ids[unit]) for unit in self.names}
        most = max(shared.values(), default=0)
        likely = [unit for unit, count in shared.items() if count == most]
        return likely[0] if most and len(likely) == 1 else ""

    def is_notebook(self, data: bytes) -> bool:
        """Whether a file holds a notebook's cells."""
        return bool(_cells_in(data))

    def is_unanswered(self, unit: str, data: bytes) -> bool:
        """Whether a notebook's file holds every answer to a unit that it holds as students get it."""
        try:
            answers = {cell.id for cell in load_unit(self.course, unit).of_kind(Kind.ANSWER)}
        except CourseError:
            return False
        sources = [_source(cell) for cell in _cells_in(data) if _identity(cell) in answers]
        return bool(sources) and all(STUB in source for source in sources)

    @cached_property
    def _ids(self) -> dict[str, frozenset[str]]:
        return {unit: self._ids_of(unit) for unit in self.names}

    def _ids_of(self, unit: str) -> frozenset[str]:
        try:
            return frozenset(cell.id for cell in load_unit(self.course, unit).cells if cell.code)
        except CourseError:  # `grade` says what is wrong with it
            return frozenset()


def _ids_in(data: bytes) -> set[str]:
    """Return the ids of a notebook's cells; none for a file that is no notebook."""
    return {identity for cell in _cells_in(data) if isinstance(identity := _identity(cell), str)}


def _cells_in(data: bytes) -> list[dict[str, object]]:
    """Return a notebook's cells; none for a file that is no notebook."""
    try:
        notebooks = mend(data).notebooks
    except Unreadable:
        return []
    cells: Iterable[object] = (cell for notebook in notebooks for cell in notebook["cells"])
    return [cell for cell in cells if isinstance(cell, dict)]


def _source(cell: dict[str, object]) -> str:
    source = cell.get("source")
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _identity(cell: dict[str, object]) -> object:
    metadata = cell.get("metadata")
    grader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return (grader.get("grade_id") if isinstance(grader, dict) else "") or cell.get("id")
