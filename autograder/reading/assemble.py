"""Assemble the notebook as it was graded: what formgrader and the feedback page show. Runs nothing."""

from collections.abc import Mapping
from typing import Any

import nbformat

from autograder.model.units import Kind, Unit
from autograder.reading.graft import Graft


def assemble(unit: Unit, released: Mapping[str, str], graft: Graft) -> dict[str, Any]:
    """Return the unit's notebook (nbformat 4) with the student's answers in their places and the student's own cells between.

    `released`: what the release shows in each cell, by id; it stands where there is no answer.
    """
    own: dict[str, list[dict[str, Any]]] = {}
    for number, (before, source) in enumerate(graft.own):
        own.setdefault(before, []).append(nbformat.v4.new_code_cell(source, id=f"own-{number}"))
    cells = []
    for cell, node in zip(unit.cells, unit.notebook.cells, strict=True):
        if cell.kind in (Kind.ANSWER, Kind.MANUAL):
            node = {**node, "source": graft.answers.get(cell.id, released[cell.id])}
        cells += [*own.get(cell.id, []), node]
    return {**unit.notebook, "cells": cells + own.get("", [])}
