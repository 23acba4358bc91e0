"""How one unit's page is made of its release and the outputs of a run."""

from pathlib import Path
from typing import Any

import pytest

from autograder.model.units import load_unit
from autograder.release.build import released
from autograder.site.front import texts_of
from autograder.site.pages import NOT_LIVE, WIDGET_VIEW, Page, page_of
from autograder.site.reference import Reference, answered
from tests.autograder import small_unit
from tests.autograder.site.small_site import DOT


def page_with(course: Path, outputs: dict[str, list[dict[str, Any]]]) -> Page:
    small_unit.write_unit(course)
    unit = load_unit(course, small_unit.NAME)
    return page_of(Reference(unit, released(unit), outputs))


def shown(page: Page, identity: str) -> list[dict[str, Any]]:
    return next(cell.outputs for cell in page.notebook.cells if cell.id == identity)


def test_a_widget_is_its_picture_and_a_word_on_how_to_move_it(tmp_path: Path) -> None:
    live = {"output_type": "display_data", "data": {WIDGET_VIEW: {"model_id": "1"}, "text/plain": "x"}, "metadata": {}}
    picture = {"output_type": "display_data", "data": {"image/png": DOT, "text/html": "<b>x</b>"}, "metadata": {}}
    page = page_with(tmp_path, {"show": [live, picture]})
    first, second = (output["data"]["text/html"] for output in shown(page, "show"))
    assert first.startswith("<img ")
    assert NOT_LIVE in second
    assert len(page.figures) == 1


def test_an_error_shows_no_line_of_the_code_that_it_went_through(tmp_path: Path) -> None:
    error = {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": ["----> 2 return 2 * x"]}
    (output,) = shown(page_with(tmp_path, {"show": [error]}), "show")
    assert output["text"] == "ValueError: no"


def test_warnings_with_folders_of_this_machine_are_left_out(tmp_path: Path) -> None:
    warned = {"output_type": "stream", "name": "stderr", "text": "/home/ada/x.py:1: UserWarning: old"}
    assert shown(page_with(tmp_path, {"show": [warned]}), "show") == []


def test_what_nobody_may_see_is_not_looked_up(tmp_path: Path) -> None:
    said = [{"output_type": "stream", "name": "stdout", "text": "secret"}]
    page = page_with(tmp_path, {"show": said, "double-two": said, "double-negative": said})
    assert str(page.notebook).count("secret") == 1


def test_the_reference_runs_the_answers_but_no_hidden_test(tmp_path: Path) -> None:
    small_unit.write_unit(tmp_path)
    unit = load_unit(tmp_path, small_unit.NAME)
    sources = "\n".join(cell.source for cell in answered(unit, released(unit)).cells)
    assert "return 2 * x" in sources
    assert "double(-3)" not in sources


@pytest.mark.parametrize("backticks", ["```", "`````"])
def test_a_check_with_backticks_stays_one_block_of_code(tmp_path: Path, backticks: str) -> None:
    changed = small_unit.notebook()
    check = next(cell for cell in changed.cells if cell.id == "double-two")
    check.source = f'assert double(2) == 4, """\n{backticks}\n"""'
    small_unit.write_unit(tmp_path, changed)
    unit = load_unit(tmp_path, small_unit.NAME)
    page = page_of(Reference(unit, released(unit), {}))
    source = next(cell.source for cell in page.notebook.cells if cell.id == "double-two")
    assert source.count(f"\n`{backticks}") == 2


def test_the_first_page_calls_exercises_by_their_answers_and_counts_what_people_grade(tmp_path: Path) -> None:
    notebook = small_unit.notebook()
    for number, cell in enumerate(notebook.cells):
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.grade_id = f"cell-{number:016x}"
        if cell.id == "think":
            cell.metadata.nbgrader.points = 3
    small_unit.write_unit(tmp_path, notebook)
    index, *_ = texts_of(tmp_path, [load_unit(tmp_path, small_unit.NAME)])
    assert "| `double`, `total` | 23 |" in index.source


def test_a_page_links_to_the_units_that_there_are_and_keeps_the_words_of_other_links(tmp_path: Path) -> None:
    small_unit.write_unit(tmp_path)
    (tmp_path / "docs").mkdir()
    links = [f"[{name}](../release/{name}/{name}.ipynb#one)" for name in (small_unit.NAME, "99_gone")]
    (tmp_path / "docs" / "glossary.md").write_text("; ".join(links))
    _, glossary = texts_of(tmp_path, [load_unit(tmp_path, small_unit.NAME)])
    assert glossary.source == f"[{small_unit.NAME}]({small_unit.NAME}.ipynb#one); 99_gone"
