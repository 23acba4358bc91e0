"""Files written whole, so that nobody ever reads half of one."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from autograder.errors import CourseError
from autograder.model.text import first_line

PART = ".part"  # how the names of files end that are being written


def write_whole(path: Path, text: str, lasting: bool = True) -> None:
    """Write a file beside its place and rename it there, so that nobody ever reads half of it.

    `lasting`: not even after a power cut. Without it, the reader has to tell whether the file is whole; many small ones in
    folders of their own are written in half the time. An OSError names `path` and not the temporary file.
    """
    try:
        _write_beside(path, text, lasting)
    except OSError as error:
        if not error.filename or str(error.filename).endswith(PART):
            error.filename = str(path)
        raise


@contextlib.contextmanager
def writing(path: Path, remedy: str = "mend its permissions or make room") -> Iterator[None]:
    """Turn an OSError into a CourseError that names the file, the reason and the remedy.

    The file is the one that the system names, if it names any but a folder above `path`; else `path`.
    """
    try:
        yield
    except OSError as error:
        named = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else path
        where = path if named in path.parents else named
        raise CourseError(f"{where}: cannot be written ({error.strerror or first_line(error)}); {remedy}") from error


def _write_beside(path: Path, text: str, lasting: bool) -> None:
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
        if lasting:
            _keep_name(path.parent)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=PART)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            os.fchmod(handle, 0o666 & ~_umask())
            file.write(text)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    if lasting:
        _keep_name(path)


def sweep(folder: Path) -> None:
    """Remove what writers that were killed have left in a folder; call it where nobody else writes at the time."""
    for left in folder.glob(f".*{PART}"):
        with contextlib.suppress(OSError):
            left.unlink()


def _keep_name(path: Path) -> None:
    """A name is on disk when its folder is. Some file systems of networks see to that by themselves and refuse to be told."""
    with contextlib.suppress(OSError):
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _umask() -> int:
    """The permissions that new files go without; it can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
