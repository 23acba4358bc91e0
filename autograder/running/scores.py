"""From what the judge reported to points. Pure: no files, no processes."""

from collections.abc import Iterator
from dataclasses import replace

from autograder.model.outcomes import Result, TestOutcome
from autograder.model.units import Cell, Unit
from autograder.running.run import Run

REMARKS = {
    Result.TIMEOUT: "ran out of time",
    Result.CRASHED: "ended its own process",
    Result.MEMORY: "ran out of memory",
    Result.INTERFACE: "gave objects in place of plain values",
}
TOGETHER = "your code and the processes that it started used more memory together than allowed"
NOT_RUN = "this test did not run: {}"


def outcomes(unit: Unit, run: Run) -> tuple[TestOutcome, ...]:
    """Every test of the unit with its points. A test that was not reported to its end earns nothing."""
    return tuple(_outcome(test, run) for test in unit.tests)


def unread(unit: Unit, problem: str) -> tuple[TestOutcome, ...]:
    """Every test of a submission that could not be read."""
    return tuple(_without_points(test, Result.NOT_RUN, problem) for test in unit.tests)


def remarks(tests: tuple[TestOutcome, ...]) -> Iterator[str]:
    """What an instructor would want to know of a submission at a glance, beyond its points."""
    if all(test.outcome is Result.UNANSWERED for test in tests):
        yield "nothing was answered"
    for result, words in REMARKS.items():
        exercises = dict.fromkeys(test.exercise for test in tests if test.outcome is result)
        if exercises:
            yield f"{', '.join(exercises)}: {words}"


def _outcome(test: Cell, run: Run) -> TestOutcome:
    report = run.tests.get(test.id)
    if report is None and run.out_of_time:
        return _without_points(test, Result.NOT_RUN, "the submission's time was used up")
    if report is None:
        return _without_points(test, Result.BROKEN, "the grader's own process ended before it")
    if report.result is Result.CRASHED and run.out_of_memory:
        report = replace(report, result=Result.MEMORY, message=TOGETHER, hint=TOGETHER)
    return TestOutcome(
        grade_id=test.id,
        exercise=test.exercise,
        hidden=test.hidden,
        score=test.points if report.result is Result.PASSED else 0.0,
        max_score=test.points,
        outcome=report.result,
        message=report.message,
        hint=report.hint,
        seconds=round(report.seconds, 4),
    )


def _without_points(test: Cell, result: Result, why: str) -> TestOutcome:
    told = NOT_RUN.format(why)
    return TestOutcome(test.id, test.exercise, test.hidden, 0.0, test.points, result, told, told)
