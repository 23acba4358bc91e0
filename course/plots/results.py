"""Results of training and testing: learning curves, confusion matrices, errors against size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from course import figures
from course.figures import BLUE, CYCLE, GREY, MARKERS, ORANGE
from course.plots.inputs import array, classes, names_of, vector

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

    from course.plots.inputs import Numbers

MOST_NUMBERS = 12  # with up to this many classes, a confusion matrix shows its counts
SHORT_AXIS, LONG_AXIS = 12, 3e3  # highest over lowest value: decides how many numbers a logarithmic axis gets
MOST_MARKERS = 12  # on a curve
LABELS_BESIDE: dict[str, Any] = {"xytext": (7, 0), "va": "center"}
LABELS_ABOVE: dict[str, Any] = {"xytext": (0, 4), "va": "bottom", "ha": "center", "rotation": 90}
LARGEST = 7.5  # side of a confusion matrix in inches, at most
STYLES: dict[str, Any] = {"train": "-", "valid": "--"}
CURVES = [f"{who}_{kind}" for kind in ("loss", "accuracy") for who in STYLES]


class Columns(Protocol):
    """What `learning_curves` needs of a history: its columns by name."""

    def __getitem__(self, name: str, /) -> Sequence[Any]: ...


def learning_curves(history: Columns, ax: Axes | None = None) -> Axes:
    """Draw loss and, where there is one, accuracy in each epoch: of the training data and of the validation data.

    `history` is a `course.training.History`, or any mapping with the columns `train_loss`, `valid_loss`,
    `train_accuracy` and `valid_accuracy` (one number per epoch; only the first is needed). A dotted line marks the
    epoch whose weights were kept. The parts are `ax.child_axes`.
    """
    columns = {name: _column(history, name) for name in CURVES}
    if columns["train_loss"] is None:
        raise ValueError("the history has no train_loss to draw; train for at least one epoch")
    kinds = ["loss"] + ["accuracy"] * any(columns[f"{who}_accuracy"] is not None for who in STYLES)
    kept = int(getattr(history, "weights_from", 0))
    ax = figures.axes(ax, size=(4.2 * len(kinds), 3.2))
    descriptions = []
    for part, kind in zip(figures.split(ax, [1.0] * len(kinds), gap=0.14), kinds, strict=True):
        for (who, style), color in zip(STYLES.items(), (BLUE, ORANGE), strict=True):
            values = columns[f"{who}_{kind}"]
            if values is not None:
                marker = "o" if len(values) == 1 else ""  # a line through one point can't be seen
                descriptions.append(_curve(part, values, who, kind, style, color=color, marker=marker))
        if kept:
            part.axvline(kept, color=GREY, linestyle=":", label=f"weights of epoch {kept}")
        _label_epochs(part, kind)
        part.legend()
    kept_words = f" The weights kept are those of epoch {kept}." if kept else ""
    return figures.describe(ax, f"Learning curves: {'; '.join(descriptions)}.{kept_words}")


def compare_runs(runs: Mapping[str, Columns], ax: Axes | None = None) -> Axes:
    """Draw loss and, where there is one, accuracy of several runs by name, one colour and marker per run.

    Each run is what `learning_curves` takes. Solid lines show the training data, dashed lines the validation data. The
    parts are `ax.child_axes`.
    """
    if not runs:
        raise ValueError("there are no runs to compare; give at least one history by name")
    columns = {name: {column: _column(run, column) for column in CURVES} for name, run in runs.items()}
    for name, column in columns.items():
        if column["train_loss"] is None:
            raise ValueError(f"the history of {name} has no train_loss to draw; train for at least one epoch")
    kinds = ["loss"] + ["accuracy"] * any(c[f"{who}_accuracy"] is not None for c in columns.values() for who in STYLES)
    ax = figures.axes(ax, size=(4.2 * len(kinds), 3.2))
    for part, kind in zip(figures.split(ax, [1.0] * len(kinds), gap=0.14), kinds, strict=True):
        for i, column in enumerate(columns.values()):
            look = {"color": CYCLE[i % len(CYCLE)], "marker": MARKERS[i % len(MARKERS)], "markersize": 4}
            for who, style in STYLES.items():
                values = column[f"{who}_{kind}"]
                if values is not None:
                    seldom = -(-len(values) // MOST_MARKERS)  # the gaps between markers show whether a line is dashed
                    _curve(part, values, who, kind, style, markevery=seldom, **look)
        _label_epochs(part, kind)
    compared = any(column[f"valid_{kind}"] is not None for column in columns.values() for kind in kinds)
    _name_runs(ax, list(columns), STYLES if compared else {})
    ends = "; ".join(f"{name}: {_ends(column)}" for name, column in columns.items())
    return figures.describe(ax, f"Runs compared by where their curves end. {ends}.")


def confusion_matrix(
    y: Numbers, predicted: Numbers, labels: Sequence[str] | None = None, ax: Axes | None = None
) -> Axes:
    """Draw how often each true class (row) was taken for each class (column).

    `y` and `predicted` hold class numbers from 0, shape (N,). Colours show shares of a row, numbers are counts.
    """
    true = classes(y, "y")
    guess = classes(predicted, "predicted", len(true))
    if not len(true):
        raise ValueError("y is empty; give at least one example")
    names = names_of(labels, true, guess)
    count = len(names)
    counts = torch.bincount(torch.from_numpy(true * count + guess), minlength=count**2).reshape(count, count).numpy()
    side = min(LARGEST, 1.2 + 0.45 * max(count, 5))
    ax = figures.axes(ax, size=(side + 0.4, side))
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    picture = ax.imshow(shares, cmap="cividis", vmin=0, vmax=1)
    if count > MOST_NUMBERS:
        ax.figure.colorbar(picture, ax=ax, label="share of the true class", shrink=0.8)
    else:
        for row, column in np.ndindex(count, count):
            color = "white" if shares[row, column] < 0.5 else "black"
            ax.text(column, row, str(counts[row, column]), ha="center", va="center", color=color)
    slant: dict[str, Any] = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
    ax.set_xticks(range(count), names, **(slant if max(map(len, names)) > 3 else {}))
    ax.set_yticks(range(count), names)
    right = int(np.trace(counts))
    ax.set(
        xlabel="predicted class", ylabel="true class", title=f"{right} of {len(true)} right ({right / len(true):.1%})"
    )
    return figures.describe(ax, f"Confusion matrix: {right} of {len(true)} right. {_worst(counts, names)}")


def error_against(
    sizes: Numbers,
    errors: Numbers,
    *,
    spread: Numbers | None = None,
    labels: Sequence[str] | None = None,
    labels_above: bool = False,
    joined: bool = True,
    look: int | None = None,
    xlabel: str = "parameters",
    ylabel: str = "test error",
    name: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw errors against sizes (width, parameters, pieces), each shape (N,), on logarithmic axes.

    `spread` is drawn as bars: shape (N,) for equal lengths up and down, or (N, 2) for lengths down and up. `labels` are
    written beside the points or, if `labels_above`, upright above the bars, where neighbours have room; `joined` draws a line through them. Another call with the same `ax` adds points with
    their `name`, in the next colour and marker or in those of number `look`.
    """
    x, error = vector(sizes, "sizes"), vector(errors, "errors")
    if len(x) != len(error):
        raise ValueError(f"there are {len(x)} sizes and {len(error)} errors; give one error per size")
    if (x <= 0).any() or (error <= 0).any():
        raise ValueError("a logarithmic axis has no place for 0 or less; leave such sizes and errors out")
    if labels is not None and len(labels) != len(x):
        raise ValueError(f"there are {len(labels)} labels for {len(x)} points; give one per point")
    bars = None if spread is None else _bars(spread, len(x))
    ax = figures.axes(ax)
    drawn = len(ax.containers)
    look = drawn if look is None else look
    order = np.argsort(x, kind="stable")
    ax.errorbar(
        x[order],
        error[order],
        None if bars is None else bars[:, order],
        color=CYCLE[look % len(CYCLE)],
        marker=MARKERS[look % len(MARKERS)],
        linestyle="-" if joined else "none",
        capsize=3,
        label=name or None,
    )
    tops = error if bars is None or not labels_above else error + bars[1]
    look_of_labels = LABELS_ABOVE if labels_above else LABELS_BESIDE
    for place, label in zip(zip(x, tops, strict=True), labels or [], strict=False):
        ax.annotate(label, place, textcoords="offset points", fontsize="small", **look_of_labels)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if not drawn:
        ax.set(xscale="log", yscale="log")
    for axis in (ax.xaxis, ax.yaxis):
        _write_out(axis)
    ax.grid(alpha=0.3)
    if name:
        ax.legend()
    words = (
        f"{name or ylabel} against {xlabel}: {_course(x[order], error[order], labels and [labels[i] for i in order])}"
    )
    return figures.describe(ax, " ".join(filter(None, [getattr(ax, figures.ALT, ""), words])) if drawn else words)


def _bars(spread: Numbers, count: int) -> NDArray:
    """Return how far each bar goes down and up, shape (2, N)."""
    bars = array(spread)
    if bars.shape not in ((count,), (count, 2)):
        raise ValueError(f"spread must have shape ({count},) or ({count}, 2), but its shape is {bars.shape}")
    if not (bars >= 0).all():
        raise ValueError("spread holds a number that is not 0 or more; give distances from the errors, not places")
    return np.stack([bars, bars]) if bars.ndim == 1 else bars.T


def _write_out(axis: Axis) -> None:
    """Write numbers such as 1,000, 2,000 and 5,000 on a short logarithmic axis; a long one keeps its powers of ten."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    low, high = axis.get_view_interval()
    if high / low < LONG_AXIS:
        axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high / low > SHORT_AXIS else (1, 2, 3, 4, 6)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
        axis.set_minor_locator(NullLocator())  # ticks without a number say little and take a quarter of the time


def _course(x: NDArray, error: NDArray, labels: Sequence[str] | None) -> str:
    """Return in words how errors change with size: the ends and the lowest point, or every point that has a label."""
    if labels:
        return (
            "; ".join(f"{label} {e:.3g} at {size:,.10g}" for label, size, e in zip(labels, x, error, strict=True)) + "."
        )
    best = int(np.argmin(error))
    ends = f"from {error[0]:.3g} at {x[0]:.6g} to {error[-1]:.3g} at {x[-1]:.6g}"
    return f"{ends}; lowest, {error[best]:.3g}, at {x[best]:.6g}."


def _column(history: Columns, name: str) -> NDArray | None:
    """Return a column as numbers, with NaN for an epoch without one, or None if the column is missing or empty."""
    try:
        column = history[name]
    except KeyError:
        return None
    values = array([np.nan if value is None else value for value in column])
    return None if np.isnan(values).all() else values


def _label_epochs(ax: Axes, kind: str) -> None:
    ax.set(xlabel="epoch", ylabel=kind)
    ax.locator_params(axis="x", integer=True, nbins=5, min_n_ticks=1)
    ax.locator_params(axis="y", nbins=5)
    ax.grid(alpha=0.3)


def _name_runs(ax: Axes, names: Sequence[str], line_styles: Mapping[str, Any]) -> None:
    """Add a legend above the figure: the colours and markers of the runs and, once for all runs, the line styles."""
    from matplotlib.lines import Line2D

    looks = [Line2D([], [], color=CYCLE[i % len(CYCLE)], marker=MARKERS[i % len(MARKERS)]) for i in range(len(names))]
    looks += [Line2D([], [], linestyle="none")] * (
        len(line_styles) - len(names)
    )  # so that no style stands among the runs
    styles = [Line2D([], [], color=GREY, linestyle=style) for style in line_styles.values()]
    names = [*names, *[""] * (len(looks) - len(names))]
    place: dict[str, Any] = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.01), "ncols": 2, "frameon": False}
    ax.legend([*looks, *styles], [*names, *line_styles], **place)


def _ends(columns: Mapping[str, NDArray | None]) -> str:
    """Return the last number of each column, such as "valid loss 0.25"."""
    return ", ".join(f"{name.replace('_', ' ')} {v[-1]:.3g}" for name, v in columns.items() if v is not None)


def _curve(ax: Axes, values: NDArray, who: str, kind: str, style: str, **look: Any) -> str:
    """Draw one curve over the epochs from 1; return in words where it ends and where it is best."""
    ax.plot(np.arange(1, len(values) + 1), values, style, label=who, **look)
    best = int(np.nanargmin(values) if kind == "loss" else np.nanargmax(values))
    return f"{who} {kind} ends at {values[-1]:.3g}, best {values[best]:.3g} in epoch {best + 1}"


def _worst(counts: NDArray, names: Sequence[str]) -> str:
    """Return the most frequent confusion in words."""
    errors = counts * (1 - np.eye(len(counts), dtype=counts.dtype))
    if not errors.any():
        return "No class was taken for another."
    row, column = np.unravel_index(errors.argmax(), errors.shape)
    return f"Most often, {counts[row, column]} times, {names[row]} was taken for {names[column]}."
