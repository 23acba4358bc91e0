"""Which demos of the lesson a student's cells rest on. Runs nothing.

A demo shows something, and may train for seconds to do so. It is run only where a cell that is run uses a name that the demo binds, as
it can in a kernel.
"""

import ast
import builtins
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from autograder.model.source import tree_of
from autograder.reading.kept import kept_by_text
from autograder.reading.names import SHORT, names_in

BUILTINS = frozenset(dir(builtins))
WITH_BLOCKS = (
    *(ast.For, ast.AsyncFor, ast.While, ast.If, ast.With, ast.AsyncWith),
    *(ast.Try, ast.TryStar, ast.ExceptHandler),
)
BLOCKS = ("body", "handlers", "orelse", "finalbody")


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
    return _kept_taken(source)


def _taken_by(source: str) -> frozenset[str]:
    names = names_in(source)
    used = names.used - BUILTINS
    both = used & names.bound
    if not both:
        return used
    tree = tree_of(source)
    return used - both | both & frozenset(_used_before_bound(tree.body if tree else (), set()))


_kept_taken = kept_by_text(_taken_by, SHORT, 4096)


def _used_before_bound(statements: Iterable[ast.AST], bound: set[str]) -> Iterator[str]:
    """Yield the names that a statement uses and none that runs before it binds; add to `bound` what they bind.

    Of the branches of an `if` or a `try` each is taken to run.
    """
    for statement in statements:
        nodes = list(_outside_its_blocks(statement))
        names = [node for node in nodes if isinstance(node, ast.Name)]
        used = {node.id for node in names if isinstance(node.ctx, ast.Load)}
        if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
            used.add(statement.target.id)
        yield from used - bound
        bound |= {node.id for node in names if not isinstance(node.ctx, ast.Load)}
        bound |= set(_named_in_words(statement))
        if isinstance(statement, WITH_BLOCKS):
            for block in BLOCKS:
                yield from _used_before_bound(getattr(statement, block, ()), bound)


def _named_in_words(statement: ast.AST) -> Iterator[str]:
    """Yield the names that a statement binds otherwise than by a node of their own."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in statement.names)
    elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.ExceptHandler):
        yield from [statement.name] if statement.name else []


def _outside_its_blocks(statement: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a statement; of one with blocks those of its first line, which run before them."""
    for field, value in ast.iter_fields(statement):
        if field not in BLOCKS or not isinstance(statement, WITH_BLOCKS):
            for node in value if isinstance(value, list) else [value]:
                if isinstance(node, ast.AST):
                    yield from ast.walk(node)
