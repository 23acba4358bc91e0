"""How good a model really is: splits of a data set, R² between and within groups, subgroups, reuse of a test set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from course import figures
from course.figures import BLACK, BLUE, CYCLE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILION
from course.plots.inputs import array, class_labels, classes, number, vector

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from course.plots.inputs import Numbers

PARTS = ("training", "validation", "test")
PART_COLORS = (BLUE, ORANGE, VERMILION, GREEN, PURPLE)
UNUSED = "#E6E6E6"
MOST_COLORED = 6  # groups with a colour of their own; more colours could not be told apart


def splits(
    rows: Mapping[str, Numbers],
    *,
    parts: Sequence[str] = PARTS,
    groups: Numbers | None = None,
    groups_name: str = "group",
    xlabel: str = "example, in the order of the file",
    ax: Axes | None = None,
) -> Axes:
    """Draw ways of splitting one data set, one bar each: the colour at x shows which part example x is in.

    `rows` maps the name of a split to the part of each example, shape (N,): an index into `parts`, or -1 for an example
    that is left out. `groups` (class numbers, shape (N,)) are drawn as a bar on top that changes between light and dark
    where the group changes. The bars, from the top, are `ax.images`.
    """
    if not rows:
        raise ValueError("there is no split to draw; give at least one row")
    if len(parts) > len(PART_COLORS):
        raise ValueError(f"there are {len(parts)} parts and only {len(PART_COLORS)} colours; give fewer parts")
    places = {name: _places(row, name, len(parts)) for name, row in rows.items()}
    lengths = {name: len(row) for name, row in places.items()}
    strips = {} if groups is None else {groups_name: classes(groups, "groups")}
    lengths |= {name: len(row) for name, row in strips.items()}
    if len(set(lengths.values())) > 1:
        differing = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise ValueError(f"the rows must hold one number for each example, but {differing}")
    count = len(strips) + len(places)
    ax = figures.axes(ax, size=(8.0, 1.2 + 0.42 * count))
    palette = _rgb((UNUSED, *PART_COLORS))
    for row in strips.values():
        _strip(ax, len(ax.images), _shades(row))
    for row in places.values():
        _strip(ax, len(ax.images), palette[row + 1])
    ax.set(xlim=(0, next(iter(lengths.values()))), ylim=(count - 0.5, -0.5), xlabel=xlabel)
    ax.set_yticks(range(count), [*strips, *places])
    ax.tick_params(axis="y", length=0)
    ax.spines[:].set_visible(False)
    _legend_of_parts(ax, parts, any((row < 0).any() for row in places.values()))
    shares = "; ".join(f"{name}: {_shares(row, parts)}" for name, row in places.items())
    return figures.describe(ax, f"Splits of {lengths[next(iter(places))]} examples, one bar each. {shares}.")


def predictions_by_group(
    y: Numbers,
    p: Numbers,
    g: Numbers,
    *,
    who: str = "subject",
    reach: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw true values `y` against predictions `p`, with some groups of `g` in colours, beside pooled and within R².

    All have shape (N,); `g` holds group numbers from 0. Both R² are 1 − Σ(y − p)² / Σ(y − centre)²: pooled, the centre
    is the mean of all y; within, the mean of the example's own group. The coloured groups range from the one with the
    lowest mean to the one with the highest. An R² whose denominator is 0 is shown as
    not defined. The axes go from -`reach` to `reach`. The parts are `ax.child_axes`: the points, then the bars.
    """
    true, predicted = vector(y, "y"), vector(p, "p")
    groups = classes(g, "g", len(true))
    if len(predicted) != len(true):
        raise ValueError(f"y has {len(true)} values and p has {len(predicted)}; give one prediction per value")
    pooled, within = _r2_of(true, predicted, groups)
    reach = 1.05 * float(np.abs([true, predicted]).max()) or 1.0 if reach is None else float(reach)
    ax = figures.axes(ax, size=(8.4, 3.8))
    left, right = figures.split(ax, [0.8, 1.0], gap=0.16)
    colored = _points(left, true, predicted, groups, who)
    left.set(
        xlim=(-reach, reach),
        ylim=(-reach, reach),
        xlabel=f"prediction (colours: {colored} {who}s)",
        ylabel="true value",
    )
    _r2_bars(right, pooled, within, who)
    ax.set_title(f"pooled R² {_r2_words(pooled)},  within R² {_r2_words(within)}")
    count = len(np.unique(groups))
    return figures.describe(
        ax,
        f"Left: {len(true)} true values of {count} {who}s against their predictions, {colored} {who}s in colours."
        f" Right: bars of R². Pooled over all {who}s it is {_r2_words(pooled)}; within {who}s it is {_r2_words(within)}.",
    )


def subgroup_bars(
    accuracies: Numbers,
    counts: Numbers,
    overall: float,
    labels: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the accuracy in each subgroup, its number of examples, and the overall accuracy as a line.

    `accuracies` and `counts` have shape (G,); a subgroup without examples has the accuracy nan. The whiskers are one
    standard error up and down, sqrt(a (1 − a) / n).
    """
    shares, sizes = array(accuracies), classes(counts, "counts")
    if shares.ndim != 1 or len(shares) != len(sizes) or not len(sizes):
        raise ValueError(f"accuracies have the shape {shares.shape} for {len(sizes)} counts; give one per subgroup")
    names = class_labels(labels, len(sizes))
    ax = figures.axes(ax, size=(6.4, 1.3 + 0.45 * len(sizes)))
    places = np.arange(len(sizes))
    known = ~np.isnan(shares)
    errors = np.sqrt(shares[known] * (1 - shares[known]) / np.maximum(sizes[known], 1))
    ax.barh(places[known], shares[known], xerr=errors, color=SKY, ecolor=GREY, capsize=3, height=0.6)
    for place, share, size in zip(range(len(sizes)), shares, sizes, strict=True):
        label = f"{share:.1%} of {size:,}" if not np.isnan(share) else "no example: nan"
        ax.text(0.01, place, label, va="center", color=BLACK)
    ax.axvline(overall, color=VERMILION, linestyle="--", label=f"overall {overall:.1%}")
    ax.set(xlim=(0, 1.03), ylim=(len(sizes) - 0.5, -0.5), xlabel="accuracy")
    ax.set_yticks(places, names)
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), frameon=False, borderaxespad=0)
    each = ", ".join(
        f"{name} {'nan' if np.isnan(share) else f'{share:.1%}'} of {size}"
        for name, share, size in zip(names, shares, sizes, strict=True)
    )
    return figures.describe(ax, f"Accuracy in each subgroup: {each}. Overall it is {overall:.1%}.")


def best_of_many(
    tries: Numbers,
    best: Numbers,
    *,
    spread: tuple[Numbers, Numbers] | None = None,
    fresh: Numbers | None = None,
    truth: float = 0.5,
    ax: Axes | None = None,
) -> Axes:
    """Draw the best accuracy on one test set against the number of models tried on it (logarithmic).

    `tries`, `best` and the two edges of `spread` (a band) have shape (N,), and so has `fresh`, the accuracy of the
    same winners on new data. `truth` is the true accuracy of each model.
    """
    x, top = vector(tries, "tries"), vector(best, "best")
    if len(x) != len(top):
        raise ValueError(f"there are {len(x)} numbers of tries and {len(top)} accuracies; give one accuracy per number")
    if (x <= 0).any():
        raise ValueError("a logarithmic axis has no place for 0 or less; leave such numbers of tries out")
    ax = figures.axes(ax, size=(8.0, 3.8))
    if spread is not None:
        low, high = (vector(edge, "spread") for edge in spread)
        ax.fill_between(x, low, high, color=ORANGE, alpha=0.3, linewidth=0, label="9 of 10 runs")
    ax.plot(x, top, color=ORANGE, marker="o", label="winner on the test set that chose it")
    ends = f"from {top[0]:.3f} for {x[0]:.0f} to {top[-1]:.3f} for {x[-1]:.0f}"
    words = f"Best accuracy on one test set against the number of models tried: {ends}."
    if fresh is not None:
        new = vector(fresh, "fresh")
        ax.plot(x, new, color=BLUE, marker="s", label="the same winner on new data")
        words += f" The same winners on new data: {new[0]:.3f} to {new[-1]:.3f}."
    ax.axhline(truth, color=GREY, linestyle="--", label=f"what each is worth: {truth:g}")
    ax.set(xscale="log", xlabel="models tried on the same test set", ylabel="accuracy")
    ax.xaxis.set_major_formatter("{x:g}")
    ax.grid(alpha=0.3)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False)
    return figures.describe(ax, f"{words} Each model is worth {truth:g}.")


def _places(row: Numbers, name: str, count: int) -> NDArray:
    """Return the part of each example as int64, or -1 for none."""
    places = classes(array(row) + 1, name) - 1
    if len(places) and places.max() >= count:
        raise ValueError(f"{name!r} names the part {places.max()}, but there are only {count}; they count from 0")
    return places


def _rgb(colors: Sequence[str]) -> NDArray:
    from matplotlib.colors import to_rgb

    return np.array([to_rgb(color) for color in colors])


def _shades(groups: NDArray) -> NDArray:
    """Return a grey for each example, which changes where the group does."""
    turns = np.concatenate([[0], np.cumsum(np.diff(groups) != 0)]) % 2
    return _rgb((GREY, "#BDBDBD"))[turns]


def _strip(ax: Axes, place: int, colors: NDArray) -> None:
    extent = (0, len(colors), place + 0.36, place - 0.36)
    ax.imshow(colors[None], aspect="auto", extent=extent, interpolation="nearest")


def _legend_of_parts(ax: Axes, parts: Sequence[str], unused: bool) -> None:
    from matplotlib.patches import Patch

    handles = [Patch(color=color, label=part) for part, color in zip(parts, PART_COLORS, strict=False)]
    handles += [Patch(color=UNUSED, label="left out")] * unused
    ax.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=len(handles), frameon=False, borderaxespad=0
    )


def _shares(row: NDArray, parts: Sequence[str]) -> str:
    """Return in words how many examples each part has, and in how many pieces."""
    pieces_of_parts = []
    for place, part in enumerate(parts):
        inside = row == place
        if inside.any():
            pieces = int((np.diff(inside.astype(int), prepend=0) == 1).sum())
            pieces_of_parts.append(f"{inside.sum()} {part} in {pieces} {'piece' if pieces == 1 else 'pieces'}")
    return ", ".join(pieces_of_parts) or "nothing used"


def _r2_of(y: NDArray, p: NDArray, g: NDArray) -> tuple[float, float]:
    """Return pooled and within R²; nan where there is no variance to explain."""
    own = (np.bincount(g, y) / np.maximum(np.bincount(g), 1))[g]
    error = np.square(y - p).sum()
    spreads = (np.square(y - centre).sum() for centre in (y.mean(), own))
    pooled, within = (1 - error / spread if spread > 0 else float("nan") for spread in spreads)
    return float(pooled), float(within)


def _points(ax: Axes, y: NDArray, p: NDArray, g: NDArray, who: str) -> int:
    """Draw the points and the diagonal of exact predictions; return how many groups got a colour."""
    from matplotlib.ticker import MaxNLocator

    colored = _across(y, g)
    rest = ~np.isin(g, colored)
    size = 3 if len(y) > 400 else 5
    ax.plot([-1e6, 1e6], [-1e6, 1e6], color=GREY, linewidth=1, zorder=1)
    if rest.any():
        ax.plot(p[rest], y[rest], ".", color="#BDBDBD", markersize=size, zorder=1.5, label=f"other {who}s")
    for color, group in zip(CYCLE, colored, strict=False):
        own = g == group
        ax.plot(p[own], y[own], ".", color=color, markersize=size + 2, label=f"{who} {group}")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(4, symmetric=True))
    ax.set_aspect("equal")
    ax.grid(alpha=0.3)
    return len(colored)


def _across(y: NDArray, g: NDArray) -> NDArray:
    """Return at most `MOST_COLORED` groups, evenly spread from the lowest mean of y to the highest."""
    groups, inverse = np.unique(g, return_inverse=True)
    means = np.bincount(inverse, y) / np.bincount(inverse)
    places = np.linspace(0, len(groups) - 1, min(MOST_COLORED, len(groups))).round().astype(int)
    return groups[means.argsort(kind="stable")[places]]


def _r2_bars(ax: Axes, pooled: float, within: float, who: str) -> None:
    """Draw both R² as bars on an axis from -1 to 1; a bar that goes further is marked as off the axis."""
    for place, (value, color) in enumerate([(pooled, BLUE), (within, ORANGE)]):
        label = _r2_words(value)
        if np.isnan(value):
            ax.text(0, place, label, ha="center", va="center")
            continue
        ax.barh(place, max(value, -1), color=color, height=0.5)
        below = value < -1
        ax.text(
            0.04 if value < 0 else min(value, 1) + 0.04,
            place,
            f"{label}{' (off the axis)' if below else ''}",
            va="center",
            ha="left",
            clip_on=False,
        )
    ax.axvline(0, color=BLACK, linewidth=1)
    ax.set(xlim=(-1, 1.25), ylim=(1.6, -0.6), xlabel="R²", xticks=[-1, -0.5, 0, 0.5, 1])
    ax.set_yticks([0, 1], ["pooled", f"within\n{who}s"])
    ax.grid(axis="x", alpha=0.3)


def _r2_words(value: float) -> str:
    if np.isnan(value):
        return "not defined"
    return number(value + 0.0 if abs(value) >= 0.005 else 0.0)
