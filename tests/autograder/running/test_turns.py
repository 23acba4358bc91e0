"""What a job lacked because another held it, it gets once it is run alone."""

import threading
import time
from collections.abc import Callable, Sequence

import pytest

from autograder.errors import SetupError
from autograder.model.outcomes import Result
from autograder.rpc.messages import Job, TestEnded
from autograder.rpc.rules import Manifest
from autograder.running import executors
from autograder.running.again import MAX_RUNS
from autograder.running.executors import LocalExecutor
from autograder.running.run import Run
from autograder.running.turns import Turns
from autograder.sandbox.limits import Limits
from tests.autograder.running.test_again import STEPS, run_of

WAIT = 60


def job_of(name: str) -> Job:
    return Job((STEPS,), Manifest({}, {}), (name,), Limits())


def ended(result: Result) -> TestEnded:
    return TestEnded("f_0", result, "", "", 0.0, ())


def test_one_alone_waits_for_those_that_run_and_others_wait_for_it() -> None:
    turns, seen = Turns(), []
    began, may_end = threading.Event(), threading.Event()

    def first() -> None:
        with turns.beside_others():
            began.set()
            may_end.wait(WAIT)
            seen.append("first")

    def alone() -> None:
        with turns.alone():
            seen.append("alone begins")
            time.sleep(0.1)
            seen.append("alone ends")

    def later() -> None:
        with turns.beside_others():
            seen.append("later")

    threads = [threading.Thread(target=run, daemon=True) for run in (first, alone, later)]
    threads[0].start()
    assert began.wait(WAIT)
    threads[1].start()
    until(lambda: turns._one_alone)
    threads[2].start()
    time.sleep(0.1)
    assert seen == []
    may_end.set()
    for thread in threads:
        thread.join(WAIT)
    assert seen == ["first", "alone begins", "alone ends", "later"]


def test_others_run_side_by_side() -> None:
    turns, both = Turns(), threading.Barrier(2, timeout=WAIT)

    def run() -> None:
        with turns.beside_others():
            both.wait()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not both.broken


def test_a_turn_ends_with_an_exception_too() -> None:
    turns = Turns()
    for turn in (turns.beside_others, turns.alone):
        with pytest.raises(KeyError), turn():
            raise KeyError
    with turns.alone():
        pass


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


LACKS = {
    "no process can be made": lambda: Run(failure=SetupError("no process could be forked")),
    "the judge is killed": lambda: run_of(finished=False),
    "the student's process is killed": lambda: run_of(ended(Result.CRASHED)),
}


@pytest.mark.parametrize("lack", LACKS.values(), ids=LACKS)
def test_who_takes_all_there_is_costs_its_neighbour_nothing(
    lack: Callable[[], Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other job holds what there is until the neighbour has lost all its tries, unless that waits for a run alone."""
    taken, killed, tries = threading.Event(), [0], []
    executor = LocalExecutor(2)

    def run_job(_zygote: object, job: Job, _contents: Sequence[bytes] = ()) -> Run:
        if job.answers == ("taker",):
            taken.set()
            until(lambda: len(tries) == MAX_RUNS or executor._turns._one_alone)
            taken.clear()
            return run_of(ended(Result.FAILED))
        tries.append(taken.is_set())
        if taken.is_set():
            killed[0] += 1
            return lack()
        return run_of(ended(Result.PASSED))

    monkeypatch.setattr(executors, "run_job", run_job)
    monkeypatch.setattr(executors, "killed_for_memory", lambda: killed[0])
    monkeypatch.setattr(executors, "SECONDS_TO_RECOVER", 0.0)
    monkeypatch.setattr(LocalExecutor, "zygote", None)
    taker = threading.Thread(target=executor.run, args=(job_of("taker"),))
    taker.start()
    assert taken.wait(WAIT)
    run = executor.run(job_of("neighbour"))
    taker.join()
    assert tries[0]
    assert not tries[-1]
    assert run.tests["f_0"].result is Result.PASSED


def test_what_fails_alone_too_is_said_after_a_few_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def run_job(*_: object) -> Run:
        tries.append(1)
        return Run(failure=SetupError("no process could be forked"))

    monkeypatch.setattr(executors, "run_job", run_job)
    monkeypatch.setattr(executors, "SECONDS_TO_RECOVER", 0.0)
    monkeypatch.setattr(LocalExecutor, "zygote", None)
    assert isinstance(LocalExecutor(1).run(job_of("one")).failure, SetupError)
    assert len(tries) == MAX_RUNS
