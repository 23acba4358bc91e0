"""The pipeline from source to release: read, look for what must be refused, run the reference solution, write."""

import contextlib
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from autograder.errors import ReferenceSolutionError, UnitError
from autograder.gradebook.limits import limits_of
from autograder.model.files import make_private_folder, writing
from autograder.model.records import records_folder
from autograder.model.units import Unit, faults, read_unit
from autograder.release.build import refusals, write_release

CELL = re.compile(r"the (?:test|locked cell) '[^']*'")


def publish(course: Path, name: str, run_reference: Callable[[Unit], list[str]] | None) -> Path:
    """Write a unit's release, unless `grade` would refuse the unit or the release would leak; return the notebook's path.

    `run_reference`: see `references`. Raises UnitError with a line for each reason, CourseError where a folder cannot be written.
    """
    unit = read_unit(course, name)
    if refused := all_refusals(unit, run_reference):
        raise UnitError("\n".join(refused))
    return write_release(course, unit)


def all_refusals(unit: Unit, run_reference: Callable[[Unit], list[str]] | None) -> list[str]:
    """Return a sentence for each reason why a unit is not released: those of its text, then those of its reference solution."""
    refused = refusals(unit)
    if run_reference is not None and not faults(unit):
        refused += [words for words in run_reference(unit) if not _is_explained(words, refused)]
    return refused


@contextlib.contextmanager
def references(course: Path) -> Iterator[Callable[[Unit], list[str]] | None]:
    """Give a function that runs a unit's reference solution as `grade` does, and says what is wrong with it; None where there is no Linux.

    What a reference does is kept beside the records, so `grade` need not run it again, and a unit that has not changed is not run twice.
    All units share one warm process, which starts with the first that is run.
    """
    if sys.platform != "linux":
        yield None
        return
    from autograder.running.executors import LocalExecutor  # these need Linux
    from autograder.running.manifest import grader_version, kept_manifest

    limits = limits_of(course)
    version = grader_version(limits)
    with LocalExecutor() as executor:

        def run_reference(unit: Unit) -> list[str]:
            folder = records_folder(course, unit.name)
            with writing(folder):
                make_private_folder(folder.parent)
                make_private_folder(folder)
            try:
                kept_manifest(course, unit, version, executor, limits)
            except ReferenceSolutionError as error:
                return str(error).splitlines()
            return []

        yield run_reference


def _is_explained(words: str, refused: list[str]) -> bool:
    """Return whether the test or locked cell that the reference stops at is refused already: then that is probably why."""
    cell = CELL.search(words)
    return cell is not None and any(cell[0] in other for other in refused)
