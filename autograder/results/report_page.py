"""What the report about a class shows, in the words and numbers that the template prints."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from autograder.model.outcomes import Result, is_weakened
from autograder.model.text import readable
from autograder.model.units import Unit
from autograder.results.analysis import Item, Misconception, items, misconceptions
from autograder.results.graded import Graded
from autograder.results.likeness import Likeness, likenesses
from autograder.results.wording import VERDICTS, name_of

BINS = 10  # of the distribution
SHOWN = 15  # misconceptions and pairs of students
EASY, HARD = 0.95, 0.3  # a facility above or below is worth a look
DULL = 0.2  # and so is a discrimination below


@dataclass(frozen=True)
class Bar:
    """One bar of the distribution."""

    label: str
    students: int
    height: float  # share of the highest bar


@dataclass(frozen=True)
class ItemShown:
    """One test."""

    item: Item
    name: str
    failures: str
    remark: str


@dataclass(frozen=True)
class ReportPage:
    """All that the template needs."""

    unit: str
    students: int
    unread: tuple[tuple[str, str], ...]  # student, reason
    waiting: int
    mean: str
    median: str
    most: str
    weakened: bool  # part of the isolation was missing when somebody was graded
    bars: tuple[Bar, ...]
    exercises: tuple[tuple[str, str, str, float], ...]  # name, mean points, most points, share
    items: tuple[ItemShown, ...]
    misconceptions: tuple[Misconception, ...]
    repairs: tuple[tuple[str, str], ...]  # student, repair or remark
    likenesses: tuple[Likeness, ...]


def report_page(unit: Unit, graded: Sequence[Graded]) -> ReportPage:
    """Return what the report about a class shows; at least one submission must be graded."""
    records = [one.record for one in graded]
    scores = [one.mark.score for one in graded]
    most = graded[0].mark.max_score
    tests = {test.id: test for test in unit.tests}
    return ReportPage(
        unit=unit.name,
        students=len(graded),
        unread=tuple((readable(r.student), readable(r.problem)) for r in records if r.problem),
        waiting=sum(one.mark.waiting for one in graded),
        mean=f"{fmean(scores):.1f}",
        median=f"{median(scores):.1f}",
        most=f"{most:g}",
        weakened=any(is_weakened(record.isolation) for record in records),
        bars=_distribution(scores, most),
        exercises=tuple(_exercise(unit, exercise, graded) for exercise in unit.exercises),
        items=tuple(_item_shown(item, tests[item.test].source) for item in items(records) if item.test in tests),
        misconceptions=tuple(misconceptions(records)[:SHOWN]),
        repairs=tuple((readable(r.student), readable(words)) for r in records for words in (*r.repairs, *r.notes)),
        likenesses=tuple(likenesses(records)[:SHOWN]),
    )


def _distribution(scores: Sequence[float], most: float) -> tuple[Bar, ...]:
    """Count students by points, in bars of equal width; the last one includes full points and what is above them."""
    width = most / BINS or 1.0  # a unit may have no points that tests give
    counts = Counter(min(BINS - 1, int(score / width)) for score in scores)
    highest = max(counts.values())
    return tuple(
        Bar(f"{number * width:g} to {(number + 1) * width:g}", counts[number], counts[number] / highest)
        for number in range(BINS)
    )


def _exercise(unit: Unit, exercise: str, graded: Sequence[Graded]) -> tuple[str, str, str, float]:
    most = sum(test.points for test in unit.tests_of(exercise))
    mean = fmean(one.record.exercise_score(exercise) for one in graded)
    return unit.exercise_in_words(exercise), f"{mean:.1f}", f"{most:g}", mean / most if most else 0.0


def _item_shown(item: Item, source: str) -> ItemShown:
    failures = [
        f"{_inside_a_line(VERDICTS[result][0])} {count}"
        for result, count in sorted(item.outcomes.items(), key=lambda counted: -counted[1])
        if result is not Result.PASSED
    ]
    return ItemShown(item, name_of(item.test, item.exercise, source), ", ".join(failures), _remark(item))


def _inside_a_line(words: str) -> str:
    return words[:1].lower() + words[1:]


def _remark(item: Item) -> str:
    """Say what an instructor might do about a test; empty where nothing stands out."""
    if item.outcomes.get(Result.BROKEN):
        return "The test itself failed for at least one student: fix it and grade again."
    if item.discrimination is not None and item.discrimination < 0:
        return "Students who did well elsewhere fail here: check whether it tests what it should."
    if item.facility <= HARD:
        return "Few students pass: check whether the text says what is asked."
    if item.facility >= EASY:
        return "Nearly everybody passes."
    if item.discrimination is not None and item.discrimination < DULL:
        return "Says little about the rest."
    return ""
