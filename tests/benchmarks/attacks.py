"""Every attack once on the grader here and once on plain `nbgrader autograde`, in one run: how many each holds, by kind.

    python -m tests.benchmarks.attacks              # half an hour of two cores
    python -m tests.benchmarks.attacks --every 10   # every tenth attack, on both

Boxes keep the attacks on nbgrader from the machine (`tests/submissions/against_nbgrader.py`, whose table names each attack); those that
no box makes bearable are not run there, and count for neither side. Needs root.
"""

import argparse
import datetime
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tests.autograder.test_hostile import Graded, grade_all
from tests.submissions.against_nbgrader import (
    NOT_RUN,
    Entry,
    Seen,
    attacked_all,
    entries,
    faults_here,
    neighbours,
    ready,
    released_by_nbgrader,
)

POINTS = "points for nothing"


@dataclass(frozen=True)
class Compared:
    """One attack, and what went wrong with it on either side."""

    kind: str
    here: tuple[str, ...]
    nbgrader: tuple[str, ...]


def main() -> int:
    """Attack both and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="take every Nth attack")
    arguments = parser.parse_args()
    if not ready("tests.benchmarks.attacks"):
        return 2
    chosen = [entry for entry in entries() if entry.student not in NOT_RUN][:: max(1, arguments.every)]
    with tempfile.TemporaryDirectory(prefix="attacks-") as folder:
        ours = grade_all(Path(folder), "attacks-no-such-mark")
    with released_by_nbgrader() as prepared:
        theirs = {seen.attack: seen for seen in attacked_all(chosen, prepared)}
    print("\n".join(table(compared(chosen, ours, theirs))))
    print(f"\nNeighbours here with all their points: {neighbours(ours)}. Run on neither side: {', '.join(NOT_RUN)}.")
    return 0


def compared(chosen: Sequence[Entry], ours: Graded, theirs: Mapping[str, Seen]) -> list[Compared]:
    """Set beside each other what went wrong on either side."""
    return [
        Compared(entry.kind, tuple(faults_here(entry, ours)), tuple(theirs[entry.student].faults)) for entry in chosen
    ]


def table(results: Sequence[Compared]) -> Iterator[str]:
    """Yield the table in Markdown: a line per kind, and one for all."""
    today = datetime.datetime.now(datetime.UTC).date()
    yield f"{today}, nbgrader {version('nbgrader')}, torch {version('torch')}, Python {sys.version.split()[0]}, one run."
    yield ""
    yield f"| kind | attacks | held here | {POINTS} here | held by nbgrader | {POINTS} there |"
    yield "|---|---:|---:|---:|---:|---:|"
    for kind in dict.fromkeys(result.kind for result in results):
        yield _line(kind, [result for result in results if result.kind == kind])
    yield _line("all", results)


def _line(kind: str, results: Sequence[Compared]) -> str:
    here, there = [result.here for result in results], [result.nbgrader for result in results]
    numbers = [len(results), *(number for side in (here, there) for number in (side.count(()), _points(side)))]
    return f"| {kind} | {' | '.join(map(str, numbers))} |"


def _points(side: Sequence[tuple[str, ...]]) -> int:
    return sum(POINTS in faults for faults in side)


if __name__ == "__main__":
    sys.exit(main())
