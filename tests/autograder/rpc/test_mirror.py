"""The table of one side sees every change of a tensor's numbers, however it was made, and nothing else."""

from collections.abc import Callable

import pytest
import torch

from autograder.rpc.frames import Buffers
from autograder.rpc.mirror import Mirror


def grown(tensor: torch.Tensor) -> None:
    with torch.no_grad():
        tensor.add_(1)


def given_other_memory(tensor: torch.Tensor) -> None:
    tensor.data = tensor.data + 1


def filled_behind_autograd(tensor: torch.Tensor) -> None:
    tensor.data.fill_(7)


def turned_round(tensor: torch.Tensor) -> None:
    tensor.data = tensor.data.T.contiguous().T.flip(0)


def transposed(tensor: torch.Tensor) -> None:
    tensor.data = tensor.data.T


def negated(tensor: torch.Tensor) -> None:
    tensor.data = torch._neg_view(tensor.data)


def cut(tensor: torch.Tensor) -> None:
    tensor.data = tensor.data[:1]


def written_by_numpy(tensor: torch.Tensor) -> None:
    tensor.detach().numpy()[0, 0] = 9


CHANGES = [grown, given_other_memory, filled_behind_autograd, turned_round, transposed, negated, cut, written_by_numpy]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("make", [torch.Tensor.clone, torch.nn.Parameter], ids=["tensor", "parameter"])
def test_a_change_is_seen_once(change: Callable[[torch.Tensor], None], make: Callable[..., torch.Tensor]) -> None:
    tensor, other = make(torch.arange(4.0).reshape(2, 2)), torch.ones(3)
    mirror = Mirror("j")
    mirror.add("j0", tensor)
    mirror.add("j1", other)
    assert mirror.changes(Buffers()) == []
    change(tensor)
    assert [change.name for change in mirror.changes(Buffers())] == ["j0"]
    assert mirror.changes(Buffers()) == []


def test_what_leaves_the_numbers_as_they_are_is_no_change() -> None:
    tensor = torch.arange(4.0)
    mirror = Mirror("j")
    mirror.add("j0", tensor)
    tensor.mul_(1)
    tensor.data = tensor.data.clone()
    assert mirror.changes(Buffers()) == []


def test_a_gradient_is_a_change() -> None:
    parameter = torch.nn.Parameter(torch.ones(2))
    mirror = Mirror("j")
    mirror.add("j0", parameter)
    parameter.sum().backward()
    (change,) = mirror.changes(Buffers())
    assert change.data is None
    assert change.grad is not None
    assert mirror.changes(Buffers()) == []
