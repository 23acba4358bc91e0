"""What a class's records say about the tests and about what was misunderstood. Pure.

Facility and discrimination are those of classical test theory: the mean share of the points of a test, and the correlation
of a test with the rest of the unit (Crocker and Algina, Introduction to Classical and Modern Test Theory, 1986, chapter 14).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import StatisticsError, correlation, fmean

from autograder.model.outcomes import Result, TestOutcome
from autograder.model.records import Record
from autograder.results.wording import VERDICTS

FEWEST_FOR_CORRELATION = 5
NO_MISCONCEPTION = (Result.PASSED, Result.UNANSWERED, Result.NOT_RUN, Result.BROKEN)


@dataclass(frozen=True)
class Item:
    """How one test did.

    `facility`: the mean share of its points, from 0 to 1. `discrimination`: its correlation with the points of the other
    tests, from -1 to 1; None where it is not defined (few submissions, or the same points for all).
    """

    test: str
    exercise: str
    hidden: bool
    points: float
    facility: float
    discrimination: float | None
    outcomes: dict[Result, int]


@dataclass(frozen=True)
class Misconception:
    """A message that a test gave to one or more students."""

    words: str
    test: str
    students: tuple[str, ...]


def items(records: Sequence[Record]) -> list[Item]:
    """Analyse each test over the submissions that could be read."""
    read = [record for record in records if not record.problem]
    columns: dict[str, list[tuple[TestOutcome, float]]] = defaultdict(list)
    for record in read:
        for test in record.tests:  # a record of an older version of the unit may have other tests
            columns[test.grade_id].append((test, record.score))
    return [_item([test for test, _ in column], [total for _, total in column]) for column in columns.values()]


def misconceptions(records: Iterable[Record]) -> list[Misconception]:
    """Return what tests said about wrong answers, the most frequent message first."""
    students: dict[tuple[str, str], list[str]] = defaultdict(list)
    for record in records:
        for test in record.tests:
            if test.outcome not in NO_MISCONCEPTION:
                students[test.grade_id, test.hint or VERDICTS[test.outcome][1]].append(record.student)
    unsorted = [Misconception(words, test, tuple(names)) for (test, words), names in students.items()]
    return sorted(unsorted, key=lambda one: -len(one.students))


def _item(tests: list[TestOutcome], totals: list[float]) -> Item:
    first, scores = tests[0], [test.score for test in tests]
    rest = [total - score for total, score in zip(totals, scores, strict=True)]
    return Item(
        test=first.grade_id,
        exercise=first.exercise,
        hidden=first.hidden,
        points=first.max_score,
        facility=fmean(scores) / first.max_score if first.max_score else 0.0,
        discrimination=_correlation(scores, rest),
        outcomes=Counter(test.outcome for test in tests),
    )


def _correlation(scores: list[float], rest: list[float]) -> float | None:
    if len(scores) < FEWEST_FOR_CORRELATION:
        return None
    try:
        return correlation(scores, rest)
    except StatisticsError:  # one of the two is constant
        return None
