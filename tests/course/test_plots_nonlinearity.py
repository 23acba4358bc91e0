"""The figures of activation functions and of success rates against the numbers they were given."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from matplotlib import pyplot

from course import figures, plots

X = torch.linspace(-3, 3, 61)


@pytest.fixture(autouse=True)
def _no_figure_left() -> Iterator[None]:
    yield
    pyplot.close("all")


def lines_of(ax) -> dict[str, np.ndarray]:
    return {str(line.get_label()): np.asarray(line.get_xydata(), dtype=float) for line in ax.lines}


def test_function_and_derivative_are_drawn_as_given() -> None:
    tanh = torch.tanh(X)
    ax = plots.function_and_slope(X, tanh, 1 - tanh**2, "tanh")
    lines = lines_of(ax)
    assert lines["function"] == pytest.approx(torch.stack([X, tanh], 1).numpy())
    assert lines["derivative"] == pytest.approx(torch.stack([X, 1 - tanh**2], 1).numpy())
    assert (ax.get_title(), ax.get_xlabel(), ax.get_ylabel()) == ("tanh", "x", "value")
    assert "tanh for x from −3 to 3: the function goes from −0.995 to 0.995" in figures.alt_text(ax.figure)


def test_a_derivative_that_jumps_is_not_joined_over_the_jump() -> None:
    lines = lines_of(plots.function_and_slope(X, X.relu(), (X > 0).float(), "ReLU"))
    derivative = lines["derivative"]
    assert len(derivative) == len(X) + 1
    (gap,) = np.flatnonzero(np.isnan(derivative[:, 1]))
    assert derivative[gap - 1, 1] == 0
    assert derivative[gap + 1, 1] == 1


def test_a_constant_derivative_has_no_gap() -> None:
    assert len(lines_of(plots.function_and_slope(X, 2 * X, torch.full_like(X, 2.0)))["derivative"]) == len(X)


def test_rates_are_drawn_as_percentages_with_their_standard_errors() -> None:
    ax = plots.success_rates([2, 4], {"ReLU": [0.2, 0.68], "tanh": torch.tensor([0.5, 1.0])}, nets=100)
    relu, tanh = ax.containers
    assert relu.lines[0].get_ydata() == pytest.approx([20, 68])
    assert tanh.lines[0].get_ydata() == pytest.approx([50, 100])
    ends = [segment[:, 1].tolist() for segment in tanh.lines[2][0].get_segments()]
    assert ends[0] == pytest.approx([45, 55])  # √(0.5 · 0.5 / 100) = 5 %
    assert ends[1] == pytest.approx([100, 100])
    assert "ReLU 20.0% at 2, 68.0% at 4; tanh 50.0% at 2, 100.0% at 4" in figures.alt_text(ax.figure)
    assert ax.get_ylabel() == "solved, % of 100 networks"


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: plots.function_and_slope([0, 1], [0], [1, 1]), "the function has 1 values for 2 places"),
        (lambda: plots.function_and_slope([0, 1], [0, 1], [1]), "the derivative has 1 values for 2 places"),
        (lambda: plots.success_rates([2, 4], {"ReLU": [0.5]}, 10), "ReLU has 1 rates for 2 widths"),
        (lambda: plots.success_rates([2], {"ReLU": [50.0]}, 10), "must be shares from 0 to 1"),
        (lambda: plots.success_rates([2], {"ReLU": [0.5]}, 0), "nets = 0, but a share needs at least one"),
    ],
)
def test_a_wrong_argument_gets_a_sentence_and_leaves_no_figure(draw, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        draw()
    assert pyplot.get_fignums() == []


def test_axes_given_are_used() -> None:
    _, (left, right) = pyplot.subplots(1, 2)
    assert plots.function_and_slope(X, X, torch.ones_like(X), ax=left) is left
    assert plots.success_rates([1], {"none": [0.0]}, 5, ax=right) is right
    assert len(pyplot.get_fignums()) == 1
