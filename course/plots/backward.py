"""A pass through a small network, number by number: the values on the way forward, the gradients on the way back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from course import figures
from course.figures import GREY, VERMILION
from course.plots.inputs import array, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from course.plots.inputs import Numbers

GAP, SIGN = 0.62, 0.7  # widths of the space between two blocks and of a sign, in cells
HEAD = 0.85  # height of the space above a block for its name, in cells
PALE = 1.7  # lightens all colours, so that black numbers stay legible on the darkest one

Equation = Sequence["str | tuple[str, Numbers]"]


def backward_pass(
    values: Mapping[str, Numbers],
    gradients: Mapping[str, Numbers],
    reached: Collection[str] | None = None,
    new: Collection[str] = (),
    equations: Sequence[Equation] = (),
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw each number of a forward pass and, below it, its gradient, in cells.

    `values` and `gradients` have the same names, in the order of the forward pass; each is a number, a column (d,) or
    a matrix. Only the gradients in `reached` are shown (by default all), and those in `new` get bold frames. Below
    stand `equations`, rows of signs and (name, numbers), such as `[("z", z), "=", ("W", w), ("x", x)]`.
    """
    top = {name: _matrix(numbers, name) for name, numbers in values.items()}
    bottom = {name: _matrix(numbers, f"the gradient of {name}") for name, numbers in gradients.items()}
    if list(top) != list(bottom) or any(top[name].shape != bottom[name].shape for name in top):
        raise ValueError("gradients must have the names of values, in the same order and of the same shapes")
    reached = list(top) if reached is None else list(reached)
    if unknown := [name for name in (*reached, *new) if name not in top]:
        raise ValueError(f"{unknown[0]} is none of the values {', '.join(top)}")
    lines = [[part if isinstance(part, str) else (part[0], _matrix(part[1], part[0])) for part in e] for e in equations]
    ax = figures.axes(ax, size=(8.4, 4.8))
    cells = _Cells(ax)
    tallest = max(block.shape[0] for block in top.values())
    scales = [max(float(np.abs(block).max()) for block in row.values()) or 1.0 for row in (top, bottom)]
    width = _row(
        cells, [(_shaped(name, block), block, "known") for name, block in top.items()], 0.0, tallest, scales[0]
    )
    looks = {name: "new" if name in new else "known" if name in reached else "unknown" for name in bottom}
    floor = -(tallest + 2 * HEAD)
    _row(cells, [(f"∂L/∂{name}", block, looks[name]) for name, block in bottom.items()], floor, tallest, scales[1])
    if lines:
        _equations(cells, lines, 2 * floor, tallest, width, scales)
    cells.draw()
    for height, words in ((0.0, "forward →"), (floor, "← backward")):
        ax.text(-GAP, height - tallest / 2, words, rotation=90, ha="right", va="center", color=GREY)
    depth = 2 * floor - tallest - 0.2 if lines else 2 * floor + HEAD
    ax.set(xlim=(-1.6, width + 0.1), ylim=(depth, HEAD), xticks=[], yticks=[], title=title)
    ax.axis("off")
    known = "; ".join(f"∂L/∂{name} = {_as_text(bottom[name])}" for name in bottom if looks[name] != "unknown")
    forward = "; ".join(f"{name} = {_as_text(block)}" for name, block in top.items())
    computed = " and ".join(" ".join(p if isinstance(p, str) else p[0] for p in line) for line in lines)
    words = f"Forward: {forward}. Gradients: {known or 'none yet'}." + (f" This step: {computed}." if lines else "")
    return figures.describe(ax, f"{title}. {words}" if title else words)


class _Cells:
    """Cells, collected one by one and drawn at once: one rectangle for each would take nearly a tenth of a second."""

    def __init__(self, ax: Axes) -> None:
        self.ax = ax
        self.corners: list[NDArray] = []
        self.colors: list[Sequence[float]] = []

    def block(self, left: float, top: float, name: str, numbers: NDArray, scale: float, look: str = "known") -> None:
        """Add a block of cells whose upper left corner is given, its name above it."""
        from matplotlib import colormaps

        down, across = numbers.shape
        colors = colormaps["PuOr"](0.5 + 0.5 * numbers / (PALE * scale)).tolist()
        if look == "unknown":
            self._cell(left, top, across, down, (1.0, 1.0, 1.0, 1.0))
            self.ax.text(left + across / 2, top - down / 2, "?", ha="center", va="center", color=GREY)
        for (row, column), value in np.ndenumerate(numbers) if look != "unknown" else ():
            x, y = left + column, top - row
            self._cell(x, y, 1, 1, colors[row][column])
            text = number(round(float(value), 2) + 0.0)  # no minus before 0
            self.ax.text(x + 0.5, y - 0.5, text, ha="center", va="center", fontsize=9)
        self.ax.text(left + across / 2, top + 0.15, name, ha="center", va="bottom", fontsize=9)
        if look == "new":
            x, y = np.array([0, across, across, 0, 0]) + left, top - np.array([0, 0, down, down, 0])
            self.ax.plot(x, y, color=VERMILION, linewidth=2.5, solid_joinstyle="miter")

    def _cell(self, x: float, y: float, across: int, down: int, color: Sequence[float]) -> None:
        self.corners.append(np.array([(x, y), (x + across, y), (x + across, y - down), (x, y - down)]))
        self.colors.append(color)

    def draw(self) -> None:
        """Draw the cells that were added."""
        from matplotlib.collections import PolyCollection

        self.ax.add_collection(PolyCollection(self.corners, facecolors=self.colors, edgecolors=GREY, linewidths=0.8))


def _row(cells: _Cells, blocks: Sequence[tuple[str, NDArray, str]], top: float, tallest: int, scale: float) -> float:
    """Draw blocks side by side, vertically centred; return where the last one ends."""
    left = 0.0
    for name, block, look in blocks:
        cells.block(left, top - (tallest - block.shape[0]) / 2, name, block, scale, look)
        left += block.shape[1] + GAP
    return left - GAP


def _equations(
    cells: _Cells,
    lines: Sequence[Sequence[str | tuple[str, NDArray]]],
    top: float,
    tallest: int,
    width: float,
    scales: list[float],
) -> None:
    """Draw equations side by side, centred within `width` and within `tallest` cells below `top`."""
    sizes = [sum(_sign(part) if isinstance(part, str) else part[1].shape[1] + 0.3 for part in line) for line in lines]
    spare = (width - sum(sizes)) / (len(lines) + 1)
    left = 0.0
    for line, size in zip(lines, sizes, strict=True):
        left += spare
        here = left
        for part in line:
            if isinstance(part, str):
                cells.ax.text(here + _sign(part) / 2, top - tallest / 2, part, ha="center", va="center", fontsize=13)
                here += _sign(part)
            else:
                name, block = part
                cells.block(here + 0.15, top - (tallest - block.shape[0]) / 2, name, block, max(scales))
                here += block.shape[1] + 0.3
        left += size


def _sign(text: str) -> float:
    """Return the width kept free for a sign."""
    return SIGN + 0.2 * (len(text) - 1)


def _matrix(numbers: Numbers, name: str) -> NDArray:
    """Return a number, a column or a matrix as a matrix of finite numbers."""
    block = array(numbers)
    if block.ndim > 2 or not block.size or not np.isfinite(block).all():
        raise ValueError(f"{name} must be a number, a column or a matrix of finite numbers, not of shape {block.shape}")
    return block.reshape(len(block), -1) if block.ndim else block.reshape(1, 1)


def _shaped(name: str, block: NDArray) -> str:
    """Return "W (3, 2)"; a column is named with its length, a number without a shape."""
    down, across = block.shape
    return name if block.size == 1 else f"{name} ({down}, {across})" if across > 1 else f"{name} ({down},)"


def _as_text(block: NDArray) -> str:
    return str((np.round(block.squeeze(), 3) + 0.0).tolist()).replace("-", "−")
