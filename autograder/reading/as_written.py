"""The cells of a notebook as they were handed in, in their order, as a notebook kernel would run them. Runs nothing.

The plan leaves cells out and moves them by what their texts say, and a text does not say all that a cell does. A submission that loses a
test is therefore run once more in this order: see `running/second_look.py`.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from autograder.model.units import Cell, Kind, Unit
from autograder.reading.cells import HandedCells
from autograder.reading.pieces import Piece
from autograder.reading.plan import OWN, Step

FIXED = (Kind.TEST, Kind.SHARED, Kind.PLAIN, Kind.DEMO, Kind.MANUAL)
LESSON = ("lesson", "demo")  # what a step of the lesson's is run as


def steps_as_written(unit: Unit, released: Mapping[str, Piece], cells: HandedCells) -> Iterator[Step]:
    """Yield every code cell that was handed in, in order, the unit's own tests and locked cells in the places of the handed-in ones.

    `released`: what the release shows in each cell, by id. Of several copies of a test the last one counts. A locked cell that is missing
    comes first, a missing test last.
    """
    stands_for = _stands_for(unit, released, cells)
    last = {cell.id: index for index, cell in stands_for.items()}
    exercises = {cell.id: cell.exercise for cell in unit.of_kind(Kind.ANSWER)}
    yield from (_shared(cell) for cell in unit.of_kind(Kind.SHARED) if cell.id not in last)
    begun: set[str] = set()  # locked cells, of which each is run once
    for index in range(len(cells)):
        known = stands_for.get(index)
        if known is not None and known.kind is Kind.TEST:
            if index == last[known.id]:
                yield _test(known)
            continue
        if known is not None and known.kind is Kind.SHARED and known.id not in begun:
            begun.add(known.id)
            yield _shared(known)
        if known is None or cells.is_changed(index, released[known.id]):
            if _is_code(cells, index):
                grade_id = cells[index].grade_id
                yield Step(f"{OWN}{index}", "student", cells[index].source, exercises.get(grade_id, ""))
        elif known.kind in (Kind.PLAIN, Kind.DEMO):
            yield Step(known.id, "lesson" if known.kind is Kind.PLAIN else "demo", known.source)
    yield from (_test(test) for test in unit.tests if test.id not in last)


def passes_as_written(unit: Unit, written: Sequence[Step]) -> list[list[Step]]:
    """Divide the steps into two passes: the visible tests in the first and the hidden ones in the second, all in their places."""
    hidden = {test.id for test in unit.tests if test.hidden}
    steps = [dataclasses.replace(step, run="student") if step.run in LESSON else step for step in written]
    return [
        [step for step in steps if step.id not in hidden],
        [step for step in steps if step.run != "test" or step.id in hidden],
    ]


def is_as_written(unit: Unit, planned: Sequence[Sequence[Step]], written: Sequence[Step]) -> bool:
    """Whether the passes of the plan run the student's cells in the way in which they were handed in.

    The lesson's own cells do not count. Where there is a single pass, hidden tests run after cells below them: that is the same only
    where there are no cells but answers.
    """
    lesson = {cell.source for cell in unit.of_kind(Kind.PLAIN, Kind.DEMO)}
    if len(planned) == 1:
        only_answers = all(step.exercise for step in written if step.run == "student")
        return only_answers and _seen(planned[0], lesson, tests=False) == _seen(written, lesson, tests=False)
    return [_seen(steps, lesson) for steps in planned] == [
        _seen(steps, lesson) for steps in passes_as_written(unit, written)
    ]


def _stands_for(unit: Unit, released: Mapping[str, Piece], cells: HandedCells) -> dict[int, Cell]:
    """Return the unit's cells, but for answers, by the index of each handed-in cell that has their id, else their unchanged text."""
    fixed = unit.of_kind(*FIXED)
    places = {index: cell for cell in fixed for index in cells.with_id.get(cell.id, ())}
    for cell in [cell for cell in fixed if cell.id not in cells.with_id and released[cell.id].bare]:
        for index in cells.with_text.get(released[cell.id].bare, ()):
            places.setdefault(index, cell)
    return dict(sorted(places.items()))


def _is_code(cells: HandedCells, index: int) -> bool:
    """Whether a cell is code, and not the kit's."""
    return cells[index].code and bool(cells.pieces[index].bare) and not cells[index].is_the_kits


def _seen(steps: Sequence[Step], lesson: set[str], tests: bool = True) -> list[str]:
    """Return the sources of steps, and the ids of tests among them, without the cells of the lesson."""
    return [
        step.id if step.run == "test" else step.source
        for step in steps
        if (tests or step.run != "test")
        and step.run not in LESSON
        and (step.run == "both" or step.source not in lesson)
    ]


def _test(cell: Cell) -> Step:
    return Step(cell.id, "test", cell.source, cell.exercise)


def _shared(cell: Cell) -> Step:
    return Step(cell.id, "both", cell.source)
