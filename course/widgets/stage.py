"""A figure that is drawn again at each move of a slider, and quickly: what looks as before is put back as pixels.

Importing this module imports matplotlib, so it is imported when the first widget is made.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course.figures import CSS_DPI, PIXELS
from course.widgets.panel import Panel
from course.widgets.renderer import Canvas


def sheet(count: int, size: tuple[float, float]) -> tuple[Figure, list[Axes]]:
    """Return a new figure of `size` inches, unknown to pyplot, and its `count` axes in a row."""
    figure = Figure(figsize=size, dpi=PIXELS * CSS_DPI, layout="constrained")
    Canvas(figure)
    return figure, list(figure.subplots(1, count, squeeze=False, subplot_kw={"axes_class": Panel})[0])


def snapshot(figure: Figure) -> bytes:
    """Return the figure of a `sheet` as a PNG, and freeze its layout, so that nothing jumps."""
    figure.canvas.draw()
    figure.set_layout_engine("none")
    return png(np.asarray(figure.canvas.buffer_rgba()))  # type: ignore[attr-defined]


def png(pixels: NDArray) -> bytes:
    """Return opaque pixels (height, width, 4) as a PNG.

    Pillow would look for the best filter of each row, which takes twice as long and hardly makes figures smaller.
    """
    height, width = pixels.shape[:2]
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # the number before each row says that it has no filter
    for colour in range(3):  # one after the other: NumPy copies three colours at once in four times the time
        rows[:, 1 + colour :: 3] = pixels[..., colour]
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits for each of three colours
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.data, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
