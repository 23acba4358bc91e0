"""Blackboard's "Assignment File Download": one folder of files, each named after its student and time, and a note per
attempt.

A file is called `<assignment>_<user name>_attempt_<year-month-day-hour-minute-second>_<name>`, the note the same
without a name and with `.txt`; the note begins `Name: <full name> (<user name>)` and has a line `Date Submitted:`.
The time is the server's. nbgrader's documentation of `zip_collect` shows the same names.
"""

import re
from datetime import UTC, datetime

from autograder.collecting.attempt import Attempt, Claim, Piece, Setting, Sorted
from autograder.collecting.entries import CannotRead, Entry, LeftOut

NAMED = re.compile(
    r"(?:.*/)?(?P<head>[^/]+?)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<file>[^/]+)|(?P<note>\.txt))", re.DOTALL
)
TIME = "%Y-%m-%d-%H-%M-%S"
MAX_NOTE = 1_000_000
WHO = re.compile(r"^\s*[^:\n]{1,40}:\s*(?P<name>[^\n]*?)\s*\((?P<username>[^()\n]+)\)\s*$", re.MULTILINE)


def matches(path: str) -> bool:
    """Whether a file is called as Blackboard would."""
    return NAMED.fullmatch(path) is not None


def sort(setting: Setting) -> Sorted:
    """Return one attempt per student and time."""
    groups: dict[tuple[str, str], list[Piece]] = {}
    notes: dict[tuple[str, str], Entry] = {}
    left_out = []
    for entry in setting.entries:
        match = NAMED.fullmatch(entry.path)
        if not match:
            left_out.append(LeftOut(entry.path, "not called as Blackboard calls files"))
        elif match["note"]:
            notes[match["head"], match["time"]] = entry
        else:
            groups.setdefault((match["head"], match["time"]), []).append(Piece(match["file"], entry))
    for key, note in notes.items():
        left_out.append(_note_left_out(note, with_files=key in groups))
    attempts = [_attempt(*key, pieces, notes.get(key), setting) for key, pieces in groups.items()]
    return Sorted(tuple(attempts), tuple(left_out))


def _note_left_out(note: Entry, with_files: bool) -> LeftOut:
    if with_files:
        return LeftOut(note.path, "Blackboard's note on an attempt", expected=True)
    return LeftOut(note.path, "an attempt without a file; look at it in Blackboard")


def _attempt(head: str, time: str, pieces: list[Piece], note: Entry | None, setting: Setting) -> Attempt:
    shown = f"{head}_attempt_{time}"
    name, username = _who(note, head)
    if username:
        claim = Claim(username, (username,), name=name, fallback=username)
    else:
        words = head.split("_")  # a user name may hold the sign that stands before it
        ids = tuple("_".join(words[start:]) for start in range(len(words)))
        claim = Claim(head, ids, fallback=words[-1])
    return Attempt(shown, (claim,), tuple(pieces), _time(time, setting))


def _who(note: Entry | None, head: str) -> tuple[str, str]:
    """Return the full name and the user name in a note's first line; empty where it is about somebody else."""
    try:
        text = note.read(MAX_NOTE).decode("utf-8-sig", errors="replace") if note else ""
    except CannotRead:
        return "", ""
    match = WHO.match(text.replace("\r\n", "\n"))
    return (match["name"], match["username"]) if match and f"_{head}".endswith(f"_{match['username']}") else ("", "")


def _time(text: str, setting: Setting) -> datetime | None:
    try:
        return datetime.strptime(text, TIME).replace(tzinfo=setting.zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
