"""`make bench-load`: whether a class earns the same points however busy the machine is. Exits with 1 where a point differs.

One class is graded idle, with four busy processes per core, with 16 workers per core, pinned to one core, and with nothing of
Python and PyTorch in the page cache.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder.model.records import read_records
from autograder.sandbox.usage import usable_cores
from tests.submissions.sample_class import write_class

UNITS = ("02_nonlinearity", "05_cross_entropy")  # the one that computes most, and the one with endless loops
STUDENTS = 24
BUSY_PER_CORE = 4
WORKERS_PER_CORE = 16
SPIN = "while True: pass"


@dataclass(frozen=True)
class Condition:
    """One way to grade the class."""

    name: str
    flags: tuple[str, ...] = ()
    before: tuple[str, ...] = ()  # what the command is run by
    busy: int = 0  # processes that compute all the while
    cold: bool = False


@dataclass(frozen=True)
class Graded:
    """Points by unit, student and test, and how long it took."""

    points: dict[tuple[str, str, str], float]
    seconds: float


def conditions() -> list[Condition]:
    """Return the idle condition first, with which the others are compared."""
    cores = usable_cores()
    core = min(os.sched_getaffinity(0))
    return [
        Condition("idle"),
        Condition(f"{BUSY_PER_CORE} busy processes per core", busy=BUSY_PER_CORE * cores),
        Condition(f"{WORKERS_PER_CORE} workers per core", flags=("--workers", str(WORKERS_PER_CORE * cores))),
        Condition("pinned to one core", before=("taskset", "--cpu-list", str(core))),
        Condition("cold start", cold=True),
    ]


def graded(course: Path, units: tuple[str, ...], condition: Condition) -> Graded:
    """Grade a class from nothing."""
    if condition.cold:
        evict(Path(sysconfig.get_path("purelib")))
        evict(Path(sysconfig.get_path("stdlib")))
    command = [*condition.before, sys.executable, "-m", "autograder", "grade", *units, *condition.flags]
    with spinning(condition.busy):
        start = time.perf_counter()
        done = subprocess.run(command, cwd=course, capture_output=True, text=True)
        seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    points = {
        (unit, record.student, test.grade_id): test.score
        for unit in units
        for record in read_records(course, unit)
        for test in record.tests
    }
    return Graded(points, seconds)


@contextlib.contextmanager
def spinning(count: int) -> Iterator[None]:
    """Keep so many processes computing."""
    processes = [subprocess.Popen([sys.executable, "-c", SPIN]) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()


def evict(folder: Path) -> None:
    """Ask the kernel to forget the content of every file in a folder; what other processes have mapped stays."""
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)


def main() -> int:
    """Grade under every condition, print what differs and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", nargs="+", default=list(UNITS), metavar="UNIT", help="units of the class")
    parser.add_argument("--students", type=int, default=STUDENTS, metavar="N", help="size of the class")
    options = parser.parse_args()
    units = tuple(options.units)
    console = Console(width=120)
    table = Table("condition", "seconds", "points that differ", "tests that differ")
    idle: Graded | None = None
    different = False
    with tempfile.TemporaryDirectory(prefix="load-") as scratch:
        handed_in = Path(scratch, "class")
        write_class(handed_in, units, students=options.students)
        for number, condition in enumerate(conditions()):
            course = Path(scratch, str(number))
            shutil.copytree(handed_in, course)
            now = graded(course, units, condition)
            idle = idle or now
            changed = [test for test in idle.points if now.points.get(test) != idle.points[test]]
            lost = sum(abs(now.points.get(test, 0.0) - idle.points[test]) for test in changed)
            different |= bool(changed)
            table.add_row(condition.name, f"{now.seconds:.1f}", f"{lost:g}", ", ".join(map("/".join, changed[:5])))
    console.print(table)
    console.print(f"{options.students} students, units {', '.join(units)}, {usable_cores()} cores.", highlight=False)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
