"""Hundreds of small networks trained at once: a step costs Python as much time for one network as for all of them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn import functional
from torch.optim import Optimizer

from course.batching import Batches
from course.inspection import Batched, Loss, device_of, look_once, require
from course.noise import own_noise
from course.written_out import Classifiers, is_written_out

__all__ = ["Ensemble", "fit_many"]

Named = dict[str, Tensor]  # the first axis of each tensor runs over the networks
ForwardAll = Callable[[Named, Named, Tensor], Tensor]

# Modules that act on each number separately, so that they can take the numbers of all networks at once.
ELEMENTWISE = (
    *(nn.Identity, nn.ReLU, nn.LeakyReLU, nn.ELU, nn.SELU, nn.GELU, nn.SiLU, nn.Softplus),
    *(nn.Tanh, nn.Sigmoid, nn.Hardtanh, nn.Dropout),
)


@dataclass(frozen=True)
class Ensemble:
    """Networks of one architecture, trained side by side; with S networks, every first axis has length S."""

    seeds: tuple[int, ...]
    template: nn.Module  # only its architecture counts, not its weights
    parameters: Named
    buffers: Named
    train_loss: Tensor  # (S, epochs)

    def __len__(self) -> int:
        return len(self.seeds)

    @torch.no_grad()
    def __call__(self, x: Tensor) -> Tensor:
        """Return the scores of all networks for the inputs `x` (N, ...): shape (S, N, ...)."""
        return _forward_all(self.template.eval())(self.parameters, self.buffers, x)

    def accuracy(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the share of the inputs `x` (N, ...) that each network assigns to their class `y` (N,): shape (S,)."""
        return (self(x).argmax(dim=2) == y).float().mean(dim=1)

    def model(self, index: int) -> nn.Module:
        """Return one of the networks as a module of its own."""
        model = copy.deepcopy(self.template)
        model.load_state_dict({name: value[index] for name, value in (self.parameters | self.buffers).items()})
        return model.eval()


def fit_many(
    make_model: Callable[[], nn.Module],
    seeds: Iterable[int],
    train: Batched,
    *,
    loss: Loss,
    optimizer: Callable[[list[Tensor]], Optimizer],
    epochs: int,
) -> Ensemble:
    """Train one network per seed, all at once, as `fit` would train them one after the other on the same batches.

    `make_model` makes a network from torch's global generator, which is set to each seed in turn and restored
    afterwards. `optimizer` makes an optimizer for a list of tensors, such as `partial(torch.optim.Adam, lr=0.05)`. It
    receives all weights of all networks as one tensor, so it must treat each number separately, as SGD, Adam and their
    variants do. A network whose loss is no longer a number does not affect the others; `train_loss` shows it. Dropout
    draws for each network separately, but not the same numbers as in `fit`. Raise TrainingError as `fit` does.
    """
    seeds = tuple(seeds)
    require(len(seeds) > 0, "there is no seed, so there is no network to train; give one or more")
    require(epochs >= 1, f"epochs = {epochs} trains nothing; give 1 or more")
    for what, maker in (("make_model", make_model), ("optimizer", optimizer)):
        require(
            callable(maker) and not isinstance(maker, nn.Module),
            f"{what} must be a function that makes one, not of type {type(maker).__name__}; use lambda: or partial()",
        )
    models = _made(make_model, seeds)
    template, device = models[0].train(), device_of(models[0])
    require(
        len(list(template.parameters())) == len(list(template.named_parameters(remove_duplicate=False))),
        "two layers of the network share a weight; give each its own, or train the networks one by one with fit",
    )
    everything, buffers = stack_module_state(models)
    trainable = {name: value for name, value in everything.items() if value.requires_grad}
    frozen = {name: value for name, value in everything.items() if not value.requires_grad}
    weights = _Flat(trainable)
    stepper = optimizer([weights.flat])
    forward, look = _forward_all(template), look_once(template, loss)
    written_out = Classifiers(template, weights.named, loss) if is_written_out(loss, template) else None
    history, ones = [], torch.ones(len(seeds), device=device)
    with own_noise(seeds[0], device):
        for _ in range(epochs):
            total, examples = torch.zeros(len(seeds), device=device), 0
            for x, y in look(train, "train"):
                weights.clear_gradients()
                if written_out is not None and x.ndim == 2 and y.ndim == 1 and not y.is_floating_point():
                    losses = written_out.losses(x, y)
                else:
                    losses = _losses(loss, forward(weights.named | frozen, buffers, x), y)
                    losses.backward(ones.to(losses.dtype))  # no network's loss depends on another's weights
                stepper.step()
                total.add_(losses.detach(), alpha=len(y))
                examples += len(y)
            require(examples > 0, "there is no example to learn from; pass batches(x, y, size)")
            history.append(total / examples)
            if isinstance(train, Batches) and train.all_alike:
                train = list(train)  # the same tensors in each epoch that follows
    named = {name: value.detach().clone() for name, value in (weights.named | frozen).items()}
    return Ensemble(seeds, template.eval(), named, buffers, torch.stack(history, dim=1))


def _made(make_model: Callable[[], nn.Module], seeds: Iterable[int]) -> list[nn.Module]:
    models = []
    with own_noise(0, torch.device("cpu")):
        for seed in seeds:
            torch.default_generator.manual_seed(seed)
            models.append(make_model())
    return models


class _Flat:
    """All weights as one tensor, parameter after parameter: the optimizer's step costs as much as for one small layer.

    The modules' parameters, `named`, are views of it, and their gradients views of its gradient: nothing is copied on the way.
    """

    def __init__(self, named: Named) -> None:
        require(
            len({value.dtype for value in named.values()}) == 1,
            "all weights must have the same dtype, and at least one must learn",
        )
        self.flat = torch.cat([value.detach().flatten() for value in named.values()]).requires_grad_()
        self.gradient = torch.zeros_like(self.flat)
        self.named = {}
        sizes = [value.numel() for value in named.values()]
        parts = zip(self.flat.detach().split(sizes), self.gradient.split(sizes), strict=True)
        for (name, value), (part, gradient) in zip(named.items(), parts, strict=True):
            self.named[name] = part.view(value.shape).requires_grad_()
            self.named[name].grad = gradient.view(value.shape)

    def clear_gradients(self) -> None:
        """Set all gradients to zero, where they are; an optimizer's own zero_grad would put others in their place."""
        self.gradient.zero_()
        self.flat.grad = self.gradient


def _forward_all(template: nn.Module) -> ForwardAll:
    """Return a function (parameters, buffers, x (N, ...)) -> scores (S, N, ...) of all networks."""

    def one(parameters: Named, buffers: Named, x: Tensor) -> Any:
        return functional_call(template, (parameters, buffers), (x,))

    any_module = vmap(one, in_dims=(0, 0, None), randomness="different")
    if not _is_plain_mlp(template):
        return any_module
    layers = [(name, layer) for name, layer in template.named_modules(remove_duplicate=False) if name]

    def forward(parameters: Named, buffers: Named, x: Tensor) -> Tensor:
        return _layer_by_layer(layers, parameters, x) if x.ndim == 2 else any_module(parameters, buffers, x)

    return forward


def _is_plain_mlp(module: nn.Module) -> bool:
    return isinstance(module, nn.Sequential) and all(type(layer) in (nn.Linear, *ELEMENTWISE) for layer in module)


def _layer_by_layer(layers: Iterable[tuple[str, nn.Module]], parameters: Named, x: Tensor) -> Tensor:
    """Do for a plain MLP what `vmap` does for any module, in a third of the time: (N, d) -> (S, N, outputs)."""
    h = x.expand(len(next(iter(parameters.values()))), *x.shape)
    for name, layer in layers:
        if not isinstance(layer, nn.Linear):
            h = layer(h)
        elif layer.bias is None:
            h = torch.bmm(h, parameters[f"{name}.weight"].mT)
        else:
            h = torch.baddbmm(parameters[f"{name}.bias"].unsqueeze(1), h, parameters[f"{name}.weight"].mT)
    return h


def _losses(loss: Loss, scores: Tensor, y: Tensor) -> Tensor:
    """Return each network's mean loss, shape (S,), for its `scores` (S, N, ...)."""
    if type(loss) is nn.CrossEntropyLoss and scores.ndim == 3 and _is_plain(loss) and not y.is_floating_point():
        every = functional.cross_entropy(
            scores.flatten(0, 1),
            y.repeat(len(scores)),
            reduction="none",
            ignore_index=loss.ignore_index,
            label_smoothing=loss.label_smoothing,
        )
        return every.view(scores.shape[:2]).sum(dim=1) / (y != loss.ignore_index).sum()
    return vmap(loss, in_dims=(0, None), randomness="different")(scores, y)


def _is_plain(loss: nn.CrossEntropyLoss) -> bool:
    return loss.weight is None and loss.reduction == "mean"
