"""Run one submission's cells and tests: the grader's side of the zygote, the judge and the student processes.

Nothing here imports torch, holds a student's object or believes a student's process: only the judge's reports count.
"""

import array
import contextlib
import dataclasses
import itertools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from autograder import wire
from autograder.errors import GraderError
from autograder.sandbox import Limits
from autograder.watch import Watch

GRACE = 10.0  # seconds over a submission's limit after which the judge itself is taken to hang
SLOTS = 10_000
# A process can always read the environment that it was started with: students get nothing of the grader's but this.
ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "LD_LIBRARY_PATH")
KEPT_OUTPUT = 20_000  # bytes of the judge's own output that an error message may draw on


@dataclass(frozen=True)
class Process:
    """A forked process, named by a descriptor so that a signal never reaches another that got its id."""

    pid: int
    pidfd: int

    def kill(self) -> None:
        """End it and, where it is process 1 of a namespace, all that it left running; wait for that."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
        select.select([self.pidfd], [], [], 5.0)
        os.close(self.pidfd)


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

    def __init__(self, leave_out: Collection[str] = ()) -> None:
        """`leave_out`: means to keep students' code in that are not to be used even where this system has them."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "autograder.zygote", str(theirs.fileno()), *leave_out]
        self._process = subprocess.Popen(
            command,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
        )
        theirs.close()
        self._socket = ours
        self._lock = threading.Lock()
        self._slots = itertools.cycle(range(SLOTS))
        self._isolation = ""
        self.cores = Cores()

    def wait(self) -> str:
        """Wait until it is warm; what keeps students' code in, as `str(sandbox.Means)` says it."""
        with self._lock:
            if not self._isolation:
                try:
                    hello = self._socket.recv(1 << 16)
                except OSError:  # it died before it read what it was sent
                    hello = b""
                if not hello:
                    raise GraderError(
                        "the warm process could not start; run: python -m autograder.zygote 0, and read what it says"
                    )
                self._isolation = json.loads(hello)["isolation"]
            return self._isolation

    def fork(
        self, role: str, channel: socket.socket, output: int, limits: Limits, core: int, home: str = ""
    ) -> Process:
        """Fork a judge or a student that talks over `channel`, writes to `output` and runs on one core.

        `home`: a folder for a student's files, where there are no namespaces to give it one.
        """
        self.wait()
        with self._lock:
            request = {
                "role": role,
                "slot": next(self._slots),
                "limits": dataclasses.asdict(limits),
                "core": core,
                "home": home,
            }
            rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [channel.fileno(), output]))
            try:
                self._socket.sendmsg([json.dumps(request).encode()], [rights])
                reply, ancillary, _, _ = self._socket.recvmsg(1 << 16, socket.CMSG_SPACE(4))
            except OSError as error:
                raise GraderError(f"the warm process is gone ({error}); run the same command again") from error
        if not reply:
            raise GraderError("the warm process is gone; run the same command again")
        return Process(json.loads(reply)["pid"], array.array("i", ancillary[0][2])[0])

    def close(self) -> None:
        """End the warm process and wait for it."""
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


@dataclass
class Run:
    """What the judge reported. `manifest` is there when none was given: the reference solution was recorded."""

    isolation: str = ""  # what kept the student's code in
    tests: dict[str, dict[str, Any]] = field(default_factory=dict)
    cell_errors: dict[str, str] = field(default_factory=dict)
    students: int = 0
    finished: bool = False
    out_of_time: bool = False
    out_of_memory: bool = False  # the student's processes together were over the limit and were ended
    manifest: dict[str, Any] | None = None
    judge_output: str = ""
    seconds: float = 0.0


def run_job(zygote: Zygote, job: dict[str, Any], limits: Limits) -> Run:
    """Fork a judge, give it the job and a student process whenever it asks; end every process at the end."""
    start = time.monotonic()
    run = Run(zygote.wait())
    with contextlib.ExitStack() as cleanup:
        home = _home(run.isolation, cleanup)
        core = cleanup.enter_context(zygote.cores.one())
        ours, theirs = socket.socketpair()
        cleanup.callback(ours.close)
        judge_output, student_output = _Drain(cleanup, KEPT_OUTPUT), _Drain(cleanup, 0)
        judge = zygote.fork("judge", theirs, judge_output.end, limits, core)
        cleanup.callback(judge.kill)
        theirs.close()
        control = wire.Channel(ours)
        control.deadline = start + limits.submission_seconds + GRACE
        student: Process | None = None
        watches: list[Watch] = []
        try:
            control.send({**job, "limits": dataclasses.asdict(limits)})
            while not run.finished:
                report, _ = control.receive()
                if report["event"] == "student":
                    if student is not None:
                        student.kill()
                    student = _give_student(zygote, ours, student_output, limits, core, home)
                    watches.append(Watch(student.pidfd, limits.memory))
                    run.students += 1
                else:
                    _note(run, report)
        except wire.WireError as error:  # the tests that a judge leaves without a report earn nothing
            run.out_of_time = isinstance(error, wire.PeerTimeout)
        finally:
            if student is not None:
                student.kill()
        run.out_of_memory = any(watch.exceeded for watch in watches)
        run.judge_output = judge_output.text()
    run.seconds = time.monotonic() - start
    return run


def _home(isolation: str, cleanup: contextlib.ExitStack) -> str:
    """A folder for the files of a student's process that has no file system of its own; it goes with the submission."""
    if "namespaces" in isolation:
        return ""
    folder = tempfile.TemporaryDirectory(prefix="student-", ignore_cleanup_errors=True)
    return cleanup.enter_context(folder)


def _note(run: Run, report: dict[str, Any]) -> None:
    if report["event"] == "test":
        run.tests[report["id"]] = report
    elif report["event"] == "cell":
        run.cell_errors.setdefault(report["id"], report["error"])
    else:
        run.finished = True
        run.manifest = report["manifest"]


def _give_student(
    zygote: Zygote, control: socket.socket, output: "_Drain", limits: Limits, core: int, home: str
) -> Process:
    judges, students = socket.socketpair()
    with judges, students:
        student = zygote.fork("student", students, output.end, limits, core, home)
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [judges.fileno()]))
        control.sendmsg([b"S"], [rights])
    return student


class _Drain:
    """A pipe that is read all the time, so that nobody blocks on it; its first bytes are kept."""

    def __init__(self, cleanup: contextlib.ExitStack, kept: int) -> None:
        self._read, self.end = os.pipe()
        self._kept = kept
        self._data = bytearray()
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()
        self._open = True
        cleanup.callback(self.close)

    def text(self) -> str:
        """What was kept."""
        return bytes(self._data).decode(errors="replace")

    def close(self) -> None:
        """Close the writing end; the thread ends when the last writer has gone."""
        if self._open:
            self._open = False
            os.close(self.end)

    def _drain(self) -> None:
        while piece := os.read(self._read, 1 << 16):
            if len(self._data) < self._kept:
                self._data += piece[: self._kept - len(self._data)]
        os.close(self._read)
