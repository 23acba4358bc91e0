"""The student's side of values: what leaves its process, and what came from the judge, which is trusted."""

import collections
import collections.abc
import importlib
import io
import itertools
import numbers
import operator
import pickle
import sys
import types
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import torch

from autograder.rpc import values
from autograder.rpc.frames import Buffers
from autograder.rpc.messages import (
    MAX_CLASS_NAME,
    MAX_CLASSES,
    Callback,
    CallbackOutput,
    CutTensor,
    Handle,
    Kin,
    KnownTensor,
    LibraryName,
    Numbers,
    Pickled,
    PickledBefore,
    StudentObject,
    TensorValue,
    Wanted,
    read_judge,
)
from autograder.rpc.mirror import Mirror

MAX_ITEMS = 20_000  # of a lazy sequence
LAZY: tuple[Any, ...] = (types.GeneratorType, map, filter, zip, type({}.keys()), type({}.values()), type({}.items()))
BASES: tuple[Any, ...] = (int, float, complex, str, bytes, list, tuple, dict, set, frozenset)
KIN = (list, tuple, dict, set)
PLAIN_TYPES = (*BASES, collections.OrderedDict, torch.Size)
OPERATORS = frozenset(
    "eq lt le gt ge add radd sub mul rmul truediv matmul neg getitem setitem len iter contains call".split()
)
CONTAINERS: tuple[tuple[Any, Any], ...] = (  # what does as well where the reference gave a list, a dict or a set
    ((torch.nn.ModuleList, torch.nn.Sequential, torch.nn.ParameterList, collections.abc.Sequence), list),
    ((torch.nn.ModuleDict, torch.nn.ParameterDict, collections.abc.Mapping), lambda value: dict(value.items())),
    (collections.abc.Set, set),
)
# Numbers of other libraries, SymPy's for one, say by these classes what they are.
NUMBERS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (numbers.Integral, int),
    (numbers.Rational, lambda value: Fraction(int(value.numerator), int(value.denominator))),
    (Decimal, lambda value: Decimal(str(value))),
    (numbers.Real, float),
)
PROTOCOLS = {
    "call": "__call__",
    "len": "__len__",
    "getitem": "__getitem__",
    "iter": "__iter__",
    "next": "__next__",
    "missing": "__missing__",
}


class Objects:
    """What one test knows of this process: its tensors, objects by number, and objects that came pickled."""

    def __init__(self) -> None:
        self.mirror = Mirror("s")
        self.handles: dict[int, Any] = {}
        self.as_data: set[int] = set()  # the ids of objects whose plain data the judge has
        self.pickled: dict[int, Any] = {}
        self._numbers_of: dict[int, int] = {}  # by id: the handles keep their objects alive
        self._numbers = itertools.count()

    def clear(self) -> None:
        """Forget everything: a new test begins."""
        self.mirror.clear()
        for table in (self.handles, self._numbers_of, self.as_data, self.pickled):
            table.clear()

    def handle(self, value: Any) -> Handle:
        """Return an opaque handle of an object."""
        number = self._numbers_of.get(id(value))
        if number is None:
            number = self._numbers_of[id(value)] = next(self._numbers)
            self.handles[number] = value
        can: list[Any] = [what for what, method in PROTOCOLS.items() if hasattr(type(value), method)]
        if isinstance(value, type):
            can.append("type")
        kind = value if isinstance(value, type) else type(value)
        return Handle(number, can, class_names(kind), str(getattr(value, "__name__", ""))[:100])


class Outgoing:
    """The values of one message on their way to the judge."""

    def __init__(self, objects: Objects) -> None:
        self.buffers: Buffers = []
        self._objects = objects

    def tree(self, value: Any) -> Any:
        """Return a value as plain data where it can be, else as an opaque handle."""
        return values.encode(value, self.buffers, self._part)

    def wanted(self, value: Any, wanted: Wanted) -> Any:
        """Return a value as what the test can use, where it can be either: plain data or an object."""
        of_its_own = isinstance(value, KIN) and type(value) not in PLAIN_TYPES
        if of_its_own and (wanted == "object" or (not wanted and _acts(type(value)))):
            return self._objects.handle(value)
        if wanted == "plain" and not isinstance(value, (*BASES, torch.Tensor, *LAZY, range)):
            for kinds, base in CONTAINERS:
                if isinstance(value, kinds):
                    return self._kin(value, base(value))
        return self.tree(value)

    def tensor(self, tensor: torch.Tensor) -> TensorValue:
        """Return a tensor by value with its identity and its place in the autograd graph."""
        if tensor.is_inference():  # it counts no changes, so both sides could not agree on it
            with torch.inference_mode(False):
                tensor = tensor.clone()
        mirror = self._objects.mirror
        name = mirror.name_of(tensor) or mirror.new_name()
        mirror.add(name, tensor)
        grad = tensor.grad if tensor.is_leaf else None
        return TensorValue(
            name=name,
            dtype=values.dtype_name(tensor),
            shape=list(tensor.shape),
            data=self._put(tensor),
            requires_grad=bool(tensor.requires_grad),
            leaf=bool(tensor.is_leaf),
            parameter=isinstance(tensor, torch.nn.Parameter),
            grad=None if grad is None else self._put(grad),
            strides=None,
        )

    def numbers(self, tensor: torch.Tensor) -> Numbers:
        """Return a tensor without its identity."""
        return Numbers(values.dtype_name(tensor), list(tensor.shape), self._put(tensor))

    def is_mutable_data(self, value: Any) -> bool:
        """Return whether the judge has a copy of this value that an operation may have changed."""
        return type(value) in (list, dict, set, np.ndarray) or (
            isinstance(value, list | dict | set) and id(value) in self._objects.as_data
        )

    def _part(self, value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            return self.tensor(value)
        if isinstance(value, LAZY):
            return self.tree(list(itertools.islice(value, MAX_ITEMS)))
        for base in BASES:
            if isinstance(value, base):
                return self._kin(value, base(value)) if base in KIN else self.tree(base(value))
        plain = _plain_numbers(value)
        return self._objects.handle(value) if plain is None else self.tree(plain)

    def _kin(self, value: Any, plain: Any) -> Kin:
        """Return the plain data of an object with a handle of it: a named tuple has names, a `History(dict)` methods."""
        self._objects.as_data.add(id(value))
        return Kin(self.tree(plain), self._objects.handle(value))

    def _put(self, tensor: torch.Tensor) -> int:
        return values.put(values.tensor_bytes(tensor), self.buffers)


class _Unpickler(pickle.Unpickler):
    """Puts in what the judge's side left out."""

    def __init__(self, file: io.BytesIO, parts: list[Any]) -> None:
        super().__init__(file)
        self._parts = parts

    def persistent_load(self, key: int | str) -> Any:
        return getattr(sys.modules["__main__"], key) if isinstance(key, str) else self._parts[key]


class Incoming(values.Decoder):
    """The values of one frame that came from the judge.

    `call_back(number, arguments, keywords)` calls one of the test's own functions; `output(number, value, inputs)` makes what one of
    them returned a node of this side's graph.
    """

    def __init__(
        self,
        objects: Objects,
        buffers: Buffers,
        call_back: Callable[[int, list[Any], dict[str, Any]], Any],
        output: Callable[[int, torch.Tensor, list[Any]], torch.Tensor],
    ) -> None:
        super().__init__(buffers)
        self._objects = objects
        self._call_back = call_back
        self._output = output
        self._parts: dict[type, Callable[[Any], Any]] = {
            TensorValue: self._tensor,
            Numbers: self.numbers,
            KnownTensor: lambda part: objects.mirror.get(part.name),
            CutTensor: self._cut,
            StudentObject: lambda part: objects.handles[part.number],
            LibraryName: lambda part: operator.attrgetter(part.path)(importlib.import_module(part.module)),
            Pickled: self._unpickled,
            PickledBefore: lambda part: objects.pickled[part.number],
            Callback: self._callback,
            CallbackOutput: self._made_by_callback,
        }

    def part(self, node: dict[str, Any]) -> Any:
        """Return the tensor, object, function of a library, function or unpickled object that a part stands for."""
        part = read_judge(node)
        return self._parts[type(part)](part)

    def numbers(self, part: Numbers) -> torch.Tensor:
        """Return a tensor without identity."""
        return values.tensor_from(self.buffer(part.data), part.dtype, part.shape)

    def _tensor(self, part: TensorValue) -> torch.Tensor:
        """Return a copy of one of the judge's tensors, laid out in memory alike: `view` is to fail here where it fails there."""
        plain = values.tensor_from(self.buffer(part.data), part.dtype, part.shape)
        tensor = values.laid_out(plain, part.strides)
        if part.parameter:
            tensor = torch.nn.Parameter(tensor, requires_grad=part.requires_grad)
        elif part.requires_grad:
            tensor.requires_grad_()
        if part.grad is not None:
            tensor.grad = values.tensor_from(self.buffer(part.grad), part.dtype, part.shape)
        self._objects.mirror.add(part.name, tensor)
        return tensor

    def _cut(self, part: CutTensor) -> torch.Tensor:
        """Return a new leaf for a tensor that came from here with a graph: the judge keeps the graph between the two."""
        source = self._objects.mirror.get(part.source)
        assert source is not None
        tensor = source.detach().clone().requires_grad_()
        self._objects.mirror.add(part.name, tensor)
        return tensor

    def _unpickled(self, part: Pickled) -> Any:
        reader = _Unpickler(io.BytesIO(self.buffer(part.data)), self.values(part.parts))
        self._objects.pickled[part.number] = reader.load()
        return self._objects.pickled[part.number]

    def _callback(self, part: Callback) -> Any:
        number, call_back = part.number, self._call_back

        def callback(*arguments: Any, **keywords: Any) -> Any:
            return call_back(number, list(arguments), keywords)

        return callback

    def _made_by_callback(self, part: CallbackOutput) -> torch.Tensor:
        made = values.tensor_from(self.buffer(part.data), part.dtype, part.shape)
        tensor = self._output(part.number, made, self.values(part.inputs))
        self._objects.mirror.add(part.name, tensor)
        return tensor


def _plain_numbers(value: Any) -> Any:
    """Return numbers of another library's kind as one that travels: the nearest that Python or NumPy has; None for what is none."""
    if isinstance(value, np.ndarray | np.generic):
        wide = {"f": np.float64, "c": np.complex128}.get(value.dtype.kind)
        kind = value.dtype if value.dtype.name in values.NUMPY_DTYPES else wide
        return None if kind is None else np.asarray(value).astype(kind)[()]
    for base, numbers_alike in NUMBERS:
        if isinstance(value, base):
            return numbers_alike(value)
    return None


def class_names(kind: type) -> list[str]:
    """Return the full names of a class and its bases, nearest first, as many and as long as a message may hold."""
    return [f"{c.__module__}.{c.__qualname__}"[:MAX_CLASS_NAME] for c in kind.__mro__[:MAX_CLASSES]]


def _acts(kind: type) -> bool:
    """Return whether a class of the notebook's own is more than its data.

    So it is if it says itself what `==`, `+`, `[]` and the like do, or if it has methods, which may change what it holds.
    """
    own = [item for c in kind.__mro__ if c.__module__ == "__main__" for item in vars(c).items()]
    methods = issubclass(kind, list | dict | set) and any(callable(v) and not n.startswith("__") for n, v in own)
    return methods or any(name.strip("_") in OPERATORS and name.startswith("__") for name, _ in own)
