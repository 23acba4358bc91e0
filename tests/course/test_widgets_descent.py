"""The widget of unit 01: its path is that of autograd and `torch.optim.SGD`, and its words are right."""

import re
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from course import data, widgets
from course.widgets import Explorer
from tests.course.test_plots_regression import torch_path


@pytest.fixture(autouse=True)
def _every_widget_closed() -> Iterator[None]:
    import ipywidgets

    yield
    ipywidgets.Widget.close_all()


def drawn_path(shown: Explorer) -> np.ndarray:
    longest = max(shown.axes[0].lines, key=lambda line: len(line.get_xdata()))
    return np.column_stack(longest.get_data())


def test_the_path_is_that_of_autograd_and_sgd() -> None:
    x, y = data.line(30, seed=7)
    shown = widgets.descent_explorer(x, y)
    for name, value in {"lr": 0.42, "steps": 35, "a": -0.6, "b": 3.3}.items():
        shown.controls[name].value = value
    assert drawn_path(shown) == pytest.approx(torch_path(x, y, (-0.6, 3.3), 0.42, 35).numpy(), abs=1e-6)


def test_the_other_panel_shows_the_line_of_the_last_step() -> None:
    x, y = data.line(30, seed=7)
    shown = widgets.descent_explorer(x, y, start=(2.0, 1.0))
    shown.controls["steps"].value = 5
    a, b = torch_path(x, y, (2.0, 1.0), 0.1, 5)[-1].tolist()
    (now,) = (line for line in shown.axes[1].lines if str(line.get_label()).startswith("now"))
    ends, heights = now.get_data()
    assert np.asarray(heights) == pytest.approx(a + b * np.asarray(ends))
    assert f"now: {a:.2f} + {b:.2f}x" == now.get_label()


@pytest.mark.parametrize(
    ("lr", "steps", "words"),
    [(0.01, 20, "goes down, 5"), (0.4, 100, "goes down, has arrived"), (0.7, 20, "zigzags"), (0.85, 20, "diverges")],
)
def test_sliders_reach_too_small_good_zigzagging_and_diverging(lr: float, steps: int, words: str) -> None:
    shown = widgets.descent_explorer()
    shown.controls["lr"].value = lr
    shown.controls["steps"].value = steps
    assert (shown.controls["lr"].value, shown.controls["steps"].value) == (lr, steps)
    assert shown.axes[0].get_title().startswith(words)
    assert words in shown.alt_text


def test_the_limit_it_names_divides_learning_rates_that_settle_from_those_that_diverge() -> None:
    """The loss after many steps of PyTorch's own optimizer, 2 % below and above the limit in the title."""
    x, y = data.line(30, seed=7)
    shown = widgets.descent_explorer(x, y)
    (limit,) = re.findall(r"above ([\d.]+) diverge", shown.axes[1].get_title())
    for factor, grows in ((0.98, False), (1.02, True)):
        path = torch_path(x, y, (3.0, 0.0), factor * float(limit), 400)
        away = (path - path.new_tensor([1.0, 2.0])).norm(dim=1)
        assert (away[-1] > away[0]).item() is grows


def test_the_axes_stand_still_while_the_path_moves() -> None:
    shown = widgets.descent_explorer()
    limits = [(ax.get_xlim(), ax.get_ylim()) for ax in shown.axes]
    shown.controls["lr"].value = 0.85
    shown.controls["steps"].value = 200
    assert [(ax.get_xlim(), ax.get_ylim()) for ax in shown.axes] == limits


def test_going_back_gives_the_same_picture_again() -> None:
    shown = widgets.descent_explorer()
    picture = shown.picture
    shown.controls["lr"].value = 0.85
    assert shown.picture != picture
    shown.controls["lr"].value = 0.1
    assert shown.picture == picture


def test_a_start_in_the_minimum_stays_there() -> None:
    x = torch.tensor([0.0, 0.5, 1.0])
    shown = widgets.descent_explorer(x, 1 + 2 * x, start=(1.0, 2.0))
    assert "goes down, has arrived" in shown.alt_text


def test_x_spread_too_widely_for_a_slider_is_refused_with_the_cure() -> None:
    x = torch.linspace(0, 100, 20)
    with pytest.raises(ValueError, match=r"standardise x first: x = \(x - x.mean\(\)\) / x.std\(\)"):
        widgets.descent_explorer(x, 3 * x)
    assert widgets.descent_explorer((x - x.mean()) / x.std(), 3 * (x - x.mean()) / x.std())
