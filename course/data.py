"""Small data sets by name: toys made from a seed, and the scores on the slides. `course.image_data` reads the images.

    x, y = moons(200, noise=0.2, seed=1)

Inputs are float32. Class numbers are int64 and start at 0; regression targets are float32. Everything random comes
from `seed` (0 by default) or from the `generator` that is passed in, never from torch's global generator.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from course.arguments import check_at_least, generator_from

__all__ = ["Examples", "Scores", "cat_scores", "line", "moons", "polynomial", "sine", "spirals", "xor"]


class Examples(NamedTuple):
    """Inputs `x` and targets `y`, one example per row: `x, y = moons(200)`."""

    x: Tensor
    y: Tensor

    def to(self, device: torch.device | str) -> "Examples":
        """Return the same examples on `device`."""
        return Examples(self.x.to(device), self.y.to(device))


# --- toys in the plane -----------------------------------------------------------------------------------------------


def xor(n: int = 4, noise: float = 0.0, *, seed: int | None = None, generator: Generator | None = None) -> Examples:
    """Return the corners of the unit square, repeated in turn, with class 1 where exactly one coordinate is 1.

    x has shape (n, 2), y (n,). `noise` is the standard deviation of a Gaussian added to each coordinate.
    """
    check_at_least(n, 1, "n")
    corners = torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=torch.float32)
    rows = torch.arange(n) % 4
    y = torch.tensor([0, 1, 1, 0])[rows]
    return Examples(_blur(corners[rows], noise, generator_from(seed, generator)), y)


def moons(n: int = 200, noise: float = 0.1, *, seed: int | None = None, generator: Generator | None = None) -> Examples:
    """Return two interleaving half circles (scikit-learn's `make_moons`), class 0 first.

    x has shape (n, 2), y (n,). `noise` is the standard deviation of a Gaussian added to each coordinate.
    """
    check_at_least(n, 2, "n")
    outer = torch.linspace(0, torch.pi, n // 2, dtype=torch.float32)
    inner = torch.linspace(0, torch.pi, n - n // 2, dtype=torch.float32)
    upper = torch.stack([outer.cos(), outer.sin()], dim=1)
    lower = torch.stack([1 - inner.cos(), 0.5 - inner.sin()], dim=1)
    y = torch.cat([torch.zeros(len(outer), dtype=torch.int64), torch.ones(len(inner), dtype=torch.int64)])
    return Examples(_blur(torch.cat([upper, lower]), noise, generator_from(seed, generator)), y)


def spirals(
    n: int = 300,
    classes: int = 3,
    noise: float = 0.2,
    turns: float = 0.75,
    *,
    seed: int | None = None,
    generator: Generator | None = None,
) -> Examples:
    """Return `classes` spiral arms around the origin, ordered by class: shuffle before you split.

    x has shape (n, 2), y (n,). Each arm makes `turns` turns while its radius grows from 0 to 1. `noise` is the
    standard deviation, in radians, of a Gaussian added to the angle.
    """
    check_at_least(classes, 1, "classes")
    check_at_least(n, classes, "n")
    sizes = [n // classes + (k < n % classes) for k in range(classes)]
    y = torch.repeat_interleave(torch.arange(classes), torch.tensor(sizes))
    radius = torch.cat([torch.linspace(0, 1, size, dtype=torch.float32) for size in sizes])
    angle = 2 * torch.pi * (turns * radius + y.float() / classes)
    angle = _blur(angle, noise, generator_from(seed, generator))
    return Examples(torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1), y)


# --- toys on the line ------------------------------------------------------------------------------------------------


def line(
    n: int = 100,
    intercept: float = 1.0,
    slope: float = 2.0,
    noise: float = 0.1,
    *,
    seed: int | None = None,
    generator: Generator | None = None,
) -> Examples:
    """Return y = intercept + slope·x + noise for x drawn uniformly from [0, 1]. x and y have shape (n, 1)."""
    return polynomial(n, (intercept, slope), noise, low=0.0, high=1.0, seed=seed, generator=generator)


def polynomial(
    n: int = 100,
    coefficients: Sequence[float] = (0.0, 0.5, -1.0, 1.0),
    noise: float = 0.1,
    *,
    low: float = -1.0,
    high: float = 2.0,
    seed: int | None = None,
    generator: Generator | None = None,
) -> Examples:
    """Return y = c₀ + c₁x + c₂x² + … + noise for x drawn uniformly from [low, high]. x and y have shape (n, 1)."""
    source = generator_from(seed, generator)
    x = _uniform(n, low, high, source)
    y = torch.zeros_like(x)
    for coefficient in reversed(coefficients):  # Horner's rule
        y = y * x + coefficient
    return Examples(x, _blur(y, noise, source))


def sine(n: int = 100, noise: float = 0.1, *, seed: int | None = None, generator: Generator | None = None) -> Examples:
    """Return y = sin x + noise for x drawn uniformly from [0, 2π]. x and y have shape (n, 1)."""
    source = generator_from(seed, generator)
    x = _uniform(n, 0.0, 2 * torch.pi, source)
    return Examples(x, _blur(x.sin(), noise, source))


# --- the scores on the slides ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scores:
    """The scores of a classifier for N pictures: `logits` (N, C) and the true classes, `labels` (N,)."""

    names: tuple[str, ...]
    logits: Tensor
    labels: Tensor


def cat_scores(names: Sequence[str] = ("cat", "car", "frog")) -> Scores:
    """Return the scores 3.2, 5.1 and -1.7 of one picture of a cat; their softmax is on the slides: .13, .87, .00.

    Lecture 002 calls the classes cat, dog and ship where it asks for a classifier, and cat, car and frog where it
    shows the probabilities. logits has shape (1, 3), labels (1,).
    """
    if len(names) != 3:
        raise ValueError(f"names has {len(names)} entries, but the slide has 3 scores; give three names")
    return Scores(tuple(names), torch.tensor([[3.2, 5.1, -1.7]], dtype=torch.float32), torch.tensor([0]))


# --- helpers ---------------------------------------------------------------------------------------------------------


def _blur(values: Tensor, noise: float, source: Generator) -> Tensor:
    """Add Gaussian noise with standard deviation `noise`; if that is 0, draw nothing."""
    if not 0 <= noise < float("inf"):
        raise ValueError(f"noise = {noise} is a standard deviation, so it must be 0 or more, and finite")
    if noise == 0:
        return values
    drawn = torch.randn(values.shape, generator=source, device=source.device, dtype=values.dtype)
    return values + noise * drawn.to(values.device)


def _uniform(n: int, low: float, high: float, source: Generator) -> Tensor:
    """Draw a column of `n` numbers uniformly from [low, high)."""
    check_at_least(n, 1, "n")
    if not low < high:
        raise ValueError(f"low = {low} is not below high = {high}")
    drawn = torch.rand(n, 1, generator=source, device=source.device, dtype=torch.float32)
    return low + (high - low) * drawn.cpu()
