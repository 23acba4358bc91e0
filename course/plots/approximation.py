"""Sums of ReLUs that approximate a function: the lines between knots, their error and a bound on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from course import figures
from course.figures import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILION
from course.plots.inputs import array, digits, vector

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from course.plots.inputs import Numbers

TINY = 1e-12  # stands for an error of 0 on a logarithmic axis
LEVELS = 9  # the ends of the contours' range included


def relu_pieces(
    x: Numbers, pieces: Numbers, constant: float = 0.0, target: Numbers | None = None, ax: Axes | None = None
) -> Axes:
    """Draw weighted ReLUs, `pieces` (K, N) at the places `x` (N,), and their sum plus `constant`.

    A `target` (N,) is drawn beside them, and the title names the largest error.
    """
    ax = _draw_pieces(x, pieces, constant, target, ax)
    ax.legend()
    return ax


def relu_interpolant(knots: Numbers, heights: Numbers, x: Numbers, target: Numbers, ax: Axes | None = None) -> Axes:
    """Draw the straight lines between the points (knots, heights), the ReLUs that add up to them, and a target.

    `knots` (N + 1,) increase, and `heights` has one number per knot. `target` has one number per place in `x`, which
    goes from the first knot to the last. A ReLU starts at each knot but the last, beyond which nothing is drawn.
    """
    corners, values = _knots(knots), vector(heights, "heights")
    _as_many(values, "heights", corners, "knots")
    places, wanted = vector(x, "x"), vector(target, "target")
    _as_many(wanted, "target", places, "places")
    ax = _draw_pieces(places, _pieces(places, corners, values), float(values[0]), wanted, ax)
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
    """Draw the size of the error, |fit - target|, at the places `x`, all of shape (N,), and a `bound` on it.

    `knots` are marked at the foot of the axes. With `log` the axis is logarithmic, and an error of 0 lies below it.
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


def sorted_errors(errors: Numbers, marks: Mapping[str, float] | None = None, ax: Axes | None = None) -> Axes:
    """Draw the errors (N,) of many networks, from the best to the worst, on a logarithmic axis; `marks` names lines."""
    values = np.sort(vector(errors, "errors"))
    lines = {name: float(value) for name, value in (marks or {}).items()}
    if min(values[0], *lines.values(), np.inf) <= 0:
        raise ValueError("a logarithmic axis has no place for 0 or less; leave such errors and marks out")
    ax = figures.axes(ax)
    ax.plot(np.arange(1, len(values) + 1), values, "o", color=BLUE, markersize=3, label=f"{len(values)} networks")
    for (name, value), color in zip(lines.items(), (VERMILION, GREEN, ORANGE, PURPLE), strict=False):
        ax.axhline(value, color=color, linestyle="--", label=f"{name} {digits(value)}")
    ax.set(yscale="log", xlabel="networks, from the best to the worst", ylabel="largest error")
    ax.grid(alpha=0.3)
    ax.legend()
    middle = float(np.median(values))
    reached = "".join(f"; {name} {value:.3g}, reached by {(values <= value).sum()}" for name, value in lines.items())
    return figures.describe(
        ax,
        f"Errors of {len(values)} networks: best {values[0]:.3g}, median {middle:.3g}, worst {values[-1]:.3g}{reached}.",
    )


def height_map(
    x1: Numbers, x2: Numbers, heights: Numbers, limits: tuple[float, float] | None = None, ax: Axes | None = None
) -> Axes:
    """Draw a function of two variables: `heights` (R, C) at the places `x1` (C,) across and `x2` (R,) up.

    `limits` are the values of the first and last colour; with the same limits, several maps can be compared.
    """
    across, up, values = vector(x1, "x1"), vector(x2, "x2"), array(heights)
    if values.shape != (len(up), len(across)):
        raise ValueError(
            f"heights must have shape {(len(up), len(across))}, a row for each x2 and a column for each x1,"
            f" but its shape is {values.shape}"
        )
    low, high = limits or (float(values.min()), float(values.max()))
    if not low < high:
        raise ValueError(f"colours need two different limits, but both are {low:g}; give limits=(low, high)")
    ax = figures.axes(ax, size=(4.4, 3.6))
    picture = ax.pcolormesh(across, up, values, vmin=low, vmax=high, cmap="cividis", shading="gouraud")
    ax.contour(across, up, values, np.linspace(low, high, LEVELS)[1:-1], colors="white", linewidths=0.6)
    ax.figure.colorbar(picture, ax=ax)
    ax.set(xlabel="x₁", ylabel="x₂", aspect="equal")
    row, column = np.unravel_index(values.argmax(), values.shape)
    return figures.describe(
        ax,
        f"Map of heights from {values.min():.3g} to {values.max():.3g}, highest at x₁ = {_near(across[column])},"
        f" x₂ = {_near(up[row])}.",
    )


def _draw_pieces(x: Numbers, pieces: Numbers, constant: float, target: Numbers | None, ax: Axes | None) -> Axes:
    """Draw what `relu_pieces` draws, without a legend."""
    places, terms = vector(x, "x"), array(pieces)
    if terms.ndim != 2 or terms.shape[1] != len(places):
        raise ValueError(f"pieces must have shape (K, {len(places)}), one row per ReLU, but its shape is {terms.shape}")
    wanted = None if target is None else vector(target, "target")
    if wanted is not None and len(wanted) != len(places):
        raise ValueError(f"target has {len(wanted)} values for {len(places)} places; give one per place")
    total = terms.sum(0) + constant
    ax = figures.axes(ax)  # only now, so that wrong arguments leave no empty figure
    for i, term in enumerate(terms):
        ax.plot(places, term, color=SKY, linewidth=1, label="weighted ReLUs" if i == 0 else None)
    lifted = f" {'+' if constant > 0 else '−'} {digits(abs(constant))}" if abs(constant) > TINY else ""
    units = "1 weighted ReLU" if len(terms) == 1 else f"{len(terms)} weighted ReLUs"
    words = f"{units} and their sum{lifted}, from {_near(total[0])} to {_near(total[-1])}"
    if wanted is not None:
        worst = float(np.abs(wanted - total).max())
        ax.plot(places, wanted, color=GREY, linewidth=4, alpha=0.5, label="target")
        ax.set_title(f"largest error {digits(worst, 4)}")
        words += f"; its largest error is {worst:.3g}"
    ax.plot(places, total, color=VERMILION, label=f"their sum{lifted}")
    ax.set(xlabel="x", ylabel="value")
    return figures.describe(ax, f"{words}.")


def _near(value: float) -> str:
    """Return a number in words' precision: what rounding left of 0 is 0."""
    return digits(round(float(value), 6) + 0.0)


def _pieces(places: NDArray, corners: NDArray, values: NDArray) -> NDArray:
    """Return the ReLUs that add up to the lines between the points, one row per ReLU; each bends the line before it."""
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
