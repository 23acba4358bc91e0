"""A plain kernel for tests: an IPython shell, forked from the warm process, that runs answers and tests together.

This is how a student's own kernel and nbgrader run a notebook: no judge, no stubs. What passes here must pass in the judge.
"""

import os
import socket
import time
from collections.abc import Iterable

from autograder.rpc.frames import Channel
from autograder.rpc.messages import RunCell, read_student
from autograder.running.processes import Zygote
from autograder.sandbox.limits import Limits


def run_cells(zygote: Zygote, cells: Iterable[tuple[str, str]], limits: Limits | None = None) -> dict[str, str | None]:
    """Run (id, source) cells in order in one process: for each id None, or what its exception says."""
    limits = limits or Limits()
    ours, theirs = socket.socketpair()
    sink = os.open(os.devnull, os.O_WRONLY)
    process = zygote.fork("student", theirs, sink, limits)
    theirs.close()
    os.close(sink)
    channel = Channel(ours)
    told: dict[str, str | None] = {}
    try:
        for name, source in cells:
            channel.deadline = time.monotonic() + limits.cell_seconds
            channel.send(RunCell(source))
            error = read_student(channel.receive()[0]).error
            told[name] = None if error is None else f"{error.classes[0].rpartition('.')[2]}: {error.text}"
    finally:
        process.kill()
        channel.close()
    return told
