"""The explorer of hidden lines: what it draws against the network that its sliders stand for."""

import math
import re
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from matplotlib import pyplot

from course import data, widgets
from course.widgets import Explorer

X, Y = data.xor()


@pytest.fixture(autouse=True)
def _every_widget_closed() -> Iterator[None]:
    import ipywidgets

    yield
    ipywidgets.Widget.close_all()


def move(shown: Explorer, **values: object) -> Explorer:
    for name, value in values.items():
        shown.controls[name].value = value
    return shown


def right(shown: Explorer) -> int:
    (count,) = re.findall(r"(\d) of 4 right", shown.axes[0].get_title())
    return int(count)


def hidden_points(shown: Explorer) -> list[np.ndarray]:
    """Return the examples in hidden space, class by class."""
    return [np.asarray(line.get_xydata()) for line in shown.axes[1].lines[:2]]


def test_the_first_picture_is_xor_that_stays_xor() -> None:
    shown = widgets.hidden_explorer()
    even, odd = hidden_points(shown)
    assert even == pytest.approx(np.array([[0, 0], [0.5, 0.5]]), abs=1e-6)
    assert odd == pytest.approx(np.array([[0, 0.5], [0.5, 0]]), abs=1e-6)
    assert right(shown) == 3


@pytest.mark.parametrize(("activation", "function"), [("ReLU", torch.relu), ("tanh", torch.tanh)])
def test_hidden_space_holds_the_outputs_of_the_units_under_the_sliders(activation: str, function) -> None:
    shown = move(widgets.hidden_explorer(), activation=activation, direction1=30, distance1=-0.25, direction2=-120)
    length = 3 if activation == "tanh" else 1
    w = torch.tensor([[math.cos(math.radians(a)), math.sin(math.radians(a))] for a in (30, -120)])
    wanted = function(length * ((X - 0.5) @ w.T - torch.tensor([-0.25, 0.0])))
    for place, points in enumerate(hidden_points(shown)):
        assert points == pytest.approx(wanted[place == Y].numpy(), abs=1e-6)


@pytest.mark.parametrize("activation", ["ReLU", "tanh"])
def test_two_parallel_lines_solve_xor(activation: str) -> None:
    shown = move(widgets.hidden_explorer(), activation=activation, direction1=45, direction2=45)
    move(shown, distance1=-0.7, distance2=0.0)
    assert right(shown) == 4
    assert shown.axes[1].get_title() == "hidden space"
    assert "2 points on its positive side" in shown.alt_text


def test_without_an_activation_no_lines_solve_xor() -> None:
    shown = move(widgets.hidden_explorer(), activation="none (linear)")
    for seed in range(10):
        angles = torch.randint(-36, 37, (2,), generator=torch.Generator().manual_seed(seed)) * 5
        assert right(move(shown, direction1=int(angles[0]), direction2=int(angles[1]), distance1=0.1 * seed - 0.4)) < 4


def test_units_that_are_silent_everywhere_leave_no_line_to_draw() -> None:
    shown = move(widgets.hidden_explorer(), direction1=45, direction2=45, distance1=0.75, distance2=0.75)
    assert right(shown) == 2
    assert shown.axes[1].get_title() == "hidden space: no line helps"
    assert "no line drawn" in shown.alt_text


def test_axes_stand_still_while_units_move() -> None:
    shown = widgets.hidden_explorer()
    limits = [(ax.get_xlim(), ax.get_ylim()) for ax in shown.axes]
    move(shown, direction1=135, distance2=-0.75)
    assert [(ax.get_xlim(), ax.get_ylim()) for ax in shown.axes] == limits


@pytest.mark.parametrize("activation", ["ReLU", "tanh", "none (linear)"])
def test_no_example_leaves_the_hidden_space_shown(activation: str) -> None:
    shown = widgets.hidden_explorer(activation=activation)
    low, high = shown.axes[1].get_xlim()
    for distance in (-0.75, 0.75):
        points = np.concatenate(hidden_points(move(shown, direction1=45, distance1=distance)))
        moved = points[:, 0]
        assert low <= moved.min()
        assert moved.max() <= high


def test_a_change_replaces_the_picture_and_going_back_brings_it_back() -> None:
    shown = widgets.hidden_explorer()
    picture, words = shown.picture, shown.alt_text
    move(shown, direction1=90)
    assert shown.picture != picture
    assert shown.alt_text != words
    move(shown, direction1=0)
    assert (shown.picture, shown.alt_text) == (picture, words)


def test_chance_and_pyplot_are_left_alone() -> None:
    state, figures = torch.get_rng_state(), pyplot.get_fignums()
    move(widgets.hidden_explorer(), direction1=90)
    assert torch.equal(torch.get_rng_state(), state)
    assert pyplot.get_fignums() == figures


def test_an_unknown_activation_gets_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"no activation 'relu' here; choose one of ReLU, tanh, none \(linear\)"):
        widgets.hidden_explorer(activation="relu")
