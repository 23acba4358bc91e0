"""Find the submissions of a unit: where each of them lies. Runs nothing."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.errors import CourseError
from autograder.model.text import first_free, is_encodable, listed

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
    meant = () if spelled else tuple(named_after(unit, notebooks_in(named[0])))
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
    loose = notebooks_in(student)
    meant = named_after(unit, loose)
    loose = sorted(set(loose).difference(*(named_after(other, loose) for other in others)))
    oddity = f"the file lay in the folder {student.name}, not in {student.name}/{unit}"
    notebooks = tuple(meant or loose)
    return Submission(student.name, unit, student, notebooks, oddity, own_folder=False) if notebooks else None


def _holds_a_notebook_of(unit: str, folder: Path) -> bool:
    """Whether a notebook in a folder is called after the unit; not where the folder is a link or cannot be read."""
    try:
        return not folder.is_symlink() and bool(named_after(unit, notebooks_in(folder)))
    except OSError:
        return False


def is_spelling_of(unit: str, name: str) -> bool:
    """Whether a name is the unit's but for capital letters and for what stands between the words."""
    return letters_of(unit) == letters_of(name)


def named_after(unit: str, notebooks: Iterable[Path]) -> list[Path]:
    """Return the notebooks whose names contain the unit's, however it is spelled."""
    return sorted(path for path in notebooks if letters_of(unit) in letters_of(path.name))


def letters_of(name: str) -> str:
    """Return what all spellings of a unit's name have in common."""
    return SEPARATORS.sub("", name).casefold()


def notebooks_in(folder: Path) -> list[Path]:
    """Return the notebooks in a folder, including those whose names a browser or a file service made longer."""
    return [path for path in folder.iterdir() if ".ipynb" in path.name.lower() and not path.name.startswith(".")]
