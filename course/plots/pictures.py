"""Images to classify as a reader sees them, in rows, each with a few words above it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from course import figures
from course.plots.inputs import array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from course.plots.inputs import Numbers

INCHES = 0.84  # of one picture with its title
MOST_IN_WORDS = 20


def pictures(images: Numbers, titles: Sequence[object] | None = None, across: int = 10, ax: Axes | None = None) -> Axes:
    """Draw `images` (N, height, width) in rows of `across`, dark on light; `titles` (N) are written above them.

    The parts are `ax.child_axes`, one per image. Raise ValueError if there is no image, or not one title per image.
    """
    rows = array(images)
    if rows.ndim != 3 or not len(rows):
        raise ValueError(f"images have the shape {rows.shape}; give one image or more, (N, height, width)")
    if titles is not None and len(titles) != len(rows):
        raise ValueError(f"there are {len(titles)} titles for {len(rows)} images; give one per image")
    if across < 1:
        raise ValueError(f"across = {across} leaves no room for a picture; give 1 or more")
    words = [""] * len(rows) if titles is None else [str(title) for title in titles]
    across = min(across, len(rows))
    down = -(-len(rows) // across)
    tall = INCHES * (1 + 0.22 * max(word.count("\n") + 1 if word else 0 for word in words))
    ax = figures.axes(ax, size=(INCHES * across, tall * down))
    ax.axis("off")
    for i, (row, word) in enumerate(zip(rows, words, strict=True)):
        place = (i % across / across, 1 - (i // across + 1) / down, 0.92 / across, 0.94 * INCHES / tall / down)
        part = ax.inset_axes(place)
        part.imshow(row, cmap="gray_r")
        part.set(xticks=[], yticks=[])
        part.set_title(word, fontsize="small", pad=2)
    return figures.describe(ax, f"{len(rows)} images of {rows.shape[1]} by {rows.shape[2]}{_in_words(words)}.")


def _in_words(words: Sequence[str]) -> str:
    if not any(words):
        return ""
    listed = "; ".join(word.replace("\n", ", ") for word in words[:MOST_IN_WORDS])
    return f", titled: {listed}" + ("; and so on" if len(words) > MOST_IN_WORDS else "")
