"""Open what a person names as the source: a zip or a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from autograder.collecting.archive import opened_zip, read_nested
from autograder.collecting.entries import CannotRead, Contents, Entry, LeftOut
from autograder.collecting.folder import read_folder
from autograder.errors import CourseError

DOWNLOADED = "archive"  # nbgrader's folder for the zips of a system


@dataclass(frozen=True)
class Source:
    """What a source holds, and the folder that it is, if it is one."""

    contents: Contents
    folder: Path | None = None


@contextmanager
def opened_source(path: Path) -> Iterator[Source]:
    """Yield what a source holds; raises CourseError where it cannot be opened."""
    if path.is_dir():
        yield Source(_with_downloads_opened(read_folder(path), path), path)
        return
    if not path.is_file():
        raise CourseError(f"{path}: no zip and no folder is there; give the download of your system")
    try:
        opening = opened_zip(path)
        contents = opening.__enter__()
    except CannotRead as error:
        raise CourseError(f"{path}: {error}") from error
    try:
        yield Source(contents)
    finally:
        opening.__exit__(None, None, None)


def _with_downloads_opened(contents: Contents, folder: Path) -> Contents:
    """Return a folder's files with what is in the zips that nbgrader's `zip_collect` would unpack."""
    here = "" if folder.resolve().name == DOWNLOADED else f"{DOWNLOADED}/"
    entries: list[Entry] = []
    left_out = list(contents.left_out)
    for entry in contents.entries:
        above = entry.path.rpartition("/")[0]
        if not entry.is_archive or (f"{above}/" if above else "") != here:
            entries.append(entry)
            continue
        try:
            nested = read_nested(entry)
        except CannotRead as error:
            left_out.append(LeftOut(entry.path, str(error)))
            continue
        inside = entry.path[: -len(".zip")]
        entries += [Entry(f"{inside}/{one.path}", one.read) for one in nested.entries]
        left_out += [LeftOut(f"{inside}/{one.path}", one.reason, one.expected) for one in nested.left_out]
        left_out.append(LeftOut(entry.path, "was opened", expected=True))
    return Contents(tuple(entries), tuple(left_out))
