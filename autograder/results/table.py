"""The table of grades that `results` prints."""

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from autograder.model.records import Record
from autograder.model.text import readable
from autograder.model.units import Unit


def table_of(unit: Unit, records: Sequence[Record]) -> Table:
    """Return one row per submission, with the points of each exercise."""
    table = Table(title=unit.name, caption=f"{len(records)} submissions", row_styles=["", "dim"])
    table.add_column("student", no_wrap=True)
    for exercise in unit.exercises:
        table.add_column(exercise, justify="right")
    table.add_column("total", justify="right", style="bold")
    table.add_column("note", overflow="fold")
    for record in records:
        points = [f"{record.exercise_score(exercise):g}" for exercise in unit.exercises]
        notes = one_line("; ".join(filter(None, [record.problem, *record.repairs, *record.notes])))
        table.add_row(one_line(record.student), *points, f"{record.score:g}/{record.max_score:g}", notes)
    return table


def one_line(text: str) -> str:
    """Return a student's text fit for a terminal: on one line, without control sequences, and with no markup of rich's."""
    return escape(" ".join(readable(text).split()))
