"""The widget of unit 10: test error against parameters, in the rows of LeCun et al. (1998) and in the reader's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from course import figures, lecun, plots
from course.widgets.explorer import Choice, Explorer, Slider, explorer

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EVERY, YOURS = "every row", "yours"
KINDS = (lecun.RAW, lecun.DISTORTED, lecun.DESKEWED)
LEVELS = {"50 %": 0.5, "68 %": 0.68, "90 %": 0.9, "95 %": 0.95, "99 %": 0.99, "99.9 %": 0.999}


def error_explorer(
    rows: Sequence[tuple[Sequence[int], float]] = (), n: int = lecun.TEST_DIGITS, level: float = 0.95
) -> Explorer:
    """Return menus for the rows, the level of the error bars and the axes, over test error against parameters.

    `rows` are your own: pairs (sizes, error in %), such as `((784, 300, 10), 1.9)`, measured on `n` test digits. Bars
    are confidence intervals (Wilson, 1927) for the true error of this one network; training it from other initial
    weights would change the error more.
    """
    if level not in LEVELS.values():
        raise ValueError(f"level = {level} is not offered; choose one of {', '.join(map(str, LEVELS.values()))}")
    yours = [lecun.row(sizes, error) for sizes, error in rows]
    for row in yours:
        if not 0 < row.error < 100:
            raise ValueError(f"the error of {row.name} is {row.error:g} %; give one between 0 and 100, in percent")
    table = {kind: [row for row in lecun.ROWS if row.images == kind] for kind in KINDS}
    table |= {YOURS: yours} if yours else {}
    counts = dict.fromkeys(KINDS, lecun.TEST_DIGITS) | {YOURS: n}
    everything = [*lecun.ROWS, *yours]
    limits = {linear: _limits([row for row in everything if linear or len(row.sizes) > 2]) for linear in (True, False)}
    inputs: dict[str, Slider | Choice] = {
        "shown": Choice(EVERY, [EVERY, *KINDS], "rows of 1998"),
        "level": Choice(level, LEVELS, "level of the bars", slides=True),
        "linear": Choice(True, {"every network": True, "networks with hidden layers": False}, "axes fit"),
    }

    def draw(ax: Axes, shown: str, level: float, linear: bool) -> None:
        ax.set(xlim=limits[linear][0], ylim=limits[linear][1])
        for kind in (kind for kind in table if shown in (EVERY, kind) or kind == YOURS):
            group = table[kind]
            bounds = [lecun.wilson_interval(row.error, counts[kind], level) for row in group]
            plots.error_against(
                [row.parameters for row in group],
                [row.error for row in group],
                spread=[[row.error - low, high - row.error] for row, (low, high) in zip(group, bounds, strict=True)],
                labels=[row.name for row in group],
                labels_above=kind == YOURS,  # your rows may lie right beside each other
                joined=False,
                look=list(table).index(kind),  # independent of what else is shown
                ylabel="test error (%)",
                name=kind,
                ax=ax,
            )
        words = f"bars: {100 * level:g} % intervals for {lecun.TEST_DIGITS:,} test digits"
        words += f", {n:,} of yours" if yours and n != lecun.TEST_DIGITS else ""
        ax.set_title(words, pad=30)
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(table), frameon=False)
        figures.describe(ax, f"{getattr(ax, figures.ALT)} {words.capitalize()}.")

    return explorer(draw, inputs, size=(8.4, 4.4))


def _limits(rows: Sequence[lecun.Row]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return limits of the axes that fit all `rows` and their labels; they stay while rows come and go."""
    sizes, errors = [row.parameters for row in rows], [row.error for row in rows]
    return (min(sizes) / 1.25, max(sizes) * (max(sizes) / min(sizes)) ** 0.09), (min(errors) / 1.5, max(errors) * 1.7)
