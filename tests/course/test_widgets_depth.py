"""The widget of unit 09: the gradients it draws, against a backward pass of our own and the course's measured orders."""

import math
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import nn

from course import widgets
from course.image_data import small_digits
from course.widgets import Explorer


@pytest.fixture(autouse=True)
def _every_widget_closed() -> Iterator[None]:
    import ipywidgets

    yield
    ipywidgets.Widget.close_all()


def profiles(shown: Explorer) -> dict[str, list[float]]:
    return {
        str(line.get_label()): list(np.asarray(line.get_ydata()))
        for line in shown.axes[0].lines
        if len(line.get_xdata())
    }


def ratio(shown: Explorer) -> float:
    (norms,) = profiles(shown).values()
    return norms[0] / norms[-1]


def test_the_norms_are_those_of_a_backward_pass_and_no_global_state_moves() -> None:
    state = torch.get_rng_state()
    shown = widgets.depth_explorer(depth=3, activation="tanh", init="Xavier", seed=5)
    shown.controls["depth"].value = 4
    assert torch.equal(torch.get_rng_state(), state)
    with torch.random.fork_rng():
        torch.manual_seed(5)
        layers = []
        for size in (64, 64, 64, 64, 10):
            layers.append(nn.Linear(64, size))
            nn.init.xavier_normal_(layers[-1].weight)
            nn.init.constant_(layers[-1].bias, 0.0)
    x, y = small_digits(train=True)
    h = x[:256].reshape(256, 64)
    for layer in layers[:-1]:
        h = torch.tanh(layer(h))
    nn.CrossEntropyLoss()(layers[-1](h), y[:256]).backward()
    expected = [float(layer.weight.grad.square().sum().sqrt()) for layer in layers[:-1]]
    assert profiles(shown) == {"Xavier": pytest.approx(expected, rel=1e-4)}


@pytest.mark.parametrize(
    ("activation", "init", "depth", "expected"),
    [
        *(("sigmoid", "PyTorch's default", depth, r) for depth, r in ((2, 2e-1), (5, 2e-3), (10, 3e-8), (20, 1e-16))),
        *(("tanh", "Xavier", depth, 1.0) for depth in (2, 5, 10, 20)),
        ("ReLU", "PyTorch's default", 20, 9e-7),
        *(("ReLU", "He", depth, 2.0) for depth in (2, 10, 20)),
    ],
)
def test_first_over_last_layer_has_the_order_of_magnitude_that_the_course_states(
    activation: str, init: str, depth: int, expected: float
) -> None:
    ratios = [ratio(widgets.depth_explorer(depth, activation, init, seed)) for seed in range(3)]
    assert math.log10(sorted(ratios)[1]) == pytest.approx(math.log10(expected), abs=0.75)


def test_all_initialisations_stand_side_by_side_and_the_title_gives_their_ratios() -> None:
    shown = widgets.depth_explorer()
    assert list(profiles(shown)) == ["PyTorch's default", "Xavier", "He"]
    assert all(len(norms) == 10 for norms in profiles(shown).values())
    title = shown.axes[0].get_title()
    for name, norms in profiles(shown).items():
        assert f"{name} {norms[0] / norms[-1]:.0e}".replace("e-", "e−") in title
    shown.controls["init"].value = "He"
    assert list(profiles(shown)) == ["He"]
    assert "First divided by last: He" in shown.alt_text


def test_axes_stand_still_and_hold_the_smallest_norm() -> None:
    shown = widgets.depth_explorer()
    limits = shown.axes[0].get_xlim(), shown.axes[0].get_ylim()
    shown.controls["depth"].value = 20
    assert (shown.axes[0].get_xlim(), shown.axes[0].get_ylim()) == limits
    for activation in ("sigmoid", "tanh", "ReLU"):
        shown.controls["activation"].value = activation
        drawn = [norm for norms in profiles(shown).values() for norm in norms]
        assert limits[1][0] < min(drawn) <= max(drawn) < limits[1][1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"activation": "relu"}, "activation = 'relu' is not offered; choose one of sigmoid, tanh, ReLU"),
        ({"init": "he"}, "init = 'he' is not offered"),
        ({"depth": 1}, "depth = 1 is not offered; choose a number from 2 to 20"),
    ],
)
def test_wrong_arguments_get_one_sentence(arguments: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        widgets.depth_explorer(**arguments)
