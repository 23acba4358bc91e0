"""What stands in the judge for the student's objects: every use of a stub is an operation on the other side of the wire.

A list, tuple, dict or set of a class of the student's own (a named tuple, a `History(dict)`) comes as plain data that knows
its original: `Kin`. What it holds is here; what else its class has, it asks for.
"""

import inspect
import sys
from collections.abc import Callable, Iterator
from typing import Any, Protocol

LIBRARIES = ("torch", "torchvision", "numpy", "builtins", "math", "operator", "_operator", "collections")


class Operator(Protocol):
    """What a stub asks for all that it can't know."""

    def operate(self, verb: str, target: Any, *arguments: Any, **named: Any) -> Any:
        """Do one operation on the student's object and give its value."""

    def allows(self, verb: str, target: Any, *arguments: Any) -> bool:
        """Whether the reference's object was asked for this, so that the student's may be."""


class RemoteObject:
    """Stands for an object of the student's. Every use of it is an operation that the manifest must allow."""

    def __init__(self, connection: Operator, number: int, can: frozenset[str], classes: tuple[str, ...], path: str):
        for key, value in {"_connection": connection, "_number": number, "_can": can, "_classes": classes}.items():
            object.__setattr__(self, key, value)
        object.__setattr__(self, "_path", path)

    def __getattr__(self, name: str) -> Any:
        if name in ("__name__", "__qualname__"):
            return self._path.rpartition(".")[2]
        if name == "__signature__" and "call" in self._can:
            return _signature(self)
        if name.startswith("__") and name.endswith("__") and name not in ("__doc__", "__annotations__"):
            raise AttributeError(name)
        return self._connection.operate("getattr", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._connection.operate("setattr", self, name, value)

    def __repr__(self) -> str:
        return str(self._connection.operate("repr", self))

    def __str__(self) -> str:
        return str(self._connection.operate("str", self))

    def __eq__(self, other: object) -> bool:
        return self is other or bool(self._connection.operate("eq", self, other))

    def __hash__(self) -> int:
        return hash(self._number)

    def __contains__(self, item: Any) -> bool:
        return bool(self._connection.operate("contains", self, item))

    def __enter__(self) -> Any:
        return self._connection.operate("method", self, "__enter__")

    def __exit__(self, *_error: object) -> None:
        self._connection.operate("method", self, "__exit__", None, None, None)

    def __instancecheck__(self, instance: Any) -> bool:
        original = stub_of(instance)
        return original is not None and bool(self._connection.operate("isinstance", original, self))

    def __calls_of_torch__(self, *arguments: Any, **named: Any) -> Any:
        """The names of PyTorch's functions that a call of the object uses; the student's own process says so."""
        return self._connection.operate("calls_of_torch", self, *arguments, **named)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:  # type: ignore[override]
        """The nearest class that the judge knows too, so that isinstance(net, nn.Module) works."""
        if "type" in self._can:
            return type
        return next((c for c in map(_library_class, self._classes) if c not in (None, object)), type(self))


def _binary(verb: str) -> Callable:
    return lambda self, *other: self._connection.operate(verb, self, *other)


for _verb in "lt le gt ge add sub mul truediv floordiv matmul mod pow neg".split():
    setattr(RemoteObject, f"__{_verb}__", _binary(_verb))


class _Call:
    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self._connection.operate("call", self, *arguments, **named)  # type: ignore[attr-defined]


class _Len:
    def __len__(self) -> int:
        return int(self._connection.operate("len", self))  # type: ignore[attr-defined]


class _Getitem:
    def __getitem__(self, key: Any) -> Any:
        return self._connection.operate("getitem", self, key)  # type: ignore[attr-defined]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._connection.operate("setitem", self, key, value)  # type: ignore[attr-defined]


class _Iter:
    def __iter__(self) -> Iterator:
        return self._connection.operate("iter", self)  # type: ignore[attr-defined]


class _Next:
    def __iter__(self) -> Iterator:
        return self  # type: ignore[return-value]

    def __next__(self) -> Any:
        found, value = self._connection.operate("next", self)  # type: ignore[attr-defined]
        if not found:
            raise StopIteration
        return value


_PROTOCOLS = {"call": _Call, "len": _Len, "getitem": _Getitem, "iter": _Iter, "next": _Next}
_CLASSES: dict[frozenset[str], type] = {}


def make_stub(connection: Operator, number: int, can: frozenset[str], classes: tuple[str, ...], path: str) -> Any:
    """A stub that offers the protocols that the student's object has."""
    offered = frozenset(can & _PROTOCOLS.keys())
    if "next" in offered:
        offered -= {"iter"}
    if offered not in _CLASSES:
        bases = tuple(_PROTOCOLS[name] for name in sorted(offered))
        _CLASSES[offered] = type("StudentObject", (*bases, RemoteObject), {})
    return _CLASSES[offered](connection, number, can, classes, path)


def isinstance_of_stub(value: Any) -> bool:
    """Whether a value is a stub (isinstance would believe the stub's own `__class__`)."""
    return issubclass(type(value), RemoteObject)


class Kin:
    """Plain data of a class of the student's own. What the plain type has not got is asked for, where the reference's was."""

    def __getattr__(self, name: str) -> Any:
        stub = vars(self).get("_stub")
        special = name.startswith("__") and name.endswith("__")
        if stub is None or special or not stub._connection.allows("getattr", stub, name):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return stub._connection.operate("getattr", stub, name)

    def __reduce_ex__(self, _protocol: Any) -> tuple:
        plain = type(self).__mro__[-2]
        return plain, (plain(self),)  # type: ignore[call-arg]


class _KinCall:
    def __call__(self, *arguments: Any, **named: Any) -> Any:
        stub = vars(self)["_stub"]
        if not stub._connection.allows("call", stub):
            raise TypeError(f"{type(self).__name__!r} object is not callable")
        return stub(*arguments, **named)


class _KinDict(dict):
    def __missing__(self, key: Any) -> Any:
        stub = vars(self)["_stub"]
        if "missing" not in stub._can or not stub._connection.allows("getitem", stub, key):
            raise KeyError(key)
        return stub._connection.operate("getitem", stub, key)


_KIN: dict[tuple[type, bool], type] = {}


def make_kin(value: Any, stub: Any) -> Any:
    """Plain data (a list, tuple, dict or set) that knows the student's object that it came from."""
    base, callable_ = type(value), "call" in stub._can
    if (base, callable_) not in _KIN:
        bases = (Kin, *([_KinCall] if callable_ else []), _KinDict if base is dict else base)
        _KIN[base, callable_] = type(base.__name__, bases, {})
    kin = _KIN[base, callable_](value)
    vars(kin)["_stub"] = stub
    return kin


def stub_of(value: Any) -> Any:
    """The stub that a value is, or that plain data came with; None for anything else."""
    if isinstance_of_stub(value):
        return value
    return vars(value)["_stub"] if issubclass(type(value), Kin) else None


def _signature(stub: Any) -> inspect.Signature:
    try:
        told = stub._connection.operate("signature", stub)
        empty = inspect.Parameter.empty
        kinds = inspect._ParameterKind
        return inspect.Signature(
            [
                inspect.Parameter(name, kinds(kind), default=default if has else empty)
                for name, kind, has, default in told
            ]
        )
    except (ValueError, TypeError) as error:
        raise AttributeError("__signature__") from error


def operation_of(verb: str, target: Any, arguments: tuple) -> tuple[str, str]:
    """The operation as the manifest spells it, and the path of what it gives."""
    path = target._path if isinstance_of_stub(target) else "?"
    if verb in ("getattr", "setattr", "method"):
        path = f"{path}.{arguments[0]}" + ("()" if verb == "method" else "")
    elif verb == "call":
        path += "()"
    elif verb in ("getitem", "next"):
        path += "[]"
    return f"{verb}:{path}", path


def _library_class(name: str) -> type | None:
    module, _, attribute = name.rpartition(".")
    if module.split(".")[0] not in LIBRARIES:
        return None
    found = getattr(sys.modules.get(module), attribute, None)
    return found if isinstance(found, type) else None
