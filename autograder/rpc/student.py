"""The student's end of the wire: runs the student's cells and answers the judge's requests, inside the sandbox.

From the first cell on, nothing that comes out of this process is trusted: the judge reads only plain data from it.
"""

import builtins
import contextlib
import importlib
import inspect
import io
import operator
import os
import socket
import traceback
import types
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch

from autograder.rpc import randomness
from autograder.rpc.faults import PeerGone, WireError
from autograder.rpc.frames import Buffers, Channel
from autograder.rpc.messages import (
    MAX_LINE,
    MAX_PRINTED,
    MAX_STATEMENTS,
    MAX_TEXT,
    BeginTest,
    CallBack,
    CellRan,
    Differentiate,
    Differentiated,
    Failed,
    FilesPut,
    Gain,
    GetName,
    GiveGradient,
    MutableArgument,
    NotDefined,
    Operate,
    Operated,
    PutFiles,
    Ready,
    Returned,
    RunCell,
    StatementBegun,
    StudentError,
    TestBegun,
    Value,
    read_judge,
)
from autograder.rpc.student_values import Incoming, Objects, Outgoing, class_names
from autograder.rpc.transforms import call_unwrapped, has_wrapped
from course.torch_calls import calls_of_torch


class Student:
    """Serves one judge over one channel."""

    def __init__(self, channel: Channel, shell: Any) -> None:
        self.channel = channel
        self._shell = shell
        self._pid = os.getpid()
        self._objects = Objects()
        self._named: dict[str, Any] = {}  # functions and classes that the judge has by name
        self._answers: dict[type, Callable[[Any, Incoming, Outgoing, io.StringIO], Any]] = {
            PutFiles: self._put_files,
            RunCell: self._run_cell,
            BeginTest: self._begin_test,
            GetName: self._get_name,
            Operate: self._operate,
            Differentiate: self._differentiate,
        }

    def serve(self) -> None:
        """Answer requests until the judge hangs up."""
        with contextlib.suppress(PeerGone):
            while True:
                tree, buffers = self.channel.receive()
                self.answer(read_judge(tree), buffers)

    def answer(self, request: Any, buffers: Buffers) -> None:
        """Answer one request."""
        outgoing, printed = Outgoing(self._objects), io.StringIO()
        try:
            reply = self._answers[type(request)](request, self._incoming(buffers), outgoing, printed)
        except WireError:
            raise
        except BaseException as error:  # SystemExit of a student's function is an error like any other
            outgoing = Outgoing(self._objects)
            reply = Failed(student_error(error), printed.getvalue()[:MAX_PRINTED])
        if os.getpid() != self._pid:  # a child that the student's code has forked and that came back to here
            os._exit(0)
        self.channel.send(reply, outgoing.buffers)

    def _incoming(self, buffers: Buffers) -> Incoming:
        return Incoming(self._objects, buffers, self._call_back, self._made_by_callback)

    # ---- what the judge can ask for

    def _put_files(self, request: PutFiles, incoming: Incoming, _outgoing: Outgoing, _printed: io.StringIO) -> FilesPut:
        for name, number in request.files.items():
            path = Path(name)
            if path.is_absolute() or ".." in path.parts:
                raise ValueError(f"{name}: no file of the working directory")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(incoming.buffer(number))
        importlib.invalidate_caches()  # modules may be among them
        return FilesPut()

    def _run_cell(self, request: RunCell, _incoming: Incoming, _outgoing: Outgoing, _printed: io.StringIO) -> CellRan:
        def report(statement: int) -> None:
            if statement < MAX_STATEMENTS and os.getpid() == self._pid:
                self.channel.send(StatementBegun(statement))

        error, asides = self._shell.run_student_cell(request.source, report, request.skipped)
        return CellRan(None if error is None else student_error(error), list(asides))

    def _begin_test(
        self, request: BeginTest, _incoming: Incoming, _outgoing: Outgoing, _printed: io.StringIO
    ) -> TestBegun:
        self._objects.clear()
        randomness.seed()
        # Nothing else: what a name of plain data stands for is sent anew each time that a test asks for it.
        asked = {name: self._shell.user_ns.get(name) for name in request.names}
        self._named = {name: value for name, value in asked.items() if type(value) in (types.FunctionType, type)}
        named = {name: self._objects.handle(value) for name, value in self._named.items()}
        return TestBegun(named, "float64" if torch.get_default_dtype() == torch.float64 else "float32")

    def _get_name(
        self, request: GetName, _incoming: Incoming, outgoing: Outgoing, _printed: io.StringIO
    ) -> Value | NotDefined:
        if request.name not in self._shell.user_ns:
            return NotDefined()
        return Value(outgoing.wanted(self._shell.user_ns[request.name], request.wanted))

    def _operate(self, request: Operate, incoming: Incoming, outgoing: Outgoing, printed: io.StringIO) -> Operated:
        mirror = self._objects.mirror
        for change in request.changes:
            mirror.apply(change, incoming.buffer)
        randomness.load_states(request.random, incoming.buffer)
        given = incoming.values(request.arguments)
        keywords = {key: incoming.value(node) for key, node in request.keywords.items()}
        before = randomness.states()
        with contextlib.redirect_stdout(printed), torch.set_grad_enabled(request.grad):
            result = OPERATIONS[request.verb](*given, **keywords)
        used = [old != new for old, new in zip(before, randomness.states(), strict=True)]
        changes = mirror.changes(outgoing.buffers)
        as_handle = request.verb == "iter"
        value = self._objects.handle(result) if as_handle else outgoing.wanted(result, request.wanted)
        mutable = [(place, argument) for place, argument in enumerate(given) if outgoing.is_mutable_data(argument)]
        return Operated(
            value=value,
            mutable=[MutableArgument(place, outgoing.tree(argument)) for place, argument in mutable],
            changes=changes,
            printed=printed.getvalue()[:MAX_PRINTED],
            used=used,
            rebound=[name for name, value in self._named.items() if self._shell.user_ns.get(name) is not value],
        )

    def _differentiate(
        self, request: Differentiate, incoming: Incoming, outgoing: Outgoing, _printed: io.StringIO
    ) -> Differentiated:
        mirror = self._objects.mirror
        start: Any = mirror.get(request.output)
        gradient = incoming.value(request.gradient)
        others: dict[str, torch.Tensor] = {}
        if request.gain:
            gained = self._gain(start, gradient, request.create)
            gradients = [gained.get(name) for name in request.inputs]
            others = {name: grad for name, grad in gained.items() if name not in request.inputs}
        else:
            asked: Any = [mirror.get(name) for name in request.inputs]
            options = {"retain_graph": True, "create_graph": request.create, "allow_unused": True}
            gradients = list(torch.autograd.grad([start], asked, [gradient], **options)) if asked else []
        for name, grad in others.items():
            leaf: Any = mirror.get(name)
            leaf.grad = grad.detach() if leaf.grad is None else leaf.grad + grad.detach()
            mirror.agree(name)
        encode = outgoing.tensor if request.create else outgoing.numbers
        return Differentiated(
            gradients=[None if grad is None else encode(grad) for grad in gradients],
            others=[Gain(name, outgoing.numbers(grad)) for name, grad in others.items()],
        )

    def _gain(self, start: Any, gradient: torch.Tensor, create: bool) -> dict[str, torch.Tensor]:
        """Return what each leaf that the judge knows gains by `backward()`; they keep what they had, all others gain it."""
        leaves = self._objects.mirror.leaves()
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

    # ---- what this side asks for in the middle of an operation

    def _call_back(self, number: int, arguments: list[Any], keywords: dict[str, Any]) -> Any:
        if has_wrapped((arguments, keywords)):
            return call_unwrapped(partial(self._call_back, number), arguments, keywords)
        outgoing = Outgoing(self._objects)
        given, named = outgoing.tree(arguments), outgoing.tree(keywords)
        return self.ask(CallBack(number, given, named, torch.is_grad_enabled()), outgoing)

    def _made_by_callback(self, number: int, made: torch.Tensor, inputs: list[Any]) -> torch.Tensor:
        output: torch.Tensor = _CallbackOutput.apply(self, number, [made], *inputs)
        return output

    def gradients_of(self, number: int, gradient: torch.Tensor) -> Any:
        """Return what the judge says are the gradients of a result of one of the test's own functions."""
        outgoing = Outgoing(self._objects)
        request = GiveGradient(number, outgoing.tensor(gradient), torch.is_grad_enabled())
        return self.ask(request, outgoing)

    def ask(self, request: CallBack | GiveGradient, outgoing: Outgoing) -> Any:
        """Ask the judge in the middle of an operation; serve it until it answers."""
        self.channel.send(request, outgoing.buffers)
        while True:
            tree, buffers = self.channel.receive()
            reply = read_judge(tree)
            if not isinstance(reply, Returned):
                self.answer(reply, buffers)
            elif reply.error is not None:
                raise _nearest_exception(reply.error.name, reply.error.text)
            else:
                return self._incoming(buffers).value(reply.value)


class _CallbackOutput(torch.autograd.Function):
    """A result of a function of the judge's as a node of this side's graph: the judge is asked for its gradients."""

    @staticmethod
    def forward(
        ctx: Any, student: Student, number: int, result: list[torch.Tensor], *inputs: torch.Tensor
    ) -> torch.Tensor:
        ctx.student, ctx.number = student, number
        return result[0]

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[Any, ...]:
        return (None, None, None, *ctx.student.gradients_of(ctx.number, gradient))


def _nearest_exception(name: str, text: str) -> Exception:
    """Return an exception of a function of the judge's, as the nearest that Python has."""
    exception = getattr(builtins, name, None)
    if isinstance(exception, type) and issubclass(exception, Exception):
        with contextlib.suppress(TypeError):  # UnicodeDecodeError and its like need more than a text
            return exception(text)
    return RuntimeError(f"{name}: {text}")


def _signature(function: Any) -> list[tuple[str, int, bool, Any]]:
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
    "call": lambda f, *arguments, **keywords: f(*arguments, **keywords),
    "method": lambda owner, name, *arguments, **keywords: getattr(owner, name)(*arguments, **keywords),
    "getattr": getattr,
    "setattr": setattr,
    "len": len,
    "iter": iter,
    "next": _next,
    "repr": lambda value: repr(value)[:MAX_TEXT],
    "str": lambda value: str(value)[:MAX_TEXT],
    "isinstance": isinstance,
    "calls_of_torch": lambda f, *arguments, **keywords: sorted(calls_of_torch(f, *arguments, **keywords)),
    "signature": _signature,
    **{
        name: getattr(operator, name)
        for name in "getitem setitem contains eq ne lt le gt ge add sub mul truediv floordiv matmul mod pow neg".split()
    },
}


def student_error(error: BaseException) -> StudentError:
    """Return what is said of an exception: its classes, its text, the line of the student's cell that raised it."""
    try:
        text = (error.msg if isinstance(error, SyntaxError) else str(error))[:MAX_TEXT]
    except BaseException:
        text = "(its text cannot be shown)"
    return StudentError(class_names(type(error)), text, _where(error))


def _where(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        if error.lineno is None:  # Python gives none for what it does not even begin to read, such as a null byte
            return ""
        return f"line {error.lineno}: {(error.text or '').strip()}"[:MAX_LINE]
    with contextlib.suppress(BaseException):
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            if frame.filename.startswith("<ipython-input"):
                return f"line {frame.lineno}: {(frame.line or '').strip()}"[:MAX_LINE]
    return ""


def main(descriptor: int, shell: Any) -> None:
    """Serve the judge at the other end of a socket, after a word that this process is ready."""
    channel = Channel(socket.socket(fileno=descriptor))
    channel.send(Ready())
    Student(channel, shell).serve()
