"""The widget of unit 10: which points and bars it draws, against the table and SciPy."""

from collections.abc import Iterator

import numpy as np
import pytest
from matplotlib.container import ErrorbarContainer
from scipy.stats import binomtest

from course import lecun, widgets
from course.widgets import Explorer

OWN = [((784, 100, 10), 2.5), ((784, 300, 100, 10), 1.9)]


@pytest.fixture(autouse=True)
def _every_widget_closed() -> Iterator[None]:
    import ipywidgets

    yield
    ipywidgets.Widget.close_all()


def series(shown: Explorer) -> dict[str, ErrorbarContainer]:
    return {str(drawn.get_label()): drawn for drawn in shown.axes[0].containers if isinstance(drawn, ErrorbarContainer)}


def points(drawn: ErrorbarContainer) -> set[tuple[float, float]]:
    return {(float(x), float(y)) for x, y in np.asarray(drawn.lines[0].get_xydata())}


def bars(drawn: ErrorbarContainer) -> list[tuple[float, float]]:
    (lines,) = drawn.lines[2]
    return sorted(tuple(segment[:, 1]) for segment in lines.get_segments())


def test_every_row_and_the_readers_own_are_drawn_at_their_parameters_and_errors() -> None:
    drawn = series(widgets.error_explorer(OWN))
    expected = {
        kind: {(row.parameters, row.error) for row in lecun.ROWS if row.images == kind} for kind in list(drawn)[:3]
    }
    assert {name: points(each) for name, each in drawn.items()} == expected | {
        "yours": {(784 * 100 + 100 + 1010, 2.5), (266_610, 1.9)}
    }
    assert sum(len(points(each)) for each in drawn.values()) == 11 + 2


def test_bars_are_the_intervals_of_scipy_and_follow_the_level() -> None:
    shown = widgets.error_explorer(OWN, n=1000)
    for level in (0.95, 0.999):
        shown.controls["level"].value = level
        for name, n in (("raw images", 10_000), ("yours", 1000)):
            errors = [error for _, error in points(series(shown)[name])]
            expected = [binomtest(round(e * n / 100), n).proportion_ci(level, method="wilson") for e in errors]
            drawn = bars(series(shown)[name])
            assert drawn == [pytest.approx((100 * low, 100 * high)) for low, high in sorted(expected)]
        assert f"bars: {100 * level:g} % intervals for 10,000 test digits, 1,000 of yours" in shown.axes[0].get_title()


def test_a_kind_keeps_its_look_while_others_are_hidden_and_the_readers_rows_stay() -> None:
    shown = widgets.error_explorer(OWN)
    looks = {name: (each.lines[0].get_color(), each.lines[0].get_marker()) for name, each in series(shown).items()}
    assert len(set(looks.values())) == len({color for color, _ in looks.values()}) == 4
    shown.controls["shown"].value = "deskewed"
    assert list(series(shown)) == ["deskewed", "yours"]
    for name, each in series(shown).items():
        assert (each.lines[0].get_color(), each.lines[0].get_marker()) == looks[name]
    assert "300 1.6 at 123,310" in shown.alt_text
    assert "1000" not in shown.alt_text


def test_axes_stand_still_until_they_are_asked_to_leave_out_linear_classifiers() -> None:
    shown = widgets.error_explorer(OWN)
    (ax,) = shown.axes
    limits = ax.get_xlim(), ax.get_ylim()
    for name, value in {"shown": "deskewed", "level": 0.5}.items():
        shown.controls[name].value = value
        assert (ax.get_xlim(), ax.get_ylim()) == limits
    shown.controls["linear"].value = False
    shown.controls["shown"].value = "every row"
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    seen = [p for each in series(shown).values() for p in points(each) if left < p[0] < right and bottom < p[1] < top]
    assert len(seen) == 11 + 2 - 2


def test_without_own_rows_there_is_nothing_of_them() -> None:
    shown = widgets.error_explorer()
    assert "yours" not in series(shown)
    assert "yours" not in shown.alt_text


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: widgets.error_explorer([((784, 10), 0.0)]), "the error of linear is 0 %"),
        (lambda: widgets.error_explorer([((784,), 1.0)]), "make no network"),
        (lambda: widgets.error_explorer(level=0.8), "level = 0.8 is not offered"),
    ],
)
def test_wrong_arguments_get_one_sentence(call, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
