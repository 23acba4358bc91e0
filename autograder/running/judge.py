"""The process that runs the tests. It never runs a line of the student's code.

It gets a job from the grader (`run_job`), asks for student processes when it needs one, and reports each test as it ends.
The job comes in one or two passes, each in a fresh student process; in both cases the hidden tests come last, so that nothing that
a student can read is said by a process that has met a hidden test's arguments.
"""

import builtins
import contextlib
import dataclasses
import gc
import io
import math
import os
import signal
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from types import CodeType
from typing import Any

import torch

from autograder.model.outcomes import ENDED, Result
from autograder.model.source import without_magics
from autograder.model.text import first_line
from autograder.reading.names import names_in
from autograder.reading.plan import Step
from autograder.rpc.connection import Connection
from autograder.rpc.faults import PeerGone, PeerTimeout, WireError
from autograder.rpc.frames import Channel, receive_descriptors
from autograder.rpc.messages import (
    MAX_HINT,
    MAX_MESSAGE,
    CellRan,
    CellStopped,
    CellWentOn,
    Done,
    Job,
    ProcessEnded,
    Ready,
    RunCell,
    StudentError,
    StudentGiven,
    StudentWanted,
    TestEnded,
    table,
)
from autograder.rpc.rules import Enforcing, InterfaceError, Manifest, Recording
from autograder.running import verdicts
from autograder.running.leftovers import state_of_process
from autograder.running.readable import Readable
from autograder.running.verdicts import Verdict
from autograder.sandbox.usage import ReadyTime, processor_seconds, ready_time_of

MOST_DELAY = 50  # times a limit by the clock: by so much at most it is put off, whatever else the machine does
ALARM_AGAIN = 0.5  # seconds after which the alarm comes again, for a test that has swallowed it


@dataclass(frozen=True)
class TimeBudget:
    """How long a test may take.

    `seconds`: the most wall time, unless the limits allow less. `times`: the most processor time, as a multiple of what the
    test took with the reference solution. `least`: processor time in seconds that every test may use.
    """

    seconds: float
    times: float
    least: float


BUDGET = TimeBudget(math.inf, 500, 3.0)
SMALL_BUDGET = TimeBudget(1.0, 100, 0.3)  # once an exercise has run out of time


class LockedCellError(Exception):
    """A locked cell of the unit does not run where the tests are; its author has to mend it."""


class TestTimeout(PeerTimeout):
    """A test ran for longer than its limit."""

    __test__ = False  # the name begins with Test, but this is no pytest class


class Namespace(dict[str, Any]):
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

    def __init__(self, control: Channel, job: Job, contents: Sequence[bytes | memoryview] = ()) -> None:
        """`contents`: those of the job's files."""
        self.control = control
        self.job = job
        self.files = {name: contents[number] for name, number in job.files.items()}
        self.limits = job.limits
        self.end = time.monotonic() + self.limits.submission_seconds
        self.waited = 0.0  # for students' processes to be given, and what processes that have ended were kept waiting
        self.own_ready = ready_time_of(os.getpid())
        self.student_ready = ReadyTime(-1)
        self.answers = frozenset(job.answers)
        known = job.manifest
        self.rules: Recording | Enforcing = Recording() if known is None else Enforcing(known.operations)
        self.reference_seconds = {} if known is None else known.seconds  # of processor time, by test
        self.shared: dict[str, Any] = {}
        self.done: list[tuple[Step, RunCell]] = []  # what a new student process has to run again
        self.cells_used = 0.0  # seconds of running cells, which are not the tests'
        self.readable = Readable(job.shown, job.silent)
        self.answer_errors: dict[str, str] = {}  # what ended the last answer that stopped, by exercise
        self.passed: set[str] = set()  # the tests that students can read and that have passed
        self.repeated: dict[str, list[Step]] = {}  # such tests that cells below build on, by the id of the cell above
        self.over = False  # a test was lost, and the job or the trial is to end there
        self.trial: int | None = None  # the number of the one that is run
        self.broken = (
            False  # the student's process is not what it was, and is not replaced: nothing is run in it any more
        )
        self.slow: set[str] = set()  # exercises that have run out of time once
        self.connection: Connection
        self.clock: Callable[[], float]
        self.harmless = True  # nothing went wrong between the processes
        self.state = state_of_process()

    def run(self) -> None:
        """Run every pass and every trial, and report."""
        for steps in self.job.passes:
            if self.over:
                break
            self.shared = {"__builtins__": builtins, "__name__": "__main__"}
            self.done = []
            self.connect()
            self.run_steps(steps)
        for number, steps in enumerate(self.job.trials):
            if self.broken or self.left() <= 0:
                break
            self.trial, self.over = number, False
            self.passed, self.repeated = set(), {}
            self.run_steps(steps)
        recorded = isinstance(self.rules, Recording)
        manifest = Manifest(self.rules.seen, self.reference_seconds) if recorded else None
        self.connection.channel.close()
        for ready in (self.own_ready, self.student_ready):
            ready.close()
        self.control.send(Done(manifest, self.harmless and state_of_process() == self.state))

    def run_steps(self, steps: Sequence[Step]) -> None:
        """Run the steps of a pass or a trial, until it is over."""
        above = ""  # the id of the last cell that is no test
        for place, step in enumerate(steps):
            self.step(step)
            if step.run != "test":
                above = step.id
                for test in self.repeated.get(above, []):
                    self.repeat(test)
            elif step.id in self.passed and self.binds_for(step, steps[place + 1 :]):
                self.repeated.setdefault(above, []).append(step)  # for the second pass, which has hidden tests only
                self.repeat(step)
            if self.over:
                break

    def connect(self) -> None:
        """Get a fresh student process, with the submission's files in its working directory."""
        if hasattr(self, "connection"):
            self.connection.channel.close()
        self.student_ready.close()
        self.waited += self.student_ready.seconds()
        self.control.send(StudentWanted())
        asked = time.monotonic()
        tree, descriptors = receive_descriptors(self.control.sock, 1)
        if tree is None:
            raise PeerGone
        given: StudentGiven = table.read(tree, "grader")
        channel = Channel(socket.socket(fileno=descriptors[0]))
        self.connection = Connection(channel, self.rules, self.limits.memory, self.shared)
        self.clock = partial(processor_seconds, given.pid)
        self.student_ready = ready_time_of(given.pid)
        self.waited += time.monotonic() - asked
        with contextlib.suppress(OSError):  # it has ended
            os.sched_setaffinity(given.pid, os.sched_getaffinity(0))  # they take turns, see processes.CorePool
        if self.files:
            start, start_delay = time.monotonic(), self.delay()
            with contextlib.suppress(WireError), self.within(self.limits.cell_seconds):  # the first cell meets it again
                self.connection.put_files(self.files)
            self.waited += time.monotonic() - start - (self.delay() - start_delay)

    def reconnect(self) -> None:
        """Get a fresh student process and run the earlier cells again; one that breaks it is left out from then on.

        That is reported like any other end of a process: it may have been killed from outside, and then the job is run again.
        """
        for _ in range(len(self.done) + 1):
            self.connect()
            for step, cell in self.done:
                try:
                    self.run_cell(cell)
                except WireError as fault:
                    self.done.remove((step, cell))
                    self.stop(step, self.fault(fault).message)
                    break
            else:
                return

    def step(self, step: Step) -> None:
        """Run one cell where it belongs."""
        if step.run == "test":
            self.readable.begin(step.id)
            start, start_computing = time.monotonic(), self.computing()
            verdict = self.test(step)
            seconds = time.monotonic() - start
            if isinstance(self.rules, Recording):
                self.reference_seconds[step.id] = self.computing() - start_computing
            self.report(step, verdict, seconds)
            self.over = self.broken or (self.ends_at_loss and verdict.result is not Result.PASSED)
            if verdict.result is Result.PASSED and step.id in self.job.shown:
                self.passed.add(step.id)
            return
        if step.run == "both":
            self.share(step)
        self.cell(step)

    @property
    def ends_at_loss(self) -> bool:
        """Whether nothing more is run once a test is lost."""
        return self.job.until_lost or self.trial is not None

    def share(self, step: Step) -> None:
        """Run a locked cell beside the tests, without its magics, which are for the notebook; raise LockedCellError."""
        try:
            exec(_compiled(without_magics(step.source), step.id), self.shared)
        except Exception as error:
            words = first_line(error)
            raise LockedCellError(
                f"the locked cell {step.id!r} stopped beside the tests with {type(error).__name__}: {words}"
            ) from error

    def binds_for(self, test: Step, later: Iterable[Step]) -> bool:
        """Return whether a test binds a name that a later cell of the student's takes from outside, as it can in a kernel."""
        bound = names_in(test.source).bound - self.answers
        return any(step.run == "student" and bound & names_in(step.source).used for step in later)

    def report(self, step: Step, verdict: Verdict, seconds: float) -> None:
        """Tell the grader how a test ended."""
        verdict = self.readable.verdict(step.id, verdict)
        message, hint = verdict.message[:MAX_MESSAGE], verdict.hint[:MAX_HINT]
        self.control.send(TestEnded(step.id, verdict.result, message, hint, seconds, verdict.changed, self.trial))

    def cell(self, step: Step) -> None:
        """Run one of the student's cells; what goes wrong in it is said of the tests that come after."""
        cell = RunCell(step.source)
        try:
            ran = self.run_cell(cell)
        except WireError as fault:
            if self.trial is not None:
                self.over = self.broken = True
                return
            self.stop(step, self.fault(fault).message)
            if self.connection.statement is not None:
                self.done.append((step, RunCell(step.source, skipped=self.connection.statement)))
            self.reconnect()
        else:
            self.done.append((step, cell))
            if ran.asides and not self.readable.closed:
                self.control.send(CellWentOn(step.id, ran.asides))
            if ran.error is not None:
                self.stop(step, _in_words(ran.error))

    def stop(self, step: Step, error: str) -> None:
        """Remember and report what ended one of the student's cells, or a test that was run beside them.

        Once a hidden test has begun, only the end of a process is reported, to nobody but the executor, which runs the job again where
        the process may have been killed from outside.
        """
        if step.run == "student" and step.exercise:
            self.answer_errors[step.exercise] = error
        if step.run != "test" and not self.readable.closed:
            self.control.send(CellStopped(step.id, error[:MAX_HINT]))
        elif error == ENDED:
            self.control.send(ProcessEnded(step.id))

    def repeat(self, test: Step) -> None:
        """Run a test that has passed in the student's process too: what it binds is there for the cells below, as in a kernel."""
        cell = RunCell(test.source)
        try:
            self.run_cell(cell)
        except WireError as fault:
            if self.trial is not None:
                self.over = self.broken = True
                return
            self.stop(test, self.fault(fault).message)
            self.reconnect()
        else:
            self.done.append((test, cell))

    def run_cell(self, cell: RunCell) -> CellRan:
        """Run a cell in the student's process, in time that is not the tests'; raise WireError."""
        start, start_delay = time.monotonic(), self.delay()
        try:
            with self.within(min(self.limits.cell_seconds, self.limits.submission_seconds - self.cells_used)):
                return self.connection.run(cell)
        finally:
            self.cells_used += time.monotonic() - start - (self.delay() - start_delay)

    def test(self, step: Step) -> Verdict:
        """Run one test. It passes only if it ran to its end and nothing was wrong with the interface."""
        if self.left() <= 0:
            return verdicts.NOT_RUN
        exercise = step.exercise
        budget = SMALL_BUDGET if exercise in self.slow else BUDGET
        limit = min(budget.seconds, self.limits.cell_seconds, self.left())
        computing = max(budget.least, budget.times * self.reference_seconds.get(step.id, limit))
        verdict = self.judged(step, limit, min(limit, computing))
        if verdict.result is Result.TIMEOUT:
            self.slow.add(exercise)
        return verdict

    def judged(self, step: Step, limit: float, computing: float) -> Verdict:
        """Run a test's code within `limit` seconds, `computing` of them of processor time, and return how it ended."""
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
            if self.ends_at_loss:
                self.broken = True
            else:
                self.reconnect()
        return verdict

    def outcome(self, step: Step) -> Verdict:
        """Run a test's code to its end, or to the exception that ended it."""
        names: dict[str, Any] = {}
        try:
            self.connection.begin(step.id)
            torch.set_default_dtype(self.connection.dtype)
            names = Namespace(self.shared, self.answers, self.connection)
            exec(_compiled(step.source, step.id), names)
            _join_threads()
            if self.connection.failure is not None:  # the test has swallowed it
                return verdicts.of_exception(self.connection.failure, None)
        except WireError:
            raise
        except BaseException as error:  # SystemExit of a test is an exception like any other
            if isinstance(error, MemoryError):
                self.harmless = False
                names.clear()  # room to say so
                traceback.clear_frames(error.__traceback__)
            return verdicts.of_exception(error, self.answer_errors.get(step.exercise))
        finally:
            torch.set_default_dtype(torch.float32)
            names.clear()  # its functions and it hold each other
        return verdicts.PASSED

    def fault(self, fault: WireError, limit: float | None = None, computing: float = math.inf) -> Verdict:
        """Return what an error of the interface says of the answer."""
        self.harmless = False
        processor_left = self.connection.channel.left
        if processor_left is not None and processor_left() <= 0:
            return verdicts.of_fault(fault, f"after {computing:.2g} s of computing")
        return verdicts.of_fault(fault, f"within {limit or self.limits.cell_seconds:.0f} s")

    def computing(self) -> float:
        """Return the processor time in seconds that this process and the student's have used."""
        return time.process_time() + self.clock()

    def left(self) -> float:
        """Return the seconds that the submission's tests still have."""
        delay = min(self.delay(), MOST_DELAY * self.limits.submission_seconds)
        return self.end - time.monotonic() + delay + self.cells_used

    def delay(self) -> float:
        """Return the seconds since the job came that are not the submission's: somebody else had the cores."""
        return self.waited + self.own_ready.seconds() + self.student_ready.seconds()

    @contextlib.contextmanager
    def within(self, seconds: float, computing: float = math.inf) -> Iterator[None]:
        """Bound the waiting for the student, its processor time, and the running of the test itself."""
        seconds = max(seconds, 0.1)
        clock, start, start_delay = self.clock, self.clock(), self.delay()
        channel = self.connection.channel
        channel.deadline = time.monotonic() + seconds
        channel.delay = lambda: min(self.delay() - start_delay, MOST_DELAY * seconds)
        channel.left = (lambda: start + computing - clock()) if computing < seconds else None
        # The channel's deadline comes first; the alarm is for a test that loops over what it was given.
        signal.signal(signal.SIGALRM, self.on_alarm)
        signal.setitimer(signal.ITIMER_REAL, seconds + 0.5, ALARM_AGAIN)
        try:
            yield
        finally:
            signal.signal(signal.SIGALRM, signal.SIG_IGN)
            signal.setitimer(signal.ITIMER_REAL, 0)

    def on_alarm(self, _signal: int, _frame: Any) -> None:
        """End what runs now, and whatever goes on after it; wait for the next alarm where others had the cores meanwhile."""
        channel = self.connection.channel
        delay = channel.delay() if channel.delay is not None else 0.0
        if channel.deadline is not None and time.monotonic() < channel.deadline + delay:
            return
        self.connection.fault = self.connection.fault or TestTimeout()
        raise self.connection.fault


@cache  # a judge runs the same tests for each submission
def _compiled(source: str, name: str) -> CodeType:
    return compile(source, f"<{name}>", "exec")


def _in_words(error: StudentError) -> str:
    """Return an exception that ended a cell in one line."""
    kind = error.classes[0].rpartition(".")[2] if error.classes else ""
    words = f"{kind}: {error.text}" if kind else error.text
    return f"{words} ({error.where})" if error.where else words


def _join_threads() -> None:
    """Wait for the threads that a test has started: what they find belongs to it."""
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not thread.daemon:
            thread.join()


def main(descriptor: int) -> None:
    """Judge one submission after the other: jobs come through the socket, reports go back. The grader ends this process."""
    control = Channel(socket.socket(fileno=descriptor))
    control.send(Ready())
    with contextlib.suppress(PeerGone):
        while True:
            tree, contents = control.receive()
            Judge(control, table.read(tree, "grader"), contents).run()
