"""A watch over one submission's processes: their memory together, and a fair share of the processor for all of them.

The kernel's own limits count each process by itself. Linux only, but it can be imported anywhere.
"""

import contextlib
import math
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from autograder.model.text import first_line
from autograder.sandbox.cgroups import Group
from autograder.sandbox.ending import end_all
from autograder.sandbox.usage import (
    bytes_available,
    descendants,
    has_more_maps,
    parent_of,
    pid_of,
    share_of_files,
)
from autograder.sandbox.waiting import ready

SECONDS_BETWEEN_LOOKS = 0.1
PARTS_TAKEN = 4  # of this part of what a submission may have, the machine has less when the watch looks before its time
LOOKS_PER_PAUSE = 3  # the watch sleeps for so many times as long as it has looked: a crowd must not keep it busy
# Of a process's memory (proc(5)), each page divided by the number of its sharers. Files are left out: those of the environment are
# everybody's, and what a student writes lies in memory that is shared (Shmem).
SHARES = ("Pss_Anon:", "Pss_Shmem:")
WHOLE = ("RssAnon:", "RssShmem:")  # the same pages undivided, which anybody may see
SOCKET = 2 * 212_992  # bytes of the kernel's that one socket can hold, and that belong to no process
WEAKEST = 19  # the least share of the processor that a process can ask for (nice)
MOST_WITH_FULL_SHARES = 4  # threads and processes: a pool of workers, say
SHORT_OF_FILES = 0.1  # of all open files that the machine may have: a busy one has a hundredth
MOST_MAPS = 20_000  # of a submission, when they are short; Python with PyTorch has some 1,500
STEP = 1.25  # by so much each of these steps lessens a share


def takes_none(_family: list[int]) -> bool:
    """Return that processes take nothing of the machine's disk, for they have a file system of their own."""
    return False


class Watch:
    """A thread that ends a process once it and its descendants hold more than `most` bytes of memory, or more of the disk than they may.

    `pidfd` names the process; the watch keeps a descriptor of its own and ends when the process ends. A process without
    children is left to the kernel's limits, so that watching it costs nothing.
    """

    def __init__(
        self,
        pidfd: int,
        most: int,
        end_others: Callable[[], None] | None = None,
        alone: bool = False,
        group: Group | None = None,
        takes_disk: Callable[[list[int]], bool] = takes_none,
        most_tasks: float = math.inf,
    ) -> None:
        """`end_others`: how to end what it has started, where that does not end with it. `alone`: whether it has a network of its own.

        `takes_disk`: whether such processes take more of the machine's disk than they may. `most_tasks`: how many processes and threads they
        may be, where nothing else bounds that. `group`: the control group that it is in. Once the kernel has ended one process of the group for its memory, all are ended.
        """
        self.exceeded = False
        self.failed = ""  # why it could not look; then the process was ended, for nobody would see what it takes
        self._group = group
        self._takes_disk = takes_disk
        self._end_others = end_others
        self._most = most
        self._most_tasks = most_tasks
        self._alone = alone
        self._pidfd = os.dup(pidfd)
        self._from_warm = 0
        with contextlib.suppress(ProcessLookupError):  # it has ended already
            self._from_warm = bytes_held(
                pid_of(pidfd)
            )  # now: it has just been forked, and has run nothing of a student's
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        try:
            pid = pid_of(self._pidfd)
            crowd = MOST_WITH_FULL_SHARES
            pause = SECONDS_BETWEEN_LOOKS
            while not self._ends_within(pause):
                start = time.monotonic()
                family = [pid, *descendants(pid)]
                tasks = [thread for process in family for thread in threads(process)]
                if len(tasks) > self._most_tasks or self._is_over(family):
                    self._stop(pid)
                    break
                if len(tasks) > crowd:
                    crowd = len(tasks)
                    share_processor(tasks)
                pause = max(SECONDS_BETWEEN_LOOKS, LOOKS_PER_PAUSE * (time.monotonic() - start))
        except ProcessLookupError:
            pass  # it ended meanwhile
        except Exception as error:
            self.failed = first_line(error) or type(error).__name__
            self._end()
        finally:
            os.close(self._pidfd)

    def _ends_within(self, seconds: float) -> bool:
        """Wait for the process's end; no longer than until the machine has much less memory left, which its family may have taken."""
        if seconds <= SECONDS_BETWEEN_LOOKS:
            return ready(self._pidfd, seconds)
        free, end = bytes_available(), time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if ready(self._pidfd, min(left, SECONDS_BETWEEN_LOOKS)):
                return True
            if bytes_available() < free - self._most / PARTS_TAKEN:
                break
        return False

    def _is_over(self, family: list[int]) -> bool:
        if self._group is not None and self._group.exceeded:
            return True
        if self._takes_disk(family) or _takes_files(family):
            return True
        return len(family) > 1 and self._memory_of(family) > self._most

    def _memory_of(self, family: list[int]) -> int:
        of_sockets = SOCKET * sockets_beside(family[0]) if self._alone else 0
        # All of it, for a process may drop what it shares and take as much of its own instead.
        at_most = undivided_bytes(family, 0) + of_sockets
        # To see how pages are shared takes a hundred times as long.
        return at_most if at_most <= self._most else family_bytes(family, self._from_warm) + of_sockets

    def _stop(self, pid: int) -> None:
        self.exceeded = True
        with contextlib.suppress(ProcessLookupError):
            # Where no namespace ends the others, they would keep what they hold, and the wire. Stopped, it starts no more of them.
            signal.pidfd_send_signal(self._pidfd, signal.SIGSTOP)
            end_all(lambda: descendants(pid))
        self._end()

    def _end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            # By the watch's own descriptor: the number of one that is closed may stand for another student's process.
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        if self._end_others is not None:
            self._end_others()


def _takes_files(family: list[int]) -> bool:
    """Return whether some processes hold too many of the machine's open files, when there are few left for others.

    The limit of a process counts its descriptors. A map of a file or of shared memory needs none, yet it is an open file to the machine.
    """
    if share_of_files() < SHORT_OF_FILES:
        return False
    try:
        return has_more_maps(family, MOST_MAPS)
    except PermissionError:  # nobody can count them: a crowd then passes for one that holds too many
        return len(family) > MOST_WITH_FULL_SHARES


# ---- memory


def family_bytes(family: list[int], from_warm: int = 0) -> int:
    """Return how many bytes of memory some processes hold together, each page counted once.

    `from_warm`: what the first of them shared, when it was new, with the process that it was forked from, and what is not theirs. Each of them
    has as large a share of it as that process has today; the more others have a share, the less is theirs. Where this process may
    not look at how pages are shared, as root in a container often may not, a page counts for each that holds it: never too little.
    """
    try:
        held = sum(_bytes(f"/proc/{pid}/smaps_rollup", SHARES) for pid in family)
        return held - min(from_warm, len(family) * _share_of_parent(family[0])) if from_warm else held
    except PermissionError:
        return undivided_bytes(family, from_warm)


def _share_of_parent(pid: int) -> int:
    """Return the share in bytes that the parent of a process has of what it shares with its children and theirs."""
    path = f"/proc/{parent_of(pid)}/smaps_rollup"
    return max(0, _bytes(path, SHARES) - _bytes(path, ("Private_Dirty:",)))


def undivided_bytes(family: list[int], from_warm: int) -> int:
    """Return how many bytes of memory some processes hold, each page counted for each that holds it."""
    return sum(max(0, bytes_held(pid) - from_warm) for pid in family)


def bytes_held(pid: int) -> int:
    """Return how many bytes of memory a process holds, alone or with others; 0 for one that has ended."""
    return _bytes(f"/proc/{pid}/status", WHOLE)


def _bytes(path: str, fields: tuple[str, ...]) -> int:
    try:
        lines = Path(path).read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(fields))


def sockets_beside(pid: int) -> int:
    """Return how many sockets there are in the network of a process."""
    with contextlib.suppress(OSError):
        first = Path(f"/proc/{pid}/net/sockstat").read_text().split("\n", 1)[0]
        return int(first.split()[-1])
    return 0


# ---- the processor


def share_processor(tasks: list[int]) -> None:
    """Let some threads together have about the share of one. Who yields to others can never take that back."""
    step = min(WEAKEST, math.ceil(math.log(len(tasks), STEP)))
    for task in tasks:
        with contextlib.suppress(OSError):  # it has ended
            if os.getpriority(os.PRIO_PROCESS, task) < step:
                os.setpriority(os.PRIO_PROCESS, task, step)


def threads(pid: int) -> list[int]:
    """Return the threads of a process; none where it has ended."""
    with contextlib.suppress(OSError):
        return [int(name) for name in os.listdir(f"/proc/{pid}/task")]
    return []
