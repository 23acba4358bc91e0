"""How long a perfect submission takes, unit by unit: in a class, on one worker, from reading to the record. The goal is a median of 0.4 s.

python -m tests.benchmarks.units
"""

import os
import shutil
import statistics
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder.grade import grade
from autograder.model.records import Record
from autograder.model.units import load_unit
from autograder.running.executors import LocalExecutor
from tests.bank import units
from tests.conftest import ROOT
from tests.submissions.sample_class import handout_of, perfect

LIMIT = 0.4  # seconds
STUDENTS = 9


def records_of_a_class(course: Path, name: str, executor: LocalExecutor) -> list[Record]:
    """Grade a class in which everybody has solved everything, each in another way of the bank's."""
    shutil.copytree(ROOT / "source" / name, course / "source" / name)
    for number in range(STUDENTS):
        folder = course / "submitted" / f"student{number}" / name
        folder.mkdir(parents=True)
        (folder / f"{name}.ipynb").write_text(perfect(number)(handout_of(name)).text, encoding="utf-8")
    return grade(course, name, executor=executor)


def main() -> None:
    """Print one table."""
    table = Table(
        "unit", "tests", "median submission", "a test", f"goal {1000 * LIMIT:g} ms", title="Perfect submissions"
    )
    with LocalExecutor(1) as executor:
        for name in units():
            with tempfile.TemporaryDirectory(prefix="bench-") as course:
                records = records_of_a_class(Path(course), name, executor)
            assert all(record.score == record.max_score for record in records), name
            median = statistics.median(record.seconds for record in records)
            tests = len(load_unit(ROOT, name).tests)
            times = (f"{1000 * median:.0f} ms", f"{1000 * median / tests:.0f} ms")
            table.add_row(name, str(tests), *times, "reached" if median <= LIMIT else "MISSED")
    Console(width=110).print(table)
    print(f"Load of the machine during the last minute: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.")


if __name__ == "__main__":
    main()
