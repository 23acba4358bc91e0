"""What the cells of a submission use of each other. It decides which cells have to run, and in which order.

Where the text of a cell leaves doubt, the functions give the answer that is safe: the cell must run, the order matters. However odd a
text is, the time that this takes grows only with its length.
"""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from autograder.model.source import tree_of
from autograder.reading.names import Names, names_in


def needed_cells(
    lessons: Mapping[str, str],
    own: Mapping[str, str],
    answers: Iterable[str],
    names: frozenset[str] = frozenset(),
    own_modules: frozenset[str] = frozenset(),
) -> set[str]:
    """Return the ids of the cells of the lesson and of the student's own (id -> source) that the answers need.

    A cell is needed if it binds one of `names`, or a name that an answer or another needed cell uses; if it may change in place
    what these use, be it under another name (`u = (a * a).sum()`, `u.backward()`); or if it changes settings or files, by a function of
    its own perhaps. `own_modules`: modules of the student's, which may do anything when they are imported and hold data.
    """
    kept = [_names_in(source, own_modules) for source in answers]
    if any(code.unsure for code in kept) or any(names_in(source).unsure for source in own.values()):
        return {*lessons, *own}
    optional = {cell: _names_in(source, own_modules) for cell, source in {**lessons, **own}.items()}
    setting = frozenset[str]().union(*(code.setting for code in (*kept, *optional.values())))
    changing = {cell for cell, code in optional.items() if code.unsure or code.sets or code.at_once & setting}
    return _Search(optional, kept).needed(changing, names.union(*(code.used for code in kept)))


def _names_in(source: str, own_modules: frozenset[str]) -> Names:
    """Return the names of a cell, given which modules are the student's own: what these hold may change, as other data do.

    So may what a function or a class keeps, although nothing binds its name again.
    """
    names = names_in(source)
    theirs = frozenset(name for name, module in names.modules if module in own_modules or not module)
    if not theirs and not names.keeping:
        return names
    made, imported = names.made - theirs - names.keeping, names.imported - theirs
    return dataclasses.replace(names, made=made, imported=imported, sets=names.sets or bool(theirs))


class _Search:
    """The search for the cells that are needed; each cell and each name is looked at once.

    Wanted are the names that needed cells use. Shared are those that may stand for the same data as a wanted one, or for
    functions that use such data: whatever cell uses them may change the data.
    """

    def __init__(self, optional: Mapping[str, Names], kept: Sequence[Names]) -> None:
        self._codes: list[tuple[str, Names]] = [*optional.items(), *(("", code) for code in kept)]
        self._binding = _places(code.bound for _, code in self._codes)
        self._using = _places(code.used for _, code in self._codes)
        self._reaching = _places(code.reached for _, code in self._codes)
        self._changeable = {name for _, code in self._codes for name in code.bound - code.imported - code.constants}
        self._sharing: set[int] = set()  # the cells whose names are shared
        self._needed: set[int] = set()
        self._wanted: set[str] = set()
        self._shared: set[str] = set()
        self._to_want: list[str] = []
        self._to_share: list[str] = []

    def needed(self, first: Iterable[str], names: Iterable[str]) -> set[str]:
        """Return the ids of the cells that are needed, given the first of them and the names that are wanted."""
        self._to_want += names
        changing = set(first)
        for place, (cell, _) in enumerate(self._codes):
            if cell in changing:
                self._need(place)
        while self._to_want or self._to_share:
            if self._to_want:
                self._want(self._to_want.pop())
            else:
                self._share(self._to_share.pop())
        return {self._codes[place][0] for place in self._needed}

    def _need(self, place: int) -> None:
        cell, code = self._codes[place]
        if cell and place not in self._needed:
            self._needed.add(place)
            self._to_want += code.used

    def _want(self, name: str) -> None:
        if name in self._wanted:
            return
        self._wanted.add(name)
        binding = self._binding.get(name, [])
        for place in binding:
            self._need(place)
        if name in self._changeable:  # it stands for more than a module or a constant
            for place in self._reaching.get(name, ()):
                self._need(place)
        if any(
            name not in code.made and name not in code.constants for _, code in map(self._codes.__getitem__, binding)
        ):
            self._to_share.append(name)

    def _share(self, name: str) -> None:
        if name in self._shared:
            return
        self._shared.add(name)
        for place in self._using.get(name, ()):
            self._need(place)
            if place not in self._sharing:
                self._sharing.add(place)
                self._to_share += self._codes[place][1].bound & self._changeable


def only_what_defines(source: str, names: frozenset[str]) -> str:
    """Return those statements of a piece of code that define `names`, and what these need of it; all where that is unsure."""
    tree = tree_of(source)
    if tree is None:
        return source
    lines = source.split("\n")  # as Python counts them: a form feed ends none
    places: list[tuple[int, int]] = []  # first and last line of each statement
    for node in tree.body:
        first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))])
        last = node.end_lineno or node.lineno
        if places and first <= places[-1][1]:  # two statements on a line
            first, last = places.pop()[0], last
        places.append((first, last))
    statements = {str(first): "\n".join(lines[first - 1 : last]) for first, last in places}
    needed = needed_cells({}, statements, [], names)
    return "\n".join(text for number, text in statements.items() if number in needed)


def order_matters(cells: Sequence[str], answers: frozenset[str], own_modules: frozenset[str] = frozenset()) -> bool:
    """Whether an answer may behave differently after all cells have run than right after its own cell.

    It may if a name that the answers rest on is bound twice, is used above the cell that binds it, or holds data that several
    cells use.
    """
    codes = [_names_in(source, own_modules) for source in cells]
    if any(code.unsure or code.changes_everything for code in codes):
        return True
    binding, using = _places(code.bound for code in codes), _places(code.used for code in codes)
    rests_on = _rests_on(answers, codes, binding)
    among_these = [not code.bound.isdisjoint(rests_on) for code in codes]
    for name in rests_on & binding.keys():
        first, *again = binding[name]
        users = using.get(name, [])
        used_above = any(among_these[place] for place in users if place < first)
        shared_data = len(users) > 1 and name not in codes[first].made
        if again or used_above or shared_data:
            return True
    return False


def _rests_on(answers: Iterable[str], codes: Sequence[Names], binding: Mapping[str, list[int]]) -> set[str]:
    """Return the names of the answers and all that the cells use that bind one of these names."""
    rests_on: set[str] = set()
    looked_at: set[int] = set()
    waiting = [*answers]
    while waiting:
        name = waiting.pop()
        rests_on.add(name)
        for place in set(binding.get(name, ())) - looked_at:
            looked_at.add(place)
            waiting += codes[place].used - rests_on
    return rests_on


def _places(groups: Iterable[frozenset[str]]) -> dict[str, list[int]]:
    """Return in which of several groups each name is, in their order."""
    places: dict[str, list[int]] = {}
    for place, group in enumerate(groups):
        for name in group:
            places.setdefault(name, []).append(place)
    return places
