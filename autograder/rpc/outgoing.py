"""The judge's values on their way to the student's process. Anything may travel that way: the judge is trusted."""

import io
import operator
import pickle
import sys
from collections.abc import Callable
from typing import Any

import torch

from autograder.rpc import values
from autograder.rpc.frames import Buffers
from autograder.rpc.gradients import Inputs, leaves_of
from autograder.rpc.messages import (
    Callback,
    CallbackOutput,
    CutTensor,
    KnownTensor,
    LibraryName,
    Numbers,
    Pickled,
    PickledBefore,
    StudentObject,
    TensorValue,
)
from autograder.rpc.proxies import LIBRARIES, proxy_of
from autograder.rpc.tables import Tables

MODULES = {"torch._VariableFunctions": "torch", None: "torch"}  # where torch's own functions say that they are from


class _Pickler(pickle.Pickler):
    """Leaves out what both sides have, by its name, and what travels in a way of its own: the `parts`, by their places."""

    def __init__(self, file: io.BytesIO, both_have: Callable[[Any], bool]) -> None:
        super().__init__(file)
        self.parts: list[Any] = []
        self._both_have = both_have

    def persistent_id(self, part: Any) -> int | str | None:
        if self._both_have(part):
            return str(part.__name__)
        if proxy_of(part) is None and not isinstance(part, torch.Tensor):
            return None
        self.parts.append(part)
        return len(self.parts) - 1


class Outgoing:
    """The values of one message: its buffers, and the tensors by which its results can be differentiated."""

    def __init__(self, tables: Tables) -> None:
        self.buffers: Buffers = []
        self.inputs: Inputs = []
        self._tables = tables
        self._place = ""  # of the argument whose tensors go out

    def argument(self, value: Any, place: str) -> Any:
        """Return an argument of an operation as a tree, and remember of its tensors that they were given away in this place."""
        self._place = place
        return self.tree(value)

    def tree(self, value: Any) -> Any:
        """Return a value as a tree."""
        return values.encode(value, self.buffers, self._part)

    def tensor(self, tensor: torch.Tensor) -> KnownTensor | CutTensor | TensorValue:
        """Return a tensor: by its name where the other side has it, else by value."""
        mirror = self._tables.mirror
        in_graph = tensor.requires_grad and torch.is_grad_enabled()
        name = mirror.name_of(tensor)
        if name is not None and name.startswith("j"):
            if in_graph:
                self.inputs.append((name, tensor))
            return KnownTensor(name)
        if name is not None and (tensor.is_leaf or not in_graph):
            return KnownTensor(name)
        new = mirror.new_name()
        if in_graph:
            self.inputs.append((new, tensor))
        if name is not None:
            return CutTensor(new, name)
        mirror.add(new, tensor)
        self._tables.first_given[new] = self._place
        grad = tensor.grad if tensor.is_leaf else None
        return TensorValue(
            name=new,
            dtype=values.dtype_name(tensor),
            shape=list(tensor.shape),
            data=self._put(tensor),
            requires_grad=bool(tensor.requires_grad and (in_graph or tensor.is_leaf)),
            leaf=bool(tensor.is_leaf),
            parameter=isinstance(tensor, torch.nn.Parameter),
            grad=None if grad is None else self._put(grad),
            strides=values.strides(tensor),
        )

    def numbers(self, tensor: torch.Tensor) -> Numbers:
        """Return a tensor without its identity."""
        return Numbers(values.dtype_name(tensor), list(tensor.shape), self._put(tensor))

    def answer(self, value: Any) -> Any:
        """Return what one of the test's own functions has returned, as a tree."""

        def part(inner: Any) -> Any:
            return self._output(inner) if issubclass(type(inner), torch.Tensor) else self._part(inner)

        return values.encode(value, self.buffers, part)

    def _part(self, value: Any) -> Any:
        proxy = proxy_of(value)
        if proxy is not None:
            return StudentObject(proxy._number)
        if isinstance(value, torch.Tensor):
            return self.tensor(value)
        known = _library_name(value)
        if known is not None:
            return known
        if callable(value) and not isinstance(value, torch.nn.Module | type) and not self._both_have(type(value)):
            number = next(self._tables.numbers)
            self._tables.callbacks[number] = value
            return Callback(number)
        return self._pickle(value)

    def _pickle(self, value: Any) -> Pickled | PickledBefore:
        before, number = self._tables.pickled.get(id(value), (None, 0))
        if before is value and value is not None:
            return PickledBefore(number)
        file = io.BytesIO()
        writer = _Pickler(file, self._both_have)
        writer.dump(value)
        number = next(self._tables.numbers)
        self._tables.pickled[id(value)] = value, number
        return Pickled(number, values.put(file.getvalue(), self.buffers), [self.tree(part) for part in writer.parts])

    def _both_have(self, kind: Any) -> bool:
        """Return whether a value is a class that a locked cell defines: the student's process has run that cell, too."""
        return isinstance(kind, type) and self._tables.shared.get(kind.__name__) is kind

    def _output(self, tensor: torch.Tensor) -> KnownTensor | CutTensor | TensorValue | CallbackOutput:
        """Return a tensor with, where it has a graph, what it was made from: the student's process asks for its gradient in turn."""
        tables = self._tables
        leaf, name = tables.leaves.get(id(tensor), (None, ""))
        if leaf is tensor:
            return KnownTensor(name)
        leaves = leaves_of(tensor)
        known = tables.mirror.name_of(tensor)
        if known is not None and not any(id(leaf) in tables.leaves for leaf in leaves):
            return KnownTensor(known)
        if tensor.is_leaf or not leaves:
            return self.tensor(tensor)
        number, new = next(tables.numbers), tables.mirror.new_name()
        tables.mirror.add(new, tensor)
        tables.outputs[number] = tensor, leaves
        at = self._put(tensor)
        inputs = [self._output(leaf) for leaf in leaves]
        return CallbackOutput(new, values.dtype_name(tensor), list(tensor.shape), at, number, inputs)

    def _put(self, tensor: torch.Tensor) -> int:
        return values.put(values.tensor_bytes(tensor), self.buffers)


def _library_name(value: Any) -> LibraryName | None:
    """Return the module and path of a function or class that a library offers under them."""
    path = getattr(value, "__qualname__", getattr(value, "__name__", None))
    module = getattr(value, "__module__", None)
    module = MODULES.get(module, module)
    if not isinstance(path, str) or not isinstance(module, str) or module.split(".")[0] not in LIBRARIES:
        return None
    try:
        return LibraryName(module, path) if operator.attrgetter(path)(sys.modules[module]) is value else None
    except (KeyError, AttributeError):
        return None
