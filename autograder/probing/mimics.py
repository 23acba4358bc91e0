"""Mimics: answers that know what the visible checks expect, and nothing else. Pure."""

import ast
import re
from collections.abc import Iterable, Iterator

from autograder.model.source import parse
from autograder.probing.planting import planted
from autograder.probing.variants import Kind, Lose, Variant

REFUSAL = re.compile(r"\b(ValueError|RuntimeError|IndexError|TypeError)\b")
ELSEWHERE = ("other numbers", "zero", "backwards")  # the keys of ELSEWHERE in planted_mimics.py
OF_NUMBERS = {  # by the name of a function of planted_mimics.py
    "within_range": "keeps {} between the visible numbers",
    "whole": "rounds {} to whole numbers",
    "positive": "leaves out the minus of {}",
}


def mimics(exercise: str, source: str, visible: Iterable[str]) -> Iterator[Variant]:
    """Yield the mimics of a reference answer. `visible`: what students see of its tests."""
    checks = list(visible)
    for node in parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            recorded = f"record(globals(), [{node.name!r}], {checks!r})[{node.name!r}]"
            shown = f"record(globals(), {node.name!r}, the visible checks)"
            for call, change, lose in _of_function(node) if isinstance(node, ast.FunctionDef) else _of_class(node):
                yield Variant(
                    exercise,
                    Kind.MIMIC,
                    f"{node.name}: {change}",
                    planted("planted_mimics.py", source, node.name, call, recorded),
                    source,
                    f"{source}\n\n{node.name} = {call.format(shown)}",
                    lose,
                )


def _of_function(node: ast.FunctionDef) -> Iterator[tuple[str, str, Lose]]:
    """Yield a call with a place for what was recorded, its name, and what it has to lose."""
    arguments = node.args
    parameters = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    if not parameters:
        return
    for elsewhere in ELSEWHERE:
        lose = Lose.ONE if elsewhere == "backwards" else Lose.EVERY_HIDDEN
        yield f"look_up({{}}, {elsewhere!r})", f"knows the visible calls, {elsewhere} elsewhere", lose
    yield "last_value({})", "knows the visible calls, the last value elsewhere", Lose.EVERY_HIDDEN
    yield "shape_alone({})", "knows the visible calls by their sizes", Lose.EVERY_HIDDEN
    for error in dict.fromkeys(REFUSAL.findall(ast.get_docstring(node) or "")):
        yield f"refusing({{}}, {error!r})", f"knows the visible calls, {error} elsewhere", Lose.EVERY_HIDDEN
    for parameter in parameters:
        yield f"fixed({{}}, {parameter!r})", f"always takes the visible {parameter}", Lose.ONE
        for way, words in OF_NUMBERS.items():
            yield f"{way}({{}}, {parameter!r})", words.format(parameter), Lose.ONE


def _of_class(node: ast.ClassDef) -> Iterator[tuple[str, str, Lose]]:
    """Yield what knows the visible arguments of a class; nothing where it takes none."""
    starts = (part.args for part in node.body if isinstance(part, ast.FunctionDef) and part.name == "__init__")
    if not any(len(start.args) > 1 or start.vararg or start.kwonlyargs for start in starts):
        return
    yield "known_arguments({})", "knows the visible arguments, makes the last of these elsewhere", Lose.ONE
    for elsewhere in ELSEWHERE:
        yield f"known_methods({{}}, {elsewhere!r})", f"knows the visible arguments, {elsewhere} elsewhere", Lose.ONE
