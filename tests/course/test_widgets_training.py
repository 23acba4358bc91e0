"""The widget of unit 06: its curves are those of a training run, and the run before stays for comparison."""

from collections.abc import Iterator

import ipywidgets
import numpy as np
import pytest
import torch
from torch import nn

from course import widgets
from course.image_data import small_digits
from course.widgets import Explorer
from course.widgets.training import EPOCHS, EXAMPLES, HIDDEN


@pytest.fixture(autouse=True)
def _every_widget_closed() -> Iterator[None]:
    yield
    ipywidgets.Widget.close_all()


@pytest.fixture
def shown() -> Explorer:
    return widgets.training_explorer()


def curves(shown: Explorer) -> list[list[float]]:
    """Return train loss and valid loss of each run, then the accuracies: the run of now first."""
    return [list(np.asarray(line.get_ydata())) for part in shown.axes[0].child_axes for line in part.lines]


def names(shown: Explorer) -> list[str]:
    return [text.get_text() for text in shown.axes[0].get_legend().get_texts() if text.get_text()]


def test_a_run_ends_where_a_plain_loop_over_the_whole_batch_ends() -> None:
    shown = widgets.training_explorer(batch_size=EXAMPLES, rate=0.3, batch_sizes=[EXAMPLES], rates=[0.3], seed=3)
    x, y = small_digits(train=True)
    x, y = x[:EXAMPLES].flatten(1), y[:EXAMPLES]
    vx, vy = small_digits(train=False)
    with torch.random.fork_rng():
        torch.manual_seed(3)
        model = nn.Sequential(nn.Linear(64, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 10))
    expected: list[list[float]] = [[], [], [], []]
    for _ in range(EPOCHS):
        scores = model(x)
        loss = nn.functional.cross_entropy(scores, y)
        model.zero_grad()
        loss.backward()
        with torch.no_grad():
            for weight in model.parameters():
                weight -= 0.3 * weight.grad
            checked = model(vx.flatten(1))
        numbers = [loss, nn.functional.cross_entropy(checked, vy)]
        numbers += [(s.argmax(1) == t).float().mean() for s, t in ((scores, y), (checked, vy))]
        for column, number in zip(expected, numbers, strict=True):
            column.append(number.item())
    assert curves(shown) == [pytest.approx(column, rel=1e-3, abs=2 / len(vy)) for column in expected]


def test_the_setting_before_stays_for_comparison(shown: Explorer) -> None:
    assert names(shown) == ["now: batches of 64, rate 0.1, 96 steps", "train", "valid"]
    first = curves(shown)
    shown.controls["rate"].value = 1.0
    assert names(shown)[:2] == ["now: batches of 64, rate 1, 96 steps", "before: batches of 64, rate 0.1, 96 steps"]
    loss = curves(shown)[:4]
    assert loss[2:] == first[:2]
    assert loss[:2] != first[:2]
    shown.controls["batch_size"].value = 256
    assert names(shown)[:2] == ["now: batches of 256, rate 1, 24 steps", "before: batches of 64, rate 1, 96 steps"]
    assert "before: batches of 64, rate 1, 96 steps: train loss" in shown.alt_text


def test_both_settings_slide_over_what_is_offered(shown: Explorer) -> None:
    for control, options in (
        ("batch_size", ("16", "64", "256", "512")),
        ("rate", ("0.01", "0.03", "0.1", "0.3", "1", "3")),
    ):
        assert isinstance(shown.controls[control], ipywidgets.SelectionSlider)
        assert tuple(map(str, shown.controls[control]._options_labels)) == options


def test_the_static_picture_compares_nothing_with_itself(shown: Explorer) -> None:
    assert len(curves(shown)) == 4
    assert "before" not in shown.alt_text


def test_small_batches_get_further_at_a_small_rate_and_break_at_a_large_one(shown: Explorer) -> None:
    ends = {}
    for size in (16, 512):
        for rate in (0.03, 3.0):
            shown.controls["batch_size"].value = size
            shown.controls["rate"].value = rate
            ends[size, rate] = curves(shown)[1][-1]
    assert ends[16, 0.03] < ends[512, 0.03]
    assert ends[16, 3.0] > 2.2  # no better than guessing: log 10 is 2.30


def test_axes_stand_still_and_hold_the_curves(shown: Explorer) -> None:
    parts = [(part.get_xlim(), part.get_ylim()) for part in shown.axes[0].child_axes]
    for size in (16, 512):
        shown.controls["batch_size"].value = size
        assert [(part.get_xlim(), part.get_ylim()) for part in shown.axes[0].child_axes] == parts


def test_runs_are_trained_when_the_widget_is_made_and_global_chance_is_left_alone() -> None:
    widgets.training_explorer()
    state = torch.get_rng_state()
    widgets.training_explorer(seed=1, batch_sizes=[64, 512], rates=[0.1]).controls["batch_size"].value = 512
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [({"batch_size": 5}, "batch_size = 5 is not among"), ({"rate": 0.2}, "rate = 0.2 is not among")],
)
def test_wrong_arguments_get_one_sentence(arguments: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        widgets.training_explorer(**arguments)
