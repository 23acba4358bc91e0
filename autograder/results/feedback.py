"""A page for each student: points, answers, and what each test said. Of a hidden test only the author's hint is shown.

Everything that a student wrote or caused is escaped and freed of control characters; pages need no network and no script.
"""

import contextlib
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from nbconvert.exporters import Exporter
from nbformat import NotebookNode

from autograder.errors import CourseError, PartlyDone, RecordError
from autograder.gradebook.reviews import read_reviews
from autograder.model.files import concerns_one_file, read_words, write_whole, writing
from autograder.model.progress import Progress, no_progress
from autograder.model.records import Record, read_record
from autograder.model.reviews import Review
from autograder.model.text import first_line
from autograder.model.units import Unit, load_unit
from autograder.reading.beside import SECRET, TIME_STAMP
from autograder.results.feedback_page import feedback_page
from autograder.results.pages import fill
from autograder.results.solutions import Solution
from autograder.results.wording import without_paths

NO_SOLUTIONS: Mapping[str, Solution] = MappingProxyType({})


def write_feedback(
    course: Path,
    unit: Unit,
    records: Iterable[Record],
    progress: Progress = no_progress,
    solutions: Mapping[str, Solution] = NO_SOLUTIONS,
) -> list[Path]:
    """Write `feedback/<student>/<unit>/<unit>.html` for each record; return the paths.

    The pages show `solutions`, the author's by exercise, and keep none of an earlier run.
    Raises CourseError where no page can be written, PartlyDone where all but a few are.
    """
    records = list(records)
    reviews = read_reviews(course, unit)
    paths: list[Path] = []
    refused: dict[str, str] = {}
    for done, record in enumerate(records, 1):
        path = course / "feedback" / record.student / unit.name / f"{unit.name}.html"
        try:
            with writing(path):
                write_whole(path, render(course, unit, record, reviews.get(record.student), solutions))
                path.chmod(0o644)
                _copy_names_for_exchange(course / "autograded" / record.student / unit.name, path.parent)
            paths.append(path)
        except Exception as error:
            if not concerns_one_file(error) or (not paths and isinstance(error, CourseError) and done == len(records)):
                raise
            refused[record.student] = f"{type(error).__name__}: {first_line(error)}"
        progress("feedback", done, len(records))
    _name_all_for_exchange([path.parent for path in paths])
    if refused:
        raise PartlyDone(f"{unit.name}: {len(paths)} pages are written", refused, paths)
    return paths


def _copy_names_for_exchange(graded: Path, folder: Path) -> None:
    """Copy what `nbgrader release_feedback` needs beside a page that came through its exchange: the time and the secret of what was graded."""
    for name in (TIME_STAMP, SECRET):
        with contextlib.suppress(FileNotFoundError):
            write_whole(folder / name, read_words(graded / name), private=name == SECRET)


def _name_all_for_exchange(folders: list[Path]) -> None:
    """Name the pages that did not come through the exchange too, if any did: `nbgrader release_feedback` stops at one without a secret.

    Such a name is random, so nobody can look it up.
    """
    if not any((folder / SECRET).exists() for folder in folders):
        return
    for folder in folders:
        for name, text in ((TIME_STAMP, ""), (SECRET, secrets.token_urlsafe())):
            if not (folder / name).exists():
                write_whole(folder / name, text, private=name == SECRET)


def render(
    course: Path,
    unit: Unit,
    record: Record,
    review: Review | None = None,
    solutions: Mapping[str, Solution] = NO_SOLUTIONS,
) -> str:
    """Return one student's page as HTML. This machine's paths are shortened to begin at the course folder."""
    return fill("feedback.html.j2", feedback_page(unit, without_paths(record, course), review or Review(), solutions))


class FeedbackExporter(Exporter):
    """Makes `nbgrader generate_feedback` and formgrader's button write these pages, not nbgrader's with the hidden tests."""

    file_extension = ".html"

    # Like every exporter of text it returns (text, resources), which the base class's type does not say.
    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **_kwargs: Any) -> Any:
        """Return the student's page; the record and not the notebook holds what it shows."""
        resources = self._init_resources(resources)
        student, assignment = resources["nbgrader"]["student"], resources["nbgrader"]["assignment"]
        course = Path.cwd()
        record = read_record(course, assignment, student)
        if record is None:
            raise RecordError(f"{student}: not graded yet; run: python -m autograder grade {assignment}")
        unit, reviews = self._unit_and_reviews(course, assignment)
        return render(course, unit, record, reviews.get(record.student)), resources

    def _unit_and_reviews(self, course: Path, name: str) -> tuple[Unit, dict[str, Review]]:
        """Read the unit and the reviews once per class: nbgrader makes one exporter for all students."""
        kept = getattr(self, "_kept", None)
        if kept is None or kept[0].name != name:
            unit = load_unit(course, name)
            kept = self._kept = (unit, read_reviews(course, unit))
        return kept
