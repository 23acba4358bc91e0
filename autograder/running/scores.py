"""From what the judge reported to points, and to notes for the instructor. Pure: no files, no processes."""

from collections.abc import Iterator
from dataclasses import replace

from autograder.model.outcomes import Result, TestOutcome
from autograder.model.remedies import named, stopped
from autograder.model.units import Cell, Kind, Unit
from autograder.running.run import Run

ODD_ENDS = {
    Result.TIMEOUT: "ran out of time",
    Result.CRASHED: "ended its own process",
    Result.MEMORY: "ran out of memory",
    Result.INTERFACE: "gave objects in place of plain values",
}
MAX_OF_A_KIND = 10  # notes about the cells of one submission
TOGETHER = "your code and its processes used more memory, open files or disk together than allowed, or were too many"
SET_UP_FAILED = "the grader could not set up a process for this submission, which is no fault of the student's: {}"
JUDGE_ENDED = "the grader's own process ended before it"
NOT_RUN = "this test did not run: {}"
IN_ORDER = "{}: the cells were run once more in the order in which they stand, and that result counts"
IN_PLACE = "changes {} in place, which costs no points; whoever calls it may need the old value, so work on a copy"


def outcomes(unit: Unit, run: Run) -> tuple[TestOutcome, ...]:
    """Return the outcome of every test of the unit, with its points. A test without a report earns nothing."""
    return tuple(_outcome(test, run) for test in unit.tests)


def ungraded(unit: Unit, problem: str, outcome: Result) -> tuple[TestOutcome, ...]:
    """Return the same outcome of every test for a submission that could not be graded, and why."""
    return tuple(_without_points(test, outcome, problem) for test in unit.tests)


def notes(unit: Unit, run: Run, tests: tuple[TestOutcome, ...]) -> Iterator[str]:
    """Yield what an instructor wants to know of a submission at a glance, beyond its points."""
    yield from remarks(tests)
    yield from _first([stopped(_answer(unit, cell), error) for cell, error in run.cell_errors.items()], "stopped too")
    asides = [(cell, aside) for cell, of_cell in run.asides.items() for aside in of_cell]
    yield from _first([f"{named(_answer(unit, cell))} went on: {aside}" for cell, aside in asides], "went on too")
    if run.gained:
        yield IN_ORDER.format(", ".join(run.gained))
    for exercise in unit.exercises:
        reports = [run.tests[test.id] for test in unit.tests_of(exercise) if test.id in run.tests]
        if changed := dict.fromkeys(argument for report in reports for argument in report.changed):
            yield f"{exercise}: {IN_PLACE.format(' and '.join(changed))}"
    if run.failure is not None:
        yield SET_UP_FAILED.format(run.failure)
    elif not run.finished:
        yield "the judge was ended before its last test"  # what it printed may quote a hidden test: see _outcome


def _first(words: list[str], what_others_did: str) -> Iterator[str]:
    """Yield the first of many notes of a kind, each once, and how many there are besides."""
    words = list(dict.fromkeys(words))
    yield from words[:MAX_OF_A_KIND]
    if len(words) > MAX_OF_A_KIND:
        yield f"{len(words) - MAX_OF_A_KIND} more cells {what_others_did}"


def remarks(tests: tuple[TestOutcome, ...]) -> Iterator[str]:
    """Yield what stands out in the outcomes."""
    if tests and all(test.outcome is Result.UNANSWERED for test in tests):
        yield "nothing was answered"
    for result, words in ODD_ENDS.items():
        exercises = dict.fromkeys(test.exercise for test in tests if test.outcome is result)
        if exercises:
            yield f"{', '.join(exercises)}: {words}"


def _answer(unit: Unit, cell: str) -> str:
    """Return the id of a cell if it is an answer's; else nothing."""
    return cell if cell in {answer.id for answer in unit.of_kind(Kind.ANSWER, Kind.MANUAL)} else ""


def _outcome(test: Cell, run: Run) -> TestOutcome:
    report = run.tests.get(test.id)
    if report is None and run.out_of_time:
        return _without_points(test, Result.NOT_RUN, "the submission's time was used up")
    if report is None and run.failure is not None:
        return _without_points(test, Result.BROKEN, SET_UP_FAILED.format(run.failure))
    if report is None:
        return _judge_ended(test, run)
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


def _judge_ended(test: Cell, run: Run) -> TestOutcome:
    """Return the outcome of a test that the judge did not come to; its last words are for the instructor alone."""
    outcome = _without_points(test, Result.BROKEN, JUDGE_ENDED)
    last_line = (run.judge_output.strip().splitlines() or ["it hung"])[-1]
    return replace(outcome, message=f"{outcome.message} ({last_line[:300]})") if test.hidden else outcome


def _without_points(test: Cell, result: Result, why: str) -> TestOutcome:
    message = NOT_RUN.format(why)
    return TestOutcome(test.id, test.exercise, test.hidden, 0.0, test.points, result, message, message)
