"""All that was forked from the warm process, and what that left behind: nobody outlives it. Linux only."""

import contextlib
import os
import signal

from autograder.sandbox import privileges
from autograder.sandbox.usage import children

MAX_ROUNDS = 100  # of killing what starts others meanwhile


class Family:
    """The children of this process, and the orphans of theirs where no namespace ends those."""

    def __init__(self, orphans: bool) -> None:
        """`orphans`: whether there may be some: they become children of this process."""
        if orphans:
            privileges.adopt_orphans()
        self._orphans = orphans
        self.own: set[int] = set()  # those that it forked and that have not ended

    def reap(self) -> None:
        """Take note of the children that have ended, and kill the orphans of students' processes."""
        self._take_ended()
        for _ in range(MAX_ROUNDS if self._orphans else 0):
            orphans = set(children(os.getpid())) - self.own
            if not orphans:
                return
            _kill(orphans)
            self._take_ended()

    def end(self) -> None:
        """Kill them all: one that does not want to die with its parent, too."""
        _kill(self.own)
        self.reap()

    def _take_ended(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while pid := os.waitpid(-1, os.WNOHANG)[0]:
                self.own.discard(pid)


def _kill(pids: set[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
