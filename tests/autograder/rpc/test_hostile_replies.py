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

from autograder.rpc import connection as rpc_connection
from autograder.rpc import frames, values
from autograder.rpc.connection import Connection, Missing
from autograder.rpc.frames import HEAD, ProtocolError, TooLarge, WireError
from autograder.rpc.proxies import make_stub
from autograder.rpc.rules import Recording

BUFFERS = [b"", b"\0" * 4, b"\1" * 12, b"\xff" * 64]
NAMES = st.sampled_from(["j0", "j1", "s0", "s1", "x", "", "float32", "int64", "object", "__name__", "a" * 30])
NUMBERS = st.one_of(st.integers(-2, 4), st.sampled_from([1 << 31, -1 << 63, 10**30]))
ATOMS = st.one_of(st.none(), st.booleans(), NUMBERS, NAMES, st.text(max_size=6), st.floats())
SHAPES = st.one_of(st.just([1]), st.just([3]), st.just([]), st.lists(NUMBERS, max_size=4))
DTYPES = st.sampled_from(["float32", "float64", "int64", "uint8", "bool", "complex64", "unheard"])
HANDLES = st.tuples(
    st.just("handle"),
    NUMBERS,
    st.lists(st.sampled_from(["call", "len", "iter", "next", "getitem", "missing", "type", "fly"]), max_size=3),
    st.lists(
        st.sampled_from(["builtins.ValueError", "torch.Tensor", "torch.nn.modules.module.Module", ".", "x"]), max_size=3
    ),
    NAMES,
)
TENSORS = st.tuples(
    st.just("tensor"), NAMES, DTYPES, SHAPES, NUMBERS, st.booleans(), st.booleans(), st.booleans(), st.none() | NUMBERS
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
        st.tuples(st.just("kin"), inner, NUMBERS, several, several, NAMES),
        several,
    )


TREES = st.recursive(st.one_of(ATOMS, HANDLES, TENSORS), tagged, max_leaves=12)
CHANGES = st.lists(
    st.tuples(NAMES, SHAPES, DTYPES, st.none() | NUMBERS, st.none() | NUMBERS, ATOMS) | TREES, max_size=3
)
MUTABLE = st.lists(st.tuples(NUMBERS, TREES) | TREES, max_size=3)
FLAGS = st.lists(st.booleans(), min_size=3, max_size=3)
REPLIES = st.one_of(
    st.tuples(st.just("ok"), TREES, MUTABLE, CHANGES, st.text(max_size=5), FLAGS, st.lists(ATOMS | TREES, max_size=2)),
    st.tuples(st.just("ok"), TREES),
    st.tuples(st.just("ok"), st.lists(st.tuples(ATOMS, TREES), max_size=3)),
    st.tuples(st.just("ok"), st.lists(st.none() | TREES, max_size=3), st.lists(TREES, max_size=3)),
    st.tuples(
        st.just("error"),
        st.lists(NAMES | st.sampled_from(["builtins.KeyError", "builtins.UnicodeDecodeError"])),
        ATOMS,
        ATOMS,
        ATOMS,
    ),
    st.tuples(st.just("callback"), NUMBERS, TREES, TREES),
    st.tuples(st.sampled_from(["ok", "error", "missing", "callback", "returned"]), ATOMS),
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
        connection = Connection(frames.Channel(here), Recording(), 64 << 20)
        connection.test = "t"
        yield connection


def send(there: socket.socket, data: bytes) -> None:
    with suppress(OSError):  # the judge has read enough
        there.sendall(data)
        there.shutdown(socket.SHUT_WR)


GRADIENTS = (AttributeError, RuntimeError, TypeError)  # what PyTorch says where there are none, as of a text


def frame(tree: Any, buffers: list[bytes]) -> bytes:
    head = json.dumps([tree, [len(b) for b in buffers]]).encode()
    return HEAD.pack(len(head), sum(map(len, buffers))) + head + b"".join(buffers)


def asked(connection: Connection) -> list[Callable[[], Any]]:
    """Everything that the judge asks for, each with arguments that a reply can name."""
    stub = make_stub(connection, 0, frozenset(["call", "next"]), (), "f")
    tensor = torch.ones(3, requires_grad=True)
    return [
        lambda: connection.operate(
            "call", stub, torch.ones(1), [1, torch.ones(3)], np.ones(2), {"a": 1}, len, lambda x: x
        ),
        lambda: connection.operate("next", stub),
        lambda: connection.operate("repr", stub),
        lambda: connection.name("f"),
        lambda: connection.run("x = 1"),
        lambda: connection.begin("t"),
        lambda: connection.operate("call", stub, tensor).sum().backward(),
        lambda: connection.operate("call", stub, tensor).sum().backward(create_graph=True),
    ]


@settings(max_examples=300, deadline=None)
@given(reply=REPLIES, second=REPLIES, which=st.integers(0, 7))
def test_a_reply_gives_a_value_or_an_error_that_has_a_name(reply: Any, second: Any, which: int) -> None:
    with connected(frame(reply, BUFFERS) + frame(second, BUFFERS)) as connection, suppress(WireError, Missing):
        try:
            asked(connection)[which]()
        except GRADIENTS as error:
            if which < 6 and not hasattr(error, "from_student"):
                raise
        except Exception as error:
            if not hasattr(error, "from_student"):
                raise


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=60), head=st.integers(0, 60), body=st.integers(0, 60))
def test_bytes_of_any_kind_are_an_error_of_the_interface(data: bytes, head: int, body: int) -> None:
    with connected(HEAD.pack(head, body) + data) as connection, pytest.raises(WireError):
        connection.name("f")


def ok(tree: Any) -> list:
    return ["ok", tree, [], [], "", [False] * 3, []]


MOST = {
    "classes": ok(["handle", 0, [], ["x"] * 100, "f"]),
    "what it can": ok(["handle", 0, ["x"] * 100, [], "f"]),
    "a name": ok(["tensor", "s" * 100, "uint8", [64], 3, False, True, False, None]),
    "parts": ok(["list", [None] * (values.MAX_NODES + 1)]),
    "a range": ok(["range", 0, 1 << 40, 1]),
    "digits of an int": ok(["int", "9" * 5000]),
    "digits of a float": ok(["float", "9" * 5000]),
    "one buffer twice": ok(["list", [["bytes", 3]] * 5]),
    "more items than there are": ok(["array", "uint8", [64, 0, 1 << 40], 3]),
    "text": ok("x" * (rpc_connection.MAX_HEAD + 1)),
}


@pytest.mark.parametrize("reply", MOST.values(), ids=MOST.keys())
def test_what_is_too_much_is_refused(reply: list) -> None:
    with connected(frame(reply, BUFFERS)) as connection, pytest.raises(ProtocolError):
        make_stub(connection, 0, frozenset(["call"]), (), "f")()


def test_texts_of_errors_are_cut() -> None:
    told = ["error", ["x" * 999] * 50, "y" * 9999, "z" * 999, "p"]
    with connected(frame(told, [])) as connection:
        classes, text, where = connection.run("x") or []
    assert (len(classes), len(classes[0]), len(text), len(where)) == (20, 200, 4000, 300)


def test_what_a_test_gathers_is_counted(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setattr(rpc_connection, "MAX_HANDLES", 2)
    monkeypatch.setattr(rpc_connection, "MAX_TENSORS", 2)
    monkeypatch.setattr(rpc_connection, "MAX_PRINTED", 5)
    handles = [ok(["handle", i, [], [], ""]) for i in range(3)]
    tensors = [ok(["tensor", f"s{i}", "uint8", [64], 3, False, True, False, None]) for i in range(3)]
    printing = [["ok", None, [], [], "four", [False] * 3, []]] * 3
    for replies in (handles, tensors):
        with connected(b"".join(frame(reply, BUFFERS) for reply in replies)) as connection:
            stub = make_stub(connection, 0, frozenset(["call"]), (), "f")
            for _ in range(2):
                stub()
            with pytest.raises(TooLarge, match="in one test"):
                stub()
    with connected(b"".join(frame(reply, BUFFERS) for reply in printing)) as connection:
        stub = make_stub(connection, 0, frozenset(["call"]), (), "f")
        for _ in range(3):
            stub()
    assert capsys.readouterr().out == "fourf"


def test_after_an_error_nothing_more_is_asked_in_a_test() -> None:
    with connected(frame(["nonsense"], []) + frame(ok(1), [])) as connection:
        stub = make_stub(connection, 0, frozenset(["call"]), (), "f")
        for _ in range(2):
            with pytest.raises(ProtocolError, match="unknown kind"):
                stub()


def test_a_frame_that_claims_to_be_huge_is_refused_unread() -> None:
    with connected(HEAD.pack(0, 17 << 20)) as connection, pytest.raises(TooLarge, match="at most 16,777,216"):
        connection.name("f")
    with connected(HEAD.pack(9 << 20, 0)) as connection, pytest.raises(TooLarge, match="lists and text"):
        connection.name("f")
