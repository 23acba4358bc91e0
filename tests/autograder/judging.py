"""Run an answer and its tests in the judge: what the tests of the interface share."""

import textwrap

from autograder.reading.plan import Step
from autograder.rpc.messages import Job
from autograder.rpc.rules import Manifest
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
    recorded = run_job(zygote, job(reference, tests, None, names, limits, given))
    assert results(recorded) == ["passed"] * len(tests), recorded.tests
    return run_job(zygote, job(answer, tests, recorded.manifest, names, limits, given))
