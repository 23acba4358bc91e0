"""What the layers of a network hold: weights as images, norms of gradients, numbers of parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from torch import nn

from course import figures
from course.figures import BLUE, CYCLE, MARKERS, ORANGE
from course.plots.inputs import array, class_labels, vector

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from course.plots.inputs import Numbers


def weight_templates(
    weight: Numbers,
    shape: tuple[int, int],
    labels: Sequence[str] | None = None,
    quantity: str = "weight",
    ax: Axes | None = None,
) -> Axes:
    """Draw each row of `weight` (C, D) as an image of `shape` (D = height * width), all on one scale around 0.

    `quantity` names what the numbers are, such as the gradient in the weights. The parts are `ax.child_axes`, one per class.
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
    ax.figure.colorbar(picture, ax=ax, label=quantity)
    return figures.describe(
        ax,
        f"{len(rows)} {quantity} templates ({', '.join(names)}), {shape[0]} by {shape[1]}, {quantity}s up to {reach:.3g} from 0.",
    )


def gradient_profile(norms: Numbers | Mapping[str, Numbers], ax: Axes | None = None) -> Axes:
    """Draw the norm of each layer's gradient, first layer first, on a logarithmic axis: one list, or several by name.

    A norm of 0 is marked at the foot of the axis, which has no place for it.
    """
    series = dict(norms) if isinstance(norms, Mapping) else {"": norms}
    lines = {name: vector(values, f"norms of {name}" if name else "norms") for name, values in series.items()}
    if any((values < 0).any() for values in lines.values()):
        raise ValueError("a norm is never negative; give the norms of the gradients, not the gradients")
    positive = [value for values in lines.values() for value in values if value > 0]
    foot = min(positive, default=1.0) / 10
    ax = figures.axes(ax)
    descriptions = []
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
        descriptions.append(
            f"{name or 'gradient'} {values[0]:.2g} in the first layer, {values[-1]:.2g} in the last{zero}"
        )
    ax.set(yscale="log", xlabel="layer", ylabel="norm of the gradient")
    ax.locator_params(axis="x", integer=True)
    ax.grid(alpha=0.3)
    if "" not in lines:
        ax.legend()
    return figures.describe(ax, f"Norms of the gradients, layer by layer: {'; '.join(descriptions)}.")


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
