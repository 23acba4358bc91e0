"""The start page: what it lists, what it says is done, and that it never touches a student's work."""

import os
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.collecting import assemble
from autograder.model import units
from autograder.model.units import load_unit
from autograder.release.build import released
from course import start, start_page
from course.start import FAILED, LEGEND, NOT_RUN, PASSED
from tests.autograder import small_unit
from tests.autograder.small_unit import NAME
from tests.submissions.frontends import FRONT_ENDS, FrontEnd

OWN = f"work/{NAME}/{NAME}.ipynb"


def test_the_grader_and_the_start_page_write_the_same_twice() -> None:
    """Neither may import the other: the course knows nothing of the grader, and takes seconds to import."""
    assert assemble.OWN == start.OWN
    assert units.GIVEN_ID == start.GIVEN_ID


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> NotebookNode:
    author = tmp_path_factory.mktemp("author")
    notebook = small_unit.notebook()
    notebook.cells[0].source = "# A small | unit\n\n**Time** about 15 to 20 minutes, exercises and all."
    small_unit.write_unit(author, notebook)
    return released(load_unit(author, NAME))


@pytest.fixture
def kit(release: NotebookNode, tmp_path: Path) -> Path:
    (tmp_path / "release" / NAME).mkdir(parents=True)
    nbformat.write(release, tmp_path / "release" / NAME / f"{NAME}.ipynb")
    (tmp_path / "release" / NAME / "numbers.csv").write_text("1,2")
    return tmp_path


def run(notebook: NotebookNode, **ended: str) -> NotebookNode:
    """A copy in which every cell has been run; `ended` says which raised what, by the id of the cell."""
    done = nbformat.from_dict(notebook)
    for number, cell in enumerate((cell for cell in done.cells if cell.cell_type == "code"), 1):
        name = cell.id.replace("-", "_")
        cell.execution_count = number
        if name in ended:
            cell.outputs = [nbformat.v4.new_output("error", ename=ended[name], evalue="", traceback=[])]
    return done


def test_the_first_look_makes_the_student_s_copies_and_nothing_is_done(kit: Path) -> None:
    page = start_page(kit)
    (row,) = page.rows
    assert (row.unit.title, row.unit.minutes, row.unit.points) == ("A small | unit", "15 to 20", 20)
    assert row.by_exercise() == {"double": NOT_RUN, "total": NOT_RUN}
    assert row.link == OWN
    assert (kit / OWN).read_bytes() == (kit / "release" / NAME / f"{NAME}.ipynb").read_bytes()
    assert (kit / "work" / NAME / "numbers.csv").read_text() == "1,2"
    table = page._repr_markdown_()
    assert f"| [A small \\| unit]({OWN}) | 15 to 20 | 20 | 0 of 2 | `double` {NOT_RUN} · `total` {NOT_RUN} |" in table
    assert LEGEND in table
    assert repr(page) == f"{NAME}: 0 of 2 checks pass ({OWN})"


def test_each_check_is_shown_as_the_saved_notebook_has_it(kit: Path, release: NotebookNode) -> None:
    start_page(kit)
    nbformat.write(run(release, total_three="AssertionError"), kit / OWN)
    (row,) = start_page(kit).rows
    assert row.by_exercise() == {"double": PASSED, "total": FAILED}
    assert row.passed == 1
    nbformat.write(run(release, double_two="NotImplementedError"), kit / OWN)
    assert start_page(kit).rows[0].by_exercise() == {"double": NOT_RUN, "total": PASSED}


@pytest.mark.parametrize("front_end", FRONT_ENDS, ids=lambda front_end: front_end.__name__)
def test_progress_is_read_from_what_every_front_end_saves(
    kit: Path, release: NotebookNode, front_end: FrontEnd
) -> None:
    start_page(kit)
    (kit / OWN).write_text(front_end(release))
    loses_outputs = "jupytext" in front_end.__name__
    assert start_page(kit).rows[0].passed == (0 if loses_outputs else 2)


def test_a_copy_that_is_there_is_never_overwritten(kit: Path) -> None:
    (kit / OWN).parent.mkdir(parents=True)
    (kit / OWN).write_text("damaged, but the student's")
    (row,) = start_page(kit).rows
    assert (kit / OWN).read_text() == "damaged, but the student's"
    assert set(row.marks.values()) == {NOT_RUN}


def test_where_nothing_can_be_written_the_page_says_so_and_links_to_the_kit(kit: Path) -> None:
    (kit / "work").write_text("a file where a folder belongs")
    page = start_page(kit)
    assert page.rows[0].link == f"release/{NAME}/{NAME}.ipynb"
    assert "Your own copies could not be made" in page._repr_markdown_()
    assert "Your own copies could not be made" in repr(page)


def test_away_from_the_kit_it_says_where_progress_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "There is no folder release/ here" in start_page()._repr_markdown_()
    assert os.listdir(tmp_path) == []


def test_an_exercise_that_nbgrader_named_is_called_by_what_it_defines(kit: Path, release: NotebookNode) -> None:
    notebook = nbformat.from_dict(release)
    for number, cell in enumerate(notebook.cells):
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.grade_id = f"cell-{number:016x}"
    nbformat.write(notebook, kit / "release" / NAME / f"{NAME}.ipynb")
    (row,) = start_page(kit).rows
    assert row.by_exercise() == {"double": NOT_RUN, "total": NOT_RUN}


DAMAGED = {
    "half a file": '{"cells": [{"cell_type": "code"',
    "no object": "[]",
    "no cells": '{"cells": 5}',
    "a cell that is none": '{"cells": ["x"]}',
    "a cell without a type": '{"cells": [{"source": ""}]}',
    "no metadata": '{"cells": [{"cell_type": "code", "metadata": null}]}',
    "marks in words": '{"cells": [{"cell_type": "code", "metadata": {"nbgrader": "x"}}]}',
    "marks without an id": '{"cells": [{"cell_type": "code", "metadata": {"nbgrader": {"solution": true}}}]}',
    "an id that is a list": '{"cells": [{"cell_type": "code", "metadata": {"nbgrader": {"grade_id": []}}}]}',
    "points in words": '{"cells": [{"cell_type": "code", "metadata": {"nbgrader": {"points": "many"}}}]}',
    "outputs in words": '{"cells": [{"cell_type": "code", "metadata": {}, "outputs": ["x"]}]}',
    "too deep": "[" * 100_000,
}


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_notebook_is_named_and_the_page_is_shown(kit: Path, text: str) -> None:
    (kit / OWN).parent.mkdir(parents=True)
    (kit / OWN).write_text(text)
    page = start_page(kit)
    assert f"{OWN} cannot be read as a notebook" in page._repr_markdown_()
    assert set(page.rows[0].marks.values()) == {NOT_RUN}
    (kit / "release" / NAME / f"{NAME}.ipynb").write_text(text)
    assert f"release/{NAME}/{NAME}.ipynb cannot be read as a notebook" in start_page(kit)._repr_markdown_()
    assert (kit / OWN).read_text() == text
