"""Moodle's "Download all submissions", in folders or in one folder.

`mod/assign/classes/downloader.php` of Moodle names a folder `<full name>_<participant>_assignsubmission_file`, before
version 4.1 with another `_` at its end, or puts that before the name of each file. The number is the participant's in
this assignment and nowhere else, so a student is found by name, which some sites let students change. A group's work is
called by the group's name, and that of those who are in no group has no number. Times are not in it.
"""

import re

from autograder.collecting.attempt import Attempt, Claim, Piece, Setting, Sorted
from autograder.collecting.entries import LeftOut

NAMED = re.compile(
    r"(?P<name>[^/]+?)(?:_(?P<participant>\d+))?_assign(?P<what>submission_\w+?|feedback_\w+?)"
    r"(?:_?/(?P<inside>.+)|_(?P<flat>[^/]+))"
)
FILES = "submission_file"
ANONYMOUS = re.compile(r"\D+ \d+|participant", re.IGNORECASE)  # "Participant 17", in the site's language


def matches(path: str) -> bool:
    """Whether a file is called as Moodle would."""
    return NAMED.fullmatch(path) is not None


def beside(path: str, name: str) -> str:
    """Return what a file has to be called for Moodle's "Upload multiple feedback files in a zip", given one of the same
    submission, as `mod/assign/feedback/file/importziplib.php` reads it."""
    first = path.partition("/")[0]
    match = NAMED.fullmatch(first)
    return f"{first[: match.start('flat')]}{name}" if match else f"{first}/{name}"


def sort(setting: Setting) -> Sorted:
    """Return one attempt per participant: Moodle hands over the last one."""
    groups: dict[tuple[str, str, str], list[Piece]] = {}
    others: list[tuple[str, str]] = []
    left_out = []
    for entry in setting.entries:
        match = NAMED.fullmatch(entry.path)
        if not match:
            left_out.append(LeftOut(entry.path, "not called as Moodle calls files"))
        elif match["what"] == FILES:
            piece = Piece(match["inside"] or match["flat"], entry)
            end = match.end("what")
            shown = entry.path[:end] + "_" * (entry.path[end] == "_")
            groups.setdefault((shown, match["name"], match["participant"] or ""), []).append(piece)
        else:
            others.append((entry.path, match["participant"] or ""))
    with_files = {participant for _, _, participant in groups}
    for path, participant in others:
        reason = "text that was typed into Moodle, or a person's feedback; look at it there"
        left_out.append(LeftOut(path, reason, expected=participant in with_files))
    return Sorted(tuple(_attempt(*key, pieces) for key, pieces in groups.items()), tuple(left_out))


def _attempt(path: str, name: str, participant: str, pieces: list[Piece]) -> Attempt:
    shown = f"{name}_{participant}" if participant else name
    anonymous = ANONYMOUS.fullmatch(name) and (" " not in name or (participant and name.endswith(participant)))
    claim = Claim(shown, name="" if anonymous else name, group=name)
    return Attempt(path, (claim,), tuple(pieces))
