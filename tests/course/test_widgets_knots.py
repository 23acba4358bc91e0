"""The widget of unit 03: what its sliders draw, against NumPy; its limits stand still; its targets' bounds hold."""

import re
from collections.abc import Iterator

import numpy as np
import pytest

from course import widgets
from course.widgets import Explorer
from course.widgets.knots import HIGH, LOW, TARGETS

SMOOTH = [name for name, target in TARGETS.items() if target.curvature is not None]


@pytest.fixture(autouse=True)
def _every_widget_closed() -> Iterator[None]:
    import ipywidgets

    yield
    ipywidgets.Widget.close_all()


def knots(shown: Explorer) -> np.ndarray:
    (marks,) = [line for line in shown.axes[0].lines if line.get_label() == "knots"]
    return np.asarray(marks.get_xdata())


def largest_error(shown: Explorer) -> float:
    title = re.match(r"largest error ([^,]+)", shown.axes[1].get_title())
    assert title is not None
    return float(title[1])


@pytest.mark.parametrize("target", TARGETS)
def test_fit_and_error_are_those_of_the_lines_through_the_knots(target: str) -> None:
    shown = widgets.knots_explorer(target)
    for units, crowding, middle in [(1, 0.0, 0.5), (7, 0.0, 0.0), (12, -0.6, 0.3), (12, 0.8, -0.9)]:
        for name, value in {"units": units, "crowding": crowding, "middle": middle}.items():
            shown.controls[name].value = value
        places, function = knots(shown), TARGETS[target].function
        assert len(places) == units + 1
        assert (places[0], places[-1]) == (LOW, pytest.approx(HIGH))
        fine = np.linspace(LOW, HIGH, 20_001)
        worst = np.abs(np.interp(fine, places, function(places)) - function(fine)).max()
        assert largest_error(shown) == pytest.approx(worst, rel=0.03, abs=1e-9)
        assert f"Lines through {units + 1} knots" in shown.alt_text


def test_without_crowding_gaps_are_equal_and_crowding_makes_them_small_on_its_side() -> None:
    shown = widgets.knots_explorer(units=10)
    assert np.diff(knots(shown)) == pytest.approx(np.full(10, (HIGH - LOW) / 10))
    shown.controls["crowding"].value = -0.5
    left = np.diff(knots(shown))
    assert (np.diff(left) > 0).all()
    shown.controls["crowding"].value = 0.5
    assert np.diff(knots(shown)) == pytest.approx(left[::-1])


def test_a_knot_moved_into_the_corner_of_a_target_made_of_two_lines_leaves_no_error() -> None:
    shown = widgets.knots_explorer("|x − 2|", units=2)
    shown.controls["middle"].value = 2 / np.pi - 1  # from the middle, π, towards 0
    assert knots(shown)[1] == pytest.approx(2)
    assert largest_error(shown) == pytest.approx(0, abs=1e-6)


def test_crowded_knots_serve_a_root_better_than_even_ones_and_no_number_serves_a_jump() -> None:
    shown = widgets.knots_explorer("√x", units=32)
    even = largest_error(shown)
    shown.controls["crowding"].value = -1.0
    assert largest_error(shown) < 0.1 * even
    jump = widgets.knots_explorer("a jump: 0, from x = 2 on 1", units=32)
    assert largest_error(jump) > 0.4


@pytest.mark.parametrize("target", SMOOTH)
@pytest.mark.parametrize("units", [1, 5, 32])
def test_the_error_stays_below_the_bound(target: str, units: int) -> None:
    shown = widgets.knots_explorer(target, units)
    shown.controls["crowding"].value = -0.3
    title = re.fullmatch(r"largest error (\S+), bound (\S+)", shown.axes[1].get_title())
    assert title is not None
    assert float(title[1]) <= float(title[2]) * 1.001
    curvature = TARGETS[target].curvature
    assert float(title[2]) == pytest.approx(curvature * np.diff(knots(shown)).max() ** 2 / 8, rel=5e-3)


@pytest.mark.parametrize("target", SMOOTH)
def test_the_largest_second_derivative_is_right(target: str) -> None:
    fine = np.linspace(LOW, HIGH, 200_001)
    second = np.gradient(np.gradient(TARGETS[target].function(fine), fine), fine)
    assert TARGETS[target].curvature == pytest.approx(np.abs(second).max(), rel=1e-3)


def test_axes_stand_still_while_knots_move() -> None:
    shown = widgets.knots_explorer()
    limits = [(ax.get_xlim(), ax.get_ylim()) for ax in shown.axes]
    for name, value in {"units": 1, "crowding": 1.0, "middle": -0.95}.items():
        shown.controls[name].value = value
        assert [(ax.get_xlim(), ax.get_ylim()) for ax in shown.axes] == limits


def test_a_change_replaces_the_picture_and_going_back_gives_the_first_again() -> None:
    shown = widgets.knots_explorer()
    picture, text = shown.picture, shown.alt_text
    shown.controls["units"].value = 9
    assert shown.picture != picture
    assert shown.alt_text != text
    shown.controls["units"].value = 4
    assert shown.picture == picture


@pytest.mark.parametrize(
    ("arguments", "words"), [(("x²",), "no target 'x²'; choose one of"), (("sin x", 33), "choose from 1 to 32")]
)
def test_wrong_arguments_get_one_sentence(arguments: tuple, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        widgets.knots_explorer(*arguments)
