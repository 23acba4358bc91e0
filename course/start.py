"""The start page of the students' kit: the units, and which checks pass in the student's own copies of them.

No check writes anything down: the page reads what the saved notebooks show, so it works in every front end and on a disk that nobody
may write to, and it forgets nothing that the notebooks hold.
"""

import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

RELEASE, OWN = "release", "work"  # the kit's notebooks, and the folder of the student's copies
PASSED, FAILED, NOT_RUN = "✓", "✗", "○"
GIVEN_ID = re.compile(r"cell-[0-9a-f]{8,}")  # by nbgrader, where the author of an exercise chose none
DEFINED = re.compile(r"^(?:async def|def|class) +(\w+)|^(\w+) *(?::[^=]+)?=(?!=)", re.MULTILINE)
MINUTES = re.compile(r"\*\*Time\*\*\D{0,20}?(\d+(?: to \d+)?) minutes")
LEGEND = (
    f"{PASSED} passes, {FAILED} fails, {NOT_RUN} has not been run or not been answered, each as the notebook was when you last saved it. "
    "Grading runs more tests. To bring this page up to date, save your notebook and run this cell again."
)
NO_UNITS = (
    "There is no folder release/ here. Open start.ipynb in the kit's own folder to see your progress; on Colab, Kaggle and the like the "
    "notebooks work, but nobody keeps track of them."
)
DAMAGED = "{} cannot be read as a notebook: move it out of that folder, {}, then run this cell again."
MADE_ANEW = "so that a new copy is made in its place"
FROM_THE_KIT = "put the one from the kit as you got it in its place"
NOT_WRITABLE = "Your own copies could not be made ({}), so these links open the kit's notebooks: save them elsewhere."


@dataclass(frozen=True)
class VisibleCheck:
    """A check that students can run; `source` is its cell, for front ends that lose its id."""

    id: str
    exercise: str
    source: str


@dataclass(frozen=True)
class Outline:
    """What the start page says about a unit before anything is done. `minutes` is empty where the unit does not say it."""

    name: str
    title: str
    minutes: str
    points: float
    checks: tuple[VisibleCheck, ...]


@dataclass(frozen=True)
class Row:
    """A unit, the notebook to open, and the mark of each check."""

    unit: Outline
    link: str
    marks: Mapping[str, str]

    @property
    def passed(self) -> int:
        """How many checks pass."""
        return list(self.marks.values()).count(PASSED)

    def by_exercise(self) -> dict[str, str]:
        """Return the marks of each exercise's checks, in order."""
        marks: dict[str, str] = {}
        for check in self.unit.checks:
            marks[check.exercise] = marks.get(check.exercise, "") + self.marks[check.id]
        return marks


@dataclass(frozen=True)
class StartPage:
    """The units and what is done of them; a notebook shows it as a table with links."""

    rows: tuple[Row, ...]
    note: str = ""

    def _repr_markdown_(self) -> str:
        if not self.rows:
            return self.note
        lines = ["| unit | minutes | points | checks passed | exercises |", "|:--|--:|--:|:--|:--|"]
        for row in self.rows:
            exercises = " · ".join(f"`{name}` {marks}" for name, marks in row.by_exercise().items())
            title = row.unit.title.replace("|", "\\|")
            lines.append(
                f"| [{title}]({quote(row.link)}) | {row.unit.minutes} | {row.unit.points:g} | "
                f"{row.passed} of {len(row.marks)} | {exercises} |"
            )
        return "\n".join([*lines, "", LEGEND, *(["", self.note] if self.note else [])])

    def __repr__(self) -> str:
        lines = [f"{row.unit.name}: {row.passed} of {len(row.marks)} checks pass ({row.link})" for row in self.rows]
        return "\n".join([*lines, self.note]) if self.note else "\n".join(lines)


def start_page(kit: str | Path = ".") -> StartPage:
    """Return the start page of the kit in this folder; make the student's copies of the notebooks that are not there yet."""
    kit = Path(kit)
    units = outlines(kit / RELEASE)
    if not units:
        return StartPage((), NO_UNITS)
    notes = []
    try:
        for unit in units:
            make_own_copy(kit, unit.name)
    except OSError as error:
        notes.append(NOT_WRITABLE.format(error.strerror))
    for unit in units:
        for folder, remedy in ((OWN, MADE_ANEW), (RELEASE, FROM_THE_KIT)):
            path = f"{folder}/{unit.name}/{unit.name}.ipynb"
            if os.path.exists(kit / path) and _read(kit / path) is None:
                notes.append(DAMAGED.format(path, remedy))
    return StartPage(tuple(_row(kit, unit) for unit in units), "\n\n".join(notes))


def outlines(release: Path) -> list[Outline]:
    """Return what there is in a folder of released units, in order."""
    return [
        outline(path.stem, _cells(path)) for path in sorted(release.glob("*/*.ipynb")) if path.stem == path.parent.name
    ]


def outline(name: str, cells: Iterable[Mapping[str, Any]]) -> Outline:
    """Return what the cells of a released notebook say about the unit."""
    cells = list(cells)
    text = "\n".join(_source(cell) for cell in cells if cell["cell_type"] == "markdown")
    heading = next((line for line in text.splitlines() if line.startswith("# ")), f"# {name}")
    minutes = MINUTES.search(text)
    points = sum(float(_marks(cell).get("points", 0) or 0) for cell in cells)
    return Outline(name, heading.removeprefix("# "), minutes[1] if minutes else "", points, tuple(_checks(cells)))


def make_own_copy(kit: Path, unit: str) -> None:
    """Copy a unit's files into the student's folder, but none that is there already."""
    for file in sorted((kit / RELEASE / unit).rglob("*")):
        own = kit / OWN / file.relative_to(kit / RELEASE)
        if file.is_file() and ".ipynb_checkpoints" not in file.parts and not own.exists():
            own.parent.mkdir(parents=True, exist_ok=True)
            part = own.with_name(f".{own.name}.part")  # so that nobody opens half of it
            try:
                shutil.copyfile(file, part)
                part.replace(own)
            except OSError:
                part.unlink(missing_ok=True)
                raise


def _row(kit: Path, unit: Outline) -> Row:
    own = f"{OWN}/{unit.name}/{unit.name}.ipynb"
    marks = {check.id: NOT_RUN for check in unit.checks}
    if not os.path.exists(kit / own):  # or nobody may look
        return Row(unit, own.replace(OWN, RELEASE, 1), marks)
    return Row(unit, own, marks | _saved_marks(unit, _cells(kit / own)))


def _saved_marks(unit: Outline, cells: list[dict[str, Any]]) -> dict[str, str]:
    """Return the mark of each check that a saved notebook still holds."""
    by_id = {_marks(cell).get("grade_id"): cell for cell in cells}
    by_source = {_source(cell).strip(): cell for cell in cells}
    there = {check.id: by_id.get(check.id) or by_source.get(check.source.strip()) for check in unit.checks}
    return {identity: _mark(cell) for identity, cell in there.items() if cell}


def _mark(cell: Mapping[str, Any]) -> str:
    outputs = cell.get("outputs", [])
    errors = [output.get("ename") for output in outputs if output.get("output_type") == "error"]
    if errors:
        return NOT_RUN if errors == ["NotImplementedError"] else FAILED
    return PASSED if outputs or cell.get("execution_count") else NOT_RUN


def _checks(cells: Iterable[Mapping[str, Any]]) -> Iterator[VisibleCheck]:
    exercise = ""
    for cell in cells:
        marks = _marks(cell)
        if cell["cell_type"] != "code":
            continue
        if marks.get("solution"):
            exercise = _called(marks["grade_id"], _source(cell))
        elif marks.get("grade") and any(line and line[0] != "#" for line in _source(cell).splitlines()):
            yield VisibleCheck(marks["grade_id"], exercise, _source(cell))


def _called(grade_id: str, source: str) -> str:
    """Return the id of an exercise if its author chose one; else what its answer defines."""
    if not GIVEN_ID.fullmatch(grade_id):
        return grade_id
    names = [function or variable for function, variable in DEFINED.findall(source)]
    return ", ".join(dict.fromkeys(names)) or grade_id


def _cells(path: Path) -> list[dict[str, Any]]:
    """Return the cells of a notebook; none if the file is damaged, which the page says."""
    return _read(path) or []


def _read(path: Path) -> list[dict[str, Any]] | None:
    """Return the cells of a notebook; None for what is no notebook, or has cells that are none."""
    try:
        cells = list(json.loads(path.read_text(encoding="utf-8"))["cells"])
        _saved_marks(outline(path.stem, cells), cells)  # what the page does with them
        list(map(_mark, cells))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return cells


def _marks(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    marks: Mapping[str, Any] = cell.get("metadata", {}).get("nbgrader", {})
    return marks


def _source(cell: Mapping[str, Any]) -> str:
    return "".join(cell.get("source", ""))
