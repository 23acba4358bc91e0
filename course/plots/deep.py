"""Figures of unit 09: curves by name, such as a signal layer by layer, and images with the labels that training got."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course import figures
from course.figures import CYCLE, MARKERS
from course.plots.inputs import array, digits, vector

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from course.plots.inputs import Numbers

ACROSS = 10  # images in a row
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


def labelled_images(images: Numbers, labels: Sequence[str], ax: Axes | None = None) -> Axes:
    """Draw images (N, height, width), light where a number is small, each under its label; up to ten per row.

    The parts are `ax.child_axes`, one per image. Raise ValueError for other shapes or another number of labels.
    """
    pictures = array(images)
    if pictures.ndim != 3 or not len(pictures):
        raise ValueError(f"images must have shape (N, height, width), but their shape is {pictures.shape}")
    if len(labels) != len(pictures):
        raise ValueError(f"there are {len(labels)} labels for {len(pictures)} images; give one per image")
    across = min(len(pictures), ACROSS)
    down = -(-len(pictures) // across)
    ax = figures.axes(ax, size=(0.95 * across, 1.25 * down))
    ax.axis("off")
    top = float(np.max(pictures)) or 1.0
    for i, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
        part = ax.inset_axes((i % across / across, 1 - (i // across + 1) / down, 0.92 / across, 0.8 / down))
        part.imshow(picture, cmap="Greys", vmin=0, vmax=top)
        part.set(xticks=[], yticks=[])
        part.set_title(label, fontsize="small")
    return figures.describe(ax, f"{len(pictures)} images with their labels: {', '.join(labels)}.")
