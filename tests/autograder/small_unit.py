"""A unit of two exercises, small enough to read: what tests grade when the course's own units would be too much."""

from pathlib import Path

import nbformat
from nbformat import NotebookNode

NAME = "90_small"

STUB = {
    "double": '''def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION''',
    "total": '''def total(xs):
    """The sum of a list of numbers."""
    ### BEGIN SOLUTION
    return sum(xs)
    ### END SOLUTION''',
}
TESTS = {
    "double_two": ("double", 4, "assert double(2) == 4, 'twice two is four'"),
    "double_negative": (
        "double",
        6,
        hidden := "# Hidden test.\n### BEGIN HIDDEN TESTS\nassert double(-3) == -6\n### END HIDDEN TESTS",
    ),
    "total_three": ("total", 4, "assert total([1, 2, 3]) == 6, f'total([1, 2, 3]) gave {total([1, 2, 3])}'"),
    "total_empty": ("total", 6, hidden.replace("double(-3) == -6", "total([]) == 0")),
}


def metadata(grade_id: str, *, grade: bool, solution: bool, points: float = 0, locked: bool = True) -> dict:
    told = {"schema_version": 3, "grade_id": grade_id, "grade": grade, "solution": solution, "task": False}
    told["locked"] = locked
    if grade:
        told["points"] = points
    return {"nbgrader": told}


def notebook() -> NotebookNode:
    v4 = nbformat.v4
    cells = [
        v4.new_markdown_cell("# A small unit", id="title"),
        v4.new_code_cell("import math", id="imports", metadata=metadata("imports", grade=False, solution=False)),
        v4.new_code_cell("lesson = math.sqrt(4)", id="lesson"),
        v4.new_code_cell("raise SystemError('demos are never run')", id="show", metadata={"tags": ["demo"]}),
    ]
    for answer, source in STUB.items():
        marks = metadata(answer, grade=False, solution=True, locked=False)
        cells.append(v4.new_code_cell(source, id=answer, metadata=marks))
        for test, (exercise, points, code) in TESTS.items():
            if exercise == answer:
                marks = metadata(test, grade=True, solution=False, points=points)
                cells.append(v4.new_code_cell(code, id=test.replace("_", "-"), metadata=marks))
    marks = metadata("think", grade=True, solution=True, points=0, locked=False)
    cells.append(v4.new_markdown_cell("Your thoughts here.", id="think", metadata=marks))
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return v4.new_notebook(cells=cells, metadata=kernel)


def write_unit(course: Path, changed: NotebookNode | None = None, name: str = NAME) -> Path:
    """Write the unit's source notebook into a course folder."""
    path = course / "source" / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(changed or notebook(), path)
    return path


def hand_in(course: Path, student: str, released: NotebookNode, answers: dict[str, str], name: str = NAME) -> Path:
    """Write a submission: the release with some answers filled in."""
    done = nbformat.from_dict(released)
    for cell in done.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in answers:
            cell.source = answers[grade_id]
    path = course / "submitted" / student / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(done, path)
    return path


RIGHT = {"double": "def double(x):\n    return x + x", "total": "def total(xs):\n    return sum(xs)"}
