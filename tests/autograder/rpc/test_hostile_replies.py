"""Whatever a student's process sends, the judge gets a value, an error of the student's or an error of the interface."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.model.outcomes import Aside
from autograder.rpc import connection as rpc_connection
from autograder.rpc import tables, values
from autograder.rpc.connection import Connection, Missing
from autograder.rpc.faults import ProtocolError, TooLarge, WireError
from autograder.rpc.frames import SIZES, Channel
from autograder.rpc.messages import (
    Failed,
    Handle,
    NotDefined,
    Operated,
    RunCell,
    StudentError,
    StudentObject,
    TensorValue,
    senders,
)
from autograder.rpc.proxies import make_proxy
from autograder.rpc.rules import Recording
from autograder.rpc.schema import as_json

BUFFERS = [b"", b"\0" * 4, b"\1" * 12, b"\xff" * 64]
NAMES = st.sampled_from(["j0", "j1", "s0", "s1", "x", "", "float32", "int64", "object", "__name__", "a" * 30])
NUMBERS = st.one_of(st.integers(-2, 4), st.sampled_from([1 << 31, -1 << 63, 10**30]))
ATOMS = st.one_of(st.none(), st.booleans(), NUMBERS, NAMES, st.text(max_size=6), st.floats())
SHAPES = st.one_of(st.just([1]), st.just([3]), st.just([]), st.lists(NUMBERS, max_size=4))
DTYPES = st.sampled_from(["float32", "float64", "int64", "uint8", "bool", "complex64", "unheard"])
CLASSES = st.lists(
    st.sampled_from(["builtins.ValueError", "torch.Tensor", "torch.nn.modules.module.Module", ".", "x"]), max_size=3
)


def message(kind: str, **fields: st.SearchStrategy) -> st.SearchStrategy:
    """A message of the table, now and then with a field that is missing, too many or of another type."""
    whole = st.fixed_dictionaries({"kind": st.just(kind), **fields})
    odd = st.tuples(whole, st.sampled_from([*fields, "kind", "more"]), ATOMS).map(lambda x: {**x[0], x[1]: x[2]})
    less = st.tuples(whole, st.sampled_from([*fields])).map(lambda x: {k: v for k, v in x[0].items() if k != x[1]})
    return whole | whole | odd | less


HANDLES = message(
    "Handle",
    number=NUMBERS,
    can=st.lists(st.sampled_from(["call", "len", "iter", "next", "getitem", "missing", "type", "fly"]), max_size=3),
    classes=CLASSES,
    name=NAMES,
)
TENSORS = message(
    "TensorValue",
    name=NAMES,
    dtype=DTYPES,
    shape=SHAPES,
    data=NUMBERS,
    requires_grad=st.booleans(),
    leaf=st.booleans(),
    parameter=st.booleans(),
    grad=st.none() | NUMBERS,
    strides=st.none() | SHAPES,
)


def tagged(inner: st.SearchStrategy) -> st.SearchStrategy:
    """Trees that are well formed but for what they hold, and some that are not."""
    several = st.lists(inner, max_size=4)
    pairs = st.lists(st.tuples(inner, inner), max_size=3)
    return st.one_of(
        st.tuples(st.sampled_from(["list", "tuple", "set", "fset", "size"]), several),
        st.tuples(st.sampled_from(["dict", "odict"]), pairs),
        st.tuples(st.sampled_from(["int", "float", "bytes", "dtype", "device", "..."]), ATOMS),
        st.tuples(st.just("array"), DTYPES, SHAPES, NUMBERS),
        st.tuples(st.just("scalar"), DTYPES, NUMBERS),
        st.tuples(st.sampled_from(["range", "slice"]), ATOMS, ATOMS, ATOMS),
        message("Kin", value=inner, object=HANDLES | inner),
        message("Numbers", dtype=DTYPES, shape=SHAPES, data=NUMBERS),
        several,
    )


TREES = st.recursive(st.one_of(ATOMS, HANDLES, TENSORS), tagged, max_leaves=12)
CHANGES = message(
    "TensorChange",
    name=NAMES,
    shape=SHAPES,
    dtype=DTYPES,
    data=st.none() | NUMBERS,
    grad=st.none() | NUMBERS,
    no_grad=st.booleans(),
    versioned=st.booleans(),
)
ERRORS = message(
    "StudentError",
    classes=CLASSES | st.just(["builtins.KeyError"]) | st.just(["builtins.UnicodeDecodeError"]),
    text=ATOMS | NAMES,
    where=ATOMS | NAMES,
)
REPLIES = st.one_of(
    message(
        "Operated",
        value=TREES,
        mutable=st.lists(message("MutableArgument", place=NUMBERS, value=TREES) | TREES, max_size=3),
        changes=st.lists(CHANGES | TREES, max_size=3),
        printed=st.text(max_size=5),
        used=st.lists(st.booleans(), min_size=3, max_size=3) | st.lists(st.booleans(), max_size=4),
        rebound=st.lists(NAMES | ATOMS, max_size=2),
    ),
    message("Value", value=TREES),
    message("TestBegun", named=st.dictionaries(NAMES, TREES, max_size=3), dtype=DTYPES),
    st.just({"kind": "FilesPut"}),
    message("StatementBegun", place=NUMBERS),
    message("CellRan", error=st.none() | ERRORS, asides=st.lists(st.sampled_from(list(Aside)) | ATOMS, max_size=5)),
    message(
        "Differentiated",
        gradients=st.lists(st.none() | TREES, max_size=3),
        others=st.lists(message("Gain", leaf=NAMES, gradient=TREES) | TREES, max_size=3),
    ),
    message("Failed", error=ERRORS, printed=st.text(max_size=5)),
    message("CallBack", number=NUMBERS, arguments=TREES, keywords=TREES, grad=st.booleans()),
    message("GiveGradient", number=NUMBERS, gradient=TREES, create=st.booleans()),
    st.fixed_dictionaries({"kind": st.sampled_from(sorted(senders()))}),
    TREES,
)


@contextmanager
def connected(data: bytes) -> Iterator[Connection]:
    """A connection whose peer has sent all that it will ever send."""
    here, there = socket.socketpair()
    with here, closing(there):
        if len(data) > 60_000:  # more than a socket is sure to hold
            threading.Thread(target=send, args=(there, data), daemon=True).start()
        else:
            send(there, data)
        connection = Connection(Channel(here), Recording(), 64 << 20)
        connection.test = "t"
        yield connection


def send(there: socket.socket, data: bytes) -> None:
    with suppress(OSError):  # the judge has read enough
        there.sendall(data)
        there.shutdown(socket.SHUT_WR)


GRADIENTS = (AttributeError, RuntimeError, TypeError)  # what PyTorch says where there are none, as of a text


def frame(tree: Any, buffers: list[bytes]) -> bytes:
    head = json.dumps([tree, [len(b) for b in buffers]], default=as_json).encode()
    return SIZES.pack(len(head), sum(map(len, buffers))) + head + b"".join(buffers)


def asked(connection: Connection) -> list[Callable[[], Any]]:
    """Everything that the judge asks for, each with arguments that a reply can name."""
    stub = make_proxy(connection, 0, frozenset(["call", "next"]), (), "f")
    tensor = torch.ones(3, requires_grad=True)
    return [
        lambda: connection.operate(
            "call", stub, torch.ones(1), [1, torch.ones(3)], np.ones(2), {"a": 1}, len, lambda x: x
        ),
        lambda: connection.operate("next", stub),
        lambda: connection.operate("repr", stub),
        lambda: connection.name("f"),
        lambda: connection.put_files({"a.txt": b"1"}),
        lambda: connection.run(RunCell("x = 1")),
        lambda: connection.begin("t"),
        lambda: connection.operate("call", stub, tensor).sum().backward(),
        lambda: connection.operate("call", stub, tensor).sum().backward(create_graph=True),
    ]


@settings(max_examples=max(300, settings.default.max_examples), deadline=None)
@given(reply=REPLIES, second=REPLIES, which=st.integers(0, 7))
def test_a_reply_gives_a_value_or_an_error_that_has_a_name(reply: Any, second: Any, which: int) -> None:
    with connected(frame(reply, BUFFERS) + frame(second, BUFFERS)) as connection, suppress(WireError, Missing):
        try:
            asked(connection)[which]()
        except GRADIENTS as error:
            if which < 6 and not hasattr(error, "original"):
                raise
        except Exception as error:
            if not hasattr(error, "original"):
                raise


@settings(max_examples=max(150, settings.default.max_examples), deadline=None)
@given(data=st.binary(max_size=60), head=st.integers(0, 60), body=st.integers(0, 60))
def test_bytes_of_any_kind_are_an_error_of_the_interface(data: bytes, head: int, body: int) -> None:
    with connected(SIZES.pack(head, body) + data) as connection, pytest.raises(WireError):
        connection.name("f")


def operated(value: Any, printed: str = "") -> dict:
    return as_json(Operated(value, [], [], printed, [False] * 3, []))


def handle(number: int = 0, **fields: Any) -> dict:
    return {**as_json(Handle(number, [], [], "f")), **fields}


def tensor(name: str) -> dict:
    return as_json(TensorValue(name, "uint8", [64], 3, False, True, False, None, None))


MOST = {
    "classes": operated(handle(classes=["x"] * 100)),
    "the name of a class": operated(handle(classes=["x" * 999])),
    "what it can": operated(handle(can=["call"] * 100)),
    "a name": operated(tensor("s" * 100)),
    "parts": operated(["list", [None] * (values.MAX_NODES + 1)]),
    "a range": operated(["range", 0, 1 << 40, 1]),
    "digits of an int": operated(["int", "9" * 5000]),
    "digits of a float": operated(["float", "9" * 5000]),
    "one buffer twice": operated(["list", [["bytes", 3]] * 5]),
    "more items than there are": operated(["array", "uint8", [64, 0, 1 << 40], 3]),
    "text": operated("x" * (rpc_connection.MAX_HEAD + 1)),
    "the text of an exception": as_json(Failed(StudentError([], "y" * 9999, ""), "")),
    "the line of an exception": as_json(Failed(StudentError([], "", "z" * 999), "")),
    "what was printed": operated(None, printed="x" * 200_000),
}


@pytest.mark.parametrize("reply", MOST.values(), ids=MOST.keys())
def test_what_is_too_much_is_refused(reply: dict) -> None:
    with connected(frame(reply, BUFFERS)) as connection, pytest.raises(ProtocolError):
        make_proxy(connection, 0, frozenset(["call"]), (), "f")()


WRONG = {
    "a field that is not in the table": operated(1) | {"more": 1},
    "a field that is missing": {key: value for key, value in operated(1).items() if key != "used"},
    "a field of another type": operated(1) | {"printed": 1},
    "a flag that is a number": operated(handle()) | {"used": [0, 0, 0]},
    "too few flags": operated(1) | {"used": [False]},
    "what only a judge may send": as_json(RunCell("x = 1")),
    "a value in the place of a message": handle(),
    "a message in the place of a value": operated(operated(1)),
    "what only a judge may send, as a value": operated(as_json(StudentObject(0))),
    "a message that nobody knows": {"kind": "Nonsense"},
    "the answer to another request": as_json(NotDefined()),
    "a list": ["ok", 1],
}


@pytest.mark.parametrize("reply", WRONG.values(), ids=WRONG.keys())
def test_what_the_table_does_not_say_is_refused(reply: Any) -> None:
    with connected(frame(reply, BUFFERS)) as connection, pytest.raises(ProtocolError):
        make_proxy(connection, 0, frozenset(["call"]), (), "f")()


def test_what_a_test_gathers_is_counted(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setattr(tables, "MAX_HANDLES", 2)
    monkeypatch.setattr(tables, "MAX_TENSORS", 2)
    monkeypatch.setattr(tables, "MAX_PRINTED", 5)
    for parts in ([handle(i) for i in range(3)], [tensor(f"s{i}") for i in range(3)]):
        with connected(b"".join(frame(operated(part), BUFFERS) for part in parts)) as connection:
            proxy = make_proxy(connection, 0, frozenset(["call"]), (), "f")
            for _ in range(2):
                proxy()
            with pytest.raises(TooLarge, match="in one test"):
                proxy()
    with connected(frame(operated(None, printed="four"), BUFFERS) * 3) as connection:
        proxy = make_proxy(connection, 0, frozenset(["call"]), (), "f")
        for _ in range(3):
            proxy()
    assert capsys.readouterr().out == "fourf"


def test_after_an_error_nothing_more_is_asked_in_a_test() -> None:
    with connected(frame(["nonsense"], []) + frame(operated(1), [])) as connection:
        proxy = make_proxy(connection, 0, frozenset(["call"]), (), "f")
        for _ in range(2):
            with pytest.raises(ProtocolError, match="where a message belongs"):
                proxy()


def test_a_frame_that_claims_to_be_huge_is_refused_unread() -> None:
    with connected(SIZES.pack(0, 17 << 20)) as connection, pytest.raises(TooLarge, match="at most 16,777,216"):
        connection.name("f")
    with connected(SIZES.pack(9 << 20, 0)) as connection, pytest.raises(TooLarge, match="lists and text"):
        connection.name("f")


@pytest.mark.parametrize("places", [[0, 0], [1, 0], [-1], [10_000]])
def test_statements_that_do_not_follow_each_other_are_refused(places: list[int]) -> None:
    data = b"".join(frame({"kind": "StatementBegun", "place": place}, []) for place in places)
    with connected(data) as connection, pytest.raises(ProtocolError):
        connection.run(RunCell("x = 1"))
