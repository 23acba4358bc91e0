"""Where no process can be made ready for a submission, that is said, and neither the student nor the solution is blamed."""

import contextlib
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from autograder.errors import SetupError
from autograder.model.outcomes import Result
from autograder.model.units import load_unit
from autograder.reading.plan import reference_steps
from autograder.rpc.frames import receive_descriptors, send_descriptors
from autograder.rpc.messages import Fork
from autograder.running import scores
from autograder.running.executors import LocalExecutor
from autograder.running.job import make_job
from autograder.running.manifest import record_manifest
from autograder.running.processes import Zygote
from autograder.running.run import run_job
from autograder.sandbox.limits import Limits
from tests.autograder.judging import job, judge, results
from tests.autograder.small_unit import NAME, write_unit

NO_LIMITS = Limits(open_files=-5)  # which the system refuses


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.running.executors.SECONDS_TO_RECOVER", 0.0)


@pytest.fixture(params=[(), ("namespaces",)], ids=["all", "without namespaces"])
def warm(request: pytest.FixtureRequest) -> Iterator[Zygote]:
    with Zygote(request.param) as own:
        yield own


def test_a_process_whose_walls_cannot_be_put_up_says_why(zygote: Zygote) -> None:
    limits = Limits(scratch=-1) if "namespaces" in zygote.wait() else NO_LIMITS
    run = run_job(zygote, job("def f(): return 1", ["assert f() == 1"], None, limits=limits))
    assert isinstance(run.failure, SetupError)
    assert "its walls could not be put up (" in str(run.failure)
    assert not run.tests


def test_the_warm_process_outlives_a_fork_that_failed(warm: Zygote) -> None:
    assert results(judge(warm, "def f(): return 1", ["assert f() == 1"], "def f(): return 1")) == ["passed"]
    warm.judges.close()
    warm.students.close()
    with open_files(warm, 3):
        run = run_job(warm, job("def f(): return 1", ["assert f() == 1"], None))
    assert isinstance(run.failure, SetupError)
    assert "no process could be forked (" in str(run.failure)
    assert results(judge(warm, "def f(): return 1", ["assert f() == 1"], "def f(): return 1")) == ["passed"]


@pytest.mark.parametrize("asked", [False, True], ids=["while it warms up", "while it forks"])
def test_the_warm_process_ends_without_a_word_when_the_grader_hangs_up(asked: bool) -> None:
    """Whoever has pressed Ctrl-C reads one sentence, and no traceback of a process that they do not know."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-m", "autograder.running.warm", str(theirs.fileno())]
    with subprocess.Popen(command, pass_fds=[theirs.fileno()], stderr=subprocess.PIPE, text=True) as process:
        theirs.close()
        with ours:
            if asked:
                assert receive_descriptors(ours, 0)[0]  # it is warm
                channel, students = socket.socketpair()
                with channel, students, open(os.devnull, "wb") as output:
                    for slot in range(8):  # so it answers some of these to nobody
                        request = Fork("student", slot, Limits(), None, "")
                        send_descriptors(ours, request, [students.fileno(), output.fileno()])
        assert process.stderr is not None
        assert (process.stderr.read(), process.wait()) == ("", 0)


@contextlib.contextmanager
def open_files(warm: Zygote, most: int) -> Iterator[None]:
    """Bound the files that the warm process may open; as an ordinary user's it is a child of the one that was started."""
    started = psutil.Process(warm._process.pid)
    pid = started.pid if os.getuid() == 0 or "namespaces" not in warm.wait() else started.children()[0].pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (most, before[1]))
    yield
    resource.prlimit(pid, resource.RLIMIT_NOFILE, before)


@pytest.mark.usefixtures("impatient")
def test_the_record_names_the_set_up_and_nobody_else(tmp_path: Path, executor: LocalExecutor) -> None:
    write_unit(tmp_path)
    unit = load_unit(tmp_path, NAME)
    manifest = record_manifest(unit, executor, Limits())
    run = executor.run(replace(make_job(unit, reference_steps(unit), manifest, Limits()), limits=NO_LIMITS))
    outcomes = scores.outcomes(unit, run)
    assert {outcome.outcome for outcome in outcomes} == {Result.BROKEN}
    assert all("could not set up a process" in o.message and "no fault of the student's" in o.message for o in outcomes)
    assert any("could not set up" in note for note in scores.notes(unit, run, outcomes))


@pytest.mark.usefixtures("impatient")
def test_the_reference_solution_is_not_blamed(tmp_path: Path, executor: LocalExecutor) -> None:
    write_unit(tmp_path)
    with pytest.raises(SetupError, match=r"no process can be set up for the reference solution .*; mend that and run"):
        record_manifest(load_unit(tmp_path, NAME), executor, NO_LIMITS)
