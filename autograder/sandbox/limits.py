"""What one submission may spend, and the kernel's limits (setrlimit) that hold a process to it.

`Limits` can be imported anywhere; the functions need Linux.
"""

import contextlib
import threading
from dataclasses import dataclass
from pathlib import Path

try:
    import resource
except ImportError:  # Windows has no such module and needs none: no submission is run there
    resource = None  # type: ignore[assignment]

FIRST_UID = (
    1_900_000_000  # far from any user of the machine; each student's process has a number of its own while it runs
)


# Whom the kernel ends first when memory is short (oom_score_adj, proc(5); without a word of its own a process has 0): before the grader and
# whatever else runs on the machine a judge, for its job is run again, and before any judge a student's process.
FIRST_TO_END, BEFORE_OTHERS = 1000, 500

CELL_SECONDS = 30.0  # one cell's; `check` gives as much, for what passes there must not run out of time here
SIGNALS = 1000  # that may wait for a process to take them: the kernel bounds them for each user, too
ROOM_BESIDE_OTHERS = 4  # times its own processes that a submission's user may have more of than it has
CELLS = 4  # so many cells may use up their time before the submission's is used up


@dataclass(frozen=True)
class Limits:
    """What one submission may spend, in bytes and seconds.

    `submission_seconds`: for its tests, and as much again for its cells each time they are run.
    """

    cell_seconds: float = CELL_SECONDS
    submission_seconds: float = CELLS * CELL_SECONDS
    memory: int = 1 << 30
    processes: int = 64
    file_size: int = 64 << 20
    open_files: int = 256
    scratch: int = 64 << 20


def limits_with(cell_seconds: float) -> Limits:
    """Return the limits with another time for one cell; the submission's time grows with it and is never less than usual."""
    return Limits(cell_seconds, max(Limits.submission_seconds, CELLS * cell_seconds))


def limit_process(limits: Limits) -> None:
    """Limit this process in everything but the number of processes. There is no way back."""
    pages = Path("/proc/self/statm").read_text().split()
    size, data = (int(pages[i]) * resource.getpagesize() for i in (0, 5))
    # DATA does not count shared maps, AS does. The maps of torch are there already and do not count as the student's.
    _limit(resource.RLIMIT_DATA, data + limits.memory)
    _limit(resource.RLIMIT_AS, size + limits.memory + (1 << 30))
    _limit(resource.RLIMIT_CPU, 2 * int(limits.submission_seconds) + 5)
    _limit(resource.RLIMIT_FSIZE, limits.file_size)
    _limit(resource.RLIMIT_NOFILE, limits.open_files)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_SIGPENDING, SIGNALS)


def offer_to_end(when: int) -> None:
    """Have the kernel end this process, and those that it starts, before others when memory is short: FIRST_TO_END or BEFORE_OTHERS."""
    with contextlib.suppress(OSError):  # a system where that may not be written ends whom it likes
        Path("/proc/self/oom_score_adj").write_text(str(when))


def limit_number_of_processes(limits: Limits, beside_others: bool = False) -> None:
    """Limit how many processes and threads this user may have.

    `beside_others`: the user has others, which count too. How many, only the kernel knows, for they may be in other containers. So this
    bounds no more than that a submission cannot take all that the machine has, and a watch ends the one that starts too many.
    """
    most = limits.processes
    if beside_others:
        _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
        while not _may_start_another(most, hard):
            most *= 2
        most += ROOM_BESIDE_OTHERS * limits.processes
    _limit(resource.RLIMIT_NPROC, most)


def _may_start_another(most: int, hard: int) -> bool:
    """Return whether this user may have one more thread where it may have so many; True where the system's own limit is reached."""
    if hard != resource.RLIM_INFINITY and most >= hard:
        return True
    resource.setrlimit(resource.RLIMIT_NPROC, (most, hard))
    thread = threading.Thread(target=int)
    try:
        thread.start()
    except RuntimeError:
        return False
    thread.join()
    return True


def allow_many_files() -> None:
    """Let this process, and those that it starts, open as many files as the system lets them.

    It bounds the descriptors that all processes of a user have under way to each other, too: where students' processes are the
    same user, with a low limit of their own, they cannot take all of a high one.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _limit(what: int, most: int) -> None:
    """Set a limit for good; one that is lower already stays."""
    _, hard = resource.getrlimit(what)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))
