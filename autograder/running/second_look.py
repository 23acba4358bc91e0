"""A second look at a submission that lost a test: its cells are run once more as they were handed in, from top to bottom.

Which cells are run, and in which order, the plan reads off their texts. Where it is mistaken, a right answer would lose what a notebook
kernel gives it. So where the plan differs from the notebook as it stands, the order of the notebook has the last word: of each exercise
the better run counts, as a whole, so that two wrong answers do not make a right one. Its cells have as much time as those of the first
run: with less, points would depend on how fast the machine is.
"""

from collections.abc import Sequence
from dataclasses import replace

from autograder.model.outcomes import Result, weakest
from autograder.model.units import Unit
from autograder.reading.as_written import is_as_written, passes_as_written
from autograder.reading.plan import Step
from autograder.rpc.messages import Job
from autograder.running.executors import Executor
from autograder.running.run import Run


def run_with_second_look(
    executor: Executor, unit: Unit, job: Job, written: Sequence[Step], contents: Sequence[bytes] = ()
) -> Run:
    """Run a job, and again as the notebook stands if that may earn more. `written`: the notebook's cells in their order.

    A hidden test has begun by then: of the second run's words students read none.
    """
    first = executor.run(job, contents)
    if (
        all(_passed(first, test.id) for test in unit.tests)
        or first.failure is not None
        or is_as_written(unit, job.passes, written)
    ):
        return first
    passes = tuple(map(tuple, passes_as_written(unit, written)))
    again = replace(job, passes=passes, silent=True, given_up=first.given_up)
    return better(unit, first, executor.run(again, contents))


def better(unit: Unit, first: Run, second: Run) -> Run:
    """Return the first run with the tests of those exercises that earn more in the second.

    What the first run says of cells may then come from its order alone, so only the errors of other exercises' answers stay.
    """
    if second.students:
        first = replace(first, isolation=weakest(first.isolation, second.isolation))
    gained = tuple(e for e in unit.exercises if _points(unit, second, e) > _points(unit, first, e))
    if not gained:
        return first
    tests = {test.id: second.tests[test.id] for e in gained for test in unit.tests_of(e) if test.id in second.tests}
    others = {answer.id for e in unit.exercises if e not in gained for answer in unit.answers_of(e)}
    errors = {cell: error for cell, error in first.cell_errors.items() if cell in others}
    return replace(first, tests={**first.tests, **tests}, cell_errors=errors, asides={}, gained=gained)


def _points(unit: Unit, run: Run, exercise: str) -> float:
    """Return what a run earns in an exercise."""
    return sum(test.points for test in unit.tests_of(exercise) if _passed(run, test.id))


def _passed(run: Run, test: str) -> bool:
    return test in run.tests and run.tests[test].result is Result.PASSED
