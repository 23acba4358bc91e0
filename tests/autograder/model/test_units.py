"""What load_unit accepts, and the one sentence it says of what it refuses."""

from pathlib import Path

import pytest
from nbformat import NotebookNode

from autograder.errors import UnitError
from autograder.model.units import Kind, defined_names, find_unit, load_unit
from tests.autograder import small_unit


def cell(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def test_reads_what_every_cell_is_for(tmp_path: Path) -> None:
    small_unit.write_unit(tmp_path)
    unit = load_unit(tmp_path, small_unit.NAME)
    kinds = [c.kind for c in unit.cells]
    assert kinds[:4] == [Kind.TEXT, Kind.SHARED, Kind.PLAIN, Kind.DEMO]
    assert unit.exercises == ["double", "total"]
    assert [(t.id, t.exercise, t.points, t.hidden) for t in unit.tests] == [
        ("double_two", "double", 4, False),
        ("double_negative", "double", 6, True),
        ("total_three", "total", 4, False),
        ("total_empty", "total", 6, True),
    ]
    assert unit.answer_names == {"double", "total"}


def test_finds_a_unit_by_name_or_number(tmp_path: Path) -> None:
    small_unit.write_unit(tmp_path)
    assert find_unit(tmp_path, "90") == find_unit(tmp_path, small_unit.NAME) == small_unit.NAME


def test_an_unknown_unit_is_told_which_there_are(tmp_path: Path) -> None:
    small_unit.write_unit(tmp_path)
    with pytest.raises(UnitError, match=f"no unit is called '91'; choose one of: {small_unit.NAME}"):
        find_unit(tmp_path, "91")


def test_a_folder_without_source_is_said_to_be_the_wrong_one(tmp_path: Path) -> None:
    with pytest.raises(UnitError, match="run this from the course folder"):
        find_unit(tmp_path, "05")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda nb: cell(nb, "total").metadata.nbgrader.update(grade_id="double"), "'double' is used by two cells"),
        (lambda nb: cell(nb, "double_two").metadata.nbgrader.update(points=5), "worth 21 points together; make it 20"),
        (lambda nb: cell(nb, "double_two").metadata.nbgrader.update(points=0), "worth more than 0"),
        (lambda nb: cell(nb, "double_two").metadata.nbgrader.update(grade_id="total_x"), "must stand after its answer"),
        (lambda nb: cell(nb, "double_two").metadata.nbgrader.update(grade_id="Double Two"), "not spelled as an id"),
        (lambda nb: cell(nb, "double_two").update(source="assert ("), "is not Python"),
        (lambda nb: [nb.cells.remove(cell(nb, t)) for t in ("total_three", "total_empty")], "has no test after it"),
    ],
)
def test_refuses_what_could_misgrade(tmp_path: Path, change, sentence: str) -> None:
    notebook = small_unit.notebook()
    change(notebook)
    small_unit.write_unit(tmp_path, notebook)
    with pytest.raises(UnitError, match=sentence) as caught:
        load_unit(tmp_path, small_unit.NAME)
    assert "\n" not in str(caught.value)
    assert f"{small_unit.NAME}.ipynb" in str(caught.value)


def test_refuses_a_source_that_is_not_json(tmp_path: Path) -> None:
    small_unit.write_unit(tmp_path).write_text('{"cells": [')
    with pytest.raises(UnitError, match="not a readable notebook"):
        load_unit(tmp_path, small_unit.NAME)


def test_the_digest_follows_what_can_change_a_grade(tmp_path: Path) -> None:
    notebook = small_unit.notebook()
    small_unit.write_unit(tmp_path, notebook)
    before = load_unit(tmp_path, small_unit.NAME).digest
    notebook.cells[0].source = "# Another title"
    small_unit.write_unit(tmp_path, notebook)
    assert load_unit(tmp_path, small_unit.NAME).digest == before
    cell(notebook, "double_two").source += "  # stricter"
    small_unit.write_unit(tmp_path, notebook)
    assert load_unit(tmp_path, small_unit.NAME).digest != before


def test_names_are_those_bound_at_the_top_level() -> None:
    source = "a, (b, c) = 1, (2, 3)\nd: int = 4\ndef f():\n    g = 1\nclass H: pass"
    assert defined_names(source) == ["a", "b", "c", "d", "f", "H"]
    assert defined_names("def f(:") == []
