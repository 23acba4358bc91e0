"""Everyday habits of students, one per file: what a plain kernel gives for them, the grader has to give too.

`<kind>/<name>.ipy`, in percent format (`.ipy` because magics and shell lines are no Python):

    # What the student does.
    # unit: torch                     (the unit of `unit.UNITS`; "plain" where it is not said)
    # points: 17                      (what it earns, in `tests/submissions/cases`, where no kernel is run)
    # recovered: double_shown …       (tests that the kernel fails and repair has to recover)
    # beyond: double_more …           (tests that fail in a kernel, where they run among the student's names, and have nothing to repair)
    # repair: words                   (a repair that the record must name; every other repair is false)
    # note: words                     (what a note of the record must say)
    # differs: words                  (a difference that has to stay, in words that the record must say)
    # %% answer: double               (the answer's own cell; given twice, the cell was split; with nothing below: deleted)
    # %% left: double                 (the stub is left as it was)
    # %% before: double               (an own cell before that cell; `after` alike; the cell by its grade_id or its id)
    # %% copy above: double           (a copy of the answer's cell, nbgrader's marks and all; `copy below` alike)
    # %% without marks: double        (the answer's cell, but nbgrader's marks are lost)
    # %% in place of: imports         (what stands in a cell of the lesson now)
    # %% in the test cell: double_shown   (written into a test's cell, above the test)
    # %% top                          (an own cell above everything; `end`: below)
    # %% words before: double         (a text cell)
    # %% moved: double to the end     (the cell as it is now, below everything)
    # %% file: helper.py              (a file handed in beside the notebook)

Exercises that a file does not name are answered rightly.
"""

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tests.submissions.habits.unit import UNITS, Lesson

FOLDER = Path(__file__).parent
CELL = re.compile(r"^# %% (.+)$", re.MULTILINE)
FACTS = ("unit", "points", "recovered", "beyond", "repair", "note", "differs")


@dataclass(frozen=True)
class Habit:
    """One habit: the cells that it changes or adds, by heading, and what is known to differ from a kernel."""

    kind: str
    name: str
    what: str
    unit: str
    cells: tuple[tuple[str, str], ...]  # heading, source
    recovered: frozenset[str] = frozenset()
    beyond: frozenset[str] = frozenset()
    repairs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    differs: str = ""
    points: float = 20.0

    @property
    def student(self) -> str:
        """Who hands it in."""
        return f"{self.kind}_{self.name}"

    @property
    def lesson(self) -> Lesson:
        """The unit that it is tried on."""
        return UNITS[self.unit]

    def hand_in(self, release: NotebookNode, folder: Path) -> NotebookNode:
        """Write the notebook and the files beside it into a folder; return the notebook."""
        folder.mkdir(parents=True, exist_ok=True)
        answers = {name: exercise.right for name, exercise in self.lesson.exercises.items()}
        notebook = edited(release, answers, self.cells)
        nbformat.write(notebook, folder / f"{self.lesson.name}.ipynb")
        write_files(self.cells, folder)
        return notebook


def habits(folder: Path = FOLDER) -> list[Habit]:
    """Every habit of the folder."""
    return [read_habit(path) for path in sorted(folder.glob("*/*.ipy"))]


def read_habit(path: Path) -> Habit:
    """Read one file; raises ValueError for a line of its head that says nothing known."""
    head, *parts = CELL.split(path.read_text())
    what, *lines = [line.removeprefix("# ").strip() for line in head.strip().splitlines()]
    facts: dict[str, list[str]] = {fact: [] for fact in FACTS}
    for line in lines:
        fact, _, words = line.partition(": ")
        if fact not in facts:
            raise ValueError(f"{path}: what does {line!r} mean?")
        facts[fact].append(words)
    return Habit(
        kind=path.parent.name,
        name=path.stem,
        what=what,
        unit=(facts["unit"] or ["plain"])[0],
        cells=tuple((heading, source.strip("\n")) for heading, source in zip(parts[::2], parts[1::2], strict=True)),
        recovered=frozenset(" ".join(facts["recovered"]).split()),
        beyond=frozenset(" ".join(facts["beyond"]).split()),
        repairs=tuple(facts["repair"]),
        notes=tuple(facts["note"]),
        differs="; ".join(facts["differs"]),
        points=float((facts["points"] or [20])[0]),
    )


def edited(release: NotebookNode, answers: dict[str, str], cells: tuple[tuple[str, str], ...]) -> NotebookNode:
    """Return the release with these answers and then what the headings say done to it."""
    notebook = copy.deepcopy(release)
    for cell in notebook.cells:
        cell.source = answers.get(grade_id(cell), cell.source)
    editor = _Editor(notebook, release)
    for heading, source in cells:
        what, _, where = heading.partition(": ")
        editor.verbs[what](where, source)
    return notebook


def write_files(cells: tuple[tuple[str, str], ...], folder: Path) -> None:
    """Write the files that are handed in beside the notebook."""
    for heading, source in cells:
        if heading.startswith("file: "):
            path = folder / heading.removeprefix("file: ")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source + "\n")


def grade_id(cell: NotebookNode) -> str:
    """Return what nbgrader calls a cell; empty for cells without its marks."""
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


class _Editor:
    """Does to a notebook what the headings say, one after the other."""

    def __init__(self, notebook: NotebookNode, release: NotebookNode) -> None:
        self.cells: list[NotebookNode] = notebook.cells
        self.stubs = {cell.id: cell.source for cell in release.cells}
        self.added = 0
        self.answered: set[str] = set()
        self.below: dict[str, NotebookNode] = {}  # by the place that was named: the last cell put below it
        self.verbs: dict[str, Callable[[str, str], None]] = {
            "answer": self.answer,
            "left": self.leave,
            "before": lambda where, source: self.cells.insert(self.at(where), self.own(source)),
            "words before": lambda where, source: self.cells.insert(self.at(where), self.text(source)),
            "after": lambda where, source: self.put_below(where, self.own(source)),
            "copy above": lambda where, source: self.cells.insert(self.at(where), self.copied(where, source)),
            "copy below": lambda where, source: self.put_below(where, self.copied(where, source)),
            "without marks": self.strip,
            "in place of": self.replace,
            "in the test cell": self.write_above,
            "top": lambda _where, source: self.cells.insert(0, self.own(source)),
            "end": lambda _where, source: self.cells.append(self.own(source)),
            "moved": self.move,
            "file": lambda _where, _source: None,
        }

    def at(self, name: str) -> int:
        """Return the place of a cell, by its grade_id or its id."""
        return next(place for place, cell in enumerate(self.cells) if name in (grade_id(cell), cell.id))

    def own(self, source: str) -> NotebookNode:
        self.added += 1
        return nbformat.v4.new_code_cell(source, id=f"own-{self.added}")

    def text(self, source: str) -> NotebookNode:
        self.added += 1
        return nbformat.v4.new_markdown_cell(source, id=f"own-{self.added}")

    def copied(self, where: str, source: str) -> NotebookNode:
        made = self.own(source)
        made.metadata = copy.deepcopy(self.cells[self.at(where)].metadata)
        return made

    def put_below(self, where: str, cell: NotebookNode) -> None:
        above = self.below.get(where)
        place = self.at(where) if above is None else next(i for i, c in enumerate(self.cells) if c is above)
        self.cells.insert(place + 1, cell)
        self.below[where] = cell

    def answer(self, where: str, source: str) -> None:
        if where in self.answered:
            self.put_below(where, self.copied(where, source))
        elif source:
            self.replace(where, source)
        else:
            del self.cells[self.at(where)]
        self.answered.add(where)

    def leave(self, where: str, _source: str) -> None:
        cell = self.cells[self.at(where)]
        cell.source = self.stubs[cell.id]

    def strip(self, where: str, source: str) -> None:
        self.cells[self.at(where)] = self.own(source)

    def replace(self, where: str, source: str) -> None:
        self.cells[self.at(where)].source = source

    def write_above(self, where: str, source: str) -> None:
        cell = self.cells[self.at(where)]
        cell.source = f"{source}\n\n{cell.source}"

    def move(self, where: str, _source: str) -> None:
        self.cells.append(self.cells.pop(self.at(where.removesuffix(" to the end"))))
