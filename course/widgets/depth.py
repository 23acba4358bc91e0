"""The widget of unit 09: what depth, activation and initialisation do to the gradients of the layers."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from course import figures, plots
from course.image_data import small_digits
from course.noise import own_noise
from course.plots.inputs import digits
from course.widgets.explorer import Choice, Explorer, Slider, explorer, one_thread

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, SHALLOWEST, DEEPEST = 64, 2, 20
EXAMPLES = 256
ACTIVATIONS: dict[str, type[nn.Module]] = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "ReLU": nn.ReLU}
INITS = ("PyTorch's default", "Xavier", "He")
COMPARED = "all three"
NORMS = (1e-19, 1e2)  # limits of the axis; fixed, so that curves are seen to move


def depth_explorer(depth: int = 10, activation: str = "sigmoid", init: str = COMPARED, seed: int = 0) -> Explorer:
    """Return controls for depth, activation and initialisation over the gradients of the hidden layers' weights.

    The networks have `depth` hidden layers of 64 units and classify 8×8 digits. The gradients are those before any
    training. `activation` is "sigmoid", "tanh" or "ReLU"; `init` one of "PyTorch's default", "Xavier", "He" and
    "all three". Xavier (Glorot and Bengio, 2010) and He (He et al., 2015) draw normal weights and set biases to 0.
    """
    for value, known, what in ((activation, [*ACTIVATIONS], "activation"), (init, [COMPARED, *INITS], "init")):
        if value not in known:
            raise ValueError(f"{what} = {value!r} is not offered; choose one of {', '.join(known)}")
    if not SHALLOWEST <= depth <= DEEPEST:
        raise ValueError(f"depth = {depth} is not offered; choose a number from {SHALLOWEST} to {DEEPEST}")
    x, y = (part[:EXAMPLES] for part in small_digits(train=True))
    inputs: dict[str, Slider | Choice] = {
        "depth": Slider(depth, SHALLOWEST, DEEPEST, 1, "hidden layers"),
        "activation": Choice(activation, list(ACTIVATIONS), "activation"),
        "init": Choice(init, [COMPARED, *INITS], "initialisation"),
    }

    @cache  # sliders are moved to and fro
    def norms_of(depth: int, activation: str, init: str) -> list[float]:
        with one_thread():
            return _hidden_norms(_network(depth, activation, init, seed), x, y)

    def draw(ax: Axes, depth: int, activation: str, init: str) -> None:
        shown = INITS if init == COMPARED else (init,)
        norms = {name: norms_of(depth, activation, name) for name in shown}
        plots.gradient_profile(norms, ax=ax)
        ax.set(xlim=(0.5, DEEPEST + 0.5), ylim=NORMS, xlabel="hidden layer", ylabel="norm of its weights' gradient")
        ratios = ", ".join(f"{name} {digits(values[0] / values[-1], 1)}" for name, values in norms.items())
        ax.legend(loc="lower right")  # no curve gets there: the last layer's gradient is never that small
        ax.set_title(f"{depth} hidden layers, {activation}\nfirst / last layer: {ratios}")
        figures.describe(ax, f"{getattr(ax, figures.ALT)} First divided by last: {ratios}.")

    return explorer(draw, inputs, size=(8.0, 4.2))


def _network(depth: int, activation: str, init: str, seed: int) -> nn.Sequential:
    """Return a network with `depth` hidden layers of 64 units and 10 outputs; the same seed gives the same network."""
    layers: list[nn.Module] = [nn.Flatten()]
    with own_noise(seed, torch.device("cpu")):
        for _ in range(depth):
            layers += [_linear(WIDTH, init), ACTIVATIONS[activation]()]
        layers.append(_linear(10, init))
    return nn.Sequential(*layers)


def _linear(outputs: int, init: str) -> nn.Linear:
    layer = nn.Linear(WIDTH, outputs)
    if init == "Xavier":
        nn.init.xavier_normal_(layer.weight)
    elif init == "He":
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    if init != INITS[0]:
        nn.init.zeros_(layer.bias)
    return layer


def _hidden_norms(model: nn.Sequential, x: Tensor, y: Tensor) -> list[float]:
    """Return the norm of each hidden layer's weight gradient, first layer first.

    It is the product of the error signal at the layer's outputs and of what went into the layer, by backpropagation's
    own formula: notebook 09 has readers measure it with autograd.
    """
    inputs, outputs = [], []
    for layer in model:
        if isinstance(layer, nn.Linear):
            inputs.append(x)
        x = layer(x)
        if isinstance(layer, nn.Linear):
            outputs.append(x)
    signals = torch.autograd.grad(nn.functional.cross_entropy(x, y), outputs[:-1])
    return [(signal.T @ h).norm().item() for signal, h in zip(signals, inputs[:-1], strict=True)]
