"""Notebooks of honest students: the release with answers of the bank, right, wrong and missing, and cells of their own."""

import ast
import json
import re
from functools import cache
from random import Random
from typing import Any

import nbformat

from autograder.release.build import released_sources
from autograder.model.units import Kind
from tests.submissions.damage import ANSWERS, OWN, STUB
from tests.submissions.sample_class import Handout, handout_of

REFLECTION = "The mean would move.\n\n- because of the outlier\n- and so would its loss"
SCRATCH = ("%matplotlib inline", "print('so far')", "for n in range(3):\n    print(n ** 2)", "!ls")
HELPER = re.compile(r"^(?:def|class) my_(\w+)", re.MULTILINE)


@cache
def handout(unit: str) -> Handout:
    """What the students of a unit start from, read once."""
    return handout_of(unit)


@cache
def release_text(unit: str) -> str:
    """The text of the release."""
    return nbformat.writes(handout(unit).release)


@cache
def shown(unit: str) -> dict[str, str]:
    """What the release shows in each cell, by id."""
    return released_sources(handout(unit).unit)


def honest(unit: str, rng: Random) -> dict[str, Any]:
    """A student's notebook: answers right, wrong and missing, one of them resting on a helper in a cell of its own."""
    start = handout(unit)
    notebook = json.loads(release_text(unit))
    cells = []
    with_helper = rng.choice(start.unit.exercises)
    for cell, made in zip(start.unit.cells, notebook["cells"], strict=True):
        made["source"] = "".join(made["source"])
        if cell.kind in (Kind.ANSWER, Kind.MANUAL):
            made |= {ANSWERS: cell.id, STUB: made["source"]}
        if cell.kind is Kind.ANSWER:
            choose = rng.choice([start.right, start.right, start.wrong])
            if rng.random() < 0.9 or cell.id == with_helper:
                made["source"] = choose(cell.id, rng.randrange(20)).source.rstrip("\n")
            if cell.id == with_helper:
                cells.append(own_cell(as_helper(made), len(cells)))
        elif cell.kind is Kind.MANUAL:
            made["source"] = REFLECTION
        elif cell.kind is Kind.PLAIN and rng.random() < 0.2:
            made["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["tensor([1.])\n"]}]
        cells.append(made)
        if rng.random() < 0.05:
            cells.append(own_cell(rng.choice(SCRATCH), len(cells)))
    notebook["cells"] = cells
    return notebook


def own_cell(source: str, number: int) -> dict[str, Any]:
    """A cell that the student added."""
    outputs = {"outputs": [], "execution_count": number + 1}
    return {"cell_type": "code", "id": f"mine-{number}", "metadata": {}, **outputs, "source": source, OWN: True}


def as_helper(answer: dict[str, Any]) -> str:
    """Move an answer's work into a helper above it, on which it rests from now on."""
    tree = ast.parse(answer["source"])
    last = tree.body[-1]
    assert isinstance(last, ast.FunctionDef | ast.ClassDef)
    name, helper = last.name, f"my_{last.name}"
    work = answer["source"]
    for word in ("def", "class"):
        work = work.replace(f"{word} {name}(", f"{word} {helper}(").replace(f"{word} {name}:", f"{word} {helper}:")
    if isinstance(last, ast.ClassDef):
        work = work.replace(f"super({name}", f"super({helper}")
        answer["source"] = f'class {name}({helper}):\n    """As in the cell above."""'
    else:
        answer["source"] = f'def {name}(*args, **named):\n    """See above."""\n    return {helper}(*args, **named)'
    return work


def helped_by(own: str) -> str:
    """The exercise whose answer rests on this cell of the student's own; empty for others."""
    found = HELPER.search(own)
    return found[1].lower() if found else ""
