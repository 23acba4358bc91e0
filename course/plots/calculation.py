"""The graph of a small calculation: a node for each value, with the value and the gradient of the result in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from course import figures
from course.figures import GREY
from course.plots.inputs import digits

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMN, ROW = 1.9, 0.95  # the space that one node takes, in inches
ARROW = {"arrowstyle": "->", "color": GREY, "shrinkA": 36, "shrinkB": 36}
FRAME = {"boxstyle": "round", "facecolor": "white", "edgecolor": "black"}


def calculation_graph(
    made_of: Mapping[str, Sequence[str]],
    values: Mapping[str, float],
    gradients: Mapping[str, float] | None = None,
    ax: Axes | None = None,
    *,
    steps: Mapping[str, str] | None = None,
) -> Axes:
    """Draw the values of a calculation as nodes, from left to right, with arrows from each to what is made of it.

    `made_of` has the names of all values in the order of the calculation, each with the names of those it is made of,
    none for one that comes in. A value without one of the `gradients` shows a question mark in its place. `steps` says
    in symbols how a value is made, such as {"m": "w · x"}.
    """
    known, how = gradients or {}, steps or {}
    places = _places(made_of)
    if missing := [name for name in made_of if name not in values]:
        raise ValueError(f"{missing[0]} has no value; give one for each of {', '.join(made_of)}")
    if strange := [name for name in how if name not in made_of]:
        raise ValueError(f"steps has {strange[0]}, which is not a value; the values are {', '.join(made_of)}")
    columns = 1 + max(column for column, _ in places.values())
    rows = 1 + max(row for _, row in places.values())
    ax = figures.axes(ax, size=(COLUMN * columns, ROW * rows))
    for name, sources in made_of.items():
        for source in sources:
            ax.annotate("", places[name], places[source], arrowprops=ARROW)
        step = f" = {how[name]}\n" if name in how else " "
        words = f"{name}{step}= {digits(float(values[name]), 4)}\ngradient {_gradient(known, name)}"
        ax.text(*places[name], words, ha="center", va="center", bbox=FRAME)
    ax.set(xlim=(-0.5, columns - 0.5), ylim=(-0.5, rows - 0.5))
    ax.axis("off")
    nodes = [_in_words(name, sources, values, known, how) for name, sources in made_of.items()]
    return figures.describe(ax, f"Graph of a calculation, from left to right: {'; '.join(nodes)}.")


def _places(made_of: Mapping[str, Sequence[str]]) -> dict[str, tuple[float, float]]:
    """Return where each node stands: to the right of all that it is made of, and in their middle."""
    places: dict[str, tuple[float, float]] = {}
    top = sum(1 for sources in made_of.values() if not sources) - 1
    for name, sources in made_of.items():
        if unknown := [source for source in sources if source not in places]:
            raise ValueError(f"{name} is made of {unknown[0]}, which must stand before it")
        if sources:
            before = [places[source] for source in sources]
            places[name] = (1 + max(column for column, _ in before), sum(row for _, row in before) / len(before))
        else:
            places[name] = (0.0, float(top))
            top -= 1
    return places


def _gradient(gradients: Mapping[str, float], name: str) -> str:
    return digits(float(gradients[name]), 4) if name in gradients else "?"


def _in_words(
    name: str,
    sources: Sequence[str],
    values: Mapping[str, float],
    gradients: Mapping[str, float],
    steps: Mapping[str, str],
) -> str:
    step = f" = {steps[name]}" if name in steps else ""
    made = f" from {' and '.join(sources)}" if sources else ""
    gradient = f"gradient {_gradient(gradients, name)}" if name in gradients else "gradient unknown"
    return f"{name}{step} = {digits(float(values[name]), 4)}{made}, {gradient}"
