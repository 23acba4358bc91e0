"""Values over the wire: plain data comes back as it was; nothing hostile does more than be refused."""

import contextlib
import json
import socket
import time
from collections import OrderedDict
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from autograder.rpc import values
from autograder.rpc.faults import PeerGone, PeerTimeout, ProtocolError
from autograder.rpc.frames import Channel


def refuse(value: object) -> None:
    raise TypeError(type(value))


def round_trip(value: object) -> object:
    buffers: list[bytes] = []
    tree = json.loads(json.dumps(values.encode(value, buffers, refuse)))
    return values.Decoder(buffers).value(tree)


ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.complex_numbers(allow_nan=False),
    st.text(),
    st.binary(),
)
HASHABLE = st.one_of(st.booleans(), st.integers(), st.text())
PLAIN = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(HASHABLE, inner, max_size=4),
        st.sets(HASHABLE, max_size=4),
    ),
    max_leaves=20,
)


@given(PLAIN)
def test_plain_data_comes_back_as_it_was(value: object) -> None:
    back = round_trip(value)
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize("value", [range(1, 9, 3), slice(None, 3, -1), Ellipsis, torch.Size([2, 0]), torch.bfloat16])
def test_other_plain_values_come_back(value: object) -> None:
    assert round_trip(value) == value


@pytest.mark.parametrize("value", [Fraction(-1, 3), Fraction(1 << 80), Decimal("0.10"), Decimal("-Infinity")])
def test_exact_numbers_come_back_as_they_were(value: object) -> None:
    back = round_trip(value)
    assert (type(back), str(back)) == (type(value), str(value))


@pytest.mark.parametrize(
    "tree",
    [
        ["fraction", 1, 0],
        ["fraction", ["float", "1.5"], 2],
        ["decimal", "1e99999999"],
        ["decimal", 5],
        ["decimal", "x"],
    ],
)
def test_no_number_is_made_of_what_is_none_or_takes_for_ever(tree: list[object]) -> None:
    with pytest.raises(ProtocolError):
        values.Decoder([]).value(tree)


@pytest.mark.parametrize("order", ["<", ">"])
def test_arrays_of_either_byte_order_keep_their_numbers(order: str) -> None:
    array = np.arange(6).reshape(2, 3).astype(f"{order}f8")
    np.testing.assert_array_equal(round_trip(array), array)


def test_ordered_dicts_keep_order_and_type() -> None:
    value = OrderedDict(b=1, a=2)
    back = round_trip(value)
    assert type(back) is OrderedDict
    assert list(back) == ["b", "a"]


@pytest.mark.parametrize("dtype", sorted(values.NUMPY_DTYPES))
@pytest.mark.parametrize("shape", [(), (0,), (2, 3), (1, 0, 4)])
def test_arrays_come_back_bit_by_bit(dtype: str, shape: tuple[int, ...]) -> None:
    array = np.arange(int(np.prod(shape))).reshape(shape).astype(dtype)
    back = round_trip(array)
    assert isinstance(back, np.ndarray)
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)


@pytest.mark.parametrize("dtype", values.TORCH_DTYPES.values(), ids=str)
@pytest.mark.parametrize("shape", [(), (0,), (2, 3), (3, 1, 2)])
def test_tensors_come_back_bit_by_bit(dtype: torch.dtype, shape: tuple[int, ...]) -> None:
    tensor = torch.ones(shape).cumsum(0).to(dtype) if shape else torch.tensor(1).to(dtype)
    for layout in (tensor, tensor.transpose(0, -1) if shape else tensor):
        data = values.tensor_bytes(layout)
        back = values.tensor_from(data, str(dtype).removeprefix("torch."), list(layout.shape))
        assert back.dtype == dtype
        assert torch.equal(back, layout)


HOSTILE = [
    ["unheard-of"],
    [],
    [["list", []]],
    {"dict": 1},
    1.5,
    ["list", 5],
    ["int", "9" * 5000],
    ["int", "nine"],
    ["float", []],
    ["bytes", 0],
    ["bytes", -1],
    ["bytes", True],
    ["tuple", [["bytes", 10**9]]],
    ["dict", [[["list", []], 1]]],
    ["array", "object", [1], 0],
    ["array", "float64", [10**9, 10**9], 0],
    ["array", "float64", [-1], 0],
    ["scalar", "float64", None],
    ["dtype", "made_up"],
    ["range", 0, 1, 0],
    ["set", [["list", []]]],
    ["size", ["x"]],
]


@pytest.mark.parametrize("step", [1, 2, 3])
def test_parts_of_a_larger_tensor_come_back_whatever_their_strides(step: int) -> None:
    """Among them a single number, which PyTorch calls contiguous also where its stride is not 1."""
    whole = torch.arange(36.0).reshape(6, 6)
    for part in (whole[:-5, :-5], whole[:1, ::step], whole[::step, :1], whole[2::step, 5], whole[5:, 5], whole[3, 4]):
        back = values.tensor_from(values.tensor_bytes(part), "float32", list(part.shape))
        assert back.shape == part.shape
        assert torch.equal(back, part)


@pytest.mark.parametrize("tree", HOSTILE, ids=str)
def test_malformed_trees_are_refused(tree: object) -> None:
    with pytest.raises(ProtocolError):
        values.Decoder([]).value(tree)


@given(st.recursive(st.one_of(st.none(), st.integers(), st.text(max_size=8)), lambda x: st.lists(x, max_size=5)))
def test_no_tree_does_more_than_be_refused(tree: object) -> None:
    with contextlib.suppress(ProtocolError):
        values.Decoder([b"1234"]).value(tree)


def test_depth_and_number_of_parts_are_bounded() -> None:
    deep: object = None
    for _ in range(200):
        deep = ["list", [deep]]
    with pytest.raises(ProtocolError, match="too many parts"):
        values.Decoder([]).value(deep)
    with pytest.raises(ProtocolError, match="too many parts"):
        values.Decoder([]).value(["list", [None] * (values.MAX_NODES + 1)])


@pytest.fixture
def channels() -> Iterator[tuple[Channel, Channel]]:
    here, there = socket.socketpair()
    with here, there:
        yield Channel(here), Channel(there)


def test_frames_carry_trees_and_buffers(channels: tuple[Channel, Channel]) -> None:
    here, there = channels
    here.send(["x", {"y": 1}], [b"abc", b"", b"d"])
    assert there.receive() == (["x", {"y": 1}], [b"abc", b"", b"d"])


def test_a_silent_peer_is_a_timeout_and_a_closed_one_is_gone(channels: tuple[Channel, Channel]) -> None:
    here, there = channels
    here.deadline = time.monotonic() + 0.05
    with pytest.raises(PeerTimeout):
        here.receive()
    there.close()
    here.deadline = None
    with pytest.raises(PeerGone):
        here.receive()
    with pytest.raises(PeerGone):
        here.send(["x"])


@pytest.mark.parametrize(
    "data",
    [
        b"\0\0\0\0" + b"\xff" * 8,
        b"\0\0\0\x02" + b"\0" * 8 + b"{]",
        b"\0\0\0\x02" + b"\0" * 8 + b"[]",
        b"\0\0\0\x0a" + b"\0" * 8 + b"[1, [7]]  ",
        b"\0\0\0\x0a" + b"\0" * 8 + b"[1, [-1]] ",
    ],
)
def test_malformed_frames_are_refused(channels: tuple[Channel, Channel], data: bytes) -> None:
    here, there = channels
    there.sock.sendall(data)
    with pytest.raises(ProtocolError):
        here.receive()


def test_a_peer_that_stops_reading_is_a_timeout(channels: tuple[Channel, Channel]) -> None:
    here, _ = channels
    here.deadline = time.monotonic() + 0.2
    with pytest.raises(PeerTimeout):
        here.send(["x"], [b"0" * (8 << 20)])
