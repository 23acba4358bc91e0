"""Read the time of handing in from a submission's timestamp.txt: exactly, or not at all."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path

import dateutil.parser

from autograder.reading.beside import TIME_STAMP
from autograder.reading.plain_file import NotPlain, read_plain_file

LONGEST = 100  # bytes
BLACKBOARD = re.compile(r"(\d{4}-\d\d-\d\d)-(\d\d)-(\d\d)-(\d\d)")  # 2016-01-30-20-30-10
NUMBERS_FIRST = re.compile(r"(\d{1,2})\s*[/-]\s*(\d{1,2})\s*[/-]")  # day and month, in this order or the other
WITH_DOTS = re.compile(r"\d{1,2}\.\s*\d{1,2}\.\s*\d{4}\b")  # 10.03.2024: only days come first here
FROM_GREENWICH = re.compile(r"\b(?:UTC|GMT)\s*(?=[+-]\d)")  # GMT+1 is east of it, whatever POSIX says
SHORT_YEAR = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{1,2}(?!\d)")
# Hours from UTC. Names that several zones share (IST, CST, BST, AST) are not here: better no time than a wrong one.
ZONES = {
    name: hours
    for names, hours in (
        *(("UTC GMT Z WET", 0), ("WEST CET MEZ", 1), ("CEST MESZ EET", 2), ("EEST MSK", 3), ("AEST", 10), ("AEDT", 11)),
        *(("NZST", 12), ("NZDT", 13), ("EDT", -4), ("EST CDT", -5), ("MDT", -6), ("MST PDT", -7), ("PST AKDT", -8)),
        *(("AKST", -9), ("HST", -10)),
    )
    for name in names.split()
}
NOT_NOTED = "no time of handing in was noted"
REMEDY = "write it as 2024-03-10 23:59:00 +01:00"
# Two days that share neither year, month, day, hour nor minute: what a text leaves out differs between the two.
BACKGROUNDS = (datetime(2000, 1, 1), datetime(2001, 2, 2))


@dataclass(frozen=True)
class TimeStamp:
    """When a submission was handed in (UTC, ISO 8601; empty where nothing says so), and why it could not be read."""

    utc: str = ""
    repairs: tuple[str, ...] = ()


def read_timestamp(folder: Path, below: Path | None = None) -> TimeStamp:
    """Return the time in a folder's timestamp.txt; a file's own time would say when it was copied here.

    A time without a zone is in UTC, as nbgrader has it. `below`: the folder below which no part of the path may be a link.
    """
    try:
        text = timestamp_text(folder, below)
    except (FileNotFoundError, NotADirectoryError):
        return TimeStamp()
    except (NotPlain, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no plain file"
        return TimeStamp(repairs=(f"{TIME_STAMP} could not be read ({reason}): {NOT_NOTED}; {REMEDY}",))
    if text is None:
        return TimeStamp(repairs=(f"{TIME_STAMP} is too long for a time: {NOT_NOTED}; {REMEDY}",))
    try:
        return TimeStamp(as_utc(text).isoformat())
    except _Unclear as error:
        return TimeStamp(repairs=(f"{TIME_STAMP} says {text!r}, which {error}: {NOT_NOTED}; {REMEDY}",))


def timestamp_text(folder: Path, below: Path | None = None) -> str | None:
    """Return what a folder's timestamp.txt says; None where that is too long. Raises OSError or NotPlain."""
    data = read_plain_file(folder / TIME_STAMP, LONGEST, below)
    return None if data is None else data.decode("utf-8-sig", errors="replace").strip()


def is_about_the_time(repair: str) -> bool:
    """Whether a repair comes from `read_timestamp`."""
    return repair.startswith(TIME_STAMP)


class _Unclear(Exception):
    """A text that is no time, or that could be two."""


def as_utc(text: str) -> datetime:
    """Return the one time that a text can mean."""
    if match := BLACKBOARD.fullmatch(text):
        text = "{} {}:{}:{}".format(*match.groups())
    text = FROM_GREENWICH.sub("", text)
    numbers = NUMBERS_FIRST.match(text)
    if numbers and numbers[1] != numbers[2] and int(numbers[1]) <= 12 and int(numbers[2]) <= 12:
        raise _Unclear("could be two days")
    if SHORT_YEAR.match(text):
        raise _Unclear("could be several days")
    days_first = WITH_DOTS.match(text) is not None
    try:
        one, other = (
            dateutil.parser.parse(text, default=day, dayfirst=days_first, tzinfos=_zone) for day in BACKGROUNDS
        )
        stamp: datetime = one.astimezone(UTC) if one.tzinfo else one.replace(tzinfo=UTC)
    except (ValueError, ArithmeticError, TypeError):  # dateutil raises all of these
        raise _Unclear("is no time that can be read") from None
    if one != other:
        raise _Unclear("is no whole date")
    return stamp


def utc_or_none(text: str) -> datetime | None:
    """Return the one time that a text can mean; None where it can mean none or several."""
    try:
        return as_utc(text)
    except _Unclear:
        return None


def _zone(name: str | None, seconds: int | None) -> tzinfo | None:
    """Return a zone by its name or its distance from UTC; raise ValueError for a name that nobody knows for sure."""
    if seconds is not None:
        return timezone(timedelta(seconds=seconds))
    if name is None:
        return None
    return timezone(timedelta(hours=ZONES[name])) if name in ZONES else _unknown(name)


def _unknown(name: str) -> tzinfo:
    raise ValueError(f"the time zone {name}")
