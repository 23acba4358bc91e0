"""A student's way through a release in JupyterLab: from the first stub to full marks.

`make test` goes it for one unit, `make test-browser` for all.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Locator, Page, expect

from autograder.grade import grade
from autograder.model.units import Unit, list_units, load_unit
from autograder.release.build import copy_data_files, released
from autograder.running.executors import LocalExecutor
from tests.browser.lab import ALL_CELLS_DRAWN, LAB, NOTEBOOK, jupyter_lab, open_notebook, run_all
from tests.conftest import ROOT
from tests.submissions.sample_class import UNIT

UNITS = list_units(ROOT) if os.environ.get("BROWSER_UNITS") == "all" else [UNIT]
RUNNING = 30 * 60_000  # milliseconds that all cells of a unit may take on a busy machine
ERRORS = f"""() => {NOTEBOOK}.content.widgets.flatMap(cell =>
    (cell.model.sharedModel.toJSON().outputs ?? [])
        .filter(output => output.output_type === "error")
        .map(output => [cell.model.sharedModel.metadata.nbgrader?.grade_id ?? cell.model.id, output.ename]))"""
FILL_IN = f"""answers => {{
    for (const cell of {NOTEBOOK}.content.widgets) {{
        const answer = answers[cell.model.sharedModel.metadata.nbgrader?.grade_id];
        if (answer !== undefined) cell.model.sharedModel.setSource(answer);
    }}
}}"""
SUCCESS = "Success! Your notebook passes all the tests."


@dataclass(frozen=True)
class Desk:
    """A JupyterLab in a student's folder of releases."""

    url: str
    folder: Path


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("work")
    with jupyter_lab(folder, tmp_path_factory.mktemp("lab"), ALL_CELLS_DRAWN) as url:
        yield Desk(url, folder)


@pytest.mark.parametrize("name", UNITS)
def test_a_student_goes_from_the_first_stub_to_full_marks(desk: Desk, page: Page, tmp_path: Path, name: str) -> None:
    unit = load_unit(ROOT, name)
    hand_out(unit, desk.folder / name)
    page.set_default_timeout(RUNNING)
    open_notebook(page, desk.url, f"{name}/{name}.ipynb")

    run_all(page)
    assert page.evaluate(ERRORS) == [[unit.tests[0].id, "NotImplementedError"]]

    page.evaluate(FILL_IN, {cell.id: cell.source for cell in unit.cells if cell.id in unit.exercises})
    run_all(page)
    assert page.evaluate(ERRORS) == []
    page.screenshot(path=tmp_path / "answered.png")
    explorers = page.locator(".course-explorer")
    assert explorers.count() >= 1
    for number in range(explorers.count()):
        move(explorers.nth(number))

    validate(page)
    page.evaluate(f"{LAB}.commands.execute('docmanager:save')")
    assert points(unit, desk.folder / name, tmp_path) == unit.max_score


def hand_out(unit: Unit, folder: Path) -> None:
    folder.mkdir()
    copy_data_files(unit, folder)
    nbformat.write(released(unit), folder / f"{unit.name}.ipynb")


def move(explorer: Locator) -> None:
    """Move the first control of a widget; its picture changes."""
    picture = explorer.locator("img")
    before = picture.get_attribute("src")
    assert before
    if explorer.locator(".noUi-handle").count():
        explorer.locator(".noUi-handle").first.press("ArrowLeft")
        explorer.locator(".noUi-handle").first.press("ArrowRight")
        explorer.locator(".noUi-handle").first.press("ArrowRight")
    else:
        menu = explorer.locator("select").first
        others = [option for option in menu.locator("option").all_inner_texts() if option != menu.input_value()]
        menu.select_option(others[-1])
    expect(picture).not_to_have_attribute("src", before)


def validate(page: Page) -> None:
    """Press nbgrader's button, which runs the whole notebook once more."""
    page.locator(".jp-NotebookPanel-toolbar").get_by_text("Validate").click()
    dialog = page.locator(".jp-Dialog")
    expect(dialog).to_contain_text(SUCCESS, timeout=RUNNING)
    dialog.get_by_role("button").last.click()


def points(unit: Unit, worked_in: Path, course: Path) -> float:
    """Hand the saved notebook in; return its points."""
    shutil.copytree(ROOT / "source" / unit.name, course / "source" / unit.name)
    shutil.copytree(worked_in, course / "submitted" / "ada" / unit.name)
    with LocalExecutor() as executor:
        (record,) = grade(course, unit.name, executor=executor)
    assert not record.repairs
    return record.score
