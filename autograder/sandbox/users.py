"""Users of their own for students' processes: numbers that no other grader of this machine gives to its students meanwhile."""

import contextlib
import itertools
import os
import socket

BLOCKS, PER_BLOCK = 1000, 1000


class Users:
    """A block of numbers, taken from all that there are; each number is given out again after all others of the block.

    Where two graders gave out the same one, the end of one submission would end the other. So a block is held by the name of a
    socket: the kernel gives it to one process at a time, and takes it back from a process that has ended.
    """

    def __init__(self) -> None:
        first = os.getpid() % BLOCKS
        blocks = [*range(first, BLOCKS), *range(first)]
        self._holds = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        block = next((block for block in blocks if self._takes(block)), first)
        self._numbers = itertools.cycle(range(block * PER_BLOCK, (block + 1) * PER_BLOCK))

    def next(self) -> int:
        """Return the next number, from 0 on."""
        return next(self._numbers)

    def close(self) -> None:
        """Give the block back."""
        self._holds.close()

    def _takes(self, block: int) -> bool:
        with contextlib.suppress(OSError):  # somebody has it
            self._holds.bind(f"\0autograder-users-{block}")
            return True
        return False
