"""From logits to a loss: softmax, cross-entropy and its parts, likelihoods."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.distributions import Categorical, kl_divergence

from course import figures
from course.figures import BLACK, BLUE, GREEN, GREY, ORANGE, SKY, VERMILION
from course.plots.inputs import array, class_labels, digits, distribution, listing, number, vector

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from course.plots.inputs import Numbers

DTYPES = ((np.float64, BLUE, "-"), (np.float32, VERMILION, "--"))


def logits_to_probabilities(
    z: Numbers, y: int | None = None, labels: Sequence[str] | None = None, ax: Axes | None = None
) -> Axes:
    """Draw logits, their softmax and, if `y` is given, the one-hot vector of the true class, one row per class.

    `z` has shape (C,); `y` counts from 0. The parts are `ax.child_axes`, from left to right.
    """
    z = vector(z, "z")
    labels = class_labels(labels, len(z))
    if y is not None and not 0 <= y < len(z):
        raise ValueError(f"y = {y} is not one of the classes 0 to {len(z) - 1}")
    probabilities = torch.softmax(torch.from_numpy(z), 0).numpy()
    groups = [
        ("logits $z$", z, [_logit(value) for value in z]),
        ("softmax of $z$", probabilities, [_share(value) for value in probabilities]),
    ]
    if y is not None:
        one_hot = torch.nn.functional.one_hot(torch.tensor(y), len(z)).numpy()
        groups.append((f"one-hot of $y$ = {y}", one_hot, [f"{value}" for value in one_hot]))
    ax = figures.axes(ax, size=(8.0, 1.3 + 0.42 * len(z)))
    colors = [GREEN if i == y else SKY for i in range(len(z))]
    parts = figures.split(ax, [1.0] * len(groups), gap=0.06)
    for part, (title, values, texts) in zip(parts, groups, strict=True):
        _rows(part, values, colors, texts)
        part.set(xlabel=title, yticks=[])
    parts[0].set(xlim=_reach(z))
    parts[0].locator_params(axis="x", nbins=4)
    parts[0].set_yticks(range(len(z)), labels)
    for part in parts[1:]:
        part.set(xlim=(0, 1.3), xticks=[0, 0.5, 1])
    shares = ", ".join(f"{label} {_share(value)}" for label, value in zip(labels, probabilities, strict=True))
    text = f"Bars of the logits ({listing(labels, z)}) and of their softmax ({shares})."
    if y is not None:
        loss = float(-torch.log_softmax(torch.from_numpy(z), 0)[y])  # finite even where the probability is 0 in floats
        q = float(probabilities[y])
        ax.set_title(f"true class: {labels[y]},  loss = −log {digits(q) if q > 0 else 'q'} = {loss:.2f}")
        text += f" The true class is {labels[y]}; its loss, minus the logarithm of its probability, is {loss:.2f}."
    return figures.describe(ax, text)


def nll_curve(q: float | Iterable[float] | None = None, ax: Axes | None = None) -> Axes:
    """Draw the loss −log q (nats) of a true class with predicted probability q, and mark the given values of `q`."""
    marked = [] if q is None else [float(value) for value in np.atleast_1d(array(q))]
    for value in marked:
        if not 0 <= value <= 1:
            raise ValueError(f"q = {value:g} is not a probability: it must lie between 0 and 1")
    ax = figures.axes(ax)
    room = 1.35 if 0 in marked else 1.15  # above the largest finite loss, for the words beside an infinite one
    top = max([5.5, *(room * _surprise(value) for value in marked if value > 0)])
    grid = np.exp(-np.linspace(0, top, 400))
    ax.plot(grid, -np.log(grid), color=BLUE)
    for value in marked:
        _mark_loss(ax, value, top)
    ax.set(xlim=(-0.03, 1.03), ylim=(0, top), xlabel="probability q of the true class", ylabel="loss −log q (nats)")
    ax.grid(alpha=0.3)
    text = "Curve of minus log q against q: 0 at q = 1, 0.69 at one half, growing without bound towards q = 0."
    points = [f"q = {value:.3g} costs {number(_surprise(value))}" for value in marked]
    return figures.describe(ax, " ".join([text, *(f"Marked: {'; '.join(points)}." for _ in points[:1])]))


def entropy_stack(Y: Numbers, q: Numbers, labels: Sequence[str] | None = None, ax: Axes | None = None) -> Axes:
    """Draw distributions `Y` (the labels) and `q` (predicted), and entropy H(Y) + KL(Y‖q) stacked to the cross-entropy.

    `Y` and `q` have shape (C,). 0 log 0 counts as 0; where q is 0 and Y is not, KL is infinite, which the figure shows.
    The parts are `ax.child_axes`: the distributions, then the stack. In nats.
    """
    p, q = distribution(Y, "Y"), distribution(q, "q")
    if len(p) != len(q):
        raise ValueError(f"Y has {len(p)} classes and q has {len(q)}; they must have equally many")
    labels = class_labels(labels, len(p))
    entropy, divergence = _entropy_and_divergence(p, q)
    total = entropy + divergence
    ax = figures.axes(ax, size=(8.0, 3.4))
    left, right = figures.split(ax, [1.2, 1.0], gap=0.14)
    _grouped_bars(left, p, q, labels)
    _stack(right, entropy, divergence, total, len(p))
    if np.isinf(divergence):
        missed = [label for label, a, b in zip(labels, p, q, strict=True) if a > 0 and b == 0]
        ax.set_title(f"infinite: q rules out {', '.join(missed)}, which Y expects", color=VERMILION)
    else:
        ax.set_title(f"{entropy:.4f} + {divergence:.4f} = {total:.4f} nats")
    return figures.describe(
        ax,
        f"Bars of Y ({listing(labels, p)}) and q ({listing(labels, q)}). A stack of the entropy of Y, {entropy:.4f},"
        f" and the KL divergence, {number(divergence, 4)}, is as high as the cross-entropy, {number(total, 4)}.",
    )


def likelihood_underflow(probabilities: Numbers, ax: Axes | None = None) -> Axes:
    """Draw the running product of `probabilities` (shape (N,), positive) in float32 and float64, and the running NLL.

    The products underflow to 0 although no factor is 0; the negative log-likelihood keeps growing.
    The parts are `ax.child_axes`: the products, then the NLL (nats).
    """
    factors = vector(probabilities, "probabilities")
    if not ((factors > 0) & (factors <= 1)).all():
        raise ValueError("probabilities must lie above 0 and at most at 1")
    ax = figures.axes(ax, size=(8.4, 3.4))
    left, right = figures.split(ax, [1.0, 1.0], gap=0.14)
    steps = np.arange(1, len(factors) + 1)
    nll = -np.cumsum(np.log(factors))
    left.plot(
        steps, -nll / np.log(10), color=GREY, linewidth=5, alpha=0.4, label="exact"
    )  # wide, so that it shows behind the other lines
    ends = [_running_product(left, steps, factors, *look) for look in DTYPES]
    left.set(xlabel="samples n", ylabel="log₁₀ of the likelihood", title="product of probabilities")
    left.legend(loc="lower left")
    right.plot(steps, nll, color=GREEN)
    right.set(xlabel="samples n", ylabel="nats", title="negative log-likelihood")
    for part in (left, right):
        part.locator_params(axis="x", integer=True, min_n_ticks=1)
    right.grid(alpha=0.3)
    return figures.describe(
        ax,
        f"Left: the running product of {len(factors)} probabilities on a logarithmic scale: {'; '.join(ends)}."
        f" Right: the negative log-likelihood of the same samples grows steadily to {nll[-1]:.1f}.",
    )


def _running_product(ax: Axes, steps: NDArray, factors: NDArray, dtype: Any, color: str, style: str) -> str:
    """Draw log10 of the running product as long as it is not 0; return in words how it ends."""
    product = np.cumprod(factors.astype(dtype), dtype=dtype)
    alive = product > 0
    name = np.dtype(dtype).name
    ax.plot(steps[alive], np.log10(product[alive].astype(float)), style, color=color, label=name)
    if alive.all():
        return f"{name} still holds it at the end"
    first = int(steps[~alive][0])
    last = int(alive.sum()) - 1
    height = np.log10(float(product[last])) if last >= 0 else 0.0
    ax.plot([first], [height], "X", color=color, markersize=9)
    late = first > steps[-1] / 2  # then there is more room on the left
    place: dict[str, Any] = {"xytext": (-10, -5), "ha": "right"} if late else {"xytext": (8, 2), "ha": "left"}
    ax.annotate(f"0 from n = {first}", (first, height), textcoords="offset points", color=color, **place)
    return f"{name} is 0 from sample {first} on"


def _grouped_bars(ax: Axes, p: NDArray, q: NDArray, labels: Sequence[str]) -> None:
    """Draw two distributions beside each other, one pair of bars per class."""
    places = np.arange(len(p))
    ax.bar(places - 0.2, p, 0.4, color=BLUE, label="Y (labels)")
    ax.bar(places + 0.2, q, 0.4, color=ORANGE, label="q (predicted)")
    ax.set(ylim=(0, 1.25), yticks=[0, 0.5, 1], ylabel="probability")
    ax.set_xticks(places, labels)
    ax.legend(loc="upper center", ncols=2)


def _stack(ax: Axes, entropy: float, divergence: float, total: float, classes: int) -> None:
    """Draw entropy + KL on one bar and the cross-entropy on the other; infinite ones fill the axes, hatched."""
    infinite = np.isinf(divergence)
    top = max(2 * np.log(classes), entropy + 2.0 if infinite else 1.45 * total)  # usually the same for all p and q
    more: dict[str, Any] = {"hatch": "//", "edgecolor": "white"} if infinite else {}
    ax.bar([0], [entropy], 0.6, color=BLUE, label=f"H(Y) {entropy:.4f}")
    kl = f"KL(Y‖q) {number(divergence, 4)}"
    ax.bar([0], [min(divergence, top - entropy)], 0.6, bottom=[entropy], color=VERMILION, label=kl, **more)
    ax.bar([1], [min(total, top)], 0.6, color=GREEN, **more)
    for place in (0, 1):
        if infinite:
            ax.text(place, 0.6 * top, "∞", ha="center", fontsize="x-large", bbox={"color": "white", "pad": 2})
        else:
            ax.text(place, total, f"{total:.4f}", ha="center", va="bottom")
    ax.set(ylim=(0, top), ylabel="nats")
    ax.locator_params(axis="y", nbins=5)
    ax.set_xticks([0, 1], ["H(Y) + KL(Y‖q)", "cross-entropy"])
    ax.legend(loc="upper center", ncols=2, framealpha=1, handlelength=1, columnspacing=1)


def _rows(ax: Axes, values: NDArray, colors: Sequence[str], texts: Sequence[str]) -> None:
    """Draw one bar per row, first row on top, with its number beside it."""
    bars = ax.barh(range(len(values)), values, color=colors)
    ax.bar_label(bars, texts, padding=3)
    ax.axvline(0, color=BLACK, linewidth=0.8)
    ax.invert_yaxis()


def _reach(values: NDArray) -> tuple[float, float]:
    """Return limits that leave room for 0, all values, and a number beside each bar."""
    low, high = min(values.min(), 0.0), max(values.max(), 0.0)
    room = 0.5 * (high - low) or 1.0
    return low - room * (low < 0), high + room * (high > 0 or low == 0)


def _mark_loss(ax: Axes, q: float, top: float) -> None:
    """Mark the loss of one probability; that of 0 lies beyond the axes."""
    loss = _surprise(q)
    seen = min(loss, top)
    ax.plot([q, q, -0.03], [0, seen, seen], color=VERMILION, linestyle=":")
    ax.plot([q], [seen], "o" if q > 0 else "^", color=VERMILION, clip_on=False)
    place: dict[str, Any] = {"xytext": (8, 6), "ha": "left"}  # above the curve, which falls to the right
    if q >= 0.7:
        place = {"xytext": (0, 12), "ha": "center" if q < 0.93 else "right"}
    if q == 0:
        place = {"xytext": (16, -14), "ha": "left"}
    text = f"−log {digits(q)} = {number(loss)}"
    ax.annotate(text, (q, seen), textcoords="offset points", color=VERMILION, **place)


def _logit(value: float) -> str:
    """Return a logit to two places without trailing zeros; one that would be rounded to 0 keeps its first digits."""
    if 0 < abs(value) < 0.005:
        return digits(value, 2)
    return number(round(value, 2) + 0.0).rstrip("0").rstrip(".")


def _share(probability: float) -> str:
    """Return a probability to three places, or "<0.001" or ">0.999" for one that would be rounded to 0 or 1."""
    if 0 < probability < 0.0005:
        return "<0.001"
    return ">0.999" if 0.9995 <= probability < 1 else f"{probability:.3f}"


def _surprise(q: float) -> float:
    """Return −log q, infinite for 0."""
    return float(-np.log(q)) + 0.0 if q > 0 else float("inf")


def _entropy_and_divergence(p: NDArray, q: NDArray) -> tuple[float, float]:
    """Return H(p) and KL(p‖q), infinite where q is 0 and p is not; by torch, since they are an exercise."""
    of_p, of_q = (Categorical(probs=torch.from_numpy(values), validate_args=False) for values in (p, q))
    return float(of_p.entropy()), max(0.0, float(kl_divergence(of_p, of_q)))
