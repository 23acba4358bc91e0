"""What processes use: processor time, and memory together with that of all the processes that they started.

The kernel's own limits on memory count each process by itself. Linux only, but it can be imported anywhere.
"""

import contextlib
import os
import select
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

SECONDS_BETWEEN_LOOKS = 0.1
PRIVATE = ("Private_Clean:", "Private_Dirty:")


class Watch:
    """A thread that ends a process once it and its descendants hold more than `most` bytes of private memory.

    `pidfd` names the process; the watch keeps a descriptor of its own and ends when the process ends. A process without
    children is left to the kernel's limits, so that watching it costs nothing.
    """

    def __init__(self, pidfd: int, most: int) -> None:
        self.exceeded = False
        self._most = most
        self._pidfd = os.dup(pidfd)
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        try:
            pid = _pid(self._pidfd)
            while not select.select([self._pidfd], [], [], SECONDS_BETWEEN_LOOKS)[0]:
                family = list(descendants(pid))
                if family and private_bytes(pid) + sum(map(private_bytes, family)) > self._most:
                    self.exceeded = True
                    signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
                    break
        except ProcessLookupError:
            pass  # it ended meanwhile
        finally:
            os.close(self._pidfd)


def processor_seconds(pid: int) -> float:
    """Return the processor time that all threads of a process have used; 0 for a process that has ended."""
    clock = (~pid << 3) | 2  # how Linux numbers the clock of a process (clock_getcpuclockid)
    try:
        return time.clock_gettime(clock)
    except OSError:
        return 0.0


class ReadyTime:
    """How long a process was ready to run while others had the cores, since this was made.

    What a busy machine takes from a process is no time that the process used: limits by the clock leave it out. The kernel counts it
    per thread (`schedstat`: seconds on a core, seconds ready, turns). Of a process with several threads, the larger of the main
    thread's and the mean of the others' counts, so that many threads gain no more than one.
    """

    def __init__(self, pidfd: int) -> None:
        """`pidfd`: names the process. One that has ended, or a kernel that does not count, gives 0."""
        self._file = -1
        self._folder = Path("/")
        self._seconds = 0.0
        self._start = 0.0
        with contextlib.suppress(OSError, StopIteration):
            self._folder = Path("/proc", str(_pid(pidfd)))
            self._file = os.open(self._folder / "schedstat", os.O_RDONLY | os.O_CLOEXEC)
            self._start = _ready(os.pread(self._file, 100, 0))

    def seconds(self) -> float:
        """Return the seconds so far; of a process that has ended, what was seen last."""
        if self._file >= 0:
            with contextlib.suppress(OSError, ValueError):
                main = _ready(os.pread(self._file, 100, 0)) - self._start
                self._seconds = max(self._seconds, main, self._of_other_threads())
        return self._seconds

    def close(self) -> None:
        """Look a last time and let go of the process."""
        self.seconds()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _of_other_threads(self) -> float:
        """Return the mean of what threads beside the main one waited; those that never ran are left out."""
        main = self._folder.name
        threads = [name for name in os.listdir(self._folder / "task") if name != main]
        waited = []
        for thread in threads:
            with contextlib.suppress(OSError):  # it has ended meanwhile
                waited.append(_ready((self._folder / "task" / thread / "schedstat").read_bytes()))
        return sum(waited) / len(waited) if waited else 0.0


def ready_time_of(pid: int) -> ReadyTime:
    """Begin to look at a process that is known by its number."""
    try:
        pidfd = os.pidfd_open(pid)
    except OSError:  # it has ended
        return ReadyTime(-1)
    try:
        return ReadyTime(pidfd)
    finally:
        os.close(pidfd)


def _ready(schedstat: bytes) -> float:
    return int(schedstat.split()[1]) / 1e9


def descendants(pid: int) -> Iterator[int]:
    """Yield the processes that a process started, and those that they started; any that end meanwhile may be missing."""
    for child in _children(pid):
        yield child
        yield from descendants(child)


def _children(pid: int) -> list[int]:
    children: list[int] = []
    with contextlib.suppress(OSError):  # a thread or the process has ended since it was listed
        for thread in os.listdir(f"/proc/{pid}/task"):
            children += map(int, Path(f"/proc/{pid}/task/{thread}/children").read_text().split())
    return children


def private_bytes(pid: int) -> int:
    """Return how many bytes of memory a process shares with no other; 0 for a process that has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(PRIVATE))


def _pid(pidfd: int) -> int:
    """Return the number by which this process knows the other one: in the warm process's namespace it may have another."""
    lines = Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pid:"))
