"""Judges and students' processes that wait for the next submission: what is forked ahead of its turn costs nobody any time."""

import contextlib
import dataclasses
import os
import socket
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import Literal, Protocol

from autograder.errors import SetupError
from autograder.rpc import frames
from autograder.rpc.faults import PeerTimeout, WireError
from autograder.rpc.messages import NotReady, Ready, table
from autograder.running.forked import KeptOutput, Process
from autograder.sandbox.limits import Limits
from autograder.sandbox.usage import pid_of
from autograder.sandbox.watch import bytes_held

SECONDS_TO_GET_READY = 300.0  # enough for a new process on the busiest machine
MOST_GROWTH = 128 << 20  # bytes that a judge may hold more than when it was new
JOBS_PER_JUDGE = 50  # submissions that a judge judges before another takes its place


class Forks(Protocol):
    """What a pool asks of the warm process."""

    def wait(self) -> str:
        """Wait until it is warm; return what keeps students' code in."""

    def fork(
        self,
        role: Literal["judge", "student"],
        channel: socket.socket,
        output: int,
        limits: Limits,
        core: int | None = None,
        home: str = "",
    ) -> Process:
        """Fork a judge or a student's process; raise SetupError where the system gives none."""


def wait_until_ready(channel: frames.Channel) -> None:
    """Read the first frame of a process that was just forked; raise SetupError unless it says that the process is ready."""
    channel.deadline = time.monotonic() + SECONDS_TO_GET_READY
    try:
        said: Ready | NotReady = table.read(channel.receive()[0], "warm")
    except PeerTimeout:
        raise SetupError(f"its process was not ready within {SECONDS_TO_GET_READY:.0f} s") from None
    except WireError:
        raise SetupError("its process was ended before it was ready, as happens when memory is short") from None
    if isinstance(said, NotReady):
        raise SetupError(said.reason)


class JudgeProcess:
    """A judge, its channel, and what it prints."""

    def __init__(self, zygote: Forks, limits: Limits, core: int) -> None:
        ours, theirs = socket.socketpair()
        self.socket = ours
        self.channel = frames.Channel(ours)
        try:
            self.output = KeptOutput()
        except BaseException:
            ours.close()
            theirs.close()
            raise
        self.jobs = 0
        lifetime = dataclasses.replace(limits, submission_seconds=JOBS_PER_JUDGE * limits.submission_seconds)
        try:
            with theirs:
                self.process = zygote.fork("judge", theirs, self.output.writing_end, lifetime, core)
        except BaseException:
            self._close()
            raise
        try:
            wait_until_ready(self.channel)
            self._number = pid_of(self.process.pidfd)
        except BaseException:
            self.kill()
            raise
        self._held_when_new = bytes_held(self._number)

    def kill(self) -> None:
        """Kill it and wait for its end."""
        self.process.kill()
        self._close()

    @property
    def is_worn(self) -> bool:
        """Whether it has judged its share, or holds far more memory than a new one: another is to take its place."""
        return self.jobs >= JOBS_PER_JUDGE or bytes_held(self._number) > self._held_when_new + MOST_GROWTH

    def _close(self) -> None:
        self.socket.close()
        self.output.close()


class JudgePool:
    """Judges that wait for the next submission.

    A judge never runs a line of a student's code, so one judge may judge several submissions, each with names and tables of
    its own: a waiting judge takes half the time of a new one. If anything went wrong in its run, it is not used again.
    """

    def __init__(self, zygote: Forks) -> None:
        self._zygote = zygote
        self._lock = threading.Lock()
        self._idle: dict[tuple[int, Limits], list[JudgeProcess]] = defaultdict(list)
        self._over = False

    def take(self, limits: Limits, core: int) -> JudgeProcess:
        """Return a judge that waits on this core, or a new one."""
        judge = self._waiting(limits, core) or JudgeProcess(self._zygote, limits, core)
        judge.jobs += 1
        return judge

    def _waiting(self, limits: Limits, core: int) -> JudgeProcess | None:
        """Return a judge that waits, and end those that were killed meanwhile; None where nobody waits."""
        while True:
            with self._lock:
                idle = self._idle[core, limits]
                judge = idle.pop() if idle else None
            if judge is None or judge.process.alive:
                return judge
            judge.kill()

    def give_back(self, judge: JudgeProcess, limits: Limits, core: int) -> None:
        """Keep a judge for the next submission, unless it is worn or the pool is closed for good."""
        worn = judge.is_worn
        with self._lock:
            if keep := not (worn or self._over):
                self._idle[core, limits].append(judge)
        if not keep:
            judge.kill()

    def close(self, *, for_good: bool = False) -> None:
        """End the judges that wait. `for_good`: and keep none from now on."""
        with self._lock:
            self._over = self._over or for_good
            waiting = [judge for judges in self._idle.values() for judge in judges]
            self._idle.clear()
        for judge in waiting:
            judge.kill()


@dataclass(frozen=True)
class StudentProcess:
    """A student's process, and the end of its channel that is for its judge."""

    process: Process
    socket: socket.socket

    def wait_until_ready(self) -> None:
        """Wait until all its walls stand; raise SetupError where they do not."""
        wait_until_ready(frames.Channel(self.socket))


class StudentPool:
    """Students' processes: to fork one and to wait for the end of one each take some 7 ms, so both are done while another works.

    Where there are no namespaces, a student's code could meet another student's process, and its files lie in a folder that
    is removed after it. There each process is forked when its turn comes, and has ended before the next one's turn.
    """

    def __init__(self, zygote: Forks) -> None:
        self._zygote = zygote
        self._lock = threading.Lock()
        self._ready: dict[Limits, list[StudentProcess]] = defaultdict(list)
        self._ending: list[Process] = []
        self._over = False

    def take(self, limits: Limits, home: str) -> StudentProcess:
        """Return a process that is ready, one forked ahead or a new one; `home` as in `Zygote.fork`. Raise SetupError."""
        student = self._waiting(limits) or self._fork(limits, home)
        try:
            student.wait_until_ready()
        except BaseException:
            self._discard(student)
            raise
        return student

    def _waiting(self, limits: Limits) -> StudentProcess | None:
        while True:
            with self._lock:
                ready = self._ready[limits]
                student = ready.pop() if ready else None
            if student is None or student.process.alive:
                return student
            self._discard(student)

    def prepare(self, limits: Limits) -> None:
        """Fork the next process, and wait for those that were ended."""
        if self._are_apart():
            with contextlib.suppress(SetupError):  # the next submission tries again and hears the reason
                student = self._fork(limits, "")
                with self._lock:
                    if keep := not self._over:
                        self._ready[limits].append(student)
                if not keep:
                    self._discard(student)
            self.wait()

    def end(self, process: Process) -> None:
        """End a process; wait for that only where nothing keeps it apart from the next one."""
        if not self._are_apart():
            process.kill()
            return
        process.end()
        with self._lock:
            self._ending.append(process)

    def wait(self) -> None:
        """Wait for the processes that were ended."""
        with self._lock:
            ending, self._ending = self._ending, []
        for process in ending:
            process.wait()

    def close(self, *, for_good: bool = False) -> None:
        """End the processes that are ready, and wait for all. `for_good`: and keep none from now on."""
        with self._lock:
            self._over = self._over or for_good
            ready = [student for students in self._ready.values() for student in students]
            self._ready.clear()
        for student in ready:
            self._discard(student)
        self.wait()

    def _are_apart(self) -> bool:
        """Whether namespaces keep students' processes apart from each other."""
        return "namespaces" in self._zygote.wait()

    def _fork(self, limits: Limits, home: str) -> StudentProcess:
        judges, students = socket.socketpair()
        with students, open(os.devnull, "wb") as output:
            try:
                process = self._zygote.fork("student", students, output.fileno(), limits, home=home)
            except BaseException:
                judges.close()
                raise
        return StudentProcess(process, judges)

    def _discard(self, student: StudentProcess) -> None:
        student.process.kill()
        student.socket.close()
