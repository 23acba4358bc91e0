"""The widget of unit 01: gradient descent on the loss surface of a line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from course import data, plots
from course.plots.regression import REACH, least_squares, line_points
from course.widgets.explorer import Explorer, Slider, explorer

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from course.plots.inputs import Numbers

MOST_STEPS = 200
LEAST_LIMIT = 0.1  # below it a slider in steps of 0.01 offers nothing between creeping and diverging


def descent_explorer(
    x: Numbers | None = None,
    y: Numbers | None = None,
    *,
    lr: float = 0.1,
    steps: int = 20,
    start: tuple[float, float] = (3.0, 0.0),
) -> Explorer:
    """Return sliders for learning rate, number of steps and start of gradient descent on the loss surface of a line.

    The line is a + b·x, the loss its mean squared error over `x` and `y`, shapes (N,) or (N, 1); by default 50 points
    around 1 + 2x. The slider of the learning rate ends beyond 2 / λ, with λ the largest eigenvalue of the Hessian: there
    gradient descent begins to diverge. Raise ValueError if that is below 0.1, since such an x should be standardised.
    """
    if x is None or y is None:
        x, y = data.line(50, seed=1)
    xs, ys = line_points(x, y)
    hessian, best = _hessian(xs), least_squares(xs, ys)
    limit = 2 / float(np.linalg.eigvalsh(hessian)[-1])
    if limit < LEAST_LIMIT:
        raise ValueError(
            f"learning rates above {limit:.2g} diverge on this x, which leaves too few for a slider; standardise x first:"
            " x = (x - x.mean()) / x.std()"
        )
    low, high = np.ceil(10 * (best - REACH)) / 10, np.floor(10 * (best + REACH)) / 10
    inputs = {
        "lr": Slider(lr, 0.01, math.ceil(115 * limit) / 100, 0.01, "learning rate"),
        "steps": Slider(steps, 0, MOST_STEPS, 1, "steps"),
        "a": Slider(float(start[0]), float(low[0]), float(high[0]), 0.1, "a at the start"),
        "b": Slider(float(start[1]), float(low[1]), float(high[1]), 0.1, "b at the start"),
    }

    def draw(surface: Axes, fit: Axes, lr: float, steps: int, a: float, b: float) -> None:
        path = _descend(hessian, best, np.array([a, b]), lr, steps)
        plots.loss_surface(xs, ys, path, ax=surface)
        last_a, last_b = path[-1]
        plots.line_fit(xs, ys, last_a, last_b, ax=fit)
        fit.set_title(f"step {steps}; learning rates above {limit:.2f} diverge", fontsize="medium", y=1.0)

    return explorer(draw, inputs, panels=2, size=(8.4, 3.7))


def _hessian(x: NDArray) -> NDArray:
    """Return the second derivatives of the mean squared error in a and b, which are the same everywhere."""
    return 2 * np.array([[1.0, x.mean()], [x.mean(), np.mean(x**2)]])


def _descend(hessian: NDArray, best: NDArray, start: NDArray, lr: float, steps: int) -> NDArray:
    """Return `start` and the point after each step, shape (steps + 1, 2); a step subtracts lr · H · (point − best)."""
    step = np.eye(2) - lr * hessian
    path = [start - best]
    for _ in range(steps):
        path.append(step @ path[-1])
    return best + np.array(path)
