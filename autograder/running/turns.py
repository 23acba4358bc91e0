"""Turns for those that run beside others, and for one that must run alone."""

import contextlib
import threading
from collections.abc import Iterator


class Turns:
    """Several run at once, or one alone: who asks for that waits for those that run, and who comes later waits for its end."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running = 0
        self._one_alone = False  # it runs, or waits for the others

    @contextlib.contextmanager
    def beside_others(self) -> Iterator[None]:
        """Run what is inside beside others."""
        with self._changed:
            self._changed.wait_for(lambda: not self._one_alone)
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Run what is inside while nothing else runs."""
        with self._changed:
            self._changed.wait_for(lambda: not self._one_alone)
            self._one_alone = True
        try:
            with self._changed:
                self._changed.wait_for(lambda: not self._running)
            yield
        finally:
            with self._changed:
                self._one_alone = False
                self._changed.notify_all()
