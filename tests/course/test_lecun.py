"""The table of 1998: its networks' parameters, and the interval of an error against SciPy's."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from torchvision.ops import MLP

from course import lecun


def test_each_networks_parameters_are_those_of_the_same_network_made_for_real() -> None:
    for row in lecun.ROWS:
        model = MLP(row.sizes[0], list(row.sizes[1:]))
        assert row.parameters == sum(parameter.numel() for parameter in model.parameters())


def test_sizes_of_the_slides_have_the_known_counts() -> None:
    counts = {row.name: row.parameters for row in lecun.ROWS if row.images == lecun.RAW}
    assert counts == {"linear": 7850, "300": 238_510, "1000": 795_010, "300+100": 266_610, "500+150": 469_160}


def test_the_errors_are_those_of_the_slide() -> None:
    """Lecture 004: the eleven rows of networks, as they stand there; the twelfth, pairwise linear, is none."""
    errors = sorted(row.error for row in lecun.ROWS)
    assert errors == [1.6, 2.45, 2.5, 2.95, 3.05, 3.6, 3.8, 4.5, 4.7, 8.4, 12.0]
    for distorted in (row for row in lecun.ROWS if row.images == lecun.DISTORTED):
        (raw,) = [row for row in lecun.ROWS if row.sizes == distorted.sizes and row.images == lecun.RAW]
        assert distorted.error < raw.error


@given(st.integers(1, 20_000), st.floats(0, 1), st.sampled_from([0.5, 0.68, 0.95, 0.999]))
def test_the_interval_is_that_of_scipy(n: int, share: float, level: float) -> None:
    wrong = round(share * n)
    expected = binomtest(wrong, n).proportion_ci(level, method="wilson")
    low, high = lecun.wilson_interval(100 * wrong / n, n, level)
    assert (low, high) == (pytest.approx(100 * expected.low, abs=1e-9), pytest.approx(100 * expected.high, abs=1e-9))


def test_neighbours_in_the_table_overlap_and_depth_does_not() -> None:
    """The curriculum: 4.7 against 4.5 and 3.05 against 2.95 are inside noise; 300+100 beats 1000."""
    errors = {row.name: row.error for row in lecun.ROWS if row.images == lecun.RAW}
    intervals = {name: lecun.wilson_interval(error, lecun.TEST_DIGITS) for name, error in errors.items()}
    apart = {
        frozenset(pair)
        for pair in itertools.combinations(intervals, 2)
        if intervals[pair[0]][1] < intervals[pair[1]][0] or intervals[pair[1]][1] < intervals[pair[0]][0]
    }
    assert {"300", "1000"} not in apart
    assert {"300+100", "500+150"} not in apart
    assert {"300+100", "1000"} in apart


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((101.0, 10), "error = 101.0 is not a percentage"),
        ((1.0, 0), "n = 0 must be 1 or more"),
        ((1.0, 10, 95), "level = 95 between 0 and 1"),
    ],
)
def test_an_impossible_error_count_or_level_is_refused(arguments: tuple, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        lecun.wilson_interval(*arguments)


@pytest.mark.parametrize("sizes", [(784,), (784, 0, 10)])
def test_sizes_that_make_no_network_are_refused(sizes: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="make no network"):
        lecun.row(sizes, 1.0)
