"""Curves by name, such as a signal layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from course import figures
from course.figures import CYCLE, MARKERS
from course.plots.inputs import digits, vector

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from course.plots.inputs import Numbers

MOST_MARKED = 60  # places of a curve; beyond that, markers would cover the line


def curves(
    x: Numbers,
    lines: Mapping[str, Numbers],
    *,
    xlabel: str = "x",
    ylabel: str = "value",
    log: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw several curves by name, each with one number per place in `x` (N,); `log` makes the vertical axis logarithmic.

    Raise ValueError for curves of another length, and on a logarithmic axis for numbers of 0 or less.
    """
    places = vector(x, "x")
    named = {name: vector(values, name or "a curve") for name, values in lines.items()}
    for name, values in named.items():
        if len(values) != len(places):
            raise ValueError(f"{name} has {len(values)} values for {len(places)} places; give one per place")
        if log and (values <= 0).any():
            raise ValueError(f"{name} has values of 0 or less, for which a logarithmic axis has no place")
    ax = figures.axes(ax)
    few = len(places) <= MOST_MARKED
    for i, (name, values) in enumerate(named.items()):
        marker = MARKERS[i % len(MARKERS)] if few else ""
        ax.plot(places, values, color=CYCLE[i % len(CYCLE)], marker=marker, label=name)
    ax.set(xlabel=xlabel, ylabel=ylabel, yscale="log" if log else "linear")
    if (places == np.round(places)).all():
        ax.locator_params(axis="x", integer=True)
    ax.grid(alpha=0.3)
    if len(named) > 1:
        ax.legend()
    ends = (f"{name} from {digits(values[0])} to {digits(values[-1])}" for name, values in named.items())
    return figures.describe(
        ax, f"{ylabel} for {xlabel} from {digits(places[0])} to {digits(places[-1])}: {'; '.join(ends)}."
    )
