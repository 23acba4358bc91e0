"""Find the submissions of a unit, and in each the one notebook to be graded and the files beside it. Runs nothing."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from autograder.errors import CourseError, SubmissionError
from autograder.model.text import first_free, is_encodable, listed
from autograder.reading.beside import FilesBeside, digest_with, files_beside
from autograder.reading.read import Handed, file_digest, read_notebook
from autograder.reading.timestamp import TimeStamp, read_timestamp

MAX_FOLDERS = 50  # folders inside a submission that are searched for its notebook
SEPARATORS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Submission:
    """One student's submission of one unit.

    `folder` is where it lies. Where that is not `<student>/<unit>/`, `oddity` says so and `notebooks` are the notebooks there that
    may be meant; otherwise every notebook in the folder may. `own_folder`: whether it has a folder to itself within the student's.
    `problem`: why none can be chosen, where that was seen at once.
    """

    student: str
    unit: str
    folder: Path
    notebooks: tuple[Path, ...] = ()
    oddity: str = ""
    own_folder: bool = True
    problem: str = ""

    @property
    def submitted(self) -> Path:
        """The folder that holds the students' folders: what lies below it is the students' work, where no link is followed."""
        return self.folder.parent.parent if self.own_folder else self.folder.parent


def find_submissions(submitted: Path, unit: str, units: Iterable[str] = ()) -> list[Submission]:
    """Return a submission for each student who has handed in the unit, by student; raises CourseError where there is none.

    It belongs into `submitted/<student>/<unit>/`. A student who has no such folder but another that can be meant, or a notebook
    outside any unit's folder, is not passed over. `units`: all units of the course, so that a notebook of another is known.
    """
    if not submitted.is_dir():
        raise CourseError(
            f"{submitted}: no such folder; put submissions into {submitted}/<student>/{unit}/{unit}.ipynb"
        )
    try:
        students = sorted(path for path in submitted.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError as error:
        raise CourseError(f"{submitted}: cannot be read ({error.strerror}); mend its permissions") from error
    others = [other for other in units if other != unit]
    submissions = [submission for student in students if (submission := _submission(student, unit, others))]
    if not submissions:
        raise CourseError(f"{submitted}: nobody has handed in {unit}; looked for {submitted}/<student>/{unit}/")
    return _with_readable_names(submissions)


def _submission(student: Path, unit: str, others: Iterable[str]) -> Submission | None:
    """Return what a student has handed in for a unit; None where that is nothing.

    Where nobody can see whether it is, the unit's folder counts as handed in: reading it says what is wrong.
    """
    folder = student / unit
    try:
        if folder.is_dir():
            return Submission(student.name, unit, folder)
        if student.is_symlink():
            return None
        return (
            _in_an_odd_folder(student, unit)
            or _outside_every_folder(student, unit, others)
            or _in_no_folder_for_sure(student, unit)
        )
    except OSError:  # its permissions
        return Submission(student.name, unit, folder)


def _with_readable_names(submissions: list[Submission]) -> list[Submission]:
    """Return the submissions, each with a student's name that can be written anywhere, and no two with the same."""
    names = {submission.student for submission in submissions if is_encodable(submission.student)}
    readable = []
    for submission in submissions:
        if not is_encodable(submission.student):
            name = first_free(os.fsencode(submission.student).decode("latin-1"), names)
            names.add(name)
            oddity = f"the name of the folder {name} is not in UTF-8: rename it"
            submission = replace(submission, student=name, oddity="; ".join(filter(None, (oddity, submission.oddity))))
        readable.append(submission)
    return sorted(readable, key=lambda submission: submission.student)


def _in_an_odd_folder(student: Path, unit: str) -> Submission | None:
    """Return the submission in a folder that is called almost as the unit, or that alone holds a notebook called so."""
    spelled, holding = _odd_folders(student, unit)
    named = spelled or holding
    if len(named) != 1:
        return None
    oddity = f"the folder was called {named[0].name}, not {unit}"
    meant = () if spelled else tuple(_named_after(unit, _notebooks(named[0])))
    return Submission(student.name, unit, named[0], meant, oddity)


def _odd_folders(student: Path, unit: str) -> tuple[list[Path], list[Path]]:
    """Return the folders that are called almost as the unit, and those that hold a notebook called so."""
    folders = sorted(path for path in student.iterdir() if path.is_dir() and path.name[0] not in "._")[:MAX_FOLDERS]
    spelled = [path for path in folders if is_spelling_of(unit, path.name)]
    return spelled, [path for path in folders if path not in spelled and _holds_a_notebook_of(unit, path)]


def _in_no_folder_for_sure(student: Path, unit: str) -> Submission | None:
    """Return a submission that says why nobody can tell where it is: several folders may be meant, or something else has the name."""
    spelled, holding = _odd_folders(student, unit)
    place = student / unit
    if len(meant := spelled or holding) > 1:
        names = listed([path.name for path in meant])
        return Submission(student.name, unit, place, problem=f"{names} may each be meant; keep one and call it {unit}")
    if os.path.lexists(place):
        return Submission(
            student.name, unit, place, problem=f"no folder; hand in a folder of this name with {unit}.ipynb in it"
        )
    return None


def _outside_every_folder(student: Path, unit: str, others: Iterable[str]) -> Submission | None:
    """Return the submission in the student's own folder: the notebooks called after the unit, or else after none."""
    loose = _notebooks(student)
    meant = _named_after(unit, loose)
    loose = sorted(set(loose).difference(*(_named_after(other, loose) for other in others)))
    oddity = f"the file lay in the folder {student.name}, not in {student.name}/{unit}"
    notebooks = tuple(meant or loose)
    return Submission(student.name, unit, student, notebooks, oddity, own_folder=False) if notebooks else None


def _holds_a_notebook_of(unit: str, folder: Path) -> bool:
    """Whether a notebook in a folder is called after the unit; not where the folder is a link or cannot be read."""
    try:
        return not folder.is_symlink() and bool(_named_after(unit, _notebooks(folder)))
    except OSError:
        return False


def is_spelling_of(unit: str, name: str) -> bool:
    """Whether a name is the unit's but for capital letters and for what stands between the words."""
    return letters_of(unit) == letters_of(name)


def _named_after(unit: str, notebooks: Iterable[Path]) -> list[Path]:
    """Return the notebooks whose names contain the unit's, however it is spelled."""
    return sorted(path for path in notebooks if letters_of(unit) in letters_of(path.name))


def letters_of(name: str) -> str:
    """Return what all spellings of a unit's name have in common."""
    return SEPARATORS.sub("", name).casefold()


def read_submission(submission: Submission) -> Handed:
    """Read a submission; raises SubmissionError saying what is wrong and what to do."""
    path, oddities = _choose_file(submission)
    handed = read_notebook(path, submission.submitted)
    beside, stamp = _files_beside(submission, path), time_of(submission)
    return replace(
        handed,
        digest=digest_with(handed.digest, beside.contents),
        submitted_at=stamp.utc,
        files=beside.contents,
        repairs=(*oddities, *handed.repairs, *beside.repairs, *stamp.repairs),
    )


def submission_digest(submission: Submission) -> str:
    """Return the digest of what `read_submission` would read; raises SubmissionError where there is no notebook."""
    path, _ = _choose_file(submission)
    return digest_with(file_digest(path, submission.submitted), _files_beside(submission, path).contents)


def time_of(submission: Submission) -> TimeStamp:
    """Return when a submission was handed in."""
    return read_timestamp(submission.folder, submission.submitted)


def _files_beside(submission: Submission, notebook: Path) -> FilesBeside:
    """Return the files beside the notebook."""
    try:
        own_folder = notebook.parent != submission.folder or submission.own_folder
        return files_beside(notebook, own_folder, submission.submitted)
    except OSError as error:
        return FilesBeside(repairs=(f"the files beside the notebook could not be read ({error.strerror})",))


def _choose_file(submission: Submission) -> tuple[Path, list[str]]:
    """Return the notebook to be graded, and what is unusual about its name, its place or the files beside it."""
    folder, wanted = submission.folder, f"{submission.unit}.ipynb"
    if submission.problem:
        raise SubmissionError(f"{folder}: {submission.problem}")
    try:
        for place in (folder, folder.parent) if submission.own_folder else (folder,):
            if place.is_symlink():
                raise SubmissionError(f"{place}: a link, perhaps to somebody else's work; hand in the folder itself")
        notebooks = sorted(submission.notebooks or _notebooks(folder))
        notebooks = notebooks or sorted(path for sub in _folders(folder) for path in _notebooks(sub))
    except OSError as error:
        raise SubmissionError(f"{folder}: cannot be read ({error.strerror}); mend its permissions") from error
    if not notebooks:
        raise SubmissionError(f"{folder}: no notebook; hand in {wanted}")
    if _is_a_guess(submission):
        names = listed([path.name for path in notebooks])
        raise SubmissionError(
            f"{folder}: {names} may belong to any unit; if it is this one, hand it in as {submission.student}/"
            f"{submission.unit}/{wanted}"
        )
    chosen = _likeliest(notebooks, wanted)
    if chosen is None:
        names = listed([path.name for path in notebooks])
        raise SubmissionError(f"{folder}: {len(notebooks)} notebooks ({names}); keep one and call it {wanted}")
    return chosen, list(_oddities(submission, chosen, notebooks))


def _is_a_guess(submission: Submission) -> bool:
    """Whether nothing says that the notebooks belong to the unit."""
    return bool(submission.notebooks) and not _named_after(submission.unit, submission.notebooks)


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
    if submission.oddity:
        yield submission.oddity
    if chosen.name != wanted:
        yield f"the file was called {chosen.name}, not {wanted}"
    if chosen.parent != submission.folder:
        yield f"the file was in the folder {chosen.parent.relative_to(submission.folder)}"
    others = [path.name for path in notebooks if path != chosen]
    if others:
        yield f"{chosen.name} was graded; {listed(others)} beside it was not"
