"""One page about a class for its instructor: how it did, which tests work, what was misunderstood, where to look twice.

Made from the records and the gradebook; it needs no network and no script. The template escapes everything students wrote.
"""

from collections.abc import Sequence
from pathlib import Path

from autograder.model.files import write_whole, writing
from autograder.model.units import Unit
from autograder.results.graded import Graded, read_graded
from autograder.results.pages import fill
from autograder.results.report_page import report_page


def write_report(course: Path, unit: Unit) -> Path:
    """Write `report/<unit>.html` and return its path.

    Raises RecordError where nothing is graded, CourseError where the page cannot be written, PartlyDone where a record was left out.
    """
    path = course / "report" / f"{unit.name}.html"
    graded = read_graded(course, [unit])
    text = render(unit, graded.submissions)
    with writing(path):
        write_whole(path, text)
    graded.raise_damaged(f"report/{unit.name}.html is written", path)
    return path


def render(unit: Unit, graded: Sequence[Graded]) -> str:
    """Return the page as HTML."""
    return fill("report.html.j2", report_page(unit, graded))
