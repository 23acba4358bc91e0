"""The grader's handle on the warm process (`warm.py`), from which judges and students' processes are forked.

Nothing here imports torch or holds a student's object.
"""

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Literal

from autograder.errors import GraderError, SetupError
from autograder.rpc.frames import SHORTAGES, receive_descriptors, send_descriptors
from autograder.rpc.messages import Fork, Forked, NotForked, table
from autograder.running.forked import Process
from autograder.running.pools import JudgePool, StudentPool
from autograder.sandbox.cgroups import Group, Place, most_for
from autograder.sandbox.limits import FIRST_UID, Limits, allow_many_files
from autograder.sandbox.usage import pid_of
from autograder.sandbox.users import Users
from autograder.sandbox.watch import bytes_held

# A process can always read the environment that it was started with, so students get only these of the grader's variables.
ENVIRONMENT = (
    "PATH",
    "HOME",
    "MPLCONFIGDIR",
    "LANG",
    "LC_ALL",
    "PYTHONUTF8",
    "TMPDIR",
    "PYTHONPATH",
    "LD_LIBRARY_PATH",
)
# With this setting, glibc asks for pages of 2 MB: each replaces 512 small ones, which a fork would have to copy and the end of a
# process to free. Other C libraries ignore it.
HUGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}


class CorePool:
    """The cores of this machine: each submission gets the one with the fewest other submissions on it.

    A submission's judge and student's process take turns on that core, for waking a process on another core takes longer than
    most answers. Graders that run at the same time begin at different cores, as far as their process ids differ.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        cores = sorted(os.sched_getaffinity(0))
        first = os.getpid() % len(cores)
        self._busy = Counter(dict.fromkeys(cores[first:] + cores[:first], 0))

    @contextlib.contextmanager
    def borrow(self) -> Iterator[int]:
        """Take the number of a core, and give the core back at the end."""
        with self._lock:
            core = min(self._busy, key=self._busy.__getitem__)
            self._busy[core] += 1
        try:
            yield core
        finally:
            with self._lock:
                self._busy[core] -= 1


class Zygote:
    """The warm process; safe to use from several threads. It warms up while the caller goes on; `wait` waits until it is warm."""

    def __init__(self, leave_out: Collection[str] = ()) -> None:
        """Start the warm process. `leave_out`: parts of the isolation that are not to be used even where this system has them."""
        allow_many_files()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "autograder.running.warm", str(theirs.fileno()), *leave_out]
        self._process = subprocess.Popen(
            command,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ} | HUGE_PAGES,
        )
        theirs.close()
        self._socket = ours
        self._lock = threading.Lock()
        self._users = Users()
        self._isolation = ""
        self._place = None if "cgroup" in leave_out else Place.of_this_process()  # for students' control groups
        if self._place is not None:
            self._place.remove_left()
        self.cores = CorePool()
        self.judges = JudgePool(self)
        self.students = StudentPool(self)

    def wait(self) -> str:
        """Wait until it is warm; return what keeps students' code in, in the words of a record's `isolation`."""
        with self._lock:
            if not self._isolation:
                try:
                    tree, _ = receive_descriptors(self._socket, 0)
                except OSError:  # it ended before it had read what it was sent
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
        """Fork a judge or a student's process that talks over `channel` and prints to `output`.

        `core`: the one on which a judge runs, its students' processes with it. `home`: a folder for a student's files, where
        there are no namespaces to give it one. Raises SetupError where the system gives no process, GraderError where the warm
        process is gone.
        """
        self.wait()
        with self._lock:
            slot = self._users.next()
            request = Fork(role, slot, limits, core, home)
            try:
                send_descriptors(self._socket, request, [channel.fileno(), output])
            except OSError as error:
                if error.errno in SHORTAGES:
                    raise SetupError(f"the warm process could not be asked for a process ({error})") from error
                raise GraderError(f"the warm process is gone ({error}); run the same command again") from error
            try:
                reply, descriptors = receive_descriptors(self._socket, 1)
            except OSError as error:
                raise GraderError(f"the warm process is gone ({error}); run the same command again") from error
        if reply is None:
            raise GraderError("the warm process is gone; run the same command again")
        forked: Forked | NotForked = table.read(reply, "warm")
        if isinstance(forked, NotForked):
            raise SetupError(forked.reason)
        alone_with_its_user = role == "student" and "namespaces" not in self._isolation and os.geteuid() == 0
        user = FIRST_UID + slot if alone_with_its_user else 0
        group = self._group_with(descriptors[0], limits) if role == "student" else None
        return Process(forked.pid, descriptors[0], user, group)

    def _group_with(self, pidfd: int, limits: Limits) -> Group | None:
        """Put a new process into a control group of its own; None where that cannot be had, and then no record names it."""
        if self._place is None:
            return None
        with contextlib.suppress(OSError):
            pid = pid_of(pidfd)
            group = self._place.new(most_for(limits, bytes_held(pid)))
            try:
                group.add(pid)
            except OSError:
                group.remove()
                raise
            return group
        return None

    def close(self) -> None:
        """End the warm process and wait for it."""
        self.judges.close(for_good=True)
        self.students.close(for_good=True)
        self._socket.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:  # closed while it still warms up
            self._process.terminate()
            self._process.wait()
        self._users.close()

    def __enter__(self) -> "Zygote":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()
