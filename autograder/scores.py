"""From what the judge reported to points. Pure: no files, no processes."""

from autograder.records import Result, TestOutcome
from autograder.runner import Run
from autograder.units import Cell, Unit

NOT_RUN = "this test did not run: {}"


def outcomes(unit: Unit, run: Run) -> tuple[TestOutcome, ...]:
    """Every test of the unit with its points. A test that was not reported to its end earns nothing."""
    return tuple(_outcome(test, run) for test in unit.tests)


def unread(unit: Unit, problem: str) -> tuple[TestOutcome, ...]:
    """Every test of a submission that could not be read."""
    return tuple(_without_points(test, problem) for test in unit.tests)


def _outcome(test: Cell, run: Run) -> TestOutcome:
    report = run.tests.get(test.id)
    if report is None:
        return _without_points(test, "the submission's time was used up, or its judge was ended")
    result = Result(report["result"])
    return TestOutcome(
        grade_id=test.id,
        exercise=test.exercise,
        hidden=test.hidden,
        score=test.points if result is Result.PASSED else 0.0,
        max_score=test.points,
        outcome=result,
        message=report["message"],
        hint=report["hint"],
        seconds=round(report["seconds"], 4),
    )


def _without_points(test: Cell, why: str) -> TestOutcome:
    told = NOT_RUN.format(why)
    return TestOutcome(test.id, test.exercise, test.hidden, 0.0, test.points, Result.NOT_RUN, told, told)
