"""Graft a student's answers onto the pristine notebook: what is run, what is shown, what was repaired. Runs nothing."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from autograder.model.units import Cell, Kind, Unit
from autograder.reading.additions import separate_additions
from autograder.reading.as_written import steps_as_written
from autograder.reading.cells import HandedCells
from autograder.reading.match import Match, match_cells
from autograder.reading.pieces import Piece, piece_of
from autograder.reading.plan import OWN, Step, helpers_first, without_unused_demos
from autograder.reading.read import Handed


@dataclass(frozen=True)
class Graft:
    """The pristine notebook with the student's answers.

    `answers` are by the id of the answer or manually graded cell. `own` are the student's own cells: the id of the cell that
    each stands before ("" at the end), and its source. `written` are all code cells as they were handed in, in their order.
    """

    steps: tuple[Step, ...]
    written: tuple[Step, ...]
    answers: dict[str, str]
    own: tuple[tuple[str, str], ...]
    repairs: tuple[str, ...]


NOTHING = Graft((), (), {}, (), ())  # the graft of a submission that could not be read


def graft(unit: Unit, released: Mapping[str, str], handed: Handed) -> Graft:
    """Put the student's answers into the pristine notebook.

    `released`: what the release shows in each cell, by id (a stub in the place of an answer).
    Raises SubmissionError for a notebook that has nothing of this unit.
    """
    pristine = {name: piece_of(source) for name, source in released.items()}
    cells = HandedCells(tuple(separate_additions(unit, pristine, handed.cells)))
    match = match_cells(unit, pristine, cells, handed.damaged)
    in_order, moved = helpers_first(list(_steps(unit, pristine, match)))
    steps = without_unused_demos(in_order)
    changed = [
        f"the locked cell {cell.id} was changed: it was run as released, then as changed"
        for cell in unit.of_kind(Kind.SHARED)
        if _is_changed(cell, pristine, match)
    ]
    put_back = _put_back(unit, pristine, match)
    kept = _kept_additions(match)
    repairs = (*handed.repairs, *match.repairs, *changed, *put_back, *kept, *moved)
    written = without_unused_demos(list(steps_as_written(unit, pristine, cells)))
    return Graft(steps, written, match.answers, tuple(_own_cells(steps)), repairs)


def answers_in(unit: Unit, released: Mapping[str, str], handed: Handed) -> dict[str, str]:
    """Return what was answered in a notebook, by the id of the answer; raises SubmissionError as `graft` does."""
    pieces = {name: piece_of(source) for name, source in graft(unit, released, handed).answers.items()}
    return {name: piece.bare for name, piece in pieces.items() if piece.bare not in ("", piece_of(released[name]).bare)}


def _steps(unit: Unit, pristine: Mapping[str, Piece], match: Match) -> Iterator[Step]:
    """Yield what is run, in order: the unit's cells, and each of the student's own where it was put among them."""
    own = [i for i in match.cells.free if _is_own(i, unit, pristine, match.cells)]
    in_order = _in_order(match.places[cell.id] for cell in unit.cells if cell.id in match.places)
    for cell in unit.cells:
        if not cell.code or cell.kind is Kind.TASK:
            continue
        at = match.places.get(cell.id)
        # A test or a cell of the lesson that was moved says nothing of where the student's own cells belong.
        stays = cell.kind in (Kind.ANSWER, Kind.MANUAL) or at in in_order
        while at is not None and stays and own and own[0] < at:
            yield _own_step(own.pop(0), match.cells)
        yield from _steps_of(cell, at, pristine, match)
    for index in own:
        yield _own_step(index, match.cells)


def _steps_of(cell: Cell, at: int | None, pristine: Mapping[str, Piece], match: Match) -> Iterator[Step]:
    """Yield what is run for one cell of the unit; `at` is the index of the handed-in cell that stands for it."""
    if cell.kind is Kind.TEST:
        yield Step(cell.id, "test", cell.source, cell.exercise)
    elif cell.kind is Kind.SHARED:
        yield Step(cell.id, "both", cell.source)
        if at is not None and _is_changed(cell, pristine, match):
            yield _own_step(at, match.cells)
    elif cell.kind is Kind.ANSWER:
        if cell.id in match.answers:
            yield Step(cell.id, "student", match.answers[cell.id], cell.exercise)
    elif cell.kind is Kind.MANUAL:
        answer = match.answers.get(cell.id, "")
        if piece_of(answer).bare not in ("", pristine[cell.id].bare):
            yield Step(cell.id, "student", answer, cell.id)
    elif cell.kind is Kind.DEMO:
        if at is not None and _is_changed(cell, pristine, match):
            yield Step(cell.id, "student", match.cells[at].source)
        elif at is not None and match.cells.is_code(at):
            yield Step(cell.id, "demo", cell.source)
    elif at is None or match.cells.pieces[at].bare == piece_of(cell.source).bare:
        yield Step(cell.id, "lesson", cell.source)
    else:
        yield Step(cell.id, "student", match.cells[at].source)


def _in_order(places: Iterable[int]) -> set[int]:
    """Return as many of several places as follow one another in order: those of the cells that were not moved."""
    ends: list[int] = []  # by the length of a row of places in order, less 1: the least place that such a row ends with
    before: dict[int, int] = {}
    for place in places:
        length = bisect_left(ends, place)
        if length:
            before[place] = ends[length - 1]
        ends[length : length + 1] = [place]
    row, place = set(ends[-1:]), ends[-1] if ends else -1
    while place in before:
        place = before[place]
        row.add(place)
    return row


def _own_step(index: int, cells: HandedCells) -> Step:
    return Step(f"{OWN}{index}", "student", cells[index].source)


def _is_own(index: int, unit: Unit, pristine: Mapping[str, Piece], cells: HandedCells) -> bool:
    """Whether a cell that stands for none of the unit's is the student's code, not the kit's or a slightly edited test."""
    cell, piece = cells[index], cells.pieces[index]
    if not cell.code or not piece.bare or cell.is_the_kits:
        return False
    return not any(pristine[other.id].is_like(piece) for other in unit.of_kind(Kind.TEST))


def _is_changed(cell: Cell, pristine: Mapping[str, Piece], match: Match) -> bool:
    """Whether the student changed a locked cell or a demo, and left it code."""
    at = match.places.get(cell.id)
    return at is not None and match.cells.is_code(at) and match.cells.is_changed(at, pristine[cell.id])


def _put_back(unit: Unit, pristine: Mapping[str, Piece], match: Match) -> Iterator[str]:
    """Say which locked cells and tests are missing; all of them are run all the same."""
    free = [match.cells.pieces[i] for i in match.cells.free if match.cells.is_code(i)]
    missing = [
        cell.id
        for cell in unit.of_kind(Kind.SHARED, Kind.TEST)
        if cell.id not in match.places
        and pristine[cell.id].bare
        and not any(pristine[cell.id].is_like(piece) for piece in free)
    ]
    if len(missing) == 1:
        yield f"the locked cell {missing[0]} was missing: it was run as released"
    elif missing:
        yield f"the locked cells {', '.join(missing)} were missing: they were run as released"


def _kept_additions(match: Match) -> Iterator[str]:
    """Say which tests' cells held definitions of the student's, where these are not an answer."""
    additions = [i for i in match.cells.free if match.cells[i].added_to and match.cells.pieces[i].bound]
    for test in dict.fromkeys(match.cells[i].added_to for i in additions):
        yield f"what was added to the locked cell {test} was run as a cell of its own"


def _own_cells(steps: Iterable[Step]) -> Iterator[tuple[str, str]]:
    """Yield the student's own cells, each with the id of the unit's cell that it stands before."""
    waiting = []
    for step in steps:
        if step.own:
            waiting.append(step.source)
        else:
            yield from ((step.id, source) for source in waiting)
            waiting = []
    yield from (("", source) for source in waiting)
