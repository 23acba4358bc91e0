"""One process at a time: a lock on a file that ends with the process that holds it, however that ends.

The library filelock (4.3) was tried in place of this module. It asks for the lock every 50 ms instead of standing in the kernel's
queue, so a grader that writes record after record kept another one waiting until it was done (0.9 s; here at most 0.05 s). It also
cannot say which process holds a lock.
"""

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from autograder.errors import CourseError
from autograder.model.files import FOR_OTHERS

try:
    import fcntl
    import pwd
except ImportError:  # Windows, where nothing is graded and nothing is locked
    fcntl = pwd = None  # type: ignore[assignment]

SECONDS_TO_WAIT = 120.0  # for a lock that is held for a moment at a time
HELD = "{}: locked for {:g} s by process {}; end that process, then run the same command again: it goes on from there"


@contextlib.contextmanager
def locked(path: Path, busy: str = "", seconds: float = SECONDS_TO_WAIT) -> Iterator[None]:
    """Hold the lock on the file `path` while the block runs.

    Wait for the process that holds it, but no longer than `seconds`; or, where `busy` is given, raise CourseError with that text
    at once. `{}` in the text becomes the number of that process, and its user where that is another one. Where the file cannot be
    made or the file system has no locks, there is no lock: whoever then writes beside it reports what cannot be written.
    """
    handle = _opened(path)
    if handle is None:
        yield
        return
    if not _taken_at_once(handle):
        if busy:
            holder = _holder_of(handle)
            os.close(handle)
            raise CourseError(busy.format(holder))
        if not _taken_in_time(handle, seconds):
            raise CourseError(HELD.format(path, seconds, _holder_of(handle)))  # its queue closes the handle
    try:
        with contextlib.suppress(OSError):  # a full disk: the number is missing from the message
            os.ftruncate(handle, 0)
            os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)


def _opened(path: Path) -> int | None:
    """Open the file for its owner alone: whoever could open it, could hold the lock for ever."""
    if fcntl is None:
        return None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return None
    with contextlib.suppress(OSError):  # somebody else's
        os.fchmod(handle, os.fstat(handle).st_mode & ~FOR_OTHERS & 0o777)
    return handle


def _taken_at_once(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass  # this file system has no locks
    return True


def _taken_in_time(handle: int, seconds: float) -> bool:
    """Stand in the kernel's queue for a time; where that is too short, see that the handle is closed once it has the lock."""
    decision, taken, late = threading.Lock(), threading.Event(), threading.Event()

    def stand() -> None:
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        with decision:
            taken.set()
            if late.is_set():
                os.close(handle)

    threading.Thread(target=stand, daemon=True).start()
    try:
        taken.wait(seconds)
    finally:
        with decision:
            if not taken.is_set():
                late.set()
    return not late.is_set()


def _holder_of(handle: int) -> str:
    """Return the number of the process that holds the lock, with its user where that is not ours: as the system says, or the file."""
    number = _holder_by_system(os.fstat(handle).st_ino) or os.pread(handle, 20, 0).decode(errors="replace") or "?"
    with contextlib.suppress(OSError, KeyError):
        user = Path(f"/proc/{number}").stat().st_uid
        if user != os.getuid():
            return f"{number} of user {pwd.getpwuid(user).pw_name}"
    return number


def _holder_by_system(inode: int) -> str:
    """Return the process that /proc/locks names for a file (proc(5)); empty where it names none that can be seen from here."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/locks").read_text().splitlines():
            words = line.split()
            if words[1] == "FLOCK" and words[5].endswith(f":{inode}") and words[4] not in ("0", "-1"):
                return words[4]
    return ""
