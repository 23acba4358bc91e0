"""Whether the walls of a process stand, as the kernel sees it: no protection is believed because a call said that it succeeded. Linux only."""

import errno
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from autograder.sandbox import landlock, privileges
from autograder.sandbox.namespaces import PROGRAM, has_read_only_program

NAMESPACES = (
    "net",
    "ipc",
    "mnt",
    "uts",
    "cgroup",
)  # beside that of processes, of which a student's process is the first
FILTERED = "2"  # what /proc/self/status says of a process with a seccomp filter (proc(5))
CAPABILITIES = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
MAX_TRIES = 3  # of what a signal ends
ENDED_BY_A_SIGNAL = 128  # an exit status from here on


def namespaces() -> dict[str, int]:
    """Return the namespaces of this process, each by its number."""
    return {name: os.stat(f"/proc/self/ns/{name}").st_ino for name in NAMESPACES}


def demand_namespaces(outside: Mapping[str, int]) -> None:
    """Raise OSError unless this process is the first of its namespace and shares none with who was `outside`."""
    shared = [name for name, number in namespaces().items() if number == outside[name]]
    if os.getpid() != 1:
        shared.insert(0, "pid")
    _demand(not shared, f"the namespaces {', '.join(shared)} are shared with the grader")


def demand_unchangeable_program() -> None:
    """Raise OSError where this process could change the mode or the times of the grader's Python."""
    _demand(has_read_only_program() or os.stat(PROGRAM).st_uid != os.getuid(), "the grader's Python could be changed")


def demand_restrictions(filtered: bool, capabilities: int, bounded: bool) -> None:
    """Raise OSError unless this process can gain no rights and has none but these `capabilities`.

    `filtered`: whether a seccomp filter has to be there. `bounded`: whether the bounding set has to be empty.
    """
    status = _status()
    _demand(status["NoNewPrivs"] == "1", "new privileges are not refused")
    _demand(not filtered or status["Seccomp"] == FILTERED, "the seccomp filter is not there")
    checked = [name for name in CAPABILITIES if bounded or name != "CapBnd"]
    left = [name for name in checked if int(status[name], 16) & ~_allowed(name, capabilities)]
    _demand(not left, f"capabilities are left in {', '.join(left)}")


def holds_in_a_child(attempt: Callable[[], int]) -> bool:
    """Return whether an attempt in a child of this process comes to the exit status 0.

    Where a signal ends the child, as the system does when memory is short, that says nothing of what was tried: it is tried again.
    """
    for _ in range(MAX_TRIES):
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                status = attempt()
            finally:
                os._exit(status)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if 0 <= status < ENDED_BY_A_SIGNAL:
            return status == 0
    return False


def landlock_holds() -> bool:
    """Try in a child whether Landlock keeps a process from what it could write before."""
    return bool(landlock.version()) and holds_in_a_child(lambda: int(not _is_refused_by_landlock("/proc/self/comm")))


def _is_refused_by_landlock(path: str) -> bool:
    os.close(os.open(path, os.O_WRONLY))
    privileges.refuse_new_privileges()
    landlock.confine(["/"], [])
    try:
        os.close(os.open(path, os.O_WRONLY))
    except PermissionError:
        return True
    return False


def _allowed(name: str, capabilities: int) -> int:
    return capabilities if name in ("CapPrm", "CapEff") else 0


def _status() -> dict[str, str]:
    lines: Iterable[str] = Path("/proc/self/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise OSError(errno.EPERM, otherwise)
