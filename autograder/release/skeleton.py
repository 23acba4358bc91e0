"""A source notebook to start from: small, whole, and fit for release, grade and probe as it is."""

import os
import re
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.errors import UnitError
from autograder.model.files import write_whole, writing
from autograder.model.units import SCHEMA

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
KERNEL = {"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}}

TITLE = """\
# {title}

What is this notebook about, in two sentences? Open with something that surprises.

**After this notebook you can**
- say how far apart the numbers of a tensor are
- say what one far number does to that"""

IMPORTS = """\
import torch

from course import check"""

LESSON_TEXT = """\
## 1 · A worked example

**Predict.** Two classes have the same mean of 3. Is the *spread*, the largest number minus the smallest, the same too?"""

LESSON = """\
calm = torch.tensor([2.0, 3.0, 4.0])
wild = torch.tensor([-5.0, 3.0, 11.0])
for name, grades in (("calm", calm), ("wild", wild)):
    print(name, "mean", grades.mean().item(), "range from", grades.min().item(), "to", grades.max().item())"""

EXERCISE = """\
### Exercise 1 · `spread` (4 points)

Write the spread of a tensor of numbers: the largest minus the smallest.

*Tested at grading:* negative numbers, a single number, and tensors with rows and columns."""

ANSWER = '''\
def spread(x: torch.Tensor) -> torch.Tensor:
    """Return the largest number minus the smallest.

    x: a float tensor of any shape, not empty. Returns a float tensor with one number, shape ().
    """
    ### BEGIN SOLUTION
    return x.max() - x.min()
    ### END SOLUTION'''

CHECK = """\
check(spread, torch.tensor([2.0, 7.0, 4.0])).is_close(
    5.0,
    hint="The largest number is 7 and the smallest 2.",
    mistakes={"That is the largest number alone: take the smallest off.": 7.0, "The other way round.": -5.0},
).passed("largest minus smallest")"""

HIDDEN_NUMBERS = """\
# Hidden test, 2 points: negative numbers, and a single one.
### BEGIN HIDDEN TESTS
hint = "The smallest number may be below 0: take it off all the same. A single number has a spread of 0."
check(spread, torch.tensor([-3.0, -8.0, 1.5])).is_close(9.5, hint=hint)
check(spread, torch.tensor([4.0])).is_close(0.0, hint=hint)
### END HIDDEN TESTS"""

HIDDEN_SHAPE = """\
# Hidden test, 1 point: rows and columns.
### BEGIN HIDDEN TESTS
check(spread, torch.tensor([[1.0, 6.0], [-2.0, 3.0]])).is_close(
    8.0, hint="The spread is one number, over all rows and columns together."
)
### END HIDDEN TESTS"""

REFLECTION = """\
## 2 · Reflection (2 points)

One grade of 100 was typed as 1000. What happens to the spread, and what would you report instead? Two or three sentences."""

ANSWER_IN_WORDS = """\
### BEGIN SOLUTION
The spread follows that single number, since it looks at nothing but the two ends. The distance between the quartiles hardly moves.
### END SOLUTION"""


def write_skeleton(course: Path, name: str) -> Path:
    """Write `source/<name>/<name>.ipynb`; raise UnitError for a name that will not do or that is taken."""
    if not NAME.fullmatch(name):
        raise UnitError(f"{name!r} cannot be a unit's name; use letters, digits, _ and -, as in 11_convolution")
    folder = course / "source" / name
    path = folder / f"{name}.ipynb"
    with writing(path):
        if os.path.lexists(folder):
            raise UnitError(f"{folder}: is there already; choose another name, or edit what is there")
        folder.mkdir(parents=True)
        try:
            write_whole(path, nbformat.writes(skeleton(name)).rstrip("\n") + "\n")
        except OSError:
            folder.rmdir()  # else the next run would take it for a unit
            raise
        path.chmod(0o644)
    return path


def skeleton(name: str) -> NotebookNode:
    """Return the notebook that a new unit starts from."""
    title = " ".join(name.replace("-", "_").split("_")).strip().capitalize()
    cells = [
        _text("title", TITLE.format(title=title)),
        _code("imports", IMPORTS, _marks("imports")),
        _text("lesson-text", LESSON_TEXT),
        _code("lesson", LESSON),
        _text("exercise-1", EXERCISE),
        _code("spread", ANSWER, _marks("spread", solution=True)),
        _code("spread-check", CHECK, _marks("spread_check", points=1)),
        _code("spread-numbers", HIDDEN_NUMBERS, _marks("spread_numbers", points=2)),
        _code("spread-shape", HIDDEN_SHAPE, _marks("spread_shape", points=1)),
        _text("reflection-text", REFLECTION),
        _text("reflection", ANSWER_IN_WORDS, _marks("reflection", solution=True, points=2)),
    ]
    return nbformat.v4.new_notebook(cells=cells, metadata=KERNEL)


def _text(identity: str, source: str, marks: dict[str, Any] | None = None) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(source, id=identity, metadata=marks or {})


def _code(identity: str, source: str, marks: dict[str, Any] | None = None) -> NotebookNode:
    return nbformat.v4.new_code_cell(source, id=identity, metadata=marks or {})


def _marks(grade_id: str, *, solution: bool = False, points: float | None = None) -> dict[str, Any]:
    """Return what nbgrader's panel writes into a cell: one with points is graded, one that students fill in is not locked."""
    marks = {"grade_id": grade_id, "grade": points is not None, "solution": solution, "task": False}
    marks |= {"locked": not solution, "schema_version": SCHEMA}
    return {"nbgrader": marks if points is None else {**marks, "points": points}}
