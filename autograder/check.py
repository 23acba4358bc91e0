"""Check one notebook before it is handed in: its shape, and its visible checks in a kernel of its own.

Students and CI run it. It needs no source: `release/` says what the notebook should hold. Nothing is graded here, and the
notebook is not changed. The kernel has the rights of whoever calls it; `isolated`, the notebook runs in the grader's sandbox instead,
which is how to check a stranger's.
"""

import asyncio
import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode

from autograder.errors import CourseError, SubmissionError
from autograder.model.outcomes import Result
from autograder.model.progress import Progress, no_progress
from autograder.model.units import Cell, Unit, read_author_notebook
from autograder.reading.beside import files_beside
from autograder.reading.graft import Graft, graft
from autograder.reading.plan import Step
from autograder.reading.read import Handed, read_notebook
from autograder.sandbox.limits import CELL_SECONDS, Limits

SECONDS_TO_STOP = 20.0  # that an interrupted cell may take to end: it may ignore that, or end without a word
LARGE = 10_000_000  # bytes; the outputs of a larger file are worth clearing


@dataclass(frozen=True)
class Checked:
    """What the visible part of one test said in the kernel."""

    test: Cell
    outcome: Result
    message: str = ""


@dataclass(frozen=True)
class Report:
    """What would be repaired, and what each visible check said.

    `hidden` counts the tests without a visible part. `isolation`: what kept the notebook's code in; empty for a kernel's, which has the
    caller's rights.
    """

    unit: str
    repairs: tuple[str, ...]
    checks: tuple[Checked, ...]
    hidden: int
    isolation: str = ""

    @property
    def passed(self) -> bool:
        """Whether there is nothing to fix: no repair, and every check passes."""
        return not self.repairs and all(check.outcome is Result.PASSED for check in self.checks)


def check(path: Path, course: Path, progress: Progress = no_progress, *, isolated: bool = False) -> Report:
    """Check a notebook against the release of its unit; raises CourseError where that is impossible."""
    unit, grafted, repairs = look(path, course)
    shown = {test.id: test for test in unit.tests if not test.only_comments}
    steps = [step for step in grafted.steps if step.run != "test" or step.id in shown]
    hidden = len(unit.tests) - len(shown)
    if isolated:
        return _check_in_sandbox(
            Report(unit.name, repairs, (), hidden), unit, steps, shown, files_beside(path).contents
        )
    return Report(unit.name, repairs, tuple(_run_checks(steps, shown, path.parent, progress)), hidden)


def look(path: Path, course: Path) -> tuple[Unit, Graft, tuple[str, ...]]:
    """Return a notebook's unit, its answers, and what would be repaired; runs nothing. Raises CourseError."""
    releases = _releases(course)
    handed = read_notebook(path)
    unit, grafted = _unit_of(path, handed, releases)
    wanted = f"{unit.name}.ipynb"
    repairs = list(grafted.repairs)
    if path.name != wanted:
        repairs.insert(0, f"the file is called {path.name}, not {wanted}")
    size = path.stat().st_size
    if size > LARGE:
        repairs.append(f"the file has {size // 1_000_000} MB, most of it outputs; clear them before you hand it in")
    return unit, grafted, tuple(repairs)


def _releases(course: Path) -> dict[str, Path]:
    """Return the released notebooks by the names of their units."""
    notebooks = sorted(file for file in (course / "release").glob("*/*.ipynb") if file.stem == file.parent.name)
    if not notebooks:
        raise CourseError(f"{course / 'release'}: no release here; run this from the folder that holds release/")
    return {file.stem: file for file in notebooks}


def _unit_of(path: Path, handed: Handed, releases: dict[str, Path]) -> tuple[Unit, Graft]:
    """Return the unit that a notebook was made from: by its name, by its folder's name, or else by its cells."""
    named = [name for name in releases if name in path.name or name == path.absolute().parent.name]
    if named:
        return _grafted(named[0], releases[named[0]], handed)
    fitting = []
    for name, release in releases.items():
        with contextlib.suppress(SubmissionError):
            fitting.append(_grafted(name, release, handed))
    if not fitting:
        raise CourseError(
            f"{path}: neither its name nor its cells are those of a unit; if it is one of {', '.join(releases)}, rename it "
            f"to the unit's name with .ipynb"
        )
    return max(fitting, key=lambda candidate: len(candidate[1].answers))


def _grafted(name: str, release: Path, handed: Handed) -> tuple[Unit, Graft]:
    unit = Unit(name, release, read_author_notebook(release))
    return unit, graft(unit, {cell.id: cell.source for cell in unit.cells}, handed)


def _check_in_sandbox(
    report: Report, unit: Unit, steps: list[Step], shown: Mapping[str, Cell], files: Mapping[str, bytes]
) -> Report:
    """Run the notebook's cells and tests as `grade` would, but with no reference solution to compare with."""
    from autograder.running import scores  # these need Linux
    from autograder.running.executors import LocalExecutor
    from autograder.running.job import make_job

    with LocalExecutor(1) as executor:
        run = executor.run(make_job(unit, steps, None, Limits(), files), tuple(files.values()))
    outcomes = [outcome for outcome in scores.outcomes(unit, run) if outcome.grade_id in shown]
    checks = tuple(Checked(shown[one.grade_id], one.outcome, one.message) for one in outcomes)
    return replace(report, checks=checks, isolation=run.isolation)


def _run_checks(steps: list[Step], tests: dict[str, Cell], folder: Path, progress: Progress) -> Iterator[Checked]:
    """Run these cells and tests in a new kernel; yield what each test said."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(step.source) for step in steps])
    client = NotebookClient(
        notebook,
        timeout=int(CELL_SECONDS),
        interrupt_on_timeout=True,
        allow_errors=True,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
    )
    progress("starting", 0, len(steps))
    with client.setup_kernel():
        for number, (step, cell) in enumerate(zip(steps, notebook.cells, strict=True)):
            outcome, message = _execute(client, cell, number, step)
            progress("checking", number + 1, len(steps))
            if step.id in tests:
                yield Checked(tests[step.id], outcome, message)


async def _execute_within(seconds: float, client: NotebookClient, cell: NotebookNode, number: int) -> None:
    await asyncio.wait_for(client.async_execute_cell(cell, number), seconds)


def _execute(client: NotebookClient, cell: NotebookNode, number: int, step: Step) -> tuple[Result, str]:
    most = CELL_SECONDS + SECONDS_TO_STOP
    start = time.monotonic()
    try:
        run_sync(_execute_within)(most, client, cell, number)
    except (DeadKernelError, TimeoutError):  # nbclient turns what ends its waiting into the first
        what = "could not be stopped" if time.monotonic() - start >= most else "ended Python"
        raise SubmissionError(f"the cell of {step.id} {what}; fix it and check again") from None
    error = next((output for output in cell.outputs if output.output_type == "error"), None)
    if error is None:
        return Result.PASSED, ""
    if error.ename == "NotImplementedError":
        return Result.UNANSWERED, ""
    if error.ename == "KeyboardInterrupt":
        return (
            Result.TIMEOUT,
            f"Stopped after {CELL_SECONDS:g} seconds, which is what one cell is given, here and in grading.",
        )
    if error.ename in ("CheckFailed", "AssertionError"):
        return Result.FAILED, error.evalue
    return Result.RAISED, f"{error.ename}: {error.evalue}"
