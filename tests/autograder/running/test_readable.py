"""What students read comes from before the first hidden test, in every process and every run of their submission."""

import time
from dataclasses import replace

from autograder.model.outcomes import ENDED, Result
from autograder.reading.plan import Step
from autograder.rpc.messages import Job, TestEnded
from autograder.running.executors import LocalExecutor
from autograder.running.processes import Zygote
from autograder.running.readable import as_first_said, met_hidden_test
from autograder.running.run import Run
from tests.autograder.judging import IMPORTS, LIMITS, run_to_its_end

VISIBLE, HIDDEN = "check(f, 1).equals(2, hint='Double it.')", "check(f, 7).equals(14, hint='Double it.')"


def steps(cell: str, answer: str) -> tuple[Step, ...]:
    return (
        Step("imports", "both", IMPORTS),
        Step("own", "student", cell),
        Step("f", "student", answer, "f"),
        Step("seen", "test", VISIBLE, "f"),
        Step("unseen", "test", HIDDEN, "f"),
    )


def job(zygote: Zygote, cell: str, answer: str, silent: bool = False) -> Job:
    reference = Job((steps("", "def f(x): return 2 * x"),), None, ("f",), LIMITS, ("seen",))
    recorded = run_to_its_end(zygote, reference)
    assert recorded.manifest is not None
    return Job((steps(cell, answer),), recorded.manifest, ("f",), LIMITS, ("seen",), silent)


def test_a_second_run_tells_students_nothing(executor: LocalExecutor) -> None:
    """The clock stands for whatever tells a process that a hidden test has run before it: that test waits for it and ends its process."""
    recorded = job(executor.zygote, "", "")  # before the clock is read: the processes are warm then
    later = time.time() + 15
    cell = f"import os, time\nif time.time() > {later}: raise ValueError('the hidden test asks for 7')"
    answer = f"""
def f(x):
    if x == 7:
        time.sleep(max(0, {later} - time.time()) + 0.1)
        os._exit(0)
    return 'the hidden test asks for 7' if time.time() > {later} else 3
"""
    run = executor.run(replace(recorded, passes=(steps(cell, answer),)))
    assert run.tests["unseen"].result is Result.CRASHED
    assert run.cell_errors == {}
    assert run.tests["seen"].result is Result.FAILED
    assert "3" in run.tests["seen"].message  # as the first run said
    assert "7" not in run.tests["seen"].message


def test_the_judge_of_a_silent_job_reports_no_words_of_the_process(zygote: Zygote) -> None:
    cell = "quit()\nraise ValueError('I know')"
    run = run_to_its_end(zygote, job(zygote, cell, "def f(x): raise KeyError('I know')", silent=True))
    assert (run.cell_errors, run.asides) == ({}, {})
    assert "know" not in run.tests["seen"].message + run.tests["seen"].hint
    assert run.tests["seen"].message == run.tests["seen"].hint == "The call raised an exception. The task: Double it."
    assert "know" in run.tests["unseen"].message  # for the instructor


def test_what_a_hidden_test_s_answer_changes_is_no_word_either(zygote: Zygote) -> None:
    hidden = "x = torch.ones(2)\ncheck(f, x).equals(2 * torch.ones(2))"
    answer = Step("f", "student", "def f(x):\n    x *= 2\n    return x", "f")
    for shown in (("test",), ()):
        several = (
            Step("imports", "both", IMPORTS),
            Step("f", "student", "def f(x): return 2 * x", "f"),
            Step("test", "test", hidden, "f"),
        )
        manifest = run_to_its_end(zygote, Job((several,), None, ("f",), LIMITS, shown)).manifest
        run = run_to_its_end(zygote, Job(((several[0], answer, several[2]),), manifest, ("f",), LIMITS, shown))
        assert bool(run.tests["test"].changed) == bool(shown), run.tests


def report(name: str, result: Result, message: str) -> TestEnded:
    return TestEnded(name, result, message, "hint", 1.0, ())


def test_points_are_the_last_run_s_and_words_the_first_one_s() -> None:
    one = Run(
        tests={"a": report("a", Result.FAILED, "3"), "b": report("b", Result.CRASHED, "ended")},
        cell_errors={"c": "E", "d": ENDED},
    )
    two = Run(
        tests={
            "a": report("a", Result.FAILED, "x"),
            "b": report("b", Result.PASSED, ""),
            "h": report("h", Result.FAILED, "y"),
        }
    )
    run = as_first_said(one, two, ("a", "b"))
    assert {name: (test.result, test.message) for name, test in run.tests.items()} == {
        "a": (Result.FAILED, "3"),
        "b": (Result.PASSED, ""),
        "h": (Result.FAILED, "y"),
    }
    assert run.cell_errors == {"c": "E"}  # the other process was ended from outside: it did not end again


def test_a_run_met_a_hidden_test_unless_a_visible_one_is_missing() -> None:
    whole = Job((steps("", ""),), None, ("f",), LIMITS, ("seen",))
    assert not met_hidden_test(whole, Run())
    assert met_hidden_test(whole, Run(tests={"seen": report("seen", Result.PASSED, "")}))
