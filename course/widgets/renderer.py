"""A renderer that puts back as pixels what it has drawn before, and the canvas that has it.

Importing this module imports matplotlib, so it is imported when the first widget is made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from numpy.typing import NDArray

MOST_TEXTS = 500  # kept as pixels: more than a figure shows, so that those of earlier positions are among them

Stamp = tuple[int, int, NDArray]  # left, bottom, and pixels from the bottom up, as `draw_image` takes them


class Renderer(RendererAgg):
    """A renderer that puts a text back as pixels where it has drawn the same text at the same place before."""

    def __init__(self, width: float, height: float, dpi: float) -> None:
        super().__init__(width, height, dpi)
        self._empty = RendererAgg(width, height, dpi)  # for a text alone
        self._paper: Renderer | None = None  # for an artist alone
        self._texts: dict[tuple[Any, ...], Stamp] = {}

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):  # type: ignore[no-untyped-def]
        """Draw the text `s`; the parameters are those of all renderers."""
        if gc.get_clip_path() != (None, None):
            super().draw_text(gc, x, y, s, prop, angle, ismath=ismath, mtext=mtext)
            return
        clip = gc.get_clip_rectangle()
        # Not the font itself, since a font can be changed.
        key = (s, x, y, hash(prop), angle, ismath, gc.get_rgb(), gc.get_alpha(), clip and clip.bounds)
        if key not in self._texts:
            if len(self._texts) >= MOST_TEXTS:
                self._texts.clear()
            self._empty.clear()
            self._empty.draw_text(gc, x, y, s, prop, angle, ismath=ismath, mtext=mtext)
            room = 2 * self.points_to_pixels(prop.get_size_in_points())
            self._texts[key] = cut_out(self._empty, None if angle or ismath else (y - room, y + room))
        self.put(self._texts[key])

    def stamp(self, draw: Callable[[RendererBase], object]) -> Stamp:
        """Return what `draw` draws on an empty renderer like this one."""
        if self._paper is None:
            self._paper = Renderer(self.width, self.height, self.dpi)
            self._paper._texts = self._texts
        self._paper.clear()
        draw(self._paper)
        return cut_out(self._paper)

    def put(self, stamp: Stamp) -> None:
        """Draw a stamp."""
        if stamp[2].size:
            self.draw_image(self.new_gc(), *stamp)


def cut_out(renderer: RendererAgg, rows: tuple[float, float] | None = None) -> Stamp:
    """Return what was drawn on an empty renderer; only in these rows, from the top, if it is known to be there."""
    pixels = np.asarray(renderer.buffer_rgba())
    first, end = (max(0, int(row)) for row in rows or (0, len(pixels)))
    inked = pixels[first:end, :, 3] > 0
    down, across = (np.flatnonzero(inked.any(axis)) for axis in (1, 0))
    if not down.size:
        return 0, 0, pixels[:0].copy()
    top, bottom = first + int(down[0]), first + int(down[-1]) + 1
    part = pixels[top:bottom, across[0] : across[-1] + 1]
    return int(across[0]), len(pixels) - bottom, part[::-1].copy()


class Canvas(FigureCanvasAgg):
    """A canvas with such a renderer."""

    def get_renderer(self) -> Renderer:
        """Return the renderer for the present size of the figure."""
        width, height, dpi = size = (*self.figure.bbox.size, self.figure.dpi)
        if getattr(self, "_size", None) != size:
            self.renderer, self._size = Renderer(width, height, dpi), size
        return self.renderer
