"""Images as pictures, and what happens batch by batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course import figures
from course.figures import BLUE, ORANGE, VERMILION
from course.plots.inputs import array, vector

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from course.plots.inputs import Numbers

INCHES = 0.9  # of one picture
LINE = 0.2  # of a line above it, as a share of that
MOST_IN_WORDS = 20


def image_grid(
    images: Numbers,
    titles: Sequence[object] | None = None,
    marked: Sequence[bool] | Numbers | None = None,
    across: int = 10,
    ax: Axes | None = None,
) -> Axes:
    """Draw images (N, H, W) or (N, 1, H, W), dark on light, in rows of `across`; the `marked` ones are framed in red.

    `titles` stand above them. Each image has its own scale of grey. The parts are `ax.child_axes`, one per image. Raise ValueError if
    there is no image, or not one title and mark per image.
    """
    pictures = array(images)
    if pictures.ndim == 4 and pictures.shape[1] == 1:
        pictures = pictures[:, 0]
    if pictures.ndim != 3 or not len(pictures):
        raise ValueError(f"images must have shape (N, H, W) or (N, 1, H, W), but their shape is {pictures.shape}")
    if across < 1:
        raise ValueError(f"across = {across} leaves no room for an image; give 1 or more")
    names = [str(title) for title in titles] if titles is not None else [""] * len(pictures)
    marks = [bool(mark) for mark in array(marked)] if marked is not None else [False] * len(pictures)
    for what, given in (("titles", names), ("marks", marks)):
        if len(given) != len(pictures):
            raise ValueError(f"there are {len(given)} {what} for {len(pictures)} images; give one per image")
    across = min(len(pictures), across)
    down = -(-len(pictures) // across)
    tall = 1.05 + LINE * max(name.count("\n") + 1 if name else 0 for name in names)
    ax = figures.axes(ax, size=(INCHES * across, INCHES * tall * down))
    ax.axis("off")
    for i, (picture, name, mark) in enumerate(zip(pictures, names, marks, strict=True)):
        part = ax.inset_axes((i % across / across, 1 - (i // across + 1) / down, 0.93 / across, 0.93 / tall / down))
        part.imshow(picture, cmap="Greys")
        part.set(xticks=[], yticks=[])
        part.set_title(name, fontsize="small", pad=3, color=VERMILION if mark else "black")
        for side in part.spines.values() if mark else ():
            side.set(color=VERMILION, linewidth=2.5)
    size = f"{pictures.shape[1]} by {pictures.shape[2]}"
    return figures.describe(ax, f"{len(pictures)} images of {size} pixels{_in_words(names, marks)}.")


def _in_words(names: Sequence[str], marks: Sequence[bool]) -> str:
    """Return the titles as a reader hears them, the first of many."""
    named = [f"{' '.join(name.split())}{' (marked)' if mark else ''}" for name, mark in zip(names, marks, strict=True)]
    if not any(names):
        return ""
    return f": {', '.join(named[:MOST_IN_WORDS])}" + (", and so on" if len(named) > MOST_IN_WORDS else "")


def batch_losses(losses: Numbers, per_epoch: int, ax: Axes | None = None) -> Axes:
    """Draw the loss of every batch (a vector, `per_epoch` numbers per epoch), each epoch's mean and its last batch."""
    values = vector(losses, "losses")
    if per_epoch < 1 or len(values) % per_epoch:
        raise ValueError(f"{len(values)} losses are no whole number of epochs of {per_epoch} batches")
    epochs = values.reshape(-1, per_epoch)
    ax = figures.axes(ax, size=(7.2, 3.4))
    steps = np.arange(1, len(values) + 1)
    ax.plot(steps, values, ".", color=BLUE, alpha=0.5, label="each batch")
    means = epochs.mean(axis=1)
    for i, mean in enumerate(means):
        ends = (i * per_epoch + 0.5, (i + 1) * per_epoch + 0.5)
        ax.plot(ends, (mean, mean), color="black", label=None if i else "mean of the epoch")
    ax.plot(steps[per_epoch - 1 :: per_epoch], epochs[:, -1], "D", color=ORANGE, label="last batch of the epoch")
    ax.set(xlabel="batch", ylabel="loss", ylim=(0, None))
    ax.grid(alpha=0.3)
    ax.legend()
    each = "; ".join(
        f"epoch {i}: mean {mean:.3g}, last batch {last:.3g}"
        for i, (mean, last) in enumerate(zip(means, epochs[:, -1], strict=True), 1)
    )
    return figures.describe(
        ax, f"Loss of {len(values)} batches, between {values.min():.3g} and {values.max():.3g}. {each}."
    )


def timings(seconds: Mapping[str, float], ax: Axes | None = None) -> Axes:
    """Draw how many seconds each of several ways took, by name, first on top, with how many times faster than the first."""
    if not seconds:
        raise ValueError("there is nothing to draw; give at least one time by name")
    names, values = list(seconds), vector(list(seconds.values()), "seconds")
    if (values <= 0).any():
        raise ValueError(f"seconds must be above 0, but they are {values.tolist()}")
    ax = figures.axes(ax, size=(7.2, 0.9 + 0.45 * len(values)))
    bars = ax.barh(range(len(values)), values, color=[ORANGE if i == 0 else BLUE for i in range(len(values))])
    words = [
        f"{value:.3g} s" + (f", {values[0] / value:.3g} times as fast" if i else "") for i, value in enumerate(values)
    ]
    ax.bar_label(bars, words, padding=4)
    ax.set_yticks(range(len(values)), names)
    ax.set(xlim=(0, 1.6 * values.max()), ylim=(len(values) - 0.4, -0.6), xlabel="seconds")
    each = "; ".join(f"{name} {word}" for name, word in zip(names, words, strict=True))
    return figures.describe(ax, f"Bars of the time that each way takes: {each}.")
