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
CHANGES_EVERYTHING = re.compile(r"\bset_\w+|\bmanual_seed\b|\bseed\b|\bfilterwarnings\b|\benviron\b|\brcParams\b")


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
            if cell not in needed and (part.unsure or part.bound & wanted or CHANGES_EVERYTHING.search(lessons[cell]))
        }
        if not more:
            return needed
        needed |= more
        wanted |= {name for cell in more for name in cells[cell].used}


def order_matters(cells: Sequence[str], answers: frozenset[str]) -> bool:
    """Whether the answers may be other things after all cells have run than right after their own.

    So it is if something that they rest on is bound twice, or is data that several cells use.
    """
    parts = [names_in(source) for source in cells]
    if any(part.unsure or CHANGES_EVERYTHING.search(source) for part, source in zip(parts, cells, strict=True)):
        return True
    rests_on = set(answers)
    while more := {name for part in parts if part.bound & rests_on for name in part.used} - rests_on:
        rests_on |= more
    for name in rests_on:
        binding = [part for part in parts if name in part.bound]
        using = [part for part in parts if name in part.used]
        if len(binding) > 1 or (binding and name not in binding[0].made and len(using) > 1):
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
    sets_attributes = any(
        isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) for node in ast.walk(tree)
    )
    return Names(bound, used, made, sets_attributes or bool(used & LOOKS_EVERYWHERE) or "import *" in source)


def _used(table: symtable.SymbolTable) -> Iterable[str]:
    outermost = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() if outermost else symbol.is_global():
            yield symbol.get_name()
    for inner in table.get_children():
        yield from _used(inner)
