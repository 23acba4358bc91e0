"""The judge's end of the wire: one student's process, asked through the stand-ins for its objects.

Towards the student anything may travel (tensors, callbacks, pickles: the judge is trusted). From the student come plain data and opaque
handles only. Gradients cross: what an operation returns is the output of an autograd function.
"""

import builtins
import contextlib
import sys
import threading
from collections.abc import Callable, Collection, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, NoReturn, TypeVar

import torch

from autograder.rpc import randomness
from autograder.rpc.changes import Changes, Given
from autograder.rpc.faults import ProtocolError, TooLarge, WireError
from autograder.rpc.frames import MAX_FRAME, Buffers, Channel
from autograder.rpc.gradients import Inputs
from autograder.rpc.incoming import Incoming
from autograder.rpc.messages import (
    BeginTest,
    CallBack,
    CallbackError,
    CellRan,
    Differentiate,
    Differentiated,
    Failed,
    FilesPut,
    GetName,
    GiveGradient,
    NotDefined,
    Operate,
    Operated,
    PutFiles,
    Returned,
    RunCell,
    StatementBegun,
    StudentError,
    TestBegun,
    Value,
    Verb,
    read_student,
)
from autograder.rpc.outgoing import Outgoing
from autograder.rpc.proxies import Kin, is_proxy, operation_of
from autograder.rpc.rules import KIN, OBJECT, PLAIN, InterfaceError, Rules
from autograder.rpc.tables import Tables, place_of
from autograder.rpc.unusable import Unusable

# These would end a loop of the test's as if all were well, or the test itself. In their place the test gets an exception of the same name
# that is nothing else, so that no `except` for another kind takes it.
STAND_INS: dict[str, type[Exception]] = {
    name: type(name, (Exception,), {})
    for name, kind in vars(builtins).items()
    if isinstance(kind, type)
    and issubclass(kind, BaseException)
    and (not issubclass(kind, Exception) or issubclass(kind, StopIteration | StopAsyncIteration))
}
RETURNS = ("call:", "method:")  # operations whose value a test may leave alone
BACKWARD = "backward"  # the operation by which gradients go back
MAX_HEAD = 8 << 20  # bytes of a reply but its buffers: read, it takes twenty times as much

Answer = TypeVar("Answer")


class Missing(NameError):
    """The student's notebook does not define a name."""


class Connection:
    """One student's process as the judge sees it. `fault` latches the first error of the interface in a test."""

    def __init__(
        self, channel: Channel, rules: Rules, memory: int = 1 << 30, shared: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        """`memory`: the bytes that the judge may use; a reply, and the tensors that a test gathers, get a quarter each.

        `shared`: the names that the locked cells define here. The student's process has run the same cells.
        """
        channel.max_frame, channel.max_head = min(MAX_FRAME, memory // 4), MAX_HEAD
        self.channel = channel
        self.rules = rules
        self.test = ""
        self.fault: WireError | None = None
        self.dtype = torch.float32  # PyTorch's default in the student's process, as the test began
        self.statement: int | None = None  # the last one that has begun in the cell that was run last
        self.calling_back = 0  # calls of the test's own functions that have not come to their end
        self.failure: Exception | None = None  # the first of the student's code where the reference's did not fail
        self.changed: list[str] = []  # arguments that the student's code changed in place where the reference does not
        self._tables = Tables(memory // 4, shared)
        self._lock = threading.RLock()  # a test may have threads
        self._random = randomness.SentStates()

    # ---- a test's life

    def begin(self, test: str) -> None:
        """Start a test with empty tables and the same random states on both sides; what it will ask for by name comes along."""
        self.test = test
        self.fault = None
        self.failure = None
        self.changed = []
        self._tables.clear()
        randomness.seed()
        self._random = randomness.SentStates()
        reply, buffers = self._ask(BeginTest(self.rules.names(test)), [], TestBegun)
        if isinstance(reply, Failed):
            raise ProtocolError("a test that cannot begin")
        for name, tree in reply.named.items():
            proxy = self._incoming(buffers, name).value(tree)
            if not is_proxy(proxy):
                raise ProtocolError("something else where a function or a class belongs")
            self._tables.named[name] = proxy
        self.dtype = torch.float64 if reply.dtype == "float64" else torch.float32

    def put_files(self, contents: Mapping[str, bytes | memoryview]) -> None:
        """Put files into the working directory there, by their names."""
        numbers = {name: number for number, name in enumerate(contents)}
        self._ask(PutFiles(numbers), list(contents.values()), FilesPut)

    def run(self, cell: RunCell) -> CellRan:
        """Run a cell there; return how it ended. `statement` is then the place of the last one that has begun."""
        self.statement = None
        reply, _ = self._ask(cell, [], CellRan)
        return CellRan(reply.error, []) if isinstance(reply, Failed) else reply

    def name(self, name: str) -> Any:
        """Return the student's object of this name; raise Missing."""
        return self._guarded(lambda: self._name(name))

    def _name(self, name: str) -> Any:
        operation = f"name:{name}"
        self.rules.before(self.test, operation)
        if name in self._tables.named and not self.calling_back:
            self.rules.after(self.test, operation, OBJECT)
            return self._tables.named[name]
        request = GetName(name, self.rules.wanted(self.test, operation))
        reply, buffers = self._ask(request, [], Value, NotDefined)
        if isinstance(reply, Failed):
            self._raise(reply.error, operation)
        if isinstance(reply, NotDefined):
            raise Missing(f"name {name!r} is not defined", name=name)
        return self._result(reply.value, self._incoming(buffers, name), operation)

    # ---- operations

    def operate(self, verb: Verb, target: Any, *arguments: Any, **keywords: Any) -> Any:
        """Do one operation on the object that a proxy stands for, and return its value."""
        return self._guarded(lambda: self._operate(verb, target, arguments, keywords))

    def allows(self, verb: Verb, target: Any, *arguments: Any) -> bool:
        """Return whether the reference's object was asked for this in this test."""
        return self.rules.allows(self.test, operation_of(verb, target, arguments)[0])

    def _operate(self, verb: Verb, target: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        operation, path = operation_of(verb, target, arguments)
        self.rules.before(self.test, operation)
        outgoing = Outgoing(self._tables)
        given = [target, *arguments]
        request = Operate(
            verb=verb,
            changes=self._tables.mirror.changes(outgoing.buffers),
            random=self._random.news(outgoing.buffers),
            arguments=[outgoing.argument(value, place_of(operation, place)) for place, value in enumerate(given)],
            keywords={key: outgoing.argument(value, place_of(operation, key)) for key, value in keywords.items()},
            wanted=self.rules.wanted(self.test, operation),
            grad=torch.is_grad_enabled(),
        )
        reply, buffers = self._ask(request, outgoing.buffers, Operated, inputs=outgoing.inputs)
        if isinstance(reply, Failed):
            self._tables.named.clear()  # for all we know they stand for something else now
            self._random.note_used([True] * len(randomness.GENERATORS))
            self._print(reply.printed)
            self._raise(reply.error, operation)
        for name in reply.rebound:
            self._tables.named.pop(name, None)
        self._random.note_used(reply.used)
        self._print(reply.printed)
        first = 2 if verb == "next" else 1  # beside the word whether there is an item
        incoming = self._incoming(buffers, path, outgoing.inputs, first=first)
        by_place: Given = dict(keywords.items())
        by_place.update(enumerate(given))
        may_change = partial(self.rules.may_change, self.test, operation)
        changes = Changes(self._tables, operation, by_place, may_change)
        changes.take_over(reply, request.arguments, incoming)
        self.changed += [argument for argument in changes.left if argument not in self.changed]
        value = self._result(reply.value, incoming, operation, changes.changed)
        if verb == "next" and not (type(value) is tuple and len(value) == 2 and type(value[0]) is bool):
            raise ProtocolError("a step of an iterator that is not one")
        self._tables.check_room()
        return value

    def _result(self, tree: Any, incoming: Incoming, operation: str, changed: Collection[str] = ()) -> Any:
        value = incoming.value(tree)
        kind = OBJECT if is_proxy(value) else KIN if issubclass(type(value), Kin) else PLAIN
        try:
            self.rules.after(self.test, operation, kind, changed)
        except InterfaceError as error:
            if kind != OBJECT or not operation.startswith(RETURNS):
                raise
            return Unusable(self._give_up, error)  # as what `add` returns, where a test calls it for what it does
        return value

    def _raise(self, error: StudentError, operation: str) -> NoReturn:
        """Raise the student's exception, and remember it where the test must not pass although it may swallow it."""
        exception = student_exception(error)
        if not self.rules.may_fail(self.test, operation):
            self.failure = self.failure or exception
        raise exception

    def _give_up(self, error: WireError) -> NoReturn:
        """End the test by an error of the interface."""
        self.fault = self.fault or error
        raise self.fault

    # ---- gradients

    def backward(self, output: str, gradient: torch.Tensor, inputs: Inputs, gain: bool) -> list[torch.Tensor | None]:
        """Propagate a gradient through the student's part of the graph; `gain`: its other leaves keep theirs in `.grad`.

        Where gradients are recorded, those that come back can be differentiated in turn (PyTorch's create_graph).
        """
        return self._guarded(lambda: self._differentiate(output, gradient, inputs, gain, torch.is_grad_enabled()))

    def _differentiate(
        self, output: str, gradient: torch.Tensor, inputs: Inputs, gain: bool, create: bool
    ) -> list[torch.Tensor | None]:
        outgoing = Outgoing(self._tables)
        outgoing.inputs += inputs
        given = outgoing.tensor(gradient) if create else outgoing.numbers(gradient)
        request = Differentiate(output, given, [name for name, _ in inputs], gain, create)
        reply, buffers = self._ask(request, outgoing.buffers, Differentiated)
        if isinstance(reply, Failed):
            self._raise(reply.error, BACKWARD)
        incoming = self._incoming(buffers, inputs=outgoing.inputs)
        for other in reply.others:
            self._gain(other.leaf, incoming.numbers(other.gradient))
        gradients = [incoming.value(tree) for tree in reply.gradients]
        if len(gradients) != len(inputs):
            raise ProtocolError("another number of gradients than was asked for")
        if any(value is not None and not issubclass(type(value), torch.Tensor) for value in gradients):
            raise ProtocolError("a gradient that is no tensor")
        self._tables.check_room()
        return gradients

    def _gain(self, name: str, gradient: torch.Tensor) -> None:
        """Let a leaf of this side that was not asked for have what it gained on the way."""
        leaf = self._tables.mirror.get(name)
        if leaf is None or not leaf.is_leaf or gradient.shape != leaf.shape or gradient.dtype != leaf.dtype:
            return
        leaf.grad = gradient if leaf.grad is None else leaf.grad + gradient
        self._tables.mirror.agree(name)

    # ---- talking

    def _incoming(
        self, buffers: Buffers, path: str = "", inputs: Inputs | None = None, first: int = 1, as_leaves: bool = False
    ) -> Incoming:
        return Incoming(self, self._tables, buffers, path, inputs, first, as_leaves)

    def _guarded(self, step: Callable[[], Answer]) -> Answer:
        """Do one step with the student's process; after an error of the interface, none is done in this test."""
        with self._lock:
            if self.fault is not None:
                raise self.fault
            try:
                return step()
            except WireError as error:
                self.fault = self.fault or error
                raise
            except MemoryError as error:
                if hasattr(error, "original"):
                    raise
                self.fault = TooLarge("a reply for which there is no memory left")
                raise self.fault from None

    def _ask(self, request: Any, buffers: Buffers, *answers: type, inputs: Inputs | None = None) -> tuple[Any, Buffers]:
        """Send a request; return Failed or one of `answers`. On the way, serve what the student's process asks for."""
        self.channel.send(request, buffers)
        while True:
            tree, received = self.channel.receive()
            reply = read_student(tree)
            if isinstance(reply, CallBack):
                self._call_back(reply, received, inputs or [])
            elif isinstance(reply, GiveGradient):
                self._give_gradient(reply, received, inputs or [])
            elif isinstance(reply, StatementBegun) and CellRan in answers:
                self._note_statement(reply.place)
            elif isinstance(reply, (Failed, *answers)):
                return reply, received
            else:
                raise ProtocolError("a reply of an unknown kind")

    def _note_statement(self, place: int) -> None:
        if self.statement is not None and place <= self.statement:
            raise ProtocolError("a statement that begins once more")
        self.statement = place

    def _call_back(self, call: CallBack, buffers: Buffers, inputs: Inputs) -> None:
        """Call one of the test's own functions. Its result is part of the student's graph: see CallbackOutput."""
        function = self._tables.callbacks.get(call.number)
        if function is None:
            raise ProtocolError("a call of a function that was never given")

        def step(outgoing: Outgoing) -> Any:
            incoming = self._incoming(buffers, "callback", inputs, as_leaves=True)
            arguments, keywords = incoming.value(call.arguments), incoming.value(call.keywords)
            if type(arguments) is not list or type(keywords) is not dict:
                raise ProtocolError("arguments that are none")
            return outgoing.answer(function(*arguments, **keywords))

        self._answer(step, call.grad)

    def _give_gradient(self, call: GiveGradient, buffers: Buffers, inputs: Inputs) -> None:
        """Go back through a result of one of the test's own functions, for the student's process, which goes on from there."""
        output, leaves = self._tables.outputs.get(call.number, (None, []))
        if output is None:
            raise ProtocolError("a gradient of a result that was never given")

        def step(outgoing: Outgoing) -> Any:
            gradient = self._incoming(buffers, "callback", inputs, as_leaves=True).value(call.gradient)
            options = {"create_graph": call.create, "retain_graph": True, "allow_unused": True}
            return outgoing.answer(list(torch.autograd.grad(output, leaves, gradient, **options)))

        self._answer(step, call.create)

    def _answer(self, step: Callable[[Outgoing], Any], grad: bool) -> None:
        """Do what the student's process asks for in the middle of an operation, and answer it."""
        self._tables.count_callback()
        self.calling_back += 1
        outgoing = Outgoing(self._tables)
        try:
            with torch.set_grad_enabled(grad):
                answer = Returned(step(outgoing), None)
        except Exception as error:  # the student's code sees the error of the test's own function
            outgoing = Outgoing(self._tables)
            answer = Returned(None, CallbackError(type(error).__name__, str(error)))
        self._tables.check_room()
        self.channel.send(answer, outgoing.buffers)
        self.calling_back -= 1

    def _print(self, text: str) -> None:
        """Let the test see what the student's code has printed."""
        if shown := self._tables.cut_printed(text):
            sys.stdout.write(shown)


def student_exception(error: StudentError) -> Exception:
    """Return the nearest built-in exception; its attribute `original` tells it from one of the test's own."""
    exception = _nearest(error)
    exception.original = error  # type: ignore[attr-defined]
    return exception


def _nearest(error: StudentError) -> Exception:
    for name in [name.removeprefix("builtins.") for name in error.classes if name.startswith("builtins.")]:
        if name in STAND_INS:
            return STAND_INS[name](error.text)
        kind = getattr(builtins, name, None)
        if isinstance(kind, type) and issubclass(kind, Exception):
            with contextlib.suppress(TypeError):  # UnicodeDecodeError and its like need more than a text
                return kind(error.text)
    return Exception(f"{error.classes[0].rpartition('.')[2] if error.classes else 'an error'}: {error.text}")
