"""Figures of evaluation: bars of splits, R² against scikit-learn's, subgroups, a test set that was used often."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from sklearn.metrics import r2_score

from course import figures, plots
from course.figures import BLUE, ORANGE, VERMILION
from course.plots.evaluation import MOST_COLORED, UNUSED, predictions_by_group

PARTS = {"in order": [0, 0, 0, 1, 2, 2], "mixed": [0, 1, -1, 2, 0, 0]}
RNG = np.random.default_rng(3)
GROUPS = np.repeat([0, 1, 2, 5], 25)
TRUE = GROUPS + RNG.normal(size=100)
GUESS = TRUE + RNG.normal(size=100)

EVERY: dict[str, Callable[..., Axes]] = {
    "splits": lambda **k: plots.splits(PARTS, groups=[0, 0, 1, 1, 2, 2], **k),
    "predictions_by_group": lambda **k: plots.predictions_by_group(TRUE, GUESS, GROUPS, **k),
    "subgroup_bars": lambda **k: plots.subgroup_bars([0.9, 0.5, float("nan")], [100, 8, 0], 0.8, **k),
    "best_of_many": lambda **k: plots.best_of_many([1, 10], [0.5, 0.55], spread=([0.4, 0.5], [0.6, 0.6]), **k),
}


@pytest.fixture(autouse=True)
def _no_figure_left() -> Iterator[None]:
    yield
    pyplot.close("all")


def described(ax: Axes) -> str:
    return figures.alt_text(ax.figure)


def colors(ax: Axes, bar: int) -> list[tuple[float, ...]]:
    return [tuple(color) for color in ax.images[bar].get_array()[0]]


def within(y: np.ndarray, p: np.ndarray, g: np.ndarray) -> float:
    """1 − Σ(y − p)² / Σ(y − own mean)²: what scikit-learn says of the distances from the groups' means."""
    own = np.array([y[g == group].mean() for group in g])
    return r2_score(y - own, p - own)


@pytest.mark.parametrize("name", EVERY)
def test_each_draws_on_the_axes_given_describes_itself_and_labels_its_axes(name: str) -> None:
    _, ax = pyplot.subplots()
    assert EVERY[name](ax=ax) is ax
    assert len(pyplot.get_fignums()) == 1
    assert len(described(ax)) > 40
    for part in ax.child_axes or [ax]:
        assert part.get_xlabel()
        assert part.get_ylabel() or part.get_yticklabels()[0].get_text()


@pytest.mark.parametrize("name", EVERY)
def test_each_makes_one_figure_and_touches_no_random_state(name: str) -> None:
    before = torch.get_rng_state(), np.random.get_state()[1].copy()
    ax = EVERY[name]()
    assert pyplot.get_fignums() == [ax.figure.number]
    assert figures.png(ax.figure)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.array_equal(np.random.get_state()[1], before[1])


def test_each_example_of_a_split_has_the_colour_of_its_part() -> None:
    ax = plots.splits(PARTS)
    assert colors(ax, 0) == [to_rgb(c) for c in (BLUE, BLUE, BLUE, ORANGE, VERMILION, VERMILION)]
    assert colors(ax, 1) == [to_rgb(c) for c in (BLUE, ORANGE, UNUSED, VERMILION, BLUE, BLUE)]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["in order", "mixed"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["training", "validation", "test", "left out"]
    assert "in order: 3 training in 1 piece, 1 validation in 1 piece, 2 test in 1 piece" in described(ax)
    assert "mixed: 3 training in 2 pieces" in described(ax)


def test_groups_stand_on_top_and_change_shade_where_the_group_changes() -> None:
    ax = plots.splits({"all": torch.zeros(5)}, groups=torch.tensor([7, 7, 2, 2, 7]), groups_name="subject")
    first, second, third, fourth, fifth = colors(ax, 0)
    assert first == second == fifth != third == fourth
    assert ax.get_yticklabels()[0].get_text() == "subject"
    assert ax.images[0].get_extent()[2] < ax.images[1].get_extent()[2]


@pytest.mark.parametrize(
    ("rows", "more", "words"),
    [
        ({}, {}, "give at least one row"),
        ({"a": [0, 3]}, {}, "names the part 3, but there are only 3"),
        ({"a": [0, 1], "b": [0]}, {}, "a has 2, b has 1"),
        ({"a": [0, 1]}, {"groups": [0]}, "a has 2, group has 1"),
        ({"a": [0.5, 1]}, {}, "must hold class numbers"),
        ({"a": [0]}, {"parts": list("abcdef")}, "give fewer parts"),
    ],
)
def test_a_split_that_makes_no_sense_gets_one_sentence(rows, more, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=words):
        plots.splits(rows, **more)
    assert not pyplot.get_fignums()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-40, 40), st.integers(-40, 40), st.integers(0, 4)), min_size=3, max_size=30).filter(
        lambda rows: len({row[0] for row in rows}) > 1
    )
)
def test_bars_of_r2_are_scikit_learns(rows: list[tuple[int, int, int]]) -> None:
    y, p, g = np.array(rows, dtype=float).T
    right = predictions_by_group(y, p, g, ax=pyplot.figure().subplots()).child_axes[1]
    labels = [text.get_text() for text in right.texts]
    pyplot.close("all")
    expected = [r2_score(y, p)]
    if any(len(set(y[g == group])) > 1 for group in g):
        expected.append(within(y, p, g))
    else:
        assert labels[1] == "not defined"
    assert [bar.get_width() for bar in right.patches] == pytest.approx([max(value, -1) for value in expected])
    for text, value in zip(labels, expected, strict=False):
        assert float(text.split()[0].replace("−", "-")) == pytest.approx(value, abs=0.00501)
        if value != pytest.approx(-1):  # there two ways of summing may round to different sides
            assert ("off the axis" in text) == (value < -1)


def test_the_subjects_means_explain_nothing_within_subjects() -> None:
    own = np.array([TRUE[group == GROUPS].mean() for group in GROUPS])
    ax = plots.predictions_by_group(TRUE, own, GROUPS)
    assert ax.child_axes[1].patches[1].get_width() == pytest.approx(0, abs=1e-12)
    assert ax.get_title() == f"pooled R² {r2_score(TRUE, own):.2f},  within R² 0.00"
    assert "within subjects it is 0.00" in described(ax)


def test_points_are_predictions_across_and_truth_up_coloured_from_the_lowest_group_to_the_highest() -> None:
    left = plots.predictions_by_group(torch.tensor(TRUE), torch.tensor(GUESS), GROUPS, who="pupil").child_axes[0]
    groups = {str(line.get_label()): line for line in left.lines if str(line.get_label()).startswith("pupil")}
    assert list(groups) == ["pupil 0", "pupil 1", "pupil 2", "pupil 5"]
    assert np.array_equal(groups["pupil 5"].get_xdata(), GUESS[GROUPS == 5])
    assert np.array_equal(groups["pupil 5"].get_ydata(), TRUE[GROUPS == 5])
    assert len({line.get_color() for line in groups.values()}) == 4


def test_of_many_groups_some_are_coloured_and_the_others_grey() -> None:
    y = np.repeat(np.arange(40.0), 3)
    left = plots.predictions_by_group(y, y, np.repeat(np.arange(40), 3)).child_axes[0]
    names = [str(line.get_label()) for line in left.lines if not str(line.get_label()).startswith("_")]
    assert names == ["other subjects", *(f"subject {i}" for i in (0, 8, 16, 23, 31, 39))]
    assert len(names) == 1 + MOST_COLORED
    assert len(left.lines[1].get_xdata()) == 3 * (40 - MOST_COLORED)


def test_truth_that_never_varies_has_no_r2() -> None:
    assert plots.predictions_by_group([2, 2], [1, 3], [0, 1]).get_title().count("not defined") == 2


@pytest.mark.parametrize(
    ("y", "p", "g", "words"),
    [
        ([1, 2], [1], [0, 0], "y has 2 values and p has 1"),
        ([1, 2], [1, 2], [0], "g has 1 class numbers for 2"),
        ([1, 2], [1, float("nan")], [0, 0], "p holds a number that is not finite"),
        ([[1, 2]], [1, 2], [0, 0], "y must be a vector"),
    ],
)
def test_predictions_that_do_not_fit_get_one_sentence(y, p, g, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=words):
        plots.predictions_by_group(y, p, g)


def test_subgroups_are_bars_with_a_standard_error_and_an_empty_one_is_nan() -> None:
    ax = plots.subgroup_bars([0.9, 0.5, float("nan")], [100, 4, 0], 0.88, ["many", "few", "none"])
    assert [bar.get_width() for bar in ax.patches] == [0.9, 0.5]
    segments = ax.collections[0].get_segments()
    assert [tuple(segment[:, 0]) for segment in segments] == [
        pytest.approx((0.87, 0.93)),
        pytest.approx((0.25, 0.75)),
    ]
    assert [text.get_text() for text in ax.texts] == ["90.0% of 100", "50.0% of 4", "no example: nan"]
    assert "none nan of 0. Overall it is 88.0%" in described(ax)


def test_subgroups_need_a_count_each() -> None:
    with pytest.raises(ValueError, match="for 2 counts"):
        plots.subgroup_bars([0.5], [3, 4], 0.5)


def test_the_best_of_many_is_drawn_against_the_number_of_tries() -> None:
    ax = plots.best_of_many([1, 10, 100], [0.5, 0.55, 0.6], fresh=[0.5, 0.49, 0.5], truth=0.5)
    best, fresh, truth = ax.lines
    assert best.get_xydata().tolist() == [[1, 0.5], [10, 0.55], [100, 0.6]]
    assert fresh.get_ydata().tolist() == [0.5, 0.49, 0.5]
    assert truth.get_ydata() == [0.5, 0.5]
    assert ax.get_xscale() == "log"
    assert "from 0.500 for 1 to 0.600 for 100" in described(ax)


@pytest.mark.parametrize(
    ("tries", "best", "words"), [([0, 1], [0.5, 0.5], "0 or less"), ([1, 2], [0.5], "2 numbers of tries and 1")]
)
def test_tries_that_cannot_be_drawn_get_one_sentence(tries, best, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=words):
        plots.best_of_many(tries, best)
