"""Disguises: answers that are still right, written in another way. Pure."""

import ast
from collections.abc import Iterator

from autograder.model.source import parse
from autograder.probing.planting import planted
from autograder.probing.variants import Kind, Lose, Variant

OF_FUNCTIONS = {  # by the name of a function of planted_disguises.py
    "closure": "a function made inside another",
    "instance": "an object with __call__",
    "partial": "a functools.partial",
    "decorated": "behind a decorator with wraps",
    "bound_method": "a method of an object",
    "by_name": "hands arguments on by their names",
    "printing": "prints a line at each call",
    "in_double": "computes in float64",
    "scattered": "gives tensors that are not contiguous",
    "named_parts": "gives a named tuple",
}
OF_CLASSES = {"subclass": "a class derived from it"}
IN_TWO_CELLS = "in two cells"


def disguises(exercise: str, source: str) -> Iterator[Variant]:
    """Yield the disguises of a reference answer."""
    for node in parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            ways = OF_FUNCTIONS if isinstance(node, ast.FunctionDef) else OF_CLASSES
            for way, words in ways.items():
                if way == "by_name" and isinstance(node, ast.FunctionDef) and node.args.vararg:
                    continue  # what has no names
                shown = f"{source}\n\n{node.name} = {way}({node.name})"
                text = planted("planted_disguises.py", source, node.name, f"{way}({{}})", node.name)
                yield Variant(exercise, Kind.DISGUISE, f"{node.name}: {words}", text, source, shown, Lose.NONE)
            again = _again(node)
            change = f"{node.name}: {IN_TWO_CELLS}"
            yield Variant(
                exercise, Kind.DISGUISE, change, again, source, f"{source}\n\n{again}", Lose.NONE, helper=source
            )


def _again(node: ast.FunctionDef | ast.ClassDef) -> str:
    """Return a cell that gives an answer its name again, once a cell above has defined it."""
    if isinstance(node, ast.ClassDef):
        return f"class {node.name}({node.name}):\n    pass"
    return (
        f"{node.name}_above = {node.name}\n\n\ndef {node.name}(*arguments, **keywords):\n"
        f"    return {node.name}_above(*arguments, **keywords)"
    )
