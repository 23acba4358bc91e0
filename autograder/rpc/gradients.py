"""Gradients across the wire: what a call of a student's object returns is a node of the judge's autograd graph."""

from typing import Any, Protocol

import torch

# The tensors that an operation was given, with their identities: what its results can be differentiated by.
Inputs = list[tuple[str, torch.Tensor]]

ANCHOR = torch.zeros((), requires_grad=True)  # an input, so that a remote call without others is a part of a graph


class Differentiator(Protocol):
    """What a node asks for the gradients of the student's part of a graph."""

    def backward(self, output: str, gradient: torch.Tensor, inputs: Inputs, gain: bool) -> list[torch.Tensor | None]:
        """Return the gradient of each input; `gain`: the other leaves keep theirs in `.grad`."""


class RemoteCall(torch.autograd.Function):
    """One output of an operation on a student's object as a node of the judge's graph."""

    @staticmethod
    def forward(
        ctx: Any,
        peer: Differentiator,
        name: str,
        inputs: list[str],
        result: list[torch.Tensor],
        anchor: Any,
        *tensors: Any,
    ) -> torch.Tensor:
        ctx.peer, ctx.name, ctx.inputs = peer, name, list(zip(inputs, tensors, strict=True))
        return result[0]

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[Any, ...]:
        anchor = next(node for node, _ in ctx.next_functions if getattr(node, "variable", None) is ANCHOR)
        # `backward()` goes to every leaf, so to this one too; `autograd.grad` only to those that are asked for.
        gain = torch._C._will_engine_execute_node(anchor)
        return (None, None, None, None, None, *ctx.peer.backward(ctx.name, gradient, ctx.inputs, gain))


def remote_output(peer: Differentiator, name: str, value: torch.Tensor, inputs: Inputs) -> torch.Tensor:
    """Return a tensor of the student's, `value`, as the output of an operation on these inputs."""
    names, tensors = [name for name, _ in inputs], [tensor for _, tensor in inputs]
    output: torch.Tensor = RemoteCall.apply(peer, name, names, [value], ANCHOR, *tensors)
    return output


def leaves_of(tensor: torch.Tensor) -> list[torch.Tensor]:
    """Return the tensors at the ends of a tensor's graph for which gradients can be asked."""
    leaves: list[torch.Tensor] = []
    seen, waiting = set(), [tensor.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        leaf = getattr(node, "variable", None)
        if leaf is not None and leaf is not ANCHOR:
            leaves.append(leaf)
        waiting += [before for before, _ in node.next_functions]
    return leaves
