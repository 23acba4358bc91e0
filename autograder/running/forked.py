"""A process forked from the warm one: its handle, and what it prints."""

import contextlib
import os
import select
import signal
import threading
from dataclasses import dataclass

KEPT_OUTPUT = 20_000  # bytes of a judge's own output that an error message may draw on
SECONDS_TO_END = 5.0  # that a killed process may take


@dataclass(frozen=True)
class Process:
    """A forked process, named by a descriptor so that a signal never reaches another that got its id."""

    pid: int
    pidfd: int

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return not select.select([self.pidfd], [], [], 0)[0]

    def end(self) -> None:
        """Kill it. Where it is process 1 of a namespace, everything that it left running ends with it."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)

    def wait(self) -> None:
        """Wait for its end and close its descriptor."""
        select.select([self.pidfd], [], [], SECONDS_TO_END)
        os.close(self.pidfd)

    def kill(self) -> None:
        """Kill it and wait for its end."""
        self.end()
        self.wait()


class KeptOutput:
    """A pipe for what a process prints. It is read all the time, so that no writer blocks; only its first bytes are kept."""

    def __init__(self) -> None:
        self._reading_end, self.writing_end = os.pipe()
        self._kept = bytearray()
        self._open = True
        threading.Thread(target=self._read, daemon=True).start()

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
