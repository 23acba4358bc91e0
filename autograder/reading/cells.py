"""The cells of a handed-in notebook, and which of them together are one cell that was split. Runs nothing."""

import itertools
from collections.abc import Iterator, Sequence
from functools import cached_property

from autograder.reading.pieces import Piece, not_looked_into, piece_of, put_together, ways_to_join
from autograder.reading.read import HandedCell

NEAR = 6  # cells above and below an answer among which the rest of a split one is looked for
FEW = 4  # parts of an answer that are tried in any order
MAX_TRIED = 1_000_000  # characters that one notebook's ways to put parts together may have: each way is parsed


class HandedCells:
    """The cells of a handed-in notebook by their index, and which of them already stand for a cell of the unit."""

    def __init__(self, cells: Sequence[HandedCell]) -> None:
        self._cells = cells
        self.pieces = [piece_of(cell.source) for cell in cells]
        self.taken: set[int] = set()
        self._together: dict[tuple[int, ...], Piece] = {}
        self._tried = 0  # characters

    def __getitem__(self, index: int) -> HandedCell:
        return self._cells[index]

    def __len__(self) -> int:
        return len(self._cells)

    @property
    def free(self) -> list[int]:
        """The cells that stand for no cell of the unit yet."""
        return [i for i in range(len(self)) if i not in self.taken]

    def is_code(self, index: int) -> bool:
        """Whether a cell is code and not text."""
        return self[index].code

    def is_changed(self, index: int, released: Piece) -> bool:
        """Whether a cell holds something else than the release had there."""
        return self.pieces[index].bare not in ("", released.bare)

    @cached_property
    def with_id(self) -> dict[str, list[int]]:
        """The cells by their grade_id and by their own id."""
        places: dict[str, list[int]] = {}
        for index, cell in enumerate(self._cells):
            for name in {cell.grade_id, cell.id}:
                places.setdefault(name, []).append(index)
        return places

    @cached_property
    def with_text(self) -> dict[str, list[int]]:
        """The cells by their bare text."""
        places: dict[str, list[int]] = {}
        for index, piece in enumerate(self.pieces):
            places.setdefault(piece.bare, []).append(index)
        return places

    def joined(self, parts: Sequence[int]) -> Piece:
        """Return the piece that cells make together; once too much has been tried, one that is not looked into."""
        if len(parts) == 1:
            return self.pieces[parts[0]]
        if tuple(parts) not in self._together:
            sources = [self[i].source for i in parts]
            if not self._may_try(ways_to_join(sources) * sum(map(len, sources))):
                return not_looked_into("\n".join(sources))
            self._together[tuple(parts)] = Piece(put_together(sources))
        return self._together[tuple(parts)]

    # ---- the parts of a split cell

    def whole_answer(self, candidates: list[int], names: frozenset[str]) -> list[int]:
        """Return the last of these cells that defines `names`, or the cells that do so together, in order."""
        whole = [i for i in candidates if self.pieces[i].parses and names <= self.pieces[i].bound]
        for order in _orders(self._likely_parts(candidates, whole[-1:])):
            if not set(whole[-1:]) <= set(order):
                continue
            if not self._may_try(0):
                break
            joined = self.joined(order)
            if joined.parses and names <= joined.bound:
                return self.with_neighbours(list(order))
        defining = [i for i in candidates if names and names <= self.pieces[i].bound_even_if_broken]
        return self.with_neighbours(whole[-1:] or defining[-1:] or candidates[-1:])

    def with_neighbours(self, parts: list[int]) -> list[int]:
        """Add the unmarked cells above and below that make sense only as the beginning or the end of these parts."""
        if not parts:
            return []
        for step in (1, -1):
            longest = parts
            added: list[int] = []
            nearest = parts[-1] if step == 1 else parts[0]
            for index in range(nearest + step, nearest + step * (NEAR + 1), step):
                if not 0 <= index < len(self) or (self[index].grade_id and not self._is_pasted(index)):
                    break
                order = [*parts, *added, index] if step == 1 else [index, *added[::-1], *parts]
                if not self._may_be_part(index) or self._makes_sense_alone(order, index):
                    continue
                added.append(index)
                if self._belongs(order, index):
                    longest = order
            parts = longest
        return parts if self._is_complete(parts) else self._with_stray(parts)

    def _likely_parts(self, candidates: list[int], whole: list[int]) -> list[int]:
        """Leave out those that are Python by themselves: only below a line that was cut can such a cell be a part."""
        parts = {self.pieces[i].bare: i for i in candidates if not self.pieces[i].parses}
        parts |= {self.pieces[i].bare: i for i in whole}
        parts |= {self.pieces[j].bare: j for i, j in itertools.pairwise(candidates) if self.pieces[i].is_cut}
        if not whole and len(parts) < len(candidates):
            parts |= {self.pieces[i].bare: i for i in candidates}
        return sorted(parts.values())

    def _with_stray(self, parts: list[int]) -> list[int]:
        """Add an unmarked cell from anywhere in the notebook, if that makes valid Python of parts that are not."""
        unmarked = [i for i in self.free if not self[i].grade_id]
        strays = sorted((i for i in unmarked if not self.pieces[i].parses), key=lambda i: not self.is_code(i))
        for index in strays[:NEAR]:
            for order in ([*parts, index], [index, *parts]):
                if index not in parts and self._is_complete(order):
                    return order
        return parts

    def _is_complete(self, parts: list[int]) -> bool:
        joined = self.joined(parts)
        return joined.parses and not joined.is_hollow

    def _belongs(self, order: list[int], last: int) -> bool:
        """Whether these cells are Python together, while the one added last would not be without the others."""
        if not self.pieces[last].parses:
            joined = self.joined(order)
            return joined.parses and not joined.has_dead_code
        text = "".join(self[i].source for i in order)
        return self.pieces[order[-2]].is_cut and self._may_try(len(text)) and Piece(text).parses

    def _may_try(self, characters: int) -> bool:
        """Whether so many more characters may be parsed in search of parts that belong together."""
        self._tried += characters
        return self._tried <= MAX_TRIED

    def _is_pasted(self, index: int) -> bool:
        """Whether a marked cell is one of several copies, which may have been put anywhere."""
        return len(self.with_id[self[index].grade_id]) > 1

    def _may_be_part(self, index: int) -> bool:
        """Whether a cell is code without marks that stands for nothing yet."""
        unmarked = self.is_code(index) and not self[index].grade_id
        return unmarked and index not in self.taken and bool(self.pieces[index].bare)

    def _makes_sense_alone(self, order: list[int], index: int) -> bool:
        """Whether a cell is Python by itself, and no line was cut where it begins: then it is no part, whatever it stands between."""
        return self.pieces[index].parses and not self.pieces[order[-2]].is_cut


def _orders(parts: list[int]) -> Iterator[Sequence[int]]:
    """Yield the orders in which parts may belong together: neighbours as they stand, the most of them first; then any order."""
    near = parts[-NEAR:]
    for length in range(len(near), 0, -1):
        for first in range(len(near) - length, -1, -1):
            yield near[first : first + length]
    few = parts[-FEW:]
    for length in range(len(few), 1, -1):
        yield from itertools.permutations(few, length)
