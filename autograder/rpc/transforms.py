"""Functions of a test's under `torch.func`, in the student's process.

`torch.func.grad`, `vjp`, `jacrev` and `vmap` call a function with wrapped tensors, which have no numbers that could be sent. Here they
are unwrapped, the function is called with plain tensors, and its results become those of one operation with a derivative of its own.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch._C._functorch import is_functorch_wrapped_tensor
from torch.autograd import forward_ad
from torch.utils._pytree import tree_flatten, tree_unflatten

Tensors = tuple[torch.Tensor, ...]
Calculation = Callable[..., Tensors]  # of tensors that need gradients; its results have a graph


def has_wrapped(values: Any) -> bool:
    """Return whether a transform of `torch.func`, or forward mode, is at work on any tensor of these values."""
    tensors = [leaf for leaf in tree_flatten(values)[0] if isinstance(leaf, torch.Tensor)]
    return any(is_functorch_wrapped_tensor(tensor) or _is_dual(tensor) for tensor in tensors)


def _is_dual(tensor: torch.Tensor) -> bool:
    return forward_ad._current_level >= 0 and forward_ad.unpack_dual(tensor).tangent is not None


def call_unwrapped(
    call: Callable[[list[Any], dict[str, Any]], Any], arguments: list[Any], keywords: dict[str, Any]
) -> Any:
    """Call a function with plain tensors in place of those that a transform has wrapped."""
    flat, shape = tree_flatten((arguments, keywords))
    places = [place for place, value in enumerate(flat) if isinstance(value, torch.Tensor)]
    structure: list[Any] = []

    def calculate(*tensors: torch.Tensor) -> Tensors:
        given = list(flat)
        for place, tensor in zip(places, tensors, strict=True):
            given[place] = tensor
        results, spec = tree_flatten(call(*tree_unflatten(given, shape)))
        structure[:] = [results, spec]
        return tuple(result for result in results if isinstance(result, torch.Tensor))

    outputs = iter(_Calculated.apply(_Once(calculate), *(flat[place] for place in places)))
    results, spec = structure
    return tree_unflatten([next(outputs) if isinstance(one, torch.Tensor) else one for one in results], spec)


class _Once:
    """A calculation that is run once. Its graph is kept, so that derivatives of any order need no second run.

    `leaves`: its first inputs, where they are leaves of a graph already. `rows`: where `vmap` runs it row by row, that of each row.
    """

    def __init__(self, calculate: Calculation, leaves: Tensors = (), rows: Sequence["_Once"] = ()) -> None:
        self.calculate = calculate
        self.leaves = leaves
        self.rows = list(rows)
        self.inputs: Tensors = ()
        self.outputs: Tensors = ()

    def run(self, tensors: Sequence[torch.Tensor]) -> Tensors:
        """Return the results for plain tensors, without a graph."""
        with torch.enable_grad():
            self.inputs = *self.leaves, *map(_as_leaf, tensors[len(self.leaves) :])
            self.outputs = self.calculate(*self.inputs)
        return tuple(output.detach() for output in self.outputs)

    def row(self, number: int) -> "_Once":
        """Return the calculation of one row."""
        if number == len(self.rows):
            self.rows.append(_Once(self.calculate, self.leaves))
        return self.rows[number]

    def derivative(self) -> "_Once":
        """Return what calculates the gradients of the inputs from the inputs and the gradients of the outputs."""

        def calculate(*both: torch.Tensor) -> Tensors:
            return _gradients(self.outputs, self.inputs, both[len(self.inputs) :])

        return _Once(calculate, self.inputs, [row.derivative() for row in self.rows])

    def tangent(self) -> "_Once":
        """Return what calculates the tangents of the outputs from the inputs and their tangents.

        The gradients of the inputs are linear in those of the outputs; the transpose of that map gives the tangents.
        """

        def calculate(*both: torch.Tensor) -> Tensors:
            starts = tuple(torch.zeros_like(output, requires_grad=True) for output in self.outputs)
            gradients = _gradients(self.outputs, self.inputs, starts)
            return _gradients(gradients, starts, both[len(self.inputs) :])

        return _Once(calculate, self.inputs, [row.tangent() for row in self.rows])


def _gradients(outputs: Tensors, inputs: Tensors, starts: Sequence[torch.Tensor]) -> Tensors:
    """Return the gradient of each input, zeros where nothing depends on it. `starts`: the gradients of the outputs."""
    kept = [pair for pair in zip(outputs, starts, strict=True) if pair[0].requires_grad]
    asked = [tensor for tensor in inputs if tensor.requires_grad]
    slopes: dict[int, torch.Tensor | None] = {}
    if kept and asked:
        ends, given = zip(*kept, strict=True)
        gradients = torch.autograd.grad(ends, asked, given, create_graph=True, allow_unused=True)
        slopes = {id(tensor): slope for tensor, slope in zip(asked, gradients, strict=True)}
    return tuple(torch.zeros_like(x) if (slope := slopes.get(id(x))) is None else slope for x in inputs)


def _as_leaf(tensor: torch.Tensor) -> torch.Tensor:
    tensor = forward_ad.unpack_dual(tensor).primal if _is_dual(tensor) else tensor
    return tensor.detach().requires_grad_(tensor.is_floating_point() or tensor.is_complex())


class _Calculated(torch.autograd.Function):
    """The results of a calculation as those of one operation, which transforms can differentiate and map."""

    @staticmethod
    def forward(once: _Once, *tensors: torch.Tensor) -> Tensors:
        return once.run(tensors)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensors) -> None:
        once, *tensors = inputs
        ctx.once = once
        ctx.save_for_backward(*tensors)
        ctx.save_for_forward(*tensors)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[Any, ...]:
        return (None, *_Calculated.apply(ctx.once.derivative(), *ctx.saved_tensors, *gradients))

    @staticmethod
    def jvp(ctx: Any, _once: None, *tangents: torch.Tensor | None) -> Any:
        inputs = ctx.saved_tensors
        given = [torch.zeros_like(x) if t is None else t for x, t in zip(inputs, tangents, strict=True)]
        return _Calculated.apply(ctx.once.tangent(), *inputs, *given)

    @staticmethod
    def vmap(
        info: Any, in_dims: tuple[Any, ...], once: _Once, *tensors: torch.Tensor
    ) -> tuple[Tensors, tuple[int, ...]]:
        rows = []
        for number in range(info.batch_size):
            taken = [t if dim is None else t.select(dim, number) for t, dim in zip(tensors, in_dims[1:], strict=True)]
            rows.append(_Calculated.apply(once.row(number), *taken))
        stacked = tuple(torch.stack(column) for column in zip(*rows, strict=True))
        return stacked, (0,) * len(stacked)
