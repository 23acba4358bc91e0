"""The widget of unit 08: its numbers against NumPy and finite differences, and what each step reveals."""

import re
from collections.abc import Iterator

import numpy as np
import pytest

from course import widgets
from course.widgets import Explorer
from course.widgets.backward import B1, B2, W1, W2

SLOPES = {
    "ReLU": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float)),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
}


@pytest.fixture(autouse=True)
def _every_widget_closed() -> Iterator[None]:
    import ipywidgets

    yield
    ipywidgets.Widget.close_all()


def described_numbers(shown: Explorer) -> dict[str, np.ndarray]:
    """Return values and gradients by name, as the description states them."""
    pairs = re.findall(r"(?:: |; )(\S+) = ([−\d.\[\], ]+?)(?=;|\. |\.$)", shown.alt_text)
    return {name: np.array(eval(text.replace("−", "-"))) for name, text in pairs}


def loss(x: np.ndarray, w1: np.ndarray, b1: np.ndarray, w2: np.ndarray, b2: np.ndarray, f: str, y: int) -> float:
    z2 = w2 @ SLOPES[f][0](w1 @ x + b1) + b2
    return float(np.log(np.exp(z2).sum()) - z2[y])


@pytest.mark.parametrize("activation", SLOPES)
@pytest.mark.parametrize("y", [0, 1])
def test_at_the_last_step_every_gradient_is_that_of_finite_differences(activation: str, y: int) -> None:
    shown = widgets.backward_explorer(step=4, activation=activation, y=y, x=(1.3, -0.4))
    numbers = described_numbers(shown)
    parameters = [np.array(v, dtype=float) for v in ((1.3, -0.4), W1, B1, W2, B2)]
    assert numbers["L"] == pytest.approx(loss(*parameters, activation, y), abs=6e-4)
    for name, values in zip(("x", "W₁", "b₁", "W₂", "b₂"), parameters, strict=True):
        slopes = np.empty_like(values)
        for place in np.ndindex(values.shape):
            kept = values[place]
            ends = []
            for values[place] in (kept + 1e-6, kept - 1e-6):
                ends.append(loss(*parameters, activation, y))
            values[place] = kept
            slopes[place] = (ends[0] - ends[1]) / 2e-6
        assert numbers[f"∂L/∂{name}"] == pytest.approx(slopes, abs=6e-4)


@pytest.mark.parametrize("activation", SLOPES)
def test_the_local_derivative_of_the_activation_is_its_slope(activation: str) -> None:
    shown = widgets.backward_explorer(step=3, activation=activation)
    z1 = np.array(W1) @ [1.0, 0.5] + B1
    texts = [text.get_text() for text in shown.axes[0].texts]
    expected = [f"{slope:.2f}" for slope in SLOPES[activation][1](z1)]
    here = texts.index("f′(z₁)")
    assert texts[here - 3 : here] == expected


def test_each_step_adds_what_it_reaches_and_frames_only_that() -> None:
    shown = widgets.backward_explorer()
    seen: set[str] = set()
    for step, new in enumerate([set(), {"z₂", "L"}, {"h", "W₂", "b₂"}, {"z₁"}, {"x", "W₁", "b₁"}]):
        shown.controls["step"].value = step
        now = {name.removeprefix("∂L/∂") for name in described_numbers(shown) if name.startswith("∂")}
        assert now == seen | new
        assert len(shown.axes[0].lines) == len(new)
        assert [text.get_text() for text in shown.axes[0].texts].count("?") == 9 - len(now)
        assert shown.axes[0].get_title().startswith(f"Step {step}, ")
        seen = now


def test_a_unit_of_relu_that_is_off_passes_nothing_back() -> None:
    shown = widgets.backward_explorer(step=4, x=(-2.0, -1.0))
    numbers = described_numbers(shown)
    off = numbers["z₁"] <= 0
    assert off.any()
    assert not off.all()
    assert (numbers["∂L/∂z₁"][off] == 0).all()
    assert (numbers["∂L/∂W₁"][off] == 0).all()


def test_axes_stand_still() -> None:
    shown = widgets.backward_explorer()
    limits = shown.axes[0].get_xlim(), shown.axes[0].get_ylim()
    for name, value in {"step": 4, "activation": "tanh", "x1": -2.0, "y": 1}.items():
        shown.controls[name].value = value
        assert (shown.axes[0].get_xlim(), shown.axes[0].get_ylim()) == limits


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"activation": "relu"}, "activation = 'relu' is not offered; choose one of ReLU, tanh, sigmoid"),
        ({"step": 5}, "step = 5 must be one of 0 to 4"),
        ({"y": 2}, "y = 2 one of 0 and 1"),
    ],
)
def test_wrong_arguments_get_one_sentence(arguments: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        widgets.backward_explorer(**arguments)
