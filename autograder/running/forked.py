"""A process forked from the warm one: its handle, and what it prints."""

import contextlib
import os
import signal
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.sandbox import disk
from autograder.sandbox.cgroups import Group
from autograder.sandbox.waiting import ready

KEPT_OUTPUT = 20_000  # bytes of a judge's own output that an error message may draw on
SECONDS_TO_END = 5.0  # that a killed process may take
SHARED_MEMORY = "/dev/shm"
# Python's faulthandler writes this for a judge that its own clock ends, see judge.py.
OVERDUE = "(most recent call first)"
MAX_ROUNDS = 20  # of killing what a process left running


@dataclass(frozen=True)
class Process:
    """A forked process, named by a descriptor so that a signal never reaches another that got its id.

    `user`: the number of the user that it alone is, where no namespace ends what it leaves running; else 0. `group`: the control
    group that bounds its memory, if there is one.
    """

    pid: int
    pidfd: int
    user: int = 0
    group: Group | None = None

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return not ready(self.pidfd, 0)

    def end(self) -> None:
        """Kill it, and with it everything that it left running: by its namespace, the user that it alone is, or its group."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
        self.end_others()

    def end_others(self) -> None:
        """Kill everything that it left running. Its descriptor is not used, which another thread may have closed."""
        if self.user:
            _end_all_of(self.user)
            _remove_shared_memory_of(self.user)
        if self.group is not None:
            self.group.kill()

    def wait(self) -> None:
        """Wait for its end, close its descriptor and remove its group."""
        ready(self.pidfd, SECONDS_TO_END)
        os.close(self.pidfd)
        if self.group is not None:
            self.group.remove()

    def kill(self) -> None:
        """Kill it and wait for its end."""
        self.end()
        self.wait()


def _end_all_of(user: int) -> None:
    """Kill every process of a user; again, as long as there are some that had just been forked."""
    as_the_user: dict[str, Any] = {"user": user, "group": user, "extra_groups": []}
    for _ in range(MAX_ROUNDS):
        # This succeeds, whoever was there to be killed: it says nothing about who is left.
        subprocess.run(["/bin/sh", "-c", "kill -9 -1"], capture_output=True, **as_the_user)
        if not _has_processes(user):
            return


def _has_processes(user: int) -> bool:
    """Return whether a process of a user still runs; one that has ended and waits for its parent does not."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # gone meanwhile
            status = (process / "status").read_text()
            if f"\nUid:\t{user}\t" in status and "\nState:\tZ" not in status:
                return True
    return False


def _remove_shared_memory_of(user: int) -> None:
    """Remove what a user has left in shared memory, where the next one could find it."""
    with contextlib.suppress(FileNotFoundError):
        for path in Path(SHARED_MEMORY).iterdir():
            with contextlib.suppress(OSError):  # gone meanwhile
                if path.lstat().st_uid == user:
                    disk.remove(path)


class KeptOutput:
    """A pipe for what a process prints. It is read all the time, so that no writer blocks; only its first bytes are kept."""

    def __init__(self) -> None:
        self._reading_end, self.writing_end = os.pipe()
        self._kept = bytearray()
        self._open = True
        try:
            threading.Thread(target=self._read, daemon=True).start()
        except RuntimeError:  # no thread can be had
            self.close()
            os.close(self._reading_end)
            raise

    def text(self) -> str:
        """Return what was kept since the last call."""
        kept, self._kept = bytes(self._kept), bytearray()
        return kept.decode(errors="replace")

    def close(self) -> None:
        """Close the writing end; the thread ends when the last writer has gone."""
        if self._open:
            self._open = False
            os.close(self.writing_end)

    def _read(self) -> None:
        while piece := os.read(self._reading_end, 1 << 16):
            self._kept += piece[: max(0, KEPT_OUTPUT - len(self._kept))]
        os.close(self._reading_end)
