"""Find the submissions of a unit, and in each the one notebook to be graded. Runs nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import dateutil.parser

from autograder.errors import CourseError, SubmissionError
from autograder.reading.read import Handed, file_digest, read_notebook

MAX_FOLDERS = 50  # folders inside a submission that are searched for its notebook


@dataclass(frozen=True)
class Submission:
    """One student's folder for one unit."""

    student: str
    unit: str
    folder: Path


def find_submissions(submitted: Path, unit: str) -> list[Submission]:
    """Return a submission for each `submitted/<student>/<unit>/`, by student; raises CourseError where there is none."""
    if not submitted.is_dir():
        raise CourseError(
            f"{submitted}: no such folder; put submissions into {submitted}/<student>/{unit}/{unit}.ipynb"
        )
    try:
        students = sorted(path.name for path in submitted.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError as error:
        raise CourseError(f"{submitted}: cannot be read ({error.strerror}); mend its permissions") from error
    submissions = [Submission(name, unit, submitted / name / unit) for name in students]
    submissions = [submission for submission in submissions if submission.folder.is_dir()]
    if not submissions:
        raise CourseError(f"{submitted}: nobody has handed in {unit}; looked for {submitted}/<student>/{unit}/")
    return submissions


def read_submission(submission: Submission) -> Handed:
    """Read the notebook of a submission; raises SubmissionError saying what is wrong and what to do."""
    path, repairs = _choose_file(submission)
    handed = read_notebook(path)
    return replace(handed, repairs=(*repairs, *handed.repairs), submitted_at=_submitted_at(submission))


def submission_digest(submission: Submission) -> str:
    """Return the digest of the notebook that `read_submission` would read; raises SubmissionError where there is none."""
    path, _ = _choose_file(submission)
    return file_digest(path)


def _choose_file(submission: Submission) -> tuple[Path, list[str]]:
    """Return the notebook to be graded, and what is unusual about its name, its place or the files beside it."""
    folder, wanted = submission.folder, f"{submission.unit}.ipynb"
    for place in (folder, folder.parent):
        if place.is_symlink():
            raise SubmissionError(f"{place}: a link, perhaps to somebody else's work; hand in the folder itself")
    try:
        notebooks = sorted(_notebooks(folder)) or sorted(path for sub in _folders(folder) for path in _notebooks(sub))
    except OSError as error:
        raise SubmissionError(f"{folder}: cannot be read ({error.strerror}); mend its permissions") from error
    if not notebooks:
        raise SubmissionError(f"{folder}: no notebook; hand in {wanted}")
    chosen = _likeliest(notebooks, wanted)
    if chosen is None:
        names = ", ".join(path.name for path in notebooks)
        raise SubmissionError(f"{folder}: {len(notebooks)} notebooks ({names}); keep one and call it {wanted}")
    return chosen, list(_oddities(submission, chosen, notebooks))


def _notebooks(folder: Path) -> list[Path]:
    """Return the notebooks in a folder, including those whose names a browser or a file service made longer."""
    return [path for path in folder.iterdir() if ".ipynb" in path.name.lower() and not path.name.startswith(".")]


def _folders(folder: Path) -> Iterator[Path]:
    """Yield the folders in a folder and the folders in those: an unpacked archive may have made them."""
    inside = [path for path in folder.iterdir() if path.is_dir() and not path.is_symlink() and path.name[0] not in "._"]
    for path in islice(sorted(inside), MAX_FOLDERS):
        yield path
        deeper = [sub for sub in path.iterdir() if sub.is_dir() and not sub.is_symlink() and sub.name[0] not in "._"]
        yield from islice(sorted(deeper), MAX_FOLDERS)


def _likeliest(notebooks: list[Path], wanted: str) -> Path | None:
    """Return the notebook with the right name, else the only one, else the only one whose name contains the unit's."""
    unit = wanted.removesuffix(".ipynb").lower()
    for candidates in (
        [path for path in notebooks if path.name == wanted],
        notebooks,
        [path for path in notebooks if unit in path.name.lower()],
    ):
        if len(candidates) == 1:
            return candidates[0]
    return None


def _oddities(submission: Submission, chosen: Path, notebooks: list[Path]) -> Iterator[str]:
    """Say where the notebook was found and what was beside it, where that is not as it should be."""
    wanted = f"{submission.unit}.ipynb"
    if chosen.name != wanted:
        yield f"the file was called {chosen.name}, not {wanted}"
    if chosen.parent != submission.folder:
        yield f"the file was in the folder {chosen.parent.relative_to(submission.folder)}"
    others = [path.name for path in notebooks if path != chosen]
    if others:
        yield f"{chosen.name} was graded; {', '.join(others)} beside it was not"


def _submitted_at(submission: Submission) -> str:
    """Return the time in nbgrader's timestamp.txt, in UTC; empty without one: a file's own time is when it was copied here."""
    try:
        stamp: datetime = dateutil.parser.parse((submission.folder / "timestamp.txt").read_text()[:100].strip())
    except (OSError, ValueError, OverflowError):
        return ""
    return stamp.astimezone(UTC).isoformat() if stamp.tzinfo else stamp.replace(tzinfo=UTC).isoformat()
