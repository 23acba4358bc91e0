"""Files that are read only if they are plain files, files that are written whole, so that nobody ever reads half of one, and those that are for their owner alone."""

import contextlib
import errno
import json
import os
import shutil
import stat
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from autograder.errors import CourseError, GraderError
from autograder.model.text import first_line

T = TypeVar("T")

MOST = 1 << 30  # bytes of one file of the instructor's: a unit's data may be large
FOR_OTHERS = 0o077
PART = ".part"  # the ending of a file that is still being written
# What is wrong with a disk or a whole folder. Any other failure to write a file, such as a name that is too long, concerns that file alone.
OF_THE_DISK = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EMFILE, errno.ENFILE}
)


def read_plain(path: Path, most: int = MOST) -> bytes:
    """Return what a file of the instructor's holds; raise OSError for a pipe or a device, which might be read for ever, and for too much."""
    if path.is_file():
        if path.stat().st_size > most:
            raise OSError(errno.EFBIG, f"over {most:,} bytes", str(path))
    elif path.exists() and not path.is_dir():
        raise OSError(errno.EINVAL, "no plain file", str(path))
    return path.read_bytes()


def read_words(path: Path) -> str:
    """Return the text of a file of the instructor's, without the mark that programs on Windows put at its beginning.

    Raises OSError as `read_plain` does, ValueError for what is not UTF-8.
    """
    return read_plain(path).decode("utf-8-sig")


def read_json(path: Path) -> Any:
    """Return what a file of JSON holds; raise OSError as `read_plain` does, ValueError for anything else."""
    return _parsed(json.loads, read_words(path))


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a file of TOML holds; raise OSError as `read_plain` does, ValueError for anything else."""
    return _parsed(tomllib.loads, read_words(path))


def _parsed(parse: Callable[[str], T], text: str) -> T:
    try:
        return parse(text)
    except RecursionError:
        raise ValueError("one thing in another in another, too deep to be read") from None


def write_whole(path: Path, text: str, lasting: bool = True, private: bool = False) -> None:
    """Write a file under another name beside its place and rename it, so that nobody ever reads half of it.

    `lasting`: it is whole even after a power cut. Otherwise its reader has to check that; many small files, each in a folder
    of its own, are then written in half the time. `private`: its owner alone can read it. An OSError names `path` and not the
    temporary file.
    """
    try:
        _write_beside(path, text, lasting, private)
    except OSError as error:
        if not error.filename or str(error.filename).endswith(PART):
            error.filename = str(path)
        raise


@contextlib.contextmanager
def in_part(path: Path) -> Iterator[Path]:
    """Give another name beside a file or folder, under which it is to be written; it gets its own when the block ends.

    Where the block fails, nothing is left, and what had the name before is as it was.
    """
    part = path.with_name(f".{path.name}{PART}")
    _remove(part)  # of a run that was killed, or a link that leads elsewhere
    try:
        yield part
        if part.is_dir():
            _remove(path)
        part.replace(path)
    except BaseException:
        _remove(part)
        raise


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):  # whoever then writes there says what is wrong
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


# Something else has the name that a file or folder is to get.
IN_THE_WAY = frozenset({errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.ENOTEMPTY, errno.ELOOP})
USUAL_REMEDY = "mend its permissions or make room"


@contextlib.contextmanager
def writing(path: Path, remedy: str = "") -> Iterator[None]:
    """Turn an OSError into a CourseError that names the file, the reason and the remedy.

    The file is the one that the system names. Where it names none, only a folder above `path`, or a name that is there for a moment, it is
    `path`. What lies in the way of a file is named too.
    """
    try:
        yield
    except shutil.Error as error:  # of copying a folder: all that failed in it
        _, target, reason = error.args[0][0]
        raise CourseError(f"{target}: cannot be written ({reason}); {remedy or USUAL_REMEDY}") from error
    except OSError as error:
        named = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else path
        where = path if named in path.parents or _is_passing(named, path) else named
        moving = f"move {_in_the_way(where)} away" if error.errno in IN_THE_WAY else ""
        words = "; ".join(filter(None, (moving, remedy))) or USUAL_REMEDY
        raise CourseError(f"{where}: cannot be written ({error.strerror or first_line(error)}); {words}") from error


def _is_passing(named: Path, path: Path) -> bool:
    """Whether a name is one of those under which things are written before they get their own."""
    return named.name.startswith(".") and named.name != path.name


def _in_the_way(path: Path) -> Path:
    """Return the first of a path's folders that is none, else the path."""
    return next((one for one in reversed(path.parents) if os.path.lexists(one) and not one.is_dir()), path)


def make_private_folder(path: Path) -> None:
    """Make a folder, with those above it, into which its owner alone can look; close one that is there already."""
    path.mkdir(parents=True, exist_ok=True)
    close_to_others(path)


def close_to_others(path: Path) -> None:
    """Take from others what they may do with a file or folder. One that belongs to somebody else stays as it is."""
    with contextlib.suppress(OSError):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & FOR_OTHERS:
            path.chmod(mode & ~FOR_OTHERS)


def concerns_one_file(error: Exception) -> bool:
    """Whether other files can probably be written all the same."""
    cause = error.__cause__ if isinstance(error, CourseError) else error
    if isinstance(cause, OSError):
        return cause.errno not in OF_THE_DISK
    return isinstance(error, GraderError) or not isinstance(error, CourseError)


def _write_beside(path: Path, text: str, lasting: bool, private: bool) -> None:
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
        if lasting:
            _keep_name(path.parent)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=PART)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            if not private and hasattr(os, "fchmod"):  # on Windows a file has the permissions of its folder
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
    """Remove from a folder what writers left when they were killed. Call it only while nobody else writes there."""
    for leftover in folder.glob(f".*{PART}"):
        with contextlib.suppress(OSError):
            leftover.unlink()


def _keep_name(path: Path) -> None:
    """Have the folder of a file written to disk, and with it the file's name."""
    with contextlib.suppress(OSError):  # network file systems and Windows see to it themselves and refuse the request
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _umask() -> int:
    """Return the permissions that new files are denied. The system tells them only to who sets them."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
