"""What processes use of the processor, and whom they started. Linux only, but it can be imported anywhere."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from autograder.sandbox.cgroups import folders_of

# Of what a process's threads and children used. A sum takes 100 times as long as a look at one clock.
SECONDS_BETWEEN_SUMS = 0.25


def usable_cores(root: Path = Path("/")) -> int:
    """Return how many cores this process may really use: those it may run on, or fewer where its cgroup has a quota.

    Part of a core does not count, but there is at least one. `root` is where `proc` and `sys` lie.
    """
    cores = float(len(os.sched_getaffinity(0)))
    return max(1, int(min([cores, *_quotas(root)])))


def _quotas(root: Path) -> Iterator[float]:
    """Yield the quotas of this process's control groups and of those above them, in cores (cgroup v1 and v2)."""
    for folder, _ in folders_of("cpu", root):
        yield from _quota(folder)


def _quota(group: Path) -> Iterator[float]:
    """Yield the quota of one control group in cores; nothing where it has none."""
    with contextlib.suppress(OSError, ValueError, ZeroDivisionError):
        quota, period = (group / "cpu.max").read_text().split()
        yield int(quota) / int(period)  # "max" is no number
    with contextlib.suppress(OSError, ValueError, ZeroDivisionError):
        quota = (group / "cpu.cfs_quota_us").read_text()
        if int(quota) > 0:  # -1: none
            yield int(quota) / int((group / "cpu.cfs_period_us").read_text())


def processor_seconds(pid: int) -> float:
    """Return the processor time that all threads of a process have used; 0 for a process that has ended."""
    clock = (~pid << 3) | 2  # how Linux numbers the clock of a process (clock_getcpuclockid)
    try:
        return time.clock_gettime(clock)
    except OSError:
        return 0.0


class ReadyTime:
    """How long a process was ready to run while processes of others had the core, since this was made.

    What a busy machine takes from a process is no time that the process used: limits by the clock leave it out. The kernel counts it
    for the main thread (`schedstat`: time on a core, time ready, turns). What the process's other threads and the processes that
    it started used of the core meanwhile is its own and is taken off: a crowd of its own makes nobody wait for it. That is summed
    up now and then, so a crowd may pass for others for as long as SECONDS_BETWEEN_SUMS, once.
    """

    def __init__(self, pidfd: int) -> None:
        """`pidfd`: names the process. One that has ended, or a kernel that does not count, gives 0."""
        self._file = -1
        self._number = 0
        self._seconds = 0.0
        self._start = 0.0
        self._beside = 0.0  # what others that belong to the process used when that was last summed up
        self._next_sum = time.monotonic() + SECONDS_BETWEEN_SUMS
        with contextlib.suppress(OSError, StopIteration):
            self._number = pid_of(pidfd)
            self._file = os.open(f"/proc/{self._number}/schedstat", os.O_RDONLY | os.O_CLOEXEC)
            self._start = _seconds_ready(os.pread(self._file, 100, 0))

    def seconds(self) -> float:
        """Return the seconds so far; of a process that has ended, what was seen last."""
        if self._file >= 0:
            with contextlib.suppress(OSError, ValueError, IndexError):
                ready = _seconds_ready(os.pread(self._file, 100, 0)) - self._start
                if ready - self._beside > self._seconds:
                    self._sum_up_now_and_then()
                    self._seconds = max(self._seconds, ready - self._beside)
        return self._seconds

    def _sum_up_now_and_then(self) -> None:
        now = time.monotonic()
        if now >= self._next_sum:
            self._beside = _used_beside_main_thread(self._number)
            self._next_sum = now + SECONDS_BETWEEN_SUMS

    def close(self) -> None:
        """Look a last time and let go of the process."""
        self.seconds()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _used_beside_main_thread(number: int) -> float:
    """Return the processor time in seconds of a process's other threads, of its descendants, and of children that have ended."""
    used = _seconds_of_children_that_ended(number)
    for process in (number, *descendants(number)):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            for thread in os.listdir(f"/proc/{process}/task"):
                if thread != str(number):
                    used += _seconds_on_core(Path(f"/proc/{process}/task/{thread}/schedstat").read_bytes())
    return used


def _seconds_of_children_that_ended(number: int) -> float:
    """Return the processor time of the children that a process waited for: fields 16 and 17 of `stat` (proc(5)), in ticks."""
    fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def _seconds_on_core(schedstat: bytes) -> float:
    return int(schedstat.split()[0]) / 1e9


def _seconds_ready(schedstat: bytes) -> float:
    return int(schedstat.split()[1]) / 1e9


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


def descendants(pid: int) -> Iterator[int]:
    """Yield the processes that a process started, and those that they started; any that end meanwhile may be missing."""
    for child in children(pid):
        yield child
        yield from descendants(child)


def children(pid: int) -> list[int]:
    """Return the processes that a process started or that were left to it; any that end meanwhile may be missing."""
    numbers: list[int] = []
    with contextlib.suppress(OSError):  # a thread or the process has ended since it was listed
        for thread in os.listdir(f"/proc/{pid}/task"):
            numbers += map(int, Path(f"/proc/{pid}/task/{thread}/children").read_text().split())
    return numbers


def parent_of(pid: int) -> int:
    """Return the number of a process's parent; 0 for a process that has ended."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def pid_of(pidfd: int) -> int:
    """Return the number by which this process knows the other one: in the warm process's namespace it may have another."""
    lines = Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pid:"))
