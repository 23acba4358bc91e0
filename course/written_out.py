"""The gradients of many small classifiers at once, written out.

Of a step of networks so small, most is PyTorch's own way to the gradient: it notes what is calculated, and goes back through its notes.
Here the way back is known beforehand, and the same operations are called one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any, NamedTuple, TypeGuard

import torch
from torch import Tensor, nn

aten = torch.ops.aten

# How a gradient passes an activation on its way back, by what came out of it: where that is `inplace`, what went in is gone.
BACK: dict[type[nn.Module], Callable[[Any, Tensor, Tensor], Tensor]] = {
    nn.Identity: lambda _layer, _out, gradient: gradient,
    nn.ReLU: lambda _layer, out, gradient: aten.threshold_backward.default(gradient, out, 0),
    nn.LeakyReLU: lambda layer, out, gradient: aten.leaky_relu_backward.default(
        gradient, out, layer.negative_slope, True
    ),
    nn.Tanh: lambda _layer, out, gradient: aten.tanh_backward.default(gradient, out),
    nn.Sigmoid: lambda _layer, out, gradient: aten.sigmoid_backward.default(gradient, out),
}
EACH = 0  # PyTorch's number for a loss that is not reduced


def is_written_out(loss: object, model: nn.Module) -> TypeGuard[nn.CrossEntropyLoss]:
    """Return whether `Classifiers` can train networks like this one with this loss."""
    return (
        isinstance(model, nn.Sequential)
        and any(isinstance(layer, nn.Linear) for layer in model)
        and all(type(layer) in (nn.Linear, *BACK) for layer in model)
        and not any(_is_hooked(part) for part in model.modules())
        and all(layer.negative_slope > 0 for layer in model if isinstance(layer, nn.LeakyReLU))
        # What comes out of an activation is needed on the way back.
        and not any(_overwrites(layer) and type(above) is not nn.Linear for above, layer in pairwise([None, *model]))
        and all(parameter.requires_grad for parameter in model.parameters())
        and type(loss) is nn.CrossEntropyLoss
        and (loss.weight is None and loss.reduction == "mean" and loss.label_smoothing == 0)
    )


def _is_hooked(part: nn.Module) -> bool:
    """Return whether something of the reader's own runs when a part of a network does."""
    return bool(part._forward_hooks or part._forward_pre_hooks or part._backward_hooks or part._backward_pre_hooks)


def _overwrites(layer: nn.Module) -> bool:
    return bool(getattr(layer, "inplace", False))


class _Linear(NamedTuple):
    """The weights and biases of one linear layer of all networks, as they are used on the way there and back."""

    weight: Tensor
    turned: Tensor
    gradient: Tensor
    bias: Tensor | None
    gradient_of_bias: Tensor | None


class _Classes(NamedTuple):
    """The classes of one batch, for all networks, and what one example's loss counts in the mean."""

    batch: Tensor
    repeated: Tensor
    share: Tensor
    counted: Tensor


class Classifiers:
    """Networks of linear layers with activations between them, in training with cross-entropy.

    `parameters`: those of `model` by name, the first axis of each over the networks; each has a tensor for its gradient.
    """

    def __init__(self, model: nn.Module, parameters: Mapping[str, Tensor], loss: nn.CrossEntropyLoss) -> None:
        names = [name for name, _ in model.named_modules(remove_duplicate=False) if name]
        self._layers = [_linear(name, parameters) or model.get_submodule(name) for name in names]
        self._networks = len(next(iter(parameters.values())))
        self._ignored = loss.ignore_index
        self._classes: _Classes | None = None

    @torch.no_grad()
    def losses(self, x: Tensor, y: Tensor) -> Tensor:
        """Return each network's mean loss for the inputs `x` (N, d) and their classes `y` (N,), and set the gradients."""
        if self._classes is None or self._classes.batch is not y:
            self._classes = self._repeated(y, x.dtype)
        _, classes, share, counted = self._classes
        outputs = [x.expand(self._networks, *x.shape)]
        for layer in self._layers:
            outputs.append(_forward(layer, outputs[-1]))
        chances = outputs[-1].flatten(0, 1).log_softmax(1)
        each, no_total = aten.nll_loss_forward.default(chances, classes, None, EACH, self._ignored)
        back = aten.nll_loss_backward.default(share, chances, classes, None, EACH, self._ignored, no_total)
        gradient = aten._log_softmax_backward_data.default(back, chances, 1, chances.dtype)
        self._go_back(outputs, gradient.view(outputs[-1].shape))
        return each.view(self._networks, -1).sum(1) / counted

    def _repeated(self, y: Tensor, dtype: torch.dtype) -> _Classes:
        counted = (y != self._ignored).sum()
        classes = y.repeat(self._networks)
        return _Classes(y, classes, (1 / counted).to(dtype).expand(len(classes)), counted)

    def _go_back(self, outputs: list[Tensor], gradient: Tensor) -> None:
        """Set the gradients of all parameters, from the last layer to the first, by the gradient of the scores."""
        for place in reversed(range(len(self._layers))):
            layer = self._layers[place]
            if not isinstance(layer, _Linear):
                gradient = BACK[type(layer)](layer, outputs[place + 1], gradient)
                continue
            torch.bmm(gradient.mT, outputs[place], out=layer.gradient)
            if layer.gradient_of_bias is not None:
                torch.sum(gradient, 1, out=layer.gradient_of_bias)
            if place:
                gradient = torch.bmm(gradient, layer.weight)


def _linear(name: str, parameters: Mapping[str, Tensor]) -> _Linear | None:
    """Return a linear layer of all networks; None for a layer without weights."""
    weight, bias = parameters.get(f"{name}.weight"), parameters.get(f"{name}.bias")
    if weight is None:
        return None
    assert weight.grad is not None
    turned, gradient = weight.detach().mT, weight.grad
    if bias is None:
        return _Linear(weight.detach(), turned, gradient, None, None)
    return _Linear(weight.detach(), turned, gradient, bias.detach().unsqueeze(1), bias.grad)


def _forward(layer: _Linear | nn.Module, h: Tensor) -> Tensor:
    if not isinstance(layer, _Linear):
        out: Tensor = layer(h)
        return out
    return torch.bmm(h, layer.turned) if layer.bias is None else torch.baddbmm(layer.bias, h, layer.turned)
