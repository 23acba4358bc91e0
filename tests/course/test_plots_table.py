"""The figures of unit 10: which pictures and distributions they show, against the data and SciPy."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from matplotlib import pyplot
from matplotlib.axes import Axes
from scipy.stats import binom

from course import figures, plots

IMAGES = torch.arange(24.0).view(4, 2, 3)


@pytest.fixture(autouse=True)
def _no_figure_left() -> Iterator[None]:
    yield
    pyplot.close("all")


def described(ax: Axes) -> str:
    return figures.alt_text(ax.figure.figure)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "draw", [lambda **k: plots.image_grid(IMAGES, **k), lambda **k: plots.binomial_tails(3, 40, [2, 20], **k)]
)
def test_each_draws_on_the_axes_given_or_on_a_figure_of_its_own(draw: Callable[..., Axes]) -> None:
    _, ax = pyplot.subplots()
    assert draw(ax=ax) is ax
    assert len(pyplot.get_fignums()) == 1
    assert draw() is not ax
    assert len(pyplot.get_fignums()) == 2


def test_each_picture_is_drawn_with_its_title_in_rows() -> None:
    ax = plots.image_grid(IMAGES, ["a", "b", "c\nd", "e"], across=3)
    parts = [part for part in ax.child_axes if isinstance(part, Axes)]
    assert [part.get_title() for part in parts] == ["a", "b", "c\nd", "e"]
    for part, image in zip(parts, IMAGES, strict=True):
        assert np.array_equal(np.asarray(part.images[0].get_array()), image.numpy())
    ax.figure.canvas.draw()
    tops = [part.get_position().y1 for part in ax.child_axes]
    assert tops[:3] == pytest.approx([tops[0]] * 3)
    assert tops[3] < tops[0] - 0.1
    assert described(ax) == "4 images of 2 by 3 pixels: a, b, c d, e."


def test_many_pictures_are_not_all_read_out_and_none_needs_a_title() -> None:
    assert described(plots.image_grid(torch.zeros(25, 2, 2), range(25))).endswith(", 19, and so on.")
    assert described(plots.image_grid(IMAGES)) == "4 images of 2 by 3 pixels."


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
        (lambda: plots.image_grid(IMAGES[0]), r"their shape is \(2, 3\)"),
        (lambda: plots.image_grid(IMAGES[:0]), r"their shape is \(0, 2, 3\)"),
        (lambda: plots.image_grid(IMAGES, ["a"]), "1 titles for 4 images"),
        (lambda: plots.image_grid(IMAGES, across=0), "across = 0 leaves no room"),
        (lambda: plots.binomial_tails(5, 4, [10]), "wrong = 5 is no count"),
        (lambda: plots.binomial_tails(-1, 4, [10]), "wrong = -1 is no count"),
        (lambda: plots.binomial_tails(1, 4, []), "one or more true errors"),
        (lambda: plots.binomial_tails(1, 4, [0]), "between 0 and 100"),
    ],
)
def test_wrong_arguments_get_one_sentence(call: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
