"""Take pictures of the releases as students see them in JupyterLab: `make screenshots`. A person looks at them.

For each unit and each look, `screenshots/<unit>/<look>-<number>.png` are the screens of the notebook from top to bottom, run
with the reference's answers, tests folded. They are for looking at: no test compares them. A notebook with answers is opened from a
folder that is deleted afterwards.
"""

import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import nbformat
from playwright.sync_api import Browser, Page

from autograder.model.units import list_units, load_unit
from autograder.release.build import copy_data_files, released
from autograder.site.reference import answered
from tests.browser.lab import CHROMIUM, LAB, NO_CHROMIUM, NOTEBOOK, chromium, jupyter_lab, open_notebook, run_all
from tests.conftest import ROOT

SHOTS = ROOT / "screenshots"
RUNNING = 20 * 60_000  # milliseconds that all cells of a unit may take on a busy machine
SETTLING = 1500  # milliseconds after which a scrolled page has drawn its cells
# JupyterLab opens the notebooks of the units before again, behind the present one.
ONE_NOTEBOOK = f"{NOTEBOOK}.node.querySelector('.jp-WindowedPanel-outer')"


@dataclass(frozen=True)
class Look:
    """How the window is: its size in pixels of the screen, the theme, and the zoom."""

    name: str
    theme: str
    width: int = 1280
    height: int = 1800
    zoom: float = 1.0


LOOKS = (
    Look("light", "JupyterLab Light"),
    Look("dark", "JupyterLab Dark"),
    Look("narrow", "JupyterLab Light", width=420),
    Look("zoomed", "JupyterLab Light", zoom=2.0),
)


def main(names: list[str]) -> int:
    """Take the pictures of these units, of all where none is named."""
    if CHROMIUM is None:
        print(NO_CHROMIUM, file=sys.stderr)
        return 2
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryDirectory() as own,
        chromium() as browser,
        jupyter_lab(Path(folder), Path(own)) as url,
    ):
        for name in names or list_units(ROOT):
            count = take(browser, url, _write_answered(name, Path(folder)), SHOTS / name)
            print(f"{name}: {count} pictures in {(SHOTS / name).relative_to(ROOT)}", flush=True)
    return 0


def take(browser: Browser, url: str, notebook: str, folder: Path) -> int:
    """Run a notebook in the JupyterLab at an address, then write a picture of each of its screens in each look; return how many."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    page = browser.new_page(viewport={"width": LOOKS[0].width, "height": LOOKS[0].height})
    page.set_default_timeout(RUNNING)
    open_notebook(page, url, notebook)
    page.evaluate(f"{LAB}.shell.collapseLeft()")
    run_all(page)
    page.evaluate(f"{LAB}.commands.execute('docmanager:save')")  # so that no dialog asks
    return sum(_take_one_look(page, look, folder) for look in LOOKS)


def _take_one_look(page: Page, look: Look, folder: Path) -> int:
    # A browser that zooms has fewer, larger pixels: the same as a window of fewer pixels.
    page.set_viewport_size({"width": round(look.width / look.zoom), "height": round(look.height / look.zoom)})
    page.evaluate(f"{LAB}.commands.execute('apputils:change-theme', {{theme: '{look.theme}'}})")
    page.locator(f"body[data-jp-theme-name='{look.theme}']").wait_for(state="attached")
    page.wait_for_timeout(SETTLING)
    screens = _screens(page)
    for number in range(screens):
        page.evaluate(f"{ONE_NOTEBOOK}.scrollTop = {number} * {ONE_NOTEBOOK}.clientHeight")
        page.wait_for_timeout(SETTLING)
        page.screenshot(path=folder / f"{look.name}-{number + 1:02}.png")
    return screens


def _screens(page: Page) -> int:
    """Return how many screens the notebook fills. It grows while it is scrolled, for cells are drawn when they are seen."""
    height, before = page.evaluate(f"{ONE_NOTEBOOK}.scrollHeight"), 0
    while height != before:
        page.evaluate(f"{ONE_NOTEBOOK}.scrollTop = {ONE_NOTEBOOK}.scrollHeight")
        page.wait_for_timeout(SETTLING)
        before, height = height, page.evaluate(f"{ONE_NOTEBOOK}.scrollHeight")
    return -(-height // page.evaluate(f"{ONE_NOTEBOOK}.clientHeight"))


def _write_answered(name: str, folder: Path) -> str:
    unit = load_unit(ROOT, name)
    copy_data_files(unit, folder)
    nbformat.write(answered(unit, released(unit)), folder / f"{name}.ipynb")
    return f"{name}.ipynb"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
