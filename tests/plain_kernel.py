"""A plain kernel for tests: an IPython shell, forked from the warm process, that runs answers and tests together.

This is how a student's own kernel and nbgrader run a notebook: no judge, no stubs. What passes here must pass in the judge.
"""

import os
import socket
import time
from collections.abc import Iterable

from autograder.rpc import frames
from autograder.running.processes import Zygote
from autograder.sandbox.confine import Limits


def run_cells(zygote: Zygote, cells: Iterable[tuple[str, str]], limits: Limits | None = None) -> dict[str, str | None]:
    """Run (id, source) cells in order in one process: for each id None, or what its exception says."""
    limits = limits or Limits()
    ours, theirs = socket.socketpair()
    sink = os.open(os.devnull, os.O_WRONLY)
    process = zygote.fork("student", theirs, sink, limits)
    theirs.close()
    os.close(sink)
    channel = frames.Channel(ours)
    told: dict[str, str | None] = {}
    try:
        for name, source in cells:
            channel.deadline = time.monotonic() + limits.cell_seconds
            channel.send(["exec", source])
            reply, _ = channel.receive()
            told[name] = None if reply[1] is None else f"{reply[1][0][0].rpartition('.')[2]}: {reply[1][1]}"
    finally:
        process.kill()
        channel.close()
    return told
