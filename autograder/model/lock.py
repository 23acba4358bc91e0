"""One at a time: a lock on a file that ends with the process that holds it, however that ends."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from autograder.errors import CourseError


@contextlib.contextmanager
def locked(path: Path, busy: str = "") -> Iterator[None]:
    """Hold the lock file `path` meanwhile. Wait for whoever holds it, or raise CourseError where `busy` says what to tell.

    `{}` in `busy` becomes the number of the process that holds it. Where the file cannot be made or the file system knows no
    locks, there is no lock: what cannot be written is said where it is written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError:
        yield
        return
    try:
        _take(handle, busy)
        with contextlib.suppress(OSError):  # a full disk: nobody is told the number
            os.ftruncate(handle, 0)
            os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)


def _take(handle: int, busy: str) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (fcntl.LOCK_NB if busy else 0))
    except BlockingIOError:
        raise CourseError(busy.format(os.pread(handle, 20, 0).decode(errors="replace") or "?")) from None
    except OSError:
        pass
