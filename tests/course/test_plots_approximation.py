"""Sums of ReLUs and their errors as drawn, against NumPy's interpolation and closed forms."""

import math
import re
from collections.abc import Callable, Iterator

import matplotlib
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh

from course import figures, plots

X = np.linspace(0, 2 * np.pi, 401)
KNOTS = np.linspace(0, 2 * np.pi, 5)


@pytest.fixture(autouse=True)
def _no_figure_left() -> Iterator[None]:
    yield
    pyplot.close("all")


def described(ax: Axes) -> str:
    return figures.alt_text(ax.figure)


def drawn(ax: Axes, label: str) -> np.ndarray:
    (matching,) = [line for line in ax.lines if line.get_label() == label]
    return np.asarray(matching.get_ydata())


EVERY: dict[str, Callable[..., Axes]] = {
    "relu_interpolant": lambda **k: plots.relu_interpolant(KNOTS, np.sin(KNOTS), X, np.sin(X), **k),
    "sorted_errors": lambda **k: plots.sorted_errors([0.5, 0.1, 2.0], {"constructed": 0.2}, **k),
    "height_map": lambda **k: plots.height_map([0, 1, 2], [0, 1], [[0, 1, 2], [3, 4, 5]], **k),
    "approximation_error": lambda **k: plots.approximation_error(X, np.sin(X), 0.9 * np.sin(X), KNOTS, 0.3, **k),
}


@pytest.mark.parametrize("name", EVERY)
def test_each_draws_on_the_axes_given_describes_itself_and_touches_nothing_global(name: str) -> None:
    _, ax = pyplot.subplots()
    before = dict(matplotlib.rcParams)
    assert EVERY[name](ax=ax) is ax
    figures.png(ax.figure)
    assert len(pyplot.get_fignums()) == 1
    assert len(described(ax)) > 40
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("name", EVERY)
def test_each_makes_one_figure_with_labelled_axes_when_none_are_given(name: str) -> None:
    ax = EVERY[name]()
    assert pyplot.get_fignums() == [ax.figure.number]
    assert ax.get_xlabel()
    assert ax.get_ylabel()


@given(
    gaps=st.lists(st.floats(0.05, 3), min_size=1, max_size=12),
    first=st.floats(-5, 5),
    data=st.data(),
)
@settings(max_examples=25, deadline=None)
def test_the_relus_add_up_to_the_lines_through_the_points(gaps: list[float], first: float, data: st.DataObject) -> None:
    knots = first + np.cumsum([0, *gaps])
    heights = data.draw(st.lists(st.floats(-3, 3), min_size=len(knots), max_size=len(knots)))
    x = np.linspace(knots[0], knots[-1], 97)
    ax = plots.relu_interpolant(knots, heights, x, np.zeros_like(x))
    (total,) = [line for line in ax.lines if str(line.get_label()).startswith("their sum")]
    assert np.asarray(total.get_ydata()) == pytest.approx(np.interp(x, knots, heights), abs=1e-6)
    assert ax.get_title().startswith("1 ReLU," if len(gaps) == 1 else f"{len(gaps)} ReLUs,")
    pyplot.close("all")


def test_each_piece_is_zero_up_to_its_knot_and_straight_from_there() -> None:
    ax = plots.relu_interpolant(KNOTS, np.cos(KNOTS), X, np.cos(X))
    pieces = [np.asarray(line.get_ydata()) for line in ax.lines if line.get_color() == figures.SKY]
    assert len(pieces) == 4
    for piece, knot in zip(pieces, KNOTS[:-1], strict=True):
        assert np.abs(piece[knot >= X]).max() == pytest.approx(0, abs=1e-12)
        beyond = piece[knot < X]
        assert np.diff(beyond) == pytest.approx(np.full(len(beyond) - 1, np.diff(beyond)[0]))


@pytest.mark.parametrize(("units", "error"), [(4, 0.2105), (8, 0.0704), (16, 0.0188), (32, 0.0048)])
def test_the_error_of_the_sine_is_that_of_the_course(units: int, error: float) -> None:
    knots = np.linspace(0, 2 * np.pi, units + 1)
    fine = np.linspace(0, 2 * np.pi, 20_001)
    ax = plots.approximation_error(fine, np.sin(fine), np.interp(fine, knots, np.sin(knots)), knots, knots[1] ** 2 / 8)
    title = re.fullmatch(r"largest error (\S+), bound (\S+)", ax.get_title())
    assert title is not None
    assert float(title[1]) == pytest.approx(error, rel=5e-3)
    assert float(title[2]) == pytest.approx((2 * math.pi / units) ** 2 / 8, rel=5e-3)


def test_the_error_is_drawn_as_a_size_its_largest_place_is_said_and_knots_stand_at_the_foot() -> None:
    ax = plots.approximation_error([0.0, 1.0, 2.0], [1.0, 1.0, 1.0], [1.0, 0.25, 1.5], knots=[0.0, 2.0])
    assert drawn(ax, "|fit − target|").tolist() == [0, 0.75, 0.5]
    assert "0.75 at most, at x = 1" in described(ax)
    assert "2 knots" in described(ax)
    assert ax.get_ylim()[0] < 0.1  # the marks are placed by the axes, not by the data
    assert "bound" not in described(ax)


def test_on_a_logarithmic_axis_an_error_of_zero_makes_no_warning() -> None:
    ax = plots.approximation_error([0.0, 1.0], [1.0, 2.0], torch.tensor([1.0, 2.5]), log=True)
    figures.png(ax.figure)
    assert ax.get_yscale() == "log"
    assert drawn(ax, "|fit − target|") == pytest.approx([0, 0.5], abs=1e-9)
    assert ax.get_title() == "largest error 0.5"


def test_errors_are_sorted_and_marks_say_how_many_reach_them() -> None:
    ax = plots.sorted_errors(torch.tensor([0.5, 0.1, 2.0, 0.3]), {"constructed": 0.3})
    assert drawn(ax, "4 networks") == pytest.approx([0.1, 0.3, 0.5, 2.0])
    assert drawn(ax, "constructed 0.3") == pytest.approx([0.3, 0.3])
    assert "median 0.4" in described(ax)
    assert "constructed 0.3, reached by 1;" in described(
        plots.sorted_errors([0.1, 0.4], {"constructed": 0.3, "two": 2})
    )


def test_a_map_shows_the_heights_at_their_places_and_keeps_the_limits_given() -> None:
    x1, x2 = torch.linspace(-1, 1, 5), torch.linspace(0, 2, 3)
    heights = x1 + 10 * x2[:, None]
    ax = plots.height_map(x1, x2, heights, limits=(-5, 50))
    (mesh,) = [drawn for drawn in ax.collections if isinstance(drawn, QuadMesh)]
    assert np.asarray(mesh.get_array()).reshape(3, 5) == pytest.approx(heights.numpy())
    assert mesh.get_clim() == (-5, 50)
    assert "highest at x₁ = 1, x₂ = 2" in described(ax)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: plots.relu_interpolant([0, 0], [1, 2], [0, 1], [0, 1]), "increase"),
        (lambda: plots.relu_interpolant([0], [1], [0, 1], [0, 1]), "two or more"),
        (lambda: plots.relu_interpolant([0, 1], [1, 2, 3], [0, 1], [0, 1]), "heights has 3 numbers for 2 knots"),
        (lambda: plots.relu_interpolant([0, 1], [1, 2], [0, 1], [0]), "target has 1 numbers for 2 places"),
        (lambda: plots.sorted_errors([0.1, 0.0]), "no place for 0 or less"),
        (lambda: plots.sorted_errors([0.1], {"bound": -1.0}), "no place for 0 or less"),
        (lambda: plots.height_map([0, 1, 2], [0, 1], [[0, 1], [2, 3]]), r"must have shape \(2, 3\)"),
        (lambda: plots.height_map([0, 1], [0, 1], [[1, 1], [1, 1]]), "two different limits"),
        (lambda: plots.approximation_error([0, 1], [0, 1], [0]), "fit has 1 numbers for 2 places"),
        (lambda: plots.approximation_error([0, 1], [0, math.nan], [0, 1]), "target holds a number that is not finite"),
        (lambda: plots.approximation_error([0, 1], [0, 1], [0, 1], knots=[1, 0]), "knots must be two or more"),
    ],
)
def test_wrong_arguments_get_one_sentence_and_leave_no_figure(call: Callable[[], Axes], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
    assert pyplot.get_fignums() == []
