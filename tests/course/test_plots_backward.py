"""The picture of a pass back through a network: the numbers in its cells, what is known and what is new."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from course import figures, plots

W, X = torch.tensor([[1.0, -2.0], [0.5, 4.0], [-1.0, 0.0]]), torch.tensor([3.0, 1.0])
VALUES = {"x": X, "W": W, "L": torch.tensor(7.25)}
GRADIENTS = {"x": -X, "W": W / 10, "L": torch.tensor(1.0)}


@pytest.fixture(autouse=True)
def _no_figure_left() -> Iterator[None]:
    yield
    pyplot.close("all")


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def cells(ax: Axes) -> PolyCollection:
    (drawn,) = [each for each in ax.collections if isinstance(each, PolyCollection)]
    return drawn


def frames(ax: Axes) -> list[tuple[float, float, float, float]]:
    """Return left, right, bottom and top of each bold frame."""
    corners = [np.asarray(line.get_xydata()) for line in ax.lines]
    return [(*np.sort(c[:, 0])[[0, -1]], *np.sort(c[:, 1])[[0, -1]]) for c in corners]


def under(ax: Axes, name: str) -> list[str]:
    """Return the numbers in the cells below the name of a block, row by row."""
    (head,) = [text for text in ax.texts if text.get_text().split(" (")[0] == name]
    x, y = head.get_position()
    placed = []
    for text in ax.texts:
        left, height = text.get_position()
        if abs(left - x) < 1.6 and 0 < y - height < 3.3 and text is not head and "∂" not in text.get_text():
            placed.append((round(-height, 1), left, text.get_text()))
    return [text for _, _, text in sorted(placed)]


def test_each_number_stands_in_a_cell_under_its_name_and_shape() -> None:
    ax = plots.backward_pass({"W": W}, {"W": W / 10})
    assert "W (3, 2)" in texts(ax)
    assert under(ax, "W") == ["1.00", "−2.00", "0.50", "4.00", "−1.00", "0.00"]
    assert under(ax, "∂L/∂W") == ["0.10", "−0.20", "0.05", "0.40", "−0.10", "0.00"]
    whole = plots.backward_pass(VALUES, GRADIENTS)
    assert {"x (2,)", "W (3, 2)", "L", "∂L/∂x", "∂L/∂W", "∂L/∂L"} <= set(texts(whole))
    assert len(cells(whole).get_paths()) == 2 * (2 + 6 + 1)


def test_colours_tell_the_sign_and_are_pale_enough_for_black_figures() -> None:
    ax = plots.backward_pass({"v": [5.0, -5.0, 0.0]}, {"v": [5.0, -5.0, 0.0]})
    above, below, zero = cells(ax).get_facecolors()[:3, :3]
    assert above[2] > above[0] - 0.01  # purple, as in weight_templates
    assert below[0] > below[2]  # orange
    assert zero.min() > 0.95  # all but white
    linear = [np.where(c <= 0.03928, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) for c in (above, below, zero)]
    contrasts = [(c @ [0.2126, 0.7152, 0.0722] + 0.05) / 0.05 for c in linear]
    assert min(contrasts) > 4.5  # of black on them (WCAG 2)


def test_what_is_not_reached_is_a_question_and_what_is_new_has_a_frame() -> None:
    none = plots.backward_pass(VALUES, GRADIENTS, reached=[])
    assert texts(none).count("?") == 3
    assert "Gradients: none yet." in figures.alt_text(none.figure)
    assert not none.lines
    some = plots.backward_pass(VALUES, GRADIENTS, reached=["L", "W"], new=["W"])
    assert texts(some).count("?") == 1
    (frame,) = frames(some)
    assert (frame[1] - frame[0], frame[3] - frame[2]) == (2, 3)
    (head,) = [text for text in some.texts if text.get_text() == "∂L/∂W"]
    assert head.get_position()[0] == pytest.approx((frame[0] + frame[1]) / 2)
    text = figures.alt_text(some.figure)
    assert "∂L/∂W = [[0.1, −0.2], [0.05, 0.4], [−0.1, 0.0]]; ∂L/∂L = 1.0" in text
    assert "∂L/∂x" not in text


def test_equations_are_drawn_below_with_their_signs() -> None:
    line = [("∂L/∂x", [1.0, 2.0]), "=", ("Wᵀ", W.T), "@", ("g", [0.125, -8.0, 0.0])]
    ax = plots.backward_pass({"x": X}, {"x": X}, equations=[line])
    lowest = min(text.get_position()[1] for text in ax.texts if text.get_text() == "∂L/∂x")
    assert lowest < min(text.get_position()[1] for text in ax.texts if text.get_text() == "3.00")
    assert {"=", "@", "Wᵀ", "0.12", "−8.00"} <= set(texts(ax))
    assert "This step: ∂L/∂x = Wᵀ @ g." in figures.alt_text(ax.figure)


def test_the_axes_are_the_same_for_every_step() -> None:
    steps = [
        plots.backward_pass(VALUES, GRADIENTS, reached, reached, [[("g", numbers)]])
        for reached, numbers in (([], [1.0]), (["L"], [1.0, 2.0, 3.0]))
    ]
    assert len({(ax.get_xlim(), ax.get_ylim()) for ax in steps}) == 1


def test_it_draws_on_the_axes_given() -> None:
    _, ax = pyplot.subplots()
    assert plots.backward_pass(VALUES, GRADIENTS, title="Back", ax=ax) is ax
    assert ax.get_title() == "Back"
    assert figures.alt_text(ax.figure).startswith("Back. Forward: x = [3.0, 1.0]; W = [[1.0, −2.0]")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: plots.backward_pass(VALUES, {"x": X}), "gradients must have the names of values"),
        (lambda: plots.backward_pass({"W": W}, {"W": W.T}), "of the same shapes"),
        (lambda: plots.backward_pass({"W": W}, {"W": W}, reached=["V"]), "V is none of the values W"),
        (
            lambda: plots.backward_pass({"W": torch.zeros(2, 2, 2)}, {"W": W}),
            "W must be a number, a column or a matrix",
        ),
        (lambda: plots.backward_pass({"W": W}, {"W": W / 0}), "the gradient of W must be"),
        (lambda: plots.backward_pass({"x": X}, {"x": X}, equations=[[("g", [])]]), "g must be a number"),
    ],
)
def test_a_wrong_argument_is_named_in_one_sentence_and_leaves_no_figure(call: Callable[[], Axes], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
    assert pyplot.get_fignums() == []
