"""What `collect` prints: a row per student and unit, and a sentence per file that has to be looked at."""

from rich.table import Table

from autograder.collecting.collect import Collected, Placed
from autograder.model.text import listed
from autograder.results.table import one_line

WITHOUT_TIMES = ", without times of handing in: for nbgrader none is late"


def table_of(collected: Collected) -> Table:
    """Return one row per student and unit."""
    without_times = collected.placed and not any(one.time for one in collected.placed)
    caption = f"{len(collected.placed)} submissions, from {collected.system}{WITHOUT_TIMES if without_times else ''}"
    table = Table(caption=caption, row_styles=["", "dim"])
    for column in ("unit", "student"):
        table.add_column(column, no_wrap=True)
    for column in ("handed in (UTC)", "what became of it"):
        table.add_column(column)
    table.add_column("note", overflow="fold")
    for one in collected.placed:
        time = f"{one.time:%Y-%m-%d %H:%M:%S}" if one.time else ""
        table.add_row(one.unit, one_line(one.student), time, one.status, one_line(_note(one, collected.system)))
    return table


def sentences_of(collected: Collected) -> list[str]:
    """Return a sentence for everything that has to be looked at."""
    return [one_line(str(problem)) for problem in collected.problems]


def _note(one: Placed, system: str) -> str:
    notes = [f"late, says {system}"] if one.late else []
    if one.remarks:
        notes.append(f"left out: {listed(one.remarks)}")
    return "; ".join(notes)
