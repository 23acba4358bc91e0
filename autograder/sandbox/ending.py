"""End processes that are known by their numbers, and none that has got the number of one of them meanwhile. Linux only."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterable

from autograder.sandbox.waiting import ready

MAX_ROUNDS = 100  # of killing what starts others meanwhile


def end_all(those: Callable[[], Iterable[int]]) -> None:
    """Kill processes, and again as long as there are others. `those` lists them; who has ended and waits for its parent may be among them.

    A process that was killed takes some milliseconds to end. That is not waited for: from then on it starts no other.
    """
    killed: dict[int, int] = {}  # the descriptors of those, by their numbers
    try:
        for _ in range(MAX_ROUNDS):
            if not _end_once(those, killed):
                return
    finally:
        _close(killed)


def _end_once(those: Callable[[], Iterable[int]], killed: dict[int, int]) -> bool:
    """Kill those that are listed twice, and hold each by a descriptor between the two times; return whether one was alive.

    `killed`: those that were killed before, which are let be, and to which these are added.
    """
    held: dict[int, int] = {}
    try:
        for pid in those():
            if pid in killed:
                if not ready(killed[pid], 0):
                    continue
                os.close(killed.pop(pid))  # it has ended, and another has got its number
            with contextlib.suppress(OSError):  # it has ended
                held[pid] = os.pidfd_open(pid)
        alive = {pid: descriptor for pid, descriptor in held.items() if not ready(descriptor, 0)}
        for pid in alive.keys() & set(those()):
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(alive[pid], signal.SIGKILL)
                killed[pid] = held.pop(pid)
        return bool(alive)
    finally:
        _close(held)


def _close(held: dict[int, int]) -> None:
    for descriptor in held.values():
        os.close(descriptor)
