"""What chance does to an error that is measured on a finite test set."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from course import figures
from course.figures import BLACK, CYCLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

REACH = 4.0  # standard deviations of each distribution that are drawn


def binomial_tails(wrong: int, n: int, rates: Sequence[float], ax: Axes | None = None) -> Axes:
    """Draw how probable each count of wrong answers among `n` is, for every true error in `rates` (in %).

    A line marks the count that was seen, `wrong`; the part of each distribution that lies on its far side, seen from
    the expected count, is filled, and its probability stands in the legend. Raise ValueError for a count outside 0 to
    `n` or a rate that is not between 0 and 100.
    """
    if not 0 <= wrong <= n or n < 1:
        raise ValueError(f"wrong = {wrong} is no count of wrong answers among n = {n}")
    if not len(rates) or not all(0 < rate < 100 for rate in rates):
        raise ValueError(f"rates = {list(rates)} must be one or more true errors in percent, between 0 and 100")
    counts = np.arange(n + 1)
    ax = figures.axes(ax, size=(7.6, 3.4))
    words = []
    for i, rate in enumerate(rates):
        color, chances = CYCLE[i % len(CYCLE)], _chances(n, rate / 100)
        expected, spread = n * rate / 100, math.sqrt(n * rate / 100 * (1 - rate / 100))
        above = expected <= wrong
        tail = counts >= wrong if above else counts <= wrong
        name = f"{wrong:,} or {'more' if above else 'fewer'}: {100 * chances[tail].sum():.2g} %"
        near = np.abs(counts - expected) <= REACH * spread + 1
        ax.plot(counts[near], chances[near], color=color, label=f"true error {rate:g} %; {name}")
        ax.fill_between(counts[near & tail], chances[near & tail], color=color, alpha=0.45)
        words.append(f"true error {rate:g} %, {name}")
    ax.axvline(wrong, color=BLACK, linestyle=":", label=f"seen: {wrong:,} of {n:,}")
    ax.set(xlabel=f"wrong answers among {n:,}", ylabel="probability", ylim=(0, None))
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.01), ncols=2, frameon=False, fontsize="small")
    return figures.describe(ax, f"Seen: {wrong:,} wrong of {n:,}. Probability of {'; of '.join(words)}.")


def _chances(n: int, share: float) -> NDArray:
    """Return the binomial distribution, shape (n + 1,)."""
    ways = [math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in range(n + 1)]
    counts = np.arange(n + 1)
    return np.exp(np.array(ways) + counts * math.log(share) + (n - counts) * math.log1p(-share))
