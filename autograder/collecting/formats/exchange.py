"""nbgrader's exchange: the folder `inbound` of a course, with a folder per attempt.

`nbgrader submit` calls it `<student>+<unit>+<time>[+<random letters>]` and writes the time into `timestamp.txt` too.
Everybody may make folders there, so in an exchange that is in use a folder has to belong to the account that it is
named after.
"""

import re

from autograder.collecting.attempt import Attempt, Claim, Piece, Setting, Sorted, noted_time
from autograder.collecting.entries import LeftOut
from autograder.reading.beside import TIME_STAMP
from autograder.reading.timestamp import utc_or_none

try:
    import pwd
except ImportError:  # Windows
    pwd = None  # type: ignore[assignment]

NAMED = re.compile(
    r"(?P<student>[^/]+)\+(?P<unit>[^/+]+)\+(?P<time>\d{4}-\d\d-\d\d [^/+]+)(?:\+(?P<random>[^/+]+))?/(?P<inside>.+)"
)
NOT_THEIRS = "it belongs to the account {}, not to {}, as the others' do to theirs; ask both, and change its owner if it is right"


def matches(path: str) -> bool:
    """Whether a file lies in a folder of the exchange."""
    return NAMED.fullmatch(path) is not None


def sort(setting: Setting) -> Sorted:
    """Return one attempt per folder."""
    groups: dict[str, tuple[re.Match[str], list[Piece]]] = {}
    left_out = []
    for entry in setting.entries:
        match = NAMED.fullmatch(entry.path)
        if match:
            groups.setdefault(entry.path.split("/")[0], (match, []))[1].append(Piece(match["inside"], entry))
        else:
            left_out.append(LeftOut(entry.path, "in no folder of nbgrader's exchange"))
    owners = {folder: _owner(setting, folder) for folder in groups}
    in_use = any(owners[folder] == match["student"] for folder, (match, _) in groups.items())
    attempts = []
    for folder, (match, pieces) in groups.items():
        if in_use and owners[folder] != match["student"]:
            left_out += [LeftOut(piece.entry.path, f"see {folder}", expected=True) for piece in pieces]
            left_out.append(LeftOut(folder, NOT_THEIRS.format(owners[folder] or "nobody", match["student"])))
        else:
            attempts.append(_attempt(folder, match, pieces))
            left_out += [
                LeftOut(p.entry.path, "says when it was handed in", True) for p in pieces if p.path == TIME_STAMP
            ]
    return Sorted(tuple(attempts), tuple(left_out))


def _attempt(folder: str, match: re.Match[str], pieces: list[Piece]) -> Attempt:
    student = match["student"]
    time = next((stamp for piece in pieces if piece.path == TIME_STAMP and (stamp := noted_time(piece.entry))), None)
    claim = Claim(student, (student,), fallback=student)
    files = tuple(piece for piece in pieces if piece.path != TIME_STAMP)
    return Attempt(folder, (claim,), files, time or utc_or_none(match["time"]), unit=match["unit"])


def _owner(setting: Setting, folder: str) -> str:
    """Return the account to which a folder belongs; empty where nobody knows, as in a zip and on Windows."""
    if setting.folder is None or pwd is None:
        return ""
    try:
        return pwd.getpwuid((setting.folder / folder).stat(follow_symlinks=False).st_uid).pw_name
    except (KeyError, OSError):
        return ""
