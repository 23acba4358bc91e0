"""Check one notebook before it is handed in: its shape, and its visible checks in a kernel of its own.

Students and CI run it. It needs no source: `release/` says what the notebook should hold. Nothing is graded here, and the
notebook is not changed. The kernel has the rights of whoever calls it; `isolated`, the notebook runs in the grader's sandbox instead,
which is how to check a stranger's.
"""

import asyncio
import contextlib
import os
import re
import socket
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Self

import nbformat
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode

from autograder.errors import CourseError, SubmissionError
from autograder.model.outcomes import Result
from autograder.model.progress import Progress, no_progress
from autograder.model.remedies import code_raised, in_words, no_answer, not_defined, stopped
from autograder.model.text import first_line
from autograder.model.units import Cell, Kind, Unit, read_author_notebook
from autograder.reading.beside import files_beside
from autograder.reading.graft import Graft, graft
from autograder.reading.plan import Step
from autograder.reading.read import Handed, read_notebook
from autograder.results.wording import test_in_words
from autograder.sandbox.limits import CELL_SECONDS, Limits

# With the first, Python leaves out every `assert`, and each check of that kind would pass; the second asks for windows.
NOT_OF_GRADING = ("PYTHONOPTIMIZE", "MPLBACKEND")
SECONDS_TO_STOP = 20.0  # that an interrupted cell may take to end: it may ignore that, or end without a word
MISSING_NAME = re.compile(r"name '(\w+)' is not defined.*", re.DOTALL)
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
ARROW = re.compile(r"-+> *(\d+) (.*)")
# How IPython writes a frame of a traceback, and an error of Python's parser.
FRAME = re.compile(r"(?:Cell In\[(\d+)\], line \d|File )")
NOT_READ = ("SyntaxError", "IndentationError", "TabError")
NOT_PYTHON = re.compile(r"^ *Cell In\[(\d+)\], line (\d+)\n(.*)$", re.MULTILINE)
OF_A_FILE = re.compile(r" \(\d+\.py, line \d+\)$")
NO_KERNEL = "{}: no Python could be started for it ({}); {}, then check again"
IN_THE_WAY = "{} beside the notebook takes the place of the {} of that name: rename it"
RESTARTED = "close other notebooks, or install the course again"
LOOPBACK = "127.0.0.1"
LARGE = 10_000_000  # bytes; the outputs of a larger file are worth clearing


@dataclass(frozen=True)
class Checked:
    """What the visible part of one test said in the kernel. `name`: what a person calls the test."""

    test: Cell
    outcome: Result
    message: str = ""
    name: str = ""


@dataclass(frozen=True)
class Report:
    """What would be repaired, and what each visible check said.

    `hidden` counts the tests without a visible part. `notes` name the cells that stopped, as a record does. `isolation`: what kept the notebook's code in; empty for a kernel's, which has the
    caller's rights.
    """

    unit: str
    repairs: tuple[str, ...]
    checks: tuple[Checked, ...]
    hidden: int
    notes: tuple[str, ...] = ()
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
    report = Report(unit.name, repairs, (), hidden)
    if isolated:
        report = _check_in_sandbox(report, unit, steps, shown, files_beside(path).contents)
    else:
        with _Kernel(unit, path, len(steps), progress) as kernel:
            report = replace(report, checks=tuple(kernel.run(steps, shown)), notes=tuple(kernel.notes))
        if any(checked.outcome is Result.RAISED for checked in report.checks):
            report = replace(report, notes=(*_packages_hidden_in(path.parent), *report.notes))
    named = tuple(replace(one, name=test_in_words(unit, one.test)) for one in report.checks)
    return replace(report, checks=named)


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
    outcomes = tuple(outcome for outcome in scores.outcomes(unit, run) if outcome.grade_id in shown)
    checks = tuple(Checked(shown[one.grade_id], one.outcome, one.message) for one in outcomes)
    return replace(report, checks=checks, notes=tuple(scores.notes(unit, run, outcomes)), isolation=run.isolation)


def _packages_hidden_in(folder: Path) -> list[str]:
    """Return a sentence for each file in a notebook's folder that its imports find in place of a package."""
    names = (file.name for file in sorted(folder.glob("*.py")) if file.stem not in sys.stdlib_module_names)
    return [IN_THE_WAY.format(name, "package") for name in names if _is_installed(name.removesuffix(".py"))]


def _is_installed(name: str) -> bool:
    with contextlib.suppress(ImportError, ValueError):  # no name of a module, or one that is there without a place
        return find_spec(name) is not None
    return False


class _ThisPython(AsyncKernelManager):
    """Starts kernels of the Python that runs here: one that is installed under the same name may lack the course."""

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec(**get_kernel_dict())


def _has_loopback() -> bool:
    """Whether this machine can talk to itself by the network."""
    with contextlib.closing(socket.socket()) as probe, contextlib.suppress(OSError):
        probe.bind((LOOPBACK, 0))
        return True
    return False


class _Kernel:
    """A kernel of the student's own, in which cells and tests run one after the other."""

    def __init__(self, unit: Unit, path: Path, count: int, progress: Progress) -> None:
        self._path = path
        self.notes: list[str] = []
        self._answers = {cell.id for cell in unit.of_kind(Kind.ANSWER, Kind.MANUAL)}
        self._stopped: dict[str, str] = {}  # what ended the answers that stopped, by exercise
        self._progress, self._count, self._done = progress, count, 0
        self._manager = _ThisPython()
        self._client = NotebookClient(
            nbformat.v4.new_notebook(),
            self._manager,
            timeout=int(CELL_SECONDS),
            interrupt_on_timeout=True,
            allow_errors=True,
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
            resources={"metadata": {"path": str(path.parent)}},
        )
        self._running = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self._progress("starting", 0, self._count)
        kept = {name: value for name, value in os.environ.items() if name not in NOT_OF_GRADING}
        try:
            if not _has_loopback():
                sockets = self._running.enter_context(tempfile.TemporaryDirectory(prefix="kernel-"))
                self._manager.transport, self._manager.ip = "ipc", str(Path(sockets, "socket"))
            self._running.enter_context(self._client.setup_kernel(env=kept, cleanup_kc=True))
        except Exception as error:  # of Jupyter's, of many kinds
            self._running.close()
            remedy = "; ".join(_packages_hidden_in(self._path.parent)) or RESTARTED
            raise CourseError(NO_KERNEL.format(self._path, first_line(error), remedy)) from error
        return self

    def __exit__(self, *_error: object) -> None:
        self._running.close()

    def run(self, steps: Iterable[Step], tests: Mapping[str, Cell]) -> Iterator[Checked]:
        """Run cells and tests; yield what each test said."""
        for step in steps:
            error = self._execute(step)
            self._done += 1
            self._progress("checking", self._done, self._count)
            if step.id in tests:
                yield Checked(tests[step.id], *self._verdict(error, step.exercise))
            elif error is not None:
                self._note(step, error)

    def _execute(self, step: Step) -> NotebookNode | None:
        """Run a cell and return the error that ended it."""
        cell = nbformat.v4.new_code_cell(step.source)
        self._client.nb.cells.append(cell)
        most = CELL_SECONDS + SECONDS_TO_STOP
        start = time.monotonic()
        try:
            run_sync(_execute_within)(most, self._client, cell, self._done)
        except (DeadKernelError, TimeoutError):  # nbclient turns what ends its waiting into the first
            what = "could not be stopped" if time.monotonic() - start >= most else "ended Python"
            raise SubmissionError(f"the cell of {step.id} {what}; fix it and check again") from None
        return next((output for output in cell.outputs if output.output_type == "error"), None)

    def _note(self, step: Step, error: NotebookNode) -> None:
        """Note that a cell stopped, in the words that a record has for it."""
        words = _in_words(error)
        if error.ename == "KeyboardInterrupt":
            words = no_answer(f"within {CELL_SECONDS:.0f} s")
        if step.exercise:
            self._stopped[step.exercise] = words
        self.notes.append(stopped(step.id if step.id in self._answers else "", words))

    def _verdict(self, error: NotebookNode | None, exercise: str) -> tuple[Result, str]:
        """Return how a test ended, and what is said of it."""
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
        missing = MISSING_NAME.fullmatch(error.evalue) if error.ename == "NameError" else None
        if missing and exercise in self._stopped:
            return Result.RAISED, not_defined(missing[1], self._stopped[exercise])
        cell, _ = _raised(error)
        if cell and cell != str(self._done):  # not the test's own
            return Result.RAISED, code_raised(_in_words(error))
        return Result.RAISED, in_words(error.ename, error.evalue)


async def _execute_within(seconds: float, client: NotebookClient, cell: NotebookNode, number: int) -> None:
    await asyncio.wait_for(client.async_execute_cell(cell, number), seconds)


def _raised(error: NotebookNode) -> tuple[str, str]:
    """Return which cell raised an exception, as IPython numbers it, and the line; of what is not Python, the line that is not."""
    text = COLOURS.sub("", "\n".join(error.traceback))
    if error.ename in NOT_READ:
        found = NOT_PYTHON.search(text)
        return (found[1], f"line {found[2]}: {found[3].strip()}") if found else ("", "")
    cell, raised = "", ("", "")
    for line in text.splitlines():
        if frame := FRAME.match(line):
            cell = frame[1] or ""
        elif cell and (arrow := ARROW.match(line)):
            raised = cell, f"line {arrow[1]}: {arrow[2].strip()}"
    return raised


def _in_words(error: NotebookNode) -> str:
    """Return an exception in one sentence, as a record has it."""
    return in_words(error.ename, OF_A_FILE.sub("", error.evalue), _raised(error)[1])
