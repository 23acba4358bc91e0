"""One page about a class for its instructor: how it did, which tests work, what was misunderstood, where to look twice.

Made from the records and the gradebook; it needs no network and no script. Everything of students' is escaped by the template.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import fmean, median
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from autograder.errors import CourseError
from autograder.model.files import write_whole
from autograder.model.outcomes import FULL, NOTHING_RAN, Result
from autograder.model.text import readable
from autograder.model.units import Unit
from autograder.results.analysis import Item, Likeness, Misconception, items, likenesses, misconceptions
from autograder.results.graded import Graded, read_graded
from autograder.results.wording import VERDICTS, name_of

BINS = 10  # of the distribution
SHOWN = 15  # misconceptions and pairs
EASY, HARD, DULL = 0.95, 0.3, 0.2  # facility above, facility below, discrimination below: worth a look


@dataclass(frozen=True)
class Bar:
    """One bar of the distribution."""

    label: str
    students: int
    height: float  # share of the highest bar


@dataclass(frozen=True)
class ItemShown:
    """One test as the page shows it."""

    item: Item
    name: str
    failures: str
    remark: str


@dataclass(frozen=True)
class Page:
    """All that the template needs."""

    unit: str
    students: int
    unread: tuple[tuple[str, str], ...]
    waiting: int
    mean: str
    median: str
    most: str
    weakened: bool  # something was missing that keeps students' code in
    bars: tuple[Bar, ...]
    exercises: tuple[tuple[str, str, str, float], ...]  # name, mean points, most points, share
    items: tuple[ItemShown, ...]
    misconceptions: tuple[Misconception, ...]
    repairs: tuple[tuple[str, str], ...]
    likenesses: tuple[Likeness, ...]


def write_report(course: Path, unit: Unit) -> Path:
    """Write `report/<unit>.html`; raises RecordError where nothing is graded, CourseError where it cannot be written."""
    path = course / "report" / f"{unit.name}.html"
    text = render(unit, read_graded(course, [unit]))
    try:
        write_whole(path, text)
    except OSError as error:
        raise CourseError(f"{path}: cannot be written ({error.strerror}); mend its permissions or make room") from error
    return path


def render(unit: Unit, graded: Sequence[Graded]) -> str:
    """The page as HTML."""
    return _template().render(page=_page(unit, graded))


def _page(unit: Unit, graded: Sequence[Graded]) -> Page:
    records = [one.record for one in graded]
    scores = [one.mark.score for one in graded]
    most = graded[0].mark.max_score
    names = {test.id: test for test in unit.tests}
    told = [_item_shown(item, names[item.test].source) for item in items(records) if item.test in names]
    return Page(
        unit=unit.name,
        students=len(graded),
        unread=tuple((readable(r.student), readable(r.problem)) for r in records if r.problem),
        waiting=sum(one.mark.waiting for one in graded),
        mean=f"{fmean(scores):.1f}",
        median=f"{median(scores):.1f}",
        most=f"{most:g}",
        weakened=any(record.isolation not in (FULL, NOTHING_RAN) for record in records),
        bars=_distribution(scores, most),
        exercises=tuple(_exercise(unit, exercise, graded) for exercise in unit.exercises),
        items=tuple(told),
        misconceptions=tuple(misconceptions(records)[:SHOWN]),
        repairs=tuple((readable(r.student), readable(words)) for r in records for words in (*r.repairs, *r.notes)),
        likenesses=tuple(likenesses(records)[:SHOWN]),
    )


def _distribution(scores: Sequence[float], most: float) -> tuple[Bar, ...]:
    """Students by points, in bars of equal width; the last one holds full points too, and what is above them."""
    width = most / BINS
    counts = Counter(min(BINS - 1, int(score / width)) for score in scores)
    top = max(counts.values())
    return tuple(
        Bar(f"{number * width:g} to {(number + 1) * width:g}", counts[number], counts[number] / top)
        for number in range(BINS)
    )


def _exercise(unit: Unit, exercise: str, graded: Sequence[Graded]) -> tuple[str, str, str, float]:
    most = sum(test.points for test in unit.tests if test.exercise == exercise)
    mean = fmean(one.record.exercise_score(exercise) for one in graded)
    return exercise, f"{mean:.1f}", f"{most:g}", mean / most


def _item_shown(item: Item, source: str) -> ItemShown:
    failures = [
        f"{VERDICTS[result][0].lower()} {count}"
        for result, count in sorted(item.outcomes.items(), key=lambda told: -told[1])
        if result is not Result.PASSED
    ]
    return ItemShown(item, name_of(item.test, item.exercise, source), ", ".join(failures), _remark(item))


def _remark(item: Item) -> str:
    """What an instructor might do about a test."""
    if item.outcomes.get(Result.BROKEN):
        return "The test itself failed for somebody: mend it and grade again."
    if item.discrimination is not None and item.discrimination < 0:
        return "Those who did well elsewhere fail here: look whether it tests what it should."
    if item.facility <= HARD:
        return "Few pass: look whether the text says what is asked."
    if item.facility >= EASY:
        return "Nearly everybody passes."
    if item.discrimination is not None and item.discrimination < DULL:
        return "Says little about the rest."
    return ""


@cache
def _template() -> Any:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")
