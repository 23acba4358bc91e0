"""Graft a student's answers onto the pristine notebook: whatever became of the cells in between. Runs nothing."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from autograder.errors import SubmissionError
from autograder.model.units import INSTALL_ID, INSTALL_MARK, Cell, Kind, Unit
from autograder.reading.mend import LEFT_OVER
from autograder.reading.pieces import Piece, piece_of, put_together
from autograder.reading.plan import Step, helpers_first
from autograder.reading.read import Handed

ALIKE = 0.75  # likeness from which two cells are taken to be the same cell, edited
NEAR = 6  # cells beside an answer in which the rest of a split one is looked for
FEW = 4  # parts of an answer that are tried in any order


@dataclass(frozen=True)
class Graft:
    """The pristine notebook with the student's answers: what is run, what is shown, what was repaired.

    `answers` are by the id of the answer or manually graded cell; `own` are the student's own cells: the id of the cell that
    each comes before ("": the end), and its source.
    """

    steps: tuple[Step, ...]
    answers: dict[str, str]
    own: tuple[tuple[str, str], ...]
    repairs: tuple[str, ...]


def graft(unit: Unit, released: dict[str, str], handed: Handed) -> Graft:
    """Put the student's answers into the pristine notebook.

    `released`: what the release shows in each cell, by id (a stub in the place of an answer).
    Raises SubmissionError for a notebook that has nothing of this unit.
    """
    matching = _Matching(unit, released, handed)
    matching.match()
    steps, moved = helpers_first(list(matching.steps()))
    return Graft(steps, matching.sources, tuple(_own(steps)), (*handed.repairs, *matching.repairs, *moved))


def _own(steps: Iterable[Step]) -> Iterator[tuple[str, str]]:
    waiting = []
    for step in steps:
        if step.own:
            waiting.append(step.source)
        else:
            yield from ((step.id, source) for source in waiting)
            waiting = []
    yield from (("", source) for source in waiting)


class _Matching:
    """Which handed-in cell stands for which cell of the unit."""

    def __init__(self, unit: Unit, released: dict[str, str], handed: Handed) -> None:
        self.unit = unit
        self.handed = handed.cells
        self.damaged = handed.damaged
        self.pieces = [piece_of(cell.source) for cell in handed.cells]
        self.stubs = {name: piece_of(source) for name, source in released.items()}
        self.repairs: list[str] = []
        self.of: dict[str, int] = {}  # id of the unit's cell -> index of the handed-in cell, the first of a split one
        self.sources: dict[str, str] = {}  # id of an answer -> what the student wrote
        self.taken: set[int] = set()

    def match(self) -> None:
        """By grade_id, then by the cell's own id or its unchanged text, then by what an answer defines, its place, its likeness."""
        asked = self.unit.of_kind(Kind.ANSWER, Kind.MANUAL)
        lost = [cell for cell in asked if not self._by_grade_id(cell)]
        if len(lost) == len(asked) and not self._is_of_this_unit():
            raise SubmissionError(
                f"the notebook has none of the exercises of {self.unit.name}; is it another unit's? Hand in {self.unit.name}.ipynb"
            )
        for cell in self.unit.cells:
            if cell.kind not in (Kind.ANSWER, Kind.MANUAL):
                self._by_likeness(cell)
        found = [cell for cell in lost if self._by_content(cell)]
        found += [cell for cell in lost if cell not in found and self._by_elimination(cell)]
        self._tell([cell for cell in lost if cell in found], [cell for cell in lost if cell not in found])

    def _tell(self, found: list[Cell], missing: list[Cell]) -> None:
        """Say what was lost and found."""
        if found:
            ids = ", ".join(cell.id for cell in found)
            self.repairs.append(f"the cells of {ids} had lost their nbgrader marks and were found by what they hold")
        if missing:
            ids = ", ".join(cell.id for cell in missing)
            self.repairs.append(f"no cell was found for {ids}: it counts as not answered")
        for name in [cell.id for cell in self.unit.of_kind(Kind.ANSWER) if cell.id in self.sources]:
            piece = piece_of(self.sources[name])
            if piece.is_hollow:
                self.repairs.append(f"the cell of {name} ends after its docstring")
            if piece.parses and not self.stubs[name].names <= piece.names:
                names = " and ".join(sorted(self.stubs[name].names - piece.names))
                self.repairs.append(f"the cell of {name} does not define {names}")
        halves = [name for name in self.sources if name in self.damaged]
        if halves:
            self.repairs.append(
                f"a cell of {', '.join(halves)} stands in a damaged part of the file; what could be read was graded"
            )
        merged = [name for name, source in self.sources.items() if LEFT_OVER.search(source)]
        if merged:
            self.repairs.append(f"the cells of {', '.join(merged)} hold marks of a merge that nobody completed")
        wrong = [name for name, source in self.sources.items() if "\ufffd" in source]
        if wrong:
            self.repairs.append(f"characters of {', '.join(wrong)} could not be read")

    # ---- by its grade_id

    def _by_grade_id(self, cell: Cell) -> bool:
        claims = [i for i, handed in enumerate(self.handed) if handed.grade_id == cell.id]
        if not claims:
            return False
        changed = [i for i in claims if self._is_changed(cell, i)]
        if cell.kind is Kind.MANUAL:
            parts = self._texts(changed) or claims[-1:]
        else:
            parts = self._answer(cell, self._of_type(cell, changed))
            if not self._defines(cell, parts):
                parts = [*parts, *self._elsewhere(cell)] or claims[-1:]
        if not any(self.handed[i].code == (cell.kind is Kind.ANSWER) for i in parts):
            self.repairs.append(f"the cell of {cell.id} had become one of another type")
        self._say_which(cell, claims, parts, changed)
        self._take(cell, parts)
        # Another version of the answer is not run; what a cell with its marks does besides, a helper perhaps, is.
        self.taken.update(i for i in claims if i not in changed or self._is_version(cell, i))
        return True

    def _say_which(self, cell: Cell, claims: list[int], parts: list[int], changed: list[int]) -> None:
        if not set(parts) & set(claims):
            self.repairs.append(
                f"the cell of {cell.id} was left as it was; another cell that defines {cell.id} was graded"
            )
        elif len(parts) > 1:
            self.repairs.append(f"the cell of {cell.id} was split; its {len(parts)} parts were joined")
        elif len(claims) > 1:
            which = "the last one that was changed" if changed else "the last one"
            self.repairs.append(f"the cell of {cell.id} was there {len(claims)} times; {which} was graded")

    def _is_changed(self, cell: Cell, index: int) -> bool:
        return self.pieces[index].bare not in ("", self.stubs[cell.id].bare)

    def _of_type(self, cell: Cell, changed: list[int]) -> list[int]:
        """Those that are code, unless what defines the answer became text."""
        code = [i for i in changed if self.handed[i].code]
        text = [i for i in changed if i not in code]
        if text and not self._defining(cell, code) and self._defining(cell, text):
            return text
        return code or text

    def _defining(self, cell: Cell, among: Iterable[int]) -> list[int]:
        names = self.stubs[cell.id].names
        return [i for i in among if names and names <= self.pieces[i].names_even_if_broken]

    def _defines(self, cell: Cell, parts: list[int]) -> bool:
        """Whether these cells together define the answer, be it with a mistake."""
        names = self.stubs[cell.id].names
        return bool(parts) and names <= self._together(parts).names_even_if_broken

    def _is_version(self, cell: Cell, index: int) -> bool:
        """Whether a cell is another version of an answer, or a bit of one that is no use alone."""
        piece = self.pieces[index]
        return not piece.parses or bool(piece.names & self.stubs[cell.id].names)

    def _elsewhere(self, cell: Cell) -> list[int]:
        """A cell without marks that answers an exercise whose own cell was left as it was."""
        free = [
            i for i, handed in enumerate(self.handed) if handed.code and not handed.grade_id and i not in self.taken
        ]
        found = [i for i in self._defining(cell, free) if self._is_changed(cell, i)]
        return self._with_neighbours(found[-1:])

    def _texts(self, changed: list[int]) -> list[int]:
        """The different texts of an answer in words: all of them, for a person reads them."""
        texts = [i for i in changed if not self.handed[i].code] or changed
        return list({self.pieces[i].bare: i for i in texts}.values())

    # ---- what belongs to an answer

    def _answer(self, cell: Cell, changed: list[int]) -> list[int]:
        """The last of these cells that defines the answer, or those that do so together, in order."""
        names = self.stubs[cell.id].names
        whole = [i for i in changed if self.pieces[i].parses and names <= self.pieces[i].names]
        # What is Python by itself is no part of a split cell, but for what stands below a line that was cut.
        parts = {self.pieces[i].bare: i for i in changed if not self.pieces[i].parses}
        parts |= {self.pieces[i].bare: i for i in whole[-1:]}
        parts |= {self.pieces[j].bare: j for i, j in itertools.pairwise(changed) if self.pieces[i].is_cut}
        if not whole and len(parts) < len(changed):
            parts |= {self.pieces[i].bare: i for i in changed}
        for order in _orders(sorted(parts.values())):
            if not set(whole[-1:]) <= set(order):
                continue
            together = self._together(order)
            if together.parses and names <= together.names:
                return self._with_neighbours(list(order))
        return self._with_neighbours(whole[-1:] or self._defining(cell, changed)[-1:] or changed[-1:])

    def _with_neighbours(self, parts: list[int]) -> list[int]:
        """With the cells above and below, without marks, that make sense only as its beginning or end."""
        if not parts:
            return []
        for step in (1, -1):
            found, more = parts, []
            near = parts[-1] if step == 1 else parts[0]
            for index in range(near + step, near + step * (NEAR + 1), step):
                if not self._is_loose(index):
                    break
                more.append(index)
                order = [*parts, *more] if step == 1 else [*more[::-1], *parts]
                if self._belong(order, index):
                    found = order
            parts = found
        together = self._together(parts)
        return parts if together.parses and not together.is_hollow else self._with_strays(parts)

    def _with_strays(self, parts: list[int]) -> list[int]:
        """With a cell without marks, from anywhere, that makes a whole program of what is none."""
        free = [i for i, h in enumerate(self.handed) if i not in self.taken and not h.grade_id]
        strays = sorted((i for i in free if not self.pieces[i].parses), key=lambda i: not self.handed[i].code)
        for index in strays[:NEAR]:
            for order in ([*parts, index], [index, *parts]):
                together = self._together(order)
                if index not in parts and together.parses and not together.is_hollow:
                    return order
        return parts

    def _belong(self, order: list[int], last: int) -> bool:
        """Whether these cells are Python together, and the last one that came to them would not be without the others."""
        if not self.pieces[last].parses:
            together = self._together(order)
            return together.parses and not together.has_dead_code
        return self.pieces[order[-2]].is_cut and Piece("".join(self.handed[i].source for i in order)).parses

    def _is_loose(self, index: int) -> bool:
        return (
            0 <= index < len(self.handed)
            and index not in self.taken
            and self.handed[index].code
            and not self.handed[index].grade_id
            and bool(self.pieces[index].bare)
        )

    def _together(self, parts: Sequence[int]) -> Piece:
        return self.pieces[parts[0]] if len(parts) == 1 else Piece(put_together([self.handed[i].source for i in parts]))

    def _take(self, cell: Cell, parts: list[int]) -> None:
        """Let these cells, joined, be the answer."""
        self.of[cell.id] = parts[0]
        if cell.kind is Kind.MANUAL:
            self.sources[cell.id] = "\n\n".join(self.handed[i].source for i in parts)
        else:
            self.sources[cell.id] = self._together(parts).source
        self.taken.update(parts)

    @cached_property
    def _with_id(self) -> dict[str, list[int]]:
        """Which cells have a grade_id or an id."""
        found: dict[str, list[int]] = {}
        for index, cell in enumerate(self.handed):
            for name in {cell.grade_id, cell.id}:
                found.setdefault(name, []).append(index)
        return found

    @cached_property
    def _with_text(self) -> dict[str, list[int]]:
        """Which cells have a text."""
        found: dict[str, list[int]] = {}
        for index, piece in enumerate(self.pieces):
            found.setdefault(piece.bare, []).append(index)
        return found

    # ---- without a grade_id

    def _is_of_this_unit(self) -> bool:
        """Whether a notebook without any of the unit's marks holds its answers or its locked cells all the same."""
        names = {name for piece in self.pieces for name in piece.names_even_if_broken}
        fixed = {self.stubs[c.id].bare for c in self.unit.of_kind(Kind.TEST, Kind.PLAIN, Kind.DEMO)}
        same = sum(piece.bare in fixed for piece, handed in zip(self.pieces, self.handed, strict=True) if handed.code)
        return bool(names & self.unit.answer_names) or same >= 3

    def _by_likeness(self, cell: Cell) -> None:
        """A cell that is not an answer: by its id, by its grade_id, or by its text."""
        text = self.stubs[cell.id].bare
        same_id = [i for i in self._with_id.get(cell.id, ()) if i not in self.taken]
        same_text = [i for i in self._with_text.get(text, ()) if text and i not in self.of.values()]
        if same_id or same_text:
            self.of[cell.id] = (same_id or same_text)[0]
            # Copies of a test or a demo are no work of the student's: none of them is run as an extra cell.
            self.taken.update(same_id, same_text)

    def _by_content(self, cell: Cell) -> bool:
        """An answer that lost its marks: the last changed cell that defines it, else the one in its place or like its stub."""
        free = [i for i in range(len(self.handed)) if i not in self.taken]
        if cell.kind is Kind.MANUAL:
            parts = self._in_its_place(cell, free) or self._like(cell, [i for i in free if not self.handed[i].code])
        else:
            code = [i for i in free if self.handed[i].code]
            text = [i for i in free if not self.handed[i].code and self.pieces[i].parses]
            defining = self._defining(cell, code) or self._defining(cell, text) or self._like(cell, code)
            changed = [i for i in defining if self._is_changed(cell, i)]
            parts = self._with_neighbours((changed or defining)[-1:])
        if parts:
            self._take(cell, parts)
        return bool(parts)

    def _like(self, cell: Cell, free: list[int]) -> list[int]:
        """The cell most like the stub, if it is not the answer to something else."""
        others = self.unit.answer_names - self.stubs[cell.id].names
        likeness = {
            i: self.stubs[cell.id].likeness(self.pieces[i])
            for i in free
            if not others & self.pieces[i].names_even_if_broken
        }
        best = max(likeness, key=lambda i: likeness[i], default=None)
        return [best] if best is not None and likeness[best] >= ALIKE else []

    def _in_its_place(self, cell: Cell, free: list[int]) -> list[int]:
        """The texts that stand between the cells that stand beside this one in the unit."""
        at = next(i for i, other in enumerate(self.unit.cells) if other.id == cell.id)
        above = [self.of[other.id] for other in self.unit.cells[:at][-1:] if other.id in self.of]
        below = [self.of[other.id] for other in self.unit.cells[at + 1 :][:1] if other.id in self.of]
        if not above or (self.unit.cells[at + 1 :] and not below):
            return []
        between = range(above[0] + 1, below[0] if below else len(self.handed))
        return [i for i in free if i in between and not self.handed[i].code][:NEAR]

    def _by_elimination(self, cell: Cell) -> bool:
        """An answer in words: the only text of the notebook that is not the lesson's, or that Python cannot read."""
        if cell.kind is not Kind.MANUAL:
            return False
        free = [i for i, piece in enumerate(self.pieces) if i not in self.taken and piece.bare]
        for left in (
            [i for i in free if not self.handed[i].code],
            [i for i in free if self.handed[i].code and not self.pieces[i].parses],
        ):
            if len(self._texts(left)) == 1:
                self._take(cell, left[-1:])
                return True
        return False

    # ---- what is run

    def steps(self) -> Iterator[Step]:
        """What is run, in order: the unit's cells, the student's own cells before the cell that they came before."""
        extra = [i for i in range(len(self.handed)) if self._is_own(i)]
        for cell in self.unit.cells:
            if cell.kind in (Kind.TEXT, Kind.MANUAL, Kind.DEMO):
                continue
            at = self.of.get(cell.id)
            while at is not None and extra and extra[0] < at:
                yield self._own(extra.pop(0))
            if cell.kind is Kind.TEST:
                yield Step(cell.id, "test", cell.source, cell.exercise)
            elif cell.kind is Kind.SHARED:
                yield Step(cell.id, "both", cell.source)
                if at is not None and self.handed[at].code and self._is_changed(cell, at):
                    self.repairs.append(
                        f"the locked cell {cell.id} was changed: it was run as released, then as changed"
                    )
                    yield self._own(at)
            elif cell.kind is Kind.ANSWER:
                if at is not None:
                    yield Step(cell.id, "student", self.sources[cell.id], cell.id)
            elif at is None or self.pieces[at].bare == piece_of(cell.source).bare:
                yield Step(cell.id, "lesson", cell.source)
            else:
                yield Step(cell.id, "student", self.handed[at].source)
        for index in extra:
            yield self._own(index)

    def _own(self, index: int) -> Step:
        return Step(f"own_{index}", "student", self.handed[index].source)

    def _is_own(self, index: int) -> bool:
        """Whether a cell is code of the student's own, not the kit's or a cell of the lesson that was edited a little."""
        handed, piece = self.handed[index], self.pieces[index]
        if not handed.code or index in self.taken or not piece.bare:
            return False
        if handed.id == INSTALL_ID or handed.source.startswith(INSTALL_MARK):
            return False
        lesson = self.unit.of_kind(Kind.TEST, Kind.DEMO)
        return all(self.stubs[cell.id].likeness(piece) < ALIKE for cell in lesson)


def _orders(parts: list[int]) -> Iterator[Sequence[int]]:
    """In which order the parts of a split cell may belong together: as they stand, the more of them the better; then any."""
    near = parts[-NEAR:]
    for length in range(len(near), 0, -1):
        for first in range(len(near) - length, -1, -1):
            yield near[first : first + length]
    few = parts[-FEW:]
    for length in range(len(few), 1, -1):
        yield from itertools.permutations(few, length)
