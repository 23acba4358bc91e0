"""Judges that judge one submission after the other, each as if it were the first; and the processor time that they allow."""

import os
import re
import select
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from autograder.reading.plan import Step
from autograder.rpc.messages import Job
from autograder.rpc.rules import Manifest
from autograder.running.executors import LocalExecutor
from autograder.running.pools import JOBS_PER_JUDGE, StudentProcess
from autograder.running.processes import Zygote
from autograder.running.run import Run
from autograder.sandbox.limits import Limits
from autograder.sandbox.usage import processor_seconds
from tests.autograder.judging import LIMITS, job, judge, results, run_to_its_end

RIGHT = """
def f(x):
    return 2 * x
"""
TEST = "assert f(2) == 4"
ENDLESS = """
def f(x):
    while True:
        pass
"""


@pytest.fixture
def own(zygote: Zygote) -> Iterator[Zygote]:
    """The warm process while no judge waits there."""
    zygote.judges.close()
    yield zygote
    zygote.judges.close()


def waiting(zygote: Zygote) -> list[int]:
    """The judges that wait for another submission, as many times as they have judged."""
    return [judge.jobs for judges in zygote.judges._idle.values() for judge in judges]


def graded(zygote: Zygote, answer: str, *tests: str, limits: Limits = LIMITS) -> Run:
    return run_to_its_end(zygote, job(answer, list(tests), None, limits=limits))


def test_a_judge_judges_again_and_sees_nothing_of_the_last_submission(own: Zygote) -> None:
    leaves = "import sys\nleft = f(2)\ntorch.manual_seed(7)\nassert left == 4"
    looks = "assert 'left' not in globals()\nassert torch.initial_seed() == 0\nassert f(2) == 4"
    for test in (leaves, looks, leaves, looks):
        assert results(graded(own, RIGHT, test)) == ["passed"]
    assert sum(waiting(own)) == 4
    assert len(waiting(own)) < 4


@pytest.mark.parametrize(
    ("answer", "test"),
    [
        (RIGHT, "torch.use_deterministic_algorithms(True)\nassert f(2) == 4"),
        (RIGHT, "import builtins\nbuiltins.left = f\nassert f(2) == 4"),
        (RIGHT, "import os\nos.environ['LEFT'] = 'here'\nassert f(2) == 4"),
        (RIGHT, "import warnings\nwarnings.simplefilter('ignore')\nassert f(2) == 4"),
        (RIGHT, "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\nf(2)"),
        ("import os\n\ndef f(x):\n    os._exit(0)", TEST),
        (ENDLESS, TEST),
    ],
)
def test_a_judge_that_is_not_as_it_was_judges_no_more(own: Zygote, answer: str, test: str) -> None:
    graded(own, answer, test, limits=Limits(cell_seconds=1))
    assert waiting(own) == []


def test_a_judge_gives_way_after_its_share(own: Zygote) -> None:
    graded(own, RIGHT, TEST)
    (idle,) = [judge for judges in own.judges._idle.values() for judge in judges]
    idle.jobs = JOBS_PER_JUDGE - 1
    core = next(core for (core, _), judges in own.judges._idle.items() if judges)
    judge = own.judges.take(LIMITS, core)
    assert judge is idle
    own.judges.give_back(judge, LIMITS, core)
    assert waiting(own) == []


def test_a_judge_that_was_killed_while_it_waited_costs_nobody_anything(own: Zygote) -> None:
    graded(own, RIGHT, TEST)
    for judges in own.judges._idle.values():
        for idle in judges:
            idle.process.end()
            select.select([idle.process.pidfd], [], [])
    assert results(graded(own, RIGHT, TEST)) == ["passed"]
    assert results(graded(own, RIGHT, TEST)) == ["passed"]


def test_an_answer_that_computes_for_ever_is_ended_sooner_than_one_that_waits(zygote: Zygote) -> None:
    limits = Limits(cell_seconds=300, submission_seconds=600)
    run = judge(zygote, RIGHT, [TEST], ENDLESS, limits=limits)
    assert results(run) == ["timeout"], run
    assert "s of computing" in run.tests["f_0"].message
    waits = "import time\n\ndef f(x):\n    time.sleep(4)\n    return 2 * x"
    assert results(judge(zygote, RIGHT, [TEST], waits, limits=limits)) == ["passed"]


@pytest.mark.parametrize(
    ("counts", "result"),
    # Python looks after its alarms between the steps of a loop; C code does not.
    [("sum(i for i in range(n))", "timeout"), ("sum(range(n))", "interface")],
)
def test_a_test_that_is_kept_busy_costs_its_own_exercise_only(
    executor: LocalExecutor, counts: str, result: str
) -> None:
    limits = Limits(cell_seconds=600, submission_seconds=1200)
    other = (Step("h", "student", "h = 7", "h"), Step("h_0", "test", "assert h == 7", "h"))

    def with_other(answer: str, manifest: Manifest | None) -> Job:
        one = job(answer, [f"assert f(lambda n: {counts}, 3) == 3"], manifest, ("f", "h"), limits)
        return replace(one, passes=((*one.passes[0], *other),))

    recorded = executor.run(with_other("def f(g, x): return g(x)", None))
    start = time.monotonic()
    run = executor.run(with_other("def f(g, x): return g(10**12)", recorded.manifest))
    assert results(run) == [result, "passed"], (run.tests, run.judge_output)
    assert run.finished
    assert time.monotonic() - start < limits.cell_seconds  # some seconds of computing, however long they take here


def test_an_exercise_that_has_computed_for_ever_once_gets_little_time_after_that(zygote: Zygote) -> None:
    limits = Limits(cell_seconds=300, submission_seconds=600)
    sometimes = "def f(x):\n    while x == 2:\n        pass\n    return 2 * x"
    run = judge(zygote, RIGHT, [TEST, TEST, "assert f(3) == 6"], sometimes, limits=limits)
    assert results(run) == ["timeout", "timeout", "passed"], run
    first, second = (float(re.findall(r"([\d.]+) s", run.tests[name].message)[0]) for name in ("f_0", "f_1"))
    assert second <= 1 < first


def test_an_answer_may_compute_as_much_longer_as_the_reference_takes(zygote: Zygote) -> None:
    computes = "import time\n\ndef f(x):\n    end = time.process_time() + {}\n    while time.process_time() < end:\n        pass\n    return 2 * x"
    run = judge(zygote, computes.format(0.05), [TEST], computes.format(4), limits=Limits(300, 600))
    assert results(run) == ["passed"], run


def test_the_processor_time_of_a_process_is_read() -> None:
    before = time.process_time()
    read = processor_seconds(os.getpid())
    assert before <= read <= time.process_time()
    assert processor_seconds(2**22 + 1) == 0.0


def test_students_start_with_nothing_of_the_rehearsal(zygote: Zygote) -> None:
    """The warm process has judged a made-up submission in the same shell."""
    answer = """
        import signal as signals
        known = sorted(name for name in globals() if not name.startswith("_"))
        def f():
            return known, In[:-1], Out, get_ipython().execution_count, int(signals.getsignal(signals.SIGALRM))
        """
    test = """
        known, before, out, count, alarm = f()
        assert known == ["In", "Out", "check", "checks", "exit", "get_ipython", "nn", "np", "open", "quit", "signals", "torch"], known
        assert before == ["", "import torch\\nimport numpy as np\\nfrom torch import nn\\nfrom course import checks, check"], before
        assert out == {} and count == 3 and alarm == 0, (out, count, alarm)
        """
    assert results(graded(zygote, answer, test)) == ["passed"]


def test_a_name_that_comes_to_stand_for_something_else_is_asked_for_again(zygote: Zygote) -> None:
    answer = """
        def f():
            global f
            f = lambda: 2
            return 1
        """
    run = judge(zygote, answer, ["assert [f(), f(), f()] == [1, 2, 2]"], answer)
    assert results(run) == ["passed"], run.tests


def ready(zygote: Zygote) -> list[StudentProcess]:
    """The students' processes that wait for a submission."""
    return [student for students in zygote.students._ready.values() for student in students]


def test_the_next_student_s_process_is_made_while_one_is_at_work(zygote: Zygote) -> None:
    if "namespaces" not in zygote.wait():
        pytest.skip("there are no namespaces to keep it apart from the one at work")
    zygote.students.close()
    assert results(graded(zygote, RIGHT, TEST)) == ["passed"]
    (made,) = ready(zygote)
    assert results(graded(zygote, RIGHT, TEST)) == ["passed"]
    assert made.socket.fileno() == -1  # it was given to the judge
    (other,) = ready(zygote)
    assert other is not made


def test_a_student_s_process_that_ended_before_its_turn_is_not_used(zygote: Zygote) -> None:
    if "namespaces" not in zygote.wait():
        pytest.skip("none is made ahead of its turn")
    zygote.students.close()
    graded(zygote, RIGHT, TEST)
    (made,) = ready(zygote)
    made.process.end()
    select.select([made.process.pidfd], [], [], 120)
    run = graded(zygote, RIGHT, TEST)
    assert results(run) == ["passed"], run
    assert run.students == 1


def test_no_student_s_process_waits_where_another_s_code_could_meet_it(open_zygote: Zygote) -> None:
    assert results(graded(open_zygote, RIGHT, TEST)) == ["passed"]
    assert ready(open_zygote) == []
