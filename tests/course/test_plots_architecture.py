"""The drawing of layers, checked by what is on the axes."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from matplotlib import pyplot

from course import figures, plots


@pytest.fixture(autouse=True)
def _no_figure_left() -> Iterator[None]:
    yield
    pyplot.close("all")


def test_a_small_network_is_drawn_whole() -> None:
    ax = plots.network_layers((6, 3, 5, 4, 3))
    assert [len(line.get_xdata()) for line in ax.lines] == [6, 3 + 5 + 4, 3, 0]
    (lines,) = ax.collections
    assert len(lines.get_segments()) == 6 * 3 + 3 * 5 + 5 * 4 + 4 * 3
    words = [text.get_text() for text in ax.texts]
    assert words[:4] == ["3 × 6\n+ 3", "5 × 3\n+ 5", "4 × 5\n+ 4", "3 × 4\n+ 3"]
    assert words[4:] == ["6\ninputs", "3\nhidden 1", "5\nhidden 2", "4\nhidden 3", "3\noutputs"]
    assert (
        "6 inputs, 3 hidden layers of 3, 5, 4 neurons, 3 outputs. Weights: 3 × 6, 5 × 3, 4 × 5, 3 × 4"
        in figures.alt_text(ax.figure)
    )


def test_neurons_of_a_wide_layer_stay_apart_and_inside_and_some_are_left_out() -> None:
    for size in (1, 2, 8, 9, 784):
        ax = plots.network_layers((size, 1))
        heights = sorted(ax.lines[0].get_ydata())
        assert len(heights) == (size if size <= 8 else 6)
        assert heights[0] > 0
        assert heights[-1] < 1
        assert all(high - low > 0.1 for low, high in pairwise(heights))


def test_without_biases_no_bias_is_written() -> None:
    ax = plots.network_layers((4, 2), bias=False)
    assert [text.get_text() for text in ax.texts] == ["2 × 4", "4\ninputs", "2\noutputs"]
    assert "no hidden layer" in figures.alt_text(ax.figure)
    assert "no biases" in figures.alt_text(ax.figure)


def test_it_draws_on_the_axes_given() -> None:
    _, ax = pyplot.subplots()
    assert plots.network_layers((784, 1000, 1000, 1000, 1000, 10), ax=ax) is ax
    assert len(pyplot.get_fignums()) == 1


@pytest.mark.parametrize("sizes", [(), (3,), (3, 0), (3, 2.5, 1), (3, -1)])
def test_sizes_that_are_no_layers_get_one_sentence_and_no_figure(sizes: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="two or more whole numbers from 1 on"):
        plots.network_layers(sizes)  # type: ignore[arg-type]
    assert pyplot.get_fignums() == []
