"""What is planted in an answer to make a disguise of it: each function takes the reference and returns something that does the same.

Its text runs in the student's process, below the reference, and imports nothing of the grader: there is none in that process.
"""

import collections
import functools
import inspect
import types
from collections.abc import Callable
from typing import Any

import torch


def closure(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that was made inside of another."""

    def inner(*arguments: Any, **keywords: Any) -> Any:
        return function(*arguments, **keywords)

    return inner


def instance(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return an object that can be called."""

    class Answer:
        def __call__(self, *arguments: Any, **keywords: Any) -> Any:
            return function(*arguments, **keywords)

    return Answer()


def partial(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a partial object."""
    return functools.partial(function)


def decorated(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return what a decorator with `functools.wraps` makes of a function."""

    @functools.wraps(function)
    def wrapper(*arguments: Any, **keywords: Any) -> Any:
        return function(*arguments, **keywords)

    return wrapper


def bound_method(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method of an object."""
    return types.MethodType(lambda _self, *arguments, **keywords: function(*arguments, **keywords), object())


def printing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that prints a line at each call."""

    def inner(*arguments: Any, **keywords: Any) -> Any:
        print("called")
        return function(*arguments, **keywords)

    return inner


def by_name(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that hands on its arguments by their names."""
    signature = inspect.signature(function)

    def inner(*arguments: Any, **keywords: Any) -> Any:
        return function(**signature.bind(*arguments, **keywords).arguments)

    return inner


def in_double(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that computes in float64 and gives back float32 where it was given nothing else."""

    def inner(*arguments: Any, **keywords: Any) -> Any:
        given: list[torch.dtype] = []
        doubled = [_cast(value, torch.float32, torch.float64, given) for value in arguments]
        result = function(
            *doubled, **{name: _cast(value, torch.float32, torch.float64, given) for name, value in keywords.items()}
        )
        return _cast(result, torch.float64, torch.float32, []) if set(given) == {torch.float32} else result

    return inner


def _cast(value: Any, old: torch.dtype, new: torch.dtype, seen: list[torch.dtype]) -> Any:
    if type(value) in (list, tuple):
        return type(value)(_cast(item, old, new, seen) for item in value)
    if isinstance(value, torch.Tensor) and value.is_floating_point():
        seen.append(value.dtype)
        return value.to(new) if value.dtype == old else value
    return value


def scattered(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function whose tensors do not lie in one piece in memory."""

    def apart(value: Any) -> Any:
        if isinstance(value, torch.Tensor) and value.dim():
            return torch.stack([value, value], dim=-1)[..., 0]
        return value

    return lambda *arguments, **keywords: changed_tensors(function(*arguments, **keywords), apart)


def changed_tensors(value: Any, how: Callable[[Any], Any]) -> Any:
    """Return a value with other tensors in it."""
    if type(value) in (list, tuple):
        return type(value)(changed_tensors(item, how) for item in value)
    return how(value)


def named_parts(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that gives a named tuple where the reference gives a tuple."""

    def inner(*arguments: Any, **keywords: Any) -> Any:
        result = function(*arguments, **keywords)
        if type(result) is not tuple or not result:
            return result
        return collections.namedtuple("Parts", [f"part_{place}" for place in range(len(result))])(*result)

    return inner


def subclass(made: type) -> type:
    """Return a class that is derived from the reference and adds nothing."""
    return type(made.__name__, (made,), {})
