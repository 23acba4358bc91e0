"""What a submission takes of the machine's disk where no namespace gives it a file system of its own, and how that is removed.

Linux only, but it can be imported anywhere.
"""

import contextlib
import os
import stat
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

MOST_FILES = 16_384  # and folders: as many as a file system of its own would hold
WRITTEN = "write_bytes:"  # of a process, since it began (proc(5)): it sees what no name leads to any more


def is_over(folders: Iterable[str], user: int, family: Iterable[int], most: int, most_written: int) -> bool:
    """Return whether a submission holds more than `most` bytes or MOST_FILES files, or has written more than `most_written` bytes.

    `folders`: where it may write. `user`: whose files in them are the submission's. `family`: its processes.
    """
    held, files = 0, 0
    for size in (*_files_in(folders, user), *_files_without_a_name(family)):
        held, files = held + size, files + 1
        if held > most or files > MOST_FILES:
            return True
    return sum(map(_written_by, family)) > most_written


def remove(path: Path) -> None:
    """Remove what a student's process has left, however deep it lies and whatever it is closed to; what cannot be removed stays."""
    # Python's own removal of trees calls itself for each folder, so a deep one would end the grader.
    _run("rm", "-rf", "--", str(path))
    if os.path.lexists(path):
        _run("chmod", "-R", "u+rwx", "--", str(path))
        _run("rm", "-rf", "--", str(path))


def _files_in(folders: Iterable[str], user: int) -> Iterator[int]:
    """Yield the size on the disk of each file and folder of a user below some folders."""
    waiting = list(folders)
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:  # gone meanwhile, or closed
            for entry in entries:
                with contextlib.suppress(OSError):
                    status = entry.stat(follow_symlinks=False)
                    if status.st_uid == user:
                        yield _size(status)
                        if stat.S_ISDIR(status.st_mode):
                            waiting.append(entry.path)


def _files_without_a_name(family: Iterable[int]) -> Iterator[int]:
    """Yield the size of each file that some processes have open and that has been removed; of each once."""
    seen = set()
    for pid in family:
        with contextlib.suppress(OSError):  # it has ended, or this process may not look
            for descriptor in os.listdir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    status = os.stat(f"/proc/{pid}/fd/{descriptor}")
                    if stat.S_ISREG(status.st_mode) and not status.st_nlink and status.st_ino not in seen:
                        seen.add(status.st_ino)
                        yield _size(status)


def _written_by(pid: int) -> int:
    """Return how many bytes a process, and those of its children that it has waited for, have written; 0 where that is not to be seen."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/io").read_text().splitlines():
            if line.startswith(WRITTEN):
                return int(line.removeprefix(WRITTEN))
    return 0


def _size(status: os.stat_result) -> int:
    return status.st_blocks * 512  # stat(2)


def _run(*command: str) -> None:
    with contextlib.suppress(OSError):
        subprocess.run(command, capture_output=True)
