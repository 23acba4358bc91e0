"""What the cells of a submission use of each other, read off their text. It decides which cells have to run, and in which order.

Where the text leaves doubt (magics, eval, seeds, attributes set on modules, more code than is looked into), the functions give the
answer that is safe: the cell must run, the order matters. However odd a text is, the time that this takes grows only with its length.
"""

import ast
import re
import symtable
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from autograder.model.source import TooMuch, parse, tree_of

LOOKS_EVERYWHERE = frozenset(
    "eval exec globals locals vars dir setattr delattr get_ipython __main__ inspect gc sys importlib Out In _ __ ___".split()
)
# Calls and settings that change how everything works. set_num_threads only changes how long it takes.
CHANGES_EVERYTHING = re.compile(
    r"\bset_(?!num_threads\b)\w+\s*\(|\bfilterwarnings\b|\bsimplefilter\b|\benviron\b|\brcParams\b"
)
# Calls that change which random numbers later cells draw. Tests are not affected: each starts with seeds of its own.
SEEDS = re.compile(r"\btorch(\.random)?\.manual_seed\b|\brandom\.seed\b|(?<![\w.])(manual_)?seed\s*\(")
# What writes files that other cells may read.
WRITES = re.compile(
    r"\b(open|save\w*|dump\w*|write\w*|to_csv|to_json|to_pickle|to_parquet|tofile|mkdir|touch|urlretrieve)\s*\("
    r"|\b(os|shutil|subprocess|pathlib)\b|\bdownload\b"
)
COMPREHENSIONS = frozenset({"genexpr", "listcomp", "setcomp", "dictcomp"})
# Magics that bind and read no names: settings and shell lines. What else begins with a sign may do anything.
SETTING = re.compile(
    r"^([ \t]*)(?:%(?:matplotlib|config|load_ext|reload_ext|autoreload|pip|conda|mamba|uv)\b|!)[^{$\n]*$", re.MULTILINE
)
TIMING = re.compile(r"^([ \t]*)%time(?:it)?[ \t]+(?=[^\s-])", re.MULTILINE)
TIMING_CELL = re.compile(r"\A\s*%%(?:time|timeit|capture)[ \t]*$", re.MULTILINE)
# A line of IPython's own, also where its value is kept (`lines = !ls`), and a question.
MAGIC = re.compile(r"^[ \t]*+[%!?]|^[^#=\n]*=[ \t]*[%!](?!=)|\?[ \t]*+$", re.MULTILINE)
# What a notebook calls its inputs and outputs by their numbers.
NUMBERED = re.compile(r"_i?\d+|_i{1,3}|_[iod]h")
# A notebook's own names for what its last cells showed; elsewhere `_` is a variable like any other.
UNBOUND_ONLY = frozenset({"_", "__", "___"})
# Names of a scope times the scopes in it, of all scopes together: `symtable` compares each with each.
MAX_COMPARED = 1_000_000
SHORT = 10_000  # characters: the names in many short cells are remembered, but only in a few long ones


@dataclass(frozen=True)
class Names:
    """The names that a piece of code binds at its top level, and those that it takes from outside.

    `made` are the names bound by def, class or import, which nothing changes later; `imported` those of them that are imported.
    `constants` are bound once, to a number, a text or a tuple of these. `at_once` are those of the used names that are needed
    when the code runs, and not only when its functions are called. `reached` are the names whose attributes are used.
    `unsure`: the code may do more than its text says. `sets`: it changes settings or files.
    """

    bound: frozenset[str]
    used: frozenset[str]
    made: frozenset[str] = frozenset()
    imported: frozenset[str] = frozenset()
    constants: frozenset[str] = frozenset()
    at_once: frozenset[str] = frozenset()
    reached: frozenset[str] = frozenset()
    unsure: bool = False
    sets: bool = False


UNKNOWN = Names(frozenset(), frozenset(), unsure=True)  # of what is too much to be looked into


def needed_cells(
    lessons: Mapping[str, str],
    own: Mapping[str, str],
    answers: Iterable[str],
    names: frozenset[str] = frozenset(),
) -> set[str]:
    """Return the ids of the cells of the lesson and of the student's own (id -> source) that the answers need.

    A cell is needed if it binds one of `names`, or a name that an answer or another needed cell uses; if it may change in place
    what these use, be it under another name (`u = (a * a).sum()`, `u.backward()`); or if it changes settings or files.
    """
    kept = [names_in(source) for source in answers]
    if any(code.unsure for code in kept) or any(names_in(source).unsure for source in own.values()):
        return {*lessons, *own}
    optional = {cell: names_in(source) for cell, source in {**lessons, **own}.items()}
    changing = {cell for cell, code in optional.items() if code.unsure or code.sets}
    return _Search(optional, kept).needed(changing, names.union(*(code.used for code in kept)))


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
    lines = source.splitlines()
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


def order_matters(cells: Sequence[str], answers: frozenset[str]) -> bool:
    """Whether an answer may behave differently after all cells have run than right after its own cell.

    It may if a name that the answers rest on is bound twice, is used above the cell that binds it, or holds data that several
    cells use.
    """
    codes = [names_in(source) for source in cells]
    if any(code.unsure or CHANGES_EVERYTHING.search(source) for code, source in zip(codes, cells, strict=True)):
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


def names_in(source: str) -> Names:
    """Return the names that the text of a cell binds and uses; none for what is not Python."""
    return _names_in_short(source) if len(source) <= SHORT else _names_in_long(source)


def _names_in(source: str) -> Names:
    python = SETTING.sub(r"\1pass", TIMING.sub(r"\1", TIMING_CELL.sub("", source)))
    try:
        tree = parse(python)
        table = symtable.symtable(python, "<cell>", "exec")
    except TooMuch:
        return UNKNOWN
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # One of IPython's magics, or a mistake. A cell with a mistake does not run, so nothing depends on it.
        return Names(frozenset(), frozenset(), unsure=MAGIC.search(source) is not None)
    if sum(len(scope.get_identifiers()) * len(scope.get_children()) for scope in _scopes(table)) > MAX_COMPARED:
        return UNKNOWN
    symbols = table.get_symbols()
    bound = frozenset(s.get_name() for s in symbols if s.is_assigned() or s.is_imported() or s.is_declared_global())
    used = frozenset(_used(table))
    looks = used & LOOKS_EVERYWHERE - (bound & UNBOUND_ONLY) or any(map(NUMBERED.fullmatch, used - bound))
    return Names(
        bound,
        used,
        made=frozenset(s.get_name() for s in symbols if s.is_imported() or s.is_namespace()),
        imported=frozenset(s.get_name() for s in symbols if s.is_imported()),
        constants=frozenset(_constants(tree)),
        at_once=frozenset(_used(table, later=False)),
        reached=frozenset(_root(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)) - {""},
        unsure=_sets_attributes_elsewhere(tree) or bool(looks) or "import *" in source,
        sets=SETTING.search(source) is not None or any(p.search(python) for p in (CHANGES_EVERYTHING, SEEDS, WRITES)),
    )


_names_in_short = lru_cache(maxsize=4096)(_names_in)  # most cells of a class are the unit's own
_names_in_long = lru_cache(maxsize=32)(_names_in)  # while one submission is read, each is asked for several times


def _constants(tree: ast.Module) -> Iterator[str]:
    """Yield the names that are bound once, at the top level, to what cannot be changed in place."""
    times = Counter(n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load))
    for node in ast.walk(tree):
        times.update(node.names if isinstance(node, ast.Global) else ())
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and _is_constant(node.value):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name) and times[target.id] == 1:
                    yield target.id


def _is_constant(node: ast.expr) -> bool:
    parts = (part for part in ast.walk(node) if isinstance(part, ast.expr))
    return all(isinstance(part, ast.Constant | ast.Tuple | ast.UnaryOp | ast.BinOp) for part in parts)


def _sets_attributes_elsewhere(tree: ast.AST) -> bool:
    """Whether code sets attributes of objects that are neither made in this cell nor arguments of its functions."""
    own = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    own |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    targets = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store))
    return any(_root(target) not in own for target in targets)


def _root(node: ast.AST) -> str:
    """Return the name that an expression such as a.b[0].c starts with."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _used(table: symtable.SymbolTable, *, later: bool = True) -> Iterator[str]:
    """Yield the names that code takes from outside, at its top level or inside a function.

    Without `later`, only those that are taken when the code runs, not when its functions are called.
    """
    for scope in _scopes(table, later=later):
        outermost = scope.get_type() == "module"
        for symbol in scope.get_symbols():
            if symbol.is_referenced() if outermost else symbol.is_global():
                yield symbol.get_name()


def _scopes(table: symtable.SymbolTable, *, later: bool = True) -> Iterator[symtable.SymbolTable]:
    """Yield a scope and those inside it; without `later`, not those of functions, which run when they are called."""
    waiting = [table]
    while waiting:
        scope = waiting.pop()
        yield scope
        waiting += [
            inner
            for inner in scope.get_children()
            if later or inner.get_type() == "class" or inner.get_name() in COMPREHENSIONS
        ]
