"""How long one submission's cells and tests take: the limits by the clock, without what is not the submission's time."""

import contextlib
import math
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from autograder.rpc.connection import Connection
from autograder.rpc.faults import PeerTimeout
from autograder.sandbox.limits import Limits
from autograder.sandbox.usage import ReadyTime, processor_seconds, ready_time_of

MOST_DELAY = 50  # times a limit by the clock: by so much at most it is put off, whatever else the machine does
ALARM_AGAIN = 0.5  # seconds after which the alarm comes again, for a test that has swallowed it
# Of processor time, that a judge may use after the alarm before the kernel ends it: C code heeds no alarm.
LAST_SECONDS = 2.0


@dataclass(frozen=True)
class TimeBudget:
    """How long a test may take.

    `seconds`: the most wall time, unless the limits allow less. `times`: the most processor time, as a multiple of what the
    test took with the reference solution. `least`: processor time in seconds that every test may use, on a machine that is not slow.
    """

    seconds: float
    times: float
    least: float


BUDGET = TimeBudget(math.inf, 500, 3.0)
SMALL_BUDGET = TimeBudget(1.0, 100, 0.3)  # once an exercise has run out of time


class TestTimeout(PeerTimeout):
    """A test ran for longer than its limit: by the clock, or, where it was `busy`, by the judge's own processor time."""

    __test__ = False  # the name begins with Test, but this is no pytest class

    def __init__(self, busy: bool = False) -> None:
        super().__init__()
        self.busy = busy


class Stopwatch:
    """The time of one submission, from when its job came."""

    def __init__(self, limits: Limits, slowness: float = 1.0) -> None:
        """`slowness`: how many times as long as elsewhere this machine computes, never less than 1."""
        self._limits = limits
        self._slowness = slowness
        self._end = time.monotonic() + limits.submission_seconds
        self._waited = 0.0  # for students' processes to be given, and what processes that have ended were kept waiting
        self._cells = 0.0  # seconds of running cells, which are not the tests'
        self._cells_before = 0.0  # so many of them in the passes before this one
        self._own_ready = ready_time_of(os.getpid())
        self._student_ready = ReadyTime(-1)
        self._student_seconds: Callable[[], float] = partial(float, 0)

    def begin_pass(self) -> None:
        """Give the cells their time anew: a pass runs the same cells again, so that is no time that the student used."""
        self._cells_before = self._cells

    def follow(self, pid: int) -> None:
        """Count the processor time of this process of the student's from now on."""
        self._student_seconds = partial(processor_seconds, pid)
        self._student_ready = ready_time_of(pid)

    def leave(self) -> None:
        """Count the last process of the student's no longer."""
        self._student_ready.close()
        self._waited += self._student_ready.seconds()
        self._student_ready = ReadyTime(-1)

    def close(self) -> None:
        """Give back what the kernel lent to look at processes."""
        self._own_ready.close()
        self._student_ready.close()

    @contextlib.contextmanager
    def apart(self) -> Iterator[None]:
        """Leave out what runs inside: it is nobody's time."""
        start, start_delay = time.monotonic(), self._delay()
        try:
            yield
        finally:
            self._waited += time.monotonic() - start - (self._delay() - start_delay)

    @contextlib.contextmanager
    def cells(self, connection: Connection) -> Iterator[None]:
        """Bound a cell that runs inside, in time that is not the tests'."""
        start, start_delay = time.monotonic(), self._delay()
        in_this_pass = self._cells - self._cells_before
        limit = min(self._limits.cell_seconds, self._limits.submission_seconds - in_this_pass)
        try:
            with self.bound(connection, limit):
                yield
        finally:
            self._cells += time.monotonic() - start - (self._delay() - start_delay)

    def allowance(self, budget: TimeBudget, reference_seconds: float | None) -> tuple[float, float]:
        """Return the seconds and the processor seconds that the next test may take.

        `reference_seconds`: the processor time that it took with the reference solution; None while that is graded.
        """
        limit = min(budget.seconds, self._limits.cell_seconds, self.left())
        least = budget.least * self._slowness
        computing = max(least, budget.times * (limit if reference_seconds is None else reference_seconds))
        return limit, min(limit, computing)

    def computing(self) -> float:
        """Return the processor time in seconds that this process and the student's have used."""
        return time.process_time() + self._student_seconds()

    def left(self) -> float:
        """Return the seconds that the submission's tests still have."""
        delay = min(self._delay(), MOST_DELAY * self._limits.submission_seconds)
        return self._end - time.monotonic() + delay + self._cells

    def _delay(self) -> float:
        """Return the seconds since the job came that are not the submission's: somebody else had the cores."""
        return self._waited + self._own_ready.seconds() + self._student_ready.seconds()

    @contextlib.contextmanager
    def bound(self, connection: Connection, seconds: float, computing: float = math.inf) -> Iterator[None]:
        """Bound the waiting for the student, its processor time, and the running of the test itself, in time and in processor time."""
        seconds = max(seconds, 0.1)
        clock, start, start_delay = self._student_seconds, self._student_seconds(), self._delay()
        channel = connection.channel
        channel.deadline = time.monotonic() + seconds
        channel.delay = lambda: min(self._delay() - start_delay, MOST_DELAY * seconds)
        channel.left = (lambda: start + computing - clock()) if computing < seconds else None
        # The channel's deadline comes first; the alarm is for a test that loops over what it was given.
        signal.signal(signal.SIGALRM, partial(_end_late, connection))
        signal.signal(signal.SIGVTALRM, partial(_end_busy, connection))
        most = min(seconds, computing)
        signal.setitimer(signal.ITIMER_REAL, seconds + 0.5, ALARM_AGAIN)
        signal.setitimer(signal.ITIMER_VIRTUAL, most, ALARM_AGAIN)
        signal.setitimer(signal.ITIMER_PROF, most + LAST_SECONDS)
        try:
            yield
        finally:
            for alarm in (signal.SIGALRM, signal.SIGVTALRM):
                signal.signal(alarm, signal.SIG_IGN)
            for timer in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF):
                signal.setitimer(timer, 0)


def _end_late(connection: Connection, _signal: int, _frame: Any) -> None:
    """End what runs now, and whatever goes on after it; wait for the next alarm where others had the cores meanwhile."""
    channel = connection.channel
    delay = channel.delay() if channel.delay is not None else 0.0
    if channel.deadline is not None and time.monotonic() < channel.deadline + delay:
        return
    connection.fault = connection.fault or TestTimeout()
    raise connection.fault


def _end_busy(connection: Connection, _signal: int, _frame: Any) -> None:
    """End what this process computes, and whatever goes on after it."""
    connection.fault = connection.fault or TestTimeout(busy=True)
    raise connection.fault
