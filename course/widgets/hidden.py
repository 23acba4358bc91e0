"""The widget of unit 02: the lines that two hidden units draw through XOR, and the hidden space they make."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import nn
from torch.nn.utils import skip_init

from course import data, figures, plots
from course.linear import best_line
from course.widgets.explorer import Choice, Explorer, Slider, explorer, one_thread

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Activation(NamedTuple):
    """An activation function, and how hidden units with it are drawn."""

    module: type[nn.Module]
    length: float  # of a unit's weight vector
    reach: tuple[float, float]  # of the axes of the hidden space
    ticks: tuple[float, ...]


TICKS = (0, 0.5, 1)  # few, since ticks would take half the time of a drawing
ACTIVATIONS = {
    "ReLU": Activation(nn.ReLU, 1.0, (-0.15, 1.5), TICKS),
    # Longer, so that it bends within the square; with the other two the length would only change the scale.
    "tanh": Activation(nn.Tanh, 3.0, (-1.2, 1.2), (-1, 0, 1)),
    "none (linear)": Activation(nn.Identity, 1.0, (-1.5, 1.5), (-1, 0, 1)),
}
CLASSES = ("class 0", "class 1")
MIDDLE = 0.5  # of the square, in both coordinates
GROUND = (-0.15, 1.15)  # range of either coordinate in the map of decisions
MESH = 14  # lines each way


def hidden_explorer(
    directions: tuple[int, int] = (0, 90), distances: tuple[float, float] = (0.0, 0.0), activation: str = "ReLU"
) -> Explorer:
    """Return sliders for the lines of two hidden units, over XOR in the input space (left) and hidden space (right).

    A unit grows in its direction (in degrees), and the distance of its line is measured from the middle of the square.
    The output unit is the best for these hidden units: what it gets wrong, no other output weights could correct.
    Raise ValueError for an activation that is not in `ACTIVATIONS`.
    """
    if activation not in ACTIVATIONS:
        raise ValueError(f"there is no activation {activation!r} here; choose one of {', '.join(ACTIVATIONS)}")
    inputs: dict[str, Slider | Choice] = {}
    for i in (1, 2):
        inputs[f"direction{i}"] = Slider(directions[i - 1], -180, 180, 5, f"unit {i}: direction, in degrees")
        inputs[f"distance{i}"] = Slider(float(distances[i - 1]), -0.75, 0.75, 0.05, f"unit {i}: distance of its line")
    inputs["activation"] = Choice(activation, list(ACTIVATIONS), "activation")
    x, y = data.xor()
    ground = torch.linspace(*GROUND, MESH)
    mesh = torch.cartesian_prod(ground, ground)

    def draw(left: Axes, right: Axes, activation: str, **lines: float) -> None:
        kind = ACTIVATIONS[activation]
        first = _units(
            [lines["direction1"], lines["direction2"]], [lines["distance1"], lines["distance2"]], kind.length
        )
        hidden = nn.Sequential(first, kind.module())
        with torch.no_grad():
            h, bent = hidden(x), hidden(mesh).reshape(MESH, MESH, 2)
        output = best_line(h, y)
        some_line = any(output[:2])
        network = nn.Sequential(hidden, _linear([output[:2]], [output[2]]))
        with one_thread():
            plots.decision_regions(network, x, y, CLASSES, legend=False, ax=left)  # the one on the right serves both
        plots.hidden_lines(first.weight, first.bias, ax=left)
        plots.hidden_space(h, y, output if some_line else None, CLASSES, bent, ax=right)
        right.set(xlim=kind.reach, ylim=kind.reach, xticks=kind.ticks, yticks=kind.ticks)
        right.set_title("hidden space" if some_line else "hidden space: no line helps")
        left.set(xticks=TICKS, yticks=TICKS, title=f"input space, best output: {left.get_title()}")
        figures.describe(left, f"{activation}. {getattr(left, figures.ALT)}")

    return explorer(draw, inputs, panels=2, size=(7.8, 3.8))


def _units(directions: Sequence[float], distances: Sequence[float], length: float) -> nn.Linear:
    """Return a layer whose units grow in `directions` from lines at `distances` from the middle."""
    weight, bias = [], []
    for direction, distance in zip(directions, distances, strict=True):
        angle = math.radians(direction)
        across, up = length * math.cos(angle), length * math.sin(angle)
        weight.append((across, up))
        bias.append(-MIDDLE * (across + up) - length * distance)
    return _linear(weight, bias)


def _linear(weight: Sequence[Sequence[float]], bias: Sequence[float]) -> nn.Linear:
    """Return a layer with these weights, without drawing random ones from PyTorch's generator first."""
    layer = skip_init(nn.Linear, len(weight[0]), len(weight))
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(weight))
        layer.bias.copy_(torch.tensor(bias))
    return layer
