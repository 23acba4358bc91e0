"""What a student's feedback page shows, in the words and numbers that the template prints."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from autograder.model.marks import manual_grade, mark, points_of
from autograder.model.outcomes import Result, TestOutcome
from autograder.model.records import Record
from autograder.model.reviews import ManualGrade, Review
from autograder.model.text import readable
from autograder.model.units import BY_HAND, Cell, Unit
from autograder.results.answers import answers_of, pictures_of
from autograder.results.headings import heading_above, title_of
from autograder.results.solutions import Solution
from autograder.results.wording import LONGEST_MESSAGE, VERDICTS, cut, name_of, what_went_wrong

LONGEST_ANSWER = 20_000  # characters


@dataclass(frozen=True)
class TestShown:
    """One test."""

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
    """An exercise or a written answer."""

    title: str
    anchor: str
    points: str
    most: str
    answer: str
    comment: str = ""
    waiting: bool = False
    tests: tuple[TestShown, ...] = ()
    solution: str = ""  # the author's, where the page shows it
    why: str = ""
    pictures: tuple[str, ...] = ()  # data addresses


@dataclass(frozen=True)
class Box:
    """A titled list at the top."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class FeedbackPage:
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


def feedback_page(unit: Unit, record: Record, review: Review, solutions: Mapping[str, Solution]) -> FeedbackPage:
    """Return what the page of one student shows; `solutions` are the author's, by exercise."""
    answers, pictures = answers_of(record), pictures_of(record)
    manual = unit.of_kind(*BY_HAND)
    counted = mark(unit, record, review)
    return FeedbackPage(
        title=title_of(unit),
        student=readable(record.student),
        handed_in=_date(record.submitted_at),
        problem=cut(record.problem, LONGEST_MESSAGE),
        total=f"{counted.score:g}",
        most=f"{counted.max_score:g}",
        penalty=f"{counted.penalty:g}" if counted.penalty else "",
        waiting=_waiting(manual, review),
        boxes=(
            Box("Repaired in your notebook before grading", _lines(record.repairs)),
            Box("What happened when it ran", _lines(record.notes)),
        ),
        exercises=tuple(_exercise(unit, exercise, record, review, answers, solutions) for exercise in unit.exercises),
        written=tuple(_written(unit, cell, review, answers, tuple(pictures.get(cell.id, ()))) for cell in manual),
    )


def _waiting(manual: Iterable[Cell], review: Review) -> str:
    """Return a sentence about written answers without a grade; empty where there are none."""
    count = sum(1 for cell in manual if cell.points and manual_grade(cell, review).waiting)
    return f"Your written {'answers have' if count > 1 else 'answer has'} yet to be graded." if count else ""


def _exercise(
    unit: Unit,
    exercise: str,
    record: Record,
    review: Review,
    answers: Mapping[str, str],
    solutions: Mapping[str, Solution],
) -> Part:
    cells = unit.answers_of(exercise)
    shown = [solutions[cell.id] for cell in cells if cell.id in solutions]
    sources = {test.id: test.source for test in unit.tests}
    tests = [test for test in record.tests if test.exercise == exercise]
    return Part(
        title=heading_above(unit, cells[0]) or unit.exercise_in_words(exercise),
        anchor=f"exercise-{exercise}",
        points=f"{sum(points_of(test, review) for test in tests):g}",
        most=f"{sum(test.max_score for test in tests):g}",
        answer=_highlighted("\n\n\n".join(filter(None, (answers.get(cell.id) for cell in cells)))),
        comment="\n".join(filter(None, (_comment(cell.id, review) for cell in cells))),
        tests=tuple(_test(test, sources.get(test.grade_id, ""), review) for test in tests),
        solution=_highlighted("\n\n\n".join(solution.code for solution in shown)),
        why=" ".join(solution.why for solution in shown),
    )


def _test(test: TestOutcome, source: str, review: Review) -> TestShown:
    why, message = what_went_wrong(test)
    return TestShown(
        name=name_of(test.grade_id, test.exercise, source),
        hidden=test.hidden,
        passed=test.outcome is Result.PASSED,
        verdict=VERDICTS[test.outcome][0],
        points=f"{points_of(test, review):g}",
        most=f"{test.max_score:g}",
        why=why,
        message=message,
        by_hand=_by_hand(test, review),
    )


def _by_hand(test: TestOutcome, review: Review) -> str:
    """Return a sentence about points that a person set; empty where the test's own points count."""
    given = review.cells.get(test.grade_id)
    if given is None or (given.score is None and given.extra_credit == 0):
        return ""
    return f"Your instructor set these points; the test gave {test.score:g}."


def _written(unit: Unit, cell: Cell, review: Review, answers: Mapping[str, str], pictures: tuple[str, ...]) -> Part:
    given = manual_grade(cell, review)
    return Part(
        title=heading_above(unit, cell) or "Written answer",
        anchor=f"written-{cell.id}",
        points=f"{given.points:g}",
        most=f"{cell.points:g}",
        answer=cut(answers.get(cell.id, ""), LONGEST_ANSWER),
        comment=_comment(cell.id, review),
        waiting=given.waiting,
        pictures=pictures,
    )


def _comment(cell_id: str, review: Review) -> str:
    return cut(review.cells.get(cell_id, ManualGrade(cell_id)).comment, LONGEST_MESSAGE)


def _date(stamp: str) -> str:
    try:
        return f"{datetime.fromisoformat(stamp):%d %B %Y, %H:%M} UTC"
    except ValueError:
        return ""


def _lines(messages: Iterable[str]) -> tuple[str, ...]:
    return tuple(cut(words, LONGEST_MESSAGE) for words in messages)


def _highlighted(source: str) -> Markup:
    """Return Python as HTML; Pygments escapes it."""
    return Markup(highlight(cut(source, LONGEST_ANSWER), _lexer(), _formatter())).rstrip()


@cache
def _lexer() -> PythonLexer:
    return PythonLexer()


@cache
def _formatter() -> HtmlFormatter:
    return HtmlFormatter(nowrap=True)
