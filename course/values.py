"""Values as numbers, whatever holds them: Python numbers, nested lists, NumPy arrays, tensors on any device."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

RTOL = 1e-4  # float32 keeps seven digits; four leave room for any order of summation
ATOL = 1e-6


def as_numbers(value: Any) -> Tensor | None:
    """Return `value` as a float64 tensor on the CPU, or None if it is not made of real numbers."""
    if isinstance(value, Tensor):
        return _numbers_of(value)
    if isinstance(value, list | tuple):
        return _stacked(value)
    if isinstance(value, bool | int | float | np.number | np.bool_ | np.ndarray):
        if isinstance(value, np.number | np.ndarray) and np.iscomplexobj(value):
            if np.any(np.imag(value)):
                return None  # NumPy would leave the imaginary parts out
            value = np.real(value)
        try:
            return torch.from_numpy(np.array(value, dtype=np.float64, order="C"))
        except (TypeError, ValueError, OverflowError):
            return None
    return None


def _numbers_of(tensor: Tensor) -> Tensor | None:
    if tensor.is_complex() or tensor.is_meta or tensor.is_nested:
        return None
    whole = tensor.detach().cpu().to_dense()
    return (whole.dequantize() if whole.is_quantized else whole).double()


def _stacked(values: Sequence[Any]) -> Tensor | None:
    """Return what `as_numbers` makes of a list; None where an item is not made of numbers or of another shape."""
    inside: list[Tensor] = []
    for value in values:
        try:
            numbers = as_numbers(value)
        except RecursionError:  # a list may hold itself
            return None
        if numbers is None or numbers.shape != (inside or [numbers])[0].shape:
            return None
        inside.append(numbers)
    return torch.stack(inside) if inside else torch.zeros(0, dtype=torch.float64)


def why_no_numbers(value: Any, around: tuple[int, ...] = ()) -> str:
    """Return why `as_numbers` does not read a value, as far as that can be said in few words.

    `around`: the ids of the lists that the value stands in.
    """
    if isinstance(value, str):
        return "a text is not a number"
    if id(value) in around:
        return "a list that holds itself has no end"
    if isinstance(value, list | tuple):
        first = next((item for item in value if as_numbers(item) is None), value)
        if first is None:
            return "there is None among these"
        if first is not value:
            return why_no_numbers(first, (*around, id(value)))
        if isinstance(value, tuple) and any(isinstance(item, Tensor | np.ndarray) for item in value):
            return f"{len(value)} results came back, and one is expected"
        return "the rows are of unequal length"
    return ""


def as_shape(value: Any) -> tuple[int, ...] | None:
    """Return a sequence of whole numbers as a tuple, or None for anything else."""
    numbers = as_numbers(value) if isinstance(value, tuple | list | Tensor | np.ndarray) else None
    if numbers is None or numbers.dim() != 1 or not (numbers.isfinite() & (numbers == numbers.round())).all():
        return None
    return tuple(int(size) for size in numbers.tolist())


def holds_floats(value: Any) -> bool:
    """Return whether `value` holds floating-point numbers only."""
    if isinstance(value, Tensor):
        return value.is_floating_point()
    if isinstance(value, list | tuple):
        return all(holds_floats(item) for item in value)
    return isinstance(value, float) or np.issubdtype(getattr(value, "dtype", np.int64), np.floating)


def rounding_error(value: Any) -> float:
    """Return the relative error that the dtype of `value` causes; it exceeds `RTOL` only in half precision."""
    return 2 * torch.finfo(value.dtype).eps if isinstance(value, Tensor) and value.is_floating_point() else 0.0


def same_numbers(expected: Any, got: Any) -> bool:
    """Return whether two values have the same shape and, up to rounding, the same numbers; nothing is broadcast."""
    a, b = as_numbers(expected), as_numbers(got)
    return a is not None and b is not None and a.shape == b.shape and torch.allclose(a, b, rtol=RTOL, atol=ATOL)
