"""Open what was handed in: the only way in which a file of a submission is opened.

Regular files alone, no link at any part of the path below a folder that is trusted, no waiting for a pipe, no more bytes than asked for.
"""

import contextlib
import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path

# Windows has none of these flags: `check` then looks for links before it opens a file. `grade` runs on Linux alone.
NO_FOLLOW, NO_WAIT = getattr(os, "O_NOFOLLOW", 0), getattr(os, "O_NONBLOCK", 0)
FOLDER = NO_FOLLOW | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_PATH", 0)


class NotPlain(Exception):
    """A link, a pipe, a device, or a folder where a file was asked for."""


@contextlib.contextmanager
def opened(path: Path, below: Path | None = None) -> Iterator[io.BufferedReader]:
    """Open a file. `below`: the folder below which no part of the path may be a link, by default its own.

    Raises OSError where it cannot be opened, NotPlain where it is no plain file.
    """
    descriptor = _open_without_links(path, below or path.parent)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NotPlain(f"{path}: not a plain file")
        with open(descriptor, "rb", closefd=False) as file:
            yield file
    finally:
        os.close(descriptor)


def read_plain_file(path: Path, most: int, below: Path | None = None) -> bytes | None:
    """Return the content of a file; None where that is more than `most` bytes. Raises as `opened` does."""
    with opened(path, below) as file:
        data = file.read(most + 1)
    return data if len(data) <= most else None


def size_of(file: io.BufferedReader) -> int:
    """Return how many bytes an open file has."""
    return os.fstat(file.fileno()).st_size


def _open_without_links(path: Path, below: Path) -> int:
    *folders, name = path.relative_to(below).parts or (".",)
    if not NO_FOLLOW:
        if any(part.is_symlink() for part in (path, *path.parents[: len(folders)])):
            raise NotPlain(f"{path}: a link")
        return os.open(path, os.O_RDONLY)
    with contextlib.ExitStack() as cleanup:
        at = os.open(below, FOLDER & ~NO_FOLLOW)
        cleanup.callback(os.close, at)
        for folder in folders:
            at = os.open(folder, FOLDER, dir_fd=at)
            cleanup.callback(os.close, at)
        try:
            return os.open(name, os.O_RDONLY | NO_FOLLOW | NO_WAIT, dir_fd=at)
        except OSError:
            if stat.S_ISLNK(os.stat(name, dir_fd=at, follow_symlinks=False).st_mode):
                raise NotPlain(f"{path}: a link") from None
            raise
