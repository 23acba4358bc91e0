"""What one outlier does to mean and median, and to squared and absolute errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from course import figures
from course.figures import BLACK, BLUE, GREY, VERMILION
from course.plots.inputs import digits, number, vector

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from course.plots.inputs import Numbers


def outlier_losses(values: Numbers, outlier: float, reach: float | None = None, ax: Axes | None = None) -> Axes:
    """Draw how one outlier, added to `values` (shape (N,)), moves mean and median and raises MSE and MAE.

    The mean minimises the MSE, the median the MAE. The losses on the right are those of one fixed prediction, the
    median of `values`. The axes go `reach` to each side of it, by default as far as the outlier. The parts are
    `ax.child_axes`: where the best predictions lie, then the losses as the outlier moves.
    """
    values, outlier = vector(values, "values"), float(outlier)
    if not np.isfinite(outlier):
        raise ValueError(f"outlier = {outlier} is not a finite number")
    ax = figures.axes(ax, size=(8.4, 3.4))
    left, right = figures.split(ax, [1.0, 1.0], gap=0.12)
    fixed = float(np.median(values))
    reach = 1.1 * max(1.0, float(np.abs(np.append(values, outlier) - fixed).max())) if reach is None else float(reach)
    mean, median = _number_line(left, values, outlier)
    left.set_xlim(fixed - reach, fixed + reach)
    left.locator_params(axis="x", nbins=5)
    mse, mae = _losses_of(right, values, outlier, fixed, reach)
    return figures.describe(
        ax,
        f"Left: {len(values)} values and an outlier at {outlier:.3g} on a line; the mean, best for MSE, lies at {mean:.3g},"
        f" the median, best for MAE, at {median:.3g}. Right: the losses of predicting {fixed:.3g} as the outlier moves:"
        f" MSE, a parabola, is now {mse:.3g}; MAE, two straight lines, is {mae:.3g}.",
    )


def _number_line(ax: Axes, values: NDArray, outlier: float) -> tuple[float, float]:
    """Draw the values, the outlier, and the mean and median of all; return mean and median."""
    everything = np.append(values, outlier)
    mean, median = float(everything.mean()), float(np.median(everything))
    ax.plot(values, np.zeros(len(values)), "o", color=GREY, label="values")
    ax.plot([outlier], [0], "D", color=BLACK, label="outlier")
    ax.vlines(mean, -0.4, 0.5, color=VERMILION, label=f"mean {number(mean)} (best for MSE)")
    ax.vlines(median, -0.4, 0.5, color=BLUE, linestyle="--", label=f"median {number(median)} (best for MAE)")
    ax.set(xlabel="value", yticks=[], ylim=(-0.5, 1.7), title="the best single prediction")
    ax.legend(loc="upper left")
    return mean, median


def _losses_of(ax: Axes, values: NDArray, outlier: float, prediction: float, reach: float) -> tuple[float, float]:
    """Draw MSE and MAE of one prediction against the place of the outlier; return both for the outlier at hand."""
    grid = np.append(np.linspace(prediction - reach, prediction + reach, 201), outlier)
    errors = np.abs(np.vstack([np.repeat(values[:, None], len(grid), axis=1), grid]) - prediction)
    for name, losses, color, style in [
        ("MSE", (errors**2).mean(0), VERMILION, "-"),
        ("MAE", errors.mean(0), BLUE, "--"),
    ]:
        ax.plot(grid[:-1], losses[:-1], style, color=color, label=f"{name} {losses[-1]:.2f}")
        ax.plot(outlier, losses[-1], "D", color=color)
    ax.set(
        xlabel="value of the outlier",
        ylabel="loss",
        title=f"the loss of predicting {digits(prediction)}, the values' median",
    )
    ax.locator_params(nbins=5)
    ax.legend(loc="upper center")
    ax.grid(alpha=0.3)
    return float((errors[:, -1] ** 2).mean()), float(errors[:, -1].mean())
