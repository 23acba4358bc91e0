"""Find out which handed-in cell stands for which cell of the unit, whatever became of the cells in between. Runs nothing."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from autograder.errors import SubmissionError
from autograder.model.units import Cell, Kind, Unit
from autograder.reading.cells import NEAR, HandedCells
from autograder.reading.dependencies import only_what_defines
from autograder.reading.mend import LEFT_OVER
from autograder.reading.pieces import ALIKE, Piece, piece_of

SAME_CELLS = 3  # unchanged cells of the lesson that show which unit a notebook without any marks is of


@dataclass(frozen=True)
class Match:
    """Which handed-in cell stands for which cell of the unit.

    `places` are by the id of the unit's cell: the index of the handed-in one, of a split one the first. `answers` are by the
    id of the answer or manually graded cell: what the student wrote. `cells.taken` are those that stand for something.
    """

    cells: HandedCells
    places: dict[str, int]
    answers: dict[str, str]
    repairs: tuple[str, ...]


def match_cells(unit: Unit, released: Mapping[str, Piece], cells: HandedCells, damaged: Collection[str]) -> Match:
    """Match the cells of a notebook with those of a unit.

    `released`: what the release shows in each cell, by id. `damaged`: grade_ids in the parts of the file that could not be
    read. Raises SubmissionError for a notebook that has nothing of this unit.
    """
    matcher = _Matcher(unit, released, cells)
    matcher.match()
    repairs = (*matcher.repairs, *_flaws(unit, released, matcher.answers, damaged, cells))
    return Match(cells, matcher.places, matcher.answers, repairs)


class _Matcher:
    """What has been matched so far, and the ways to match what has not."""

    def __init__(self, unit: Unit, released: Mapping[str, Piece], cells: HandedCells) -> None:
        self.unit = unit
        self.released = released
        self.cells = cells
        self.repairs: list[str] = []
        self.places: dict[str, int] = {}
        self.answers: dict[str, str] = {}

    def match(self) -> None:
        """Match by grade_id, then by the cell's own id or unchanged text, then by what an answer defines, its place, its likeness."""
        answers = self.unit.of_kind(Kind.ANSWER, Kind.MANUAL)
        unmarked = [cell for cell in answers if not self._by_grade_id(cell)]
        if len(unmarked) == len(answers) and not self._is_of_this_unit():
            raise SubmissionError(
                f"the notebook has none of the exercises of {self.unit.name}; is it another unit's? Hand in {self.unit.name}.ipynb"
            )
        for cell in self.unit.cells:
            if cell.kind not in (Kind.ANSWER, Kind.MANUAL):
                self._by_id_or_text(cell)
        missing = [cell for cell in unmarked if not self._by_content(cell)]
        missing = [cell for cell in missing if not self._by_elimination(cell)]
        for cell in [cell for cell in answers if cell.kind is Kind.ANSWER and not self._is_answered(cell)]:
            self._by_another_s_cell(cell)
        missing = [cell for cell in missing if cell.id not in self.answers]
        if recovered := [cell.id for cell in unmarked if cell.id in self.places and cell not in missing]:
            self.repairs.append(
                f"the cells of {', '.join(recovered)} had lost their nbgrader marks and were found by what they hold"
            )
        if missing:
            ids = ", ".join(cell.id for cell in missing)
            self.repairs.append(f"no cell was found for {ids}: it counts as not answered")

    def _take(self, cell: Cell, parts: list[int]) -> None:
        """Let these handed-in cells, joined, be the answer."""
        self.places[cell.id] = parts[0]
        if not cell.code:
            self.answers[cell.id] = "\n\n".join(self.cells[i].source for i in parts)
        else:
            self.answers[cell.id] = self.cells.joined(parts).source
        self.cells.taken.update(parts)

    # ---- by the grade_id

    def _by_grade_id(self, cell: Cell) -> bool:
        claims = [i for i in self.cells.with_id.get(cell.id, ()) if self.cells[i].grade_id == cell.id]
        if not claims:
            return False
        changed = [i for i in claims if self._is_changed(cell, i)]
        if not cell.code:
            parts = self._different_texts(changed) or claims[-1:]
        else:
            counted = self._above_the_tests(cell, changed)
            parts = self.cells.whole_answer(self._of_likelier_type(cell, counted), self.released[cell.id].names)
            if not self._is_defined_by(cell, parts):
                parts = [*parts, *self._answer_in_an_unmarked_cell(cell)] or claims[-1:]
        if not any(self.cells.is_code(i) == cell.code for i in parts):
            self.repairs.append(f"the cell of {cell.id} had become one of another type")
        self._say_which_was_graded(cell, claims, parts, changed)
        self._take(cell, parts)
        # Another version of the answer is not run, unless it stands below the tests, where it changes nothing for them. Whatever
        # else a cell with the answer's marks does, a helper perhaps, is run.
        below = self._whole_below_the_tests(cell, changed)
        self.cells.taken.update(
            i for i in claims if i not in below and (i not in changed or self._is_version_of(cell, i))
        )
        return True

    def _tests_at(self, cell: Cell) -> int:
        """Return where the first test of an answer stands, of several copies of a test the last; the end where there is none."""
        places = []
        for test in self.unit.tests_of(cell.exercise):
            claims = self.cells.with_id.get(test.id, ())
            places += [claims[-1]] if claims else []
        return min(places, default=len(self.cells))

    def _above_the_tests(self, cell: Cell, changed: list[int]) -> list[int]:
        """Leave out the versions of an answer below its tests, if a whole one stands above: a run from the top would test that."""
        end, names = self._tests_at(cell), self.released[cell.id].names
        above = [i for i in changed if i < end]
        whole = any(self.cells.pieces[i].parses and names <= self.cells.pieces[i].bound for i in above)
        return above if whole else changed

    def _whole_below_the_tests(self, cell: Cell, changed: list[int]) -> set[int]:
        """Return the versions that were left out since they stand below the tests, as far as they are Python."""
        left_out = set(changed) - set(self._above_the_tests(cell, changed)) if cell.code else set()
        return {i for i in left_out if self.cells.is_code(i) and self.cells.pieces[i].parses}

    def _say_which_was_graded(self, cell: Cell, claims: list[int], parts: list[int], changed: list[int]) -> None:
        if not set(parts) & set(claims):
            self.repairs.append(
                f"the cell of {cell.id} was left as it was; another cell that defines {self._names(cell)} was graded"
            )
            return
        others = [i for i in claims if i not in parts]
        if len(parts) > 1:
            self.repairs.append(f"the cell of {cell.id} was split; its {len(parts)} parts were joined")
        elif others and cell.code and all(i in changed and not self._is_version_of(cell, i) for i in others):
            self.repairs.append(
                f"the cell of {cell.id} was split; its {len(claims)} parts were run one after the other"
            )
        elif others:
            which = "the last one that was changed" if changed else "the last one"
            if self._whole_below_the_tests(cell, changed):
                which = "the last one that was changed above its tests"
            self.repairs.append(f"the cell of {cell.id} was there {len(claims)} times; {which} was graded")
        if cell.kind is Kind.ANSWER and parts[0] > self._tests_at(cell):
            self.repairs.append(f"the cell of {cell.id} stood below its tests: it was run above them")

    def _names(self, cell: Cell) -> str:
        """Return the names that an answer has to define, in words."""
        return " and ".join(sorted(self.released[cell.id].names)) or cell.id

    def _is_changed(self, cell: Cell, index: int) -> bool:
        return self.cells.is_changed(index, self.released[cell.id])

    def _of_likelier_type(self, cell: Cell, changed: list[int]) -> list[int]:
        """Return the code cells among these, or the text cells where only a text cell defines the answer."""
        code = [i for i in changed if self.cells.is_code(i)]
        text = [i for i in changed if i not in code]
        if text and not self._defining(cell, code) and self._defining(cell, text):
            return text
        return code or text

    def _defining(self, cell: Cell, candidates: Iterable[int]) -> list[int]:
        """Return those cells that define all names of the answer, even if with a mistake."""
        names = self.released[cell.id].names
        return [i for i in candidates if names and names <= self.cells.pieces[i].names_even_if_broken]

    def _is_defined_by(self, cell: Cell, parts: list[int]) -> bool:
        """Whether these cells together define the answer, even if with a mistake."""
        names = self.released[cell.id].names
        joined = self.cells.joined(parts) if parts else piece_of("")
        return bool(parts) and (names <= joined.bound_even_if_broken or joined.may_bind_more)

    def _is_version_of(self, cell: Cell, index: int) -> bool:
        """Whether a cell is another version of an answer, or a part of one that is useless by itself."""
        piece = self.cells.pieces[index]
        return not piece.parses or bool(piece.bound & self.released[cell.id].names)

    def _answer_in_an_unmarked_cell(self, cell: Cell) -> list[int]:
        """Return an unmarked cell that answers an exercise whose own cell was left as it was."""
        unmarked = [i for i in self.cells.free if self.cells.is_code(i) and not self.cells[i].grade_id]
        defining = [i for i in self._defining(cell, unmarked) if self._is_changed(cell, i)]
        return self.cells.with_neighbours(defining[-1:])

    def _different_texts(self, changed: list[int]) -> list[int]:
        """Return the cells with different texts of an answer in words: all of them, since a person reads them."""
        texts = [i for i in changed if not self.cells.is_code(i)] or changed
        return list({self.cells.pieces[i].bare: i for i in texts}.values())

    # ---- in a cell that stands for something else

    def _is_answered(self, cell: Cell) -> bool:
        """Whether the cells that were found for an answer bind its names and are not as released."""
        piece, released = piece_of(self.answers.get(cell.id, "")), self.released[cell.id]
        if piece.bare in ("", released.bare):
            return False
        return released.names <= piece.bound_even_if_broken or piece.may_bind_more

    def _by_another_s_cell(self, cell: Cell) -> None:
        """Take an answer out of the cell of another answer, of the lesson or of a demo, or out of one that answers two."""
        names = self.released[cell.id].names
        fixed = {piece.bare for piece in self.released.values()}
        defining = [
            i
            for i in self._defining(cell, range(len(self.cells)))
            if self.cells.is_code(i) and self.cells.pieces[i].parses and self.cells.pieces[i].bare not in fixed
        ]
        end = self._tests_at(cell)
        best = ([i for i in defining if i < end] or defining)[-1:]
        if not best:
            return
        [index] = best
        written = piece_of(self.answers.get(cell.id, ""))
        kept, became = [], "was left as it was" if cell.id in self.answers else "was missing"
        if written.bare not in ("", self.released[cell.id].bare):
            kept, became = [written.source] if written.parses else [], f"does not define {self._names(cell)}"
        owner = next((name for name, at in self.places.items() if at == index and name in self.answers), None)
        which = f"the cell of {owner}, which" if owner else "another cell, which"
        self.answers[cell.id] = "\n\n\n".join([*kept, only_what_defines(self.cells[index].source, names)])
        self.repairs.append(f"the cell of {cell.id} {became}; {which} defines {self._names(cell)}, was graded")

    # ---- without a grade_id

    def _is_of_this_unit(self) -> bool:
        """Whether a notebook without any of the unit's marks nevertheless holds its answers or its other cells."""
        names = {name for piece in self.cells.pieces for name in piece.names_even_if_broken}
        fixed = {self.released[cell.id].bare for cell in self.unit.of_kind(Kind.TEST, Kind.PLAIN, Kind.DEMO)}
        same = sum(self.cells.is_code(i) and piece.bare in fixed for i, piece in enumerate(self.cells.pieces))
        return bool(names & self.unit.answer_names) or same >= SAME_CELLS

    def _by_id_or_text(self, cell: Cell) -> None:
        """Match a cell that is not an answer."""
        text = self.released[cell.id].bare
        same_id = [i for i in self.cells.with_id.get(cell.id, ()) if i not in self.cells.taken]
        same_text = [i for i in self.cells.with_text.get(text, ()) if text and i not in self.places.values()]
        if same_id or same_text:
            self.places[cell.id] = (same_id or same_text)[0]
            # Copies of a test or a demo are not the student's work: none of them is run as an extra cell.
            self.cells.taken.update(same_id, same_text)

    def _by_content(self, cell: Cell) -> bool:
        """Match an answer that lost its marks: the last changed cell that defines it, else one in its place or like its stub."""
        free = self.cells.free
        if not cell.code:
            texts = [i for i in free if not self.cells.is_code(i)]
            parts = self._in_its_place(cell, texts) or self._most_alike(cell, texts)
        else:
            code = [i for i in free if self.cells.is_code(i)]
            text = [i for i in free if not self.cells.is_code(i) and self.cells.pieces[i].parses]
            defining = self._defining(cell, code) or self._defining(cell, text) or self._most_alike(cell, code)
            changed = [i for i in defining if self._is_changed(cell, i)]
            parts = self.cells.with_neighbours((changed or defining)[-1:])
        if parts:
            self._take(cell, parts)
        return bool(parts)

    def _most_alike(self, cell: Cell, candidates: list[int]) -> list[int]:
        """Return the cell most like the stub, unless it answers something else."""
        others = self.unit.answer_names - self.released[cell.id].names
        likeness = {
            i: self.released[cell.id].likeness(self.cells.pieces[i])
            for i in candidates
            if not others & self.cells.pieces[i].names_even_if_broken
        }
        best = max(likeness, key=lambda i: likeness[i], default=None)
        return [best] if best is not None and likeness[best] >= ALIKE else []

    def _in_its_place(self, cell: Cell, texts: list[int]) -> list[int]:
        """Return the texts between the cells that stand directly above and below this one in the unit."""
        at = next(i for i, other in enumerate(self.unit.cells) if other.id == cell.id)
        above = [self.places[other.id] for other in self.unit.cells[:at][-1:] if other.id in self.places]
        below = [self.places[other.id] for other in self.unit.cells[at + 1 :][:1] if other.id in self.places]
        if not above or (self.unit.cells[at + 1 :] and not below):
            return []
        between = range(above[0] + 1, below[0] if below else len(self.cells))
        return [i for i in texts if i in between][:NEAR]

    def _by_elimination(self, cell: Cell) -> bool:
        """Match an answer in words with the only text that is not the lesson's, or the only code that is not Python."""
        if cell.code:
            return False
        free = [i for i in self.cells.free if self.cells.pieces[i].bare]
        for left in (
            [i for i in free if not self.cells.is_code(i)],
            [i for i in free if self.cells.is_code(i) and not self.cells.pieces[i].parses],
        ):
            if len(self._different_texts(left)) == 1:
                self._take(cell, left[-1:])
                return True
        return False


def _flaws(
    unit: Unit,
    released: Mapping[str, Piece],
    answers: Mapping[str, str],
    damaged: Collection[str],
    cells: HandedCells,
) -> Iterator[str]:
    """Say what is wrong with the answers that were found."""
    imported = any(cells.is_code(i) and cells.pieces[i].imports_all_of_its_own for i in range(len(cells)))
    for name in [cell.id for cell in unit.of_kind(Kind.ANSWER) if cell.id in answers]:
        piece = piece_of(answers[name])
        if piece.is_hollow:
            yield f"the cell of {name} ends after its docstring"
        missing = released[name].names - piece.bound
        if piece.parses and missing and not (piece.may_bind_more or imported):
            yield f"the cell of {name} does not define {' and '.join(sorted(missing))}"
    if halves := [name for name in answers if name in damaged]:
        yield f"a cell of {', '.join(halves)} stands in a damaged part of the file; what could be read was graded"
    if unmerged := [name for name, source in answers.items() if LEFT_OVER.search(source)]:
        yield f"the cells of {', '.join(unmerged)} hold marks of a merge that nobody completed"
    if unreadable := [name for name, source in answers.items() if "\ufffd" in source]:
        yield f"characters of {', '.join(unreadable)} could not be read"
