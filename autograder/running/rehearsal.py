"""Judge a made-up submission in the warm process before any real one, so that all processes forked from it start with fast code.

Python's interpreter specialises functions after some calls (PEP 659), abstract classes remember the classes they were asked about,
and PyTorch sets much up when an operation is first used. What is done here once need not be done in each judge and student's process.
"""

import contextlib
import io
import signal
import socket
import time
import warnings
from typing import Any

from autograder.model.outcomes import Result
from autograder.reading.plan import Step
from autograder.rpc.connection import Connection
from autograder.rpc.frames import Buffers, Channel
from autograder.rpc.messages import Done, Job, TestEnded, read_judge, table
from autograder.rpc.rules import Manifest
from autograder.rpc.student import Student
from autograder.running.judge import Judge
from autograder.sandbox.limits import Limits
from autograder.sandbox.waiting import ready

TIMES = 12  # after which nothing more is gained
# Of processor time, that all of it takes on the machine on which the least time of a test was chosen (`stopwatch.BUDGET`).
USUAL_SECONDS = 0.5
MOST_SLOWNESS = 10.0
SETUP = """\
import math
import numpy as np
import torch
from torch import nn
from course.checks import check, check_value
"""
ANSWERS = {
    "rows": '''\
def rows(x):
    """The rows of a table as shares of their sums."""
    if x.dim() != 2:
        raise ValueError(f"a table is needed, not {tuple(x.shape)}")
    table = x - x.amax(dim=1, keepdim=True)
    return table.exp() / table.exp().sum(dim=1, keepdim=True)
''',
    "listed": """\
def listed(count, by=2.0):
    # Lists and numbers.
    return [by * i for i in range(count)], {"count": count}
""",
    "Layer": """\
class Layer(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.linear = nn.Linear(inputs, outputs)

    def forward(self, x):
        return torch.relu(self.linear(x))
""",
}
TESTS = {
    "rows": """\
x = torch.tensor([[1.0, 2.0], [3.0, 5.0]])
check(rows, x).is_close(torch.softmax(x, dim=1))
check(rows, torch.tensor([1.0])).raises(ValueError)
w = torch.ones(2, 2, requires_grad=True)
rows(w).sum().backward()
check_value("w.grad", w.grad).is_close(torch.zeros(2, 2))
""",
    "listed": """\
numbers, kept = listed(3, by=0.5)
assert numbers == [0.0, 0.5, 1.0] and kept["count"] == 3
assert np.allclose(np.array(numbers), [0.0, 0.5, 1.0])
""",
    "Layer": """\
layer = Layer(2, 3)
assert layer(torch.zeros(4, 2)).shape == (4, 3) and len(list(layer.parameters())) == 2
""",
}


class _Turns(Channel):
    """The judge's end of a channel whose student is in the same process: the student answers when the judge begins to listen."""

    def __init__(self, sock: socket.socket, student: Student) -> None:
        super().__init__(sock)
        self._student = student

    def receive(self) -> tuple[Any, Buffers]:
        if not self._ahead and not ready(self.sock, 0):  # nothing is left of its last turn
            tree, buffers = self._student.channel.receive()
            self._student.answer(read_judge(tree), buffers)
        return super().receive()


class _Rehearsal(Judge):
    """A judge with its student in the same process."""

    def __init__(self, control: Channel, job: Job, shell: Any) -> None:
        super().__init__(control, job)
        self._shell = shell

    def connect(self) -> None:
        judges, students = socket.socketpair()
        student = Student(Channel(students), self._shell)
        self.connection = Connection(_Turns(judges, student), self.rules, self.limits.memory, self.shared)


def rehearse(shell: Any) -> float:
    """Judge the made-up submission several times; raises RuntimeError if one of its tests does not pass.

    Return how many times as long as elsewhere this machine computes, from 1 to MOST_SLOWNESS.
    """
    start = time.process_time()
    manifest: Manifest | None = None
    fresh, alarm = dict(shell.user_ns), signal.getsignal(signal.SIGALRM)
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        for _ in range(TIMES):
            manifest = _judge_once(shell, manifest)
    signal.signal(signal.SIGALRM, alarm)
    shell.reset(new_session=True)
    shell.user_ns.update({name: value for name, value in fresh.items() if name not in shell.user_ns})
    return min(max(1.0, (time.process_time() - start) / USUAL_SECONDS), MOST_SLOWNESS)


def _judge_once(shell: Any, manifest: Manifest | None) -> Manifest:
    """Judge the made-up submission once and return its manifest; without one, this run records it."""
    steps = [Step("setup", "both", SETUP, "setup")]
    for name, source in ANSWERS.items():
        steps += [Step(name, "student", source, name), Step(f"{name}_test", "test", TESTS[name], name)]
    grader, judges = socket.socketpair()
    with grader, judges:
        _Rehearsal(Channel(judges), Job((tuple(steps),), manifest, tuple(sorted(ANSWERS)), Limits()), shell).run()
        reports = Channel(grader)
        while not isinstance(report := table.read(reports.receive()[0], "judge"), Done):
            if not isinstance(report, TestEnded) or report.result is not Result.PASSED:
                raise RuntimeError(f"the rehearsal went wrong: {report}")
    recorded = manifest or report.manifest
    assert recorded is not None
    return recorded
