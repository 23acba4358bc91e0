"""One time that somebody handed something in, as a source has it, and what a format needs for finding them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from autograder.collecting.entries import CannotRead, Contents, Entry, LeftOut
from autograder.gradebook.roster import Roster
from autograder.reading.timestamp import LONGEST, utc_or_none

EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Claim:
    """Who a source says handed in, by whatever it knows of that student."""

    shown: str
    ids: tuple[str, ...] = ()  # one of them may be an id, a user name or an address
    number: str = ""  # that of the system
    name: str = ""  # first and last name, in whatever order
    joined_name: str = ""  # the same without spaces
    group: str = ""  # what may be the name of a group where it is no student's
    fallback: str = ""  # the id, where there is no list of students


@dataclass(frozen=True)
class Piece:
    """A file of an attempt under the name that the student gave it. `order`: a later file of the same name has a
    higher one."""

    path: str
    entry: Entry
    order: int = 0


@dataclass(frozen=True)
class Attempt:
    """What one student, or a group, handed in at one time."""

    shown: str  # where it lies in the source
    claims: tuple[Claim, ...]
    pieces: tuple[Piece, ...]
    time: datetime | None = None
    late: bool = False  # as the system marked it
    unit: str = ""  # as the system calls it

    @property
    def rank(self) -> datetime:
        """What later attempts have more of."""
        return self.time or EARLIEST


@dataclass(frozen=True)
class Sorted:
    """The attempts in a source, and the files that belong to none."""

    attempts: tuple[Attempt, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class Setting:
    """What there is to know beside the source's own files."""

    contents: Contents
    roster: Roster
    units: tuple[str, ...] = ()
    folder: Path | None = None  # where the source is a folder
    zone: tzinfo = UTC  # of times without one
    pattern: str = ""  # nbgrader's `named_regexp` for names of files

    @property
    def entries(self) -> Sequence[Entry]:
        """The files of the source."""
        return self.contents.entries


def noted_time(entry: Entry) -> datetime | None:
    """Return the time in a timestamp.txt; None where it says none for sure."""
    try:
        return utc_or_none(entry.read(LONGEST).decode("utf-8-sig", errors="replace").strip())
    except CannotRead:
        return None
