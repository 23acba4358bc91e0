"""What `probe` prints: a table of counts, then each survivor with its diff and the tests that it passed."""

from collections.abc import Iterator

from rich.markup import escape
from rich.table import Table

from autograder.model.units import Unit
from autograder.probing.equivalents import FILE
from autograder.probing.probe import Probed, Survivor
from autograder.probing.variants import Kind

COLUMNS = {
    Kind.MUTANT: "mutants caught",
    Kind.MIMIC: "mimics caught",
    Kind.DISGUISE: "disguises accepted",
}


def probed_table(unit: Unit, probed: Probed) -> Table:
    """Return one row per exercise, with the variants that were treated as they should be, out of all that were made."""
    caption = f"{len(probed.equivalents)} more are on the list of equivalents; {probed.seconds:g} seconds"
    table = Table(title=escape(unit.name), caption=caption, row_styles=["", "dim"])
    table.add_column("exercise", no_wrap=True)
    for words in COLUMNS.values():
        table.add_column(words, justify="right")
    for exercise in unit.exercises:
        table.add_row(unit.exercise_in_words(exercise), *(_of_all(probed, exercise, kind) for kind in COLUMNS))
    return table


def _of_all(probed: Probed, exercise: str, kind: Kind) -> str:
    return f"{probed.as_they_should_be(exercise, kind)}/{probed.made[exercise][kind]}"


def lines_of(unit: Unit, probed: Probed) -> Iterator[str]:
    """Yield what is to be mended, in rich's markup: each survivor with its diff, and what is stale on the list of equivalents."""
    for survivor in probed.survivors:
        yield from _of_survivor(unit, survivor)
    for entry in probed.stale:
        yield f"[yellow]stale:[/] {escape(entry.exercise)}: {escape(entry.change)}"
        yield f"    on the list of equivalents, and no variant with this name survives; take it off {escape(FILE.format(probed.unit))}"


def _of_survivor(unit: Unit, survivor: Survivor) -> Iterator[str]:
    words = unit.exercise_in_words(survivor.exercise)
    # The list of equivalents goes by the id.
    called = words if words == survivor.exercise else f"{words} ({survivor.exercise})"
    yield f"[bold red]{survivor.kind.value}[/] {escape(called)}: {escape(survivor.change)}"
    yield f"    passed: {', '.join(survivor.passed) or 'nothing'}; lost: {', '.join(survivor.lost) or 'nothing'}"
    for line in survivor.diff.splitlines()[2:]:
        color = {"+": "green", "-": "red"}.get(line[:1], "dim")
        yield f"    [{color}]{escape(line)}[/]"
