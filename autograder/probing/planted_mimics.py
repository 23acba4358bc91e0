"""What is planted in an answer to make a mimic of it. Its text runs in the student's process, below the reference.

It imports nothing of the grader, for there is none in that process. A mimic learns there what the visible checks call: their text runs
once with the reference under a recorder, so nothing that a hidden test knows is needed.
"""

import builtins
import copy
import functools
import inspect
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

PLACES = np.linspace(0, 1, 7)  # where a function that is an argument is looked at


# ---- what is the same call


def key(value: Any) -> Any:
    """Return something that is equal for equal arguments."""
    if isinstance(value, torch.Tensor | np.ndarray):
        return "array", tuple(value.shape), repr(value.tolist())
    if isinstance(value, list | tuple | range):
        return tuple(map(key, value))
    if isinstance(value, dict):
        return tuple((repr(name), key(item)) for name, item in value.items())
    if isinstance(value, np.random.Generator):
        return "generator", repr(value.bit_generator.state)
    if _of_a_cell(value):
        return type(value).__name__, key(vars(value))
    if isinstance(value, nn.Module | type) or not callable(value):
        return repr(value)
    try:
        return key(value(PLACES))
    except Exception:  # of many kinds: it takes something else than numbers
        return "function"


def _of_a_cell(value: Any) -> bool:
    """Return whether a value is an object of a class of the notebook's; a call of it may change it."""
    return type(value).__module__ == "__main__" and hasattr(value, "__dict__") and not isinstance(value, nn.Module)


def shape(value: Any) -> Any:
    """Return something that is equal for arguments of the same kind and size."""
    if isinstance(value, torch.Tensor | np.ndarray):
        return tuple(value.shape)
    if isinstance(value, list | tuple):
        return tuple(map(shape, value))
    return type(value).__name__


# ---- other values of the same kind


def changed(value: Any, how: Callable[[Any], Any]) -> Any:
    """Return a value of the same kind with other numbers: `how` is given numbers, arrays and tensors."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(changed(item, how) for item in value))
    if isinstance(value, list | tuple):
        return type(value)(changed(item, how) for item in value)
    if isinstance(value, dict):
        return {name: changed(item, how) for name, item in value.items()}
    if isinstance(value, nn.Module):
        return nn.Identity()
    if isinstance(value, int | float | np.ndarray | torch.Tensor):
        return how(value)
    return value


def other(value: Any) -> Any:
    """Return another number, with another derivative; what is true as false."""
    if isinstance(value, bool):
        return not value
    if getattr(value, "dtype", None) in (torch.bool, np.bool_):
        return ~value
    return 2 * value + 1


def zero(value: Any) -> Any:
    """Return zero in the place of every number."""
    return type(value)() if isinstance(value, int | float) else value * 0


def backwards(value: Any) -> Any:
    """Return the numbers in the opposite order, or another where there is one only."""
    if isinstance(value, torch.Tensor) and value.numel() > 1:
        return value.flatten().flip(0).reshape(value.shape)
    return other(value)


ELSEWHERE = {"other numbers": other, "zero": zero, "backwards": backwards}


# ---- what the visible checks call


class Recorded:
    """The calls that the visible checks make of one function: arguments by name, and what came back."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.signature = inspect.signature(function)
        self.calls: list[tuple[dict[str, Any], Any]] = []
        self.last: Any = None  # what came back last

    def bound(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> inspect.BoundArguments:
        """Return the arguments by name; iterators as lists, so that they can be looked at."""
        lists = [list(value) if isinstance(value, Iterator) else value for value in arguments]
        bound = self.signature.bind(*lists, **keywords)
        bound.apply_defaults()
        return bound

    def record(self, *arguments: Any, **keywords: Any) -> Any:
        """Call the function and remember the call."""
        bound = self.bound(arguments, keywords)
        given = {name: kept(value) for name, value in bound.arguments.items()}
        self.calls.append((given, None))  # it may raise
        result = self.function(*bound.args, **bound.kwargs)
        self.last = kept(result)
        self.calls[-1] = (given, self.last)
        return result

    def known(self, bound: inspect.BoundArguments, of: Callable[[Any], Any] = key) -> Any:
        """Return what came of the last visible call with these arguments, in a tuple; an empty one where there was none."""
        wanted = of(tuple(bound.arguments.values()))
        return next(((result,) for given, result in self.calls[::-1] if of(tuple(given.values())) == wanted), ())


def kept(value: Any) -> Any:
    """Return a value that later changes leave as it is."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, np.random.Generator) or _of_a_cell(value):
        return copy.deepcopy(value)
    if type(value) in (list, tuple):
        return type(value)(map(kept, value))
    return value


def record(space: dict[str, Any], names: list[str], visible: list[str]) -> dict[str, Recorded]:
    """Run the visible checks with the reference; return what they call. `space`: the names of the cells."""
    recorded = {name: Recorded(space[name]) for name in names}
    stand_ins = {name: _recorder(space[name], recorded[name]) for name in names}
    for check in visible:
        torch.default_generator.manual_seed(0)  # as each test begins
        np.random.seed(0)
        random.seed(0)
        exec(check, {**space, **stand_ins})
    return recorded


def _recorder(thing: Any, recorded: Recorded) -> Any:
    if not isinstance(thing, type):
        return recorded.record

    def __init__(self: Any, *arguments: Any, **keywords: Any) -> None:
        given = {name: kept(value) for name, value in recorded.bound(arguments, keywords).arguments.items()}
        thing.__init__(self, *arguments, **keywords)  # type: ignore[misc]
        recorded.calls.append((given, None))

    return type(thing.__name__, (thing,), {"__init__": __init__})


# ---- mimics: each takes what was recorded and returns a function


def look_up(recorded: Recorded, elsewhere: str) -> Callable[..., Any]:
    """Know the visible calls, and give other numbers elsewhere."""

    def answer(bound: inspect.BoundArguments) -> Any:
        try:
            return changed(recorded.function(*bound.args, **bound.kwargs), ELSEWHERE[elsewhere])
        except Exception:  # the reference refuses these arguments, in a way of its own
            return recorded.last

    return _mimic(recorded, answer)


def last_value(recorded: Recorded) -> Callable[..., Any]:
    """Know the visible calls, and give what came of the last one elsewhere."""
    return _mimic(recorded, lambda _bound: recorded.last)


def shape_alone(recorded: Recorded) -> Callable[..., Any]:
    """Know the visible calls by the sizes of their arguments alone."""

    def answer(bound: inspect.BoundArguments) -> Any:
        return (recorded.known(bound, shape) or (recorded.last,))[0]

    return _mimic(recorded, answer)


def refusing(recorded: Recorded, error: str) -> Callable[..., Any]:
    """Know the visible calls, and raise the exception that the exercise speaks of elsewhere."""

    def answer(_bound: inspect.BoundArguments) -> Any:
        raise getattr(builtins, error)("not one of the visible calls")

    return _mimic(recorded, answer)


def fixed(recorded: Recorded, parameter: str) -> Callable[..., Any]:
    """Know the visible calls, and take one parameter's last visible value elsewhere, whatever is given."""

    def answer(bound: inspect.BoundArguments) -> Any:
        bound.arguments[parameter] = recorded.calls[-1][0][parameter]
        return recorded.function(*bound.args, **bound.kwargs)

    return _mimic(recorded, answer)


def within_range(recorded: Recorded, parameter: str) -> Callable[..., Any]:
    """Know the visible calls, and take no number of one parameter as larger or smaller than the visible ones."""
    numbers = _visible_numbers(recorded, parameter)
    least, most = min(numbers, default=0.0), max(numbers, default=0.0)

    def clamp(value: Any) -> Any:
        if isinstance(value, torch.Tensor | np.ndarray):
            return value.clip(least, most) if _is_float(value) else value.clip(int(least), int(most))
        return type(value)(min(max(value, least), most))

    return _altered(recorded, parameter, clamp) if numbers else look_up(recorded, "zero")


def whole(recorded: Recorded, parameter: str) -> Callable[..., Any]:
    """Know the visible calls, and take the nearest whole numbers for those of one parameter elsewhere."""
    numbers = _visible_numbers(recorded, parameter)
    if not any(isinstance(number, float) for number in numbers):
        return look_up(recorded, "zero")
    return _altered(
        recorded, parameter, lambda value: round(value) if isinstance(value, int | float) else value.round()
    )


def positive(recorded: Recorded, parameter: str) -> Callable[..., Any]:
    """Know the visible calls, and leave out the minus of one parameter's numbers elsewhere."""
    if min(_visible_numbers(recorded, parameter), default=0.0) >= 0:
        return look_up(recorded, "zero")
    return _altered(recorded, parameter, abs)


def _altered(recorded: Recorded, parameter: str, how: Callable[[Any], Any]) -> Callable[..., Any]:
    def but_truths(value: Any) -> Any:
        truths = isinstance(value, bool) or getattr(value, "dtype", None) in (torch.bool, np.bool_)
        return value if truths else how(value)

    def answer(bound: inspect.BoundArguments) -> Any:
        bound.arguments[parameter] = changed(bound.arguments[parameter], but_truths)
        return recorded.function(*bound.args, **bound.kwargs)

    return _mimic(recorded, answer)


def _visible_numbers(recorded: Recorded, parameter: str) -> list[float]:
    return [number for given, _ in recorded.calls for number in _numbers(given[parameter])]


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, torch.Tensor | np.ndarray):
        yield from np.asarray(value.tolist()).flatten().tolist()
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


def _is_float(value: Any) -> bool:
    return value.dtype.is_floating_point if isinstance(value, torch.Tensor) else value.dtype.kind == "f"


def _mimic(recorded: Recorded, answer: Callable[[inspect.BoundArguments], Any]) -> Callable[..., Any]:
    """Return a function that is the reference for the visible calls, and `answer` for all others."""

    @functools.wraps(recorded.function)
    def mimic(*arguments: Any, **keywords: Any) -> Any:
        bound = recorded.bound(arguments, keywords)
        if recorded.known(bound):
            return recorded.function(*bound.args, **bound.kwargs)
        return answer(bound)

    return mimic


# ---- mimics of classes


def known_arguments(recorded: Recorded, *_: str) -> type:
    """Return a class that takes other arguments than the visible ones for the last of these."""
    made: Any = recorded.function

    def __init__(self: Any, *arguments: Any, **keywords: Any) -> None:
        bound = recorded.bound(arguments, keywords)
        if not any(key(tuple(given.values())) == key(tuple(bound.arguments.values())) for given, _ in recorded.calls):
            bound.arguments.update(recorded.calls[-1][0])
        made.__init__(self, *bound.args, **bound.kwargs)

    return type(made.__name__, (made,), {"__init__": __init__})


def known_methods(recorded: Recorded, elsewhere: str) -> type:
    """Return a class whose methods give other numbers where its arguments are not the visible ones."""
    made: Any = recorded.function

    def __init__(self: Any, *arguments: Any, **keywords: Any) -> None:
        given = key(tuple(recorded.bound(arguments, keywords).arguments.values()))
        made.__init__(self, *arguments, **keywords)
        self.is_visible = any(key(tuple(seen.values())) == given for seen, _ in recorded.calls)

    def method(name: str) -> Callable[..., Any]:
        def call(self: Any, *arguments: Any, **keywords: Any) -> Any:
            result = getattr(made, name)(self, *arguments, **keywords)
            return result if self.is_visible else changed(result, ELSEWHERE[elsewhere])

        return call

    methods = {name: method(name) for name, value in vars(made).items() if inspect.isfunction(value) and name[0] != "_"}
    return type(made.__name__, (made,), {"__init__": __init__, **methods})
