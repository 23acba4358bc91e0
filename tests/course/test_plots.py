"""Every figure against torch or a closed form: the heights of bars, the points of lines, what the description says."""

import math
from collections.abc import Callable, Iterator

import matplotlib
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot
from matplotlib.axes import Axes
from torch import Tensor
from torch.nn import functional as F

from course import figures, plots

SLIDE = torch.tensor([3.2, 5.1, -1.7])
P, Q = torch.tensor([0.5, 0.3, 0.2]), torch.tensor([0.2, 0.7, 0.1])


@pytest.fixture(autouse=True)
def _no_figure_left() -> Iterator[None]:
    yield
    pyplot.close("all")


def widths(ax: Axes) -> list[float]:
    return [bar.get_width() for bar in ax.patches]


def heights(ax: Axes) -> list[float]:
    return [bar.get_height() for bar in ax.patches]


def line(ax: Axes, label: str) -> tuple[np.ndarray, np.ndarray]:
    (matching,) = [line for line in ax.lines if str(line.get_label()).startswith(label)]
    return np.asarray(matching.get_xdata()), np.asarray(matching.get_ydata())


def described(ax: Axes) -> str:
    return figures.alt_text(ax.figure)


EVERY: dict[str, Callable[..., Axes]] = {
    "logits_to_probabilities": lambda **k: plots.logits_to_probabilities(SLIDE, 0, ("cat", "car", "frog"), **k),
    "nll_curve": lambda **k: plots.nll_curve([0.1, 0.5], **k),
    "entropy_stack": lambda **k: plots.entropy_stack(P, Q, **k),
    "outlier_losses": lambda **k: plots.outlier_losses([1, 2, 4], 9.0, **k),
    "likelihood_underflow": lambda **k: plots.likelihood_underflow([0.5] * 300, **k),
}


@pytest.mark.parametrize("name", EVERY)
def test_each_draws_on_the_axes_given_describes_itself_and_labels_its_axes(name: str) -> None:
    _, ax = pyplot.subplots()
    assert EVERY[name](ax=ax) is ax
    assert len(pyplot.get_fignums()) == 1
    assert len(described(ax)) > 40
    for part in ax.child_axes or [ax]:
        assert part.get_xlabel() or part.get_xticklabels()[0].get_text()
        assert part.get_ylabel() or not len(part.get_yticks()) or part.get_yticklabels()[0].get_text()


@pytest.mark.parametrize("name", EVERY)
def test_each_makes_one_figure_when_no_axes_are_given(name: str) -> None:
    ax = EVERY[name]()
    assert pyplot.get_fignums() == [ax.figure.number]
    figures.png(ax.figure)


@pytest.mark.parametrize("name", EVERY)
def test_none_touches_global_settings_or_random_state(name: str) -> None:
    settings_before, torch_before, numpy_before = (
        dict(matplotlib.rcParams),
        torch.get_rng_state(),
        np.random.get_state(),
    )
    figures.png(EVERY[name]().figure)
    assert dict(matplotlib.rcParams) == settings_before
    assert torch.equal(torch.get_rng_state(), torch_before)
    assert np.array_equal(np.random.get_state()[1], numpy_before[1])


def test_logits_softmax_and_one_hot_are_three_aligned_groups_of_bars() -> None:
    parts = plots.logits_to_probabilities(SLIDE, y=2).child_axes
    assert widths(parts[0]) == pytest.approx(SLIDE.tolist())
    assert widths(parts[1]) == pytest.approx(torch.softmax(SLIDE, 0).tolist())
    assert widths(parts[2]) == F.one_hot(torch.tensor(2), 3).tolist()
    rows = [[bar.get_y() for bar in part.patches] for part in parts]
    assert rows[0] == rows[1] == rows[2]


def test_without_a_true_class_there_is_no_one_hot_group() -> None:
    ax = plots.logits_to_probabilities(SLIDE)
    assert len(ax.child_axes) == 2
    assert ax.get_title() == ""


def test_the_slides_loss_of_the_cat_is_in_title_and_description() -> None:
    ax = plots.logits_to_probabilities(SLIDE, 0, ["cat", "car", "frog"])
    assert F.cross_entropy(SLIDE, torch.tensor(0)).item() == pytest.approx(2.04, abs=0.005)
    assert "2.04" in ax.get_title()
    assert "cat" in ax.get_title()
    assert "2.04" in described(ax)
    assert "cat 0.130, car 0.869, frog 0.001" in described(ax)


def test_a_small_probability_is_not_written_as_zero_nor_a_large_one_as_one() -> None:
    z = torch.tensor([0.0, 9.0]).double()
    ax = plots.logits_to_probabilities(z, 0)
    q, loss = torch.softmax(z, 0)[0].item(), F.cross_entropy(z, torch.tensor(0)).item()
    assert ax.get_title().endswith(f"loss = −log {q:.3g} = {loss:.2f}")
    assert f"{q:.3g}" == "0.000123"
    assert [text.get_text() for text in ax.child_axes[1].texts] == ["<0.001", ">0.999"]


def test_what_is_written_beside_bars_and_lines_has_a_true_minus_sign() -> None:
    logits = plots.logits_to_probabilities([-1.7, 0.5], 0).child_axes[0]
    left, right = plots.outlier_losses([-4.0, -2.0, -6.0], -8.0).child_axes
    legend = left.get_legend()
    assert legend is not None
    written = [*logits.texts, *legend.get_texts()]
    assert [text.get_text() for text in written if "−" in text.get_text()] == [
        "−1.7",
        "mean −5.00 (best for MSE)",
        "median −5.00 (best for MAE)",
    ]
    assert "predicting −4, the values' median" in right.get_title()
    assert not any("-" in text.get_text() for text in written)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.floats(-2000, 2000), min_size=1, max_size=6))
def test_any_logits_give_bars_that_fit_their_axes(z: list[float]) -> None:
    ax = plots.logits_to_probabilities(z, 0)
    logits, probabilities, _ = ax.child_axes
    low, high = logits.get_xlim()
    assert all(low <= value <= high for value in z)
    assert low < high
    assert sum(widths(probabilities)) == pytest.approx(1)
    pyplot.close(ax.figure)


def test_the_loss_of_a_probability_too_small_for_a_float_is_exact() -> None:
    ax = plots.logits_to_probabilities([0.0, 1000.0], 0)
    figures.png(ax.figure)
    assert "1000.00" in ax.get_title()  # as F.cross_entropy has it, and not infinite


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: plots.logits_to_probabilities(SLIDE, y=3), "y = 3 is not one of the classes 0 to 2"),
        (lambda: plots.logits_to_probabilities(SLIDE, y=-1), "y = -1"),
        (lambda: plots.logits_to_probabilities(SLIDE[None]), r"z must be a vector.*\(1, 3\)"),
        (lambda: plots.logits_to_probabilities([1.0, math.nan]), "not finite"),
        (lambda: plots.logits_to_probabilities(SLIDE, labels=["a"]), "1 labels for 3 classes"),
        (lambda: plots.nll_curve(1.2), "q = 1.2 is not a probability"),
        (lambda: plots.entropy_stack([0.5, 0.6], Q[:2]), "Y = .* is not a distribution"),
        (lambda: plots.entropy_stack([1.5, -0.5], [0.5, 0.5]), "Y = .* is not a distribution"),
        (lambda: plots.entropy_stack([0.5, 0.5], Q), "Y has 2 classes and q has 3"),
        (lambda: plots.outlier_losses([], 1.0), "values must be a vector with at least one number"),
        (lambda: plots.outlier_losses([1.0], math.inf), "outlier = inf"),
        (lambda: plots.likelihood_underflow([0.5, 0.0]), "above 0"),
        (lambda: plots.likelihood_underflow([0.5, 1.5]), "at most at 1"),
    ],
)
def test_a_wrong_argument_is_named_in_one_sentence_and_leaves_no_figure(call: Callable[[], Axes], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
    assert pyplot.get_fignums() == []


def test_the_loss_curve_is_minus_log_q_and_marks_are_on_it() -> None:
    ax = plots.nll_curve([0.13, 1.0])
    q, loss = ax.lines[0].get_data()
    assert np.asarray(loss) == pytest.approx(-np.log(np.asarray(q)))
    marks = [tuple(mark.get_xydata()[0]) for mark in ax.lines if mark.get_marker() == "o"]
    assert marks == [pytest.approx((0.13, -math.log(0.13))), pytest.approx((1.0, 0.0))]
    assert "q = 0.13 costs 2.04" in described(ax)


def test_probability_zero_costs_infinity_and_is_marked_at_the_edge() -> None:
    ax = plots.nll_curve(0)
    assert "∞" in ax.texts[0].get_text()
    (mark,) = [mark for mark in ax.lines if mark.get_marker() == "^"]
    assert mark.get_xydata()[0] == pytest.approx([0, ax.get_ylim()[1]])


def test_entropy_and_divergence_stack_to_the_cross_entropy_of_torch() -> None:
    bars, stack = plots.entropy_stack(P, Q).child_axes
    assert heights(bars) == pytest.approx([*P.tolist(), *Q.tolist()])
    entropy, divergence, total = heights(stack)
    assert entropy == pytest.approx(torch.distributions.Categorical(P).entropy().item())
    assert divergence == pytest.approx(F.kl_div(Q.log(), P, reduction="sum").item())
    assert total == pytest.approx(F.cross_entropy(Q.log(), P).item())
    assert stack.patches[1].get_y() == pytest.approx(entropy)
    assert entropy + divergence == pytest.approx(total)
    assert [round(h, 4) for h in (entropy, divergence, total)] == [1.0297, 0.3426, 1.3722]


def test_the_labels_are_called_as_in_the_text() -> None:
    ax = plots.entropy_stack(P, Q)
    bars, stack = ax.child_axes
    assert [text.get_text() for text in bars.get_legend().get_texts()] == ["Y (labels)", "q (predicted)"]
    assert stack.get_xticklabels()[0].get_text() == "H(Y) + KL(Y‖q)"
    assert described(ax).startswith("Bars of Y (")


distributions = st.lists(st.floats(0.001, 1), min_size=4, max_size=4).map(lambda v: torch.tensor(v).double().softmax(0))


@settings(max_examples=15, deadline=None)
@given(distributions, distributions)
def test_the_stack_is_right_for_any_pair_of_distributions(p: Tensor, q: Tensor) -> None:
    ax = plots.entropy_stack(p, q)
    entropy, divergence, total = heights(ax.child_axes[1])
    assert divergence == pytest.approx(F.kl_div(q.log(), p, reduction="sum").item(), abs=1e-12)
    assert entropy + divergence == pytest.approx(total)
    assert ax.child_axes[1].get_ylim()[1] > total
    pyplot.close(ax.figure)


def test_zero_log_zero_counts_as_zero() -> None:
    ax = plots.entropy_stack([1.0, 0.0], [0.25, 0.75])
    assert heights(ax.child_axes[1]) == pytest.approx([0, -math.log(0.25), -math.log(0.25)])
    same = plots.entropy_stack([1.0, 0.0], [1.0, 0.0])
    assert heights(same.child_axes[1]) == pytest.approx([0, 0, 0], abs=1e-12)


def test_a_class_that_q_rules_out_makes_the_stack_infinite_and_is_named() -> None:
    ax = plots.entropy_stack([0.5, 0.5, 0.0], [0.0, 0.5, 0.5], ["cat", "dog", "ship"])
    assert "infinite: q rules out cat" in ax.get_title()
    stack = ax.child_axes[1]
    top = stack.get_ylim()[1]
    entropy, divergence, total = heights(stack)
    assert entropy == pytest.approx(math.log(2))
    assert [entropy + divergence, total] == pytest.approx([top, top])
    assert [text.get_text() for text in stack.texts] == ["∞", "∞"]
    assert "divergence, ∞" in described(ax)
    figures.png(ax.figure)


@pytest.mark.parametrize("outlier", [-30.0, 2.5, 9.0, 1000.0])
def test_mean_median_and_both_losses_follow_the_outlier(outlier: float) -> None:
    values = torch.tensor([1.0, 2.0, 2.5, 3.0, 4.0])
    left, right = plots.outlier_losses(values, outlier).child_axes
    everything = torch.cat([values, torch.tensor([outlier])])
    lines = {str(c.get_label()).split()[0]: c.get_segments()[0][0][0] for c in left.collections}
    assert lines["mean"] == pytest.approx(everything.mean().item())
    assert lines["median"] == pytest.approx(everything.quantile(0.5).item())
    prediction = torch.full_like(everything, 2.5)
    marks = [mark.get_xydata()[0] for mark in right.lines if mark.get_marker() == "D"]
    assert marks[0] == pytest.approx([outlier, F.mse_loss(prediction, everything).item()])
    assert marks[1] == pytest.approx([outlier, F.l1_loss(prediction, everything).item()])


def test_the_loss_curves_are_a_parabola_and_two_straight_lines() -> None:
    _, right = plots.outlier_losses([0.0, 0.0], 3.0).child_axes
    x, mse = line(right, "MSE")
    assert mse == pytest.approx(x**2 / 3)
    x, mae = line(right, "MAE")
    assert mae == pytest.approx(np.abs(x) / 3)


@pytest.mark.parametrize(
    ("logit", "text"),
    [(3.2, "3.2"), (-1.0, "−1"), (0.0, "0"), (1.0779, "1.08"), (3000.0, "3000"), (-0.0004, "−0.0004"), (100.0, "100")],
)
def test_a_logit_is_written_to_two_places_without_zeros_at_the_end(logit: float, text: str) -> None:
    ax = plots.logits_to_probabilities([logit, 5.0])
    assert ax.child_axes[0].texts[0].get_text() == text


def test_numbers_beside_bars_stay_inside_their_axes() -> None:
    ax = plots.logits_to_probabilities(np.linspace(-2.18, 1.54, 10), 3, [f"class {i}" for i in range(10)])
    ax.figure.canvas.draw()
    left = ax.child_axes[0]
    frame = left.get_window_extent()
    for text in left.texts:
        box = text.get_window_extent()
        assert frame.x0 <= box.x0
        assert box.x1 <= frame.x1


def test_an_infinite_loss_and_a_large_one_are_not_written_over_each_other() -> None:
    ax = plots.nll_curve([0.0, 0.001])
    ax.figure.canvas.draw()
    first, second = (text.get_window_extent() for text in ax.texts)
    assert not first.overlaps(second)


def test_reach_fixes_the_axes_whatever_the_outlier() -> None:
    limits = [
        [part.get_xlim() for part in plots.outlier_losses([1, 2, 3], outlier, reach=20).child_axes]
        for outlier in (-5.0, 15.0)
    ]
    assert limits[0] == limits[1]
    assert limits[0][0] == pytest.approx((-18, 22))


def test_products_stop_where_float32_and_float64_reach_zero() -> None:
    left, right = plots.likelihood_underflow([0.1] * 400).child_axes
    for dtype in (torch.float32, torch.float64):
        product = torch.full((400,), 0.1, dtype=dtype).cumprod(0)
        alive = int((product > 0).sum())
        x, y = line(left, str(dtype).removeprefix("torch."))
        assert len(x) == alive < 400
        assert y[:30] == pytest.approx(-np.arange(1, 31), rel=1e-5)
        assert any(f"0 from n = {alive + 1}" in text.get_text() for text in left.texts)
    nll = np.asarray(right.lines[0].get_ydata())
    assert nll == pytest.approx(np.arange(1, 401) * math.log(10))


def test_products_that_stay_above_zero_are_said_to() -> None:
    ax = plots.likelihood_underflow([0.9] * 10)
    assert described(ax).count("still holds it") == 2


def test_tensors_with_gradients_and_of_any_type_are_only_read() -> None:
    z = torch.tensor([1.0, 2.0], dtype=torch.bfloat16, requires_grad=True)
    ax = plots.logits_to_probabilities(z, 1)
    assert widths(ax.child_axes[0]) == [1.0, 2.0]
    assert z.grad is None
    assert z.requires_grad


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_tensors_on_a_gpu_stay_there() -> None:
    z = SLIDE.cuda()
    assert widths(plots.logits_to_probabilities(z).child_axes[0]) == pytest.approx(SLIDE.tolist())
    assert z.is_cuda
