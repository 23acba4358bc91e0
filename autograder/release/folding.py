"""Make the page the student's: fold each test behind a line that says what it is, in JupyterLab and in Colab."""

import ast
import re
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.model.source import tree_of
from autograder.model.units import Cell, Kind, Unit, without_compared_mark

TITLE_MARK = "# @title "  # Colab shows such a line in place of the cell
# How authors begin a test that is all hidden: "# Hidden test, 1 point: small numbers."
HIDDEN = re.compile(r"# Hidden test\b[^:\n]*(?::(?P<words>.*))?")


class DropComparedMarks(NbGraderPreprocessor):
    """Leave out the lines that tell nbval to compare a cell's output."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.source = without_compared_mark(cell.source)
        return nb, resources


class FoldTests(NbGraderPreprocessor):
    """Fold the tests away. Their authors write nothing for it."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        unit = Unit(resources["nbgrader"]["notebook"], Path(), nb)
        for test, cell in zip(unit.cells, nb.cells, strict=True):
            if test.kind is Kind.TEST:
                cell.source = with_title(test)
                cell.metadata["jupyter"] = {**cell.metadata.get("jupyter", {}), "source_hidden": True}
                cell.metadata["cellView"] = "form"
        return nb, resources


def with_title(test: Cell) -> str:
    """Return a test's text as students get it; its first line is all that they see of it before they unfold it.

    A narrow window cuts the line's end, so it begins with what the test looks at, and its points come last.
    """
    if not test.source.strip():
        return test.source  # it will be refused
    if written := HIDDEN.match(test.source):
        return title("Hidden", written["words"] or "", test.points) + test.source[written.end() :]
    if test.only_comments:
        return f"{title('Hidden', '', test.points)}\n{test.source}"
    return f"{title('Check', what_it_proves(test.source), test.points)}\n{test.source}"


def title(kind: str, words: str, points: float) -> str:
    """Return the line behind which a test is folded; `words` say what it looks at and may be empty."""
    worth = f"{points:g} point{'' if points == 1 else 's'}"
    words = words.strip().removesuffix(".")
    return f"{TITLE_MARK}{kind}: {words} ({worth})" if words else f"{TITLE_MARK}{kind}, {worth}"


def what_it_proves(source: str) -> str:
    """Return what a check says where it passes: the first argument of its `.passed("…")`; empty where it says nothing."""
    tree = tree_of(source)  # None for what will be refused
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args] if tree else []
    for call in calls:
        said = call.args[0]
        if isinstance(call.func, ast.Attribute) and call.func.attr == "passed" and isinstance(said, ast.Constant):
            return " ".join(str(said.value).split())
    return ""
