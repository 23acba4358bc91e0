"""The process that runs the tests. It never runs a line of the student's code.

It gets a job from the grader (`run_job`), asks for student processes when it needs one, and reports each test as it ends.
The job comes in one or two passes, each in a fresh student process; in both cases the hidden tests come last, so that nothing that
a student can read is said by a process that has met a hidden test's arguments.
"""

import builtins
import contextlib
import dataclasses
import faulthandler
import gc
import io
import math
import os
import re
import signal
import socket
import threading
import time
import traceback
from collections.abc import Iterable, Sequence
from functools import cache
from types import CodeType
from typing import Any

import torch

from autograder.model.outcomes import ENDED, Result
from autograder.model.source import without_magics
from autograder.model.text import first_line
from autograder.reading.names import names_in
from autograder.reading.plan import Step
from autograder.rpc.connection import Connection
from autograder.rpc.faults import PeerGone, WireError
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
    StudentGiven,
    StudentWanted,
    TestEnded,
    table,
)
from autograder.rpc.rules import Enforcing, InterfaceError, Manifest, Recording
from autograder.running import verdicts
from autograder.running.leftovers import state_of_process
from autograder.running.readable import Readable
from autograder.running.stopwatch import BUDGET, SMALL_BUDGET, Stopwatch, TestTimeout
from autograder.running.verdicts import Verdict

WORD = re.compile(r"\w+")
# How a test ends that has run as far as it does in a kernel.
TO_THEIR_END = (Result.PASSED, Result.FAILED, Result.RAISED, Result.UNANSWERED)


class LockedCellError(Exception):
    """A locked cell of the unit does not run where the tests are; its author has to mend it."""


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
        self.stopwatch = Stopwatch(job.limits)
        self.answers = frozenset(job.answers)
        known = job.manifest
        self.rules: Recording | Enforcing = Recording() if known is None else Enforcing(known.operations)
        self.reference_seconds = {} if known is None else known.seconds  # of processor time, by test
        self.shared: dict[str, Any] = {}
        self.done: list[tuple[Step, RunCell]] = []  # what a new student process has to run again
        self.readable = Readable(job.shown, job.silent)
        self.answer_errors: dict[str, str] = {}  # what ended the last answer that stopped, by exercise
        self.ran: set[str] = set()  # the tests that students can read and that ran to their end or to an exception
        self.repeated: dict[str, list[Step]] = {}  # such tests that cells below build on, by the id of the cell above
        self.over = False  # a test was lost, and the job or the trial is to end there
        self.trial: int | None = None  # the number of the one that is run
        # The student's process is not what it was, and is not replaced: nothing is run in it any more.
        self.broken = False
        self.slow: set[str] = set()  # exercises that have run out of time once
        self.connection: Connection
        self.harmless = True  # nothing went wrong between the processes
        self.state = state_of_process()

    def run(self) -> None:
        """Run every pass and every trial, and report."""
        for steps in self.job.passes:
            if self.over:
                break
            self.shared = {"__builtins__": builtins, "__name__": "__main__"}
            self.done = []
            self.stopwatch.begin_pass()
            self.connect()
            self.run_steps(steps)
        for number, steps in enumerate(self.job.trials):
            if self.broken or self.stopwatch.left() <= 0:
                break
            self.trial, self.over = number, False
            self.ran, self.repeated = set(), {}
            self.run_steps(steps)
        recorded = isinstance(self.rules, Recording)
        manifest = Manifest(self.rules.seen, self.reference_seconds) if recorded else None
        self.connection.channel.close()
        self.stopwatch.close()
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
            elif step.id in self.ran and self.binds_for(step, steps[place + 1 :]):
                self.repeated.setdefault(above, []).append(step)  # for the second pass, which has hidden tests only
                self.repeat(step)
            if self.over:
                break

    def connect(self) -> None:
        """Get a fresh student process, with the submission's files in its working directory."""
        if hasattr(self, "connection"):
            self.connection.channel.close()
        self.stopwatch.leave()
        with self.stopwatch.apart():
            self.control.send(StudentWanted())
            tree, descriptors = receive_descriptors(self.control.sock, 1)
        if tree is None:
            raise PeerGone
        given: StudentGiven = table.read(tree, "grader")
        channel = Channel(socket.socket(fileno=descriptors[0]))
        self.connection = Connection(channel, self.rules, self.limits.memory, self.shared)
        self.stopwatch.follow(given.pid)
        with contextlib.suppress(OSError):  # it has ended
            os.sched_setaffinity(given.pid, os.sched_getaffinity(0))  # they take turns, see processes.CorePool
        if self.files:
            bound = self.stopwatch.bound(self.connection, self.limits.cell_seconds)
            with self.stopwatch.apart(), contextlib.suppress(WireError), bound:  # the first cell meets it again
                self.connection.put_files(self.files)

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
            start, start_computing = time.monotonic(), self.stopwatch.computing()
            verdict = self.test(step)
            seconds = time.monotonic() - start
            if isinstance(self.rules, Recording):
                self.reference_seconds[step.id] = self.stopwatch.computing() - start_computing
            self.report(step, verdict, seconds)
            self.over = self.broken or (self.ends_at_loss and verdict.result is not Result.PASSED)
            if verdict.result in TO_THEIR_END and step.id in self.job.shown:
                self.ran.add(step.id)
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
        students = (step.source for step in later if step.run == "student") if bound else ()
        return any(_may_hold(source, bound) and bound & names_in(source).used for source in students)

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
                self.stop(step, verdicts.said_of(ran.error))

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
        """Run a test in the student's process too: what it binds is there for the cells below, as in a kernel.

        That holds for a test that failed, too: what it bound above the line that failed is there.
        """
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
        with self.stopwatch.cells(self.connection):
            return self.connection.run(cell)

    def test(self, step: Step) -> Verdict:
        """Run one test. It passes only if it ran to its end and nothing was wrong with the interface."""
        if step.exercise in self.job.given_up:
            return verdicts.GIVEN_UP
        if self.stopwatch.left() <= 0:
            return verdicts.NOT_RUN
        budget = SMALL_BUDGET if step.exercise in self.slow else BUDGET
        verdict = self.judged(step, *self.stopwatch.allowance(budget, self.reference_seconds.get(step.id)))
        if verdict.result is Result.TIMEOUT:
            self.slow.add(step.exercise)
        return verdict

    def judged(self, step: Step, limit: float, computing: float) -> Verdict:
        """Run a test's code within `limit` seconds, `computing` of them of processor time, and return how it ended."""
        connection = self.connection
        try:
            with self.stopwatch.bound(connection, limit, computing), contextlib.redirect_stdout(io.StringIO()):
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
        busy = isinstance(fault, TestTimeout) and fault.busy
        if busy or (processor_left is not None and processor_left() <= 0):
            return verdicts.of_fault(fault, f"after {computing:.2g} s of computing")
        return verdicts.of_fault(fault, f"within {limit or self.limits.cell_seconds:.0f} s")


def _may_hold(source: str, names: Iterable[str]) -> bool:
    """Return whether a cell may use one of the names: to look for words takes a twentieth of reading its names.

    Of some letters Python knows several forms, and it gives names such as `__x` another in a class: then this says yes.
    """
    words = set(WORD.findall(source))
    return not source.isascii() or any("__" in name or name in words for name in names)


@cache  # a judge runs the same tests for each submission
def _compiled(source: str, name: str) -> CodeType:
    return compile(source, f"<{name}>", "exec")


def _join_threads() -> None:
    """Wait for the threads that a test has started: what they find belongs to it."""
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not thread.daemon:
            thread.join()


def main(descriptor: int) -> None:
    """Judge one submission after the other: jobs come through the socket, reports go back. The grader ends this process."""
    control = Channel(socket.socket(fileno=descriptor))
    # The last clock of a test ends this process, also while C code heeds nothing else. Its last words say so, whatever runs.
    faulthandler.register(signal.SIGPROF, all_threads=False, chain=True)
    control.send(Ready())
    with contextlib.suppress(PeerGone):
        while True:
            tree, contents = control.receive()
            Judge(control, table.read(tree, "grader"), contents).run()
