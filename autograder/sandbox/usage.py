"""What processes use of the processor, and whom they started. Linux only, but it can be imported anywhere."""

import contextlib
import errno
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

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
    """How long a process, or what it waits for, was ready to run while processes of others had the core, since this was made.

    What a busy machine takes from a process is no time that the process used: limits by the clock leave it out. A process may also
    wait for a thread or a process that it started, so all of its family are looked at. The kernel counts each thread's time on a core
    and ready (`schedstat`). What the rest of the family used of the cores meanwhile is its own and is taken off: a crowd of its own
    makes nobody wait for it. Of what then remains, the longest counts, for one of them may wait for another; but the kernel counts a
    wait when it is over, so over all sums it is no more than the time that none of the family needed. That is summed up now
    and then, and between sums the main thread alone is looked at, so a crowd may pass for others for SECONDS_BETWEEN_SUMS, once.
    """

    def __init__(self, pidfd: int) -> None:
        """`pidfd`: names the process. One that has ended, or a kernel that does not count, gives 0."""
        self._file = -1
        self._number = 0
        self._seconds = 0.0
        self._summed = 0.0
        self._room = 0.0  # at the last sum: the most that others can have had
        self._family: dict[str, _Clocks] = {}  # by thread, at the last sum
        self._ended = 0.0  # likewise: what children that have ended used
        self._main = _Clocks(0.0, 0.0)  # likewise: the main thread
        self._last_sum = time.monotonic()
        with contextlib.suppress(OSError, StopIteration, ValueError, IndexError):
            self._number = pid_of(pidfd)
            self._file = os.open(f"/proc/{self._number}/schedstat", os.O_RDONLY | os.O_CLOEXEC)
            self._main = _read(os.pread(self._file, 100, 0))
            self._family, self._ended = dict(_family(self._number)), _seconds_of_children_that_ended(self._number)

    def seconds(self) -> float:
        """Return the seconds so far; of a process that has ended, what was seen last."""
        if self._file >= 0:
            with contextlib.suppress(OSError, ValueError, IndexError):
                main = _read(os.pread(self._file, 100, 0))
                if time.monotonic() >= self._last_sum + SECONDS_BETWEEN_SUMS:
                    self._sum_up()
                self._seconds = max(self._seconds, self._summed + main.ready - self._main.ready)
        return self._seconds

    def _sum_up(self) -> None:
        """Add how long one of the family waited for others since the last sum."""
        family, ended = dict(_family(self._number)), _seconds_of_children_that_ended(self._number)
        new = _Clocks(0.0, 0.0)
        used = {thread: clocks.on_core - self._family.get(thread, new).on_core for thread, clocks in family.items()}
        waited = {thread: clocks.ready - self._family.get(thread, new).ready for thread, clocks in family.items()}
        gone = sum(clocks.on_core for thread, clocks in self._family.items() if thread not in family)
        total = sum(used.values()) + max(0.0, ended - self._ended - gone)
        now = time.monotonic()
        self._room += max(0.0, now - self._last_sum - total)
        self._summed += max([0.0, *(waited[thread] - (total - used[thread]) for thread in family)])
        self._summed = min(self._summed, self._room)
        self._family, self._ended, self._main = family, ended, family.get(str(self._number), self._main)
        self._last_sum = now

    def close(self) -> None:
        """Look a last time and let go of the process."""
        self.seconds()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class _Clocks(NamedTuple):
    """What the kernel counts of a thread, in seconds: its time on a core, and its time ready to run while others had the core."""

    on_core: float
    ready: float


def _read(schedstat: bytes) -> _Clocks:
    on_core, ready, _turns = schedstat.split()
    return _Clocks(int(on_core) / 1e9, int(ready) / 1e9)


def _family(number: int) -> Iterator[tuple[str, _Clocks]]:
    """Yield the threads of a process and of its descendants, each with its clocks."""
    for process in (number, *descendants(number)):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            for thread in os.listdir(f"/proc/{process}/task"):
                yield thread, _read(Path(f"/proc/{process}/task/{thread}/schedstat").read_bytes())


def _seconds_of_children_that_ended(number: int) -> float:
    """Return the processor time of the children that a process waited for: fields 16 and 17 of `stat` (proc(5)), in ticks."""
    fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


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
    parents = [pid]  # and no recursion: each of thousands may have started the next
    while parents:
        started = children(parents.pop())
        yield from started
        parents += started


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


def killed_for_memory() -> int:
    """Return how many processes the system has killed for lack of memory since it was started, on the machine or in some group."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/vmstat").read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return 0


def bytes_available() -> int:
    """Return how much memory of the machine can still be had, as the kernel estimates it; 0 where it does not."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return 0


def share_of_files() -> float:
    """Return which share of the open files that the whole machine may have there are; 0 where the kernel does not say."""
    try:
        now, _, most = Path("/proc/sys/fs/file-nr").read_text().split()
        return int(now) / int(most)
    except OSError as error:
        return 1.0 if error.errno == errno.ENFILE else 0.0


def has_more_maps(family: Iterable[int], most: int) -> bool:
    """Return whether some processes together have mapped more than `most` pieces of memory. Raise OSError where nobody may look."""
    count = 0
    for process in family:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError), open(f"/proc/{process}/maps", "rb") as maps:
            while part := maps.read(1 << 16):
                count += part.count(b"\n")
                if count > most:
                    return True
    return False


def pid_of(pidfd: int) -> int:
    """Return the number by which this process knows the other one: in the warm process's namespace it may have another."""
    lines = Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pid:"))
