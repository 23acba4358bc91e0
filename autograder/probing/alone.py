"""A submission in which one exercise is answered, and those that it rests on as in the reference; the others are left out. Pure."""

from collections.abc import Iterator

from autograder.model.units import Cell, Kind, Unit, defined_names
from autograder.probing.variants import Variant
from autograder.reading.names import names_in
from autograder.reading.plan import OWN, Step, reference_steps


def rests_on(unit: Unit, exercise: str, answer: str) -> set[str]:
    """Return the other exercises whose answers this answer uses, or the tests of its exercise do: they must be answered too."""
    makers = {name: cell.exercise for cell in unit.of_kind(Kind.ANSWER) for name in defined_names(cell.source)}
    wanted = {exercise}
    while True:
        sources = [answer, *(cell.source for cell in unit.cells if belongs_to(cell, wanted))]
        more = {makers[name] for source in sources for name in names_in(source).used if name in makers} - wanted
        if not more:
            return wanted - {exercise}
        wanted |= more


def belongs_to(cell: Cell, exercises: set[str]) -> bool:
    """Return whether a cell is an answer or a test of one of these exercises."""
    return cell.exercise in exercises


def steps_alone(unit: Unit, exercise: str) -> Iterator[Step]:
    """Yield the steps of a submission in which the reference answers this exercise alone, with the tests of no other."""
    answered = {exercise} | rests_on(unit, exercise, "")
    for step in reference_steps(unit):
        if step.run == "test":
            if step.exercise == exercise:
                yield step
        elif step.run != "student" or step.exercise in answered:
            yield step


def with_variant(steps: Iterator[Step] | tuple[Step, ...], variant: Variant) -> Iterator[Step]:
    """Yield the steps with a variant in the place of the reference's answer."""
    for step in steps:
        if step.run == "student" and step.id == (variant.cell or variant.exercise):
            if variant.helper:
                yield Step(f"{OWN}0", "student", variant.helper)
            yield Step(step.id, step.run, variant.source, step.exercise)
        else:
            yield step
