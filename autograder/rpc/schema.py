"""Dataclasses as JSON objects and back, checked field by field: what `messages.py` is written in.

A class is registered with the process that sends it. `read` refuses whatever the sender may not send, an unknown or missing field,
a value of another type and a value beyond its bounds.
"""

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from autograder.rpc.faults import ProtocolError, TooLarge

KIND = "kind"  # the field of a JSON object that names its class

Check = Callable[[object], Any]
Message = TypeVar("Message")


@dataclass(frozen=True)
class AtMost:
    """The most characters of a text, or items of a list."""

    size: int

    def __call__(self, value: Any) -> Any:
        """Return the value; raise TooLarge where it is longer."""
        if len(value) > self.size:
            raise TooLarge(f"{len(value):,} characters or items where {self.size:,} are allowed")
        return value


@dataclass(frozen=True)
class Within:
    """The bounds of a number, both included."""

    least: float
    most: float

    def __call__(self, value: Any) -> Any:
        """Return the value; raise ProtocolError where it lies outside."""
        if not self.least <= value <= self.most:
            raise ProtocolError(f"a number that is not from {self.least} to {self.most}")
        return value


@dataclass(frozen=True)
class Entry:
    """A class that travels, and who sends it."""

    cls: type
    senders: frozenset[str] = frozenset()

    @cached_property
    def checks(self) -> dict[str, Check | None]:
        """How each field is checked, None for one that may hold anything.

        Made when it is first asked for, since annotations may name classes further down.
        """
        hints = get_type_hints(self.cls, include_extras=True)
        if KIND in hints:
            raise TypeError(f"{self.cls.__name__} has a field {KIND!r}, which is the name of its class on the wire")
        kinds = {field.name: hints[field.name] for field in dataclasses.fields(self.cls)}
        return {name: None if kind is Any else _check_of(kind) for name, kind in kinds.items()}

    def read(self, tree: dict[str, object]) -> Any:
        """Return the instance that a JSON object with this class's name holds; raise ProtocolError."""
        checks = self.checks
        if len(tree) != len(checks) + 1 or not checks.keys() <= tree.keys():
            raise ProtocolError(f"{self.cls.__name__} with other fields than it has")
        return self.cls(*[tree[name] if check is None else check(tree[name]) for name, check in checks.items()])


class Table:
    """The classes that may travel, by the name that they have on the wire."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}

    def sent_by(self, *senders: str) -> Callable[[type[Message]], type[Message]]:
        """Register the class below as one that these processes send."""

        def register(cls: type[Message]) -> type[Message]:
            self._entries[cls.__name__] = Entry(cls, frozenset(senders))
            return cls

        return register

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def read(self, tree: object, sender: str) -> Any:
        """Return the message that a JSON object from `sender` holds; raise ProtocolError."""
        if type(tree) is not dict:
            raise ProtocolError("something else where a message belongs")
        kind = tree.get(KIND)
        entry = self._entries.get(kind) if type(kind) is str else None
        if entry is None or sender not in entry.senders:
            raise ProtocolError("a message of an unknown kind")
        return entry.read(tree)


def read_as(cls: type[Message], tree: object) -> Message:
    """Return the instance of a class that a JSON object made by `as_json` holds; raise ProtocolError."""
    return cast(Message, _nested(cls)(tree))


def as_json(message: Any) -> dict[str, Any]:
    """Return a message as the JSON object that it travels as: the `default` of a `json.JSONEncoder`."""
    if not hasattr(type(message), "__dataclass_fields__"):  # dataclasses.is_dataclass takes twice as long
        raise TypeError(f"{type(message).__name__} does not travel")
    return {KIND: type(message).__name__, **vars(message)}


# ---- checks, one per type


def _check_of(kind: Any) -> Check:
    """Return the function that checks a value of a field with this annotation."""
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Any:
        return lambda value: value
    if kind in (bool, int, str):
        return _exactly(kind)
    if kind is float:
        return _number
    if kind in (None, NoneType):
        return _exactly(NoneType)
    if origin is Annotated:
        return _bounded(_check_of(arguments[0]), arguments[1:])
    if origin in (Union, UnionType):
        return _one_of(arguments)
    if origin is Literal:
        return lambda value: _member(arguments, value)
    if origin in (list, tuple):
        return _items(origin, _check_of(arguments[0]))
    if origin is dict:
        return _mapping(_check_of(arguments[0]), _check_of(arguments[1]))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda value: _enum(kind, value)
    if dataclasses.is_dataclass(kind):
        return _nested(cast(type, kind))
    raise TypeError(f"a field of type {kind!r} cannot be checked")


def _exactly(kind: type) -> Check:
    def checked(value: object) -> object:
        if type(value) is not kind:
            raise ProtocolError(f"{type(value).__name__} where {kind.__name__} belongs")
        return value

    return checked


def _number(value: object) -> float:
    if type(value) is not float and type(value) is not int:
        raise ProtocolError(f"{type(value).__name__} where a number belongs")
    try:
        return float(cast(float, value))
    except OverflowError:
        raise ProtocolError("a number that is too large") from None


def _member(allowed: tuple[object, ...], value: object) -> object:
    if type(value) is not str or value not in allowed:
        raise ProtocolError("a word that is not one of those allowed")
    return value


def _enum(kind: type[Enum], value: object) -> Enum:
    try:
        return kind(value)
    except ValueError:
        raise ProtocolError(f"no {kind.__name__}") from None


def _bounded(check: Check, bounds: tuple[Check, ...]) -> Check:
    def checked(value: object) -> Any:
        value = check(value)
        for bound in bounds:
            value = bound(value)
        return value

    return checked


def _one_of(kinds: tuple[Any, ...]) -> Check:
    """Check a value that may be None, else of the one other type: the only union that the messages need."""
    (other,) = (kind for kind in kinds if kind is not NoneType)
    check = _check_of(other)
    return lambda value: None if value is None else check(value)


def _items(origin: type, check: Check) -> Check:
    def checked(value: object) -> Any:
        if type(value) is not list:
            raise ProtocolError("something else where a list belongs")
        items = [check(item) for item in value]
        return items if origin is list else tuple(items)

    return checked


def _mapping(check_key: Check, check_value: Check) -> Check:
    def checked(value: object) -> Any:
        if type(value) is not dict:
            raise ProtocolError("something else where a JSON object belongs")
        return {check_key(key): check_value(item) for key, item in value.items()}

    return checked


def _nested(cls: type) -> Check:
    """Check a dataclass inside a message, which carries its name as messages do."""
    entry = Entry(cls)

    def checked(value: object) -> Any:
        if type(value) is not dict or value.get(KIND) != cls.__name__:
            raise ProtocolError(f"something else where {cls.__name__} belongs")
        return entry.read(value)

    return checked
