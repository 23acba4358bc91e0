"""Points: only a test that was reported as passed earns any."""

from pathlib import Path

import pytest

from autograder.model.outcomes import Result
from autograder.model.units import Unit, load_unit
from autograder.rpc.messages import TestEnded
from autograder.running.run import Run
from autograder.running.scores import outcomes, remarks, ungraded
from tests.autograder.small_unit import NAME, write_unit


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    write_unit(tmp_path)
    return load_unit(tmp_path, NAME)


def report(result: Result) -> TestEnded:
    return TestEnded("a test", result, "message", "hint", 0.1, ())


@pytest.mark.parametrize("result", Result)
def test_only_passed_earns_points(unit: Unit, result: Result) -> None:
    found = outcomes(unit, Run(tests={test.id: report(result) for test in unit.tests}, finished=True))
    assert [t.outcome for t in found] == [result] * 4
    assert sum(t.score for t in found) == (20 if result is Result.PASSED else 0)
    assert sum(t.max_score for t in found) == 20


def test_a_test_without_a_report_earns_nothing_and_blames_whom_it_should(unit: Unit) -> None:
    done = {"double_two": report(Result.PASSED)}
    ours = outcomes(unit, Run(tests=done))
    assert [t.outcome for t in ours] == [Result.PASSED, Result.BROKEN, Result.BROKEN, Result.BROKEN]
    late = outcomes(unit, Run(tests=done, out_of_time=True))
    assert [t.outcome for t in late] == [Result.PASSED, Result.NOT_RUN, Result.NOT_RUN, Result.NOT_RUN]
    assert sum(t.score for t in (*ours[1:], *late[1:])) == 0
    assert "time was used up" in late[1].hint


def test_an_end_by_the_watch_over_memory_is_called_so(unit: Unit) -> None:
    tests = {"double_two": report(Result.CRASHED), "double_negative": report(Result.PASSED)}
    found = outcomes(unit, Run(tests=tests, out_of_memory=True))
    assert [t.outcome for t in found[:2]] == [Result.MEMORY, Result.PASSED]
    assert "together" in found[0].hint


def test_an_unread_submission_keeps_the_reason(unit: Unit) -> None:
    tests = ungraded(unit, "half a file", Result.NOT_RUN)
    assert all(t.score == 0 and "half a file" in t.message for t in tests)


def test_remarks_name_the_exercises(unit: Unit) -> None:
    tests = {"double_two": report(Result.TIMEOUT), "double_negative": report(Result.TIMEOUT)}
    tests |= {"total_three": report(Result.PASSED), "total_empty": report(Result.CRASHED)}
    assert list(remarks(outcomes(unit, Run(tests=tests)))) == [
        "double: ran out of time",
        "total: ended its own process",
    ]
    nothing = {test.id: report(Result.UNANSWERED) for test in unit.tests}
    assert list(remarks(outcomes(unit, Run(tests=nothing)))) == ["nothing was answered"]
