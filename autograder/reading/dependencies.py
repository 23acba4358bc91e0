"""What the cells of a submission use of each other, read off their text. It decides which cells have to run, and in which order.

Where the text leaves doubt (magics, eval, seeds, attributes set on modules), the functions give the answer that is safe: the
cell must run, the order matters.
"""

import ast
import re
import symtable
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

LOOKS_EVERYWHERE = frozenset("eval exec globals locals vars dir get_ipython __main__ inspect gc sys importlib".split())
# Calls and settings that change how everything works. set_num_threads only changes how long it takes.
CHANGES_EVERYTHING = re.compile(r"\bset_(?!num_threads\b)\w+\s*\(|\bfilterwarnings\b|\benviron\b|\brcParams\b")
# Calls that change which random numbers later cells draw. Tests are not affected: each starts with seeds of its own.
SEEDS = re.compile(r"\btorch(\.random)?\.manual_seed\b|\brandom\.seed\b|(?<![\w.])(manual_)?seed\s*\(")


@dataclass(frozen=True)
class Names:
    """The names that a piece of code binds at its top level, and those that it takes from outside.

    `made` are the names bound by def, class or import, which nothing changes later. `unsure`: the code may do more than its
    text says.
    """

    bound: frozenset[str]
    used: frozenset[str]
    made: frozenset[str] = frozenset()
    unsure: bool = False


def needed_lessons(
    lessons: Mapping[str, str], students: Iterable[str], names: frozenset[str] = frozenset()
) -> set[str]:
    """Return the ids of the lesson cells (`lessons`: id -> source) that must run before the student's cells.

    A lesson cell is needed if it binds one of `names`, or a name that the student's code or another needed lesson cell uses
    from outside.
    """
    student_code = [names_in(source) for source in students]
    if any(code.unsure for code in student_code):
        return set(lessons)
    lesson_names = {cell: names_in(source) for cell, source in lessons.items()}
    wanted = {name for code in student_code for name in code.used} | names
    needed: set[str] = set()
    while True:
        more = {
            cell
            for cell, code in lesson_names.items()
            if cell not in needed and (code.unsure or code.bound & wanted or _changes_others(lessons[cell]))
        }
        if not more:
            return needed
        needed |= more
        wanted |= {name for cell in more for name in lesson_names[cell].used}


def order_matters(cells: Sequence[str], answers: frozenset[str]) -> bool:
    """Whether an answer may behave differently after all cells have run than right after its own cell.

    It may if a name that the answers rest on is bound twice, is used above the cell that binds it, or holds data that several
    cells use.
    """
    codes = [names_in(source) for source in cells]
    if any(code.unsure or CHANGES_EVERYTHING.search(source) for code, source in zip(codes, cells, strict=True)):
        return True
    rests_on = set(answers)
    while more := {name for code in codes if code.bound & rests_on for name in code.used} - rests_on:
        rests_on |= more
    for name in rests_on:
        binding = [place for place, code in enumerate(codes) if name in code.bound]
        using = [place for place, code in enumerate(codes) if name in code.used]
        if not binding:
            continue  # Python's own, or nobody's
        first = binding[0]
        used_above = any(codes[place].bound & rests_on for place in using if place < first)
        shared_data = len(using) > 1 and name not in codes[first].made
        if len(binding) > 1 or used_above or shared_data:
            return True
    return False


@lru_cache(maxsize=4096)  # most cells of a class are the unit's own
def names_in(source: str) -> Names:
    """Return the names that the text of a cell binds and uses; none for what is not Python."""
    try:
        tree = ast.parse(source)
        table = symtable.symtable(source, "<cell>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # One of IPython's magics, or a mistake. A cell with a mistake does not run, so nothing depends on it.
        return Names(frozenset(), frozenset(), unsure=bool(re.search(r"^\s*[%!?]|\?\s*$", source, re.MULTILINE)))
    bound = frozenset(
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_declared_global()
    )
    used = frozenset(_used(table))
    made = frozenset(s.get_name() for s in table.get_symbols() if s.is_imported() or s.is_namespace())
    unsure = _sets_attributes_elsewhere(tree) or bool(used & LOOKS_EVERYWHERE) or "import *" in source
    return Names(bound, used, made, unsure)


def _changes_others(source: str) -> bool:
    return bool(CHANGES_EVERYTHING.search(source) or SEEDS.search(source))


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


def _used(table: symtable.SymbolTable) -> Iterable[str]:
    """Yield the names that code takes from outside, at its top level or inside a function."""
    outermost = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() if outermost else symbol.is_global():
            yield symbol.get_name()
    for inner in table.get_children():
        yield from _used(inner)
