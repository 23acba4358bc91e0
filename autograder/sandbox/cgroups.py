"""A control group per student's process, where the system lets us make one: the kernel bounds what all processes in it hold together.

That is memory of every kind: of processes, shared, files in memory, files that the kernel keeps cached, and the kernel's own. Both
versions of control groups are known. Linux only, but it can be imported anywhere.
https://docs.kernel.org/admin-guide/cgroup-v2.html https://docs.kernel.org/admin-guide/cgroup-v1/memory.html
"""

import contextlib
import errno
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from autograder.sandbox.ending import end_all
from autograder.sandbox.limits import Limits

PREFIX = "autograder"
OF_KERNEL = (
    64 << 20
)  # bytes that the kernel may need for a process that keeps to its own limits: page tables, pipes, files
FOLDERS_IN_MEMORY = 3  # that a student's process may write to, each of the size `Limits.scratch`
SECONDS_TO_REMOVE = 2.0  # that the kernel may take to let go of processes that were killed
SECONDS_BETWEEN_TRIES = 0.005


@dataclass(frozen=True)
class Interface:
    """What the files of a group are called in one version. `optional`: what else is written where the file is there; {} is the limit."""

    limit: str
    peak: tuple[str, ...]
    events: str
    optional: tuple[tuple[str, str], ...]


V1 = Interface(
    "memory.limit_in_bytes",
    ("memory.max_usage_in_bytes",),
    "memory.oom_control",
    (("memory.memsw.limit_in_bytes", "{}"),),
)
V2 = Interface(
    "memory.max",
    ("memory.peak", "memory.current"),
    "memory.events",
    (("memory.swap.max", "0"), ("memory.oom.group", "1")),
)


class Group:
    """One group, with the processes that were put into it and all that they start."""

    def __init__(self, folder: Path, interface: Interface, most: int) -> None:
        """Make it, for `most` bytes; raise OSError."""
        self._folder = folder
        self._interface = interface
        self._there = True
        self._exceeded = False
        os.mkdir(folder)
        try:
            _write(folder / interface.limit, str(most))
            for name, value in interface.optional:
                with contextlib.suppress(FileNotFoundError):
                    _write(folder / name, value.format(most))
        except OSError:
            self.remove()
            raise

    def add(self, pid: int) -> None:
        """Put a process into the group; what it holds already counts elsewhere. Raise OSError."""
        if pid <= 0:  # it has ended or cannot be seen from here, and 0 would mean this process
            raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))
        _write(self._folder / "cgroup.procs", str(pid))

    @property
    def counts(self) -> bool | None:
        """Whether the kernel was seen to count memory of those in the group; None where they have taken none, and so have run nothing."""
        for name in self._interface.peak:
            with contextlib.suppress(OSError, ValueError):
                return int(_read(self._folder / name)) > 0 or None
        return False

    @property
    def exceeded(self) -> bool:
        """Whether the kernel has ended a process of the group because the group held more than it may."""
        if self._there and not self._exceeded:
            with contextlib.suppress(OSError):
                lines = (line.split() for line in _read(self._folder / self._interface.events).splitlines())
                self._exceeded = any(line[0] == "oom_kill" and line[1] != "0" for line in lines)
        return self._exceeded

    def kill(self) -> None:
        """Kill all processes of the group."""
        try:
            _write(self._folder / "cgroup.kill", "1")
        except OSError:  # version 1, an older kernel, or it is gone
            _end_those_in(self._folder / "cgroup.procs")

    def remove(self) -> None:
        """Kill what is left in the group and remove it; one that the kernel will not let go of stays for the next grader to remove."""
        _ = self.exceeded  # the last time that this can be seen
        end = time.monotonic() + SECONDS_TO_REMOVE
        while self._there:
            try:
                os.rmdir(self._folder)
                self._there = False
            except FileNotFoundError:
                self._there = False
            except OSError:
                if time.monotonic() > end:
                    return
                self.kill()
                time.sleep(SECONDS_BETWEEN_TRIES)


@dataclass(frozen=True)
class Place:
    """A group of this machine below which this grader may make groups for its submissions."""

    folder: Path
    interface: Interface

    @classmethod
    def of_this_process(cls, root: Path = Path("/")) -> Self | None:
        """Return the nearest one in which a group can be made; None where there is none. `root` is where `proc` and `sys` lie."""
        for folder, interface in places(root):
            place = cls(folder, interface)
            with contextlib.suppress(OSError):
                place.new(Limits().memory).remove()
                return place
        return None

    def new(self, most: int) -> Group:
        """Make a group for `most` bytes, named for this grader; raise OSError."""
        # A student's process may see the name, so it does not say how many came before.
        return Group(self.folder / f"{_name_of(os.getpid())}-{secrets.token_hex(4)}", self.interface, most)

    def remove_left(self) -> None:
        """Remove the groups of graders that have ended without removing them themselves."""
        with contextlib.suppress(OSError):
            for folder in self.folder.glob(f"{PREFIX}-*-*-*-*"):
                if _is_left(folder.name):
                    _end_those_in(folder / "cgroup.procs")
                    with contextlib.suppress(OSError):  # another grader removes it as well, or it is not ours
                        os.rmdir(folder)


def most_for(limits: Limits, from_warm: int) -> int:
    """Return how many bytes a group may hold: as many as its limits allow one process, so that the group bounds what several hold.

    `from_warm`: what a process shares with the warm one, of which it may make copies of its own.
    """
    return limits.memory + from_warm + FOLDERS_IN_MEMORY * limits.scratch + OF_KERNEL


def folders_of(controller: str, root: Path = Path("/")) -> Iterator[tuple[Path, bool]]:
    """Yield the groups that this process is in and those above them, nearest first, and whether each is of version 2.

    Of version 1 only those of `controller`; of version 2 all, whichever controllers they have.
    """
    groups = root / "sys/fs/cgroup"
    with contextlib.suppress(OSError):
        for line in (root / "proc/self/cgroup").read_text().splitlines():
            _, controllers, place = line.split(":", 2)
            if not controllers:
                hierarchies = [groups, groups / "unified"]
            elif controller in controllers.split(","):
                hierarchies = [groups / controllers, groups / controller]
            else:
                continue
            for hierarchy in dict.fromkeys(hierarchies):
                group = hierarchy / place.lstrip("/")
                # A container may see its own group at the top, under another path than the one named.
                for folder in [group, *group.parents]:
                    if folder.is_relative_to(hierarchy):
                        yield folder, not controllers


def places(root: Path = Path("/")) -> Iterator[tuple[Path, Interface]]:
    """Yield the groups below which this process may make others that count memory, nearest first."""
    for folder, unified in folders_of("memory", root):
        if not (os.access(folder, os.W_OK | os.X_OK) and os.access(folder / "cgroup.procs", os.W_OK)):
            continue
        if not unified:
            if (folder / V1.limit).exists():
                yield folder, V1
        # Below a group that has processes of its own, version 2 counts no memory: then it is one of those above it.
        elif "memory" in _words(folder / "cgroup.subtree_control"):
            yield folder, V2


def _words(path: Path) -> list[str]:
    with contextlib.suppress(OSError):
        return _read(path).split()
    return []


# ---- names: which grader a group belongs to


def _name_of(pid: int) -> str:
    """Return how the names of a process's groups begin: process numbers are used again, and other containers have the same."""
    return f"{PREFIX}-{_namespace()}-{pid}-{_started(pid)}"


def _namespace() -> int:
    return os.stat("/proc/self/ns/pid").st_ino


def _started(pid: int) -> int:
    """Return when a process was started, in ticks since the machine was: field 22 of `stat` (proc(5)). 0: there is none."""
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    return 0


def _is_left(name: str) -> bool:
    """Return whether a group's name is that of a grader of this process's namespace which has ended."""
    try:
        _, namespace, pid, started, _ = name.split("-")
        return int(namespace) == _namespace() and _started(int(pid)) != int(started)
    except ValueError:
        return False


# ---- files


def _end_those_in(procs: Path) -> None:
    """Kill the processes that a file lists."""
    end_all(lambda: map(int, _words(procs)))


def _read(path: Path) -> str:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        pieces = []
        while piece := os.read(descriptor, 1 << 16):
            pieces.append(piece)
        return b"".join(pieces).decode()
    finally:
        os.close(descriptor)


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
