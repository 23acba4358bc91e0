"""A plain kernel for tests: an IPython shell, forked from the warm process, that runs answers and tests together.

This is how a student's own kernel and nbgrader run a notebook: no judge, no stubs. What passes here must pass in the judge.
"""

import contextlib
import os
import socket
import tempfile
import time
from collections.abc import Iterable, Iterator

from autograder.rpc.frames import Channel
from autograder.rpc.messages import RunCell, StatementBegun, read_student
from autograder.running.pools import wait_until_ready
from autograder.running.processes import Zygote
from autograder.sandbox.limits import Limits

LIMITS = Limits(cell_seconds=120, submission_seconds=600)  # answers of the bank all end; the machine may be busy
GOES_ON_AS_A_COPY = """\
import os as _os
if _copy := _os.fork():
    _os.waitpid(_copy, 0)
    raise EOFError("the copy has ended")
import gc as _gc
for _student in _gc.get_objects():
    if type(_student).__name__ == "Student":
        _student._pid = _os.getpid()  # it is the one that answers from now on
del _student
"""
COPY_ENDED = "EOFError: the copy has ended"


class PlainKernel:
    """A shell in a process of its own. `running` is false once something went wrong: use another then."""

    def __init__(self, zygote: Zygote, limits: Limits = LIMITS) -> None:
        ours, theirs = socket.socketpair()
        sink = os.open(os.devnull, os.O_WRONLY)
        self._limits = limits
        self._home = tempfile.TemporaryDirectory(
            prefix="kernel-", ignore_cleanup_errors=True
        )  # where nothing else gives it one
        home = "" if "namespaces" in zygote.wait() else self._home.name
        self._process = zygote.fork("student", theirs, sink, limits, home=home)
        theirs.close()
        os.close(sink)
        self._channel = Channel(ours)
        wait_until_ready(self._channel)
        self.running = True

    def run(self, cells: Iterable[tuple[str, str]]) -> dict[str, str | None]:
        """Run (id, source) cells in order: for each id None, or what its exception says."""
        return {name: self._execute(source) for name, source in cells}

    @contextlib.contextmanager
    def copied(self) -> Iterator[None]:
        """Run what follows in a copy of this process, which goes at the end with all that it has changed."""
        try:
            assert self._execute(GOES_ON_AS_A_COPY) is None
            yield
            assert self._execute("_os._exit(0)") == COPY_ENDED
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the process."""
        if self.running:
            self.running = False
            self._process.kill()
            self._channel.close()
            self._home.cleanup()

    def _execute(self, source: str) -> str | None:
        self._channel.deadline = time.monotonic() + self._limits.cell_seconds
        self._channel.send(RunCell(source))
        while isinstance(reply := read_student(self._channel.receive()[0]), StatementBegun):
            pass
        error = reply.error
        return None if error is None else f"{error.classes[0].rpartition('.')[2]}: {error.text}"


def run_cells(zygote: Zygote, cells: Iterable[tuple[str, str]], limits: Limits = LIMITS) -> dict[str, str | None]:
    """Run (id, source) cells in order in one process: for each id None, or what its exception says."""
    with contextlib.closing(PlainKernel(zygote, limits)) as kernel:
        return kernel.run(cells)
