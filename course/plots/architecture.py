"""Layers as columns of neurons, with the shapes of the weights between them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from course import figures
from course.figures import BLACK, BLUE, GREEN, GREY, ORANGE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_NEURONS = 8  # a wider layer is drawn as its first and last neurons with dots between
ENDS = 3
DOTS = [0.46, 0.5, 0.54]


def network_layers(sizes: Sequence[int], bias: bool = True, ax: Axes | None = None) -> Axes:
    """Draw a fully connected network: one column of neurons per layer, and shapes of weights and biases.

    `sizes` are the numbers of inputs, of neurons in each hidden layer, and of outputs. Shapes are written as torch
    stores them: (outputs × inputs) for a weight. Raise ValueError for fewer than two sizes or one below 1.
    """
    if len(sizes) < 2 or any(size != int(size) or size < 1 for size in sizes):
        raise ValueError(f"sizes must be two or more whole numbers from 1 on, inputs to outputs, but are {list(sizes)}")
    ax = figures.axes(ax, size=(6.4, 3.6))
    columns = [_heights(size) for size in sizes]
    last = len(sizes) - 1
    font, times = ("small", " × ") if last < 5 else ("x-small", "\n× ")
    _join(ax, columns)
    for part, color in ((slice(0, 1), BLUE), (slice(1, last), GREEN), (slice(last, None), ORANGE)):
        _place(ax, range(len(sizes))[part], columns[part], color)
    _dots(ax, [at for at, size in enumerate(sizes) if size > MOST_NEURONS])
    for at, (width, rows) in enumerate(pairwise(sizes)):
        shape = f"{rows}{times}{width}" + (f"\n+ {rows}" if bias else "")
        ax.text(at + 0.5, 1.02, shape, ha="center", va="bottom", fontsize=font)
    kinds = ["inputs", *(f"hidden {i}" for i in range(1, last)), "outputs"]
    for at, (size, kind) in enumerate(zip(sizes, kinds, strict=True)):
        name = kind.removesuffix("s") if size == 1 else kind
        ax.text(at, -0.02, f"{size:,}\n{name}", ha="center", va="top", fontsize=font)
    ax.set(xlim=(-0.5, last + 0.5), ylim=(0, 1), title="shapes of weights and biases\n\n\n")
    ax.axis("off")  # columns are labelled above; ticks would cost a third of the drawing's time
    widths = ", ".join(map(str, sizes[1:-1]))
    hidden = f"{_counted(last - 1, 'hidden layer')} of {widths} neurons" if last > 1 else "no hidden layer"
    shapes = ", ".join(f"{rows} × {width}" for width, rows in pairwise(sizes))
    return figures.describe(
        ax,
        f"Network with {_counted(sizes[0], 'input')}, {hidden}, {_counted(sizes[-1], 'output')}. Weights: {shapes};"
        f" {'a bias for each neuron' if bias else 'no biases'}.",
    )


def _counted(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def _heights(size: int) -> NDArray:
    """Return the heights of the neurons of a layer, from 0 to 1; of a wide layer, only its first and last ones."""
    if size > MOST_NEURONS:
        ends = np.linspace(0.06, 0.36, ENDS)
        return np.concatenate([ends, 1 - ends[::-1]])
    gap = min(0.36, 0.88 / max(size - 1, 1))
    return 0.5 + gap * (np.arange(size) - (size - 1) / 2)


def _join(ax: Axes, columns: Sequence[NDArray]) -> None:
    """Draw a line from every neuron to every neuron of the next column."""
    from matplotlib.collections import LineCollection

    lines = [
        [(at, low), (at + 1, high)]
        for at, (left, right) in enumerate(pairwise(columns))
        for low in left
        for high in right
    ]
    ax.add_collection(LineCollection(lines, colors=GREY, linewidths=0.5), autolim=False)


def _place(ax: Axes, places: Sequence[int], columns: Sequence[NDArray], color: str) -> None:
    """Draw the neurons of some columns."""
    across = [at for at, heights in zip(places, columns, strict=True) for _ in heights]
    up = [height for heights in columns for height in heights]
    ax.plot(across, up, "o", color=color, markeredgecolor=BLACK, markersize=8, zorder=3)


def _dots(ax: Axes, places: Sequence[int]) -> None:
    """Mark the columns in which neurons are left out."""
    ax.plot([at for at in places for _ in DOTS], DOTS * len(places), ".", color=BLACK, markersize=3, zorder=3)
