"""Assemble the notebook as it was graded: what formgrader and the feedback page show. Runs nothing."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile
from typing import Any

import nbformat

from autograder.model.units import Cell, Kind, Unit
from autograder.reading.graft import Graft
from autograder.reading.read import HandedCell

ATTACHED = re.compile(r"(?<=\]\()attachment:([^)\s]+)")  # how Markdown names a picture that was pasted into its cell
MAX_BESIDE = 50  # texts below one task


def assemble(
    unit: Unit, released: Mapping[str, str], graft: Graft, handed: Iterable[HandedCell] = ()
) -> dict[str, Any]:
    """Return the unit's notebook (nbformat 4) with the student's answers in their places and the student's own cells between.

    `released`: what the release shows in each cell, by id; it stands where there is no answer. `handed`: the cells as handed in,
    for the pictures in them and for what was written below a manually graded task, which has no cell for an answer.
    """
    handed = list(handed)
    own: dict[str, list[dict[str, Any]]] = {}
    for number, (before, source) in enumerate(graft.own):
        own.setdefault(before, []).append(nbformat.v4.new_code_cell(source, id=f"own-{number}"))
    cells = []
    for cell, node in zip(unit.cells, unit.notebook.cells, strict=True):
        if cell.kind in (Kind.ANSWER, Kind.MANUAL):
            node = {**node, "source": graft.answers.get(cell.id, released[cell.id])}
        if cell.kind is Kind.MANUAL:
            node = _with_pictures(node, handed)
        cells += [*own.get(cell.id, []), node]
        if cell.kind is Kind.TASK:
            cells += [_text_cell(cell, number, text) for number, text in enumerate(_done(cell, released, handed))]
    return {**unit.notebook, "cells": cells + own.get("", [])}


def _with_pictures(node: dict[str, Any], handed: list[HandedCell]) -> dict[str, Any]:
    """Return an answer in words with the pictures that it shows; one that is missing becomes a word, for nbgrader stops at it."""
    source: str = node["source"]
    if node.get("cell_type") != "markdown" or "attachment:" not in source:
        return node
    theirs = [cell for cell in handed if cell.pictures]
    theirs.sort(key=lambda cell: cell.source not in source)  # each cell has an image.png of its own
    known = {name: picture for cell in reversed(theirs) for name, picture in cell.pictures.items()}
    shown = {name: known[name] for name in ATTACHED.findall(source) if name in known}
    missing = ATTACHED.sub(lambda link: link[0] if link[1] in shown else f"missing-{link[1]}", source)
    return {**node, "source": missing, **({"attachments": shown} if shown else {})}


def _done(task: Cell, released: Mapping[str, str], handed: list[HandedCell]) -> Iterator[HandedCell]:
    """Yield the texts that a student wrote for a task: into its cell, and in cells of the student's own below it."""
    places = [place for place, cell in enumerate(handed) if cell.grade_id == task.id]
    if not places:
        return
    at = places[0]
    if handed[at].source.split() != released[task.id].split():
        yield handed[at]
    known = {" ".join(source.split()) for source in released.values()}
    below = takewhile(lambda cell: not cell.grade_id and cell.id not in released, handed[at + 1 : at + 1 + MAX_BESIDE])
    for cell in below:
        if not cell.code and cell.source.strip() and " ".join(cell.source.split()) not in known:
            yield cell


def _text_cell(task: Cell, number: int, text: HandedCell) -> dict[str, Any]:
    node = nbformat.v4.new_markdown_cell(text.source, id=f"{task.id}-{number}"[:64])
    return _with_pictures(node, [text])
