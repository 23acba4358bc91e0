"""The judge's side of the wire: stubs that stand for the student's objects.

Towards the student anything may travel (tensors, callbacks, pickles: the judge is trusted). From the student come plain
data and opaque handles only. Gradients cross: what a remote call returns is the output of an autograd function.
"""

import builtins
import io
import operator
import pickle
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np
import torch

from autograder.rpc import frames, randomness, values
from autograder.rpc.frames import ProtocolError, TooLarge
from autograder.rpc.mirror import Mirror
from autograder.rpc.proxies import LIBRARIES, Kin, isinstance_of_stub, make_kin, make_stub, operation_of, stub_of
from autograder.rpc.rules import KIN, OBJECT, PLAIN, Rules
from autograder.rpc.values import listed, parts, put

CAPABILITIES = frozenset(("call", "len", "getitem", "iter", "next", "type", "missing"))
MAX_NAME = 20  # characters of a tensor's identity
MAX_HEAD = 8 << 20  # bytes of a reply but its buffers: read, it takes twenty times as much
MAX_CLASSES, MAX_CLASS_NAME = 20, 200
MAX_TEXT, MAX_WHERE = 4000, 300  # characters of an exception's text, and of the line that raised it
# What a test may gather in the judge. Without these bounds, answers that are small enough one by one could fill its memory.
MAX_TENSORS = 20_000
MAX_HANDLES = 50_000
MAX_CALLBACKS = 200_000
MAX_PRINTED = 1 << 20  # characters; what is printed beyond is dropped
# The tensors that an operation was given, with their identities: what its results can be differentiated by.
Inputs = list[tuple[str, torch.Tensor]]
RENAMED = {"torch._VariableFunctions": "torch", None: "torch"}


class Missing(NameError):
    """The student's notebook does not define a name."""


class Connection:
    """One student process as the judge sees it. `fault` latches the first error of the interface in a test."""

    def __init__(self, channel: frames.Channel, rules: Rules, memory: int = 1 << 30) -> None:
        """`memory`: the bytes that the judge may use; a reply, and the tensors that a test gathers, get a quarter each."""
        channel.max_frame, channel.max_head = min(frames.MAX_FRAME, memory // 4), MAX_HEAD
        self.channel = channel
        self.rules = rules
        self.mirror = Mirror("j")
        self.test = ""
        self.fault: frames.WireError | None = None
        self.calling_back = 0  # calls of the test's own functions that have not come to their end
        self.changed: list[str] = []  # arguments that the student's code changed in place where the reference does not
        self._most_bytes = memory // 4
        self._lock = threading.RLock()  # a test may have threads
        self._numbers = count()
        self._callbacks: dict[int, Callable] = {}
        self._pickled: dict[int, Any] = {}
        self._leaves: dict[
            int, tuple[torch.Tensor, str]
        ] = {}  # by id: what stands for a tensor of the student's, and its name
        self._outputs: dict[int, tuple[torch.Tensor, list[torch.Tensor]]] = {}  # results of the test's own functions
        self._named: dict[str, Any] = {}  # stubs of functions and classes by the names that still stand for them
        self._handles = self._callbacks_made = self._printed = 0
        self._random = _RandomStates()

    # ---- a test's life

    def begin(self, test: str) -> None:
        """Start a test with empty tables and the same random states on both sides; what it will ask for by name comes along."""
        self.test = test
        self.fault = None
        self.changed = []
        self.mirror.clear()
        self._callbacks.clear()
        self._pickled.clear()
        self._leaves.clear()
        self._outputs.clear()
        self._named.clear()
        self._handles = self._callbacks_made = self._printed = 0
        randomness.seed()
        self._random = _RandomStates()
        reply, buffers = self._ask(["begin", self.rules.names(test)], [], 1)
        if reply[0] == "error":
            raise ProtocolError("a test that cannot begin")
        for entry in listed(reply[1]):
            name, tree = parts(entry, 2)
            stub = values.Decoder(buffers, self._decoder([], name)).value(tree) if type(name) is str else None
            if not isinstance_of_stub(stub):
                raise ProtocolError("something else where a function or a class belongs")
            self._named[name] = stub

    def run(self, source: str) -> list | None:
        """Run a cell there: None, or [classes, text, where] of the error that ended it."""
        reply, _ = self._ask(["exec", source], [], 1)
        if reply[0] == "error":
            return _strings(reply[1:4])
        return None if reply[1] is None else _strings(reply[1])

    def name(self, name: str) -> Any:
        """The student's object of this name; raises Missing."""
        return self._guarded(lambda: self._name(name))

    def _name(self, name: str) -> Any:
        operation = f"name:{name}"
        self.rules.before(self.test, operation)
        if name in self._named and not self.calling_back:
            self.rules.after(self.test, operation, OBJECT, False)
            return self._named[name]
        reply, buffers = self._ask(["name", name, self.rules.wanted(self.test, operation)], [], 1)
        if reply[0] == "missing":
            raise Missing(f"name {name!r} is not defined", name=name)
        if reply[0] == "error":
            raise _student_error(reply)
        return self._result(reply[1], values.Decoder(buffers, self._decoder([], name)), operation)

    # ---- operations

    def operate(self, verb: str, target: Any, *arguments: Any, **named: Any) -> Any:
        """Do one operation on a stub and give its value."""
        return self._guarded(lambda: self._operate(verb, target, arguments, named))

    def allows(self, verb: str, target: Any, *arguments: Any) -> bool:
        """Whether the reference's object was asked for this in this test."""
        return self.rules.allows(self.test, operation_of(verb, target, arguments)[0])

    def _operate(self, verb: str, target: Any, arguments: tuple, named: dict) -> Any:
        operation, path = operation_of(verb, target, arguments)
        may_mutate = self.rules.before(self.test, operation)
        out: frames.Buffers = []
        inputs: Inputs = []
        context = {
            "grad": torch.is_grad_enabled(),
            "changes": self.mirror.changes(out),
            "random": self._random.news(out),
            "wanted": self.rules.wanted(self.test, operation),
        }
        given = [target, *arguments]
        trees = [self._encode(v, out, inputs) for v in given]
        keywords = {key: self._encode(v, out, inputs) for key, v in named.items()}
        reply, buffers = self._ask(["operate", verb, context, trees, keywords], out, 6, inputs)
        if reply[0] == "error":
            self._named.clear()  # for all we know they stand for something else now
            self._random.used([True] * len(randomness.GENERATORS))
            self._print(reply[4])
            raise _student_error(reply)
        _, tree, mutable, changes, printed, used, rebound = reply
        for name in listed(rebound):
            if type(name) is str:
                self._named.pop(name, None)
        self._random.used(parts(used, len(randomness.GENERATORS)))
        self._print(printed)
        first = 2 if verb == "next" else 1  # beside the word whether there is an item
        decoder = values.Decoder(buffers, self._decoder(inputs, path, first))
        everything = dict(enumerate(given)) | named
        mutated = self._apply(changes, decoder, may_mutate, everything)
        mutated = self._write_back(mutable, trees, given, decoder, may_mutate) or mutated
        value = self._result(tree, decoder, operation, mutated)
        if verb == "next" and not (type(value) is tuple and len(value) == 2 and type(value[0]) is bool):
            raise ProtocolError("a step of an iterator that is not one")
        self._check_room()
        return value

    def _result(self, tree: Any, decoder: values.Decoder, operation: str, mutated: bool = False) -> Any:
        value = decoder.value(tree)
        kind = OBJECT if isinstance_of_stub(value) else KIN if issubclass(type(value), Kin) else PLAIN
        self.rules.after(self.test, operation, kind, mutated)
        return value

    def _apply(self, changes: Any, decoder: values.Decoder, may_mutate: bool, given: dict[Any, Any]) -> bool:
        mutated = False
        for change in listed(changes):
            name, _, _, at, _, _ = parts(change, 6)
            own = type(name) is str and name.startswith("j")
            if own and not may_mutate:
                self._note_change(self.mirror.get(name), None if at is None else decoder.buffer(at), given)
                continue
            mutated = mutated or own
            try:
                self.mirror.apply(change, decoder.buffer)
            except Exception as error:
                raise ProtocolError(f"a change that does not fit its tensor ({type(error).__name__})") from None
        return mutated

    def _write_back(self, mutable: Any, trees: list, given: list, decoder: values.Decoder, may_mutate: bool) -> bool:
        """Let the test's lists, dicts, sets and arrays be as the student's code left them, where the reference changes them."""
        mutated = False
        for entry in listed(mutable):
            at, tree = parts(entry, 2)
            if type(at) is not int or not 0 <= at < len(given):
                raise ProtocolError("an argument that is not there")
            old: Any = given[at]
            if tree == trees[at] and type(old) is not np.ndarray:
                continue
            new: Any = decoder.value(tree)
            if type(old) is not type(new) or _same(old, new):
                continue
            if not may_mutate:
                self._remember_change(at)
                continue
            mutated = True
            if isinstance(old, list):
                old[:] = new
            elif isinstance(old, dict | set):
                old.clear()
                old.update(new)
            elif isinstance(old, np.ndarray) and old.shape == new.shape and old.dtype == new.dtype:
                old[...] = new
        return mutated

    def _note_change(self, tensor: torch.Tensor | None, new: Any, given: dict[Any, Any]) -> None:
        """Remember which argument holds a tensor of the test's that the student's code has changed on its own side."""
        if tensor is None or new is None or values.tensor_bytes(tensor) == new:
            return
        for at, value in given.items():
            if _holds(value, tensor):
                self._remember_change(at)

    def _remember_change(self, at: int | str) -> None:
        which = f"argument {at}" if isinstance(at, int) else f"the argument {at}"
        if which not in self.changed and at != 0:
            self.changed.append(which)

    def _check_room(self) -> None:
        if (
            max(len(self.mirror), len(self._leaves), len(self._outputs)) > MAX_TENSORS
            or self.mirror.bytes > self._most_bytes
        ):
            raise TooLarge(
                f"{len(self.mirror):,} tensors of together {self.mirror.bytes:,} bytes in one test; "
                f"at most {MAX_TENSORS:,} of {self._most_bytes:,} bytes are allowed"
            )

    def backward(self, output: str, gradient: torch.Tensor, inputs: Inputs, gain: bool) -> list[torch.Tensor | None]:
        """Propagate a gradient through the student's part of the graph; `gain`: its other leaves keep theirs in `.grad`."""
        if torch.is_grad_enabled():
            return self._guarded(lambda: self._differentiate(output, gradient, inputs, gain))
        return self._guarded(lambda: self._backward(output, gradient, [name for name, _ in inputs], gain))

    def _backward(
        self, output: str, gradient: torch.Tensor, inputs: list[str], gain: bool
    ) -> list[torch.Tensor | None]:
        out: frames.Buffers = []
        tree = ["values", _dtype(gradient), list(gradient.shape), put(values.tensor_bytes(gradient), out)]
        reply, buffers = self._ask(["backward", output, tree, inputs, gain, False], out, 2)
        if reply[0] == "error":
            raise _student_error(reply)
        _, wanted, others = reply
        decoder = values.Decoder(buffers, self._decoder([], ""))
        self._gain_all(others, decoder)
        return [None if v is None else _values(v, decoder) for v in parts(wanted, len(inputs))]

    def _differentiate(
        self, output: str, gradient: torch.Tensor, inputs: Inputs, gain: bool
    ) -> list[torch.Tensor | None]:
        """As `_backward`, with gradients that can be differentiated in turn (create_graph)."""
        out: frames.Buffers = []
        names, all_inputs = [name for name, _ in inputs], list(inputs)
        tree = self._encode_tensor(gradient, out, all_inputs)
        reply, buffers = self._ask(["backward", output, tree, names, gain, True], out, 2)
        if reply[0] == "error":
            raise _student_error(reply)
        _, wanted, others = reply
        decoder = values.Decoder(buffers, self._decoder(all_inputs, ""))
        self._gain_all(others, decoder)
        found = [decoder.value(v) for v in parts(wanted, len(inputs))]
        if any(v is not None and not issubclass(type(v), torch.Tensor) for v in found):
            raise ProtocolError("a gradient that is no tensor")
        self._check_room()
        return found

    def _gain_all(self, others: Any, decoder: values.Decoder) -> None:
        """Let leaves of this side that were not asked for have what they gained on the way."""
        for other in listed(others):
            name, told = parts(other, 2)
            self._gain(self.mirror.get(name), name, _values(told, decoder))

    def _gain(self, leaf: torch.Tensor | None, name: Any, grad: torch.Tensor) -> None:
        if leaf is None or not leaf.is_leaf or grad.shape != leaf.shape or grad.dtype != leaf.dtype:
            return
        leaf.grad = grad if leaf.grad is None else leaf.grad + grad
        self.mirror.agree(name)

    # ---- talking

    def _guarded(self, step: Callable[[], Any]) -> Any:
        """Do one step with the student's process; after an error of the interface, none is done in this test."""
        with self._lock:
            if self.fault is not None:
                raise self.fault
            try:
                return step()
            except frames.WireError as error:
                self.fault = self.fault or error
                raise
            except MemoryError as error:
                if hasattr(error, "from_student"):
                    raise
                self.fault = TooLarge("a reply for which there is no memory left")
                raise self.fault from None

    def _ask(
        self, tree: list, out: frames.Buffers, parts_of_reply: int, inputs: Inputs | None = None
    ) -> tuple[list, frames.Buffers]:
        """Send a request; give the reply, of a known kind and with as many parts as that kind has."""
        lengths = {"ok": 1 + parts_of_reply, "error": 5} | ({"missing": 1} if tree[0] == "name" else {})
        self.channel.send(tree, out)
        while True:
            reply, buffers = self.channel.receive()
            kind = reply[0] if type(reply) is list and reply else None
            if kind == "callback":
                self._call_back(reply, buffers, inputs or [])
            elif kind == "gradient":
                self._give_gradient(reply, buffers, inputs or [])
            elif type(kind) is str and lengths.get(kind) == len(reply):
                return reply, buffers
            else:
                raise ProtocolError("a reply of an unknown kind")

    def _call_back(self, reply: list, buffers: frames.Buffers, inputs: Inputs) -> None:
        """Call one of the test's own functions. Its result is part of the student's graph: see `_encode_output`."""
        _, number, arguments, named, grad = parts(reply, 5)
        function = self._callbacks.get(number) if type(number) is int else None
        if function is None:
            raise ProtocolError("a call of a function that was never given")

        def step(out: frames.Buffers) -> Any:
            decoder = values.Decoder(buffers, self._decoder_of_leaves(inputs))
            given, keywords = decoder.value(arguments), decoder.value(named)
            if type(given) is not list or type(keywords) is not dict:
                raise ProtocolError("arguments that are none")
            return self._encode_answer(function(*given, **keywords), out)

        self._answer(step, grad is True)

    def _give_gradient(self, reply: list, buffers: frames.Buffers, inputs: Inputs) -> None:
        """Go back through a result of one of the test's own functions, for the student's process, which goes on from there."""
        _, number, gradient, create = parts(reply, 4)
        output, leaves = self._outputs.get(number, (None, [])) if type(number) is int else (None, [])
        if output is None:
            raise ProtocolError("a gradient of a result that was never given")

        def step(out: frames.Buffers) -> Any:
            given = values.Decoder(buffers, self._decoder_of_leaves(inputs)).value(gradient)
            found = torch.autograd.grad(
                output, leaves, given, create_graph=create is True, retain_graph=True, allow_unused=True
            )
            return self._encode_answer(list(found), out)

        self._answer(step, create is True)

    def _answer(self, step: Callable[[frames.Buffers], Any], grad: bool) -> None:
        """Do what the student's process asks for in the middle of an operation, and tell it."""
        self._callbacks_made += 1
        if self._callbacks_made > MAX_CALLBACKS:
            raise TooLarge(f"more than {MAX_CALLBACKS:,} calls of the test's own functions in one test")
        self.calling_back += 1
        out: frames.Buffers = []
        try:
            with torch.set_grad_enabled(grad):
                answer = ["returned", None, step(out)]
        except Exception as error:  # the student's code sees the error of the test's own function
            out, answer = [], ["returned", [type(error).__name__, str(error)], None]
        self._check_room()
        self.channel.send(answer, out)
        self.calling_back -= 1

    def _print(self, text: Any) -> None:
        """Let the test see what the student's code has printed."""
        if type(text) is str and text and self._printed < MAX_PRINTED:
            shown = text[: MAX_PRINTED - self._printed]
            self._printed += len(shown)
            sys.stdout.write(shown)

    # ---- values out

    def _encode(self, value: Any, out: frames.Buffers, inputs: Inputs) -> Any:
        return values.encode(value, out, lambda v: self._encode_other(v, out, inputs))

    def _encode_other(self, value: Any, out: frames.Buffers, inputs: Inputs) -> Any:
        stub = stub_of(value)
        if stub is not None:
            return ["object", stub._number]
        if isinstance(value, torch.Tensor):
            return self._encode_tensor(value, out, inputs)
        known = _library_path(value)
        if known is not None:
            return ["global", *known]
        if callable(value) and not isinstance(value, torch.nn.Module | type):
            number = next(self._numbers)
            self._callbacks[number] = value
            return ["callback", number]
        return self._encode_pickle(value, out, inputs)

    def _encode_pickle(self, value: Any, out: frames.Buffers, inputs: Inputs) -> Any:
        if self._pickled.get(id(value)) is value:
            return ["pickled", id(value)]
        tensors: list[torch.Tensor] = []
        file = io.BytesIO()
        writer = pickle.Pickler(file)

        def apart(part: Any) -> int | None:
            if not isinstance(part, torch.Tensor):
                return None
            tensors.append(part)
            return len(tensors) - 1

        writer.persistent_id = apart  # type: ignore[method-assign,assignment]
        writer.dump(value)
        self._pickled[id(value)] = value
        trees = [self._encode_tensor(t, out, inputs) for t in tensors]
        return ["pickle", id(value), put(file.getvalue(), out), trees]

    def _encode_tensor(self, tensor: torch.Tensor, out: frames.Buffers, inputs: Inputs) -> list:
        in_graph = tensor.requires_grad and torch.is_grad_enabled()
        name = self.mirror.name_of(tensor)
        if name is not None and name.startswith("j"):
            if in_graph:
                inputs.append((name, tensor))
            return ["known", name]
        if name is not None and (tensor.is_leaf or not in_graph):
            return ["known", name]
        new = self.mirror.new_name()
        if in_graph:
            inputs.append((new, tensor))
        if name is not None:
            return ["cut", new, name]
        self.mirror.add(new, tensor)
        grad = tensor.grad if tensor.is_leaf else None
        return [
            "tensor",
            new,
            _dtype(tensor),
            list(tensor.shape),
            put(values.tensor_bytes(tensor), out),
            bool(tensor.requires_grad and (in_graph or tensor.is_leaf)),
            isinstance(tensor, torch.nn.Parameter),
            None if grad is None else put(values.tensor_bytes(grad), out),
            values.strides(tensor),
        ]

    def _encode_answer(self, value: Any, out: frames.Buffers) -> Any:
        """What one of the test's own functions has returned."""

        def other(part: Any) -> Any:
            if issubclass(type(part), torch.Tensor):
                return self._encode_output(part, out)
            return self._encode_other(part, out, [])

        return values.encode(value, out, other)

    def _encode_output(self, tensor: torch.Tensor, out: frames.Buffers) -> list:
        """A tensor with, where it has a graph, what it was made from: the student's process asks for its gradient in turn."""
        leaf, name = self._leaves.get(id(tensor), (None, ""))
        if leaf is tensor:
            return ["known", name]
        leaves = _leaves_of(tensor)
        known = self.mirror.name_of(tensor)
        if known is not None and not any(id(leaf) in self._leaves for leaf in leaves):
            return ["known", known]
        if tensor.is_leaf or not leaves:
            return self._encode_tensor(tensor, out, [])
        number, new = next(self._numbers), self.mirror.new_name()
        self.mirror.add(new, tensor)
        self._outputs[number] = tensor, leaves
        at = put(values.tensor_bytes(tensor), out)
        trees = [self._encode_output(leaf, out) for leaf in leaves]
        return ["output", new, _dtype(tensor), list(tensor.shape), at, number, trees]

    # ---- values in: strict

    def _decoder(self, inputs: Inputs, path: str, first: int = 1) -> Callable[[list, values.Decoder], Any]:
        """`path` is that of objects at the depth `first`; what lies deeper is called as if it had been asked for with []."""

        def other(node: list, decoder: values.Decoder) -> Any:
            at = path + "[]" * max(0, decoder.depth - first)
            if node[0] == "tensor":
                return self._tensor_in(node, decoder, inputs)
            if node[0] == "handle":
                return self._handle_in(node, at)
            if node[0] == "kin":
                return self._kin_in(node, decoder, at)
            raise ProtocolError("a value of an unknown kind")

        return other

    def _decoder_of_leaves(self, inputs: Inputs) -> Callable[[list, values.Decoder], Any]:
        """As `_decoder`, but a tensor that the student's process can go back through is a leaf here: the graph ends with it."""
        decode = self._decoder(inputs, "callback")

        def other(node: list, decoder: values.Decoder) -> Any:
            value = decode(node, decoder)
            if not issubclass(type(value), torch.Tensor) or not value.requires_grad or not torch.is_grad_enabled():
                return value
            leaf = value.detach().requires_grad_()
            self._leaves[id(leaf)] = leaf, node[1]
            return leaf

        return other

    def _tensor_in(self, node: list, decoder: values.Decoder, inputs: Inputs) -> torch.Tensor:
        _, name, dtype, shape, at, needs, leaf, parameter, grad = parts(node, 9)
        if type(name) is not str or len(name) > MAX_NAME or not name.startswith(("j", "s")):
            raise ProtocolError("a tensor without a name")
        new = values.tensor_from(decoder.buffer(at), dtype, shape)
        old = self.mirror.get(name)
        if old is not None and self._is_still(old, new, name):
            return old
        if name.startswith("j"):  # the judge's own tensor, changed: a new value, and the judge's stays as it was
            return new
        if needs and not leaf and new.is_floating_point():
            names = [n for n, _ in inputs]
            tensor = _RemoteCall.apply(self, name, names, [new], _ANCHOR, *[t for _, t in inputs])
        elif parameter:
            tensor = torch.nn.Parameter(new, requires_grad=bool(needs))
        else:
            tensor = new.requires_grad_() if needs else new
        if grad is not None and leaf:
            tensor.grad = values.tensor_from(decoder.buffer(grad), dtype, shape)
        self.mirror.add(name, tensor)
        return tensor

    def _is_still(self, old: torch.Tensor, new: torch.Tensor, name: str) -> bool:
        """Whether a tensor that came before is the one that comes now (the student's own may have changed since)."""
        if old.shape != new.shape or old.dtype != new.dtype:
            return False
        if values.tensor_bytes(old) == values.tensor_bytes(new):
            return True
        if name.startswith("s"):
            with torch.no_grad():
                old.copy_(new)
            self.mirror.agree(name)
            return True
        return False

    def _handle_in(self, node: list, path: str) -> Any:
        _, number, can, classes, name = parts(node, 5)
        strings = [name, *listed(can), *listed(classes)]
        if type(number) is not int or any(type(s) is not str for s in strings) or len(strings) > 2 * MAX_CLASSES:
            raise ProtocolError("a malformed handle")
        self._handles += 1
        if self._handles > MAX_HANDLES:
            raise TooLarge(f"more than {MAX_HANDLES:,} objects in one test")
        kinds = tuple(c[:MAX_CLASS_NAME] for c in classes[:MAX_CLASSES])
        return make_stub(self, number, frozenset(can) & CAPABILITIES, kinds, path)

    def _kin_in(self, node: list, decoder: values.Decoder, path: str) -> Any:
        _, tree, *handle = parts(node, 6)
        decoder.depth -= 1  # its items are as deep as those of a plain list in its place
        try:
            value = decoder.value(tree)
        finally:
            decoder.depth += 1
        if type(value) not in (list, tuple, dict, set):
            raise ProtocolError("kin of a type that has none")
        return make_kin(value, self._handle_in(["handle", *handle], path))


_ANCHOR = torch.zeros((), requires_grad=True)  # an input, so that a remote call without others is a part of a graph


class _RemoteCall(torch.autograd.Function):
    """One output of a remote call as a node of the judge's autograd graph."""

    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any, connection: Connection, name: str, inputs: list[str], result: list, anchor: Any, *tensors: Any
    ) -> torch.Tensor:
        ctx.connection, ctx.name, ctx.inputs = connection, name, list(zip(inputs, tensors, strict=True))
        return result[0]

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple:  # type: ignore[override]
        anchor = next(node for node, _ in ctx.next_functions if getattr(node, "variable", None) is _ANCHOR)
        # `backward()` goes to every leaf, so to this one too; `autograd.grad` only to those that are asked for.
        gain = torch._C._will_engine_execute_node(anchor)  # type: ignore[attr-defined]
        return (None, None, None, None, None, *ctx.connection.backward(ctx.name, gradient, ctx.inputs, gain))


class _RandomStates:
    """The judge's global random states, sent when the test has set or used them: a test begins with the same on both sides.

    Where the student's code has used or set its own, one number is drawn here. So a test sees a global state change as it
    would in one process, and setting the same seed again is seen as a change.
    """

    def __init__(self) -> None:
        self._left = randomness.states()

    def news(self, out: frames.Buffers) -> list[int | None]:
        """For torch, NumPy and Python: the buffer with the state, or None where the student's may run on."""
        now = randomness.states()
        changed = [new != old for new, old in zip(now, self._left, strict=True)]
        self._left = now
        generators = zip(changed, randomness.GENERATORS, strict=True)
        return [put(generator.dump(), out) if news else None for news, generator in generators]

    def used(self, flags: list) -> None:
        """Take note of which of its states the student's process has changed."""
        for i, generator in enumerate(randomness.GENERATORS):
            if flags[i]:
                generator.draw()
                self._left[i] = generator.look()


# ---- small things


def _library_path(value: Any) -> tuple[str, str] | None:
    """Module and path of a function or class that a library offers under them."""
    path = getattr(value, "__qualname__", getattr(value, "__name__", None))
    module = getattr(value, "__module__", None)
    module = RENAMED.get(module, module)
    if not isinstance(path, str) or not isinstance(module, str) or module.split(".")[0] not in LIBRARIES:
        return None
    try:
        return (module, path) if operator.attrgetter(path)(sys.modules[module]) is value else None
    except (KeyError, AttributeError):
        return None


def _student_error(reply: list) -> Exception:
    """The nearest built-in exception; `from_student` and `where` tell it from one of the test's own."""
    classes, text, where = _strings(reply[1:4])
    error: Exception | None = None
    for name in classes:
        kind = getattr(builtins, name.removeprefix("builtins."), None) if name.startswith("builtins.") else None
        if isinstance(kind, type) and issubclass(kind, Exception):
            try:
                error = kind(text)
            except TypeError:  # UnicodeDecodeError and its like need more than a text
                continue
            break
    if error is None:
        error = RuntimeError(f"{classes[0].rpartition('.')[2] if classes else 'an error'}: {text}")
    error.from_student, error.where = True, where  # type: ignore[attr-defined]
    return error


def _strings(told: Any) -> list:
    classes, text, where = parts(told, 3)
    if any(type(s) is not str for s in [*listed(classes), text, where]):
        raise ProtocolError("an error that is not told in words")
    return [[name[:MAX_CLASS_NAME] for name in classes[:MAX_CLASSES]], text[:MAX_TEXT], where[:MAX_WHERE]]


def _values(tree: Any, decoder: values.Decoder) -> torch.Tensor:
    dtype, shape, at = parts(tree, 3)
    return values.tensor_from(decoder.buffer(at), dtype, shape)


def _leaves_of(tensor: torch.Tensor) -> list[torch.Tensor]:
    """The tensors at the ends of a tensor's graph that gradients can be asked for."""
    found: list[torch.Tensor] = []
    seen, waiting = set(), [tensor.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        leaf = getattr(node, "variable", None)
        if leaf is not None and leaf is not _ANCHOR:
            found.append(leaf)
        waiting += [before for before, _ in node.next_functions]
    return found


def _dtype(tensor: torch.Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _holds(value: Any, tensor: torch.Tensor) -> bool:
    """Whether an argument is this tensor, or has it in it."""
    if isinstance_of_stub(value):
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
    return stub_of(old) is not None or bool(old == new) or (old != old and new != new)


def _form(value: torch.Tensor | np.ndarray) -> tuple:
    return tuple(value.shape), value.dtype
