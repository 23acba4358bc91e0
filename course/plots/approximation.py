"""Sums of ReLUs that approximate a function: the lines between knots, what they miss and how far that can go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from course import figures
from course.figures import BLACK, BLUE, ORANGE
from course.plots.inputs import digits, vector
from course.plots.networks import relu_pieces

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from course.plots.inputs import Numbers

TINY = 1e-12  # stands for an error of 0 on a logarithmic axis


def relu_interpolant(knots: Numbers, heights: Numbers, x: Numbers, target: Numbers, ax: Axes | None = None) -> Axes:
    """Draw the straight lines between the points (knots, heights), the ReLUs they are the sum of, and a target.

    `knots` (N + 1,) increase; `heights` has a number for each, `target` one for each place of `x`, from the first knot
    to the last. Each ReLU starts at a knot; the one at the last knot would be seen beyond it only and is left out.
    """
    corners, values = _knots(knots), vector(heights, "heights")
    _as_many(values, "heights", corners, "knots")
    places, wanted = vector(x, "x"), vector(target, "target")
    _as_many(wanted, "target", places, "places")
    ax = relu_pieces(places, _pieces(places, corners, values), float(values[0]), wanted, ax=figures.axes(ax))
    ax.plot(corners, values, "o", color=BLACK, markersize=4, label="knots")
    ax.legend()
    count = len(corners) - 1
    name = "1 ReLU" if count == 1 else f"{count} ReLUs"
    ax.set_title(f"{name}, {ax.get_title()}")
    return figures.describe(ax, f"Lines through {len(corners)} knots: {getattr(ax, figures.ALT)}")


def approximation_error(
    x: Numbers,
    target: Numbers,
    fit: Numbers,
    knots: Numbers | None = None,
    bound: float | None = None,
    log: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw the size of the error, |fit - target| at the places `x`, all of shape (N,), beside what it can be at most.

    `knots` are marked at the foot of the axes. On a logarithmic axis, `log`, an error of 0 lies below all that is seen.
    """
    places, wanted, got = vector(x, "x"), vector(target, "target"), vector(fit, "fit")
    _as_many(wanted, "target", places, "places")
    _as_many(got, "fit", places, "places")
    corners = None if knots is None else _knots(knots)
    error = np.abs(got - wanted)
    worst = int(error.argmax())
    ax = figures.axes(ax)
    ax.plot(places, np.maximum(error, TINY) if log else error, color=BLUE, label="|fit − target|")
    title = f"largest error {digits(error[worst])}"
    words = f"{error[worst]:.3g} at most, at x = {places[worst]:.3g}, between x = {places[0]:.3g} and {places[-1]:.3g}"
    if bound is not None:
        ax.axhline(bound, color=ORANGE, linestyle="--", label="bound")
        title += f", bound {digits(bound)}"
        words += f"; the bound is {bound:.3g}"
    if corners is not None:
        at_foot = ax.get_xaxis_transform()
        ax.plot(corners, np.zeros_like(corners), "o", color=BLACK, markersize=4, transform=at_foot, clip_on=False)
        words += f"; {len(corners)} knots are marked"
    ax.set(xlabel="x", ylabel="size of the error", title=title, yscale="log" if log else "linear")
    ax.legend()
    return figures.describe(ax, f"Error of a fit: {words}.")


def _pieces(places: NDArray, corners: NDArray, values: NDArray) -> NDArray:
    """Return the ReLUs that add up to the lines between the points, a row a ReLU: each turns the line before it."""
    lines = [np.zeros_like(places)]
    for i in range(len(corners) - 1):
        slope = (values[i + 1] - values[i]) / (corners[i + 1] - corners[i])
        lines.append(values[i] - values[0] + slope * (places - corners[i]))
    turns = np.diff(np.stack(lines), axis=0)
    return np.where(places >= corners[:-1, None], turns, 0.0)


def _knots(knots: Numbers) -> NDArray:
    corners = vector(knots, "knots")
    if len(corners) < 2 or (np.diff(corners) <= 0).any():
        raise ValueError(f"knots must be two or more and increase, but they are {corners.tolist()}")
    return corners


def _as_many(values: NDArray, name: str, places: NDArray, of_what: str) -> None:
    if len(values) != len(places):
        raise ValueError(f"{name} has {len(values)} numbers for {len(places)} {of_what}; give one for each")
