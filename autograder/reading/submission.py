"""Read a submission: of its notebooks the one that is meant, the files beside it, and when it was handed in. Runs nothing."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from autograder.errors import SubmissionError
from autograder.model.text import listed
from autograder.reading.beside import NOTEBOOKS, FilesBeside, digest_with, files_beside
from autograder.reading.find import MAX_FOLDERS, Submission, named_after, notebooks_in
from autograder.reading.plain_file import NotPlain, read_plain_file
from autograder.reading.read import Handed, file_digest, read_notebook
from autograder.reading.several import Answers, worked_in
from autograder.reading.timestamp import TimeStamp, read_timestamp

OTHER_ENDINGS = (".json", ".txt")
MAX_ITSELF = 8 << 20  # bytes of a notebook that its own cells can read


@dataclass(frozen=True)
class _Notebooks:
    """The notebooks of a submission, those in folders inside last, and the one that its name or its place speaks for."""

    named: Path | None
    all: list[Path]

    @property
    def first(self) -> Path:
        """The one that is read where names alone decide, or the first of several that may be meant."""
        return self.named or self.all[0]


def read_submission(submission: Submission, answers_of: Callable[[Handed], Answers] | None = None) -> Handed:
    """Read a submission; raises SubmissionError saying what is wrong and what to do.

    `answers_of`: what was answered in a notebook. With it, a notebook that holds the work counts before one that only has the name.
    """
    there = _notebooks_there(submission)
    chosen = there.named if answers_of is None else _worked_in(submission, there, answers_of)
    if chosen is None:
        names = listed([path.name for path in there.all])
        raise SubmissionError(
            f"{submission.folder}: {len(there.all)} notebooks ({names}); keep one and call it {submission.unit}.ipynb"
        )
    handed = read_notebook(chosen, submission.submitted)
    beside, stamp = _files_beside(submission, chosen), time_of(submission)
    is_all = chosen == there.first and (submission.own_folder or len(there.all) == 1)
    return replace(
        handed,
        digest=digest_with(handed.digest, beside.contents) if is_all else submission_digest(submission),
        submitted_at=stamp.utc,
        files={**_itself(submission, chosen, handed), **beside.contents},
        repairs=(*_oddities(submission, chosen, there), *handed.repairs, *beside.repairs, *stamp.repairs),
    )


def _itself(submission: Submission, notebook: Path, handed: Handed) -> dict[str, bytes]:
    """Return the notebook's own file where a cell asks for notebooks (`!jupyter nbconvert`): for a kernel it lies in its folder."""
    if not any(cell.code and NOTEBOOKS in cell.source for cell in handed.cells):
        return {}
    with contextlib.suppress(NotPlain, OSError):  # changed since it was read
        content = read_plain_file(notebook, MAX_ITSELF, submission.submitted)
        if content is not None:
            return {f"{submission.unit}{NOTEBOOKS}": content}
    return {}


def submission_digest(submission: Submission) -> str:
    """Return the digest of what `read_submission` would read; raises SubmissionError where there is no notebook.

    Whichever of several notebooks is chosen: all others lie beside the first, and what lies beside it counts too.
    """
    there = _notebooks_there(submission)
    files = dict(_files_beside(submission, there.first).contents)
    if not submission.own_folder:  # then no notebook is among them
        others = [path for path in there.all if path != there.first]
        files |= {path.name: file_digest(path, submission.submitted).encode() for path in others}
    return digest_with(file_digest(there.first, submission.submitted), files)


def _worked_in(submission: Submission, there: _Notebooks, answers_of: Callable[[Handed], Answers]) -> Path | None:
    def answers_in(path: Path) -> Answers:
        try:
            return answers_of(read_notebook(path, submission.submitted))
        except SubmissionError:
            return {}

    return worked_in(there.named, there.all, answers_in)


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


def _notebooks_there(submission: Submission) -> _Notebooks:
    """Return the notebooks that may be meant; raises SubmissionError where there is none."""
    folder, wanted = submission.folder, f"{submission.unit}.ipynb"
    if submission.problem:
        raise SubmissionError(f"{folder}: {submission.problem}")
    try:
        for place in (folder, folder.parent) if submission.own_folder else (folder,):
            if place.is_symlink():
                raise SubmissionError(f"{place}: a link, perhaps to somebody else's work; hand in the folder itself")
        notebooks = sorted(submission.notebooks or notebooks_in(folder))
        inside = _notebooks_inside(folder) if not notebooks else []
        if not notebooks and not inside:
            notebooks = sorted(_with_another_ending(folder, submission.unit))
    except OSError as error:
        raise SubmissionError(f"{folder}: cannot be read ({error.strerror}); mend its permissions") from error
    if not notebooks and not inside:
        raise SubmissionError(f"{folder}: no notebook; hand in {wanted}")
    if _is_a_guess(submission):
        names = listed([path.name for path in notebooks])
        raise SubmissionError(
            f"{folder}: {names} may belong to any unit; if it is this one, hand it in as {submission.student}/"
            f"{submission.unit}/{wanted}"
        )
    named = _likeliest(notebooks or inside, wanted)
    if notebooks and submission.own_folder:
        with contextlib.suppress(OSError):  # what is above can be read
            inside = _notebooks_inside(folder)
    return _Notebooks(named, [*notebooks, *inside])


def _notebooks_inside(folder: Path) -> list[Path]:
    return sorted(path for sub in _folders(folder) for path in notebooks_in(sub))


def _with_another_ending(folder: Path, unit: str) -> list[Path]:
    """Return the files that have the unit's name, and the ending of what a browser took a notebook for."""
    return [path for path in named_after(unit, folder.iterdir()) if path.suffix.lower() in OTHER_ENDINGS]


def _is_a_guess(submission: Submission) -> bool:
    """Whether nothing says that the notebooks belong to the unit."""
    return bool(submission.notebooks) and not named_after(submission.unit, submission.notebooks)


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


def _oddities(submission: Submission, chosen: Path, there: _Notebooks) -> Iterator[str]:
    """Say where the notebook was found and what was beside it, where that is not as it should be."""

    def where(path: Path) -> str:
        return str(path.relative_to(submission.folder))

    wanted = f"{submission.unit}.ipynb"
    if submission.oddity:
        yield submission.oddity
    if chosen.name != wanted:
        yield f"the file was called {chosen.name}, not {wanted}"
    if chosen.parent != submission.folder:
        yield f"the file was in the folder {chosen.parent.relative_to(submission.folder)}"
    in_place = chosen.parent == submission.folder
    others = [path for path in there.all if path != chosen and (path.parent == chosen.parent or not in_place)]
    if others:
        why = "" if there.named in (None, chosen) else ", for it holds no answer"
        yield f"{where(chosen)} was graded; {listed(list(map(where, others)))} beside it was not{why}"
