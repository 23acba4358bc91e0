"""Which demos of the lesson a student's cells rest on. Runs nothing.

A demo shows something, and may train for seconds to do so. It is run only where a cell that is run uses a name that the demo binds, as
it can in a kernel.
"""

import ast
import builtins
from collections.abc import Collection, Iterator, Mapping, Sequence

from autograder.model.source import tree_of
from autograder.reading.names import names_in

BUILTINS = frozenset(dir(builtins))


def used_demos(cells: Sequence[tuple[str, str]], demos: Collection[str], users: Collection[str]) -> frozenset[str]:
    """Return those of the demos that the users need, by way of other cells perhaps.

    `cells`: the id and the source of all cells but tests, in order. `demos` and `users` are ids of such cells.
    """
    if not demos:
        return frozenset()
    sources = [source for _, source in cells]
    above: dict[str, int] = {}  # by name: the last cell so far that binds it
    first = _first_to_bind(sources)
    needs: list[set[int]] = []
    for place, (cell, source) in enumerate(cells):
        needs.append({above.get(name, first.get(name, place)) for name in _taken(source)})
        names = names_in(source)
        # A demo's import of what is imported already changes nothing.
        known = names.imported & above.keys() if cell in demos else frozenset()
        above |= dict.fromkeys(names.bound - known, place)
    reached = _reached({place for place, (cell, _) in enumerate(cells) if cell in users}, needs)
    return frozenset(cells[place][0] for place in reached) & frozenset(demos)


def _first_to_bind(sources: Sequence[str]) -> Mapping[str, int]:
    """Return for each name the first cell that binds it: what a function uses may be bound below."""
    first: dict[str, int] = {}
    for place, source in enumerate(sources):
        for name in names_in(source).bound:
            first.setdefault(name, place)
    return first


def _reached(start: set[int], needs: Sequence[set[int]]) -> set[int]:
    reached: set[int] = set()
    waiting = [*start]
    while waiting:
        place = waiting.pop()
        if place not in reached:
            reached.add(place)
            waiting += needs[place]
    return reached


def _taken(source: str) -> frozenset[str]:
    """Return the names that a cell takes from outside: those too that it binds itself, where it uses them before."""
    names = names_in(source)
    used = names.used - BUILTINS
    both = used & names.bound
    return used - both | both & frozenset(_used_before_bound(source)) if both else used


def _used_before_bound(source: str) -> Iterator[str]:
    """Yield the names that a statement of the top level uses, and none above it binds."""
    tree = tree_of(source)
    bound: set[str] = set()
    for statement in tree.body if tree else ():
        nodes = list(ast.walk(statement))
        names = [node for node in nodes if isinstance(node, ast.Name)]
        used = {node.id for node in names if isinstance(node.ctx, ast.Load)}
        used |= {
            node.target.id for node in nodes if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
        }
        yield from used - bound
        bound |= {node.id for node in names if not isinstance(node.ctx, ast.Load)}
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(statement.name)
