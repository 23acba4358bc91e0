"""Several runs of one job: what is run again, what is left out, and which results count."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from autograder.model.outcomes import ENDED, Result
from autograder.reading.plan import Step
from autograder.rpc.messages import CellStopped, Job, ProcessEnded, TestEnded
from autograder.rpc.rules import Manifest
from autograder.running.again import Runs
from autograder.running.forked import OVERDUE
from autograder.running.run import Run, _note
from autograder.sandbox.limits import Limits

STEPS = tuple(Step(f"{exercise}_{i}", "test", "", exercise) for exercise in "fgh" for i in range(2))
CRASH, FAIL, PASS = Result.CRASHED, Result.FAILED, Result.PASSED
JOB = Job((STEPS,), Manifest({}, {}), (), Limits(), shown=("f_0",))


def ended(name: str, result: Result, message: str = "") -> TestEnded:
    return TestEnded(name, result, message, "", 0.0, ())


def run_of(*reports: TestEnded | CellStopped | ProcessEnded, finished: bool = True, output: str = "") -> Run:
    run = Run(finished=finished, judge_output=output)
    for report in reports:
        _note(run, report)
    return run


def of_all(results: Iterable[Result]) -> list[TestEnded]:
    return [ended(step.id, result) for step, result in zip(STEPS, results, strict=True)]


def test_an_end_of_its_own_is_no_way_to_another_try() -> None:
    """A guess that was wrong stays wrong, whatever ends afterwards; what was lost by the end itself is tried again."""
    runs = Runs(JOB)
    first = run_of(*of_all([FAIL, PASS, CRASH, FAIL, PASS, PASS]))
    assert runs.note(first)
    assert runs.next_job().silent
    last = run_of(*of_all([PASS] * 6))
    assert not runs.note(last)
    assert [test.result for test in runs.result(last).tests.values()] == [FAIL, PASS, PASS, PASS, PASS, PASS]


@pytest.mark.parametrize("end", [CellStopped("own", ENDED), ProcessEnded("own")])
def test_what_fails_after_an_end_may_be_due_to_it(end: CellStopped | ProcessEnded) -> None:
    runs = Runs(JOB)
    assert runs.note(run_of(end, *of_all([FAIL] * 6)))
    last = run_of(*of_all([PASS] * 6))
    assert not runs.note(last)
    assert {test.result for test in runs.result(last).tests.values()} == {PASS}


@pytest.mark.parametrize(("output", "lost"), [("", 2), (f"Current thread 0x1 {OVERDUE}:", 1)])
def test_an_exercise_that_no_judge_survives_is_left_out(output: str, lost: int) -> None:
    """At once where the judge's own clock ended it, else the second time: the system may have ended it the first time."""
    runs = Runs(JOB)
    begun = of_all([PASS] * 6)[:2]
    for left in reversed(range(lost)):
        assert runs.note(run_of(*begun, finished=False, output=output))
        assert runs.next_job().given_up == (() if left else ("g",))
    last = run_of(*of_all([PASS, PASS, Result.INTERFACE, Result.INTERFACE, PASS, PASS]))
    assert not runs.note(last)
    assert runs.result(last).given_up == ("g",)


def test_a_reference_is_given_up_never() -> None:
    runs = Runs(Job((STEPS,), None, (), Limits()))
    for again in (True, True, False):
        assert runs.note(run_of(finished=False)) == again
    assert runs.next_job().given_up == ()


def test_a_judge_that_says_why_it_ended_is_believed() -> None:
    assert not Runs(JOB).note(run_of(finished=False, output="SystemError: no idea"))


def test_what_fails_in_a_trial_is_no_result_of_the_job() -> None:
    runs = Runs(JOB)
    run = run_of(*of_all([PASS] * 6), replace(ended("f_0", FAIL), trial=0), replace(ended("own", FAIL), trial=1))
    assert not runs.note(run)
    assert {test.result for test in runs.result(run).tests.values()} == {PASS}


@pytest.mark.parametrize(("ran_nothing", "held"), [(True, "landlock, cgroup"), (False, "landlock")])
def test_a_process_that_was_killed_before_it_ran_anything_weakens_no_wall(ran_nothing: bool, held: str) -> None:
    runs = Runs(JOB)
    first = run_of(ended("f_0", CRASH))
    assert runs.note(replace(first, isolation="landlock", students=1, ran_nothing=ran_nothing))
    last = replace(run_of(*of_all([PASS] * 6)), isolation="landlock, cgroup", students=1)
    assert runs.result(last).isolation == held
