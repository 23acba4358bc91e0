"""Pages for people with a phone: nothing is cut off at its right edge."""

from pathlib import Path

from playwright.sync_api import Page

from autograder.model.records import write_record
from autograder.model.units import load_unit
from autograder.results.report import write_report
from tests.autograder import small_unit
from tests.autograder.results.small_class import record

PHONE = {"width": 390, "height": 800}


def test_the_class_report_is_no_wider_than_a_phone(page: Page, tmp_path: Path) -> None:
    notebook = small_unit.notebook()
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") in small_unit.TESTS:
            cell.metadata.nbgrader.grade_id += "_of_the_largest_and_the_smallest"
    small_unit.write_unit(tmp_path, notebook)
    unit = load_unit(tmp_path, small_unit.NAME)
    for student, passes in {"ada": (1, 1, 1, 1), "ben": (1, 0, 1, 0), "cy": (0, 0, 1, 0)}.items():
        write_record(tmp_path, record(unit, student, passes, small_unit.RIGHT))
    page.set_viewport_size(PHONE)
    page.goto(write_report(tmp_path, unit).as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
