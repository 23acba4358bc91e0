"""Checks: what was called, what came back, what was expected, and the likely misconception.

    check(softmax, scores, 1).is_close(expected, hint="...", mistakes={"that is ...": wrong}).passed("two rows")

A check compares numbers and ignores how they are stored: Python floats, NumPy arrays and tensors of any dtype on any
device are all right if their values are. Shapes are compared before values and are never broadcast.
"""

import linecache
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from course.explaining import (
    how_they_differ,
    is_misspelt,
    is_refused,
    meaning_of,
    several_results,
    what_it_is,
    why_no_shape,
)
from course.showing import (
    MOST_CHARACTERS,
    MOST_NUMBERS,
    largest_difference,
    shorten,
    show,
    show_dtype,
    show_rows,
    show_shape,
)
from course.torch_calls import base_name, calls_of_torch
from course.values import ATOL, RTOL, as_numbers, as_shape, holds_floats, rounding_error, why_no_numbers

STUB = "Not answered yet"  # the message of an unanswered exercise's NotImplementedError begins with this
TELL_THEIR_CAUSE = (NameError, ImportError, SyntaxError, RecursionError)  # the exception says all that there is to say

# What a hint begins with. A hidden test shows nothing but its hint, so the hint must name the kind of failure.
KIND_WORDS = {
    "shape": "The result has the wrong shape.",
    "type": "The result is not of the right type.",
    "nothing": "Nothing came back: is there a `return`?",
    "dtype": "The result has the wrong dtype.",
    "raised": "The call raised an exception.",
    "no_error": "The call should have raised an exception.",
    "gradient": "No gradient reaches the argument.",
    "forbidden": "The answer uses a function that it should do without.",
}


class CheckFailed(AssertionError):
    """A check that failed.

    `kind` is "value" or one of the keys of `KIND_WORDS`. `hint` holds only words of the test's author and never a value
    that an answer returned, so it may be shown even for a hidden test.
    """

    def __init__(self, message: str, kind: str = "value", hint: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.hint = hint

    def _render_traceback_(self) -> list[str]:
        """Let Jupyter show the message alone: lines of this module would teach nothing."""
        return str(self).splitlines()


@dataclass(frozen=True)
class Check:
    """One call of a student's function and what came of it; each method asserts one thing and returns the check."""

    call: str  # as the student would write it
    result: Any = None
    error: Exception | None = None
    function: Callable[..., Any] | None = None
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] | None = None

    def is_close(
        self,
        expected: Any,
        *,
        hint: str = "",
        mistakes: Mapping[str, Any] | None = None,
        rtol: float = RTOL,
        atol: float = ATOL,
    ) -> "Check":
        """Assert the shape and then the values of `expected` (numbers, nested lists, tensor or array).

        Where one number is expected, the shapes (1,) and (1, 1) are accepted as well as ().
        `mistakes` maps an explanation to the wrong value that a misconception leads to. A result that equals one of
        these values gets its explanation in place of the hint.
        """
        wanted = _must_be_numbers(expected)
        got = self._numbers(hint, show_rows(expected))
        if wanted.dim() == 0 and got.numel() == 1:
            got = got.reshape(())
        rtol = max(rtol, self._rounding()) if rtol else 0
        if got.shape == wanted.shape and torch.allclose(got, wanted, rtol=rtol, atol=atol):
            return self
        matched = _matching_mistake(got, mistakes, rtol, atol)
        note = "" if matched else how_they_differ(got, wanted, self.result, max(rtol, RTOL), max(atol, ATOL))
        if got.shape != wanted.shape:
            raise self._wrong_shape(tuple(wanted.shape), matched or hint, show_rows(expected), note)
        difference = largest_difference(got, wanted)
        raise self._failure("value", matched or hint, Expected=show_rows(expected), Difference=difference, Note=note)

    def equals(self, expected: Any, *, hint: str = "", mistakes: Mapping[str, Any] | None = None) -> "Check":
        """Assert exact equality: numbers by shape and value, anything else by type and `==`."""
        self._must_have_returned(hint)
        if as_numbers(expected) is not None:
            self.is_close(expected, hint=hint, mistakes=mistakes, rtol=0, atol=0)
            if type(self.result) is type(expected) is int and self.result != expected:  # floats cannot tell them apart
                raise self._failure("value", hint, Expected=show(expected))
            return self
        if _equal(self.result, expected):
            return self
        matched = next((words for words, value in (mistakes or {}).items() if _equal(self.result, value)), "")
        kind = "value" if isinstance(self.result, type(expected)) else "type"
        raise self._failure(kind, matched or hint, Expected=show(expected))

    def has_shape(self, shape: tuple[int, ...], *, hint: str = "") -> "Check":
        """Assert the shape of the result; a Python number has the shape ()."""
        if tuple(self._numbers(hint).shape) != tuple(shape):
            raise self._wrong_shape(tuple(shape), hint)
        return self

    def is_shape(
        self, expected: tuple[int, ...], *, hint: str = "", mistakes: Mapping[str, tuple[int, ...]] | None = None
    ) -> "Check":
        """Assert that the result is this shape: its whole numbers in a tuple, list, torch.Size, tensor or array."""
        self._must_have_returned(hint)
        got = as_shape(self.result)
        if got == tuple(expected):
            return self
        matched = next((words for words, wrong in (mistakes or {}).items() if got == tuple(wrong)), "")
        note = "" if matched else why_no_shape(self.result, tuple(expected))
        kind = "type" if got is None else "value"
        raise self._failure(kind, matched or hint, Expected=show(tuple(expected)), Note=note)

    def numbers(self, dims: int | None = None, *, hint: str = "") -> Tensor:
        """Return the result as a float64 tensor on the CPU; assert that it is made of numbers and has `dims` dimensions."""
        numbers = self._numbers(hint)
        if dims is not None and numbers.dim() != dims:
            expected = f"{dims} dimension{'' if dims == 1 else 's'}"
            got = show_shape(tuple(numbers.shape))
            raise self._failure("shape", hint, Returned=f"{got}: {show(self.result)}", Expected=expected)
        return numbers

    def has_dtype(self, dtype: torch.dtype, *, hint: str = "") -> "Check":
        """Assert the dtype of a tensor, for exercises that are about dtypes; all others compare numbers only."""
        self._must_have_returned(hint)
        got = self.result.dtype if isinstance(self.result, Tensor) else None
        if got != dtype:
            raise self._failure("dtype", hint, Expected=f"a tensor of dtype {show_dtype(dtype)}")
        return self

    def is_floating(self, *, hint: str = "") -> "Check":
        """Assert that the result holds floating-point numbers; any precision is accepted."""
        self._numbers(hint)
        if not holds_floats(self.result):
            raise self._failure("dtype", hint, Expected="floating-point numbers (any precision)")
        return self

    def is_finite(self, *, hint: str = "") -> "Check":
        """Assert that the result holds no nan and no infinity."""
        if not torch.isfinite(self._numbers(hint)).all():
            raise self._failure("value", hint, Expected="finite numbers: no nan, no inf")
        return self

    def is_a(self, kind: type | tuple[type, ...], *, hint: str = "") -> "Check":
        """Assert that the result is an instance of `kind` or of one of several kinds."""
        self._must_have_returned(hint)
        if not isinstance(self.result, kind):
            kinds = kind if isinstance(kind, tuple) else (kind,)
            raise self._failure("type", hint, Expected=" or ".join(k.__name__ for k in kinds))
        return self

    def satisfies(self, property_holds: Callable[[Any], Any], words: str, *, hint: str = "") -> "Check":
        """Assert that `property_holds(result)` is true; `words` say what was expected."""
        self._must_have_returned(hint)
        try:
            holds = bool(property_holds(self.result))
        except Exception:  # an answer may return anything, and the property need not make sense for it
            holds = False
        if not holds:
            raise self._failure("value", hint, Expected=words)
        return self

    def raises(self, error: type[Exception], *, hint: str = "") -> "Check":
        """Assert that the call raised `error` or a subclass of it."""
        if self.error is None:
            article = "an" if error.__name__[0] in "AEIOU" else "a"
            raise self._failure("no_error", hint, Expected=f"{article} {error.__name__}")
        if not isinstance(self.error, error):
            raise self._raised(hint=hint, Expected=error.__name__) from self.error
        return self

    def has_gradient(
        self,
        expected: Any,
        *,
        of: int = 0,
        hint: str = "",
        mistakes: Mapping[str, Any] | None = None,
        rtol: float = RTOL,
        atol: float = ATOL,
    ) -> "Check":
        """Assert the gradient of the result's sum with respect to the positional argument number `of`, counted from 0.

        The function is called a second time for this.
        """
        self._must_have_returned(hint)
        assert self.function is not None, "has_gradient needs check(function, ...), not check_value(...)"
        leaf = self.args[of].detach().clone().requires_grad_()
        args = [leaf if i == of else _copy(arg) for i, arg in enumerate(self.args)]
        again = _call(self.function, tuple(args), dict(self.kwargs or {}), self.call)
        again._must_have_returned(hint)
        expectation = f"a result that autograd can follow back to argument {of + 1}"
        try:
            gradient = _gradient(again.result, leaf)
        except RuntimeError as error:  # such as that of a tensor that was changed in place
            raise self._failure("gradient", hint, Raised=shorten(str(error)), Expected=expectation) from error
        if gradient is None:
            raise self._failure("gradient", hint, Expected=expectation)
        of_gradient = Check(f"gradient of {self.call} in its argument {of + 1}", gradient)
        of_gradient.is_close(expected, hint=hint, mistakes=mistakes, rtol=rtol, atol=atol)
        return self

    def uses_no(self, *names: str, hint: str = "") -> "Check":
        """Assert that the call does not use these PyTorch functions, such as "torch.cumsum".

        A name stands for every function with the same last part, so the method `cumsum` and the in-place `cumsum_` are
        refused too. The function is called a second time for this. The check only reminds those who forgot what the
        exercise is about: functions of NumPy are not noticed, and whoever wants to can hide a call. Never let it be all
        that a test asks for.
        """
        self._must_have_returned(hint)
        assert self.function is not None, "uses_no needs check(function, ...), not check_value(...)"
        args, kwargs = [_copy(arg) for arg in self.args], {key: _copy(v) for key, v in (self.kwargs or {}).items()}
        forbidden = {base_name(name) for name in names}
        used = sorted(name for name in calls_of_torch(self.function, *args, **kwargs) if base_name(name) in forbidden)
        if used:
            raise self._failure("forbidden", hint, Used=", ".join(used[:MOST_NUMBERS]))
        return self

    def parts(self, *names: str, hint: str = "") -> tuple["Check", ...]:
        """Assert that the result has one part for each of `names`, and return a check of each part in that order.

        The parts may come in a tuple, list, tensor or array.
        """
        self._must_have_returned(hint)
        given = self.result
        is_array = isinstance(given, np.ndarray) or (isinstance(given, Tensor) and not given.is_nested)
        several = isinstance(given, tuple | list) or (is_array and given.ndim > 0)
        if not several or len(given) != len(names):
            raise self._failure("type", hint, Expected=f"{len(names)} results: {', '.join(names)}")
        return tuple(Check(f"{self.call}, {name}", part) for name, part in zip(names, given, strict=True))

    def passed(self, proved: str, more: str = "") -> "Check":
        """Print what the checks of this cell have proved and, in `more`, what grading will test in addition."""
        self._must_have_returned("")
        print(f"Passed: {proved}." + (f" Not tested here, but at grading: {more}." if more else ""))
        return self

    def __repr__(self) -> str:
        return f"Check({self.call})"

    def _ipython_display_(self) -> None:
        """Show nothing when a check is a cell's last line: it has passed, and `passed` says what that proves."""

    def _rounding(self) -> float:
        """Return the relative error that comes with arguments in half precision; a result in it alone is the answer's own choice."""
        arguments = (*self.args, *(self.kwargs or {}).values())
        return min(rounding_error(self.result), max(map(rounding_error, arguments), default=0.0))

    def _must_have_returned(self, hint: str) -> None:
        if self.error is not None:
            raise self._raised(task=hint) from self.error

    def _numbers(self, hint: str, expected: str = "numbers: a tensor, an array or a float") -> Tensor:
        self._must_have_returned(hint)
        numbers = as_numbers(self.result)
        if numbers is None:
            note = what_it_is(self.result) or why_no_numbers(self.result)
            raise self._failure("type", hint, Expected=expected, Note=note)
        return numbers

    def _wrong_shape(self, shape: tuple[int, ...], hint: str, values: str = "", note: str = "") -> CheckFailed:
        """Return the failure for a result that does not have `shape`; `values` is the text of what was expected.

        `note` says how it differs.
        """
        expected = show_shape(shape) + (f": {values}" if values and len(values) < MOST_CHARACTERS else "")
        numbers = self._numbers(hint)
        got, returned = show_shape(tuple(numbers.shape)), show_rows(self.result)
        # A text in rows begins with the shape.
        return self._failure(
            "shape",
            hint,
            Returned=returned if "\n" in returned else f"{got}: {returned}",
            Expected=values if "\n" in values else expected,
            Note=note or what_it_is(self.result) or several_results(self.result, numbers.dim() - len(shape)),
        )

    def _raised(self, task: str = "", hint: str = "", **facts: str) -> CheckFailed:
        """Return the failure for an exception: the `task` says nothing about its cause, a `hint` does."""
        error = self.error
        assert error is not None
        name = self.call.partition("(")[0]
        is_plain = isinstance(error, TELL_THEIR_CAUSE) or is_refused(error, name) or is_misspelt(error)
        told: dict[str, str] = {"Called": self.call, "Raised": _raised_as(error), "From": _from(error)}
        told |= {"Where": _where(error), "Means": "" if hint else meaning_of(error, name)}
        message = _message(**told, **facts, Task="" if is_plain else task, Hint=hint)
        return CheckFailed(message, "raised", _words("raised", hint, task))

    def _failure(self, kind: str, hint: str, **facts: str) -> CheckFailed:
        """Return a failure whose message lists the call, the result and `facts`, one line each, without empty ones."""
        if self.result is None and kind != "no_error":
            nothing = KIND_WORDS["nothing"]
            message = _message(
                Called=self.call, Returned=f"None. {nothing}", Expected=facts.get("Expected", ""), Task=hint
            )
            return CheckFailed(message, "nothing", _words("nothing", "", hint))
        if kind == "type" or isinstance(self.result, BaseException):
            facts["Note"] = facts.get("Note") or what_it_is(self.result)
        message = _message(**{"Called": self.call, "Returned": show_rows(self.result), **facts, "Hint": hint})
        return CheckFailed(message, kind, _words(kind, hint))


def check(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Check:
    """Call `function` on copies of the arguments and return a `Check` of what came back.

    An exception is kept for the assertion that follows. That of an unanswered exercise is raised at once.
    """
    name = getattr(function, "__name__", None) or type(function).__name__
    arguments = [show(arg) for arg in args] + [f"{key}={show(value)}" for key, value in kwargs.items()]
    return _call(function, args, kwargs, f"{name}({', '.join(arguments)})")


def check_value(name: str, value: Any) -> Check:
    """Return a `Check` of a value that is already there, such as a parameter or its gradient."""
    return Check(name, value)


def _message(**facts: str) -> str:
    """Return a message with one line per fact, without empty ones."""
    return "Not right yet.\n" + "\n".join(f"  {name + ':':<12}{_indent(fact)}" for name, fact in facts.items() if fact)


def _words(kind: str, hint: str, task: str = "") -> str:
    """Return what may be shown of a hidden test's failure. A `task` is no explanation, so it is told apart from a hint."""
    return " ".join(words for words in (KIND_WORDS.get(kind, ""), hint, f"The task: {task}" if task else "") if words)


def _indent(text: str) -> str:
    """Align all lines of a fact with its first, which stands behind the fact's name."""
    return text.replace("\n", "\n" + 14 * " ")


def _call(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], call: str) -> Check:
    try:
        result = function(*[_copy(arg) for arg in args], **{key: _copy(value) for key, value in kwargs.items()})
    except Exception as error:
        if _is_stub(error):
            _hide_traceback(error, call)
            raise
        return Check(call, None, error, function, args, kwargs)
    return Check(call, result, None, function, args, kwargs)


def _is_stub(error: Exception) -> bool:
    """Return whether the error is that of an unanswered exercise; PyTorch raises NotImplementedErrors of its own."""
    return isinstance(error, NotImplementedError) and (not str(error) or str(error).startswith(STUB))


def _hide_traceback(error: Exception, call: str) -> None:
    """Let Jupyter show one line for an unanswered exercise instead of a traceback through this module."""
    name = call.partition("(")[0]
    line = f"Not answered yet: write your code for {name} in the cell above, run it, then run this cell again."
    error._render_traceback_ = lambda: [line]  # type: ignore[attr-defined]


def _copy(value: Any) -> Any:
    """Copy what an answer could change in place, so that a wrong answer cannot spoil the test's own data."""
    if isinstance(value, Tensor):
        return value if value.requires_grad else value.clone()
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) in (list, tuple, set):
        return type(value)(_copy(item) for item in value)
    if type(value) is dict:
        return {key: _copy(item) for key, item in value.items()}
    return value


def _equal(result: Any, expected: Any) -> bool:
    try:
        return type(result) is type(expected) and bool(result == expected)
    except Exception:  # what an answer returned may refuse to be compared, as a list of arrays does
        return False


def _gradient(result: Any, leaf: Tensor) -> Tensor | None:
    if not isinstance(result, Tensor) or not result.requires_grad:
        return None
    return torch.autograd.grad(result.sum(), leaf, allow_unused=True)[0]


def _must_be_numbers(expected: Any) -> Tensor:
    numbers = as_numbers(expected)
    if numbers is None:
        raise TypeError(f"this check is written wrongly: {expected!r} is not made of numbers; use .equals")
    return numbers


def _matching_mistake(got: Tensor, mistakes: Mapping[str, Any] | None, rtol: float, atol: float) -> str:
    for words, value in (mistakes or {}).items():
        wrong = _must_be_numbers(value)
        if got.shape == wrong.shape and torch.allclose(got, wrong, rtol=rtol, atol=atol, equal_nan=True):
            return words
    return ""


def _raised_as(error: BaseException) -> str:
    return f"{type(error).__name__}: {shorten(str(error))}"


def _from(error: Exception) -> str:
    """Return the exception in whose place a cell raised this one: a wide `except` hides a slip in its `try`."""
    first = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return f"{_raised_as(first)} ({_where(first)})" if isinstance(first, Exception) and _where(first) else ""


def _where(error: BaseException) -> str:
    """Return the line of a notebook cell that raised; frames of this module and of libraries would not help."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if "ipykernel_" in frame.filename or frame.filename.startswith("<ipython-input"):
            line = linecache.getline(frame.filename, frame.lineno or 0).strip()
            return f"line {frame.lineno} of the cell with {frame.name}: {line}"
    return ""
