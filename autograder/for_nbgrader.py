"""What nbgrader's commands and formgrader's buttons do here in place of their own: nbgrader_config.py says so.

Generate refuses what `python -m autograder release` refuses, and runs the reference solution. Autograde runs `python -m autograder grade` for the
students it is for, so points, records and comments are the same by whichever way a submission was graded.
"""

import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.errors import CourseError, UnitError
from autograder.model.records import Record
from autograder.model.units import Unit
from autograder.publish import all_refusals, references


class CheckBeforeRelease(NbGraderPreprocessor):
    """Refuse a unit for all that `python -m autograder release` refuses it for; comes before all other preprocessors."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        course, name = Path.cwd(), resources["nbgrader"]["notebook"]  # nbgrader works in the course folder
        unit = Unit(name, course / "source" / name / f"{name}.ipynb", nb)
        with references(course) as run_reference:
            if refused := all_refusals(unit, run_reference):
                raise UnitError("\n".join(refused))
        return nb, resources


def take_over_autograde() -> None:
    """Let `nbgrader autograde` and formgrader's Autograde button run our grader.

    No setting of nbgrader's can do that: its lists of preprocessors see only notebooks that nbformat can read and that are named as the
    release is, and ours are mended first.
    """
    Autograde.start = _start  # type: ignore[method-assign]


def _start(converter: Autograde) -> None:
    """Grade the submissions that nbgrader would; what is said of each goes into nbgrader's log, which formgrader shows.

    Raises NbGraderException where nothing can be graded, or the grader itself failed on a submission.
    """
    try:
        records = _graded(converter)
    except CourseError as error:
        converter.log.error(str(error))
        raise NbGraderException(str(error)) from error
    for record in records:
        converter.log.info(_in_words(record))
    if failed := [record.student for record in records if record.failed]:
        message = f"the grader itself failed on {', '.join(failed)}; see records/{records[0].unit}/failures.log, and try again"
        converter.log.error(message)
        raise NbGraderException(message)


def _graded(converter: Autograde) -> list[Record]:
    if sys.platform != "linux":
        raise CourseError(
            "grading needs Linux to isolate students' code; run it as “In a container” in docs/instructors.md describes"
        )
    from autograder.grade import grade
    from autograder.gradebook.warm import end_warm_process

    folders: CourseDirectory = converter.coursedir
    excluded = folders.student_id_exclude.split(",")
    course = Path(folders.root)
    try:
        return grade(
            course,
            folders.assignment_id,
            course / folders.submitted_directory,
            force=converter.force,
            wanted=lambda student: fnmatchcase(student, folders.student_id) and student not in excluded,
        )
    finally:
        end_warm_process()  # formgrader's own process may run for weeks


def _in_words(record: Record) -> str:
    words = [f"{record.student}: {record.score:g} of {record.max_score:g} points from tests"]
    words += [f"not graded: {record.problem}"] if record.problem else []
    return "; ".join([*words, *(f"repaired: {repair}" for repair in record.repairs), *record.notes])
