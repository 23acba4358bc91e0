"""The sample class, graded for real: every score of every test is what the answer bank says it must be."""

import contextlib
import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.model.units import Kind
from autograder.running.processes import Zygote
from tests.autograder.never_lost import main_in
from tests.bank import units
from tests.plain_kernel import run_cells
from tests.submissions.sample_class import CLASS, EXHAUSTING, FORGERY, UNIT, Expected, handout_of, write_class


@dataclass(frozen=True)
class Graded:
    """One unit after grading: what `grade`, `results --json` and `results` say of it, and what it must say."""

    unit: str
    expected: dict[str, Expected]
    results: dict[str, dict]
    output: str
    table: str
    course: Path


def in_a_process(course: Path, *arguments: str) -> str:
    """What a command prints, run as people run it."""
    done = subprocess.run(
        [sys.executable, "-m", "autograder", *arguments], cwd=course, capture_output=True, text=True, timeout=1200
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def in_this_process(course: Path, *arguments: str) -> str:
    """What a command prints, run where its imports are there already."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert main_in(course, *arguments) == 0
    return printed.getvalue()


@pytest.fixture(scope="module")
def class_of(tmp_path_factory: pytest.TempPathFactory, zygote: Zygote) -> Iterator[Callable[[str], Graded]]:
    """Grades the class of a unit once. The command line is run for one unit, and its verbs for the others."""
    classes: dict[str, Graded] = {}

    def class_of(unit: str) -> Graded:
        if unit not in classes:
            run = in_a_process if unit == UNIT else in_this_process
            classes[unit] = grade_class(tmp_path_factory.mktemp("course"), unit, run)
        return classes[unit]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("autograder.running.executors.Zygote", lambda: zygote)
        patch.setattr(zygote, "close", lambda: None)
        yield class_of


def grade_class(course: Path, unit: str, run: Callable[..., str]) -> Graded:
    expected = write_class(course, [unit])[unit]
    output = run(course, "grade", unit)
    told = [json.loads(line) for line in run(course, "results", unit, "--json").splitlines()]
    table = run(course, "results", unit)
    run(course, "feedback", unit)
    return Graded(unit, expected, {result["student"]: result for result in told}, output, table, course)


@pytest.fixture(params=units())
def graded(request: pytest.FixtureRequest, class_of: Callable[[str], Graded]) -> Graded:
    return class_of(request.param)


def test_everybody_has_a_record(graded: Graded) -> None:
    assert sorted(graded.results) == sorted(CLASS)
    assert {result["unit"] for result in graded.results.values()} == {graded.unit}
    assert len(CLASS) == 24
    assert "24 submissions graded; 1 could not be read" in graded.output


@pytest.mark.parametrize("student", CLASS)
def test_every_score_is_what_the_bank_says(graded: Graded, student: str) -> None:
    scores = {test["grade_id"]: test["score"] for test in graded.results[student]["tests"]}
    assert scores == graded.expected[student].scores


@pytest.mark.parametrize("student", CLASS)
def test_what_was_repaired_is_said_and_nothing_else(graded: Graded, student: str) -> None:
    result, expected = graded.results[student], graded.expected[student]
    assert len(result["repairs"]) == len(expected.repairs)
    for words in expected.repairs:
        assert any(words in repair for repair in result["repairs"])
    assert bool(result["problem"]) == bool(expected.problem)
    assert expected.problem in result["problem"]


@pytest.mark.parametrize("unit", [UNIT])
@pytest.mark.parametrize("student", EXHAUSTING)
def test_what_ended_an_answer_is_named(class_of: Callable[[str], Graded], unit: str, student: str) -> None:
    graded = class_of(unit)
    points = {test["grade_id"]: test["outcome"] for test in graded.results[student]["tests"]}
    assert graded.expected[student].outcomes
    for exercise, outcome in graded.expected[student].outcomes:
        assert outcome in {points[test] for test in points if test.startswith(f"{exercise}_")}


def test_the_class_is_of_many_kinds(graded: Graded) -> None:
    totals = [result["score"] for result in graded.results.values()]
    assert totals.count(20) >= 8
    assert totals.count(0) >= 3
    assert len(set(totals)) >= 7


def test_the_table_has_a_row_for_each_student(graded: Graded) -> None:
    for student, result in graded.results.items():
        (row,) = [line for line in graded.table.splitlines() if student in line.split()]
        assert f"{result['score']:g}/20" in row


def test_everybody_gets_a_page(graded: Graded) -> None:
    pages = graded.course.glob(f"feedback/*/{graded.unit}/{graded.unit}.html")
    assert sorted(path.parts[-3] for path in pages) == sorted(CLASS)


def test_the_forgery_would_fool_a_kernel_that_holds_the_tests(zygote: Zygote) -> None:
    """Or loki's 0 points would prove nothing."""
    handout = handout_of(UNIT)
    kinds = (Kind.SHARED, Kind.ANSWER, Kind.TEST)
    cells = [(cell.id, node.source) for cell, node in _cells(handout) if cell.kind in kinds]
    at = next(i for i, (name, _) in enumerate(cells) if name == handout.unit.exercises[0])
    honest = run_cells(zygote, cells)
    forged = run_cells(zygote, [*cells[:at], ("forgery", FORGERY), *cells[at:]])
    tests = [test.id for test in handout.unit.tests]
    assert all(honest[test] for test in tests)
    assert not any(forged[test] for test in tests)


def _cells(handout) -> zip:  # type: ignore[no-untyped-def]
    """The unit's cells beside those of a release whose tests are whole: what nbgrader would run."""
    cells = [
        cell if mine.kind is Kind.ANSWER else handout.unit.notebook.cells[i]
        for i, (mine, cell) in enumerate(zip(handout.unit.cells, handout.release.cells, strict=True))
    ]
    return zip(handout.unit.cells, cells, strict=True)
