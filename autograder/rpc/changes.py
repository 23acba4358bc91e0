"""What an operation changed in place on the student's side, and what of it the judge takes over: as much as the reference changes.

That goes by argument and not by each tensor in it: a test sees by a net's watching buffer that an answer leaves the net in another mode,
which the reference never does.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from autograder.rpc import values
from autograder.rpc.faults import ProtocolError
from autograder.rpc.incoming import Incoming
from autograder.rpc.messages import Operated
from autograder.rpc.proxies import is_proxy, proxy_of
from autograder.rpc.tables import Place, Tables, place_of

Given = dict[Place, Any]
IN_BYTES = ("array", "scalar", "bytes")  # tags of values whose bytes lie in the frame's buffers


class Changes:
    """The changes of one operation.

    `changed`: the values of the test's own for which the judge took a change over, named as the manifest names them. `left`: the
    arguments that it left as they were.
    """

    def __init__(self, tables: Tables, operation: str, given: Given, may_change: Callable[[str], bool]) -> None:
        """`may_change`: whether the operation may change the value of this name."""
        self.changed: list[str] = []
        self.left: list[str] = []
        self._tables = tables
        self._mirror = tables.mirror
        self._operation = operation
        self._given = given
        self._may_change = may_change

    def take_over(self, reply: Operated, trees: list[Any], incoming: Incoming) -> None:
        """Let tensors, lists, dicts, sets and arrays of the test be as the student's code left them, where the reference does so.

        `trees`: the arguments by their places, as they were sent.
        """
        for change in reply.changes:
            if change.name.startswith("j") and not self._takes(self._tables.first_given.get(change.name, "")):
                self._note_tensor(change.name, None if change.data is None else incoming.buffer(change.data))
                continue
            try:
                self._mirror.apply(change, incoming.buffer)
            except Exception as error:
                raise ProtocolError(f"a change that does not fit its tensor ({type(error).__name__})") from None
        for argument in reply.mutable:
            if argument.place >= len(trees):
                raise ProtocolError("an argument that is not there")
            old = self._given[argument.place]
            if argument.value != trees[argument.place] or _has_bytes(argument.value):
                self._write_back(argument.place, old, incoming.value(argument.value))

    def _write_back(self, place: int, old: Any, new: Any) -> None:
        if type(old) is not type(new) or _same(old, new):
            return
        if not self._takes(place_of(self._operation, place)):
            self._note(place)
            return
        if isinstance(old, list):
            old[:] = new
        elif isinstance(old, dict | set):
            old.clear()
            old.update(new)
        elif isinstance(old, np.ndarray) and old.shape == new.shape and old.dtype == new.dtype:
            old[...] = new

    def _takes(self, value: str) -> bool:
        """Return whether a change of a value of the test's own is taken over, and note it if so."""
        if not self._may_change(value):
            return False
        self.changed.append(value)
        return True

    def _note_tensor(self, name: str, new: bytes | memoryview | None) -> None:
        """Note the arguments that hold a tensor of the test's which the student's code changed on its own side."""
        tensor = self._mirror.get(name)
        if tensor is None or new is None or values.tensor_bytes(tensor) == new:
            return
        for place, value in self._given.items():
            if _holds(value, tensor):
                self._note(place)

    def _note(self, place: Place) -> None:
        name = f"argument {place}" if isinstance(place, int) else f"the argument {place}"
        if name not in self.left and place != 0:
            self.left.append(name)


def _has_bytes(tree: Any) -> bool:
    """Return whether a value is or holds bytes: its tree names them by number, and is the same whatever they are."""
    return type(tree) is list and bool(tree) and (tree[0] in IN_BYTES or any(map(_has_bytes, tree)))


def _holds(value: Any, tensor: torch.Tensor) -> bool:
    """Return whether an argument is this tensor, or has it in it."""
    if is_proxy(value):
        return False
    if isinstance(value, list | tuple):
        return any(_holds(item, tensor) for item in value)
    if isinstance(value, dict):
        return any(_holds(item, tensor) for item in value.values())
    if isinstance(value, torch.nn.Module):
        return any(own is tensor for own in (*value.parameters(), *value.buffers()))
    return value is tensor


def _same(old: Any, new: Any) -> bool:
    if type(old) is not type(new):
        return False
    if isinstance(old, torch.Tensor):
        return old is new or (_form(old) == _form(new) and values.tensor_bytes(old) == values.tensor_bytes(new))
    if isinstance(old, np.ndarray):
        return _form(old) == _form(new) and old.tobytes() == new.tobytes()
    if isinstance(old, list | tuple):
        return len(old) == len(new) and all(map(_same, old, new))
    if isinstance(old, dict | OrderedDict):
        return old.keys() == new.keys() and all(_same(old[key], new[key]) for key in old)
    return proxy_of(old) is not None or bool(old == new) or (old != old and new != new)


def _form(value: Any) -> tuple[Any, ...]:
    return tuple(value.shape), value.dtype
