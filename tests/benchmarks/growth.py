"""How the cost of grading grows with the class and with the unit: time a submission, and memory, which is to stay flat.

python -m tests.benchmarks.growth                    # classes of 25 to 1,000 of unit 05, what one of them costs in all, and each unit
python -m tests.benchmarks.growth --students 25 100
"""

import argparse
import contextlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from rich.console import Console
from rich.progress import track
from rich.table import Table

from autograder.model.records import read_records
from autograder.model.units import Kind, load_unit
from autograder.sandbox.usage import descendants
from tests.conftest import ROOT
from tests.submissions.sample_class import UNIT, write_class

SIZES = (25, 100, 400, 1000)
EACH_UNIT = 48
LEFT = {
    "submitted": "handed in",
    "records": "record",
    "autograded": "for formgrader",
    "gradebook.db": "gradebook",
    "feedback": "feedback page",
}
LOOK_EVERY = 0.25  # seconds
ROLES = {"autograder.running.warm": "warm", "autograder.gradebook.warm": "gradebook"}


@dataclass
class Grading:
    """One run of `grade`: seconds of wall time and of processor time, and the most bytes of its own that each kind of process held."""

    seconds: float = 0.0
    first: float = 0.0  # until the first record
    most: dict[str, int] = field(default_factory=dict)
    workers: int = 0  # the most that all judges and students' processes held together
    busy: dict[str, float] = field(default_factory=dict)  # by kind, and "all" of them


def graded(course: Path, unit: str, *flags: str) -> Grading:
    """Grade a class from nothing and look at its processes meanwhile."""
    start, before = time.perf_counter(), processor_seconds()
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", "grade", unit, *flags],
        cwd=course,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    found = Grading()
    records = course / "records" / unit
    while process.poll() is None:
        workers = 0
        for role, pid in roles(process.pid):
            held = private_bytes(pid)
            found.most[role] = max(found.most.get(role, 0), held)
            workers += held if role == "worker" else 0
            with contextlib.suppress(psutil.Error):
                found.busy[role] = max(found.busy.get(role, 0.0), sum(psutil.Process(pid).cpu_times()[:2]))
        found.workers = max(found.workers, workers)
        if not found.first and any(not path.name.startswith(".") for path in records.glob("*.json")):
            found.first = time.perf_counter() - start
        time.sleep(LOOK_EVERY)
    found.seconds = time.perf_counter() - start
    found.busy["all"] = processor_seconds() - before
    if process.returncode:
        assert process.stderr is not None
        raise SystemExit(f"grade {unit} failed:\n{process.stderr.read()[-2000:]}")
    return found


def private_bytes(pid: int) -> int:
    """What a process holds and shares with no other; 0 for one that has ended."""
    with contextlib.suppress(psutil.Error):
        return int(psutil.Process(pid).memory_full_info().uss)
    return 0


def processor_seconds() -> float:
    """What the processes that this one started, and theirs, have used until they ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def roles(pid: int) -> Iterator[tuple[str, int]]:
    """The kind of each process of a grader, and its number."""
    yield "grader", pid
    for child in descendants(pid):
        with contextlib.suppress(psutil.Error, OSError):
            words = " ".join(psutil.Process(child).cmdline())
            forked = "autograder.running.warm" in words and psutil.Process(child).ppid() != pid
            role = "worker" if forked else next((role for module, role in ROLES.items() if module in words), "worker")
            yield role, child


def by_class(folder: Path, sizes: list[int]) -> Iterator[Table]:
    """Unit 05 with classes of several sizes; what the last of them costs in all."""
    table = Table(
        "students",
        "in all",
        "until the first",
        "each one after",
        *KINDS,
        title=f"{UNIT}: time, and most private memory",
    )
    for size in track(sizes, "classes", console=Console(stderr=True)):
        course = folder / f"class-{size}"
        write_class(course, students=size)
        found = graded(course, UNIT)
        each = (found.seconds - found.first) / size
        memory = [f"{found.most.get(kind, 0) >> 20:,} MB" for kind in KINDS]
        table.add_row(f"{size:,}", f"{found.seconds:.1f} s", f"{found.first:.1f} s", f"{each * 1000:.0f} ms", *memory)
    yield table
    yield time_used(course, size, found.busy)
    yield left_behind(course, size)


def by_unit(folder: Path) -> Table:
    """Every unit with the same class: a submission's own time against what it holds."""
    table = Table("unit", "tests", "answers", "median submission", "a test", title=f"classes of {EACH_UNIT}")
    units = sorted(path.name for path in (ROOT / "source").iterdir() if (path / f"{path.name}.ipynb").exists())
    for name in track(units, "units", console=Console(stderr=True)):
        course = folder / f"unit-{name}"
        write_class(course, (name,), students=EACH_UNIT)
        graded(course, name)
        unit = load_unit(ROOT, name)
        seconds = statistics.median(record.seconds for record in read_records(course, name) if not record.problem)
        tests = len(unit.tests)
        answers = len(list(unit.of_kind(Kind.ANSWER)))
        table.add_row(name, str(tests), str(answers), f"{seconds * 1000:.0f} ms", f"{seconds / tests * 1000:.1f} ms")
    return table


def time_used(course: Path, students: int, busy: dict[str, float]) -> Table:
    """Who is busy for how long with one submission of a graded class; makes its feedback pages."""
    before = processor_seconds()
    subprocess.run([sys.executable, "-m", "autograder", "feedback", UNIT], cwd=course, capture_output=True, check=True)
    seconds = {
        "cells and tests": busy["all"] - busy["grader"] - busy["gradebook"],
        "grader": busy["grader"],
        "gradebook": busy["gradebook"],
        "feedback pages": processor_seconds() - before,
    }
    table = Table("a submission", "processor time", title=f"class of {students:,}")
    for what, used in seconds.items():
        table.add_row(what, f"{used / students * 1000:.0f} ms")
    return table


def left_behind(course: Path, students: int) -> Table:
    """What one submission of a graded class leaves on the disk."""
    table = Table("a submission", "on the disk", title=f"class of {students:,}")
    for name, what in LEFT.items():
        table.add_row(what, f"{bytes_of(course / name) / students / 1000:.0f} kB")
    return table


def bytes_of(path: Path) -> int:
    """Bytes of a file, or of all in a folder."""
    return sum(file.stat().st_size for file in (path.rglob("*") if path.is_dir() else [path]) if file.is_file())


KINDS = ("grader", "warm", "gradebook", "worker")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, nargs="+", default=list(SIZES), metavar="N", help="sizes of the class")
    sizes = parser.parse_args().students
    console = Console(width=110)
    with tempfile.TemporaryDirectory(prefix="growth-") as scratch:
        for table in (*by_class(Path(scratch), sizes), by_unit(Path(scratch))):
            console.print(table)


if __name__ == "__main__":
    main()
