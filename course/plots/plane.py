"""What a network does in the plane: regions of its decisions, lines of its hidden units, its hidden space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from course import figures
from course.figures import BLACK, CYCLE, GREEN, GREY, MARKERS, PURPLE, SKY, VERMILION
from course.plots.inputs import array, classes, listing, names_of, number, points, vector

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from course.plots.inputs import Numbers

GRID = 200  # points per side at which the model is asked for a decision
UNIT_COLORS = (GREEN, PURPLE, VERMILION, SKY, GREY)  # of hidden units; the first two classes have other colours
FAR = 1e4  # picture widths: coloured sides reach this far, beyond any limits that the axes may get


def decision_regions(
    model: nn.Module,
    x: Numbers,
    y: Numbers,
    labels: Sequence[str] | None = None,
    ax: Axes | None = None,
    *,
    legend: bool = True,
) -> Axes:
    """Draw the class that `model` predicts at each point of the plane, and the examples `x` (N, 2) of classes `y` (N,).

    `model` maps (M, 2) to scores (M, C), or to one logit, (M, 1) or (M,), positive for class 1. It runs on its
    own device, in evaluation mode and without gradients, and is left as it was.
    """
    plane = points(x, "x")
    true = classes(y, "y", len(plane))
    names = names_of(labels, true)
    low, high = plane.min(0), plane.max(0)
    room = 0.15 * np.maximum(high - low, 1e-3)
    sides = [np.linspace(low[i] - room[i], high[i] + room[i], GRID) for i in (0, 1)]
    across, up = np.meshgrid(*sides)
    decided = _decisions(model, np.stack([across.ravel(), up.ravel()], 1))
    right = int((_decisions(model, plane) == true).sum())
    count = int(max(decided.max(), true.max())) + 1
    names += [str(i) for i in range(len(names), count)]  # classes that only the model predicts
    ax = figures.axes(ax, size=(4.6, 4.0))
    regions = decided.reshape(across.shape)
    colors = [CYCLE[i % len(CYCLE)] for i in range(count)]
    ax.contourf(across, up, regions, levels=np.arange(count + 1) - 0.5, colors=colors, alpha=0.25)
    if regions.min() < regions.max():
        ax.contour(across, up, regions, levels=np.arange(count - 1) + 0.5, colors=BLACK, linewidths=0.8)
    _scatter(ax, plane, true, names)
    if legend:
        ax.legend(title="class")
    ax.set(xlabel="x₁", ylabel="x₂", title=f"{right} of {len(true)} right")
    shares = np.bincount(decided, minlength=len(names)) / len(decided)
    return figures.describe(
        ax,
        f"Map of the classes a model decides on, with {len(true)} examples, {right} of them on their own class's ground."
        f" Shares of the ground: {listing(names, shares)}.",
    )


def hidden_lines(
    weight: Numbers, bias: Numbers, reach: tuple[float, float] = (-0.5, 1.5), ax: Axes | None = None
) -> Axes:
    """Draw the line where w · x + b = 0 for each hidden unit, and an arrow to the side where it is positive.

    `weight` has shape (H, 2), `bias` (H,). New axes reach from `reach[0]` to `reach[1]`; the limits of `ax` stay.
    """
    normals, offsets = points(weight, "weight"), vector(bias, "bias")
    if len(offsets) != len(normals):
        raise ValueError(f"bias has {len(offsets)} numbers for {len(normals)} hidden units; give one per unit")
    descriptions = [getattr(ax, figures.ALT, "")] if ax is not None else []
    if ax is None:
        ax = figures.axes(None, size=(4.6, 4.0))
        ax.set(xlim=reach, ylim=reach, xlabel="x₁", ylabel="x₂")
    (left, right), (bottom, top) = limits = ax.get_xlim(), ax.get_ylim()
    middle, length = np.array([left + right, bottom + top]) / 2, 0.13 * min(right - left, top - bottom)
    for i, (normal, offset) in enumerate(zip(normals, offsets, strict=True)):
        name, color, size = f"h{_subscript(i + 1)}", UNIT_COLORS[i % len(UNIT_COLORS)], float(np.hypot(*normal))
        if size == 0:
            descriptions.append(f"{name} has no line: both its weights are 0.")
            continue
        unit = normal / size
        foot = middle - (unit @ middle + offset / size) * unit  # the point of the line nearest to the middle
        ax.axline(tuple(foot), (foot[0] - unit[1], foot[1] + unit[0]), color=color, linewidth=2, linestyle="--")
        ax.annotate(
            "",
            foot + length * unit,
            foot,
            arrowprops={"arrowstyle": "-|>", "color": color, "linewidth": 2},
            annotation_clip=True,
        )
        ground = {"facecolor": color, "edgecolor": "none", "boxstyle": "round,pad=0.15"}
        across, up = foot + 1.4 * length * unit
        ax.text(across, up, name, color=BLACK, ha="center", va="center", clip_on=True, bbox=ground)
        descriptions.append(f"Hidden unit {name} is 0 on {_equation(unit, offset / size)}.")
    ax.set(xlim=limits[0], ylim=limits[1])
    return figures.describe(ax, " ".join(text for text in descriptions if text))


def hidden_space(
    hidden: Numbers,
    y: Numbers,
    line: tuple[float, float, float] | None = None,
    labels: Sequence[str] | None = None,
    mesh: Numbers | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the outputs of two hidden units, `hidden` (N, 2), with their classes `y` (N,).

    `line` is (v₁, v₂, c) of an output unit: where v₁ h₁ + v₂ h₂ + c = 0, it is undecided; its positive side is
    coloured as class 1. `mesh` (R, C, 2) holds the outputs for a mesh of inputs, drawn to show how the plane is bent.
    """
    plane = points(hidden, "hidden")
    true = classes(y, "y", len(plane))
    names = names_of(labels, true)
    if line is not None and line[0] == line[1] == 0:
        raise ValueError("v₁ = v₂ = 0 makes no line; give an output unit that listens to a hidden one")
    bent = None if mesh is None else array(mesh)
    if bent is not None and (bent.ndim != 3 or bent.shape[2] != 2):
        raise ValueError(f"mesh must have shape (R, C, 2), but its shape is {bent.shape}")
    ax = figures.axes(ax, size=(4.6, 4.0))
    if bent is not None:
        _draw_mesh(ax, bent)
    _scatter(ax, plane, true, names, nested=True)  # hidden units often map examples of two classes to the same point
    ax.margins(0.15)
    words = "no line drawn"
    if line is not None:
        words = f"the output's line has {_draw_output(ax, plane, line)} points on its positive side"
    ax.set(xlabel="h₁", ylabel="h₂")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=3)  # inside, it would cover some of the few points
    return figures.describe(ax, f"{len(true)} examples in the space of two hidden units; {words}.")


def _decisions(model: nn.Module, plane: NDArray) -> NDArray:
    """Return the class that `model` predicts for each of the points (M, 2)."""
    like = next(model.parameters(), torch.zeros(()))
    modes = [(module, module.training) for module in model.modules()]  # one by one: some may be frozen
    model.eval()
    try:
        with torch.no_grad():
            scores: Tensor = model(torch.from_numpy(plane).to(like.device, like.dtype))
    finally:
        for module, training in modes:
            module.training = training
    if scores.ndim == 2 and scores.shape[1] > 1:
        return scores.argmax(1).cpu().numpy()
    if scores.numel() != len(plane):
        raise ValueError(
            f"the model gave {tuple(scores.shape)} for {len(plane)} points; it must give (M, C), (M, 1) or (M,)"
        )
    return (scores.reshape(-1) > 0).long().cpu().numpy()


def _scatter(ax: Axes, plane: NDArray, true: NDArray, names: Sequence[str], nested: bool = False) -> None:
    """Draw points with a colour and a marker for each class; `nested` markers are larger the lower they lie."""
    for i, name in enumerate(names):
        mine = plane[true == i]
        size = 5 + 3 * (len(names) - 1 - i) * nested
        style: dict[str, Any] = {"color": CYCLE[i % len(CYCLE)], "marker": MARKERS[i % len(MARKERS)]}
        ax.plot(mine[:, 0], mine[:, 1], linestyle="", markeredgecolor=BLACK, markersize=size, label=name, **style)


def _draw_mesh(ax: Axes, bent: NDArray) -> None:
    """Draw the rows and the columns of a mesh (R, C, 2) as thin lines."""
    from matplotlib.collections import LineCollection

    rows, columns = list(bent), list(bent.transpose(1, 0, 2))
    ax.add_collection(LineCollection(rows + columns, colors=GREY, linewidths=0.5, alpha=0.6, zorder=1))


def _draw_output(ax: Axes, plane: NDArray, line: tuple[float, float, float]) -> int:
    """Draw the line of an output unit and colour its sides; return how many of the points are on its positive side."""
    first, second, constant = (float(value) for value in line)
    normal = np.array([first, second])
    foot = -constant * normal / (normal @ normal)  # the point of the line nearest to the origin
    limits = ax.get_xlim(), ax.get_ylim()
    span = FAR * max(*(high - low for low, high in limits), 1.0)
    sides = np.array([-span, span])
    across, up = np.meshgrid(sides + foot[0], sides + foot[1])
    ax.contourf(
        across, up, first * across + second * up + constant, levels=[-np.inf, 0, np.inf], colors=CYCLE[:2], alpha=0.25
    )
    ax.axline(tuple(foot), (foot[0] - second, foot[1] + first), color=BLACK, label="output undecided")
    ax.set(xlim=limits[0], ylim=limits[1])
    return int((plane @ normal + constant > 0).sum())


def _equation(unit: NDArray, offset: float) -> str:
    """Return the equation of a line, such as "0.71 x₁ + 0.71 x₂ = 0.35"."""
    sign = "−" if unit[1] < 0 else "+"
    return f"{number(unit[0])} x₁ {sign} {number(abs(unit[1]))} x₂ = {number(0.0 - offset)}"


def _subscript(count: int) -> str:
    return str(count).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
