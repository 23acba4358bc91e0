"""`make bench`: grading and feedback against nbgrader's, on the same submissions in the same run. Prints ratios; asserts nothing."""

import argparse
import itertools
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder.model.records import read_records
from autograder.model.units import Kind, load_unit
from tests.benchmarks.growth import graded
from tests.conftest import ROOT
from tests.submissions.sample_class import CLASS, EXHAUSTING, UNIT, handout_of, write_class

SAMPLE = 6  # submissions that nbgrader grades too: those that take it least, with no endless loop among them
REPEATS = 5
COPIES = 10  # of each perfect submission: a class, for a judge's first submission takes longer than the others
BASELINE = """\
c = get_config()
c.CourseDirectory.course_id = "baseline"
c.ExecutePreprocessor.timeout = 60
"""


@dataclass(frozen=True)
class Measured:
    """Seconds for a number of submissions."""

    seconds: float
    submissions: int

    @property
    def each(self) -> float:
        """Seconds a submission."""
        return self.seconds / self.submissions


def timed(folder: Path, *command: str) -> float:
    """Seconds of wall time that a command takes in a folder, its start-up included."""
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return time.perf_counter() - start


def ours(folder: Path, students: int) -> tuple[Measured, Measured]:
    """A class graded from nothing, records and gradebook included; then its feedback pages."""
    write_class(folder, students=students)
    grading = timed(folder, "autograder", "grade", UNIT)
    feedback = timed(folder, "autograder", "feedback", UNIT)
    return Measured(grading, students), Measured(feedback, students)


def nbgraders(folder: Path) -> tuple[Measured, Measured]:
    """The first honest submissions of the class under plain nbgrader with its own settings."""
    write_class(folder)
    (folder / "nbgrader_config.py").write_text(BASELINE)
    for student in [path for path in (folder / "submitted").iterdir() if path.name not in sample()]:
        student.rename(folder / f"not-graded-{student.name}")
    timed(folder, "nbgrader", "generate_assignment", UNIT)
    grading = timed(folder, "nbgrader", "autograde", UNIT)
    feedback = timed(folder, "nbgrader", "generate_feedback", UNIT)
    return Measured(grading, SAMPLE), Measured(feedback, SAMPLE)


def sample() -> list[str]:
    """The students whom nbgrader grades too."""
    return [student for student in CLASS if student not in EXHAUSTING][:SAMPLE]


def overhead(folder: Path) -> tuple[float, float, int]:
    """A perfect submission in a class graded by one worker: its median seconds, those of the bare run of the same cells, and the
    most bytes of their own that its processes were seen to hold together: judge, student's process, the next student's.
    """
    write_class(folder)
    perfect = ("ada", "alan", "emmy", "grace", "katherine")
    for student in [path for path in (folder / "submitted").iterdir() if path.name not in perfect]:
        student.rename(folder / f"not-graded-{student.name}")
    for student, number in itertools.product(perfect, range(1, COPIES)):
        shutil.copytree(folder / "submitted" / student, folder / "submitted" / f"{student}_{number}")
    held = graded(folder, UNIT, "--workers", "1").workers
    return statistics.median(record.seconds for record in read_records(folder, UNIT)), bare_run(), held


def bare_run() -> float:
    """Median seconds of the cells of a perfect submission and all its tests, one after the other in this warm process."""
    import torch

    torch.set_num_threads(1)
    unit, handout = load_unit(ROOT, UNIT), handout_of(UNIT)
    answers = handout.perfect(0)
    cells = unit.of_kind(Kind.SHARED, Kind.PLAIN, Kind.ANSWER, Kind.TEST)
    sources = [answers[cell.id].source if cell.kind is Kind.ANSWER else cell.source for cell in cells]
    code = [compile(source, "<cell>", "exec") for source in sources]
    seconds = []
    for _ in range(REPEATS + 1):
        namespace: dict[str, object] = {"__name__": "__main__"}
        start = time.perf_counter()
        with silent():
            for cell in code:
                exec(cell, namespace)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[1:])  # the first one warms up


@contextmanager
def silent() -> Iterator[None]:
    """Without what the cells print and warn."""
    import contextlib
    import io
    import warnings

    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, nargs="+", default=[24, 200], metavar="N", help="sizes of the class")
    sizes = parser.parse_args().students
    table = Table("what", "whole run", "a submission", "against nbgrader", title=f"{UNIT}, wall time")
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        folder = Path(scratch)
        theirs = nbgraders(folder / "nbgrader")
        for verb, measured in zip(("autograde", "generate_feedback"), theirs, strict=True):
            table.add_row(f"nbgrader {verb}, {SAMPLE} submissions", *figures(measured), "1")
        for size in sizes:
            mine = ours(folder / f"class-{size}", size)
            for verb, measured, baseline in zip(("grade", "feedback"), mine, theirs, strict=True):
                ratio = f"{baseline.each / measured.each:.1f} ×"
                table.add_row(f"autograder {verb}, class of {size}", *figures(measured), ratio)
        perfect, bare, held = overhead(folder / "overhead")
    console = Console(width=120)
    console.print(table)
    console.print(
        f"A perfect submission in a class of 50, one worker, median: {perfect * 1000:.0f} ms; the bare run of its cells and tests: "
        f"{bare * 1000:.0f} ms; cost over the bare run: {(perfect - bare) * 1000:.0f} ms ({perfect / bare:.1f} ×). Its judge, its "
        f"student's process and the next one's held at most {held / 1e6:.0f} MB of their own."
    )


def figures(measured: Measured) -> tuple[str, str]:
    """Seconds in all and a submission, as text."""
    return f"{measured.seconds:.1f} s", f"{measured.each * 1000:.0f} ms"


if __name__ == "__main__":
    main()
