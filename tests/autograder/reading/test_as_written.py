"""The notebook as it stands: every cell in its place, and when that is what the plan runs anyway."""

from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.model.units import Kind, Unit, load_unit
from autograder.reading.as_written import is_as_written, passes_as_written
from autograder.reading.graft import Graft, graft
from autograder.reading.plan import passes
from autograder.reading.read import read_notebook
from autograder.release.build import released, released_sources
from autograder.release.stamp import Kit, look_cell, top_cells
from tests.autograder import small_unit
from tests.autograder.small_unit import NAME, RIGHT, write_unit
from tests.conftest import ROOT

OTHERS = ["imports", "lesson", "double", "double_two", "double_negative", "total", "total_three", "total_empty"]


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    write_unit(tmp_path)
    return load_unit(tmp_path, NAME)


@pytest.fixture
def notebook(unit: Unit) -> NotebookNode:
    """The release, answered rightly."""
    release = released(unit)
    for cell in release.cells:
        cell.source = RIGHT.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    return release


def place(notebook: NotebookNode, cell_id: str) -> int:
    return next(i for i, cell in enumerate(notebook.cells) if cell.id == cell_id)


def code(source: str) -> NotebookNode:
    return nbformat.v4.new_code_cell(source)


def grafted(unit: Unit, notebook: NotebookNode, tmp_path: Path) -> Graft:
    path = tmp_path / "handed_in.ipynb"
    nbformat.write(notebook, path)
    return graft(unit, released_sources(unit), read_notebook(path))


def words(graft: Graft) -> list[str]:
    """The ids of tests and locked cells; of the student's own the first line."""
    return [step.source.split("\n")[0] if step.own else step.id for step in graft.written]


def same_as_planned(unit: Unit, graft: Graft) -> bool:
    return is_as_written(unit, passes(unit, graft.steps), graft.written)


def test_an_answered_notebook_is_run_as_it_stands(unit: Unit, notebook: NotebookNode, tmp_path: Path) -> None:
    graft = grafted(unit, notebook, tmp_path)
    assert words(graft) == [RIGHT[name].split("\n")[0] if name in RIGHT else name for name in OTHERS]
    assert same_as_planned(unit, graft)


def test_own_cells_and_a_changed_demo_stand_where_they_were_written(
    unit: Unit, notebook: NotebookNode, tmp_path: Path
) -> None:
    notebook.cells[place(notebook, "show")].source = "shown = 1"
    notebook.cells.insert(place(notebook, "total"), code("between = 2"))
    notebook.cells.append(code("last = 3"))
    graft = grafted(unit, notebook, tmp_path)
    assert [word for word in words(graft) if "=" in word] == ["shown = 1", "between = 2", "last = 3"]
    assert words(graft)[2] == "shown = 1"
    assert not same_as_planned(unit, graft)  # no answer needs them


def test_an_unchanged_demo_stands_in_its_place_where_an_own_cell_uses_it(tmp_path: Path) -> None:
    source = small_unit.notebook()
    source.cells[place(source, "show")].source = "shown = 1"
    write_unit(tmp_path, source)
    unit = load_unit(tmp_path, NAME)
    notebook = released(unit)
    assert "show" not in words(grafted(unit, notebook, tmp_path))
    notebook.cells.insert(place(notebook, "total"), code("print(shown)"))
    graft = grafted(unit, notebook, tmp_path)
    assert words(graft)[2] == "show"
    first, second = passes_as_written(unit, graft.written)
    assert [step.run for step in (*first, *second) if step.id == "show"] == ["student", "student"]


def test_a_moved_test_stands_where_it_was_moved_to_and_a_deleted_one_last(
    unit: Unit, notebook: NotebookNode, tmp_path: Path
) -> None:
    notebook.cells.append(notebook.cells.pop(place(notebook, "double-two")))
    del notebook.cells[place(notebook, "double-negative")]
    assert words(grafted(unit, notebook, tmp_path))[-4:] == [
        "total_three",
        "total_empty",
        "double_two",
        "double_negative",
    ]


def test_of_two_copies_of_a_test_the_last_counts(unit: Unit, notebook: NotebookNode, tmp_path: Path) -> None:
    copied = notebook.cells[place(notebook, "double-two")]
    notebook.cells.append(nbformat.from_dict({**copied, "id": "copied"}))
    ids = words(grafted(unit, notebook, tmp_path))
    assert (ids.count("double_two"), ids[-1]) == (1, "double_two")


def test_the_words_of_a_test_s_own_cell_are_never_the_student_s(
    unit: Unit, notebook: NotebookNode, tmp_path: Path
) -> None:
    notebook.cells[place(notebook, "double-two")].source = "assert True"
    (test,) = [step for step in grafted(unit, notebook, tmp_path).written if step.id == "double_two"]
    assert (test.run, test.source) == ("test", "assert double(2) == 4, 'twice two is four'")


def test_a_changed_locked_cell_runs_as_released_and_then_as_changed(
    unit: Unit, notebook: NotebookNode, tmp_path: Path
) -> None:
    notebook.cells[place(notebook, "imports")].source = "import math, os"
    assert words(grafted(unit, notebook, tmp_path))[:2] == ["imports", "import math, os"]


def test_a_missing_locked_cell_comes_first(unit: Unit, notebook: NotebookNode, tmp_path: Path) -> None:
    del notebook.cells[place(notebook, "imports")]
    assert words(grafted(unit, notebook, tmp_path))[:2] == ["imports", "lesson"]


def test_missing_locked_cells_come_in_the_unit_s_order(tmp_path: Path) -> None:
    unit = load_unit(ROOT, "08_numpy_mlp")
    locked = [cell.id for cell in unit.of_kind(Kind.SHARED)]
    release = released(unit)
    release.cells = [cell for cell in release.cells if cell.metadata.get("nbgrader", {}).get("grade_id") not in locked]
    assert words(grafted(unit, release, tmp_path))[: len(locked)] == locked
    assert len(locked) > 3


@pytest.mark.parametrize(
    "cell", [look_cell(), top_cells(Kit("mlp/course"), f"{NAME}.ipynb")[-1]], ids=["of a zip", "of an address"]
)
def test_a_cell_of_the_kit_s_is_not_the_student_s_whatever_its_id(
    unit: Unit, notebook: NotebookNode, tmp_path: Path, cell: NotebookNode
) -> None:
    notebook.cells.insert(0, code(cell.source))
    assert same_as_planned(unit, grafted(unit, notebook, tmp_path))


def test_hidden_tests_are_in_a_pass_of_their_own(unit: Unit, notebook: NotebookNode, tmp_path: Path) -> None:
    visible, hidden = passes_as_written(unit, grafted(unit, notebook, tmp_path).written)
    assert [step.id for step in visible if step.run == "test"] == ["double_two", "total_three"]
    assert [step.id for step in hidden if step.run == "test"] == ["double_negative", "total_empty"]
    assert {step.run for step in (*visible, *hidden)} == {"both", "student", "test"}


def test_where_the_plan_has_two_passes_it_may_be_the_notebook_s_order(
    unit: Unit, notebook: NotebookNode, tmp_path: Path
) -> None:
    notebook.cells.insert(place(notebook, "double") + 1, code(RIGHT["double"]))
    assert same_as_planned(unit, grafted(unit, notebook, tmp_path))


def test_an_answer_that_was_moved_up_by_the_plan_is_not_run_as_it_stands(
    unit: Unit, notebook: NotebookNode, tmp_path: Path
) -> None:
    notebook.cells.append(notebook.cells.pop(place(notebook, "double")))
    assert not same_as_planned(unit, grafted(unit, notebook, tmp_path))
