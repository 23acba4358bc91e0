"""A submission that lost a test is run once more as it stands, and what is right then counts."""

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.model.outcomes import Result
from autograder.model.units import Unit, load_unit
from autograder.reading.plan import OWN, Step, reference_steps
from autograder.rpc.messages import TestEnded
from autograder.running import scores
from autograder.running.executors import LocalExecutor
from autograder.running.job import make_job
from autograder.running.run import Run
from autograder.running.second_look import better, run_with_second_look
from autograder.sandbox.limits import Limits
from tests.autograder.small_unit import NAME, write_unit

HELPER = Step(f"{OWN}1", "student", "def twice(x):\n    return 2 * x")
USES_IT = "def double(x):\n    return twice(x)"


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    write_unit(tmp_path)
    return load_unit(tmp_path, NAME)


def ended(unit: Unit, *passed: str) -> dict[str, TestEnded]:
    results = {test.id: Result.PASSED if test.id in passed else Result.FAILED for test in unit.tests}
    return {name: TestEnded(name, result, "words", "hint", 0.1, ()) for name, result in results.items()}


def run(unit: Unit, executor: LocalExecutor, answer: str, *left_out: Step) -> Run:
    """Run a submission whose plan leaves cells out: they stand above the answer."""
    manifest = executor.run(make_job(unit, reference_steps(unit), None, Limits())).manifest
    steps = [replace(step, source=answer) if step.id == "double" else step for step in reference_steps(unit)]
    job = make_job(unit, steps, manifest, Limits())
    return run_with_second_look(executor, unit, job, (*steps[:1], *left_out, *steps[1:]))


def test_a_cell_that_the_plan_left_out_costs_nothing(unit: Unit, executor: LocalExecutor) -> None:
    looked_at = run(unit, executor, USES_IT, HELPER)
    tests = scores.outcomes(unit, looked_at)
    assert [test.score for test in tests] == [4, 6, 4, 6]
    (note,) = scores.notes(unit, looked_at, tests)
    assert note == "double: the cells were run once more in the order in which they stand, and that result counts"


def test_what_is_lost_in_both_runs_keeps_the_first_one_s_words(unit: Unit, executor: LocalExecutor) -> None:
    looked_at = run(unit, executor, "def double(x):\n    return missing(x)", HELPER)
    assert looked_at.gained == ()
    assert "name 'missing' is not defined" in looked_at.tests["double_two"].message


def test_no_word_of_the_second_run_reaches_students(unit: Unit, executor: LocalExecutor) -> None:
    knows = replace(HELPER, source="def twice(x):\n    if x > 0:\n        raise ValueError('a word')\n    return 2 * x")
    looked_at = run(unit, executor, USES_IT, knows)
    assert looked_at.gained == ("double",)  # its hidden test alone
    assert "word" not in looked_at.tests["double_two"].message
    assert looked_at.cell_errors == {}


def test_there_is_no_second_run_of_a_perfect_submission_or_of_a_plan_that_follows_the_notebook(unit: Unit) -> None:
    class Counts:
        """Runs nothing: every job ends with these tests."""

        def __init__(self, *passed: str) -> None:
            self.jobs: list[object] = []
            self.passed = passed

        def run(self, job: object, _contents: object) -> Run:
            self.jobs.append(job)
            return Run(tests=ended(unit, *self.passed), finished=True)

    steps = tuple(step for step in reference_steps(unit) if step.run != "lesson")
    job = make_job(unit, steps, None, Limits())
    perfect, wrong, with_own = Counts(*(test.id for test in unit.tests)), Counts(), Counts()
    run_with_second_look(perfect, unit, job, (HELPER, *steps))  # type: ignore[arg-type]
    run_with_second_look(wrong, unit, job, steps)  # type: ignore[arg-type]
    run_with_second_look(with_own, unit, job, (HELPER, *steps))  # type: ignore[arg-type]
    assert [len(one.jobs) for one in (perfect, wrong, with_own)] == [1, 1, 2]
    assert with_own.jobs[1].silent  # type: ignore[attr-defined]


def test_of_an_exercise_one_run_counts_as_a_whole(unit: Unit) -> None:
    first = Run(tests=ended(unit, "double_two", "total_three"), cell_errors={"total": "E", "double": "E", "own:1": "E"})
    looked_at = better(unit, first, Run(tests=ended(unit, "double_negative", "total_three")))
    assert looked_at.gained == ("double",)
    assert [looked_at.tests[test.id].result is Result.PASSED for test in unit.tests] == [False, True, True, False]
    assert looked_at.cell_errors == {"total": "E"}


def test_a_second_run_that_did_not_come_to_its_end_takes_nothing_away(unit: Unit) -> None:
    first = Run(tests=ended(unit, "double_two"))
    assert better(unit, first, Run(tests={})) is first


def test_the_record_names_what_held_in_both_runs(unit: Unit) -> None:
    counted = "namespaces, landlock, seccomp, cgroup"
    first = Run(tests=ended(unit, "double_two"), isolation=counted, students=1)
    for second in (replace(first, isolation="namespaces, landlock, seccomp"), replace(first, students=0, isolation="")):
        assert better(unit, first, second).isolation == (second.isolation or counted)
