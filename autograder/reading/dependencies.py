"""What a submission's cells use of each other, read off their text: it decides what has to run, and in which order.

Where the text does not tell for sure (magics, eval, seeds, attributes set on modules), the answer is the careful one.
"""

import ast
import re
import symtable
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

LOOKS_EVERYWHERE = frozenset("eval exec globals locals vars dir get_ipython __main__ inspect gc sys importlib".split())
# What changes how everything works; set_num_threads only changes how long it takes.
CHANGES_EVERYTHING = re.compile(r"\bset_(?!num_threads\b)\w+\s*\(|\bfilterwarnings\b|\benviron\b|\brcParams\b")
# What changes the numbers that cells draw. Not those that tests draw: each test starts with seeds of its own.
SEEDS = re.compile(r"\btorch(\.random)?\.manual_seed\b|\brandom\.seed\b|(?<![\w.])(manual_)?seed\s*\(")


@dataclass(frozen=True)
class Names:
    """What a piece of code binds at its top level, and what it takes from outside.

    `made`: those bound by def, class or import, which nothing changes later; `unsure`: the code may do more than its text says.
    """

    bound: frozenset[str]
    used: frozenset[str]
    made: frozenset[str] = frozenset()
    unsure: bool = False


def needed_lessons(
    lessons: Mapping[str, str], students: Iterable[str], names: frozenset[str] = frozenset()
) -> set[str]:
    """The ids of the lesson cells (id -> source) that must run for the student's cells, and `names`, to be what they are.

    A lesson cell is needed if it binds a name that the student's code, or another needed lesson cell, uses from outside.
    """
    code = [names_in(source) for source in students]
    if any(part.unsure for part in code):
        return set(lessons)
    cells = {cell: names_in(source) for cell, source in lessons.items()}
    wanted = {name for part in code for name in part.used} | names
    needed: set[str] = set()
    while True:
        more = {
            cell
            for cell, part in cells.items()
            if cell not in needed and (part.unsure or part.bound & wanted or _changes_others(lessons[cell]))
        }
        if not more:
            return needed
        needed |= more
        wanted |= {name for cell in more for name in cells[cell].used}


def order_matters(cells: Sequence[str], answers: frozenset[str]) -> bool:
    """Whether the answers may be other things after all cells have run than right after their own.

    So it is if something that they rest on is bound twice, or below what uses it, or is data that several cells use.
    """
    parts = [names_in(source) for source in cells]
    if any(part.unsure or CHANGES_EVERYTHING.search(source) for part, source in zip(parts, cells, strict=True)):
        return True
    rests_on = set(answers)
    while more := {name for part in parts if part.bound & rests_on for name in part.used} - rests_on:
        rests_on |= more
    for name in rests_on:
        binding = [place for place, part in enumerate(parts) if name in part.bound]
        using = [place for place, part in enumerate(parts) if name in part.used]
        if not binding:
            continue  # Python's own, or nobody's
        first = binding[0]
        used_above = any(parts[place].bound & rests_on for place in using if place < first)
        shared_data = len(using) > 1 and name not in parts[first].made
        if len(binding) > 1 or used_above or shared_data:
            return True
    return False


@lru_cache(maxsize=4096)  # most cells of a class are the unit's own
def names_in(source: str) -> Names:
    """What the text of a cell binds and uses; nothing for what is not Python."""
    try:
        tree = ast.parse(source)
        table = symtable.symtable(source, "<cell>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # A magic of IPython's, or a mistake: then the cell will not run, and what others need does not depend on it.
        return Names(frozenset(), frozenset(), unsure=bool(re.search(r"^\s*[%!?]|\?\s*$", source, re.MULTILINE)))
    bound = frozenset(
        symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()
    )
    used = frozenset(_used(table))
    made = frozenset(s.get_name() for s in table.get_symbols() if s.is_imported() or s.is_namespace())
    unsure = _sets_attributes_elsewhere(tree) or bool(used & LOOKS_EVERYWHERE) or "import *" in source
    return Names(bound, used, made, unsure)


def _changes_others(source: str) -> bool:
    return bool(CHANGES_EVERYTHING.search(source) or SEEDS.search(source))


def _sets_attributes_elsewhere(tree: ast.AST) -> bool:
    """Whether it sets attributes of what is not its own: neither made in this cell nor given to the function that does it."""
    own = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    own |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    targets = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store))
    return any(_root(target) not in own for target in targets)


def _root(node: ast.AST) -> str:
    """The name that an expression such as a.b[0].c starts with."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _used(table: symtable.SymbolTable) -> Iterable[str]:
    outermost = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() if outermost else symbol.is_global():
            yield symbol.get_name()
    for inner in table.get_children():
        yield from _used(inner)
