"""The sample class, graded for real: every score of every test is what the answer bank says it must be."""

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.model.units import Kind
from autograder.running.processes import Zygote
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


def grader(course: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "autograder", *arguments], cwd=course, capture_output=True, text=True, timeout=1200
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("course")


@pytest.fixture(scope="module")
def classes(course: Path) -> dict[str, Graded]:
    """The class of each unit, all graded by one command."""
    names = units()
    expected = write_class(course, names)
    output = dict(zip(names, grader(course, "grade", *names).splitlines(), strict=True))
    told = [json.loads(line) for line in grader(course, "results", *names, "--json").splitlines()]
    heading = re.compile(rf"^ *({'|'.join(names)}) *$", re.MULTILINE)
    _, *parts = heading.split(grader(course, "results", *names))
    tables = dict(zip(parts[::2], parts[1::2], strict=True))
    return {
        name: Graded(
            name,
            expected[name],
            {result["student"]: result for result in told if result["unit"] == name},
            output[name],
            tables[name],
        )
        for name in names
    }


@pytest.fixture(params=units())
def graded(request: pytest.FixtureRequest, classes: dict[str, Graded]) -> Graded:
    return classes[request.param]


def test_everybody_has_a_record(graded: Graded) -> None:
    assert sorted(graded.results) == sorted(CLASS)
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


@pytest.mark.parametrize("student", EXHAUSTING)
def test_what_ended_an_answer_is_named(classes: dict[str, Graded], student: str) -> None:
    graded = classes[UNIT]
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


def test_everybody_gets_a_page(course: Path, classes: dict[str, Graded]) -> None:
    grader(course, "feedback", *classes)
    for unit in classes:
        pages = sorted(path.parts[-3] for path in course.glob(f"feedback/*/{unit}/{unit}.html"))
        assert pages == sorted(CLASS)


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
