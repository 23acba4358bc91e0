"""A page for each student: points, answers, and what each test said. Of a hidden test only the author's hint is shown.

Everything that a student wrote or caused is escaped and freed of control characters; pages need no network and no script.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from autograder.errors import CourseError, RecordError
from autograder.gradebook.writer import read_manual
from autograder.model.files import write_whole
from autograder.model.marks import manual_grade, mark, points_of
from autograder.model.outcomes import Result, TestOutcome
from autograder.model.records import Record, read_record
from autograder.model.reviews import ManualGrade, Review
from autograder.model.text import readable
from autograder.model.units import Cell, Kind, Unit, load_unit
from autograder.results.wording import LONGEST_MESSAGE, VERDICTS, cut, name_of, what_went_wrong, without_paths

Progress = Callable[[str, int, int], None]  # what is being done, how many are done, of how many

LONGEST = 20_000  # characters shown of an answer
HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$", re.MULTILINE)
POINTS = re.compile(r"\s*\(\d+ points?\)$")
MARKUP = re.compile(r"[*`$]|\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True)
class TestShown:
    """One test as the page shows it."""

    __test__ = False  # the name begins with Test, but this is no pytest class

    name: str
    hidden: bool
    passed: bool
    verdict: str
    points: str
    most: str
    why: str = ""
    message: str = ""
    by_hand: str = ""


@dataclass(frozen=True)
class Part:
    """An exercise or a written answer as the page shows it."""

    title: str
    anchor: str
    points: str
    most: str
    answer: str
    comment: str = ""
    waiting: bool = False
    tests: tuple[TestShown, ...] = ()


@dataclass(frozen=True)
class Box:
    """A titled list on top of the page."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """All that the template needs."""

    title: str
    student: str
    handed_in: str
    problem: str
    total: str
    most: str
    penalty: str
    waiting: str
    boxes: tuple[Box, ...]
    exercises: tuple[Part, ...]
    written: tuple[Part, ...]


def write_feedback(course: Path, unit: Unit, records: Iterable[Record], progress: Progress | None = None) -> list[Path]:
    """Write `feedback/<student>/<unit>/<unit>.html` for each record; returns the paths.

    Raises CourseError where a page cannot be written.
    """
    records = list(records)
    reviews = read_manual(course, unit)
    written = []
    for done, record in enumerate(records, 1):
        path = course / "feedback" / record.student / unit.name / f"{unit.name}.html"
        try:
            write_whole(path, render(course, unit, record, reviews.get(record.student)))
            path.chmod(0o644)
        except OSError as error:
            raise CourseError(
                f"{path}: cannot be written ({error.strerror}); mend its permissions or make room"
            ) from error
        written.append(path)
        if progress:
            progress("feedback", done, len(records))
    return written


def render(course: Path, unit: Unit, record: Record, review: Review | None = None) -> str:
    """One student's page as HTML. Paths of this machine are cut down to the course folder."""
    return _template().render(page=_page(unit, without_paths(record, course), review or Review()))


class FeedbackExporter(Exporter):
    """Lets `nbgrader generate_feedback` and formgrader's button write these pages, not nbgrader's with the hidden tests."""

    file_extension = ".html"

    # Like every exporter of text it returns (text, resources), which the base class's type does not say.
    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **_kwargs: Any) -> Any:
        resources = self._init_resources(resources)
        course, told = Path.cwd(), resources["nbgrader"]
        record = read_record(course, told["assignment"], told["student"])
        if record is None:
            raise RecordError(
                f"{told['student']}: not graded yet; run: python -m autograder grade {told['assignment']}"
            )
        unit, reviews = self._of_unit(course, told["assignment"])
        return render(course, unit, record, reviews.get(record.student)), resources

    def _of_unit(self, course: Path, name: str) -> tuple[Unit, dict[str, Review]]:
        """The unit and what people graded, read once a class: nbgrader makes one exporter for all students."""
        kept = getattr(self, "_kept", None)
        if kept is None or kept[0].name != name:
            unit = load_unit(course, name)
            kept = self._kept = (unit, read_manual(course, unit))
        return kept


# ---- what the page shows


def _page(unit: Unit, record: Record, review: Review) -> Page:
    answers = _answers(record)
    exercises = tuple(_exercise(unit, cell, record, review, answers) for cell in unit.of_kind(Kind.ANSWER))
    manual = unit.of_kind(Kind.MANUAL)
    counted = mark(unit, record, review)
    waiting = [cell for cell in manual if cell.points and manual_grade(cell, review).waiting]
    return Page(
        title=_title(unit),
        student=readable(record.student),
        handed_in=_when(record.submitted_at),
        problem=cut(record.problem, LONGEST_MESSAGE),
        total=f"{counted.score:g}",
        most=f"{counted.max_score:g}",
        penalty=f"{counted.penalty:g}" if counted.penalty else "",
        waiting=f"Your written {'answers have' if len(waiting) > 1 else 'answer has'} yet to be graded."
        if waiting
        else "",
        boxes=(
            Box("Repaired in your notebook before grading", _lines(record.repairs)),
            Box("What happened when it ran", _lines(record.notes)),
        ),
        exercises=exercises,
        written=tuple(_written(unit, cell, review, answers) for cell in manual),
    )


def _exercise(unit: Unit, cell: Cell, record: Record, review: Review, answers: dict[str, str]) -> Part:
    sources = {test.id: test.source for test in unit.tests}
    tests = [test for test in record.tests if test.exercise == cell.id]
    return Part(
        title=_heading_before(unit, cell) or cell.id,
        anchor=f"exercise-{cell.id}",
        points=f"{sum(points_of(test, review) for test in tests):g}",
        most=f"{sum(test.max_score for test in tests):g}",
        answer=_highlighted(answers.get(cell.id, "")),
        comment=_comment(cell.id, review),
        tests=tuple(_test(test, sources.get(test.grade_id, ""), review) for test in tests),
    )


def _test(test: TestOutcome, source: str, review: Review) -> TestShown:
    why, message = what_went_wrong(test)
    given = review.cells.get(test.grade_id)
    return TestShown(
        name=name_of(test.grade_id, test.exercise, source),
        hidden=test.hidden,
        passed=test.outcome is Result.PASSED,
        verdict=VERDICTS[test.outcome][0],
        points=f"{points_of(test, review):g}",
        most=f"{test.max_score:g}",
        why=why,
        message=message,
        by_hand=f"Your instructor set these points; the test gave {test.score:g}." if given and _by_hand(given) else "",
    )


def _written(unit: Unit, cell: Cell, review: Review, answers: dict[str, str]) -> Part:
    given = manual_grade(cell, review)
    return Part(
        title=_heading_before(unit, cell) or "Written answer",
        anchor=f"written-{cell.id}",
        points=f"{given.points:g}",
        most=f"{cell.points:g}",
        answer=cut(answers.get(cell.id, ""), LONGEST),
        comment=_comment(cell.id, review),
        waiting=given.waiting,
    )


def _by_hand(given: ManualGrade) -> bool:
    return given.score is not None or given.extra_credit != 0


def _comment(cell_id: str, review: Review) -> str:
    return cut(review.cells.get(cell_id, ManualGrade(cell_id)).comment, LONGEST_MESSAGE)


def _answers(record: Record) -> dict[str, str]:
    """What the student wrote, by the id of the cell."""
    cells = record.notebook.get("cells", [])
    return {c["metadata"]["nbgrader"]["grade_id"]: c["source"] for c in cells if "nbgrader" in c.get("metadata", {})}


# ---- words


def _title(unit: Unit) -> str:
    return next((words for level, words in _headings(unit.cells) if level == 1), unit.name)


def _heading_before(unit: Unit, cell: Cell) -> str:
    """The last heading above a cell, if it came after the graded cell before: each exercise has its own."""
    above = unit.cells[: unit.cells.index(cell)]
    since = max((i for i, c in enumerate(above) if c.kind in (Kind.ANSWER, Kind.TEST, Kind.MANUAL)), default=-1)
    found = [words for level, words in _headings(above[since + 1 :]) if level > 1]
    return POINTS.sub("", found[-1]) if found else ""


def _headings(cells: Iterable[Cell]) -> Iterator[tuple[int, str]]:
    for cell in cells:
        if cell.kind is Kind.TEXT:
            yield from ((len(marks), MARKUP.sub(r"\1", words)) for marks, words in HEADING.findall(cell.source))


def _when(stamp: str) -> str:
    try:
        return f"{datetime.fromisoformat(stamp):%d %B %Y, %H:%M} UTC"
    except ValueError:
        return ""


def _lines(told: Iterable[str]) -> tuple[str, ...]:
    return tuple(cut(words, LONGEST_MESSAGE) for words in told)


def _highlighted(source: str) -> Markup:
    """Python as HTML; Pygments escapes it."""
    return Markup(highlight(cut(source, LONGEST), _lexer(), _formatter())).rstrip()


@cache
def _lexer() -> PythonLexer:
    return PythonLexer()


@cache
def _formatter() -> HtmlFormatter:
    return HtmlFormatter(nowrap=True)


@cache
def _template() -> Any:
    folder = Path(__file__).parent / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("feedback.html.j2")
