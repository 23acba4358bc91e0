"""Checks: what was called, what came back, what was expected, and the likely misconception.

    check(softmax, scores, 1).is_close(expected, hint="...", mistakes={"that is ...": wrong}).passed("two rows")

A check compares numbers, not how they are stored: Python floats, tensors of any dtype on any device and NumPy
arrays with the right values are all right. Shapes are compared apart from values and are never broadcast.
"""

import linecache
import math
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode, resolve_name

RTOL = 1e-4  # float32 keeps seven digits; four leave room for any order of summation
ATOL = 1e-6
MOST_NUMBERS = 16  # longer tensors are named by shape and dtype,
MOST_IN_A_MATRIX = 40  # but what came back and what was expected are written row by row up to here
MOST_CHARACTERS = 200
STUB = "Not answered yet"  # how the message of the NotImplementedError in an unanswered exercise begins

# What a hint begins with. A hidden test shows its hint alone, so the hint must say what kind of failure it was.
KIND_WORDS = {
    "shape": "The result has the wrong shape.",
    "type": "The result is not of the right type.",
    "dtype": "The result has the wrong dtype.",
    "raised": "The call raised an exception.",
    "no_error": "The call should have raised an exception.",
    "gradient": "No gradient reaches the argument.",
    "forbidden": "The answer uses a function that it should do without.",
}


class CheckFailed(AssertionError):
    """A check said no.

    `kind` is one of "value", "shape", "dtype", "type", "raised", "no_error", "gradient", "forbidden". `hint` holds words of the
    test's author alone and never a value that an answer returned: it may be shown for a hidden test.
    """

    def __init__(self, message: str, kind: str = "value", hint: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.hint = hint

    def _render_traceback_(self) -> list[str]:
        """Let Jupyter show the message alone: the lines of this module would teach nothing."""
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

        Where one number is expected, the shapes (1,) and (1, 1) will do as well as ().
        `mistakes` maps words to the wrong value that a known misconception gives: a match replaces the hint.
        """
        got = self._numbers(hint)
        wanted = _must_be_numbers(expected)
        if wanted.dim() == 0 and got.numel() == 1:
            got = got.reshape(())
        rtol = max(rtol, _rounding(self.result)) if rtol else 0
        if got.shape == wanted.shape and torch.allclose(got, wanted, rtol=rtol, atol=atol):
            return self
        hint = _matching_mistake(got, mistakes, rtol, atol) or hint
        if got.shape != wanted.shape:
            raise self._wrong_shape(tuple(wanted.shape), hint, show_rows(expected))
        raise self._failure("value", hint, Expected=show_rows(expected), Difference=_difference(got, wanted))

    def equals(self, expected: Any, *, hint: str = "", mistakes: Mapping[str, Any] | None = None) -> "Check":
        """Assert exact equality: numbers by shape and value, anything else by `==` and type."""
        self._must_have_returned(hint)
        if _numbers(expected) is not None:
            return self.is_close(expected, hint=hint, mistakes=mistakes, rtol=0, atol=0)
        if type(self.result) is type(expected) and self.result == expected:
            return self
        wrong = [words for words, value in (mistakes or {}).items() if type(self.result) is type(value)]
        matched = next((words for words in wrong if self.result == (mistakes or {})[words]), "")
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
        """Assert that the result itself is this shape: a tuple, list, torch.Size, tensor or array of its whole numbers."""
        self._must_have_returned(hint)
        got = _sizes(self.result)
        if got == tuple(expected):
            return self
        matched = next((words for words, wrong in (mistakes or {}).items() if got == tuple(wrong)), "")
        raise self._failure("type" if got is None else "value", matched or hint, Expected=show(tuple(expected)))

    def has_dtype(self, dtype: torch.dtype, *, hint: str = "") -> "Check":
        """Assert the dtype of a tensor, for exercises that are about dtypes; others compare numbers only."""
        self._must_have_returned(hint)
        got = self.result.dtype if isinstance(self.result, Tensor) else None
        if got != dtype:
            raise self._failure("dtype", hint, Expected=f"a tensor of dtype {_short(dtype)}")
        return self

    def is_floating(self, *, hint: str = "") -> "Check":
        """Assert numbers with a fractional part to come: any float dtype will do."""
        self._numbers(hint)
        if not _is_floating(self.result):
            raise self._failure("dtype", hint, Expected="floating-point numbers (any precision)")
        return self

    def is_finite(self, *, hint: str = "") -> "Check":
        """Assert that there is no nan and no infinity in the result."""
        if not torch.isfinite(self._numbers(hint)).all():
            raise self._failure("value", hint, Expected="finite numbers: no nan, no inf")
        return self

    def is_a(self, kind: type | tuple[type, ...], *, hint: str = "") -> "Check":
        """Assert the type of the result, subclasses included."""
        self._must_have_returned(hint)
        if not isinstance(self.result, kind):
            kinds = kind if isinstance(kind, tuple) else (kind,)
            raise self._failure("type", hint, Expected=" or ".join(k.__name__ for k in kinds))
        return self

    def satisfies(self, property_holds: Callable[[Any], Any], words: str, *, hint: str = "") -> "Check":
        """Assert that `property_holds(result)` is true; `words` say what was expected."""
        self._must_have_returned(hint)
        if not property_holds(self.result):
            raise self._failure("value", hint, Expected=words)
        return self

    def raises(self, error: type[Exception], *, hint: str = "") -> "Check":
        """Assert that the call raised `error` or a subclass of it."""
        if self.error is None:
            raise self._failure(
                "no_error",
                hint,
                Expected=f"an {error.__name__}" if error.__name__[0] in "AEIOU" else f"a {error.__name__}",
            )
        if not isinstance(self.error, error):
            raise self._raised(hint, Expected=error.__name__) from self.error
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
        """Assert the gradient of the (summed) result in the argument number `of`, found by calling once more."""
        self._must_have_returned(hint)
        assert self.function is not None, "has_gradient needs check(function, ...), not check_value(...)"
        leaf = self.args[of].detach().clone().requires_grad_()
        args = [leaf if i == of else _copy(arg) for i, arg in enumerate(self.args)]
        again = _call(self.function, tuple(args), dict(self.kwargs or {}), self.call)
        again._must_have_returned(hint)
        gradient = _gradient(again.result, leaf)
        if gradient is None:
            raise self._failure(
                "gradient", hint, Expected=f"a result that autograd can follow back to argument {of + 1}"
            )
        found = Check(f"gradient of {self.call} in its argument {of + 1}", gradient)
        found.is_close(expected, hint=hint, mistakes=mistakes, rtol=rtol, atol=atol)
        return self

    def uses_no(self, *names: str, hint: str = "") -> "Check":
        """Assert that the call does without functions of PyTorch's ("torch.cumsum"), found by calling once more.

        A name stands for every function that ends in it: the method and `cumsum_` in place are refused as well. It is a
        hint to people who forgot what the exercise is about, and no more: whoever wants to can hide a call from it (and
        NumPy's are not seen), so let it never be all that a test asks for.
        """
        self._must_have_returned(hint)
        assert self.function is not None, "uses_no needs check(function, ...), not check_value(...)"
        args, kwargs = [_copy(arg) for arg in self.args], {key: _copy(v) for key, v in (self.kwargs or {}).items()}
        seen = calls_of_torch(self.function, *args, **kwargs)
        forbidden = {_last_part(name) for name in names}
        if found := sorted(name for name in seen if _last_part(name) in forbidden):
            raise self._failure("forbidden", hint, Used=", ".join(found[:MOST_NUMBERS]))
        return self

    def parts(self, *names: str, hint: str = "") -> tuple["Check", ...]:
        """Assert as many results as `names`, in a tuple, list, tensor or array; return a check of each, in their order."""
        self._must_have_returned(hint)
        given = self.result
        several = isinstance(given, tuple | list) or (isinstance(given, Tensor | np.ndarray) and given.ndim > 0)
        if not several or len(given) != len(names):
            note = "None comes back when a function has no return line" if given is None else ""
            raise self._failure("type", hint, Expected=f"{len(names)} results: {', '.join(names)}", Note=note)
        return tuple(Check(f"{self.call}, {name}", part) for name, part in zip(names, given, strict=True))

    def passed(self, proved: str, more: str = "") -> "Check":
        """Say what the checks of this cell have proved and, in `more`, what grading will test besides."""
        self._must_have_returned("")
        print(f"Passed: {proved}." + (f" Not tested here, but at grading: {more}." if more else ""))
        return self

    def __repr__(self) -> str:
        return f"Check({self.call})"

    def _ipython_display_(self) -> None:
        """Show nothing when a check is a cell's last line: it has passed, and `passed` says what that proves."""

    def _must_have_returned(self, hint: str) -> None:
        if self.error is not None:
            raise self._raised(hint) from self.error

    def _numbers(self, hint: str) -> Tensor:
        self._must_have_returned(hint)
        got = _numbers(self.result)
        if got is not None:
            return got
        if self.result is None:
            raise self._failure(
                "type", hint, Expected="numbers", Note="None comes back when a function has no return line"
            )
        raise self._failure("type", hint, Expected="numbers: a tensor, an array or a float")

    def _wrong_shape(self, shape: tuple[int, ...], hint: str, values: str = "") -> CheckFailed:
        told = (
            values
            if "\n" in values
            else _shape_words(shape) + (f": {values}" if values and len(values) < MOST_CHARACTERS else "")
        )
        got, returned = _shape_words(tuple(self._numbers(hint).shape)), show_rows(self.result)
        return self._failure(
            "shape", hint, Returned=returned if "\n" in returned else f"{got}: {returned}", Expected=told
        )

    def _raised(self, hint: str, **facts: str) -> CheckFailed:
        error = self.error
        assert error is not None
        told = {"Raised": f"{type(error).__name__}: {_cut(str(error))}", "Where": _where(error), **facts}
        return self._failure("raised", hint, Returned="nothing", **told)

    def _failure(self, kind: str, hint: str, **facts: str) -> CheckFailed:
        lines = {"Called": self.call, "Returned": show_rows(self.result), **facts, "Hint": hint}
        if kind == "raised":
            del lines["Returned"]
        message = "Not right yet.\n" + "\n".join(f"  {k + ':':<12}{_indent(v)}" for k, v in lines.items() if v)
        return CheckFailed(message, kind, f"{KIND_WORDS.get(kind, '')} {hint}".strip())


def check(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Check:
    """Call `function` on copies of the arguments and return a `Check` to assert things about what came back.

    An exception is kept for the assertion that follows; that of an unanswered exercise passes through.
    """
    name = getattr(function, "__name__", None) or type(function).__name__
    told = [show(arg) for arg in args] + [f"{key}={show(value)}" for key, value in kwargs.items()]
    return _call(function, args, kwargs, f"{name}({', '.join(told)})")


def calls_of_torch(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> frozenset[str]:
    """Call a function and return the names of PyTorch's functions that it has used, such as "torch.Tensor.cumsum".

    What runs inside one of PyTorch's own functions is not told apart. An object that knows better how to be looked at
    (`__calls_of_torch__`) is asked: when graded, a student's function runs in a process of its own, and that process says
    what it used. So the answer can be a hint, but never proof.
    """
    ask = getattr(type(function), "__calls_of_torch__", None)
    if ask is not None:
        return frozenset(name for name in ask(function, *args, **kwargs) if isinstance(name, str))
    with _Listening() as listening:
        function(*args, **kwargs)
    return frozenset(listening.names)


class _Listening(TorchFunctionMode):
    """Write down which functions of PyTorch's are called."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        self.names.add(resolve_name(func) or getattr(func, "__name__", ""))
        return func(*args, **(kwargs or {}))


def _last_part(name: str) -> str:
    """Return what the spellings of one function share: `torch.Tensor.cumsum_` and `torch.cumsum` are both `cumsum`."""
    return name.removesuffix(".__get__").rpartition(".")[2].rstrip("_")


def check_value(name: str, value: Any) -> Check:
    """Return a `Check` of a value that is already there, such as a parameter or its gradient."""
    return Check(name, value)


@dataclass(frozen=True)
class StepTable:
    """The steps of a calculation beside what they should be. Shows as a table; `first_wrong` names where it went off."""

    steps: tuple[tuple[str, Any, Any], ...]  # name, expected, got

    @property
    def first_wrong(self) -> str:
        """The name of the first step that differs, or an empty string."""
        return next((name for name, expected, got in self.steps if not _same(expected, got)), "")

    def rows(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield name, expected, got and difference of each step, as text."""
        for name, expected, got in self.steps:
            yield name, show(expected), show(got), "" if _same(expected, got) else _apart(expected, got)

    def __str__(self) -> str:
        table = [("step", "expected", "got", "difference"), *self.rows()]
        widths = [max(len(row[i]) for row in table) for i in range(4)]
        return "\n".join(
            "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in table
        )

    __repr__ = __str__


def compare_steps(expected: Mapping[str, Any], got: Mapping[str, Any]) -> StepTable:
    """Return a table of the steps in `expected` beside yours: the first step that differs is where to look."""
    return StepTable(tuple((name, value, got.get(name)) for name, value in expected.items()))


def show(value: Any) -> str:
    """Return a short text for a value: small tensors in full to five digits, large ones by shape and dtype."""
    if isinstance(value, Tensor | np.ndarray):
        return _show_array(value)
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, float | np.floating):
        return _digits(float(value))
    if isinstance(value, list | tuple) and len(value) <= MOST_NUMBERS:
        inside = ", ".join(show(item) for item in value)
        return f"[{inside}]" if isinstance(value, list) else f"({inside}{',' if len(value) == 1 else ''})"
    if isinstance(value, torch.nn.Module) or callable(value):
        return getattr(value, "__name__", None) or type(value).__name__
    try:
        return _cut(repr(value))
    except Exception:  # a student's __repr__ may do anything
        return f"an object of type {type(value).__name__}"


def show_rows(value: Any) -> str:
    """Return `show`'s text for a value, but a matrix of up to `MOST_IN_A_MATRIX` numbers row by row."""
    numbers = _numbers(value) if isinstance(value, Tensor | np.ndarray | list | tuple) else None
    if numbers is None or numbers.dim() != 2 or not MOST_NUMBERS < numbers.numel() <= MOST_IN_A_MATRIX:
        return show(value)
    whole = bool(((numbers == numbers.round()) & (numbers.abs() < 10**5)).all())
    rows = [[f"{number:.0f}" if whole else _digits(number) for number in row] for row in numbers.tolist()]
    width = max(len(number) for row in rows for number in row)
    return "\n".join(
        [f"shape {tuple(numbers.shape)}", *(" ".join(number.rjust(width) for number in row) for row in rows)]
    )


def _indent(text: str) -> str:
    """Put the further lines of a text under its first, behind the name of the fact."""
    return text.replace("\n", "\n" + 14 * " ")


def _call(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], call: str) -> Check:
    try:
        result = function(*[_copy(arg) for arg in args], **{key: _copy(value) for key, value in kwargs.items()})
    except Exception as error:
        if _is_stub(error):
            _shorten(error, call)
            raise
        return Check(call, None, error, function, args, kwargs)
    return Check(call, result, None, function, args, kwargs)


def _is_stub(error: Exception) -> bool:
    """Tell an exercise that nobody has answered from PyTorch's own NotImplementedError, as for the mean of integers."""
    return isinstance(error, NotImplementedError) and (not str(error) or str(error).startswith(STUB))


def _shorten(error: Exception, call: str) -> None:
    """Let Jupyter show one line for an exercise without an answer, and no traceback through this module."""
    name = call.partition("(")[0]
    told = f"Not answered yet: write your code for {name} in the cell above, run it, then run this cell again."
    error._render_traceback_ = lambda: [told]  # type: ignore[attr-defined]


def _copy(value: Any) -> Any:
    """Copy what an answer could change in place, so that one wrong answer cannot spoil the test's own data."""
    if isinstance(value, Tensor):
        return value if value.requires_grad else value.clone()
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) in (list, tuple, set):
        return type(value)(_copy(item) for item in value)
    if type(value) is dict:
        return {key: _copy(item) for key, item in value.items()}
    return value


def _gradient(result: Any, leaf: Tensor) -> Tensor | None:
    if not isinstance(result, Tensor) or not result.requires_grad:
        return None
    return torch.autograd.grad(result.sum(), leaf, allow_unused=True)[0]


def _numbers(value: Any) -> Tensor | None:
    """Return float64 on the CPU, or None for what is not made of real numbers."""
    if isinstance(value, Tensor):
        return None if value.is_complex() else value.detach().cpu().to_dense().double()
    if isinstance(value, list | tuple):
        inside = [_numbers(item) for item in value]
        if any(item is None or item.shape != inside[0].shape for item in inside):  # type: ignore[union-attr]
            return None
        return torch.stack(inside) if inside else torch.zeros(0, dtype=torch.float64)  # type: ignore[arg-type]
    if isinstance(value, bool | int | float | np.number | np.bool_ | np.ndarray):
        try:
            return torch.from_numpy(np.array(value, dtype=np.float64))
        except (TypeError, ValueError, OverflowError):
            return None
    return None


def _sizes(value: Any) -> tuple[int, ...] | None:
    """Return a sequence of whole numbers as a tuple, None for anything else."""
    numbers = _numbers(value) if isinstance(value, tuple | list | Tensor | np.ndarray) else None
    if numbers is None or numbers.dim() != 1 or not (numbers.isfinite() & (numbers == numbers.round())).all():
        return None
    return tuple(int(size) for size in numbers.tolist())


def _must_be_numbers(expected: Any) -> Tensor:
    numbers = _numbers(expected)
    if numbers is None:
        raise TypeError(f"this check is written wrongly: {expected!r} is not made of numbers; use .equals")
    return numbers


def _rounding(value: Any) -> float:
    """Return the relative error that the dtype of a result allows; above `RTOL` in half precision only."""
    return 2 * torch.finfo(value.dtype).eps if isinstance(value, Tensor) and value.is_floating_point() else 0.0


def _is_floating(value: Any) -> bool:
    if isinstance(value, Tensor):
        return value.is_floating_point()
    if isinstance(value, list | tuple):
        return all(_is_floating(item) for item in value)
    return isinstance(value, float) or np.issubdtype(getattr(value, "dtype", np.int64), np.floating)


def _matching_mistake(got: Tensor, mistakes: Mapping[str, Any] | None, rtol: float, atol: float) -> str:
    for words, value in (mistakes or {}).items():
        wrong = _must_be_numbers(value)
        if got.shape == wrong.shape and torch.allclose(got, wrong, rtol=rtol, atol=atol, equal_nan=True):
            return words
    return ""


def _difference(got: Tensor, wanted: Tensor) -> str:
    """Say where two tensors of one shape are furthest apart; a nan is further than anything."""
    apart = (got - wanted).abs()
    apart[got == wanted] = 0  # inf - inf is nan
    worst = torch.where(apart.isnan(), math.inf, apart).flatten().argmax()
    if got.dim() == 0:
        return ""
    index = tuple(int(i) for i in np.unravel_index(int(worst), tuple(got.shape)))
    place = f"[{', '.join(map(str, index))}]"
    return f"largest at {place}: {_digits(float(got[index]))} instead of {_digits(float(wanted[index]))}"


def _same(expected: Any, got: Any) -> bool:
    a, b = _numbers(expected), _numbers(got)
    return a is not None and b is not None and a.shape == b.shape and torch.allclose(a, b, rtol=RTOL, atol=ATOL)


def _apart(expected: Any, got: Any) -> str:
    a, b = _numbers(expected), _numbers(got)
    if a is None or b is None:
        return "missing" if got is None else "not numbers"
    return _digits(float((a - b).abs().max())) if a.shape == b.shape else "another shape"


def _where(error: Exception) -> str:
    """Name the line of a notebook cell that raised; the frames of this module and of libraries say nothing."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if "ipykernel_" in frame.filename or frame.filename.startswith("<ipython-input"):
            line = linecache.getline(frame.filename, frame.lineno or 0).strip()
            return f"line {frame.lineno} of the cell with {frame.name}: {line}"
    return ""


def _show_array(value: Tensor | np.ndarray) -> str:
    size = value.numel() if isinstance(value, Tensor) else value.size
    name = "tensor" if isinstance(value, Tensor) else "array"
    if size > MOST_NUMBERS or size == 0:
        return f"{name} of shape {tuple(value.shape)}, {_short(value.dtype)}"
    values = value.detach().cpu().to_dense() if isinstance(value, Tensor) else value
    usual = _short(value.dtype) in ("float32", "int64", "bool")
    return f"{name}({show(values.tolist())}{'' if usual else ', dtype=' + _short(value.dtype)})"


def _short(dtype: Any) -> str:
    return str(dtype).removeprefix("torch.")


def _shape_words(shape: tuple[int, ...]) -> str:
    return f"shape {shape}" + (" (one number)" if shape == () else "")


def _digits(number: float) -> str:
    return repr(float(f"{number:.5g}"))


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"
