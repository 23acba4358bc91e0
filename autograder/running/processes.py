"""The grader's side of the warm process, and of the judges and students that are forked from it.

Nothing here imports torch or holds a student's object.
"""

import contextlib
import dataclasses
import itertools
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from autograder.errors import GraderError
from autograder.rpc import frames
from autograder.rpc.frames import receive_descriptors, send_descriptors
from autograder.rpc.messages import Fork, table
from autograder.running.warm import NO_OPTIMIZERS
from autograder.sandbox.limits import Limits

SLOTS = 10_000
# A process can always read the environment that it was started with: students get nothing of the grader's but this.
ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "LD_LIBRARY_PATH")
# glibc then asks for pages of 2 MB, which a fork copies and an end takes down as one each. Elsewhere it means nothing.
HUGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
JOBS = 50  # submissions that a judge judges before another takes its place
KEPT_OUTPUT = 20_000  # bytes of the judge's own output that an error message may draw on


@dataclass(frozen=True)
class Process:
    """A forked process, named by a descriptor so that a signal never reaches another that got its id."""

    pid: int
    pidfd: int

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return not select.select([self.pidfd], [], [], 0)[0]

    def end(self) -> None:
        """Have it end and, where it is process 1 of a namespace, all that it left running."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)

    def wait(self) -> None:
        """Wait for the end, and forget it."""
        select.select([self.pidfd], [], [], 5.0)
        os.close(self.pidfd)

    def kill(self) -> None:
        """End it and wait for that."""
        self.end()
        self.wait()


class Cores:
    """Gives each submission one core, the one with the fewest others on it.

    Its judge and its student's process take turns: to wake a process on another core takes longer than most answers.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._busy = Counter(dict.fromkeys(sorted(os.sched_getaffinity(0)), 0))

    @contextlib.contextmanager
    def one(self) -> Iterator[int]:
        """Take a core's number and give it back."""
        with self._lock:
            core = min(self._busy, key=self._busy.__getitem__)
            self._busy[core] += 1
        try:
            yield core
        finally:
            with self._lock:
                self._busy[core] -= 1


class Zygote:
    """The warm process; safe to use from several threads. It warms up while the caller goes on; `wait` is for its word."""

    def __init__(self, leave_out: Collection[str] = (), optimizers: bool = True) -> None:
        """`leave_out`: means to keep students' code in that are not to be used even where this system has them.

        `optimizers`: whether to warm up those of PyTorch, which takes a second more and makes every fork slower.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "autograder.running.warm", str(theirs.fileno()), *leave_out]
        command += [] if optimizers else [NO_OPTIMIZERS]
        self._process = subprocess.Popen(
            command,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ} | HUGE_PAGES,
        )
        theirs.close()
        self._socket = ours
        self._lock = threading.Lock()
        self._slots = itertools.cycle(range(SLOTS))
        self._isolation = ""
        self.cores = Cores()
        self.judges = Judges(self)
        self.students = Students(self)

    def wait(self) -> str:
        """Wait until it is warm; what keeps students' code in, as `str(confine.Isolation)` says it."""
        with self._lock:
            if not self._isolation:
                try:
                    tree, _ = receive_descriptors(self._socket, 0)
                except OSError:  # it died before it read what it was sent
                    tree = None
                if tree is None:
                    raise GraderError(
                        "the warm process could not start; run: python -m autograder.running.warm 0, and read what it says"
                    )
                self._isolation = table.read(tree, "warm").isolation
            return self._isolation

    def fork(
        self,
        role: Literal["judge", "student"],
        channel: socket.socket,
        output: int,
        limits: Limits,
        core: int | None = None,
        home: str = "",
    ) -> Process:
        """Fork a judge or a student that talks over `channel` and writes to `output`.

        `core`: where a judge runs; it takes its students there. `home`: a folder for a student's files, where there are no
        namespaces to give it one.
        """
        self.wait()
        with self._lock:
            request = Fork(role, next(self._slots), limits, core, home)
            try:
                send_descriptors(self._socket, request, [channel.fileno(), output])
                reply, descriptors = receive_descriptors(self._socket, 1)
            except OSError as error:
                raise GraderError(f"the warm process is gone ({error}); run the same command again") from error
        if reply is None:
            raise GraderError("the warm process is gone; run the same command again")
        return Process(table.read(reply, "warm").pid, descriptors[0])

    def close(self) -> None:
        """End the warm process and wait for it."""
        self.judges.close()
        self.students.close()
        self._socket.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:  # closed while it still warms up
            self._process.terminate()
            self._process.wait()

    def __enter__(self) -> "Zygote":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


class JudgeProcess:
    """A judge, its channel, and what it prints."""

    def __init__(self, zygote: Zygote, limits: Limits, core: int) -> None:
        ours, theirs = socket.socketpair()
        self.socket = ours
        self.channel = frames.Channel(ours)
        self.output = _Drain()
        self.jobs = 0
        with theirs:
            lifetime = dataclasses.replace(limits, submission_seconds=JOBS * limits.submission_seconds)
            self._process = zygote.fork("judge", theirs, self.output.end, lifetime, core)

    def kill(self) -> None:
        """End it."""
        self._process.kill()
        self.socket.close()
        self.output.close()


class Judges:
    """Judges that wait for the next submission.

    A judge never runs a line of a student's code, so one may judge several submissions, each with names and tables of its own:
    a warm one takes half the time of one just forked. One in whose run anything went wrong is not used again.
    """

    def __init__(self, zygote: Zygote) -> None:
        self._zygote = zygote
        self._lock = threading.Lock()
        self._idle: dict[tuple[int, Limits], list[JudgeProcess]] = defaultdict(list)

    def take(self, limits: Limits, core: int) -> JudgeProcess:
        """One that waits on this core, or a new one."""
        with self._lock:
            waiting = self._idle[core, limits]
            judge = waiting.pop() if waiting else None
        judge = judge or JudgeProcess(self._zygote, limits, core)
        judge.jobs += 1
        return judge

    def give_back(self, judge: JudgeProcess, limits: Limits, core: int) -> None:
        """Keep it for the next submission, unless it has judged its share."""
        if judge.jobs >= JOBS:
            judge.kill()
            return
        with self._lock:
            self._idle[core, limits].append(judge)

    def close(self) -> None:
        """End those that wait."""
        with self._lock:
            waiting = [judge for judges in self._idle.values() for judge in judges]
            self._idle.clear()
        for judge in waiting:
            judge.kill()


@dataclass(frozen=True)
class StudentProcess:
    """A student's process, and the end of its channel that is for its judge."""

    process: Process
    socket: socket.socket


class Students:
    """Students' processes. While one is at work the next is made, and the last one's end waited for: each takes some 7 ms.

    Where there are no namespaces, each is made when its turn comes and has ended when the next one's comes: another student's
    code could meet it, and its files lie in a folder that is to go after it.
    """

    def __init__(self, zygote: Zygote) -> None:
        self._zygote = zygote
        self._lock = threading.Lock()
        self._ready: dict[Limits, list[StudentProcess]] = defaultdict(list)
        self._ending: list[Process] = []

    def take(self, limits: Limits, home: str) -> StudentProcess:
        """One that is ready, or a new one; `home` as in `Zygote.fork`."""
        while True:
            with self._lock:
                ready = self._ready[limits]
                student = ready.pop() if ready else None
            if student is None:
                return self._new(limits, home)
            if student.process.alive:
                return student
            self._drop(student)

    def prepare(self, limits: Limits) -> None:
        """Make the next one, and wait for those that were to end."""
        if self._apart():
            student = self._new(limits, "")
            with self._lock:
                self._ready[limits].append(student)
            self.wait()

    def end(self, process: Process) -> None:
        """Have one end; wait for that only where nothing keeps it apart from the next."""
        if not self._apart():
            process.kill()
            return
        process.end()
        with self._lock:
            self._ending.append(process)

    def wait(self) -> None:
        """Wait for those that were to end."""
        with self._lock:
            ending, self._ending = self._ending, []
        for process in ending:
            process.wait()

    def close(self) -> None:
        """End those that are ready, and wait for all."""
        with self._lock:
            left = [student for ready in self._ready.values() for student in ready]
            self._ready.clear()
        for student in left:
            self._drop(student)
        self.wait()

    def _apart(self) -> bool:
        return "namespaces" in self._zygote.wait()

    def _new(self, limits: Limits, home: str) -> StudentProcess:
        judges, students = socket.socketpair()
        with students, open(os.devnull, "wb") as output:
            try:
                return StudentProcess(
                    self._zygote.fork("student", students, output.fileno(), limits, home=home), judges
                )
            except BaseException:
                judges.close()
                raise

    def _drop(self, student: StudentProcess) -> None:
        student.process.kill()
        student.socket.close()


class _Drain:
    """A pipe that is read all the time, so that nobody blocks on it; its first bytes are kept."""

    def __init__(self) -> None:
        self._read, self.end = os.pipe()
        self._data = bytearray()
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()
        self._open = True

    def text(self) -> str:
        """What was kept since this was asked last."""
        data, self._data = bytes(self._data), bytearray()
        return data.decode(errors="replace")

    def close(self) -> None:
        """Close the writing end; the thread ends when the last writer has gone."""
        if self._open:
            self._open = False
            os.close(self.end)

    def _drain(self) -> None:
        while piece := os.read(self._read, 1 << 16):
            self._data += piece[: max(0, KEPT_OUTPUT - len(self._data))]
        os.close(self._read)
