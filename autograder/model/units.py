"""A unit's source notebook, read once and checked: what each of its cells is for."""

import ast
import hashlib
import json
import os
import re
import warnings
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path, PurePath
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.reader import NotJSONError

from autograder.errors import UnitError
from autograder.model.files import read_words
from autograder.model.source import parse, tree_of
from autograder.model.text import first_line

HIDDEN = re.compile(r"^### BEGIN HIDDEN TESTS$", re.MULTILINE)
# The cells on top of a release that has a kit. They belong to no unit and are no student's work.
BADGE_ID = "colab-badge"
BADGE_MARK = "[![Open in Colab]"
INSTALL_ID = "colab-install"
INSTALL_MARK = "# @title On Colab, Kaggle and Deepnote this installs the course"
LOOK_MARK = "# @title This looks whether the course is installed"  # in a kit that has no address
KIT_MARKS = (INSTALL_MARK, LOOK_MARK)
MOST_POINTS = 1_000_000  # for one cell
COMPARED_MARK = (
    "# NBVAL_CHECK_OUTPUT"  # nbval compares the output of a cell that begins with this line; releases leave it out
)
BLOCKS = (ast.If, ast.Try, ast.TryStar, ast.With, ast.For, ast.While, ast.Match, ast.ExceptHandler, ast.match_case)
GIVEN_ID = re.compile(r"cell-[0-9a-f]{8,}")  # by nbgrader, where the author chose none
ID = re.compile(r"[A-Za-z0-9_-]+")  # as nbgrader's own panel allows
SCHEMA = 3  # the version of nbgrader's marks; nbgrader grades no other
RESTORE = "restore it (as with git restore), or mend it in a text editor and save it as UTF-8"  # JupyterLab opens no such file
PYTHONS = ("python", "python3", "ipython")  # as notebooks name the language of their kernel, in lower case
SET_AGAIN = "set the type of the cell again in nbgrader's panel"
# What each of nbgrader's marks may be, where it is there; None says nothing.
MARKS: dict[str, Callable[[Any], bool]] = {
    "grade_id": lambda value: value is None or type(value) is str,
    **dict.fromkeys(("grade", "solution", "task", "locked"), lambda value: value is None or type(value) is bool),
    "points": lambda value: value is None or (type(value) in (int, float) and 0 <= value <= MOST_POINTS),
    "schema_version": lambda value: type(value) is int,
}


def without_compared_mark(source: str) -> str:
    """Return a cell's text without the line that is for nbval."""
    mark, _, rest = source.partition("\n")
    return rest if mark.rstrip() == COMPARED_MARK else source


class Kind(StrEnum):
    """What a cell is for; its nbgrader metadata and the tag `demo` alone decide that."""

    ANSWER = "answer"  # the student writes here
    TEST = "test"  # a visible or hidden test, worth points
    MANUAL = "manual"  # an answer that a person grades
    TASK = "task"  # a text that asks for something that a person grades; students add cells of their own below it
    SHARED = "shared"  # locked code (imports): runs beside the answers and beside the tests
    PLAIN = "plain"  # code of the lesson that the student may change
    DEMO = "demo"  # shows something; the grader runs it only where the student changed it or uses what it binds
    TEXT = "text"


BY_HAND = (Kind.MANUAL, Kind.TASK)  # the kinds of cells whose points a person gives


@dataclass(frozen=True)
class Cell:
    """One cell of the source notebook. `id` is its grade_id, or its own id where it has no grade_id."""

    id: str
    kind: Kind
    source: str
    points: float = 0.0
    exercise: str = ""  # of an answer or a test: the id of the last answer above the tests
    code: bool = True  # and not text

    @property
    def hidden(self) -> bool:
        """Whether any part of this test is kept from students."""
        return self.kind is Kind.TEST and HIDDEN.search(self.source) is not None

    @property
    def only_comments(self) -> bool:
        """Whether it holds nothing but comments, as hidden tests do in a release."""
        return all(not line.strip() or line.lstrip().startswith("#") for line in self.source.splitlines())


@dataclass(frozen=True)
class Unit:
    """A unit as its author wrote it, with answers and with visible and hidden tests."""

    name: str
    path: Path
    notebook: NotebookNode

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """Every cell, in order."""
        return _with_exercises([_cell(node) for node in self.notebook.cells])

    def of_kind(self, *kinds: Kind) -> list[Cell]:
        """Return the cells of these kinds, in order."""
        return [cell for cell in self.cells if cell.kind in kinds]

    @property
    def tests(self) -> list[Cell]:
        """The test cells, in order."""
        return self.of_kind(Kind.TEST)

    @property
    def exercises(self) -> list[str]:
        """The exercises, in order: the columns of the table of grades. Each is named by the last answer above its tests."""
        return list(dict.fromkeys(cell.exercise for cell in self.of_kind(Kind.ANSWER)))

    def answers_of(self, exercise: str) -> list[Cell]:
        """Return the answers of an exercise, in order: mostly one, and more where several stand above the same tests."""
        return [cell for cell in self.of_kind(Kind.ANSWER) if cell.exercise == exercise]

    def exercise_in_words(self, exercise: str) -> str:
        """Return the id of an exercise if its author chose one; else what its answers define."""
        if not GIVEN_ID.fullmatch(exercise):
            return exercise
        names = [name for answer in self.answers_of(exercise) for name in defined_names(answer.source)]
        return ", ".join(dict.fromkeys(names)) or exercise

    def tests_of(self, exercise: str) -> list[Cell]:
        """Return the tests of an exercise, in order."""
        return [cell for cell in self.tests if cell.exercise == exercise]

    @property
    def max_score(self) -> float:
        """The points that all tests are worth together; those of manually graded cells come on top."""
        return sum(cell.points for cell in self.tests)

    @cached_property
    def answer_names(self) -> frozenset[str]:
        """The names that the reference answers define; in the judge they stand for the student's objects."""
        return frozenset(name for cell in self.of_kind(Kind.ANSWER) for name in defined_names(cell.source))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything in the source notebook that can change a grade."""
        graded = [(c.id, c.kind.value, c.source, c.points) for c in self.cells if c.kind is not Kind.TEXT]
        return hashlib.sha256(json.dumps(graded).encode()).hexdigest()


def list_units(course: Path) -> list[str]:
    """Return the names of the units that `course/source` holds."""
    return sorted(path.parent.name for path in (course / "source").glob("*/*.ipynb") if path.stem == path.parent.name)


def find_unit(course: Path, name: str) -> str:
    """Return the full name of a unit, given that name, its number, or the path of its folder or notebook, as a shell completes it.

    Raises UnitError with a list of those that exist.
    """
    known = list_units(course)
    path = PurePath(name)
    for last in (name, path.name, path.stem):
        if last in known:
            return last
    by_number = [unit for unit in known if _number(unit.split("_")[0]) == _number(name)]
    if len(by_number) == 1:
        return by_number[0]
    raise UnitError(_why_unknown(course / "source", name, known))


def _why_unknown(source: Path, name: str, known: list[str]) -> str:
    """Return in a sentence why a unit is not there, and what to do."""
    folders = (source, *sorted(source.glob("*")))
    if closed := [one for one in folders if one.is_dir() and not os.access(one, os.R_OK | os.X_OK)]:
        return f"{closed[0]}: cannot be looked into; mend its permissions"
    others = (path for path in sorted(source.glob("*/*.ipynb")) if path.parent.name not in known)
    for path in others:
        if not known or path.parent.name == name:
            return f"{path.parent}: holds no {path.parent.name}.ipynb; give its notebook ({path.name}?) that name"
    if not known:
        return f"{source}: no unit here; run this from the course folder, the one that holds source/"
    return f"no unit is called {name!r}; choose one of: {', '.join(known)}"


def _number(text: str) -> str:
    return text.lstrip("0") if text.isdecimal() else text


def load_unit(course: Path, name: str) -> Unit:
    """Read and check `source/<name>/<name>.ipynb`; raise UnitError, a line for each thing that could misgrade a student."""
    unit = read_unit(course, name)
    if refused := faults(unit):
        raise UnitError("\n".join(refused))
    return unit


def read_unit(course: Path, name: str) -> Unit:
    """Read `source/<name>/<name>.ipynb`, whatever it asks for; raise UnitError where it is unknown or no notebook."""
    name = find_unit(course, name)
    path = course / "source" / name / f"{name}.ipynb"
    return Unit(name, path, read_author_notebook(path))


def read_author_notebook(path: Path) -> NotebookNode:
    """Read a source notebook or a release; raise UnitError where it is no notebook, or one whose marks say nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it gives cells with one id other ids
            notebook: NotebookNode = nbformat.reads(read_words(path), as_version=4)
            nbformat.validate(notebook)
        nbformat.writes(notebook).encode()  # JSON can hold half of a character, which no file can
    except OSError as error:
        raise UnitError(
            f"{path}: cannot be read ({error.strerror}); put the notebook there, and mend its permissions"
        ) from error
    except Exception as error:  # a damaged notebook breaks nbformat in many ways
        remedy = (
            RESTORE
            if isinstance(error, UnicodeDecodeError | NotJSONError)
            else "open it in JupyterLab and save it again"
        )
        raise UnitError(f"{path}: not a readable notebook ({first_line(error)}); {remedy}") from error
    for cell in notebook.cells:
        cell.source = cell.source.replace("\r\n", "\n")  # as an editor on Windows ends lines
    if odd := [*_other_language(notebook), *_odd_marks(notebook)]:
        raise UnitError("\n".join(f"{path}: {words}" for words in odd))
    return notebook


def _other_language(notebook: NotebookNode) -> Iterator[str]:
    """Yield a sentence where the notebook says that its cells are not Python."""
    for kind, name in (("kernelspec", "language"), ("language_info", "name")):
        said = notebook.metadata.get(kind)
        language = said.get(name) if isinstance(said, dict) else None
        if isinstance(language, str) and language.lower() not in PYTHONS:
            yield f"written for {language:.50}, and the grader runs Python; choose a Python kernel in JupyterLab and save the notebook"
            return


def _odd_marks(notebook: NotebookNode) -> Iterator[str]:
    """Yield a sentence for each of nbgrader's marks that is of no use, whatever the cell is for."""
    for number, node in enumerate(notebook.cells, 1):
        marks = node.metadata.get("nbgrader", {})
        if not isinstance(marks, dict):
            yield f"cell {number} has something else in place of nbgrader's marks ({marks!r:.50}); {SET_AGAIN}"
            continue
        for name, fits in MARKS.items():
            if name in marks and not fits(marks[name]):
                yield f"cell {number} has {marks[name]!r:.50} for nbgrader's mark {name!r}; {SET_AGAIN}"


def defined_names(source: str) -> list[str]:
    """Return the names that a piece of Python defines outside functions and classes; none if it does not parse.

    Defined are those bound by def, class or assignment, also under `if`, `try`, `with` or a loop; not those that are imported.
    """
    tree = tree_of(source)
    return [] if tree is None else names_defined_by(tree)


def names_defined_by(tree: ast.Module) -> list[str]:
    """Return the same for what has been parsed already."""
    names: list[str] = []
    for node in _statements(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names += [n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)]
    return names


def _statements(block: ast.AST) -> Iterator[ast.stmt]:
    """Yield the statements of a block and of the blocks in it, but not those of functions and classes."""
    waiting = deque([block])
    while waiting:
        for node in ast.iter_child_nodes(waiting.popleft()):
            if isinstance(node, ast.stmt):
                yield node
            if isinstance(node, BLOCKS):
                waiting.append(node)


def _cell(node: NotebookNode) -> Cell:
    meta = node.metadata.get("nbgrader", {})
    identity = meta.get("grade_id") or node.get("id", "")
    points = float(meta.get("points", 0) or 0)
    if meta.get("grade"):
        kind = Kind.MANUAL if meta.get("solution") else Kind.TEST
    elif meta.get("task"):
        kind = Kind.TASK
    elif node.cell_type != "code":
        kind = Kind.TEXT
    elif "demo" in node.metadata.get("tags", []):
        kind = Kind.DEMO
    elif meta.get("solution"):
        kind = Kind.ANSWER
    else:
        kind = Kind.SHARED if meta.get("locked") else Kind.PLAIN
    return Cell(identity, kind, node.source, points, code=node.cell_type == "code")


def _with_exercises(cells: list[Cell]) -> tuple[Cell, ...]:
    """Give each answer and test its exercise. Answers with no test in between share the tests below them."""
    exercise, tested = "", False
    tests: dict[int, str] = {}
    answers: dict[int, str] = {}
    waiting: list[int] = []  # answers that no test stands below yet
    for place, cell in enumerate(cells):
        if cell.kind is Kind.ANSWER:
            waiting = [*waiting, place] if not tested else [place]
            exercise, tested = cell.id, False
            answers |= dict.fromkeys(waiting, exercise)
        elif cell.kind is Kind.TEST:
            tests[place], tested = exercise, True
    exercises = tests | answers
    return tuple(replace(cell, exercise=exercises.get(place, "")) for place, cell in enumerate(cells))


# ---- what could misgrade a student


def faults(unit: Unit) -> list[str]:
    """Return a sentence for each thing in a unit that could misgrade a student: where it is, what is wrong, what to do."""
    return [f"{unit.path}: {words}" for words in _faults(unit)]


def _faults(unit: Unit) -> Iterator[str]:
    yield from _faulty_schema(unit)
    yield from _faulty_ids(unit)
    for test in unit.tests:
        yield from _faulty_test(test)
    for exercise in unit.exercises:
        if not unit.tests_of(exercise):
            yield f"the exercise {exercise!r} has no test after it; add one, or make the cell ordinary or manually graded"
    if not any(cell.points for cell in unit.of_kind(Kind.TEST, *BY_HAND)):
        yield "nothing in it is worth points; give points to a test or to a manually graded cell"


def _faulty_schema(unit: Unit) -> Iterator[str]:
    marks = [node.metadata["nbgrader"] for node in unit.notebook.cells if node.metadata.get("nbgrader")]
    old = [mark for mark in marks if mark.get("schema_version", 1) < SCHEMA]
    if old:
        first = old[0].get("grade_id", "without an id")
        yield (
            f"{len(old)} cells, the first of them {first!r}, have marks of nbgrader's schema version "
            f"{old[0].get('schema_version', 1)}, which no nbgrader grades any more; run: nbgrader update source/{unit.name}"
        )


def _faulty_ids(unit: Unit) -> Iterator[str]:
    marked = unit.of_kind(Kind.ANSWER, Kind.TEST, Kind.SHARED, *BY_HAND)
    counts = Counter(cell.id for cell in marked)
    for name in [name for name, count in counts.items() if count > 1]:
        yield f"the id {name!r} is used by {counts[name]} cells; give each graded or locked cell an id of its own"
    for name in [name for name in counts if not ID.fullmatch(name)]:
        yield f"the id {name!r} is not spelled as an id; use letters, digits, _ and -"
    others = {cell.id for cell in unit.cells if cell not in marked}
    for name in [name for name in counts if name in others]:
        yield f"the id {name!r} is also that of an ordinary cell; give the graded cell another id"


def _faulty_test(test: Cell) -> Iterator[str]:
    if not test.exercise:
        yield f"the test {test.id!r} must stand after its answer, and stands above all answers; move it down"
    if test.points <= 0:
        yield f"the test {test.id!r} is worth {test.points:g} points; a test is worth more than 0"
    try:
        parse(test.source)
    except SyntaxError as error:
        yield f"the test {test.id!r} is not Python (line {error.lineno}: {error.msg}); mend it"
