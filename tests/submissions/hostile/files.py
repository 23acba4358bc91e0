"""Attacks by the file itself: what is handed in is no notebook, is somewhere else, or claims what it may not.

Each function writes one submission into `folder` and says what it must earn and which words the record must have as its problem.
"""

import io
import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tests.autograder.small_unit import metadata
from tests.submissions.hostile import grade_id
from tests.submissions.target import NAME, RIGHT

FILE = f"{NAME}.ipynb"


@dataclass(frozen=True)
class Must:
    """The points of the whole submission, and words of the problem on its record; empty for one that is graded."""

    points: float
    problem: str = ""


Attack = Callable[[Path, NotebookNode], Must]


def right(release: NotebookNode) -> NotebookNode:
    """An honest submission."""
    notebook = nbformat.from_dict(release)
    for cell in notebook.cells:
        cell.source = RIGHT.get(grade_id(cell), cell.source)
    return notebook


def write(folder: Path, notebook: dict) -> None:
    """Write a notebook without asking whether it is one."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(json.dumps(notebook))


# ---- the file is not what it seems


def link_to_a_neighbour(folder: Path, release: NotebookNode) -> Must:
    """A link to what somebody else handed in."""
    neighbour = folder.parent.parent / "aa_neighbour" / NAME
    write(neighbour, right(release))
    folder.mkdir(parents=True)
    (folder / FILE).symlink_to(neighbour / FILE)
    return Must(0, "not a link")


def folder_that_is_a_link(folder: Path, release: NotebookNode) -> Must:
    """The folder itself leads to somebody else's."""
    neighbour = folder.parent.parent / "aa_neighbour" / NAME
    write(neighbour, right(release))
    folder.parent.mkdir(parents=True)
    folder.symlink_to(neighbour, target_is_directory=True)
    return Must(0, "a link")


def student_that_is_a_link(folder: Path, release: NotebookNode) -> Must:
    """The student's folder leads to somebody else's."""
    neighbour = folder.parent.parent / "aa_neighbour"
    write(neighbour / NAME, right(release))
    folder.parent.symlink_to(neighbour, target_is_directory=True)
    return Must(0, "a link")


def link_to_the_source(folder: Path, release: NotebookNode) -> Must:
    """A link to the solutions, by a path that climbs."""
    folder.mkdir(parents=True)
    (folder / FILE).symlink_to(Path("..", "..", "..", "source", NAME, FILE))
    return Must(0, "not a link")


def endless_device(folder: Path, release: NotebookNode) -> Must:
    """A link to a file that never ends."""
    folder.mkdir(parents=True)
    (folder / FILE).symlink_to("/dev/zero")
    return Must(0, "not a link")


def pipe(folder: Path, release: NotebookNode) -> Must:
    """A pipe, from which nobody reads to the end."""
    folder.mkdir(parents=True)
    os.mkfifo(folder / FILE)
    return Must(0, "not a plain file")


def directory(folder: Path, release: NotebookNode) -> Must:
    """A folder with a notebook's name."""
    (folder / FILE).mkdir(parents=True)
    return Must(0, "not a plain file")


def too_large(folder: Path, release: NotebookNode) -> Must:
    """Two hundred gigabytes of nothing, which take no room on the disk."""
    folder.mkdir(parents=True)
    with (folder / FILE).open("wb") as file:
        file.truncate(200 << 30)
    return Must(0, "clear the outputs")


def zip_bomb(folder: Path, release: NotebookNode) -> Must:
    """An archive that grows a thousandfold, with a notebook's name."""
    folder.mkdir(parents=True)
    with io.BytesIO() as buffer:
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("../../../gradebook.db", bytes(50 << 20))
        (folder / FILE).write_bytes(buffer.getvalue())
    return Must(0, "hand in again")


def deep_json(folder: Path, release: NotebookNode) -> Must:
    """Lists in lists, deeper than a parser can go."""
    folder.mkdir(parents=True)
    (folder / FILE).write_text('{"cells": ' + "[" * 1_000_000)
    return Must(0, "its JSON breaks off or is damaged")


def a_million_cells(folder: Path, release: NotebookNode) -> Must:
    """More cells than anybody writes."""
    notebook = json.loads(nbformat.writes(right(release)))
    notebook["cells"] += [{"cell_type": "code", "metadata": {}, "source": ""}] * 100_000
    write(folder, notebook)
    return Must(0, "cells, over")


def wrong_types(folder: Path, release: NotebookNode) -> Must:
    """Numbers where texts belong, lists where mappings belong."""
    write(folder, {"cells": [1, None, [], {"source": 5}, {"source": [1, 2], "metadata": 3}, {"cell_type": {}}]})
    return Must(0, "none of the exercises")


def escaping_names(folder: Path, release: NotebookNode) -> Must:
    """Right answers, with grade_ids and cell ids that would be paths."""
    notebook = json.loads(nbformat.writes(right(release)))
    for cell in notebook["cells"]:
        cell["id"] = "../../../../gradebook.db"
    notebook["metadata"]["name"] = "/etc/passwd"
    write(folder, notebook)
    return Must(20)


# ---- claims


def more_points(folder: Path, release: NotebookNode) -> Must:
    """Nothing answered, and every test worth a thousand points."""
    notebook = nbformat.from_dict(release)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.metadata.nbgrader.points = 1000
    write(folder, notebook)
    return Must(0)


def emptied_tests(folder: Path, release: NotebookNode) -> Must:
    """Nothing answered, and every locked test replaced by nothing."""
    notebook = nbformat.from_dict(release)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.source, cell.metadata.nbgrader.locked = "pass", False
    write(folder, notebook)
    return Must(0)


def own_tests(folder: Path, release: NotebookNode) -> Must:
    """Nothing answered, and new tests with points of their own that pass."""
    notebook = nbformat.from_dict(release)
    for number in range(5):
        marks = metadata(f"bonus_{number}", grade=True, solution=False, points=100)
        notebook.cells.append(nbformat.v4.new_code_cell("pass", id=f"bonus-{number}", metadata=marks))
    write(folder, notebook)
    return Must(0)


def tests_as_answers(folder: Path, release: NotebookNode) -> Must:
    """Marks swapped: the cells of the tests claim to be answers, and the answers tests."""
    notebook = nbformat.from_dict(release)
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader")
        if marks:
            marks.grade, marks.solution = marks.get("solution", False), marks.get("grade", False)
    write(folder, notebook)
    return Must(0)


def swapped_ids(folder: Path, release: NotebookNode) -> Must:
    """One right answer under the ids of all three."""
    notebook = nbformat.from_dict(release)
    for cell in notebook.cells:
        if grade_id(cell) in RIGHT:
            cell.source = RIGHT["double"]
    write(folder, notebook)
    return Must(7)


def pasted_outputs(folder: Path, release: NotebookNode) -> Must:
    """Nothing answered; every test shows the output of one that passed."""
    notebook = nbformat.from_dict(release)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            shown = nbformat.v4.new_output("execute_result", {"text/plain": "20.0"}, execution_count=1)
            cell.outputs, cell.execution_count = [shown], 1
    write(folder, notebook)
    return Must(0)


def another_kernel(folder: Path, release: NotebookNode) -> Must:
    """Right answers; the notebook asks for a kernel that is a shell command."""
    notebook = right(release)
    notebook.metadata.kernelspec = {"name": "bash -c 'touch /tmp/owned'", "display_name": "sh", "language": "bash"}
    write(folder, notebook)
    return Must(20)


def modules_beside(folder: Path, release: NotebookNode) -> Must:
    """Right answers, and modules beside the notebook with the names of the grader's own."""
    write(folder, right(release))
    for name in ("torch", "course", "autograder", "nbgrader", "json", "sitecustomize", "conftest"):
        (folder / f"{name}.py").write_text("raise SystemExit('imported from a submission')")
    return Must(20)


ATTACKS: tuple[Attack, ...] = (
    link_to_a_neighbour,
    folder_that_is_a_link,
    student_that_is_a_link,
    link_to_the_source,
    endless_device,
    pipe,
    directory,
    too_large,
    zip_bomb,
    deep_json,
    a_million_cells,
    wrong_types,
    escaping_names,
    more_points,
    emptied_tests,
    own_tests,
    tests_as_answers,
    swapped_ids,
    pasted_outputs,
    another_kernel,
    modules_beside,
)
