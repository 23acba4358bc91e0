"""How values and their differences are written in messages: small ones in full, large ones by shape and dtype."""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from course.values import as_numbers

MOST_NUMBERS = 16  # a longer tensor is shown by its shape and dtype,
MOST_IN_A_MATRIX = 40  # but results and expected values are written row by row up to this size
MOST_CHARACTERS = 200


def show(value: Any, around: tuple[int, ...] = ()) -> str:
    """Return a short text for a value: small tensors in full to five digits, large ones by shape and dtype.

    `around`: the ids of the lists that the value stands in.
    """
    if isinstance(value, Tensor | np.ndarray):
        try:
            return _show_array(value)
        except RuntimeError:  # of a tensor without numbers or sizes of its own, such as a quantized or a nested one
            return f"a tensor of another kind, {show_dtype(value.dtype)}"
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, float | np.floating):
        return five_digits(float(value))
    if isinstance(value, list | tuple) and len(value) <= MOST_NUMBERS:
        if id(value) in around:  # a list may hold itself
            return "[...]"
        inside = ", ".join(show(item, (*around, id(value))) for item in value)
        return f"[{inside}]" if isinstance(value, list) else f"({inside}{',' if len(value) == 1 else ''})"
    if isinstance(value, torch.nn.Module) or callable(value):
        return getattr(value, "__name__", None) or type(value).__name__
    try:
        return shorten(repr(value))
    except Exception:  # a student's __repr__ may do anything
        return f"an object of type {type(value).__name__}"


def show_rows(value: Any) -> str:
    """Return what `show` returns, but write a matrix of up to `MOST_IN_A_MATRIX` numbers row by row."""
    numbers = as_numbers(value) if isinstance(value, Tensor | np.ndarray | list | tuple) else None
    if numbers is None or numbers.dim() != 2 or not MOST_NUMBERS < numbers.numel() <= MOST_IN_A_MATRIX:
        return show(value)
    whole = bool(((numbers == numbers.round()) & (numbers.abs() < 10**5)).all())
    rows = [[f"{number:.0f}" if whole else five_digits(number) for number in row] for row in numbers.tolist()]
    width = max(len(number) for row in rows for number in row)
    return "\n".join(
        [f"shape {tuple(numbers.shape)}", *(" ".join(number.rjust(width) for number in row) for row in rows)]
    )


def show_dtype(dtype: Any) -> str:
    """Return the name of a dtype without "torch."."""
    return str(dtype).removeprefix("torch.")


def show_shape(shape: tuple[int, ...]) -> str:
    """Return "shape (2, 3)"; the shape () is explained."""
    return f"shape {shape}" + (" (one number)" if shape == () else "")


def five_digits(number: float) -> str:
    """Return a number with five significant digits."""
    return repr(float(f"{number:.5g}"))


def shorten(text: str) -> str:
    """Return `text` on one line, cut after `MOST_CHARACTERS`."""
    text = " ".join(text.split())
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"


def difference_in_words(expected: Any, got: Any) -> str:
    """Return the largest difference of two values, or why they cannot be compared."""
    a, b = as_numbers(expected), as_numbers(got)
    if a is None or b is None:
        return "missing" if got is None else "not numbers"
    return five_digits(float((a - b).abs().max())) if a.shape == b.shape else "another shape"


def largest_difference(got: Tensor, expected: Tensor) -> str:
    """Say where two tensors of the same shape differ most; a nan counts as the largest difference."""
    apart = (got - expected).abs()
    apart[got == expected] = 0  # inf - inf is nan
    worst = torch.where(apart.isnan(), math.inf, apart).flatten().argmax()
    if got.dim() == 0:
        return ""
    index = tuple(int(i) for i in np.unravel_index(int(worst), tuple(got.shape)))
    place = f"[{', '.join(map(str, index))}]"
    return f"largest at {place}: {five_digits(float(got[index]))} instead of {five_digits(float(expected[index]))}"


def _show_array(value: Tensor | np.ndarray) -> str:
    size = value.numel() if isinstance(value, Tensor) else value.size
    name = "tensor" if isinstance(value, Tensor) else "array"
    dtype = show_dtype(value.dtype)
    no_data = isinstance(value, Tensor) and value.is_meta
    if size > MOST_NUMBERS or size == 0 or no_data:
        return f"{name} of shape {tuple(value.shape)}, {dtype}"
    values = value.detach().cpu().to_dense() if isinstance(value, Tensor) else value
    suffix = "" if dtype in ("float32", "int64", "bool") else f", dtype={dtype}"
    return f"{name}({show(values.tolist())}{suffix})"
