"""Run an answer and its tests in the judge: what the tests of the interface share."""

import textwrap
import time
from collections.abc import Sequence

from autograder.reading.plan import Step
from autograder.rpc.messages import Job
from autograder.rpc.rules import Manifest
from autograder.running.again import MAX_RUNS
from autograder.running.executors import SECONDS_TO_RECOVER
from autograder.running.processes import Zygote
from autograder.running.run import Run, run_job
from autograder.sandbox.limits import Limits

LIMITS = Limits(cell_seconds=20)  # what waits for ever is given less where it is tested; the machine may be busy
IMPORTS = "import torch\nimport numpy as np\nfrom torch import nn\nfrom course import checks, check"


def job(
    answer: str,
    tests: list[str],
    manifest: Manifest | None,
    names: tuple[str, ...] = ("f",),
    limits: Limits = LIMITS,
    given: str = "",
) -> Job:
    """One answer cell and its tests, `f_0`, `f_1` and so on; `given`: what a locked cell defines above them."""
    steps = [
        Step("imports", "both", f"{IMPORTS}\n{textwrap.dedent(given)}"),
        Step("f", "student", textwrap.dedent(answer), "f"),
    ]
    steps += [Step(f"f_{i}", "test", textwrap.dedent(test), "f") for i, test in enumerate(tests)]
    return Job((tuple(steps),), manifest, tuple(sorted(names)), limits, tuple(f"f_{i}" for i in range(len(tests))))


def run_to_its_end(zygote: Zygote, job: Job, contents: Sequence[bytes] = ()) -> Run:
    """Run a job; again where the system gave no process or killed the judge, for other tests take the machine to its limits.

    An executor does so too, and believes no crash of a student's process before it has seen it twice; here once is enough.
    """
    for _ in range(MAX_RUNS - 1):
        once = run_job(zygote, job, contents)
        if once.failure is None and (once.finished or once.out_of_time or once.judge_output):
            return once
        time.sleep(SECONDS_TO_RECOVER)
    return run_job(zygote, job, contents)


def results(run: Run) -> list[str]:
    """How each test ended."""
    return [report.result.value for report in run.tests.values()]


def judge(
    zygote: Zygote,
    reference: str,
    tests: list[str],
    answer: str,
    names: tuple[str, ...] = ("f",),
    limits: Limits = LIMITS,
    given: str = "",
) -> Run:
    """Record the reference, insist that it passes, then judge an answer by it."""
    recorded = run_to_its_end(zygote, job(reference, tests, None, names, limits, given))
    assert results(recorded) == ["passed"] * len(tests), recorded
    return run_to_its_end(zygote, job(answer, tests, recorded.manifest, names, limits, given))
