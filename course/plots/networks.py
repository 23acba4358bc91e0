"""What a network does and holds: the regions it decides on, its pieces, templates, gradients and parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from course import figures
from course.figures import BLACK, BLUE, CYCLE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILION
from course.plots.inputs import array, class_labels, classes, digits, listing, names_of, number, points, vector

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from course.plots.inputs import Numbers

GRID = 200  # points a side at which a decision is asked for
MARKERS = "os^Dv*PX"
UNIT_COLORS = (GREEN, PURPLE, VERMILION, SKY, GREY)  # of hidden units: none of the first two classes
FAR = 1e4  # how many times the width of a picture lies beyond any edge that it may get


def decision_regions(
    model: nn.Module, x: Numbers, y: Numbers, labels: Sequence[str] | None = None, ax: Axes | None = None
) -> Axes:
    """Draw which class `model` decides on at each place of the plane, and the examples `x` (N, 2) with classes `y` (N,).

    `model` maps (M, 2) to scores (M, C), or to one logit, (M, 1) or (M,), positive for class 1. It is asked where it
    is, in evaluation mode and without gradients, and left as it was.
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
    names += [str(i) for i in range(len(names), count)]  # classes that only the model knows
    ax = figures.axes(ax, size=(4.6, 4.0))
    regions = decided.reshape(across.shape)
    colors = [CYCLE[i % len(CYCLE)] for i in range(count)]
    ax.contourf(across, up, regions, levels=np.arange(count + 1) - 0.5, colors=colors, alpha=0.25)
    if regions.min() < regions.max():
        ax.contour(across, up, regions, levels=np.arange(count - 1) + 0.5, colors=BLACK, linewidths=0.8)
    _scatter(ax, plane, true, names)
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
    """Draw for each hidden unit the line where w · x + b = 0, and an arrow to the side where it is positive.

    `weight` has shape (H, 2), `bias` (H,). New axes reach from `reach[0]` to `reach[1]`; the limits of `ax` stay.
    """
    normals, offsets = points(weight, "weight"), vector(bias, "bias")
    if len(offsets) != len(normals):
        raise ValueError(f"bias has {len(offsets)} numbers for {len(normals)} hidden units; give one a unit")
    said = [getattr(ax, figures.ALT, "")] if ax is not None else []
    if ax is None:
        ax = figures.axes(None, size=(4.6, 4.0))
        ax.set(xlim=reach, ylim=reach, xlabel="x₁", ylabel="x₂")
    (left, right), (bottom, top) = limits = ax.get_xlim(), ax.get_ylim()
    middle, length = np.array([left + right, bottom + top]) / 2, 0.13 * min(right - left, top - bottom)
    for i, (normal, offset) in enumerate(zip(normals, offsets, strict=True)):
        name, color, size = f"h{_subscript(i + 1)}", UNIT_COLORS[i % len(UNIT_COLORS)], float(np.hypot(*normal))
        if size == 0:
            said.append(f"{name} has no line: both its weights are 0.")
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
        said.append(f"Hidden unit {name} is 0 on {_equation(unit, offset / size)}.")
    ax.set(xlim=limits[0], ylim=limits[1])
    return figures.describe(ax, " ".join(text for text in said if text))


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
    _scatter(ax, plane, true, names, nested=True)  # hidden units often put examples of two classes on one place
    ax.margins(0.15)
    words = "no line drawn"
    if line is not None:
        words = f"the output's line has {_draw_output(ax, plane, line)} points on its positive side"
    ax.set(xlabel="h₁", ylabel="h₂")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=3)  # inside it would cover one of so few points
    return figures.describe(ax, f"{len(true)} examples in the space of two hidden units; {words}.")


def relu_pieces(
    x: Numbers, pieces: Numbers, constant: float = 0.0, target: Numbers | None = None, ax: Axes | None = None
) -> Axes:
    """Draw weighted ReLUs, `pieces` (K, N) at the places `x` (N,), and their sum with `constant`, beside a `target` (N,)."""
    places, terms = vector(x, "x"), array(pieces)
    if terms.ndim != 2 or terms.shape[1] != len(places):
        raise ValueError(f"pieces must have shape (K, {len(places)}), a row a ReLU, but its shape is {terms.shape}")
    wanted = None if target is None else vector(target, "target")
    if wanted is not None and len(wanted) != len(places):
        raise ValueError(f"target has {len(wanted)} values for {len(places)} places; give one a place")
    total = terms.sum(0) + constant
    ax = figures.axes(ax)
    for i, term in enumerate(terms):
        ax.plot(places, term, color=SKY, linewidth=1, label="weighted ReLUs" if i == 0 else None)
    words = f"{len(terms)} weighted ReLUs and their sum, from {total[0]:.3g} to {total[-1]:.3g}"
    if wanted is not None:
        worst = float(np.abs(wanted - total).max())
        ax.plot(places, wanted, color=GREY, linewidth=4, alpha=0.5, label="target")
        ax.set_title(f"largest error {digits(worst, 4)}")
        words += f"; its largest error is {worst:.3g}"
    ax.plot(places, total, color=VERMILION, label="their sum")
    ax.set(xlabel="x", ylabel="value")
    ax.legend()
    return figures.describe(ax, f"{words}.")


def weight_templates(
    weight: Numbers, shape: tuple[int, int], labels: Sequence[str] | None = None, ax: Axes | None = None
) -> Axes:
    """Draw each row of `weight` (C, D) as an image of `shape` (D = height * width), all on one scale around 0.

    The parts are `ax.child_axes`, a class each.
    """
    rows = array(weight)
    if rows.ndim != 2 or rows.shape[1] != shape[0] * shape[1]:
        raise ValueError(
            f"weight of shape {rows.shape} has no rows of {shape[0]} × {shape[1]} = {shape[0] * shape[1]} numbers"
        )
    names = class_labels(labels, len(rows))
    across = min(len(rows), 5)
    down = -(-len(rows) // across)
    ax = figures.axes(ax, size=(1.5 * across + 0.8, 1.7 * down))
    ax.axis("off")
    reach = float(np.abs(rows).max()) or 1.0
    for i, (row, name) in enumerate(zip(rows, names, strict=True)):
        place = (i % across / across, 1 - (i // across + 1) / down, 0.92 / across, 0.84 / down)
        part = ax.inset_axes(place)
        picture = part.imshow(row.reshape(shape), cmap="PuOr", vmin=-reach, vmax=reach)
        part.set(xticks=[], yticks=[], title=name)
    ax.figure.colorbar(picture, ax=ax, label="weight")
    return figures.describe(
        ax,
        f"{len(rows)} weight templates ({', '.join(names)}), {shape[0]} by {shape[1]}, weights up to {reach:.3g} from 0.",
    )


def gradient_profile(norms: Numbers | Mapping[str, Numbers], ax: Axes | None = None) -> Axes:
    """Draw the norm of each layer's gradient, first layer first, on a logarithmic axis: one list, or several by name.

    A norm of 0 has no place on that axis: it is marked at its foot.
    """
    series = dict(norms) if isinstance(norms, Mapping) else {"": norms}
    lines = {name: vector(values, f"norms of {name}" if name else "norms") for name, values in series.items()}
    if any((values < 0).any() for values in lines.values()):
        raise ValueError("a norm is never negative; give the norms of the gradients, not the gradients")
    positive = [value for values in lines.values() for value in values if value > 0]
    foot = min(positive, default=1.0) / 10
    ax = figures.axes(ax)
    said = []
    for i, (name, values) in enumerate(lines.items()):
        layers = np.arange(1, len(values) + 1)
        color = CYCLE[i % len(CYCLE)]
        ax.plot(
            layers,
            np.where(values > 0, values, np.nan),
            color=color,
            marker=MARKERS[i % len(MARKERS)],
            label=name or None,
        )
        vanished = layers[values == 0]
        ax.plot(vanished, np.full(len(vanished), foot), "x", color=color)
        zero = f", exactly 0 in {len(vanished)} layers" if len(vanished) else ""
        said.append(f"{name or 'gradient'} {values[0]:.2g} in the first layer, {values[-1]:.2g} in the last{zero}")
    ax.set(yscale="log", xlabel="layer", ylabel="norm of the gradient")
    ax.locator_params(axis="x", integer=True)
    ax.grid(alpha=0.3)
    if "" not in lines:
        ax.legend()
    return figures.describe(ax, f"Norms of the gradients, layer by layer: {'; '.join(said)}.")


def parameters_per_layer(model: nn.Module, ax: Axes | None = None) -> Axes:
    """Draw how many parameters each layer of `model` holds, first layer on top; a shared one counts once."""
    seen: set[int] = set()
    layers: dict[str, int] = {}
    for name, module in model.named_modules():
        own = {id(p): p.numel() for p in module.parameters(recurse=False) if id(p) not in seen}
        seen |= set(own)
        if own:
            layers[f"{name or 'model'} ({type(module).__name__})"] = sum(own.values())
    if not layers:
        raise ValueError(f"this {type(model).__name__} has no parameters to draw")
    counts = list(layers.values())
    ax = figures.axes(ax, size=(6.4, 1.2 + 0.35 * len(layers)))
    bars = ax.barh(range(len(counts)), counts, color=[ORANGE if n == max(counts) else BLUE for n in counts])
    ax.bar_label(bars, [f"{n:,}" for n in counts], padding=3)
    ax.set_yticks(range(len(counts)), list(layers))
    ax.set(xlim=(0, 1.25 * max(counts)), ylim=(len(counts) - 0.4, -0.6), xlabel="parameters")
    ax.set_title(f"{sum(counts):,} parameters")
    each = ", ".join(f"{name} {n:,}" for name, n in layers.items())
    return figures.describe(ax, f"Bars of the parameters in each layer: {each}; {sum(counts):,} in all.")


def _decisions(model: nn.Module, plane: NDArray) -> NDArray:
    """Return the class that `model` decides on for each of the points (M, 2)."""
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
    """Draw points with a colour and a marker for each class; `nested` ones are larger in the classes below others."""
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
    """Draw the line of an output unit and colour its sides; return how many of the points are on the positive one."""
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
    """Write a line as "0.71 x₁ + 0.71 x₂ = 0.35"."""
    sign = "−" if unit[1] < 0 else "+"
    return f"{number(unit[0])} x₁ {sign} {number(abs(unit[1]))} x₂ = {number(0.0 - offset)}"


def _subscript(count: int) -> str:
    return str(count).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
