"""The best line through two classes, against every split that some line makes and against a margin known by hand."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.svm import LinearSVC

from course.linear import best_line

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


def right(points: np.ndarray, y: np.ndarray, line: tuple[float, float, float]) -> int:
    return int(((points @ line[:2] + line[2] > 0) == (y == 1)).sum())


def test_no_line_gets_more_than_three_corners_of_xor_right() -> None:
    xor = np.array([0, 1, 1, 0])
    assert right(CORNERS, xor, best_line(CORNERS, xor)) == 3


@pytest.mark.parametrize("y", [y for y in itertools.product((0, 1), repeat=4) if y not in ((0, 1, 1, 0), (1, 0, 0, 1))])
def test_every_other_labelling_of_the_corners_has_a_line(y: tuple[int, ...]) -> None:
    line = best_line(CORNERS, y)
    assert right(CORNERS, np.array(y), line) == 4
    if 0 < sum(y) < 4:
        assert math.hypot(*line[:2]) == pytest.approx(1)


def test_of_lines_as_good_the_one_with_the_widest_gap_is_taken() -> None:
    v1, v2, c = best_line(CORNERS, [0, 0, 0, 1])
    assert (v1, v2) == pytest.approx((math.sqrt(0.5), math.sqrt(0.5)))
    assert c == pytest.approx(-1.5 * math.sqrt(0.5))  # half-way between the diagonal and the corner


@given(seed=st.integers(0, 10_000), n=st.integers(2, 30))
def test_it_separates_what_a_support_vector_machine_separates(seed: int, n: int) -> None:
    generator = np.random.default_rng(seed)
    points = generator.normal(size=(n, 2))
    y = (points @ generator.normal(size=2) + 0.3 * generator.normal() > 0).astype(int)
    points += 0.1 * np.where(y[:, None] == 1, 1, -1) * points.std()  # whatever happens, the oracle is asked
    if len(set(y.tolist())) < 2:
        return
    machine = LinearSVC(C=1e4, max_iter=100_000, dual=False).fit(points, y)
    assert right(points, y, best_line(points, y)) >= int((machine.predict(points) == y).sum())


def test_where_no_line_helps_there_is_none() -> None:
    assert best_line(np.zeros((4, 2)), [0, 1, 1, 0]) == (0.0, 0.0, -1.0)
    assert best_line(np.zeros((3, 2)), [0, 1, 1]) == (0.0, 0.0, 1.0)
    assert best_line([[1.0, 2.0]], [0]) == (0.0, 0.0, -1.0)


@pytest.mark.parametrize(
    ("points", "y", "words"),
    [
        (np.zeros((3, 3)), [0, 1, 0], r"must have shape \(N, 2\) and y \(N,\), but they have \(3, 3\) and \(3,\)"),
        (np.zeros((3, 2)), [0, 1], r"\(3, 2\) and \(2,\)"),
        (np.zeros((0, 2)), [], r"\(0, 2\)"),
        (np.zeros((2, 2)), [0, 2], r"classes 0 and 1, but it holds \[0, 2\]"),
    ],
)
def test_a_wrong_argument_gets_a_sentence(points: np.ndarray, y: list[int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        best_line(points, y)
