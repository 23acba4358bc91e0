"""Values as trees of plain data, and back, strictly: what comes in is never trusted to be well formed.

A tree is None, a bool, a str, a small int, a list whose first item is a tag (`_DECODERS` has them all), or a JSON object: one of the
parts of `messages.py`, such as a tensor with an identity. Those are for the function that each side gives to `encode`, and for its own kind of `Decoder`.
"""

import ctypes
from collections import OrderedDict
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from autograder.rpc.faults import ProtocolError, TooLarge
from autograder.rpc.frames import MAX_FRAME, Buffers

MAX_NODES = 200_000
MAX_DEPTH = 60
MAX_INT_DIGITS = 4000
MAX_FLOAT_DIGITS = 40  # repr needs at most 24
MAX_RANGE = 10_000_000  # C loops over a range heed no alarm
NO_MEMORY = ("can't allocate memory", "Cannot allocate memory", "Unable to allocate")
SAFE_INT = 1 << 53
MAX_EXPONENT = 10_000  # of a decimal: C writes all digits out to make it a whole number, and heeds no alarm

TORCH_DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        torch.float16,
        torch.bfloat16,
        torch.float32,
        torch.float64,
        torch.uint8,
        torch.int8,
        torch.int16,
        torch.int32,
        torch.int64,
        torch.bool,
        torch.complex64,
        torch.complex128,
    )
}
NUMPY_DTYPES = frozenset(
    "float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool complex64 complex128".split()
)


def tensor_bytes(tensor: torch.Tensor) -> bytes:
    """Return the values of a tensor in C order, whatever its layout, device or subclass."""
    plain = torch.Tensor.detach(tensor)
    if type(plain) is not torch.Tensor:
        plain = plain.as_subclass(torch.Tensor)
    if plain.layout is not torch.strided:
        plain = plain.to_dense()
    if plain.numel() == 0:
        return b""
    if plain.is_cpu and plain.is_contiguous() and not plain.is_conj() and not plain.is_neg():
        return ctypes.string_at(plain.data_ptr(), plain.nbytes)  # a fifth of what the general way takes
    plain = plain.resolve_conj().resolve_neg().cpu().contiguous().reshape(-1)
    if plain.numel() == 1:  # contiguous for PyTorch whatever its stride, but bytes can be viewed only where that is 1
        plain = torch.stack([plain[0]])
    return plain.view(torch.uint8).numpy().tobytes()


def tensor_from(data: bytes | memoryview, dtype: Any, shape: Any) -> torch.Tensor:
    """Return a fresh tensor from bytes; raise ProtocolError where they do not fit dtype and shape."""
    kind = TORCH_DTYPES.get(dtype) if type(dtype) is str else None
    if kind is None:
        raise ProtocolError("a tensor of unknown dtype")
    count = _count(shape)
    if count * kind.itemsize != len(data):
        raise ProtocolError("a tensor whose bytes do not fit its shape")
    if count == 0:
        return torch.empty(shape, dtype=kind)
    return torch.frombuffer(bytearray(data), dtype=kind).reshape(shape)


def dtype_name(tensor: torch.Tensor) -> str:
    """Return the name of a tensor's dtype as it travels, such as "float32"."""
    return str(tensor.dtype).removeprefix("torch.")


def strides(tensor: torch.Tensor) -> list[int] | None:
    """Return how the elements of a tensor lie in memory; None where they lie in C order, or where several share a place."""
    if tensor.layout is not torch.strided or tensor.is_contiguous():
        return None
    end = 0
    for stride, size in sorted(zip(tensor.stride(), tensor.shape, strict=True)):
        if size > 1 and stride <= end:
            return None
        end += stride * (size - 1)
    return list(tensor.stride())


def laid_out(tensor: torch.Tensor, at: list[int] | None) -> torch.Tensor:
    """Return the tensor itself, or a copy whose elements lie in memory as `strides` says."""
    return tensor if at is None else torch.empty_strided(tensor.shape, at, dtype=tensor.dtype).copy_(tensor)


def array_from(data: bytes | memoryview, dtype: Any, shape: Any) -> NDArray[Any]:
    """Return a fresh NumPy array from bytes; raise ProtocolError where they do not fit dtype and shape."""
    if type(dtype) is not str or dtype not in NUMPY_DTYPES:
        raise ProtocolError("an array of unknown dtype")
    kind = np.dtype(dtype)
    if _count(shape) * kind.itemsize != len(data):
        raise ProtocolError("an array whose bytes do not fit its shape")
    return np.frombuffer(bytearray(data), dtype=kind).reshape(shape)


def _count(shape: Any) -> int:
    if type(shape) is not list or len(shape) > 32:
        raise ProtocolError("a shape that is not one")
    count = 1
    for size in shape:
        if type(size) is not int or not 0 <= size <= MAX_FRAME:
            raise ProtocolError("a shape that is not one")
        count *= size
    return count


def put(data: bytes, buffers: Buffers) -> int:
    """Add a buffer to a frame and return its index."""
    buffers.append(data)
    return len(buffers) - 1


# ---- plain values


def encode(value: Any, buffers: Buffers, other: Callable[[Any], Any]) -> Any:
    """Return a value as a tree. Exact built-in types travel as themselves; `other` encodes the rest."""
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if kind in _ENCODERS:
        return _ENCODERS[kind](value, lambda item: encode(item, buffers, other))
    if kind is bytes:
        return ["bytes", put(value, buffers)]
    if kind is np.ndarray and value.dtype.name in NUMPY_DTYPES:
        native = value.astype(value.dtype.newbyteorder("="), copy=False)  # files may hold the other order
        return ["array", value.dtype.name, list(value.shape), put(native.tobytes(), buffers)]
    if isinstance(value, np.generic) and value.dtype.name in NUMPY_DTYPES:
        return ["scalar", value.dtype.name, put(value.tobytes(), buffers)]
    return other(value)


_ENCODERS: dict[type, Callable[[Any, Callable[[Any], Any]], Any]] = {
    int: lambda v, _: v if -SAFE_INT < v < SAFE_INT else ["int", str(v)],
    float: lambda v, _: ["float", repr(v)],
    complex: lambda v, _: ["complex", repr(v.real), repr(v.imag)],
    Fraction: lambda v, enc: ["fraction", enc(v.numerator), enc(v.denominator)],
    Decimal: lambda v, _: ["decimal", str(v)],
    list: lambda v, enc: ["list", [enc(x) for x in v]],
    tuple: lambda v, enc: ["tuple", [enc(x) for x in v]],
    torch.Size: lambda v, _: ["size", list(v)],
    dict: lambda v, enc: ["dict", [[enc(k), enc(x)] for k, x in v.items()]],
    OrderedDict: lambda v, enc: ["odict", [[enc(k), enc(x)] for k, x in v.items()]],
    set: lambda v, enc: ["set", [enc(x) for x in v]],
    frozenset: lambda v, enc: ["fset", [enc(x) for x in v]],
    range: lambda v, _: ["range", v.start, v.stop, v.step],
    slice: lambda v, enc: ["slice", enc(v.start), enc(v.stop), enc(v.step)],
    type(Ellipsis): lambda v, _: ["..."],
    torch.dtype: lambda v, _: ["dtype", str(v).removeprefix("torch.")],
    torch.device: lambda v, _: ["device", str(v)],
}


class Decoder:
    """Turn one frame's trees back into values; counts nodes, depth and bytes, so that no tree can exhaust the reader.

    Each side's own decoder says in `part` which JSON objects it takes.
    """

    def __init__(self, buffers: Buffers) -> None:
        self.buffers = buffers
        self.nodes = 0
        self.depth = 0
        self.bytes_left = sum(map(len, buffers))  # each buffer is for one value, or a small frame could fill the memory

    def value(self, node: Any) -> Any:
        """Return the value of a tree; raise ProtocolError for anything malformed."""
        self.nodes += 1
        if self.nodes > MAX_NODES or self.depth > MAX_DEPTH:
            raise TooLarge("a value with too many parts")
        if node is None or type(node) in (bool, int, str):
            return node
        self.depth += 1
        try:
            return self.part(node) if type(node) is dict else self._plain(node)
        except ProtocolError:
            raise
        except Exception as error:  # whatever a hostile tree breaks, it is the tree's fault
            if isinstance(error, MemoryError) or any(words in str(error)[:1000] for words in NO_MEMORY):
                raise TooLarge("a value for which there is no memory left") from None
            raise ProtocolError(f"a malformed value ({type(error).__name__})") from None
        finally:
            self.depth -= 1

    def part(self, node: dict[str, Any]) -> Any:
        """Return the value of a JSON object; raise ProtocolError for one that this side does not take."""
        raise ProtocolError("a value of an unknown kind")

    def _plain(self, node: Any) -> Any:
        decode = _DECODERS.get(node[0]) if type(node) is list and node and type(node[0]) is str else None
        if decode is None:
            raise ProtocolError("a value of an unknown kind")
        return decode(node, self)

    def values(self, nodes: Any) -> list[Any]:
        """Return the values of several trees."""
        return [self.value(node) for node in listed(nodes)]

    def buffer(self, index: Any) -> bytes | memoryview:
        """Return a buffer of this frame, to be copied; raise ProtocolError where all together have more bytes than the frame."""
        if type(index) is not int or not 0 <= index < len(self.buffers):
            raise ProtocolError("a buffer that is not there")
        self.bytes_left -= len(self.buffers[index])
        if self.bytes_left < 0:
            raise TooLarge("a buffer that is used for several values")
        return self.buffers[index]

    def pairs(self, nodes: Any) -> Iterator[tuple[Any, Any]]:
        """Yield the key and the value of each of several pairs of trees."""
        for node in listed(nodes):
            key, value = parts(node, 2)
            yield self.value(key), self.value(value)


def listed(value: Any) -> list[Any]:
    """Return the value if it is a list; raise ProtocolError."""
    if type(value) is not list:
        raise ProtocolError("something else where a list belongs")
    return value


def parts(value: Any, length: int) -> list[Any]:
    """Return the value if it is a list of this length; raise ProtocolError."""
    if type(value) is not list or len(value) != length:
        raise ProtocolError("a list of another length than expected")
    return value


def _big_int(text: Any) -> int:
    if type(text) is not str or len(text) > MAX_INT_DIGITS:
        raise ProtocolError("an int with too many digits")
    return int(text)


def _float(text: Any) -> float:
    if type(text) is not str or len(text) > MAX_FLOAT_DIGITS:
        raise ProtocolError("a float with too many digits")
    return float(text)


def _fraction(numerator: Any, denominator: Any) -> Fraction:
    if type(numerator) is not int or type(denominator) is not int:
        raise ProtocolError("a fraction of something else than whole numbers")
    return Fraction(numerator, denominator)


def _decimal(text: Any) -> Decimal:
    if type(text) is not str or len(text) > MAX_INT_DIGITS:
        raise ProtocolError("a decimal with too many digits")
    number = Decimal(text)
    if number.is_finite() and abs(number.adjusted()) > MAX_EXPONENT:
        raise TooLarge("a decimal with too large an exponent")
    return number


def _whole(numbers: Any) -> list[int]:
    if type(numbers) is not list or any(type(n) is not int for n in numbers):
        raise ProtocolError("something else where whole numbers belong")
    return numbers


def _range(numbers: list[Any]) -> range:
    numbers_of = range(*_whole(numbers))
    if len(numbers_of) > MAX_RANGE:
        raise TooLarge("a range with too many numbers")
    return numbers_of


_DECODERS: dict[str, Callable[[list[Any], Decoder], Any]] = {
    "int": lambda n, d: _big_int(n[1]),
    "float": lambda n, d: _float(n[1]),
    "complex": lambda n, d: complex(_float(n[1]), _float(n[2])),
    "fraction": lambda n, d: _fraction(d.value(n[1]), d.value(n[2])),
    "decimal": lambda n, d: _decimal(n[1]),
    "bytes": lambda n, d: bytes(d.buffer(n[1])),
    "list": lambda n, d: d.values(n[1]),
    "tuple": lambda n, d: tuple(d.values(n[1])),
    "size": lambda n, d: torch.Size(_whole(n[1])),
    # Built item by item: made in one go, a set of values chosen to collide would take its time without heeding an alarm.
    "dict": lambda n, d: {key: value for key, value in d.pairs(n[1])},  # noqa: C416
    "odict": lambda n, d: OrderedDict(d.pairs(n[1])),
    "set": lambda n, d: {item for item in d.values(n[1])},  # noqa: C416
    "fset": lambda n, d: frozenset({item for item in d.values(n[1])}),  # noqa: C416
    "range": lambda n, d: _range(n[1:4]),
    "slice": lambda n, d: slice(d.value(n[1]), d.value(n[2]), d.value(n[3])),
    "...": lambda n, d: Ellipsis,
    "dtype": lambda n, d: TORCH_DTYPES[n[1]],
    "device": lambda n, d: torch.device("cpu"),  # grading runs on the CPU, whatever a peer says
    "array": lambda n, d: array_from(d.buffer(n[3]), n[1], n[2]),
    "scalar": lambda n, d: array_from(d.buffer(n[2]), n[1], [])[()],
}
