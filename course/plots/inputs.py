"""Arguments of the figures: numbers in any form, checked, and the words that describe them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

Numbers = Tensor | ArrayLike


def array(values: Any) -> NDArray:
    """Return a float64 copy on the CPU of a tensor on any device, an array or a list."""
    if isinstance(values, Tensor):
        values = values.detach().cpu().double().numpy()
    return np.array(values, dtype=np.float64)


def vector(values: Any, name: str) -> NDArray:
    """Return `values` as a float64 vector of finite numbers, at least one."""
    numbers = array(values)
    if numbers.ndim != 1 or not len(numbers):
        raise ValueError(f"{name} must be a vector with at least one number, but its shape is {numbers.shape}")
    if not np.isfinite(numbers).all():
        raise ValueError(f"{name} holds a number that is not finite: {numbers.tolist()}")
    return numbers


def distribution(values: Any, name: str) -> NDArray:
    """Return `values` as a float64 vector of probabilities that add up to 1."""
    shares = vector(values, name)
    if (shares < 0).any() or abs(shares.sum() - 1) > 1e-4:
        raise ValueError(
            f"{name} = {shares.tolist()} is not a distribution: its numbers must be at least 0 and add up to 1"
        )
    return shares


def points(values: Any, name: str) -> NDArray:
    """Return `values` as float64 points in the plane, shape (N, 2)."""
    plane = array(values)
    if plane.ndim != 2 or plane.shape[1] != 2 or not len(plane):
        raise ValueError(f"{name} must hold points of the plane, shape (N, 2), but its shape is {plane.shape}")
    return plane


def classes(values: Any, name: str, count: int | None = None) -> NDArray:
    """Return `values` as int64 class numbers from 0, shape (N,); if `count` is given, N must equal it."""
    numbers = array(values)
    if numbers.ndim != 1 or not np.isfinite(numbers).all() or (numbers % 1).any() or (numbers < 0).any():
        raise ValueError(
            f"{name} must hold class numbers 0, 1, 2, …, one per example, but it is {describe_briefly(numbers)}"
        )
    if count is not None and len(numbers) != count:
        raise ValueError(f"{name} has {len(numbers)} class numbers for {count} examples; give one per example")
    return numbers.astype(np.int64)


def describe_briefly(numbers: NDArray) -> str:
    """Return the shape and first numbers of an array, short enough for a message."""
    return f"of shape {numbers.shape} and begins with {numbers.ravel()[:5].tolist()}"


def class_labels(labels: Sequence[str] | None, count: int) -> list[str]:
    """Return `count` class labels: those given, or the class numbers."""
    if labels is None:
        return [str(i) for i in range(count)]
    if len(labels) != count:
        raise ValueError(f"there are {len(labels)} labels for {count} classes; give one per class")
    return [str(label) for label in labels]


def names_of(labels: Sequence[str] | None, *occurring: NDArray) -> list[str]:
    """Return a label for each class up to the highest that occurs: those given, or the class numbers."""
    highest = max(int(numbers.max()) for numbers in occurring)
    if labels is not None and highest >= len(labels):
        raise ValueError(f"there are {len(labels)} labels, but class {highest} occurs; give one per class")
    return class_labels(labels, highest + 1 if labels is None else len(labels))


def number(value: float, places: int = 2) -> str:
    """Return a number as text with a true minus sign, ∞ for what is not finite."""
    return f"{value:.{places}f}".replace("-", "−") if np.isfinite(value) else "∞"


def digits(value: float, count: int = 3) -> str:
    """Return a number as text to `count` significant digits, with a true minus sign."""
    return f"{value:.{count}g}".replace("-", "−")


def listing(labels: Sequence[str], values: NDArray, digits: int = 2) -> str:
    """Return "cat 3.20, car 5.10", which describes bars."""
    return ", ".join(f"{label} {value:.{digits}f}" for label, value in zip(labels, values, strict=True))
