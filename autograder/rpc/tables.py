"""What one test has gathered in the judge: tensors, stand-ins and callbacks of the conversation, and how many there may be.

Without these bounds, answers that are small enough one by one could fill the judge's memory.
"""

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

import torch

from autograder.rpc.faults import TooLarge
from autograder.rpc.mirror import Mirror

Place = int | str  # of an argument: its number (0 is the object itself) or its name

MAX_TENSORS = 20_000
MAX_HANDLES = 50_000
MAX_CALLBACKS = 200_000  # calls of the test's own functions
MAX_PRINTED = 1 << 20  # characters; what is printed beyond is dropped


def place_of(operation: str, place: Place) -> str:
    """Return how the manifest names an argument of an operation."""
    return f"{operation}#{place}"


class Tables:
    """One test's tables; `clear` empties them for the next one.

    `most_bytes`: how much the tensors may hold together. `shared`: what the locked cells have defined on both sides, by name.
    """

    def __init__(self, most_bytes: int, shared: Mapping[str, Any]) -> None:
        self.most_bytes = most_bytes
        self.shared = shared
        self.mirror = Mirror("j")
        self.first_given: dict[
            str, str
        ] = {}  # by name: in which argument a tensor of the test's own was first given away
        self.numbers = count()
        self.callbacks: dict[int, Callable[..., Any]] = {}  # by number: functions of the test's own
        self.pickled: dict[int, tuple[Any, int]] = {}  # by id: objects that were sent pickled, and their numbers
        self.leaves: dict[
            int, tuple[torch.Tensor, str]
        ] = {}  # by id: stand-ins for tensors of the student's, and their names
        self.outputs: dict[
            int, tuple[torch.Tensor, list[torch.Tensor]]
        ] = {}  # by number: results of the test's own functions
        self.named: dict[str, Any] = {}  # stand-ins of functions and classes, by the names that still stand for them
        self._handles = self._calls = self._printed = 0

    def clear(self) -> None:
        """Forget everything: a new test begins."""
        self.mirror.clear()
        for table in (self.first_given, self.callbacks, self.pickled, self.leaves, self.outputs, self.named):
            table.clear()
        self._handles = self._calls = self._printed = 0

    def check_room(self) -> None:
        """Raise TooLarge where the test holds more tensors, or bytes of them, than it may."""
        most = max(len(self.mirror), len(self.leaves), len(self.outputs))
        if most > MAX_TENSORS or self.mirror.bytes > self.most_bytes:
            raise TooLarge(
                f"{len(self.mirror):,} tensors of together {self.mirror.bytes:,} bytes in one test; "
                f"at most {MAX_TENSORS:,} of {self.most_bytes:,} bytes are allowed"
            )

    def count_handle(self) -> None:
        """Count one more object of the student's; raise TooLarge where it is one too many."""
        self._handles += 1
        if self._handles > MAX_HANDLES:
            raise TooLarge(f"more than {MAX_HANDLES:,} objects in one test")

    def count_callback(self) -> None:
        """Count one more call of the test's own functions; raise TooLarge where it is one too many."""
        self._calls += 1
        if self._calls > MAX_CALLBACKS:
            raise TooLarge(f"more than {MAX_CALLBACKS:,} calls of the test's own functions in one test")

    def cut_printed(self, text: str) -> str:
        """Return as much of a printed text as there is room for."""
        shown = text[: max(0, MAX_PRINTED - self._printed)]
        self._printed += len(shown)
        return shown
