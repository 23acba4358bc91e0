"""Write an attempt into `submitted/<student>/<unit>/`: whole or not at all, and what was there is kept beside."""

import contextlib
import errno
import hashlib
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from autograder.collecting.entries import CannotRead, left_by_programs
from autograder.model.files import write_whole, writing
from autograder.model.lock import locked
from autograder.reading.beside import TIME_STAMP
from autograder.reading.plain_file import NotPlain, opened
from autograder.reading.timestamp import read_timestamp

HALF = ".collecting-"  # how a folder is called in which work lies that is not whole yet
LOCK = ".collecting.lock"
BUSY = "{}: another collect is at work here (process {}); wait until it is done, then run the same command again"
PREVIOUS = ".previous"  # no student's folder: `grade` and nbgrader pass over names that begin with a dot
MAX_DEPTH = 20  # folders in folders: what lies deeper is no work that can be compared
TIME_FORMAT = "%Y-%m-%d %H:%M:%S.%f UTC"  # as nbgrader writes it


class Status(StrEnum):
    """What became of an attempt."""

    NEW = "new"
    REPLACED = "replaced"  # what was there is in `.previous`
    UNCHANGED = "unchanged"
    KEPT = "kept what was there"  # which is later, or of the same time and changed since


@dataclass(frozen=True)
class Work:
    """What is to be written for one student and unit."""

    student: str
    unit: str
    files: Mapping[str, bytes]
    time: datetime | None = None


class Submitted:
    """The folder `submitted/`, into which nothing is written but through this."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep others from collecting into the folder; raises CourseError where somebody does. Remove what one that was killed left."""
        folder = str(self.folder).replace("{", "{{").replace("}", "}}")  # the process is filled in later
        with locked(self.folder / LOCK, BUSY.format(folder, "{}")):
            for left in self.folder.glob(f"{HALF}*"):
                shutil.rmtree(left, ignore_errors=True)
            yield

    def place(self, work: Work) -> Status:
        """Write one attempt; raises CannotRead where its place is not safe or its work was replaced before."""
        student = self.folder / work.student
        target = student / work.unit
        for path in (student, target, self.folder / PREVIOUS, self.folder / PREVIOUS / work.student):
            if path.is_symlink() or (path.exists() and not path.is_dir()):
                raise CannotRead(f"{path} is a link or a file; move it away")
        if not target.exists():
            self._write(work, target)
            return Status.NEW
        if _digest(target) == _digest_of(work.files):
            return self._same(work, target)
        there = _time(target, self.folder)
        if work.time and there and work.time <= there:
            return Status.KEPT
        if not work.time:
            self._check_not_replaced(work)
        self._write(work, target)
        return Status.REPLACED

    def _same(self, work: Work, target: Path) -> Status:
        """Note the time of work that is there already, where nobody has noted one."""
        if work.time and not os.path.lexists(target / TIME_STAMP):  # nothing is written through a link
            with writing(target / TIME_STAMP):
                write_whole(target / TIME_STAMP, _stamp(work.time))
        return Status.UNCHANGED

    def _check_not_replaced(self, work: Work) -> None:
        """Raise CannotRead for work without a time that was there before: nothing says which came last."""
        kept = self.folder / PREVIOUS / work.student
        for path in sorted(kept.iterdir()) if kept.is_dir() else ():
            of_the_unit = path.name.startswith(f"{work.unit} ") and path.is_dir() and not path.is_symlink()
            if of_the_unit and _digest(path) == _digest_of(work.files):
                raise CannotRead(
                    f"the same as {path}, which other work has replaced, and nothing says which is later; if this is, put it back"
                )

    def _write(self, work: Work, target: Path) -> None:
        with writing(target):
            self.folder.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(dir=self.folder, prefix=HALF))
            try:
                new = folder / "new"
                new.mkdir()
                _fill(new, work)
                target.parent.mkdir(exist_ok=True)
                if target.exists():
                    self._keep(work, target)
                new.rename(target)
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def _keep(self, work: Work, target: Path) -> None:
        """Move what is there to `.previous/<student>/<unit> <number>`."""
        kept = self.folder / PREVIOUS / work.student
        kept.mkdir(parents=True, exist_ok=True)
        names = (f"{work.unit} {number}" for number in itertools.count(1))
        target.rename(next(kept / name for name in names if not os.path.lexists(kept / name)))


def _fill(folder: Path, work: Work) -> None:
    for name, content in work.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.write_bytes(content)
        except OSError as error:
            if error.errno in (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ):
                raise CannotRead(f"{name} cannot be written ({error.strerror}); shorten its name") from error
            raise
    if work.time:
        (folder / TIME_STAMP).write_text(_stamp(work.time), encoding="utf-8")


def _stamp(time: datetime) -> str:
    return time.astimezone(UTC).strftime(TIME_FORMAT)


def _time(folder: Path, below: Path) -> datetime | None:
    stamp = read_timestamp(folder, below).utc
    return datetime.fromisoformat(stamp) if stamp else None


def _digest(folder: Path) -> str:
    """Return what `_digest_of` does of a folder's files, but for the time and what programs leave behind."""
    return _joined((name, _file_digest(path, folder)) for name, path in _files(folder, folder))


def _digest_of(files: Mapping[str, bytes]) -> str:
    """Return a digest of names and contents."""
    return _joined((name, hashlib.sha256(content).hexdigest()) for name, content in files.items())


def _joined(digests: Iterable[tuple[str, str]]) -> str:
    together = "\n".join(f"{digest} {name}" for name, digest in sorted(digests))
    return hashlib.sha256(together.encode(errors="surrogateescape")).hexdigest()


def _files(root: Path, folder: Path, depth: int = 0) -> Iterator[tuple[str, Path]]:
    try:
        paths = list(folder.iterdir())
    except OSError:  # its permissions; then it is no work that can be compared
        yield folder.relative_to(root).as_posix(), folder
        return
    for path in paths:
        name = path.relative_to(root).as_posix()
        if name == TIME_STAMP or left_by_programs(path.name):
            continue
        if path.is_dir() and not path.is_symlink() and depth < MAX_DEPTH:
            yield from _files(root, path, depth + 1)
        else:
            yield name, path


def _file_digest(path: Path, below: Path) -> str:
    try:
        with opened(path, below) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (NotPlain, OSError):
        return ""
