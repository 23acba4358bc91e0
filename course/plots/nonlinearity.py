"""Nonlinearity: activation functions with their derivatives, and how often training succeeds at each width."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from course import figures
from course.figures import BLUE, CYCLE, MARKERS, ORANGE
from course.plots.inputs import digits, vector

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from course.plots.inputs import Numbers


def function_and_slope(x: Numbers, y: Numbers, slope: Numbers, name: str = "", ax: Axes | None = None) -> Axes:
    """Draw a function, `y` at the places `x`, and its derivative, `slope`; all of shape (N,), `x` increasing."""
    places = vector(x, "x")
    lines = {"function": vector(y, "y"), "derivative": vector(slope, "slope")}
    for line, values in lines.items():
        if len(values) != len(places):
            raise ValueError(f"the {line} has {len(values)} values for {len(places)} places; give one per place")
    ax = figures.axes(ax, size=(3.6, 3.0))
    ax.axhline(0, color="black", linewidth=0.5)
    ax.plot(places, lines["function"], color=BLUE, label="function")
    _draw_with_jumps(ax, places, lines["derivative"])
    ax.set(xlabel="x", ylabel="value", title=name)
    ax.legend(fontsize="small")
    ranges = "; ".join(f"the {line} {_range(values)}" for line, values in lines.items())
    return figures.describe(
        ax, f"{name or 'A function'} for x from {digits(places[0])} to {digits(places[-1])}: {ranges}."
    )


def success_rates(widths: Sequence[int], rates: Mapping[str, Numbers], nets: int, ax: Axes | None = None) -> Axes:
    """Draw the share of `nets` networks that succeeded at each of the `widths`, one line per name.

    `rates[name]` has shape (W,).

    Bars show one standard error of a share, √(p (1 − p) / nets), up and down.
    """
    if nets < 1:
        raise ValueError(f"nets = {nets}, but a share needs at least one network")
    shares = {name: _shares(values, name, len(widths)) for name, values in rates.items()}
    ax = figures.axes(ax)
    descriptions = []
    for i, (name, share) in enumerate(shares.items()):
        ax.errorbar(
            range(len(widths)),
            100 * share,
            100 * np.sqrt(share * (1 - share) / nets),
            color=CYCLE[i % len(CYCLE)],
            marker=MARKERS[i % len(MARKERS)],
            capsize=3,
            label=name,
        )
        each = ", ".join(f"{value:.1%} at {width}" for width, value in zip(widths, share, strict=True))
        descriptions.append(f"{name} {each}")
    ax.set_xticks(range(len(widths)), [str(width) for width in widths])
    ax.set(xlabel="hidden units", ylabel=f"solved, % of {nets} networks", ylim=(-4, 104))
    ax.grid(alpha=0.3)
    ax.legend()
    return figures.describe(ax, f"Share of {nets} networks that succeeded, by hidden units: {'; '.join(descriptions)}.")


def _shares(values: Numbers, name: str, count: int) -> NDArray:
    """Return `count` shares from 0 to 1."""
    shares = vector(values, f"rates of {name}")
    if len(shares) != count:
        raise ValueError(f"{name} has {len(shares)} rates for {count} widths; give one per width")
    if (shares < 0).any() or (shares > 1).any():
        raise ValueError(f"the rates of {name} must be shares from 0 to 1, but they are {shares.tolist()}")
    return shares


def _draw_with_jumps(ax: Axes, places: NDArray, values: NDArray) -> None:
    """Draw the derivative, broken where it jumps: a line there would suggest that it takes the values in between."""
    steps = np.abs(np.diff(values))
    jumps = np.flatnonzero(steps > max(20 * np.median(steps), 0.2 * np.ptp(values))) + 1
    ax.plot(
        np.insert(places, jumps, np.nan),
        np.insert(values, jumps, np.nan),
        color=ORANGE,
        linestyle="--",
        label="derivative",
    )


def _range(values: NDArray) -> str:
    return f"goes from {digits(values.min())} to {digits(values.max())}"
