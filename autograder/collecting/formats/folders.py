"""No system's own format: a folder or a zip per student, called by the student's id, name or address.

Another `submitted/` is one too: a folder of a unit in a student's is an attempt of its own, with the time in its
`timestamp.txt`.
"""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from autograder.collecting.attempt import Attempt, Claim, Piece, Setting, Sorted, noted_time
from autograder.collecting.entries import Entry, LeftOut
from autograder.reading.beside import TIME_STAMP
from autograder.reading.find import is_spelling_of

APART = r"[\s_.+-]+"  # between the names of a student and a unit
COPIED = re.compile(r" ?\(\d+\)$")  # by a browser or a file manager


def claim_of(path: str, units: Sequence[str] = ()) -> Claim:
    """Return the claim in a path's first part, which may be called after a unit too: `ada_05_cross_entropy.ipynb`."""
    first, _, inside = path.partition("/")
    name = first if inside else COPIED.sub("", PurePosixPath(first).stem)
    for unit in units:
        name = re.sub(rf"^{re.escape(unit)}{APART}|{APART}{re.escape(unit)}$", "", name, flags=re.IGNORECASE)
    return Claim(name, (name,), name=name.replace("_", " "))


def sort(setting: Setting) -> Sorted:
    """Return one attempt per student, or one per unit of the student."""
    groups: dict[tuple[str, str], list[Piece]] = {}
    stamps: dict[tuple[str, str], Entry] = {}
    for entry in setting.entries:
        first, _, inside = entry.path.partition("/")
        folder, _, deeper = inside.partition("/")
        unit = next((unit for unit in setting.units if deeper and is_spelling_of(unit, folder)), "")
        path = (deeper if unit else inside) or first
        if path == TIME_STAMP and inside:
            stamps[first, unit] = entry
        else:
            groups.setdefault((first, unit), []).append(Piece(path, entry))
    attempts = []
    for (first, unit), pieces in groups.items():
        stamp = stamps.get((first, unit)) or stamps.get((first, ""))
        time = noted_time(stamp) if stamp else None
        shown = f"{first}/{unit}" if unit else first
        attempts.append(
            Attempt(shown, (claim_of(pieces[0].entry.path, setting.units),), tuple(pieces), time, unit=unit)
        )
    said = tuple(LeftOut(stamp.path, "says when it was handed in", expected=True) for stamp in stamps.values())
    return Sorted(tuple(attempts), said)
