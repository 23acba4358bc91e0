"""The widget of the R² trap: spreads and knowledge under sliders, R² against scikit-learn's and against theory."""

import re
from collections.abc import Iterator

import numpy as np
import pytest
from sklearn.metrics import r2_score

from course import widgets
from course.widgets import Explorer


@pytest.fixture(autouse=True)
def _every_widget_closed() -> Iterator[None]:
    import ipywidgets

    yield
    ipywidgets.Widget.close_all()


def r2(shown: Explorer) -> tuple[float, float]:
    """Pooled and within R² as drawn (bars end at -1)."""
    pooled, within = (bar.get_width() for bar in shown.axes[0].child_axes[1].patches)
    return pooled, within


def both_r2(shown: Explorer) -> list[float]:
    """Return the pooled and the within R² that the title names."""
    return [float(word.replace("−", "-")) for word in re.findall(r"R² (−?\d+\.\d+)", shown.axes[0].get_title())]


def points(shown: Explorer) -> tuple[np.ndarray, np.ndarray]:
    lines = [line for line in shown.axes[0].child_axes[0].lines if "subject" in str(line.get_label())]
    both = np.concatenate([line.get_xydata() for line in lines])
    return both[:, 1], both[:, 0]


def test_it_opens_on_the_model_that_answers_with_the_subjects_means() -> None:
    """0.65 in these 50 people and 2.25 / 3.25 = 0.692 in infinitely many; within a subject exactly nothing."""
    shown = widgets.subjects_explorer()
    y, p = points(shown)
    assert len(y) == 50 * 40
    assert r2(shown) == (pytest.approx(0.6504, abs=5e-5), pytest.approx(0, abs=1e-12))
    assert r2(shown)[0] == pytest.approx(r2_score(y, p))
    assert "Pooled over all subjects it is 0.65; within subjects it is 0.00" in shown.alt_text


def test_with_more_spread_between_subjects_the_same_model_looks_better_and_is_not() -> None:
    shown = widgets.subjects_explorer()
    shares = []
    for between in (0.0, 0.5, 1.0, 2.5):
        shown.controls["between"].value = between
        shares.append(r2(shown)[0])
        assert r2(shown)[1] == pytest.approx(0, abs=1e-12)
    assert shares == sorted(shares)
    assert shares[0] < 0.05
    assert shares[-1] == pytest.approx(2.5**2 / (2.5**2 + 1), abs=0.05)


@pytest.mark.parametrize("share", [0.2, 0.5, 1.0])
def test_what_the_model_knows_of_a_subjects_changes_is_its_within_r2(share: float) -> None:
    shown = widgets.subjects_explorer()
    shown.controls["knows_changes"].value = share
    assert r2(shown)[1] == pytest.approx(share, abs=0.05)
    assert r2(shown)[0] == pytest.approx((1.5**2 + share) / 3.25, abs=0.05)


def test_a_model_that_knows_no_subject_is_worse_within_than_the_subjects_means() -> None:
    shown = widgets.subjects_explorer()
    shown.controls["knows_subjects"].value = 0.0
    assert both_r2(shown) == [pytest.approx(0, abs=0.02), pytest.approx(-(1.5**2), abs=0.4)]
    assert "off the axis" in shown.axes[0].child_axes[1].texts[1].get_text()


def test_a_fresh_draw_is_near_what_theory_says() -> None:
    assert [r2(widgets.subjects_explorer(seed=seed))[0] for seed in range(8)] == pytest.approx([0.692] * 8, abs=0.06)


def test_axes_stand_still_and_hold_every_point() -> None:
    shown = widgets.subjects_explorer()
    limits = [(part.get_xlim(), part.get_ylim()) for part in shown.axes[0].child_axes]
    for name, control in shown.controls.items():
        if name != "subjects":
            control.value = control.max
            assert np.abs(points(shown)).max() < limits[0][0][1]
    shown.controls["subjects"].value = 2
    assert [(part.get_xlim(), part.get_ylim()) for part in shown.axes[0].child_axes] == limits
    assert len(points(shown)[0]) == 2 * 40


def test_going_back_gives_the_same_picture_again() -> None:
    shown = widgets.subjects_explorer()
    first = shown.picture
    shown.controls["within"].value = 2.0
    assert shown.picture != first
    shown.controls["within"].value = 1.0
    assert shown.picture == first


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"between": -1.0}, "between = -1"),
        ({"knows_changes": 1.5}, "knows_changes = 1.5"),
        ({"subjects": 80}, "subjects = 80"),
        ({"within": 0.0}, "within = 0"),
    ],
)
def test_a_value_that_no_slider_can_show_gets_one_sentence(arguments: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        widgets.subjects_explorer(**arguments)
