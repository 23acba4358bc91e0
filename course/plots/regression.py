"""A line through points, and the surface of its squared error, which gradient descent walks down."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from course import figures
from course.figures import BLACK, BLUE, GREEN, GREY, ORANGE, SKY, VERMILION
from course.plots.inputs import array, digits, number, points, vector

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from course.plots.inputs import Numbers

CURVE_LOOKS = ((ORANGE, "-"), (BLUE, "--"), (GREEN, ":"), (VERMILION, "-."))
REACH = 3.0  # how far the surface is drawn on each side of its lowest point
GRID = 50  # points per side on which the surface is computed
LEVELS = np.outer(10.0 ** np.arange(-4, 5), (1, 2, 5)).ravel()  # of the contours; those beyond the surface are left out
LABELS_APART = 0.13  # in shares of `reach`, also from the mark of the minimum
ON_WHITE = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
LOWEST_LEVEL = 3e-3  # in shares of the surface's height: smaller contours would hide behind the mark of the minimum
HEADROOM = 0.6  # above and below the points, as a share of their range, for lines that are not there yet
MOST_STEPS_MARKED = 60  # more dots than this would hide the path that they are on
FIRST_MOVES = 20  # in which to look for zigzags; later ones are too small to see
ARRIVED = 1e-3  # below this share of the loss above the minimum, no difference is visible


def line_fit(x: Numbers, y: Numbers, a: float, b: float, ax: Axes | None = None) -> Axes:
    """Draw points, the line a + b·x, its errors as thin verticals, and the line of least squares.

    `x` and `y` have shape (N,) or (N, 1). The limits depend only on the points, so that a moving line is
    seen to move.
    """
    x, y = line_points(x, y)
    best = least_squares(x, y)
    ax = figures.axes(ax)
    ends = _padded(x)
    ax.plot(ends, best[0] + best[1] * ends, "--", color=GREEN, label=f"least squares: {_formula(*best)}")
    if finite := bool(np.isfinite([a, b]).all()):
        ax.vlines(x, y, a + b * x, color=GREY, linewidth=0.7, alpha=0.6)
        ax.plot(ends, a + b * ends, color=ORANGE, linewidth=2.2, label=f"now: {_formula(a, b)}")
    ax.plot(x, y, "o", color=BLUE, markersize=4)
    low, high = _padded(np.append(y, best[0] + best[1] * ends), HEADROOM)
    ax.set(xlim=tuple(ends), ylim=(low, high), xlabel="x", ylabel="y")
    ax.locator_params(nbins=5)
    ax.legend(loc="upper left", fontsize="small")
    loss = mean_squared_error(x, y, np.array([[a, b]]))[0]
    heights = a + b * ends
    out = not finite or bool((heights > high).all() or (heights < low).all())
    if out:
        ax.text(0.97, 0.04, "the line lies outside", color=VERMILION, ha="right", transform=ax.transAxes)
    return figures.describe(
        ax,
        f"{len(x)} points with the line {_formula(a, b)}, mean squared error {digits(loss) if finite else '∞'}, and"
        f" that of least squares, {_formula(*best)}.{' The line lies outside the picture.' * out}",
    )


def fitted_curves(x: Numbers, y: Numbers, fits: Mapping[str, Numbers], ax: Axes | None = None) -> Axes:
    """Draw points, and what several models predict at them as curves, one colour and line style per name.

    `x`, `y` and each of `fits` have shape (N,) or (N, 1). The legend gives each mean squared error.
    """
    places, heights = (array(numbers).reshape(-1) for numbers in (x, y))
    curves = {name: array(numbers).reshape(-1) for name, numbers in fits.items()}
    for name, curve in {"y": heights, **curves}.items():
        if curve.shape != places.shape or not len(places):
            raise ValueError(f"{name} must have as many numbers as x, {len(places)} and at least one, not {len(curve)}")
    ax = figures.axes(ax)
    ax.plot(places, heights, "o", color=GREY, markersize=3.5, alpha=0.7, label="data")
    order = np.argsort(places, kind="stable")
    words = []
    for (name, curve), (color, style) in zip(curves.items(), cycle(CURVE_LOOKS)):
        error = digits(float(np.mean((curve - heights) ** 2)))
        ax.plot(
            places[order], curve[order], style, color=color, linewidth=2.2, label=f"{name}: mean squared error {error}"
        )
        words.append(f"{name}, mean squared error {error}")
    ax.set(xlabel="x", ylabel="y")
    ax.legend(fontsize="small")
    return figures.describe(ax, f"{len(places)} points with curves: {'; '.join(words) or 'none'}.")


def loss_surface(
    x: Numbers, y: Numbers, path: Numbers | None = None, reach: float = REACH, ax: Axes | None = None
) -> Axes:
    """Draw the mean squared error of the line a + b·x over a and b as contours, with a path of gradient descent on it.

    `x` and `y` have shape (N,) or (N, 1), `path` shape (T + 1, 2): (a, b) at the start and after each of T steps. The
    surface reaches `reach` to each side of its minimum. A path that leaves it for good is drawn up to the border, and
    the title says so.
    """
    x, y = line_points(x, y)
    best = least_squares(x, y)
    ax = figures.axes(ax, size=(4.6, 4.2))
    _contours(ax, x, y, best, reach)
    ax.plot(*best, marker="*", markersize=13, color=GREEN, markeredgecolor=BLACK, linestyle="", label="minimum")
    lowest = mean_squared_error(x, y, best[None])[0]
    text = f"Contours of the mean squared error over a and b; its minimum, {digits(lowest)}, lies at {_pair(best)}."
    if path is not None:
        steps = points(path, "path")
        losses = mean_squared_error(x, y, steps)
        _walk(ax, steps, best, reach)
        words = _progress(steps, losses, lowest)
        gone = _first_gone(steps, best, reach)
        if gone:
            words += f"; left the picture at step {gone}"
        color = VERMILION if losses[-1] > losses[0] or gone else BLACK
        ax.set_title(
            words, color=color, fontsize="medium", y=1.0
        )  # with a given y, matplotlib does not search for a free place
        text += (
            f" A path of {len(steps) - 1} steps goes from {_pair(steps[0])}, loss {number(losses[0], 3)}, to"
            f" {_pair(steps[-1])}, loss {_short(losses[-1])}: {words}."
        )
    ax.legend(loc="upper right", fontsize="small")
    return figures.describe(ax, text)


def line_points(x: Numbers, y: Numbers) -> tuple[NDArray, NDArray]:
    """Return x and y, of shape (N,) or (N, 1), as float64 vectors; raise ValueError if no line fits best."""
    columns = [array(values) for values in (x, y)]
    flat = [c[:, 0] if c.ndim == 2 and c.shape[1] == 1 else c for c in columns]
    xs, ys = vector(flat[0], "x"), vector(flat[1], "y")
    if len(xs) != len(ys):
        raise ValueError(f"x has {len(xs)} points and y has {len(ys)}; give one y for each x")
    if np.ptp(xs) == 0:
        raise ValueError(
            f"all {len(xs)} points have x = {xs[0]:g}, so no slope is better than another; give other points"
        )
    return xs, ys


def least_squares(x: NDArray, y: NDArray) -> NDArray:
    """Return (a, b) of the line a + b·x with the least mean squared error, for vectors from `line_points`."""
    slope = np.mean((x - x.mean()) * (y - y.mean())) / x.var()
    return np.array([y.mean() - slope * x.mean(), slope])


def mean_squared_error(x: NDArray, y: NDArray, parameters: NDArray) -> NDArray:
    """Return the mean squared error of each (a, b) in `parameters`, shape (..., 2); inf where it overflows."""
    with np.errstate(over="ignore", invalid="ignore"):
        predicted = parameters[..., :1] + parameters[..., 1:] * x
        errors = np.mean((y - predicted) ** 2, axis=-1)
    return np.where(np.isnan(errors), np.inf, errors)


def _contours(ax: Axes, x: NDArray, y: NDArray, best: NDArray, reach: float) -> None:
    """Draw the surface as contours at round levels, the same for every path, and set the limits."""
    from matplotlib.collections import LineCollection

    lowest = mean_squared_error(x, y, best[None])[0]
    lines = _equal_loss(x.tobytes(), y.tobytes(), reach)
    pieces = [piece for level in lines.values() for piece in level]
    ax.add_collection(LineCollection(pieces, colors=SKY, linewidths=0.9, zorder=0), autolim=False)
    ax.plot([], [], color=SKY, linewidth=0.9, label="equal loss")
    labelled = 0.0
    for level in lines:
        up = np.sqrt(
            (level - lowest) / np.mean(x**2)
        )  # above the minimum, where a point's error is x times the error in b
        if labelled + LABELS_APART * reach < up < 0.95 * reach:
            ax.text(best[0], best[1] + up, digits(level), ha="center", va="center", fontsize="x-small", bbox=ON_WHITE)
            labelled = up
    (left, right), (low, high) = ((centre - reach, centre + reach) for centre in best)
    ax.set(xlim=(left, right), ylim=(low, high), xlabel="intercept a", ylabel="slope b")
    ax.locator_params(nbins=5)


@lru_cache(maxsize=4)  # a widget draws the same surface at each move of a slider
def _equal_loss(x: bytes, y: bytes, reach: float) -> dict[float, list[NDArray]]:
    """Return lines of equal loss, (points, 2) each, by their loss; `x` and `y` are the bytes of float64 vectors."""
    from matplotlib.figure import Figure

    xs, ys = np.frombuffer(x), np.frombuffer(y)
    best = least_squares(xs, ys)
    a, b = (np.linspace(centre - reach, centre + reach, GRID) for centre in best)
    losses = mean_squared_error(xs, ys, np.stack(np.meshgrid(a, b), -1))
    lowest = mean_squared_error(xs, ys, best[None])[0]
    smallest, largest = lowest + LOWEST_LEVEL * np.ptp(losses), losses.max()
    levels = [float(level) for level in LEVELS if smallest < level < largest]
    return dict(zip(levels, Figure().add_subplot().contour(a, b, losses, levels).allsegs, strict=True))


def _walk(ax: Axes, steps: NDArray, best: NDArray, reach: float) -> None:
    """Draw the path up to the step with which it leaves for good: later ones would only cross the picture."""
    gone = _first_gone(steps, best, reach)
    seen = steps[: gone + 1] if gone else steps
    dots = "o" if len(seen) <= MOST_STEPS_MARKED else ""
    ax.plot(*seen.T, color=ORANGE, marker=dots, markersize=3.5, linewidth=1.4)
    ax.plot(*steps[0], marker="s", markersize=7, color=ORANGE, markeredgecolor=BLACK, linestyle="", label="start")
    if np.abs(steps[-1] - best).max() <= reach:
        ax.plot(*steps[-1], "o", markersize=9, color=VERMILION, markeredgecolor=BLACK, label="last step")


def _first_gone(steps: NDArray, best: NDArray, reach: float) -> int:
    """Return the step from which on the path stays outside the picture, or 0 if it ends inside."""
    inside = np.abs(steps - best).max(1) <= reach
    if inside[-1]:
        return 0
    return int(inside.nonzero()[0].max(initial=-1)) + 1


def _progress(steps: NDArray, losses: NDArray, lowest: float) -> str:
    """Return in words what the path does, judging only by its points and their losses."""
    if len(steps) == 1:
        return "at the start"
    if losses[-1] > losses[0]:
        return "diverges: the loss grows"
    left = (losses[-1] - lowest) / (losses[0] - lowest) if losses[0] > lowest else 0.0
    moves = np.diff(steps, axis=0)
    back = (moves[1:] * moves[:-1]).sum(1)[:FIRST_MOVES] < 0
    way = "zigzags" if back.sum() > len(back) / 2 else "goes down"
    return f"{way}, {'has arrived' if left < ARRIVED else f'{left:.1%} of the way down is left'}"


def _padded(values: NDArray, share: float = 0.06) -> NDArray:
    """Return the lowest and the highest of `values`, each moved outwards by `share` of their distance."""
    low, high = values.min(), values.max()
    return np.array([low - share * (high - low), high + share * (high - low)])


def _formula(a: float, b: float) -> str:
    """Return a line as text, such as "1.02 − 0.50x"."""
    return f"{_short(a)} {'−' if b < 0 else '+'} {_short(abs(b))}x"


def _pair(parameters: NDArray) -> str:
    return f"a = {_short(parameters[0])}, b = {_short(parameters[1])}"


def _short(value: float) -> str:
    """Return a number to two places, or a large one to three digits."""
    return number(value) if not np.isfinite(value) or abs(value) < 1000 else digits(value)
