"""A student's or CI's look at one notebook before it is handed in: its shape, and its visible checks in a kernel of its own.

Needs no source: `release/` says what the notebook should hold. Nothing is graded here, and the notebook is not changed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode

from autograder.errors import CourseError, SubmissionError
from autograder.graft import Graft, graft
from autograder.handed import read_notebook
from autograder.records import Result
from autograder.steps import Step
from autograder.units import Cell, Unit

SECONDS = 60  # that one cell may take; the grader is stricter
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Checked:
    """What one test said: its visible part, run in the student's own kernel."""

    test: Cell
    outcome: Result
    message: str = ""


@dataclass(frozen=True)
class Report:
    """What would be repaired, and what each visible check said. Tests without a visible part are counted, not run."""

    unit: str
    repairs: tuple[str, ...]
    checks: tuple[Checked, ...]
    hidden: int

    @property
    def passed(self) -> bool:
        """Whether there is nothing to mend: no repair, no check that does not pass."""
        return not self.repairs and all(check.outcome is Result.PASSED for check in self.checks)


def check(path: Path, course: Path, progress: Progress = lambda _what, _done, _total: None) -> Report:
    """Check a notebook against the release of its unit; raises CourseError where that cannot be done."""
    unit = _pristine(path, course)
    handed = read_notebook(path)
    grafted = graft(unit, {cell.id: cell.source for cell in unit.cells}, handed)
    shown = [test for test in unit.tests if not _is_empty(test)]
    checks = tuple(_run(grafted, {test.id: test for test in shown}, path.parent, progress))
    renamed = () if path.stem == unit.name else (f"the file is called {path.name}, not {unit.name}.ipynb",)
    return Report(unit.name, (*renamed, *grafted.repairs), checks, len(unit.tests) - len(shown))


def _pristine(path: Path, course: Path) -> Unit:
    """The release that this notebook began as: the one called like it, or like its folder."""
    found = {file.stem: file for file in (course / "release").glob("*/*.ipynb") if file.stem == file.parent.name}
    if not found:
        raise CourseError(f"{course / 'release'}: no release here; run this from the folder that holds release/")
    name = next((name for name in (path.stem, path.absolute().parent.name) if name in found), None)
    if name is None:
        raise CourseError(
            f"{path}: not called like a unit; rename it to one of: {', '.join(f'{name}.ipynb' for name in sorted(found))}"
        )
    return Unit(name, found[name], nbformat.read(found[name], as_version=4))


def _is_empty(test: Cell) -> bool:
    """Whether a test shows students a comment alone."""
    return all(not line.strip() or line.lstrip().startswith("#") for line in test.source.splitlines())


def _run(grafted: Graft, tests: dict[str, Cell], folder: Path, progress: Progress) -> Iterator[Checked]:
    steps = [step for step in grafted.steps if step.run != "test" or step.id in tests]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(step.source) for step in steps])
    client = NotebookClient(
        notebook,
        timeout=SECONDS,
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


def _execute(client: NotebookClient, cell: NotebookNode, number: int, step: Step) -> tuple[Result, str]:
    try:
        client.execute_cell(cell, number)
    except DeadKernelError:
        raise SubmissionError(f"the cell of {step.id} ended Python; mend it and check again") from None
    error = next((output for output in cell.outputs if output.output_type == "error"), None)
    if error is None:
        return Result.PASSED, ""
    if error.ename == "NotImplementedError":
        return Result.UNANSWERED, ""
    if error.ename == "KeyboardInterrupt":
        return Result.TIMEOUT, f"Stopped after {SECONDS} seconds."
    if error.ename in ("CheckFailed", "AssertionError"):
        return Result.FAILED, error.evalue
    return Result.RAISED, f"{error.ename}: {error.evalue}"
