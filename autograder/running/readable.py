"""What a student may read of what the submission's processes said: everything until the first hidden test begins, then nothing.

Whatever runs afterwards, in any process of the submission and in any later run of it, may know a hidden test's arguments: by its memory,
by files, or by ways that nobody has thought of. So the judge asks here before it reports words of a process (`Readable`), and where a
job is run again, what students read stays what the first run said (`as_first_said`). Points are those of the last run.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from autograder.model.outcomes import ENDED
from autograder.rpc.messages import Job, TestEnded

if TYPE_CHECKING:  # verdicts import torch, and the grader reads what was said without it
    from autograder.running.run import Run
    from autograder.running.verdicts import Verdict


class Readable:
    """One run's side of it. `closed`: from now on nothing that a process says is for students."""

    def __init__(self, shown: Collection[str], closed: bool) -> None:
        """`shown`: the ids of the tests that students can read. `closed`: a hidden test has begun in an earlier run."""
        self._shown = frozenset(shown)
        self.closed = closed

    def begin(self, test: str) -> None:
        """Take note that a test begins."""
        self.closed = self.closed or test not in self._shown

    def verdict(self, test: str, verdict: "Verdict") -> "Verdict":
        """Return a verdict as it may be reported: the message of a hidden test is for the instructor, its hint for students."""
        if not self.closed:
            return verdict
        return replace(verdict, message=verdict.hint if test in self._shown else verdict.message, changed=())


def met_hidden_test(job: Job, run: "Run") -> bool:
    """Whether a hidden test may have begun: surely not before each test that students can read has come to its end."""
    visible = {step.id for steps in job.passes for step in steps if step.run == "test" and step.id in job.shown}
    return visible <= run.tests.keys()


def as_first_said(first: "Run", last: "Run", shown: Collection[str]) -> "Run":
    """Return the last run with the words that the first one had for students, which came before any hidden test.

    `last`: of a job that was run again with `silent` set. A test that ends otherwise than at first keeps the hint of its last end.
    """
    tests = {
        name: _as_first_said(first.tests.get(name), test) if name in shown else test
        for name, test in last.tests.items()
    }
    errors = {cell: error for cell, error in first.cell_errors.items() if error != ENDED or cell in last.ended}
    return replace(last, tests=tests, cell_errors=errors, asides=first.asides)


def _as_first_said(first: TestEnded | None, last: TestEnded) -> TestEnded:
    if first is None or first.result is not last.result:
        return last
    return replace(last, message=first.message, hint=first.hint, changed=first.changed)
