"""What a class's records say about the tests and about the class. Pure.

Facility and discrimination are those of classical test theory: the mean share of the points of a test, and the correlation
of a test with the rest of the unit (Crocker and Algina, Introduction to Classical and Modern Test Theory, 1986, chapter 14).
"""

import ast
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import StatisticsError, correlation, fmean

from autograder.model.outcomes import Result, TestOutcome
from autograder.model.records import Record
from autograder.results.wording import VERDICTS

FEWEST_FOR_CORRELATION = 5
COMMON = 0.2  # an answer that more than this share of the class gave says nothing about two who gave it
LONG_ENOUGH = 12  # nodes of a syntax tree: what is shorter can hardly be written in two ways
STRIKING = 6.0  # bits of coincidence from which a pair is shown


@dataclass(frozen=True)
class Item:
    """How one test did. `facility`: mean share of its points, from 0 to 1. `discrimination`: its correlation with the points
    of the other tests, from -1 to 1; None where it cannot be told (few submissions, or all with the same points)."""

    test: str
    exercise: str
    hidden: bool
    points: float
    facility: float
    discrimination: float | None
    outcomes: dict[Result, int]


@dataclass(frozen=True)
class Misconception:
    """Words that a test said to several students."""

    words: str
    test: str
    students: tuple[str, ...]


@dataclass(frozen=True)
class Likeness:
    """Two students whose answers are the same program, up to names, comments and layout, in exercises where that is rare.

    `bits`: how surprising, the sum over these exercises of log2(class / number of students with that answer).
    """

    students: tuple[str, str]
    exercises: tuple[str, ...]
    to_the_letter: tuple[str, ...]  # the exercises in which even the layout is the same
    wrong: tuple[str, ...]  # the exercises in which the shared answer loses points
    bits: float


def items(records: Sequence[Record]) -> list[Item]:
    """Analyse each test over the submissions that could be read."""
    read = [record for record in records if not record.problem]
    columns: dict[str, list[TestOutcome]] = defaultdict(list)
    for record in read:
        for test in record.tests:
            columns[test.grade_id].append(test)
    totals = [record.score for record in read]
    return [_item(tests, totals) for tests in columns.values()]


def misconceptions(records: Iterable[Record]) -> list[Misconception]:
    """What tests said of answers that they refused, the most frequent first."""
    said: dict[tuple[str, str], list[str]] = defaultdict(list)
    for record in records:
        for test in record.tests:
            if test.outcome not in (Result.PASSED, Result.UNANSWERED, Result.NOT_RUN, Result.BROKEN):
                said[test.grade_id, test.hint or VERDICTS[test.outcome][1]].append(record.student)
    found = [Misconception(words, test, tuple(students)) for (test, words), students in said.items()]
    return sorted(found, key=lambda one: -len(one.students))


def likenesses(records: Sequence[Record]) -> list[Likeness]:
    """Pairs of students with more of the same rare answers than chance explains, the most striking first.

    Nothing here proves anything: two students may have learned from the same page. It says where a person should look.
    """
    answers = {record.student: _answers(record) for record in records if not record.problem}
    shared: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for exercise in dict.fromkeys(exercise for told in answers.values() for exercise in told):
        groups: dict[str, list[str]] = defaultdict(list)
        for student, told in answers.items():
            if form := normal_form(told.get(exercise, "")):
                groups[form].append(student)
        for students in groups.values():
            if 2 <= len(students) <= max(2, COMMON * len(answers)):
                for pair in combinations(students, 2):
                    shared[pair].append((exercise, math.log2(len(answers) / len(students))))
    lost = {(r.student, t.exercise) for r in records for t in r.tests if t.outcome is not Result.PASSED}
    found = [_likeness(pair, told, answers, lost) for pair, told in shared.items()]
    return sorted((one for one in found if one.bits >= STRIKING), key=lambda one: -one.bits)


def normal_form(source: str) -> str:
    """A program without names, comments, docstrings and layout; empty for what is too short to say anything or no Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        _without_docstring(node)
        if isinstance(node, ast.arg):
            node.arg, node.annotation = names.setdefault(node.arg, f"n{len(names)}"), None
        elif isinstance(node, ast.FunctionDef):
            node.returns = None
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.setdefault(node.id, f"n{len(names)}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = names.get(node.id, node.id)
    return ast.dump(tree) if sum(1 for _ in ast.walk(tree)) >= LONG_ENOUGH else ""


def _without_docstring(node: ast.AST) -> None:
    if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module) and ast.get_docstring(node) is not None:
        node.body = node.body[1:] or [ast.Pass()]


def _item(tests: list[TestOutcome], totals: list[float]) -> Item:
    first, scores = tests[0], [test.score for test in tests]
    rest = [total - score for total, score in zip(totals, scores, strict=True)]
    outcomes = Counter(test.outcome for test in tests)
    facility = fmean(scores) / first.max_score
    return Item(
        first.grade_id, first.exercise, first.hidden, first.max_score, facility, _correlation(scores, rest), outcomes
    )


def _correlation(scores: list[float], rest: list[float]) -> float | None:
    if len(scores) < FEWEST_FOR_CORRELATION:
        return None
    try:
        return correlation(scores, rest)
    except StatisticsError:  # all the same
        return None


def _answers(record: Record) -> dict[str, str]:
    """What a student answered, by exercise; without what was not answered at all."""
    cells = record.notebook.get("cells", [])
    sources = {c["metadata"]["nbgrader"]["grade_id"]: c["source"] for c in cells if "nbgrader" in c.get("metadata", {})}
    return {exercise: sources[exercise] for exercise in _answered(record) if exercise in sources}


def _answered(record: Record) -> Iterator[str]:
    outcomes: dict[str, set[Result]] = defaultdict(set)
    for test in record.tests:
        outcomes[test.exercise].add(test.outcome)
    yield from (exercise for exercise, seen in outcomes.items() if seen != {Result.UNANSWERED})


def _likeness(
    pair: tuple[str, str],
    shared: list[tuple[str, float]],
    answers: dict[str, dict[str, str]],
    lost: set[tuple[str, str]],
) -> Likeness:
    exercises = tuple(exercise for exercise, _ in shared)
    one, other = (answers[student] for student in pair)
    to_the_letter = tuple(e for e in exercises if one[e].split() == other[e].split())
    wrong = tuple(e for e in exercises if (pair[0], e) in lost)
    return Likeness(pair, exercises, to_the_letter, wrong, sum(bits for _, bits in shared))
