"""Mutants: the reference answer with one small mistake in it, of the kinds that people make. Pure."""

import ast
import copy
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.model.source import parse
from autograder.probing.mutations import HARMLESS_KEYWORDS, of_expression, of_statement, of_whole_number
from autograder.probing.variants import Kind, Lose, Variant

SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.DOTALL)
MOST_SHOWN = 200  # characters of a change's name
# Fields that no mutant changes: what the release gives, what is only said, and the order of exceptions.
SKIPPED: dict[type[ast.AST], tuple[str, ...]] = {
    ast.FunctionDef: ("args", "returns", "decorator_list"),
    ast.AnnAssign: ("annotation",),
    ast.ExceptHandler: ("type",),
    ast.Raise: ("exc", "cause"),
}


@dataclass(frozen=True)
class _Place:
    """A node's place in its tree: a field of its parent, and the index where that is a list."""

    parent: ast.AST
    field: str
    index: int | None = None

    @property
    def node(self) -> ast.AST:
        value = getattr(self.parent, self.field)
        return value if self.index is None else value[self.index]  # type: ignore[no-any-return]

    def put(self, *nodes: ast.AST) -> None:
        if self.index is None:
            (node,) = nodes
            setattr(self.parent, self.field, node)
        else:
            others = getattr(self.parent, self.field)
            setattr(self.parent, self.field, [*others[: self.index], *nodes, *others[self.index + 1 :]])


def mutants(exercise: str, source: str) -> Iterator[Variant]:
    """Yield the mutants of a reference answer that are programs of their own, each once."""
    reference = ast.unparse(parse(source))
    seen = {ast.dump(parse(source)), ast.dump(parse(reference))}
    names: Counter[str] = Counter()
    for tree in _mutated(source):
        try:
            text = ast.unparse(ast.fix_missing_locations(tree))
            again = parse(text)
            compile(again, "<mutant>", "exec")
        except (SyntaxError, ValueError):  # a return outside a function, an empty body
            continue
        if ast.dump(again) in seen:
            continue
        seen.add(ast.dump(again))
        change = _change(reference, text)
        names[change] += 1
        if names[change] > 1:
            change += f" ({names[change]})"
        yield Variant(exercise, Kind.MUTANT, change, text, reference, text, Lose.ONE)


def _change(reference: str, mutant: str) -> str:
    """Return the lines that differ, before and after: it stays the same where other lines are moved."""
    before, after = reference.splitlines(), mutant.splitlines()
    first = _alike(before, after)
    last = _alike(before[first:][::-1], after[first:][::-1])
    old, new = ("; ".join(line.strip() for line in lines[first : len(lines) - last]) for lines in (before, after))
    if not old:
        return f"after {before[first - 1].strip()}: {new[:MOST_SHOWN]}"
    return f"{old[:MOST_SHOWN]} → {new[:MOST_SHOWN] or 'nothing'}"


def _alike(one: list[str], other: list[str]) -> int:
    """Return how many lines are the same from the beginning on."""
    pairs = zip(one, other, strict=False)
    return next((place for place, (line, same) in enumerate(pairs) if line != same), min(len(one), len(other)))


def _mutated(source: str) -> Iterator[ast.Module]:
    """Yield the tree again and again, each time with one change; what was changed before is as it was."""
    tree = parse(source)
    lines = _solution_lines(source)
    local = frozenset(_bound(tree))
    for place in list(_places(tree, lines)):
        node = place.node
        for other in of_expression(node, local):
            yield from _with(tree, place, other)
        if isinstance(node, ast.stmt) and place.index is not None:
            after = getattr(place.parent, place.field)[place.index + 1 :]
            for statements in of_statement(node, after):
                yield from _with(tree, place, *statements)
    yield from _with_other_names(tree, lines)
    yield from _without_parameters(tree, lines)


def _with(tree: ast.Module, place: _Place, *nodes: ast.AST) -> Iterator[ast.Module]:
    siblings = getattr(place.parent, place.field)
    place.put(*nodes)
    if place.index is not None and not getattr(place.parent, place.field) and isinstance(siblings[0], ast.stmt):
        place_of_none = _Place(place.parent, place.field)
        place_of_none.put([ast.Pass()])  # type: ignore[arg-type]
    yield tree
    setattr(place.parent, place.field, siblings)


def _solution_lines(source: str) -> frozenset[int]:
    """Return the numbers of the lines that are the solution's; all where nothing is marked."""
    spans = [match.span(1) for match in SOLUTION.finditer(source)]
    if not spans:
        return frozenset(range(1, source.count("\n") + 2))
    return frozenset(
        number
        for start, end in spans
        for number in range(source.count("\n", 0, start) + 1, source.count("\n", 0, end) + 1)
    )


def _places(tree: ast.AST, lines: frozenset[int]) -> Iterator[_Place]:
    """Yield the places of the solution's nodes, but not of messages, annotations and documentation."""
    for field, value in ast.iter_fields(tree):
        if field in SKIPPED.get(type(tree), ()):
            continue
        children = value if isinstance(value, list) else [value]
        for index, child in enumerate(children):
            if not isinstance(child, ast.AST) or _is_beside_the_point(child):
                continue
            if getattr(child, "lineno", None) in lines or isinstance(child, ast.comprehension):
                yield _Place(tree, field, index if isinstance(value, list) else None)
            yield from _places(child, lines)


def _is_beside_the_point(node: ast.AST) -> bool:
    """Return whether a node is a text, or a keyword that changes nothing where answers are graded."""
    documentation = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    harmless = isinstance(node, ast.keyword) and node.arg in HARMLESS_KEYWORDS
    return documentation or harmless or isinstance(node, ast.JoinedStr)


def _bound(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _with_other_names(tree: ast.Module, lines: frozenset[int]) -> Iterator[ast.Module]:
    """Yield the tree with one parameter in the place of another that is annotated alike, and with whole numbers off by one."""
    for function in _functions(tree):
        kinds = {argument.arg: _annotation(argument) for argument in _parameters(function) if argument.arg != "self"}
        for place in list(_places(function, lines)):
            node = place.node
            if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load) or node.id not in kinds:
                continue
            alike = [name for name, kind in kinds.items() if kind == kinds[node.id] and name != node.id]
            for other in alike:
                yield from _with(tree, place, ast.Name(other, ast.Load()))
            for near in of_whole_number(node.id) if kinds[node.id] == "int" else ():
                yield from _with(tree, place, near)


def _without_parameters(tree: ast.Module, lines: frozenset[int]) -> Iterator[ast.Module]:
    """Yield the tree with a parameter's usual value wherever the parameter is read."""
    for function in _functions(tree):
        arguments = function.args
        with_default = [*arguments.posonlyargs, *arguments.args][-len(arguments.defaults) or None :]
        usual = dict(zip((argument.arg for argument in with_default), arguments.defaults, strict=False))
        usual |= {
            argument.arg: default
            for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if default is not None
        }
        for name, default in usual.items():
            again = copy.deepcopy(tree)
            for place in list(_places(again, lines)):
                if isinstance(place.node, ast.Name) and place.node.id == name and isinstance(place.node.ctx, ast.Load):
                    place.put(copy.deepcopy(default))
            yield again


def _functions(tree: ast.Module) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def _parameters(function: ast.FunctionDef) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def _annotation(argument: ast.arg) -> str:
    return ast.unparse(argument.annotation) if argument.annotation is not None else ""
