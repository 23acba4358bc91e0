"""The widget of unit 04: the sizes of a network's layers, and how many parameters each layer holds."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from torch import nn

from course import plots
from course.widgets.explorer import Choice, Explorer, Slider, explorer

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HIDDEN = 4  # sliders for hidden layers
LEADS = (1, 2, 5)  # an axis ends at one of these, times a power of ten


def architecture_explorer(sizes: Sequence[int] = (784, 300, 10)) -> Explorer:
    """Return sliders for inputs, up to four hidden layers and outputs, over the network and its parameters per layer.

    `sizes` are the inputs, hidden widths and outputs at the start, such as (784, 300, 10). A hidden layer of width 0 is
    left out. The axis of the bars stays the same until a bar leaves it or becomes small. Raise ValueError for other
    sizes.
    """
    if not 2 <= len(sizes) <= HIDDEN + 2 or any(size < 1 for size in sizes):
        raise ValueError(
            f"sizes must be inputs, up to {HIDDEN} hidden widths and outputs, all 1 or more, but are {list(sizes)}"
        )
    reach = 12 if max(sizes) <= 12 else max(1000, *sizes)
    hidden = [*sizes[1:-1], *[0] * HIDDEN][:HIDDEN]
    inputs: dict[str, Slider | Choice] = {"inputs": Slider(sizes[0], 1, reach, 1, "inputs")}
    inputs |= {f"hidden{i}": Slider(width, 0, reach, 1, f"hidden {i}") for i, width in enumerate(hidden, 1)}
    inputs["outputs"] = Slider(sizes[-1], 1, max(12, sizes[-1]), 1, "outputs")
    inputs["bias"] = Choice(True, {"with biases": True, "without": False}, "biases")

    def draw(left: Axes, right: Axes, inputs: int, outputs: int, bias: bool, **hidden: int) -> None:
        shown = [inputs, *(width for width in hidden.values() if width), outputs]
        plots.network_layers(shown, bias, ax=left)
        plots.parameters_per_layer(_layers(shown, bias), ax=right)
        longest = max(bar.get_width() for bar in right.patches)  # type: ignore[attr-defined]
        right.set(xlim=(0, _end_of_axis(1.25 * longest)), ylim=(HIDDEN + 0.6, -0.6))
        right.locator_params(axis="x", nbins=5, prune="upper")  # a longer last number would be cut off
        right.xaxis.set_major_formatter("{x:,.0f}")

    return explorer(draw, inputs, panels=2, size=(9.0, 3.4))


def _layers(sizes: Sequence[int], bias: bool) -> nn.Module:
    """Return linear layers between `sizes`, without storage, since only their shapes are needed."""
    pairs = list(pairwise(sizes))
    names = [*(f"Linear_{i}" for i in range(len(pairs) - 1)), "Output_Linear"]
    return nn.ModuleDict(
        {name: nn.Linear(n, m, bias, device="meta") for name, (n, m) in zip(names, pairs, strict=True)}
    )


def _end_of_axis(needed: float) -> float:
    """Return the first of 1, 2, 5, 10, 20, 50, ... that is at least `needed`."""
    return next(lead * 10**power for power in range(20) for lead in LEADS if lead * 10**power >= needed)
