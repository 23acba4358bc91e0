"""What stands in the judge for the student's objects: every use of a proxy is an operation on the other side of the wire.

A list, tuple, dict or set of a class of the student's own (a named tuple, a `History(dict)`) comes as plain data that knows
its original: `Kin`. What it holds is here; what else its class has, it asks for.
"""

import inspect
import sys
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from autograder.rpc.messages import Verb

LIBRARIES = ("torch", "torchvision", "numpy", "builtins", "math", "operator", "_operator", "collections")


class Operator(Protocol):
    """What a proxy asks for all that it can't know."""

    def operate(self, verb: Verb, target: Any, *arguments: Any, **keywords: Any) -> Any:
        """Do one operation on the student's object and return its value."""

    def allows(self, verb: Verb, target: Any, *arguments: Any) -> bool:
        """Return whether the reference's object was asked for this, so that the student's may be."""


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
        original = proxy_of(instance)
        return original is not None and bool(self._connection.operate("isinstance", original, self))

    def __calls_of_torch__(self, *arguments: Any, **keywords: Any) -> Any:
        """Return the names of PyTorch's functions that a call of the object uses; the student's own process says so."""
        return self._connection.operate("calls_of_torch", self, *arguments, **keywords)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """Return the nearest class that the judge knows too, so that isinstance(net, nn.Module) works."""
        if "type" in self._can:
            return type
        return next((c for c in map(_library_class, self._classes) if c not in (None, object)), type(self))


def _binary(verb: Verb) -> Callable[..., Any]:
    return lambda self, *other: self._connection.operate(verb, self, *other)


_OPERATORS: tuple[Verb, ...] = (
    *("lt", "le", "gt", "ge"),
    *("add", "sub", "mul", "truediv", "floordiv", "matmul", "mod", "pow", "neg"),
)
for _verb in _OPERATORS:
    setattr(RemoteObject, f"__{_verb}__", _binary(_verb))


class _Call:
    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        return self._connection.operate("call", self, *arguments, **keywords)  # type: ignore[attr-defined]


class _Len:
    def __len__(self) -> int:
        return int(self._connection.operate("len", self))  # type: ignore[attr-defined]


class _Getitem:
    def __getitem__(self, key: Any) -> Any:
        return self._connection.operate("getitem", self, key)  # type: ignore[attr-defined]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._connection.operate("setitem", self, key, value)  # type: ignore[attr-defined]


class _Iter:
    def __iter__(self) -> Iterator[Any]:
        iterator: Iterator[Any] = self._connection.operate("iter", self)  # type: ignore[attr-defined]
        return iterator


class _Next:
    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        is_there, value = self._connection.operate("next", self)  # type: ignore[attr-defined]
        if not is_there:
            raise StopIteration
        return value


_PROTOCOLS = {"call": _Call, "len": _Len, "getitem": _Getitem, "iter": _Iter, "next": _Next}
_CLASSES: dict[frozenset[str], type] = {}


def make_proxy(connection: Operator, number: int, can: frozenset[str], classes: tuple[str, ...], path: str) -> Any:
    """Return a proxy that offers the protocols that the student's object has."""
    offered = frozenset(can & _PROTOCOLS.keys())
    if "next" in offered:
        offered -= {"iter"}
    if offered not in _CLASSES:
        bases = tuple(_PROTOCOLS[name] for name in sorted(offered))
        _CLASSES[offered] = type("StudentObject", (*bases, RemoteObject), {})
    return _CLASSES[offered](connection, number, can, classes, path)


def is_proxy(value: Any) -> bool:
    """Return whether a value is a proxy (isinstance would believe the proxy's own `__class__`)."""
    return issubclass(type(value), RemoteObject)


class Kin:
    """Plain data of a class of the student's own. What the plain type has not got is asked for, where the reference's was."""

    def __getattr__(self, name: str) -> Any:
        proxy = vars(self).get("_proxy")
        special = name.startswith("__") and name.endswith("__")
        if proxy is None or special or not proxy._connection.allows("getattr", proxy, name):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return proxy._connection.operate("getattr", proxy, name)

    def __reduce_ex__(self, _protocol: Any) -> tuple[Any, ...]:
        plain = type(self).__mro__[-2]
        return plain, (plain(self),)


class _KinCall:
    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        proxy = vars(self)["_proxy"]
        if not proxy._connection.allows("call", proxy):
            raise TypeError(f"{type(self).__name__!r} object is not callable")
        return proxy(*arguments, **keywords)


class _KinDict(dict[Any, Any]):
    def __missing__(self, key: Any) -> Any:
        proxy = vars(self)["_proxy"]
        if "missing" not in proxy._can or not proxy._connection.allows("getitem", proxy, key):
            raise KeyError(key)
        return proxy._connection.operate("getitem", proxy, key)


_KIN: dict[tuple[type, bool], type] = {}


def make_kin(value: Any, proxy: Any) -> Any:
    """Return plain data (a list, tuple, dict or set) that knows the student's object that it came from."""
    base, callable_ = type(value), "call" in proxy._can
    if (base, callable_) not in _KIN:
        bases = (Kin, *([_KinCall] if callable_ else []), _KinDict if base is dict else base)
        _KIN[base, callable_] = type(base.__name__, bases, {})
    kin = _KIN[base, callable_](value)
    vars(kin)["_proxy"] = proxy
    return kin


def proxy_of(value: Any) -> Any:
    """Return the proxy that a value is, or that plain data came with; None for anything else."""
    if is_proxy(value):
        return value
    return vars(value)["_proxy"] if issubclass(type(value), Kin) else None


def _signature(proxy: Any) -> inspect.Signature:
    try:
        parameters = proxy._connection.operate("signature", proxy)
        empty = inspect.Parameter.empty
        kinds = inspect._ParameterKind
        return inspect.Signature(
            [
                inspect.Parameter(name, kinds(kind), default=default if has else empty)
                for name, kind, has, default in parameters
            ]
        )
    except (ValueError, TypeError) as error:
        raise AttributeError("__signature__") from error


def operation_of(verb: Verb, target: Any, arguments: tuple[Any, ...]) -> tuple[str, str]:
    """Return the operation as the manifest spells it, and the path of what it gives."""
    path = target._path if is_proxy(target) else "?"
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
    # Not by getattr: some libraries make or import what they are asked for.
    kind = getattr(sys.modules.get(module), "__dict__", {}).get(attribute)
    return kind if isinstance(kind, type) else None
