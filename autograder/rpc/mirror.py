"""Tensors that live on both sides of the wire: which they are, and what has changed since both sides agreed.

Each side keeps a table from a tensor's identity on the wire (`j…` made by the judge, `s…` by the student) to its own copy.
"""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import torch

from autograder.rpc import values
from autograder.rpc.frames import Buffers
from autograder.rpc.messages import TensorChange

SNAPSHOT = 1 << 18  # elements up to which a copy of the bytes shows changes that `_version` does not (through .data)
ORDINARY = (torch.Tensor, torch.nn.Parameter)  # no methods of a subclass's own are asked


@dataclass
class _State:
    tensor: torch.Tensor
    data: tuple[int, bytes | None]
    grad: tuple[int, int] | None
    bytes: int = field(init=False)
    _address: int = field(init=False, default=0)  # where its bytes lie; 0 if not in C order

    def __post_init__(self) -> None:
        self.bytes = self.tensor.numel() * self.tensor.element_size()
        tensor = self.tensor
        plain = type(tensor) in ORDINARY and tensor.is_cpu and tensor.layout is torch.strided
        if self.data[1] and plain and self._lies_in_order():
            self._address = tensor.data_ptr()

    def has_same_bytes(self) -> bool:
        """Whether that is seen at once: each operation asks this of all tensors of a test, and of most the answer is yes."""
        tensor = self.tensor
        return (
            self._address != 0
            and type(tensor) in ORDINARY
            and tensor.data_ptr() == self._address  # `.data = ...` gives it other memory
            and tensor.nbytes == self.bytes
            and self._lies_in_order()
            and ctypes.string_at(self._address, self.bytes) == self.data[1]
        )

    def _lies_in_order(self) -> bool:
        """Whether the tensor's values are the bytes from its address on, in C order."""
        tensor = self.tensor
        return tensor.is_contiguous() and not tensor.is_conj() and not tensor.is_neg()


def _data_state(tensor: torch.Tensor) -> tuple[int, bytes | None]:
    return tensor._version, values.tensor_bytes(tensor) if tensor.numel() <= SNAPSHOT else None


def _grad_state(tensor: torch.Tensor) -> tuple[int, int] | None:
    grad = tensor.grad if tensor.is_leaf else None
    return None if grad is None else (id(grad), grad._version)


def _same_data(old: tuple[int, bytes | None], new: tuple[int, bytes | None]) -> bool:
    return old[0] == new[0] if new[1] is None else old[1] == new[1]


class Mirror:
    """The table of one side. `prefix` marks the identities that this side makes."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._numbers = count()
        self._states: dict[str, _State] = {}
        self._names: dict[int, str] = {}
        self.bytes = 0  # held by the tensors of the table

    def __len__(self) -> int:
        return len(self._states)

    def new_name(self) -> str:
        """Return a fresh identity."""
        return f"{self._prefix}{next(self._numbers)}"

    def name_of(self, tensor: torch.Tensor) -> str | None:
        """Return the identity of a tensor that is in the table."""
        name = self._names.get(id(tensor))
        return name if name is not None and self._states[name].tensor is tensor else None

    def get(self, name: Any) -> torch.Tensor | None:
        """Return this side's copy of a tensor."""
        state = self._states.get(name) if type(name) is str else None
        return None if state is None else state.tensor

    def add(self, name: str, tensor: torch.Tensor) -> None:
        """Enter a tensor in the state that both sides now agree on."""
        old = self._states.get(name)
        self._states[name] = new = _State(tensor, _data_state(tensor), _grad_state(tensor))
        self.bytes += new.bytes - (old.bytes if old else 0)
        self._names[id(tensor)] = name

    def agree(self, name: str) -> None:
        """Take the tensor's present state as the one that both sides agree on."""
        self.add(name, self._states[name].tensor)

    def leaves(self) -> list[tuple[str, torch.Tensor]]:
        """Return the leaves of the autograd graph that take part in it."""
        return [(n, s.tensor) for n, s in self._states.items() if s.tensor.is_leaf and s.tensor.requires_grad]

    def clear(self) -> None:
        """Forget every tensor."""
        self._states.clear()
        self._names.clear()
        self.bytes = 0

    def changes(self, buffers: Buffers) -> list[TensorChange]:
        """Return what has changed since both sides agreed, and agree on it."""
        changes = []
        for name, state in list(self._states.items()):
            tensor, grad = state.tensor, _grad_state(state.tensor)
            new_grad = grad != state.grad
            if not new_grad and state.has_same_bytes():
                continue
            data = _data_state(tensor)
            new_data = not _same_data(state.data, data)
            if not (new_data or new_grad):
                continue
            now = tensor.grad if new_grad else None
            changes.append(
                TensorChange(
                    name=name,
                    shape=list(tensor.shape),
                    dtype=values.dtype_name(tensor),
                    data=values.put(values.tensor_bytes(tensor), buffers) if new_data else None,
                    grad=None if now is None else values.put(values.tensor_bytes(now), buffers),
                    no_grad=new_grad and now is None,
                    versioned=data[0] != state.data[0],
                )
            )
            self.agree(name)
        return changes

    def apply(self, change: TensorChange, buffer: Callable[[int], bytes | memoryview]) -> None:
        """Make one change of the other side to this side's copy. `buffer(i)` returns the frame's buffers."""
        tensor = self.get(change.name)
        if tensor is None:
            return
        with torch.no_grad():
            if change.data is not None:
                new = values.tensor_from(buffer(change.data), change.dtype, change.shape)
                if new.shape == tensor.shape and new.dtype == tensor.dtype:
                    (tensor if change.versioned else tensor.data).copy_(new)
                else:
                    tensor.data = new
            if change.no_grad:
                tensor.grad = None
            elif change.grad is not None and tensor.is_leaf:
                tensor.grad = values.tensor_from(buffer(change.grad), change.dtype, list(tensor.shape))
        self.agree(change.name)
