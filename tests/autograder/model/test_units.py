"""What load_unit accepts, and the one sentence it says of what it refuses."""

import json
import os
from pathlib import Path

import pytest
from nbformat import NotebookNode

from autograder.errors import UnitError
from autograder.model.units import Kind, defined_names, find_unit, load_unit, read_unit
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


@pytest.mark.parametrize(
    "name", ["source/90_small", "release/90_small/", "./source/90_small/90_small.ipynb", "090", "90"]
)
def test_finds_a_unit_by_what_a_shell_completes(tmp_path: Path, name: str) -> None:
    small_unit.write_unit(tmp_path)
    assert find_unit(tmp_path, name) == small_unit.NAME


def test_a_unit_needs_no_leading_zero(tmp_path: Path) -> None:
    small_unit.write_unit(tmp_path, name="05_small")
    assert find_unit(tmp_path, "5") == "05_small"


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
        (lambda nb: cell(nb, "total").metadata.nbgrader.update(grade_id="double"), "'double' is used by 2 cells"),
        (lambda nb: cell(nb, "double_two").metadata.nbgrader.update(points=0), "worth more than 0"),
        (lambda nb: nb.cells.insert(0, nb.cells.pop(5)), "must stand after its answer"),
        (lambda nb: cell(nb, "think").metadata.nbgrader.update(grade_id="title"), "is also that of an ordinary cell"),
        (
            lambda nb: cell(nb, "imports").metadata.nbgrader.update(schema_version=1),
            "run: nbgrader update source/90_small",
        ),
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


def test_everything_that_is_refused_is_said_at_once(tmp_path: Path) -> None:
    notebook = small_unit.notebook()
    cell(notebook, "double_two").metadata.nbgrader.points = 0
    cell(notebook, "total_three").source = "assert ("
    cell(notebook, "think").metadata.nbgrader.grade_id = "what do you think?"
    small_unit.write_unit(tmp_path, notebook)
    with pytest.raises(UnitError) as caught:
        load_unit(tmp_path, small_unit.NAME)
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    for words in (
        "'double_two' is worth 0 points",
        "'total_three' is not Python",
        "'what do you think?' is not spelled",
    ):
        assert sum(words in line for line in lines) == 1


def test_ids_are_those_of_nbgraders_panel_and_a_unit_is_worth_what_its_author_likes(tmp_path: Path) -> None:
    notebook = small_unit.notebook()
    marked = [one.metadata.nbgrader for one in notebook.cells if "nbgrader" in one.metadata]
    for number, marks in enumerate(marked):
        marks.grade_id = f"cell-{number:016x}"
    cell(notebook, f"cell-{2:016x}").metadata.nbgrader.points = 1.5
    small_unit.write_unit(tmp_path, notebook)
    unit = load_unit(tmp_path, small_unit.NAME)
    assert unit.max_score == 17.5
    assert [test.exercise for test in unit.tests] == [f"cell-{1:016x}"] * 2 + [f"cell-{4:016x}"] * 2


def test_answers_with_no_test_in_between_share_the_tests_below_them(tmp_path: Path) -> None:
    notebook = small_unit.notebook()
    double = notebook.cells.index(cell(notebook, "double"))
    tests = [notebook.cells.pop(double + 1) for _ in range(2)]
    total = notebook.cells.index(cell(notebook, "total"))
    notebook.cells[total + 1 : total + 1] = tests
    small_unit.write_unit(tmp_path, notebook)
    unit = load_unit(tmp_path, small_unit.NAME)
    assert unit.exercises == ["total"]
    assert [answer.id for answer in unit.answers_of("total")] == ["double", "total"]
    assert [test.id for test in unit.tests_of("total")] == [
        "double_two",
        "double_negative",
        "total_three",
        "total_empty",
    ]


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


def test_a_pipe_is_no_source(tmp_path: Path) -> None:
    path = small_unit.write_unit(tmp_path)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(UnitError, match="no plain file"):
        load_unit(tmp_path, small_unit.NAME)


@pytest.mark.filterwarnings("error")
def test_line_ends_of_windows_and_ids_that_cells_share_change_no_unit(tmp_path: Path) -> None:
    path = small_unit.write_unit(tmp_path)
    usual = read_unit(tmp_path, small_unit.NAME)
    odd = json.loads(path.read_text())
    for cell in odd["cells"]:
        cell["source"] = "".join(cell["source"]).replace("\n", "\r\n")
        if not cell["metadata"]:
            cell["id"] = "same"
    path.write_text(json.dumps(odd))
    unit = read_unit(tmp_path, small_unit.NAME)
    assert [cell.source for cell in unit.cells] == [cell.source for cell in usual.cells]
    assert [cell.hidden for cell in unit.cells] == [cell.hidden for cell in usual.cells]


@pytest.mark.parametrize(
    "metadata",
    [{"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}, {"language_info": {"name": "R"}}],
    ids=["kernelspec", "language_info"],
)
def test_a_notebook_of_another_language_is_refused_as_such(tmp_path: Path, metadata: dict[str, dict[str, str]]) -> None:
    notebook = small_unit.notebook()
    notebook.metadata = metadata
    small_unit.write_unit(tmp_path, notebook)
    with pytest.raises(UnitError, match="written for R, and the grader runs Python"):
        read_unit(tmp_path, small_unit.NAME)
