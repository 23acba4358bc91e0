"""Curves by name: what is drawn and said, and what is refused."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from course import plots
from course.figures import ALT


@pytest.fixture(autouse=True)
def _every_figure_closed() -> Iterator[None]:
    from matplotlib import pyplot

    yield
    pyplot.close("all")


def test_curves_are_drawn_by_name_and_told_by_their_ends() -> None:
    ax = plots.curves([1, 2, 4], {"fast": [3.0, 2.0, 0.5], "slow": torch.tensor([3.0, 2.5, 2.25])}, xlabel="depth")
    assert {str(line.get_label()): list(np.asarray(line.get_ydata())) for line in ax.lines} == {
        "fast": [3.0, 2.0, 0.5],
        "slow": [3.0, 2.5, 2.25],
    }
    assert getattr(ax, ALT) == "value for depth from 1 to 4: fast from 3 to 0.5; slow from 3 to 2.25."
    assert ax.get_legend() is not None
    assert ax.get_yscale() == "linear"


def test_a_single_curve_needs_no_legend_and_a_long_one_no_markers() -> None:
    ax = plots.curves(range(1, 201), {"one": np.arange(1, 201)}, log=True)
    assert ax.get_legend() is None
    assert ax.get_yscale() == "log"
    assert ax.lines[0].get_marker() in ("", "None")


@pytest.mark.parametrize(
    ("values", "log", "words"),
    [
        ([1.0, 2.0], False, "one has 2 values for 3 places; give one per place"),
        ([1.0, 0.0, 2.0], True, "one has values of 0 or less"),
    ],
)
def test_curves_that_do_not_fit_are_refused(values: list[float], log: bool, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        plots.curves([1, 2, 3], {"one": values}, log=log)
