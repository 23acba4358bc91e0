"""The best straight line between two classes of points in the plane, found by trying many directions."""

import math

import numpy as np
from numpy.typing import ArrayLike

DIRECTIONS = 720  # half a degree apart
SAME = 1e-6  # no line is put between points closer than this along a direction


def best_line(points: ArrayLike, y: ArrayLike) -> tuple[float, float, float]:
    """Return (v₁, v₂, c) of the line that classifies most points correctly; of several, the one with the widest gap.

    points: numbers of shape (N, 2), N at least 1; y: class numbers 0 and 1, shape (N,). The line says class 1 where
    v₁ x₁ + v₂ x₂ + c > 0. (v₁, v₂) has length 1, or is (0, 0) if no line does better than one
    class for all points. Raise ValueError for other shapes or class numbers.
    """
    places, classes = np.asarray(points, dtype=np.float64), np.asarray(y)
    if places.ndim != 2 or places.shape[1] != 2 or classes.shape != places.shape[:1] or not len(places):
        raise ValueError(f"points must have shape (N, 2) and y (N,), but they have {places.shape} and {classes.shape}")
    if not np.isin(classes, (0, 1)).all():
        raise ValueError(f"y must hold the classes 0 and 1, but it holds {sorted(set(classes.tolist()))}")
    angles = 2 * math.pi * np.arange(DIRECTIONS) / DIRECTIONS
    along = places @ np.stack([np.cos(angles), np.sin(angles)])  # (N, directions)
    ordered = np.sort(along, axis=0)
    cuts, gaps = (ordered[1:] + ordered[:-1]) / 2, np.diff(ordered, axis=0)
    right = np.zeros(cuts.shape, dtype=int)
    for place, of_class in zip(along, classes, strict=True):
        right += (place > cuts) == (of_class == 1)
    right[gaps < SAME] = 0
    ones = int((classes == 1).sum())
    if right.max(initial=0) <= max(ones, len(classes) - ones):
        return 0.0, 0.0, 1.0 if 2 * ones > len(classes) else -1.0
    cut, i = np.unravel_index(np.where(right == right.max(), gaps, 0).argmax(), cuts.shape)
    return float(np.cos(angles[i])), float(np.sin(angles[i])), -float(cuts[cut, i])
