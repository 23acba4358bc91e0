"""Learning curves, confusion matrices and errors against size, against scikit-learn and the numbers put in."""

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot
from matplotlib.axes import Axes
from sklearn import metrics
from torch import nn

from course import figures, plots
from course.batching import batches
from course.training import fit


@pytest.fixture(autouse=True)
def _no_figure_left() -> Iterator[None]:
    yield
    pyplot.close("all")


def curves(ax: Axes) -> dict[str, list[float]]:
    return {str(line.get_label()): list(np.asarray(line.get_ydata())) for line in ax.lines}


def test_each_column_is_a_curve_over_the_epochs_from_one() -> None:
    history = {"train_loss": [2.0, 1.0, 0.5], "valid_loss": [2.0, 1.5, 1.7], "train_accuracy": [0.1, 0.2, 0.3]}
    ax = plots.learning_curves(history)
    loss, accuracy = ax.child_axes
    assert curves(loss) == {"train": history["train_loss"], "valid": history["valid_loss"]}
    assert curves(accuracy) == {"train": history["train_accuracy"]}
    assert list(np.asarray(loss.lines[0].get_xdata())) == [1, 2, 3]
    assert "valid loss ends at 1.7, best 1.5 in epoch 2" in figures.alt_text(ax.figure)


def test_an_epoch_without_a_figure_is_a_gap_and_a_column_without_any_is_left_out() -> None:
    ax = plots.learning_curves({"train_loss": [2.0, 1.0], "valid_loss": [None, 1.0], "valid_accuracy": [None, None]})
    (loss,) = ax.child_axes
    assert math.isnan(curves(loss)["valid"][0])


def test_a_history_of_fit_is_drawn_with_the_epoch_whose_weights_were_kept() -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(64, 2, generator=generator)
    y = (x[:, 0] > 0).long()
    model = nn.Linear(2, 2)
    history = fit(
        model,
        batches(x, y, 16),
        batches(x, y, 64),
        loss=nn.functional.cross_entropy,
        optimizer=torch.optim.SGD(model.parameters(), 0.1),
        epochs=3,
        patience=3,
        progress=False,
    )
    ax = plots.learning_curves(history)
    loss, accuracy = ax.child_axes
    assert curves(loss)["train"] == history["train_loss"]
    assert curves(accuracy)["valid"] == history["valid_accuracy"]
    assert history.weights_from > 0
    assert f"weights kept are those of epoch {history.weights_from}" in figures.alt_text(ax.figure)
    assert curves(loss)[f"weights of epoch {history.weights_from}"]


def test_runs_are_told_apart_by_colour_and_marker_and_their_data_by_line_style() -> None:
    small = {"train_loss": [2.0, 1.0], "valid_loss": [2.1, 1.5], "valid_accuracy": [0.1, 0.4]}
    large = {"train_loss": [2.2, 1.9, 1.8]}
    ax = plots.compare_runs({"small": small, "large": large})
    loss, accuracy = ax.child_axes
    drawn = [(line.get_linestyle(), list(np.asarray(line.get_ydata()))) for line in loss.lines]
    assert drawn == [("-", small["train_loss"]), ("--", small["valid_loss"]), ("-", large["train_loss"])]
    first, second, other = loss.lines
    assert (first.get_color(), first.get_marker()) == (second.get_color(), second.get_marker())
    assert first.get_color() != other.get_color()
    assert first.get_marker() != other.get_marker()
    assert list(curves(accuracy).values()) == [small["valid_accuracy"]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["small", "large", "train", "valid"]
    words = "small: train loss 1, valid loss 1.5, valid accuracy 0.4; large: train loss 1.8."
    assert words in figures.alt_text(ax.figure)


def test_no_line_style_is_named_where_no_run_has_validation_data() -> None:
    ax = plots.compare_runs({"small": {"train_loss": [2.0, 1.0]}, "large": {"train_loss": [2.2]}})
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["small", "large"]


classes = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40)


@settings(max_examples=20, deadline=None)
@given(classes)
def test_the_matrix_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    y, predicted = (torch.tensor(column) for column in zip(*pairs, strict=True))
    ax = plots.confusion_matrix(y, predicted, labels="abcde")
    expected = metrics.confusion_matrix(y, predicted, labels=range(5))
    drawn = np.array([int(text.get_text()) for text in ax.texts]).reshape(5, 5)
    assert drawn.tolist() == expected.tolist()
    shares = np.asarray(ax.images[0].get_array())
    assert shares == pytest.approx(metrics.confusion_matrix(y, predicted, labels=range(5), normalize="true"))
    assert f"{metrics.accuracy_score(y, predicted):.1%}" in ax.get_title()
    pyplot.close(ax.figure)


def test_the_commonest_confusion_is_named() -> None:
    ax = plots.confusion_matrix([0, 0, 0, 1], [1, 1, 0, 0], ["cat", "dog"])
    assert "Most often, 2 times, cat was taken for dog." in figures.alt_text(ax.figure)
    perfect = plots.confusion_matrix([0, 1], [0, 1])
    assert "No class was taken for another." in figures.alt_text(perfect.figure)


def test_a_large_matrix_has_a_scale_of_colours_instead_of_numbers_and_stays_on_a_page() -> None:
    ax = plots.confusion_matrix(range(40), range(40))
    assert not ax.texts
    assert [other.get_ylabel() for other in ax.figure.axes if other is not ax] == ["share of the true class"]
    assert max(ax.figure.get_size_inches()) < 8
    assert len(plots.confusion_matrix(range(5), range(5)).figure.axes) == 1


def test_a_single_epoch_is_marked_and_no_epoch_is_a_fraction() -> None:
    ax = plots.learning_curves({"train_loss": [1.2]})
    ax.figure.canvas.draw()
    (loss,) = ax.child_axes
    assert loss.lines[0].get_marker() == "o"
    left, right = loss.get_xlim()
    assert [text.get_text() for text in loss.get_xticklabels() if left <= text.get_position()[0] <= right] == ["1"]


def test_a_long_run_has_few_markers_so_that_dashes_can_be_seen() -> None:
    ax = plots.compare_runs({"long": {"train_loss": list(range(1, 101))}})
    (line,) = ax.child_axes[0].lines
    assert 100 / line.get_markevery() <= 12


def test_errors_are_sorted_by_size_with_their_spread_and_lines_add_up() -> None:
    ax = plots.error_against([100, 10], [0.1, 0.4], spread=[0.01, 0.02], name="ours")
    line = ax.containers[0].lines[0]
    assert np.asarray(line.get_xydata()).tolist() == [[10, 0.4], [100, 0.1]]
    (bars,) = ax.containers[0].lines[2]
    assert [segment[:, 1].tolist() for segment in bars.get_segments()] == [
        pytest.approx([0.38, 0.42]),
        pytest.approx([0.09, 0.11]),
    ]
    plots.error_against([10, 100], [0.3, 0.2], name="theirs", ax=ax)
    first, second = (container.lines[0] for container in ax.containers)
    assert first.get_color() != second.get_color()
    assert first.get_marker() != second.get_marker()
    text = figures.alt_text(ax.figure)
    assert "ours against parameters: from 0.4 at 10 to 0.1 at 100" in text
    assert "theirs against parameters" in text


def test_bars_may_reach_further_up_than_down_and_points_have_labels_instead_of_a_line() -> None:
    ax = plots.error_against(
        [100, 10], [2.0, 4.0], spread=[[0.1, 0.3], [0.5, 1.0]], labels=["large", "small"], joined=False, look=2
    )
    (container,) = ax.containers
    (bars,) = container.lines[2]
    assert [list(segment[:, 1]) for segment in bars.get_segments()] == [[3.5, 5.0], [1.9, 2.3]]
    assert container.lines[0].get_linestyle() == "None"
    assert container.lines[0].get_color() == figures.CYCLE[2]
    assert {text.get_text(): text.xy for text in ax.texts} == {"large": (100, 2.0), "small": (10, 4.0)}
    assert "small 4 at 10; large 2 at 100." in figures.alt_text(ax.figure)


def test_a_short_logarithmic_axis_has_numbers_between_the_powers_of_ten() -> None:
    ax = plots.error_against([2000, 90_000], [2.0, 5.0])
    ax.figure.canvas.draw()
    seen = {text.get_text() for text in ax.get_xticklabels() if 2000 <= text.get_position()[0] <= 90_000}
    assert seen == {"2,000", "5,000", "10,000", "20,000", "50,000"}
    assert {"2", "3", "4"} <= {text.get_text() for text in ax.get_yticklabels()}
    long = plots.error_against([1, 1e6], [2.0, 5.0])
    long.figure.canvas.draw()
    assert not any("," in text.get_text() for text in long.get_xticklabels())


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: plots.learning_curves({"train_loss": []}), "no train_loss"),
        (lambda: plots.learning_curves({}), "no train_loss"),
        (lambda: plots.compare_runs({}), "no runs to compare"),
        (lambda: plots.compare_runs({"slow": {"train_loss": []}}), "history of slow has no train_loss"),
        (lambda: plots.confusion_matrix([], []), "y is empty"),
        (lambda: plots.confusion_matrix([0, 1], [0]), "predicted has 1 class numbers for 2"),
        (lambda: plots.confusion_matrix([0, 2], [0, 0], ["a", "b"]), "2 labels, but class 2 occurs"),
        (lambda: plots.confusion_matrix([0, -1], [0, 0]), "y must hold class numbers"),
        (lambda: plots.error_against([1, 2], [0.1]), "2 sizes and 1 errors"),
        (lambda: plots.error_against([1, 2], [0.1, 0.2], labels=["a"]), "1 labels for 2 points"),
        (lambda: plots.error_against([1, 2], [0.1, 0.2], spread=[0.1]), "spread must have shape"),
        (lambda: plots.error_against([1, 2], [0.1, 0.2], spread=[0.1, -0.1]), "spread holds a number"),
        (lambda: plots.error_against([1, 2], [0.1, 0.0]), "logarithmic axis has no place for 0"),
    ],
)
def test_a_wrong_argument_is_named_in_one_sentence_and_leaves_no_figure(call: Callable[[], Axes], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
    assert pyplot.get_fignums() == []
