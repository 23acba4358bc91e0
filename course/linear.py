"""The best straight line between two classes of points in the plane, found by trying many directions; for a few points, all that matter."""

import math

import numpy as np
from numpy.typing import ArrayLike

DIRECTIONS = 720  # half a degree apart
FEW = 60  # points, of which every order along some direction is tried where none of these directions gets all right
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
    ones = int((classes == 1).sum())
    right, line = max(ones, len(classes) - ones), (0.0, 0.0, 1.0 if 2 * ones > len(classes) else -1.0)
    for angles in (2 * math.pi * np.arange(DIRECTIONS) / DIRECTIONS, _between_turns(places)):
        if right < len(classes):
            more, other = _best_along(places, classes, angles)
            right, line = (more, other) if more > right else (right, line)
    return line


def _best_along(places: np.ndarray, classes: np.ndarray, angles: np.ndarray) -> tuple[int, tuple[float, float, float]]:
    """Return how many points the best line across some directions classifies correctly, and that line."""
    along = places @ np.stack([np.cos(angles), np.sin(angles)])  # (N, directions)
    ordered = np.sort(along, axis=0)
    cuts, gaps = (ordered[1:] + ordered[:-1]) / 2, np.diff(ordered, axis=0)
    right = np.zeros(cuts.shape, dtype=int)
    for place, of_class in zip(along, classes, strict=True):
        right += (place > cuts) == (of_class == 1)
    right[gaps < SAME] = 0
    if not right.any():
        return 0, (0.0, 0.0, 0.0)
    cut, i = np.unravel_index(np.where(right == right.max(), gaps, 0).argmax(), cuts.shape)
    return int(right.max()), (float(np.cos(angles[i])), float(np.sin(angles[i])), -float(cuts[cut, i]))


def _between_turns(places: np.ndarray) -> np.ndarray:
    """Return one direction for each order in which a few points can lie; none for many points.

    The order changes where a direction turns past a right angle to the line through two of them.
    """
    if len(places) > FEW:
        return np.empty(0)
    first, second = np.nonzero(~np.eye(len(places), dtype=bool))
    apart = places[first] - places[second]
    apart = apart[(apart != 0).any(axis=1)]
    turns = np.sort(np.arctan2(apart[:, 0], -apart[:, 1]))
    return turns + np.diff(turns, append=turns[:1] + 2 * math.pi) / 2
