"""The graph of a calculation: where nodes stand, what they show, and what is said of them."""

from collections.abc import Iterator

import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes

from course import figures, plots

MADE_OF = {"w": (), "x": (), "b": (), "m": ("w", "x"), "ŷ": ("m", "b")}
VALUES = {"w": 2.0, "x": -3.0, "b": 0.5, "m": -6.0, "ŷ": -5.5}


@pytest.fixture(autouse=True)
def close_figures() -> Iterator[None]:
    yield
    pyplot.close("all")


def _nodes(ax: Axes) -> dict[str, tuple[float, float, str]]:
    """Return place and words of each node by its name."""
    return {t.get_text().split(" =")[0]: (*t.get_position(), t.get_text()) for t in ax.texts if " = " in t.get_text()}


def test_each_node_shows_its_value_and_its_gradient_or_a_question_mark() -> None:
    nodes = _nodes(plots.calculation_graph(MADE_OF, VALUES, {"ŷ": 1.0, "w": -3.0}))
    assert nodes["w"][2] == "w = 2\ngradient −3"
    assert nodes["x"][2] == "x = −3\ngradient ?"


def test_a_result_stands_right_of_what_it_is_made_of_and_in_the_middle() -> None:
    ax = plots.calculation_graph(MADE_OF, VALUES)
    places = {name: node[:2] for name, node in _nodes(ax).items()}
    assert places == {"w": (0, 2), "x": (0, 1), "b": (0, 0), "m": (1, 1.5), "ŷ": (2, 0.75)}
    arrows = {(text.xyann, text.xy) for text in ax.texts if getattr(text, "arrow_patch", None) is not None}
    assert arrows == {(places[source], places[name]) for name, sources in MADE_OF.items() for source in sources}


def test_the_description_names_every_node_with_its_numbers() -> None:
    ax = plots.calculation_graph(MADE_OF, VALUES, {"m": 4.0})
    text = getattr(ax, figures.ALT)
    assert "w = 2, gradient unknown" in text
    assert "m = −6 from w and x, gradient 4" in text


def test_a_step_stands_in_its_node_and_in_the_description() -> None:
    ax = plots.calculation_graph(MADE_OF, VALUES, {"m": 4.0}, steps={"m": "w · x"})
    nodes = _nodes(ax)
    assert nodes["m"][2] == "m = w · x\n= −6\ngradient 4"
    assert nodes["b"][2] == "b = 0.5\ngradient ?"
    assert "m = w · x = −6 from w and x, gradient 4" in getattr(ax, figures.ALT)


def test_it_draws_on_the_axes_given() -> None:
    _, ax = pyplot.subplots()
    assert plots.calculation_graph(MADE_OF, VALUES, ax=ax) is ax
    assert len(pyplot.get_fignums()) == 1


def test_a_value_that_is_used_before_it_is_made_or_has_none_is_named() -> None:
    with pytest.raises(ValueError, match="m is made of w, which must stand before it"):
        plots.calculation_graph({"m": ("w",)}, {"m": 1.0})
    with pytest.raises(ValueError, match="b has no value; give one for each of w, x, b, m, ŷ"):
        plots.calculation_graph(MADE_OF, {"w": 1.0, "x": 1.0})
    with pytest.raises(ValueError, match="steps has n, which is not a value; the values are w, x, b, m, ŷ"):
        plots.calculation_graph(MADE_OF, VALUES, steps={"n": "w · x"})
    assert pyplot.get_fignums() == []
