"""A line through points and the surface of its error, against NumPy's least squares and PyTorch's loss and autograd."""

import math
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from torch import Tensor
from torch.nn import functional as F

from course import data, figures, plots
from course.plots import regression

X, Y = data.line(40, seed=3)


@pytest.fixture(autouse=True)
def _no_figure_left() -> Iterator[None]:
    yield
    pyplot.close("all")


def torch_path(x: Tensor, y: Tensor, start: tuple[float, float], lr: float, steps: int) -> Tensor:
    """Gradient descent as PyTorch does it: autograd and its own optimizer."""
    theta = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr)
    path = [theta.detach().clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        F.mse_loss(theta[0] + theta[1] * x.double(), y.double()).backward()
        optimizer.step()
        path.append(theta.detach().clone())
    return torch.stack(path)


def curve(ax: Axes, label: str) -> np.ndarray:
    """Return the points (N, 2) of the line whose label begins with `label`."""
    (matching,) = (line for line in ax.lines if str(line.get_label()).startswith(label))
    return np.column_stack([np.asarray(values, float) for values in matching.get_data()])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.integers(3, 30), st.floats(-3, 3), st.floats(-3, 3))
def test_least_squares_and_the_error_are_those_of_numpy_and_torch(seed: int, n: int, a: float, b: float) -> None:
    x, y = data.line(n, a, b, 0.5, seed=seed)
    xs, ys = regression.line_points(x, y)
    slope, intercept = np.polyfit(xs, ys, 1)
    assert regression.least_squares(xs, ys) == pytest.approx([intercept, slope], rel=1e-6, abs=1e-6)
    wanted = F.mse_loss(a + b * x.double(), y.double()).item()
    assert regression.mean_squared_error(xs, ys, np.array([[a, b]]))[0] == pytest.approx(wanted, abs=1e-9)


def test_the_line_and_the_errors_are_drawn_where_they_are() -> None:
    ax = plots.line_fit(X, Y, 0.5, -1.5)
    ends = curve(ax, "now: 0.50 − 1.50x")
    assert ends[:, 1] == pytest.approx(0.5 - 1.5 * ends[:, 0])
    slope, intercept = np.polyfit(X[:, 0].numpy(), Y[:, 0].numpy(), 1)
    best = curve(ax, "least squares")
    assert best[:, 1] == pytest.approx(intercept + slope * best[:, 0], abs=1e-4)
    loss = F.mse_loss(0.5 - 1.5 * X, Y).item()
    assert f"mean squared error {loss:.3g}" in figures.alt_text(ax.figure)
    errors = [segment for c in ax.collections for segment in c.get_segments()]
    assert sum((top - bottom) ** 2 for (_, bottom), (_, top) in errors) / len(X) == pytest.approx(loss, rel=1e-5)


def test_the_limits_of_the_line_do_not_depend_on_it_and_a_line_outside_is_said_in_words() -> None:
    near, far, gone = (plots.line_fit(X, Y, a, 2.0) for a in (1.0, 1000.0, math.inf))
    assert near.get_ylim() == far.get_ylim() == gone.get_ylim()
    assert "outside the picture" not in figures.alt_text(near.figure)
    assert not near.texts
    for ax in (far, gone):
        assert [text.get_text() for text in ax.texts] == ["the line lies outside"]
        assert "The line lies outside the picture." in figures.alt_text(ax.figure)
    assert "mean squared error ∞" in figures.alt_text(gone.figure)


def test_contours_are_level_lines_of_the_loss_around_its_minimum() -> None:
    ax = plots.loss_surface(X, Y)
    (contours,) = (c for c in ax.collections if isinstance(c, LineCollection))
    xs, ys = regression.line_points(X, Y)
    seen = set()
    for piece in contours.get_segments():
        losses = regression.mean_squared_error(xs, ys, piece)
        level = min(regression.LEVELS, key=lambda level: abs(level - losses.mean()))
        assert losses == pytest.approx(level, rel=0.15, abs=0.01)  # straight between the points of a grid
        seen.add(level)
    assert len(seen) >= 4
    slope, intercept = np.polyfit(xs, ys, 1)
    assert curve(ax, "minimum") == pytest.approx(np.array([[intercept, slope]]), abs=1e-6)


def test_a_path_of_torch_is_drawn_point_for_point_with_start_and_last_step() -> None:
    path = torch_path(X, Y, (3.0, 0.0), 0.3, 12)
    ax = plots.loss_surface(X, Y, path)
    (drawn,) = (line for line in ax.lines if len(line.get_xdata()) == 13)
    assert np.column_stack(drawn.get_data()) == pytest.approx(path.numpy())
    assert curve(ax, "start") == pytest.approx(path[:1].numpy())
    assert curve(ax, "last step") == pytest.approx(path[-1:].numpy())
    last = F.mse_loss((path[-1, 0] + path[-1, 1] * X).double(), Y.double()).item()
    assert f"loss {last:.2f}" in figures.alt_text(ax.figure)


@pytest.mark.parametrize(
    ("lr", "steps", "words"),
    [
        (0.01, 20, "goes down, 5"),
        (0.5, 300, "goes down, has arrived"),
        (0.82, 300, "zigzags, has arrived"),
        (0.9, 40, "diverges: the loss grows; left the picture at step"),
        (0.1, 0, "at the start"),
    ],
)
def test_the_title_says_what_the_path_does(lr: float, steps: int, words: str) -> None:
    ax = plots.loss_surface(X, Y, torch_path(X, Y, (3.0, 0.0), lr, steps))
    assert ax.get_title().startswith(words)
    assert ax.get_title() in figures.alt_text(ax.figure)


def test_a_path_that_leaves_is_drawn_to_the_border_and_the_limits_stay() -> None:
    path = torch_path(X, Y, (3.0, 0.0), 0.9, 200)
    plain, gone = plots.loss_surface(X, Y), plots.loss_surface(X, Y, path)
    assert gone.get_xlim() == plain.get_xlim()
    assert gone.get_ylim() == plain.get_ylim()
    (low, high), (bottom, top) = gone.get_xlim(), gone.get_ylim()
    inside = ((path[:, 0] >= low) & (path[:, 0] <= high) & (path[:, 1] >= bottom) & (path[:, 1] <= top)).tolist()
    first = len(inside) - inside[::-1].index(True)
    assert gone.get_title().endswith(f"left the picture at step {first}")
    drawn = max((line for line in gone.lines), key=lambda line: len(line.get_xdata()))
    assert len(drawn.get_xdata()) == first + 1


def test_a_loss_too_large_for_a_float_is_told_as_infinite() -> None:
    ax = plots.loss_surface(X, Y, [[1.0, 2.0], [1e200, 1e200]])
    assert "loss ∞: diverges" in figures.alt_text(ax.figure)


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        ([1.0, 2.0, 3.0], [1.0, 2.0], "x has 3 points and y has 2; give one y for each x"),
        ([2.0, 2.0], [1.0, 2.0], "all 2 points have x = 2"),
        ([[1.0, 2.0]], [1.0], "x must be a vector"),
        ([1.0, math.nan], [1.0, 2.0], "x holds a number that is not finite"),
    ],
)
def test_points_that_no_line_fits_are_refused_with_a_sentence(x: list, y: list, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        plots.line_fit(x, y, 0.0, 0.0)
    with pytest.raises(ValueError, match=words):
        plots.loss_surface(x, y)


def test_a_path_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"path must hold points of the plane, shape \(N, 2\)"):
        plots.loss_surface(X, Y, torch.zeros(2, 5))


# ---- several fits over the same points


def test_each_fit_is_drawn_from_left_to_right_and_its_error_named() -> None:
    x, y = torch.tensor([[2.0], [0.0], [1.0]]), torch.tensor([[4.0], [0.0], [1.0]])
    ax = plots.fitted_curves(x, y, {"line": 2 * x, "parabola": x**2})
    assert curve(ax, "line").tolist() == [[0, 0], [1, 2], [2, 4]]
    assert curve(ax, "parabola").tolist() == [[0, 0], [1, 1], [2, 4]]
    assert curve(ax, "data").tolist() == [[2, 4], [0, 0], [1, 1]]
    assert "line, mean squared error 0.333; parabola, mean squared error 0" in figures.alt_text(ax.figure)
    assert len({(line.get_color(), line.get_linestyle()) for line in ax.lines}) == 3


def test_a_fit_of_another_length_is_named_and_leaves_no_figure() -> None:
    for fits, words in (({"line": [1.0]}, "line must have as many numbers as x, 2 "), ({}, "y must have")):
        with pytest.raises(ValueError, match=words):
            plots.fitted_curves([1.0, 2.0], [1.0, 2.0] if fits else [1.0], fits)
    assert pyplot.get_fignums() == []
