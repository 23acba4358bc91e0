"""The student's side of the wire: runs the student's cells and answers the judge's calls, inside the sandbox.

From the first cell on, nothing that comes out of this process is trusted: the judge reads only plain data from it.
"""

import builtins
import collections
import collections.abc
import contextlib
import importlib
import inspect
import io
import itertools
import operator
import pickle
import socket
import traceback
import types
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch

from autograder.rpc import frames, randomness, values
from autograder.rpc.mirror import Mirror
from autograder.rpc.values import put
from course.checks import calls_of_torch

MAX_TEXT = 4000
MAX_PRINTED = 100_000
MAX_ITEMS = 20_000
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
PROTOCOLS = {
    "call": "__call__",
    "len": "__len__",
    "getitem": "__getitem__",
    "iter": "__iter__",
    "next": "__next__",
    "missing": "__missing__",
}


class Student:
    """Serves one judge over one channel."""

    def __init__(self, channel: frames.Channel, shell: Any) -> None:
        self.channel = channel
        self.shell = shell
        self.mirror = Mirror("s")
        self.handles: dict[int, Any] = {}
        self.numbers_of: dict[int, int] = {}  # by id: the handles keep their objects alive
        self.as_data: set[int] = set()  # the ids of objects whose plain data the judge has
        self.numbers = itertools.count()
        self.pickled: dict[int, Any] = {}
        self.named: dict[str, Any] = {}  # functions and classes that the judge has by name

    def serve(self) -> None:
        """Answer requests until the judge hangs up."""
        with contextlib.suppress(frames.PeerGone):
            while True:
                self.answer(*self.channel.receive())

    def answer(self, request: list, buffers: frames.Buffers) -> None:
        """Answer one request: [verb, argument…]."""
        out: frames.Buffers = []
        printed = io.StringIO()
        try:
            reply = getattr(self, f"do_{request[0]}")(
                values.Decoder(buffers, self.decode_other), out, printed, *request[1:]
            )
        except frames.WireError:
            raise
        except BaseException as error:  # SystemExit of a student's function is an error like any other
            out = []
            reply = ["error", *_told(error), printed.getvalue()[:MAX_PRINTED]]
        self.channel.send(reply, out)

    # ---- what the judge can ask for

    def do_exec(self, _decoder: values.Decoder, _out: frames.Buffers, _printed: io.StringIO, source: str) -> list:
        """Run a cell; the error that ended it, if any."""
        result = self.shell.run_cell(source, store_history=True)
        error = result.error_before_exec or result.error_in_exec
        return ["ok", None if error is None else _told(error)]

    def do_name(
        self, _decoder: values.Decoder, out: frames.Buffers, _printed: io.StringIO, name: str, wanted: str
    ) -> list:
        """The object that a name stands for."""
        if name not in self.shell.user_ns:
            return ["missing"]
        return ["ok", self.encode_wanted(self.shell.user_ns[name], wanted, out)]

    def do_begin(self, _decoder: values.Decoder, _out: frames.Buffers, _printed: io.StringIO, names: list[str]) -> list:
        """Drop every tensor and handle, and seed: a new test begins. It will ask for these names: handles of the functions and
        classes among them.
        """
        self.mirror.clear()
        self.handles.clear()
        self.numbers_of.clear()
        self.as_data.clear()
        self.pickled.clear()
        randomness.seed()
        # Nothing else: what a name of plain data stands for is sent anew each time that a test asks for it.
        found = {name: self.shell.user_ns.get(name) for name in names}
        self.named = {name: value for name, value in found.items() if type(value) in (types.FunctionType, type)}
        return ["ok", [[name, self.handle(value)] for name, value in self.named.items()]]

    def do_operate(
        self,
        decoder: values.Decoder,
        out: frames.Buffers,
        printed: io.StringIO,
        verb: str,
        context: dict,
        arguments: list,
        keywords: dict,
    ) -> list:
        """Do one operation on an object: its value, arguments as they now are, changed tensors, what was printed, which global
        random states (torch's, NumPy's, Python's) it has used, and which names no longer stand for what the judge has.
        """
        for change in context["changes"]:
            self.mirror.apply(change, decoder.buffer)
        _set_random_state(context["random"], decoder.buffer)
        given = decoder.values(arguments)
        named = {key: decoder.value(node) for key, node in keywords.items()}
        before = randomness.states()
        with contextlib.redirect_stdout(printed), torch.set_grad_enabled(context["grad"]):
            result = OPERATIONS[verb](*given, **named)
        used = [old != new for old, new in zip(before, randomness.states(), strict=True)]
        changes = self.mirror.changes(out)
        value = self.handle(result) if verb == "iter" else self.encode_wanted(result, context["wanted"], out)
        mutable = [[i, self.encode(v, out)] for i, v in enumerate(given) if self.is_mutable_data(v)]
        rebound = [name for name, value in self.named.items() if self.shell.user_ns.get(name) is not value]
        return ["ok", value, mutable, changes, printed.getvalue()[:MAX_PRINTED], used, rebound]

    def do_backward(
        self,
        decoder: values.Decoder,
        out: frames.Buffers,
        _printed: io.StringIO,
        output: str,
        gradient: list,
        inputs: list[str],
        gain: bool,
        create: bool,
    ) -> list:
        """Propagate a gradient from an output to inputs; the inputs' gradients, and what other leaves gained.

        `gain`: whether other leaves do, as in `backward()`; `create`: whether the gradients can be differentiated in turn.
        """
        start: Any = self.mirror.get(output)
        given = decoder.value(gradient)
        others: dict[str, torch.Tensor] = {}
        if gain:
            found = self.gain(start, given, create)
            wanted = [found.get(name) for name in inputs]
            others = {name: grad for name, grad in found.items() if name not in inputs}
        else:
            asked: Any = [self.mirror.get(name) for name in inputs]
            options = {"retain_graph": True, "create_graph": create, "allow_unused": True}
            wanted = list(torch.autograd.grad([start], asked, [given], **options)) if asked else []
        for name, grad in others.items():
            leaf: Any = self.mirror.get(name)
            leaf.grad = grad.detach() if leaf.grad is None else leaf.grad + grad.detach()
            self.mirror.agree(name)
        encode = self.encode_tensor if create else _tensor
        told = [None if grad is None else encode(grad, out) for grad in wanted]
        return ["ok", told, [[name, _tensor(grad, out)] for name, grad in others.items()]]

    def gain(self, start: Any, gradient: torch.Tensor, create: bool) -> dict[str, torch.Tensor]:
        """What each leaf that the judge knows gains by `backward()`; they keep what they had, all others gain it."""
        leaves = self.mirror.leaves()
        before = [leaf.grad for _, leaf in leaves]
        for _, leaf in leaves:
            leaf.grad = None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PyTorch warns of create_graph, which is the test's affair
            torch.autograd.backward([start], [gradient], retain_graph=True, create_graph=create)
        gained = {name: leaf.grad for name, leaf in leaves if leaf.grad is not None}
        for (_, leaf), old in zip(leaves, before, strict=True):
            leaf.grad = old
        return gained

    # ---- values out

    def encode(self, value: Any, out: frames.Buffers) -> Any:
        """A value as plain data where it can be, else as an opaque handle."""
        return values.encode(value, out, lambda v: self.encode_other(v, out))

    def encode_wanted(self, value: Any, wanted: str, out: frames.Buffers) -> Any:
        """A value as what the test can use, where it can be either: plain data or an object."""
        of_its_own = isinstance(value, KIN) and type(value) not in PLAIN_TYPES
        if of_its_own and (wanted == "object" or (not wanted and _acts(type(value)))):
            return self.handle(value)
        if wanted == "plain" and not isinstance(value, (*BASES, torch.Tensor, *LAZY, range)):
            for kinds, base in CONTAINERS:
                if isinstance(value, kinds):
                    return self.kin(value, base(value), out)
        return self.encode(value, out)

    def encode_other(self, value: Any, out: frames.Buffers) -> Any:
        """What plain data leaves: tensors with an identity, kin of the built-in types, lazy sequences, handles."""
        if isinstance(value, torch.Tensor):
            return self.encode_tensor(value, out)
        if isinstance(value, LAZY):
            return self.encode(list(itertools.islice(value, MAX_ITEMS)), out)
        for base in BASES:
            if isinstance(value, base):
                return self.kin(value, base(value), out) if base in KIN else self.encode(base(value), out)
        return self.handle(value)

    def kin(self, value: Any, plain: Any, out: frames.Buffers) -> list:
        """The plain data of an object, with a handle of it: a named tuple has names, a `History(dict)` methods."""
        self.as_data.add(id(value))
        return ["kin", self.encode(plain, out), *self.handle(value)[1:]]

    def is_mutable_data(self, value: Any) -> bool:
        """Whether the judge has a copy of this value that a call may have changed."""
        return type(value) in (list, dict, set, np.ndarray) or (
            isinstance(value, list | dict | set) and id(value) in self.as_data
        )

    def encode_tensor(self, tensor: torch.Tensor, out: frames.Buffers) -> list:
        """A tensor by value with its identity and its place in the autograd graph."""
        name = self.mirror.name_of(tensor) or self.mirror.new_name()
        self.mirror.add(name, tensor)
        grad = tensor.grad if tensor.is_leaf else None
        return [
            "tensor",
            name,
            *_tensor(tensor, out),
            bool(tensor.requires_grad),
            bool(tensor.is_leaf),
            isinstance(tensor, torch.nn.Parameter),
            None if grad is None else put(values.tensor_bytes(grad), out),
        ]

    def handle(self, value: Any) -> list:
        """An opaque handle: its number, what it can do, the names of its classes, its own name."""
        number = self.numbers_of.get(id(value))
        if number is None:
            number = self.numbers_of[id(value)] = next(self.numbers)
            self.handles[number] = value
        kind = value if isinstance(value, type) else type(value)
        can = [what for what, method in PROTOCOLS.items() if hasattr(type(value), method)]
        if isinstance(value, type):
            can.append("type")
        classes = [f"{c.__module__}.{c.__qualname__}" for c in kind.__mro__[:20]]
        return ["handle", number, can, classes, str(getattr(value, "__name__", ""))[:100]]

    # ---- values in (from the judge, which is trusted)

    def decode_other(self, node: list, decoder: values.Decoder) -> Any:
        """Tensors, objects of this side, functions of libraries, callbacks, pickles."""
        return getattr(self, f"from_{node[0]}")(decoder, *node[1:])

    def from_tensor(
        self,
        decoder: values.Decoder,
        name: str,
        dtype: str,
        shape: list,
        at: int,
        needs: bool,
        parameter: bool,
        grad: Any,
        strides: list[int] | None,
    ) -> torch.Tensor:
        """A copy of one of the judge's tensors, laid out in memory alike: `view` is to fail here where it fails there."""
        tensor = values.laid_out(values.tensor_from(decoder.buffer(at), dtype, shape), strides)
        if parameter:
            tensor = torch.nn.Parameter(tensor, requires_grad=needs)
        elif needs:
            tensor.requires_grad_()
        if grad is not None:
            tensor.grad = values.tensor_from(decoder.buffer(grad), dtype, shape)
        self.mirror.add(name, tensor)
        return tensor

    def from_values(self, decoder: values.Decoder, dtype: str, shape: list, at: int) -> torch.Tensor:
        """A tensor without identity (a gradient)."""
        return values.tensor_from(decoder.buffer(at), dtype, shape)

    def from_known(self, _decoder: values.Decoder, name: str) -> torch.Tensor | None:
        """A tensor that both sides have."""
        return self.mirror.get(name)

    def from_cut(self, _decoder: values.Decoder, name: str, old: str) -> torch.Tensor:
        """A tensor that came from here with a graph: a new leaf, since the judge keeps the graph between the two."""
        source = self.mirror.get(old)
        assert source is not None
        tensor = source.detach().clone().requires_grad_()
        self.mirror.add(name, tensor)
        return tensor

    def from_object(self, _decoder: values.Decoder, number: int) -> Any:
        """An object of this side by its handle."""
        return self.handles[number]

    def from_global(self, _decoder: values.Decoder, module: str, path: str) -> Any:
        """A function or class of a library."""
        return operator.attrgetter(path)(importlib.import_module(module))

    def from_pickle(self, decoder: values.Decoder, key: int, at: int, tensors: list) -> Any:
        """An object of the judge's, its tensors apart."""
        parts = decoder.values(tensors)
        reader = pickle.Unpickler(io.BytesIO(decoder.buffer(at)))
        reader.persistent_load = parts.__getitem__  # type: ignore[method-assign,assignment]
        self.pickled[key] = reader.load()
        return self.pickled[key]

    def from_pickled(self, _decoder: values.Decoder, key: int) -> Any:
        """An object of the judge's that is here already."""
        return self.pickled[key]

    def from_callback(self, _decoder: values.Decoder, number: int) -> Any:
        """A function of the judge's: calling it calls back."""

        def callback(*arguments: Any, **named: Any) -> Any:
            out: frames.Buffers = []
            given, keywords = self.encode(list(arguments), out), self.encode(named, out)
            return self.ask(["callback", number, given, keywords, torch.is_grad_enabled()], out)

        return callback

    def from_output(
        self, decoder: values.Decoder, name: str, dtype: str, shape: list, at: int, number: int, inputs: list
    ) -> torch.Tensor:
        """What a function of the judge's made of tensors, as a part of their graph."""
        made = values.tensor_from(decoder.buffer(at), dtype, shape)
        tensor = _Callback.apply(self, number, [made], *decoder.values(inputs))
        self.mirror.add(name, tensor)
        return tensor

    def ask(self, request: list, out: frames.Buffers) -> Any:
        """Ask the judge in the middle of an operation; serve it until it has told."""
        self.channel.send(request, out)
        while True:
            reply, buffers = self.channel.receive()
            if reply[0] != "returned":
                self.answer(reply, buffers)
            elif reply[1] is not None:
                raise _theirs(*reply[1])
            else:
                return values.Decoder(buffers, self.decode_other).value(reply[2])


class _Callback(torch.autograd.Function):
    """A result of a function of the judge's as a node of this side's graph: the judge is asked for its gradients."""

    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any, student: Student, number: int, result: list, *inputs: torch.Tensor
    ) -> torch.Tensor:
        ctx.student, ctx.number = student, number
        return result[0]

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple:  # type: ignore[override]
        out: frames.Buffers = []
        create = torch.is_grad_enabled()
        request = ["gradient", ctx.number, ctx.student.encode_tensor(gradient, out), create]
        return (None, None, None, *ctx.student.ask(request, out))


def _theirs(kind: str, text: str) -> Exception:
    """An error of a function of the judge's, as the nearest that Python has."""
    found = getattr(builtins, kind, None)
    if isinstance(found, type) and issubclass(found, Exception):
        with contextlib.suppress(TypeError):  # UnicodeDecodeError and its like need more than a text
            return found(text)
    return RuntimeError(f"{kind}: {text}")


def _acts(kind: type) -> bool:
    """Whether a class of the notebook's own is more than its data.

    So it is if it says itself what `==`, `+`, `[]` and the like do, or if it has methods, which may change what it holds.
    """
    own = [name for c in kind.__mro__ if c.__module__ == "__main__" for name in vars(c).items()]
    methods = issubclass(kind, list | dict | set) and any(callable(v) and not n.startswith("__") for n, v in own)
    return methods or any(name.strip("_") in OPERATORS and name.startswith("__") for name, _ in own)


def _signature(function: Any) -> list:
    empty = inspect.Parameter.empty
    return [
        (p.name, int(p.kind), p.default is not empty, None if p.default is empty else p.default)
        for p in inspect.signature(function).parameters.values()
    ]


def _next(iterator: Any) -> tuple[bool, Any]:
    try:
        return True, next(iterator)
    except StopIteration:
        return False, None


OPERATIONS: dict[str, Any] = {
    "call": lambda f, *arguments, **named: f(*arguments, **named),
    "method": lambda owner, name, *arguments, **named: getattr(owner, name)(*arguments, **named),
    "getattr": getattr,
    "setattr": setattr,
    "len": len,
    "iter": iter,
    "next": _next,
    "repr": lambda value: repr(value)[:MAX_TEXT],
    "str": lambda value: str(value)[:MAX_TEXT],
    "isinstance": isinstance,
    "calls_of_torch": lambda f, *arguments, **named: sorted(calls_of_torch(f, *arguments, **named)),
    "signature": _signature,
    **{
        name: getattr(operator, name)
        for name in "getitem setitem contains eq ne lt le gt ge add sub mul truediv floordiv matmul mod pow neg".split()
    },
}


def _tensor(tensor: torch.Tensor, out: frames.Buffers) -> list:
    return [str(tensor.dtype).removeprefix("torch."), list(tensor.shape), put(values.tensor_bytes(tensor), out)]


def _set_random_state(states: list, buffer: Any) -> None:
    for generator, at in zip(randomness.GENERATORS, states, strict=True):
        if at is not None:
            generator.load(buffer(at))


def _told(error: BaseException) -> list:
    """What is said of an exception: its classes, its text, the line of the student's cell that raised it."""
    classes = [f"{c.__module__}.{c.__qualname__}" for c in type(error).__mro__[:20]]
    try:
        text = (error.msg if isinstance(error, SyntaxError) else str(error))[:MAX_TEXT]
    except BaseException:
        text = "(its text cannot be shown)"
    return [classes, text, _where(error)]


def _where(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"line {error.lineno}: {(error.text or '').strip()}"[:200]
    with contextlib.suppress(BaseException):
        frames: Iterable[traceback.FrameSummary] = reversed(traceback.extract_tb(error.__traceback__))
        for frame in frames:
            if frame.filename.startswith("<ipython-input"):
                return f"line {frame.lineno}: {(frame.line or '').strip()}"[:200]
    return ""


def main(descriptor: int, shell: Any) -> None:
    """Serve the judge at the other end of a socket."""
    Student(frames.Channel(socket.socket(fileno=descriptor)), shell).serve()
