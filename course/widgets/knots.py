"""The widget of unit 03: knots under sliders, the sum of ReLUs through them, its error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from course import plots
from course.widgets.explorer import Choice, Explorer, Slider, explorer

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOW, HIGH = 0.0, 2 * np.pi
CORNER = 2.0  # where targets that are not smooth bend or jump
PLACES, PLACES_PER_GAP = 201, 8  # where curves are computed; narrow gaps need extra places
MOST_UNITS = 32
X_TICKS = (0, 3, 6)
ERRORS, ERROR_TICKS = (1e-4, 5.0), (0.001, 0.01, 0.1, 1)  # the same for every target, so that errors can be compared


@dataclass(frozen=True)
class Target:
    """A function on [LOW, HIGH] and, where it has one, the largest size of its second derivative."""

    function: Callable[[NDArray], NDArray]
    curvature: float | None = None


TARGETS = {
    "sin x": Target(np.sin, 1.0),
    "cos x": Target(np.cos, 1.0),
    "|x − 2|": Target(lambda x: np.abs(x - CORNER)),
    "√x": Target(np.sqrt),
    "a steep slope: tanh(20 (x − 2))": Target(lambda x: np.tanh(20 * (x - CORNER)), 400 * 4 / (3 * np.sqrt(3))),
    "a jump: 0, from x = 2 on 1": Target(lambda x: (x >= CORNER).astype(float)),
}


def knots_explorer(target: str = "sin x", units: int = 4) -> Explorer:
    """Return controls for a target, the number of ReLUs and where their knots lie, over the fit and its error.

    `target` is one of the names in `TARGETS`, `units` the number of ReLUs, from 1 to 32. The bound in the figure is
    M h²/8, with M the target's largest second derivative and h the widest gap between knots.
    """
    if target not in TARGETS:
        raise ValueError(f"there is no target {target!r}; choose one of: {', '.join(TARGETS)}")
    if not 1 <= units <= MOST_UNITS:
        raise ValueError(f"units = {units} is out of reach of the slider; choose from 1 to {MOST_UNITS}")
    inputs: dict[str, Slider | Choice] = {
        "target": Choice(target, list(TARGETS), "target"),
        "units": Slider(units, 1, MOST_UNITS, 1, "ReLUs (pieces)"),
        "crowding": Slider(0.0, -1.0, 1.0, 0.05, "knots crowd left … right"),
        "middle": Slider(0.0, -0.95, 0.95, 0.05, "middle knot moves left … right"),
    }
    grid = np.append(np.linspace(LOW, HIGH, PLACES), [np.nextafter(CORNER, LOW), CORNER])

    def draw(fit: Axes, error: Axes, target: str, units: int, crowding: float, middle: float) -> None:
        chosen, knots = TARGETS[target], _knots(units, crowding, middle)
        x = np.union1d(grid, _between(knots))
        heights, wanted = chosen.function(knots), chosen.function(x)
        plots.relu_interpolant(knots, heights, x, wanted, ax=fit)
        low, high = wanted.min(), wanted.max()
        span = high - low  # the legend needs some room below the target
        fit.set(xlim=(LOW, HIGH), ylim=(low - 1.1 * span, high + 0.6 * span))
        fit.set(xticks=X_TICKS, yticks=np.linspace(low, high, 3).round(1))
        _put_legend(fit, "lower left")
        bound = None if chosen.curvature is None else chosen.curvature * float(np.diff(knots).max()) ** 2 / 8
        plots.approximation_error(x, wanted, np.interp(x, knots, heights), knots, bound, log=True, ax=error)
        error.set(xlim=(LOW, HIGH), xticks=X_TICKS, ylim=ERRORS)
        error.set_yticks(ERROR_TICKS, [f"{tick:g}" for tick in ERROR_TICKS])
        error.minorticks_off()
        _put_legend(error, "upper right")

    return explorer(draw, inputs, panels=2, size=(9.0, 3.5))


def _knots(units: int, crowding: float, middle: float) -> NDArray:
    """Return `units` + 1 knots, evenly spaced, then crowded to one end, then the middle one moved to a neighbour."""
    even = np.linspace(0, 1, units + 1)
    power = 1 + 3 * abs(crowding)
    shares = even**power if crowding <= 0 else 1 - (1 - even) ** power
    knots = LOW + (HIGH - LOW) * shares
    if units > 1:
        i = units // 2
        knots[i] += middle * (knots[i + 1] - knots[i] if middle > 0 else knots[i] - knots[i - 1])
    return knots


def _between(knots: NDArray) -> NDArray:
    """Return the knots and `PLACES_PER_GAP` - 1 places in each gap."""
    numbers = np.arange(len(knots))
    return np.interp(np.linspace(0, numbers[-1], PLACES_PER_GAP * numbers[-1] + 1), numbers, knots)


def _put_legend(ax: Axes, place: Literal["lower left", "upper right"]) -> None:
    """Put the legend at a fixed place, since a search for the best place at each change would be slow."""
    legend = ax.get_legend()
    assert legend is not None
    legend.set_loc(place)
