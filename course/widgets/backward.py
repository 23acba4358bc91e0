"""The widget of unit 08: a small network's gradients, found layer by layer from the loss back to the inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from course import plots
from course.plots.backward import Equation
from course.widgets.explorer import Choice, Explorer, Slider, explorer

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "ReLU": torch.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
}
W1, B1 = ((0.5, -1.0), (1.5, 0.5), (-1.0, 0.8)), (0.2, -0.1, 0.1)
W2, B2 = ((0.8, -0.5, 1.0), (-0.6, 0.7, 0.4)), (0.1, -0.2)
NEW: tuple[tuple[str, ...], ...] = ((), ("z₂", "L"), ("h", "W₂", "b₂"), ("z₁",), ("x", "W₁", "b₁"))
TITLES = (
    "Step 0, forward: every value is known, no gradient yet",
    "Step 1, the loss: what L gains when a score grows",
    "Step 2, the output layer: to its weights and bias, and on to its inputs  (∂L/∂b₂ = ∂L/∂z₂)",
    "Step 3, the activation: each gradient times the slope at that unit",
    "Step 4, the first layer: the same two products as in step 2  (∂L/∂b₁ = ∂L/∂z₁)",
)


def backward_explorer(
    step: int = 0, activation: str = "ReLU", y: int = 0, x: tuple[float, float] = (1.0, 0.5)
) -> Explorer:
    """Return a slider that steps back through 2-3-2, over the values, the local derivatives and the gradients so far.

    The network is z₁ = W₁x + b₁, h = f(z₁), z₂ = W₂h + b₂ for one example `x` of class `y`, L the cross-entropy of z₂.
    `step` is 0 (forward), 1 (loss), 2 (output layer), 3 (activation) or 4 (first layer); `activation` f is "ReLU",
    "tanh" or "sigmoid". The gradients are autograd's.
    """
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation = {activation!r} is not offered; choose one of {', '.join(ACTIVATIONS)}")
    if step not in range(len(TITLES)) or y not in (0, 1):
        raise ValueError(f"step = {step} must be one of 0 to {len(TITLES) - 1}, and y = {y} one of 0 and 1")
    reach = max(2.0, *(abs(float(value)) for value in x))
    inputs: dict[str, Slider | Choice] = {
        "step": Slider(step, 0, len(TITLES) - 1, 1, "step back"),
        "activation": Choice(activation, list(ACTIVATIONS), "activation f"),
        "y": Choice(y, {"class 0": 0, "class 1": 1}, "true class"),
        "x1": Slider(float(x[0]), -reach, reach, 0.1, "x₁"),
        "x2": Slider(float(x[1]), -reach, reach, 0.1, "x₂"),
    }

    def draw(ax: Axes, step: int, activation: str, y: int, x1: float, x2: float) -> None:
        values = _forward((x1, x2), activation, y)
        slopes = torch.autograd.grad(values["h"].sum(), values["z₁"], retain_graph=True)[0]
        gradients = dict(zip(values, torch.autograd.grad(values["L"], list(values.values())), strict=True))
        equations = _equations(step, values, gradients, slopes, y)
        reached = [name for names in NEW[: step + 1] for name in names]
        plots.backward_pass(values, gradients, reached, NEW[step], equations, TITLES[step], ax=ax)

    return explorer(draw, inputs, size=(8.4, 4.8))


def _forward(x: tuple[float, float], activation: str, y: int) -> dict[str, Tensor]:
    """Return every value of the forward pass by name, from the input to the loss, in float64."""
    x_, w1, b1, w2, b2 = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (x, W1, B1, W2, B2))
    z1 = w1 @ x_ + b1
    h = ACTIVATIONS[activation](z1)
    z2 = w2 @ h + b2
    loss = functional.cross_entropy(z2, torch.tensor(y))
    return {"x": x_, "W₁": w1, "b₁": b1, "z₁": z1, "h": h, "W₂": w2, "b₂": b2, "z₂": z2, "L": loss}


def _equations(
    step: int, values: dict[str, Tensor], gradients: dict[str, Tensor], slopes: Tensor, y: int
) -> list[Equation]:
    """Return what the step computes: the gradient that arrives, the local derivatives, their product."""

    def known(name: str) -> tuple[str, Tensor]:
        return f"∂L/∂{name}", gradients[name]

    def turned(name: str) -> tuple[str, Tensor]:
        return f"{name}ᵀ", torch.atleast_2d(values[name]) if values[name].ndim == 1 else values[name].T

    softmax = "softmax(z₂)", torch.softmax(values["z₂"], 0)
    one_hot = "one-hot(y)", functional.one_hot(torch.tensor(y), 2)
    steps: list[list[Equation]] = [
        [[softmax], [("L", values["L"]), "= −log", (f"softmax(z₂), class {y}", softmax[1][y])]],
        [[known("z₂"), "=", softmax, "−", one_hot]],
        [[known("W₂"), "=", known("z₂"), "@", turned("h")], [known("h"), "=", turned("W₂"), "@", known("z₂")]],
        [[known("z₁"), "=", known("h"), "⊙", ("f′(z₁)", slopes)]],
        [[known("W₁"), "=", known("z₁"), "@", turned("x")], [known("x"), "=", turned("W₁"), "@", known("z₁")]],
    ]
    return steps[step]
