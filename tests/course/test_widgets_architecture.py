"""The widget of unit 04: sizes under sliders draw the network and what each layer of it holds."""

from collections.abc import Iterator

import pytest
import torch
from torchvision.ops import MLP

from course import widgets
from course.widgets import Explorer

SLIDES = {  # of decks 001, 002 and 004
    (6, 3, 5, 4, 3): 80,
    (784, 64, 64, 64, 10): 59_210,
    (784, 300, 10): 238_510,
    (784, 1000, 10): 795_010,
    (784, 300, 100, 10): 266_610,
    (784, 10): 7_850,
}


@pytest.fixture(autouse=True)
def _every_widget_closed() -> Iterator[None]:
    import ipywidgets

    yield
    ipywidgets.Widget.close_all()


def bars(shown: Explorer) -> list[float]:
    return [bar.get_width() for bar in shown.axes[1].patches]


def in_each_layer(sizes: list[int], bias: bool = True) -> list[int]:
    """Return what torchvision's network of these sizes holds."""
    linears = [module for module in MLP(sizes[0], sizes[1:], bias=bias) if isinstance(module, torch.nn.Linear)]
    return [sum(parameter.numel() for parameter in linear.parameters()) for linear in linears]


@pytest.mark.parametrize("sizes", SLIDES)
def test_the_networks_of_the_slides_hold_what_the_slides_say(sizes: tuple[int, ...]) -> None:
    shown = widgets.architecture_explorer(sizes)
    assert bars(shown) == in_each_layer(list(sizes))
    assert shown.axes[1].get_title() == f"{SLIDES[sizes]:,} parameters"


def test_every_control_changes_the_network_and_its_bars() -> None:
    shown = widgets.architecture_explorer((6, 3, 5, 4, 3))
    moves = [("inputs", 2), ("hidden1", 7), ("hidden4", 1), ("outputs", 1)]
    sizes = [6, 3, 5, 4, 0, 3]
    for at, (name, value) in zip((0, 1, 4, 5), moves, strict=True):
        shown.controls[name].value = sizes[at] = value
        assert bars(shown) == in_each_layer([size for size in sizes if size])
    shown.controls["bias"].value = False
    assert bars(shown) == in_each_layer([2, 7, 5, 4, 1, 1], bias=False)
    assert "Network with 2 inputs, 4 hidden layers of 7, 5, 4, 1 neurons, 1 output" in shown.alt_text
    assert "no biases" in shown.alt_text


def test_without_biases_the_network_of_deck_001_holds_65() -> None:
    shown = widgets.architecture_explorer((6, 3, 5, 4, 3))
    shown.controls["bias"].value = False
    assert shown.axes[1].get_title() == "65 parameters"


def test_a_hidden_layer_of_width_0_is_not_there() -> None:
    shown = widgets.architecture_explorer((784, 300, 100, 10))
    shown.controls["hidden1"].value = 0
    assert bars(shown) == in_each_layer([784, 100, 10])
    shown.controls["hidden2"].value = 0
    assert bars(shown) == [7850]
    assert "no hidden layer" in shown.alt_text


def test_the_axes_stand_still_while_the_bars_move_and_no_bar_leaves_them() -> None:
    shown = widgets.architecture_explorer((784, 300, 10))
    right = shown.axes[1]
    limits = right.get_xlim(), right.get_ylim()
    for width in (250, 350, 500):
        shown.controls["hidden1"].value = width
        assert (right.get_xlim(), right.get_ylim()) == limits
    for width in (1000, 1):
        shown.controls["hidden1"].value = width
        assert max(bars(shown)) < right.get_xlim()[1] < 10 * max(bars(shown))


def test_going_back_gives_the_same_picture_again() -> None:
    shown = widgets.architecture_explorer((784, 64, 64, 64, 10))
    picture = shown.picture
    shown.controls["hidden4"].value = 1000
    assert shown.picture != picture
    shown.controls["hidden4"].value = 0
    assert shown.picture == picture


def test_drawing_touches_no_random_state() -> None:
    state = torch.get_rng_state()
    widgets.architecture_explorer().controls["hidden1"].value = 100
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("sizes", [(784,), (784, 0, 10), (1, 2, 3, 4, 5, 6, 7)])
def test_sizes_that_are_no_network_get_one_sentence(sizes: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="sizes must be inputs, up to 4 hidden widths and outputs"):
        widgets.architecture_explorer(sizes)
