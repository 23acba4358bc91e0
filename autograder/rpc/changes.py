"""What an operation changed in place on the student's side, and what of it the judge takes over: as much as the reference changes."""

from collections import OrderedDict
from typing import Any

import numpy as np
import torch

from autograder.rpc import values
from autograder.rpc.faults import ProtocolError
from autograder.rpc.incoming import Incoming
from autograder.rpc.messages import Operated
from autograder.rpc.mirror import Mirror
from autograder.rpc.proxies import is_proxy, proxy_of

Place = int | str  # of an argument: its number (0 is the object itself) or its name
Given = dict[Place, Any]


class Changes:
    """The changes of one operation. `mutated`: whether the judge took any over; `left`: arguments that it left as they were."""

    def __init__(self, mirror: Mirror, given: Given, may_mutate: bool) -> None:
        self.mutated = False
        self.left: list[str] = []
        self._mirror = mirror
        self._given = given
        self._may_mutate = may_mutate

    def take_over(self, reply: Operated, trees: list[Any], incoming: Incoming) -> None:
        """Let tensors, lists, dicts, sets and arrays of the test be as the student's code left them, where the reference does so.

        `trees`: the arguments by their places, as they were sent.
        """
        for change in reply.changes:
            own = change.name.startswith("j")
            if own and not self._may_mutate:
                self._note_tensor(change.name, None if change.data is None else incoming.buffer(change.data))
                continue
            self.mutated = self.mutated or own
            try:
                self._mirror.apply(change, incoming.buffer)
            except Exception as error:
                raise ProtocolError(f"a change that does not fit its tensor ({type(error).__name__})") from None
        for argument in reply.mutable:
            if argument.place >= len(trees):
                raise ProtocolError("an argument that is not there")
            old = self._given[argument.place]
            if argument.value != trees[argument.place] or type(old) is np.ndarray:
                self._write_back(argument.place, old, incoming.value(argument.value))

    def _write_back(self, place: int, old: Any, new: Any) -> None:
        if type(old) is not type(new) or _same(old, new):
            return
        if not self._may_mutate:
            self._note(place)
            return
        self.mutated = True
        if isinstance(old, list):
            old[:] = new
        elif isinstance(old, dict | set):
            old.clear()
            old.update(new)
        elif isinstance(old, np.ndarray) and old.shape == new.shape and old.dtype == new.dtype:
            old[...] = new

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
