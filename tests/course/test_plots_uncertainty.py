"""Tails of binomial distributions, against SciPy."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes
from scipy.stats import binom

from course import figures, plots


@pytest.fixture(autouse=True)
def _no_figure_left() -> Iterator[None]:
    yield
    pyplot.close("all")


def described(ax: Axes) -> str:
    return figures.alt_text(ax.figure.figure)  # type: ignore[arg-type]


def test_they_are_drawn_on_the_axes_given_or_on_a_figure_of_their_own() -> None:
    _, ax = pyplot.subplots()
    assert plots.binomial_tails(3, 40, [2, 20], ax=ax) is ax
    assert len(pyplot.get_fignums()) == 1
    assert plots.binomial_tails(3, 40, [2, 20]) is not ax
    assert len(pyplot.get_fignums()) == 2


def test_the_tails_are_those_of_scipy() -> None:
    ax = plots.binomial_tails(6, 40, [5, 30])
    low, high = 100 * binom.sf(5, 40, 0.05), 100 * binom.cdf(6, 40, 0.3)
    text = f"true error 5 %, 6 or more: {low:.2g} %; of true error 30 %, 6 or fewer: {high:.2g} %."
    assert described(ax) == f"Seen: 6 wrong of 40. Probability of {text}"
    for line, share in zip(ax.lines, (0.05, 0.3), strict=False):
        counts, chances = np.asarray(line.get_xydata()).T
        assert chances == pytest.approx(binom.pmf(counts, 40, share))


def test_ten_thousand_answers_do_not_overflow() -> None:
    ax = plots.binomial_tails(470, 10_000, [4.7])
    counts, chances = np.asarray(ax.lines[0].get_xydata()).T
    assert chances == pytest.approx(binom.pmf(counts, 10_000, 0.047), rel=1e-6)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: plots.binomial_tails(5, 4, [10]), "wrong = 5 is no count"),
        (lambda: plots.binomial_tails(-1, 4, [10]), "wrong = -1 is no count"),
        (lambda: plots.binomial_tails(1, 4, []), "one or more true errors"),
        (lambda: plots.binomial_tails(1, 4, [0]), "between 0 and 100"),
    ],
)
def test_wrong_arguments_get_one_sentence(call: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
