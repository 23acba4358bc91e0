"""The process that runs the tests. It never runs a line of the student's code.

It gets a job from the grader (`run_job`), asks for student processes when it needs one, and reports each test as it ends.
The job comes in one or two passes, each in a fresh student process; in both cases the hidden tests come last, so that nothing that
a student can read is said by a process that has met a hidden test's arguments.
"""

import array
import builtins
import contextlib
import dataclasses
import gc
import io
import math
import os
import signal
import socket
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from types import CodeType
from typing import Any

import numpy as np
import torch

from autograder.model.outcomes import ENDED, Result
from autograder.rpc import frames
from autograder.rpc.connection import Connection, Missing
from autograder.rpc.frames import PeerGone, PeerTimeout, ProtocolError, TooLarge, WireError
from autograder.rpc.rules import Enforcing, InterfaceError, Recording
from autograder.rpc.values import NO_MEMORY
from autograder.sandbox.usage import processor_seconds

NOT_DATA = "your process sent something that is not plain data"
TOO_MUCH = "your code gave back more than a test can hold"
ALARM_AGAIN = 0.5  # seconds after which the alarm comes again, for a test that has swallowed it


@dataclass(frozen=True)
class Patience:
    """How long a test may take: `seconds`, unless the limits say less, and of processor time `times` that of the reference, test
    and all, or `least` if that is more.
    """

    seconds: float
    times: float
    least: float


PATIENCE = Patience(math.inf, 500, 3.0)
LITTLE_PATIENCE = Patience(1.0, 100, 0.3)  # once an exercise has run out of time


class TestTimeout(PeerTimeout):
    """A test ran for longer than its limit."""

    __test__ = False


@dataclass(frozen=True)
class Verdict:
    """How a test ended: `message` in full, `hint` in the author's words alone."""

    result: Result
    message: str = ""
    hint: str = ""
    changed: tuple[str, ...] = ()  # arguments that the answer changed in place, where the reference does not


class Namespace(dict):
    """A test's globals: its own names, then, for the names of answers, the student's objects."""

    def __init__(self, shared: dict[str, Any], answers: frozenset[str], connection: Connection) -> None:
        super().__init__(shared)
        self._answers = answers
        self._connection = connection

    def __missing__(self, name: str) -> Any:
        if name not in self._answers:
            raise KeyError(name)
        return self._connection.name(name)


class Judge:
    """One submission's tests."""

    def __init__(self, control: frames.Channel, job: dict[str, Any]) -> None:
        self.control = control
        self.job = job
        self.limits = job["limits"]
        self.end = time.monotonic() + self.limits["submission_seconds"]
        self.answers = frozenset(job["answers"])
        known = job["manifest"]
        self.rules: Recording | Enforcing = Recording() if known is None else Enforcing(known["operations"])
        self.took: dict[str, float] = {} if known is None else known["seconds"]  # by test: the reference
        self.shared: dict[str, Any] = {}
        self.done: list[str] = []  # the cells that a new student process has to run again
        self.cell_errors: dict[str, str] = {}
        self.slow: set[str] = set()  # exercises that have run out of time once
        self.connection: Connection
        self.harmless = True  # nothing went wrong between the processes
        self.state = _state()

    def run(self) -> None:
        """Run every pass and report."""
        for steps in self.job["passes"]:
            self.shared = {"__builtins__": builtins, "__name__": "__main__"}
            self.done = []
            self.connect()
            for step in steps:
                self.step(step)
        recorded = isinstance(self.rules, Recording)
        seen = {"operations": self.rules.seen, "seconds": self.took} if recorded else None
        self.connection.channel.close()
        self.tell(event="done", manifest=seen, as_it_was=self.harmless and _state() == self.state)

    def tell(self, **report: Any) -> None:
        """Report to the grader."""
        self.control.send(report)

    def connect(self) -> None:
        """Get a fresh student process."""
        if hasattr(self, "connection"):
            self.connection.channel.close()
        self.tell(event="student")
        pid, ancillary, _, _ = self.control.sock.recvmsg(20, socket.CMSG_SPACE(4))
        descriptor = array.array("i", ancillary[0][2])[0]
        self.connection = Connection(
            frames.Channel(socket.socket(fileno=descriptor)), self.rules, self.limits["memory"]
        )
        self.clock = partial(processor_seconds, int(pid))
        with contextlib.suppress(OSError):  # it has ended
            os.sched_setaffinity(int(pid), os.sched_getaffinity(0))  # they take turns, see processes.Cores

    def reconnect(self) -> None:
        """Get a fresh student process and run the earlier cells again; one that breaks it is left out from then on."""
        for _ in range(len(self.done) + 1):
            self.connect()
            for at, source in enumerate(self.done):
                try:
                    with self.within(self.limits["cell_seconds"]):
                        self.connection.run(source)
                except WireError:
                    del self.done[at]
                    break
            else:
                return

    def step(self, step: dict[str, Any]) -> None:
        """Run one cell where it belongs."""
        if step["run"] == "test":
            start = time.monotonic()
            verdict = self.test(step)
            seconds = time.monotonic() - start
            if isinstance(self.rules, Recording):
                self.took[step["id"]] = seconds
            self.tell(
                event="test",
                id=step["id"],
                result=verdict.result.value,
                message=verdict.message[:4000],
                hint=verdict.hint[:2000],
                seconds=seconds,
                changed=verdict.changed,
            )
            return
        if step["run"] == "both":
            exec(_compiled(step["source"], step["id"]), self.shared)
        self.cell(step)

    def cell(self, step: dict[str, Any]) -> None:
        """Run one of the student's cells; what goes wrong in it is told to the tests that come after."""
        try:
            with self.within(min(self.limits["cell_seconds"], self.left())):
                error = self.connection.run(step["source"])
            self.done.append(step["source"])
        except WireError as fault:
            error = [[], self.fault(fault).message, ""]
            self.reconnect()
        if error is None:
            return
        classes, text, where = error
        kind = classes[0].rpartition(".")[2] if classes else ""
        told = f"{kind}: {text}" if kind else text
        self.cell_errors[step["id"]] = f"{told} ({where})" if where else told
        self.tell(event="cell", id=step["id"], error=self.cell_errors[step["id"]][:2000])

    def test(self, step: dict[str, Any]) -> Verdict:
        """Run one test. It passes only if it ran to its end and nothing was wrong with the interface."""
        if self.left() <= 0:
            return Verdict(
                Result.NOT_RUN, "the time for this submission was used up before this test", "time was used up"
            )
        exercise = step["exercise"]
        patience = LITTLE_PATIENCE if exercise in self.slow else PATIENCE
        limit = min(patience.seconds, self.limits["cell_seconds"], self.left())
        computing = max(patience.least, patience.times * self.took.get(step["id"], limit))
        verdict = self.judged(step, limit, min(limit, computing))
        if verdict.result is Result.TIMEOUT:
            self.slow.add(exercise)
        return verdict

    def judged(self, step: dict[str, Any], limit: float, computing: float) -> Verdict:
        """Run a test's code within so many seconds, and of processor time so many, and say how it ended."""
        connection = self.connection
        try:
            with self.within(limit, computing), contextlib.redirect_stdout(io.StringIO()):
                verdict = self.outcome(step)
        except WireError as fault:
            connection.fault = connection.fault or fault
        if connection.fault is None:
            return dataclasses.replace(verdict, changed=tuple(connection.changed))
        verdict = self.fault(connection.fault, limit, computing)
        connection.fault.with_traceback(None)
        connection.fault.__context__ = None
        gc.collect()  # what the test held was part of cycles; the tests to come need the room
        # A function of the test's own that an error has left waits for its end: nothing after it would run as in a fresh process.
        if not isinstance(connection.fault, InterfaceError) or connection.calling_back:
            self.reconnect()
        return verdict

    def outcome(self, step: dict[str, Any]) -> Verdict:
        """Run a test's code to its end, or to the exception that ended it."""
        names: dict[str, Any] = {}
        try:
            self.connection.begin(step["id"])
            names = Namespace(self.shared, self.answers, self.connection)
            exec(_compiled(step["source"], step["id"]), names)
            _join_threads()
        except WireError:
            raise
        except BaseException as error:  # SystemExit of a test is an exception like any other
            if isinstance(error, MemoryError):
                self.harmless = False
                names.clear()  # room to say so
                traceback.clear_frames(error.__traceback__)
            return self.verdict(error, step["exercise"])
        finally:
            names.clear()  # its functions and it hold each other
        return Verdict(Result.PASSED)

    def verdict(self, error: BaseException, exercise: str) -> Verdict:
        """What an exception that ended a test says of the answer."""
        if isinstance(error, NotImplementedError):
            return Verdict(Result.UNANSWERED, "not answered yet", "not answered yet")
        if isinstance(error, Missing):
            return self.missing(error, exercise)
        cause = error.__cause__ or error
        why = _text(cause)
        if isinstance(cause, MemoryError) or any(text in why for text in NO_MEMORY):
            told = "your code asked for more memory than it may have"
            return Verdict(Result.MEMORY, f"{told} ({why})" if why else told, told)
        kind, text = type(error).__name__, _text(error)
        if hasattr(error, "hint"):  # course.checks.CheckFailed
            raised = getattr(error, "kind", "") == "raised"
            where = getattr(error.__cause__, "where", "")
            told = f"{text}\n{where}" if where else text
            return Verdict(Result.RAISED if raised else Result.FAILED, told, error.hint)
        if getattr(error, "from_student", False):
            where = getattr(error, "where", "")
            told = f"your code raised {kind}: {text}" + (f" ({where})" if where else "")
            return Verdict(Result.RAISED, told, f"your code raised {kind}")
        if isinstance(error, AssertionError):
            return Verdict(Result.FAILED, text or "the test's assertion does not hold")
        unusable = "the test could not use what your code returned"
        return Verdict(Result.FAILED, f"{unusable} ({kind}: {text})", unusable)

    def missing(self, error: Missing, exercise: str) -> Verdict:
        """Why a name that an answer should define is not there."""
        why = self.cell_errors.get(exercise)
        if why is None:
            told = f"{error.name} is not defined"
            return Verdict(Result.UNANSWERED, told, told)
        kind = why.partition(":")[0]
        known = kind if isinstance(getattr(builtins, kind, None), type) else "an error"
        return Verdict(
            Result.RAISED,
            f"{error.name} is not defined, because its cell stopped with {why}",
            f"{error.name} is not defined, because its cell stopped with {known}",
        )

    def fault(self, fault: WireError, limit: float | None = None, computing: float | None = None) -> Verdict:
        """What an error of the interface says of the answer."""
        self.harmless = False
        if isinstance(fault, PeerTimeout):
            out_of_left = self.connection.channel.left
            if out_of_left is not None and out_of_left() <= 0:
                when = f"after {computing:.2g} s of computing"
            else:
                when = f"within {limit or self.limits['cell_seconds']:.0f} s"
            told = f"no answer {when}: is there a loop that never ends?"
            return Verdict(Result.TIMEOUT, told, told)
        if isinstance(fault, PeerGone):
            return Verdict(Result.CRASHED, ENDED, ENDED)
        if isinstance(fault, TooLarge):
            return Verdict(Result.INTERFACE, f"{TOO_MUCH}: {fault}", TOO_MUCH)
        if isinstance(fault, ProtocolError):
            return Verdict(Result.INTERFACE, f"{NOT_DATA} ({fault})", NOT_DATA)
        return Verdict(Result.INTERFACE, str(fault), str(fault))

    def left(self) -> float:
        """Seconds that the submission still has."""
        return self.end - time.monotonic()

    @contextlib.contextmanager
    def within(self, seconds: float, computing: float = math.inf) -> Iterator[None]:
        """Bound the waiting for the student, its processor time, and the running of the test itself."""
        seconds = max(seconds, 0.1)
        clock, start = self.clock, self.clock()
        self.connection.channel.deadline = time.monotonic() + seconds
        self.connection.channel.left = (lambda: start + computing - clock()) if computing < seconds else None
        # The channel's deadline comes first; the alarm is for a test that loops over what it was given.
        signal.signal(signal.SIGALRM, self.on_alarm)
        signal.setitimer(signal.ITIMER_REAL, seconds + 0.5, ALARM_AGAIN)
        try:
            yield
        finally:
            signal.signal(signal.SIGALRM, signal.SIG_IGN)
            signal.setitimer(signal.ITIMER_REAL, 0)

    def on_alarm(self, _signal: int, _frame: Any) -> None:
        """End what runs now, and whatever goes on after it."""
        self.connection.fault = self.connection.fault or TestTimeout()
        raise self.connection.fault


@cache  # a judge runs the same tests for each submission
def _compiled(source: str, name: str) -> CodeType:
    return compile(source, f"<{name}>", "exec")


def _join_threads() -> None:
    """Wait for the threads that a test has started: what they find belongs to it."""
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not thread.daemon:
            thread.join()


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # as of an int with more digits than Python writes
        return ""


def _state() -> tuple:
    """What a test could leave behind for the tests of another submission."""
    return (
        torch.get_default_dtype(),
        torch.get_default_device(),
        torch.is_grad_enabled(),
        torch.get_num_threads(),
        torch.are_deterministic_algorithms_enabled(),
        np.geterr(),
        list(warnings.filters),
        dict(os.environ),
        os.getcwd(),
        {name: id(value) for name, value in vars(builtins).items()},
        [id(stream) for stream in (sys.stdin, sys.stdout, sys.stderr)],
        [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)],
        threading.active_count(),
    )


def main(descriptor: int) -> None:
    """Judge one submission after the other: jobs come through the socket, reports go back. The grader ends this process."""
    control = frames.Channel(socket.socket(fileno=descriptor))
    with contextlib.suppress(PeerGone):
        while True:
            job, _ = control.receive()
            Judge(control, job).run()
