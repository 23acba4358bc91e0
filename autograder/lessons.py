"""Which of a unit's own unchanged lesson cells a submission's code needs: only those are run when it is graded.

A lesson cell is needed if it binds a name that the student's code, or another needed lesson cell, uses from outside. What could use
or change anything (magics, eval, seeds, attributes set on modules) is never left out.
"""

import ast
import re
import symtable
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LOOKS_EVERYWHERE = frozenset("eval exec globals locals vars dir get_ipython __main__ inspect gc sys importlib".split())
CHANGES_EVERYTHING = re.compile(r"\bset_\w+|\bmanual_seed\b|\bseed\b|\bfilterwarnings\b|\benviron\b|\brcParams\b")


@dataclass(frozen=True)
class _Names:
    """What a piece of code binds at its top level, and what it takes from outside; `unsure`: it may do more."""

    bound: frozenset[str]
    used: frozenset[str]
    unsure: bool = False


def needed_lessons(
    lessons: Mapping[str, str], students: Iterable[str], names: frozenset[str] = frozenset()
) -> set[str]:
    """The ids of the lesson cells (id -> source) that must run for the student's cells, and `names`, to be what they are."""
    code = [_names(source) for source in students]
    if any(part.unsure for part in code):
        return set(lessons)
    cells = {cell: _names(source) for cell, source in lessons.items()}
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


def _names(source: str) -> _Names:
    try:
        tree = ast.parse(source)
        table = symtable.symtable(source, "<cell>", "exec")
    except (SyntaxError, ValueError, RecursionError):
        # A magic of IPython's, or a mistake: then the cell will not run, and what others need does not depend on it.
        return _Names(frozenset(), frozenset(), unsure=bool(re.search(r"^\s*[%!?]|\?\s*$", source, re.MULTILINE)))
    bound = frozenset(
        symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()
    )
    used = frozenset(_used(table))
    sets_attributes = any(
        isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) for node in ast.walk(tree)
    )
    return _Names(bound, used, sets_attributes or bool(used & LOOKS_EVERYWHERE) or "import *" in source)


def _used(table: symtable.SymbolTable) -> Iterable[str]:
    outermost = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() if outermost else symbol.is_global():
            yield symbol.get_name()
    for inner in table.get_children():
        yield from _used(inner)
