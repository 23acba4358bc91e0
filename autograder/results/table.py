"""The table of grades that `results` prints."""

from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from rich.markup import escape
from rich.table import Table

from autograder.model.marks import Mark
from autograder.model.records import Record
from autograder.model.text import readable
from autograder.model.units import Unit

WIDEST_NAME = 40  # characters of a student's name on one line: a longer one takes several, or it would leave no room for the points
MAX_NOTES = 5
LONGEST_NOTE = 300  # characters
WAITING = "waits for a person to grade it"


def table_of(unit: Unit, records: Sequence[Record], marks: Mapping[str, Mark]) -> Table:
    """Return one row per submission, with the points of each exercise. `marks`: the points in all, by student."""
    table = Table(title=escape(unit.name), caption=f"{len(records)} submissions", row_styles=["", "dim"])
    names = [one_line(record.student) for record in records]
    widest = min(WIDEST_NAME, max(map(cell_len, names), default=0))
    table.add_column("student", overflow="fold", min_width=widest, max_width=WIDEST_NAME)
    for exercise in unit.exercises:
        table.add_column(unit.exercise_in_words(exercise), justify="right")
    table.add_column("total", justify="right", style="bold")
    table.add_column("note", overflow="fold")
    for name, record in zip(names, records, strict=True):
        points = [f"{record.exercise_score(exercise):g}" for exercise in unit.exercises]
        counted = marks[record.student]
        waiting = WAITING if counted.waiting else ""
        notes = _notes([note for note in (record.problem, waiting, *record.repairs, *record.notes) if note])
        table.add_row(name, *points, f"{counted.score:g}/{counted.max_score:g}", notes)
    return table


def _notes(notes: Sequence[str]) -> str:
    """Return the first notes in one line; `results --json` has all of them."""
    shown = [one_line(note[:LONGEST_NOTE]) + "…" * (len(note) > LONGEST_NOTE) for note in notes[:MAX_NOTES]]
    more = [f"and {len(notes) - MAX_NOTES} more, see results --json"] if len(notes) > MAX_NOTES else []
    return "; ".join([*shown, *more])


def one_line(text: str) -> str:
    """Return a student's text fit for a terminal: on one line, without control sequences, and with no markup of rich's."""
    return escape(" ".join(readable(text).split()))
