"""The widgets of unit 05: logits and their probabilities, entropy and divergence, an outlier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from course import figures, plots
from course.widgets.explorer import Choice, Explorer, Slider, explorer

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def logits_explorer(
    z: Sequence[float] = (3.2, 5.1, -1.7), labels: Sequence[str] = ("cat", "car", "frog"), y: int = 0
) -> Explorer:
    """Return sliders for the logits `z` (shape (C,)) and a menu for the true class `y`, over their probabilities."""
    reach = max(8.0, *(abs(float(value)) for value in z))
    inputs: dict[str, Slider | Choice] = {
        f"z{i}": Slider(float(value), -reach, reach, 0.1, f"logit of {label}")
        for i, (value, label) in enumerate(zip(z, labels, strict=True))
    }
    inputs["y"] = Choice(y, {label: i for i, label in enumerate(labels)}, "true class")

    def draw(ax: Axes, y: int, **logits: float) -> None:
        plots.logits_to_probabilities(list(logits.values()), y, labels, ax=ax)
        ax.child_axes[0].set_xlim(-1.5 * reach, 1.5 * reach)  # fixed, so that bars are seen to move

    return explorer(draw, inputs, size=(8.0, 1.4 + 0.42 * len(z)))


def entropy_kl_explorer(
    Y: Sequence[float] = (0.5, 0.3, 0.2),
    q: Sequence[float] = (0.2, 0.7, 0.1),
    labels: Sequence[str] = ("cat", "dog", "ship"),
) -> Explorer:
    """Return sliders for the weights of `Y` and `q` (shape (C,)) over H(Y) + KL(Y‖q), stacked to the cross-entropy.

    Weights are divided by their sum, so that any setting gives two distributions; weights that are all 0 count as
    equal. The figure states both.
    """
    inputs = {
        f"{name}{i}": Slider(float(weight), 0.0, 1.0, 0.01, f"weight of {label} in {name}")
        for name, weights in (("Y", Y), ("q", q))
        for i, (weight, label) in enumerate(zip(weights, labels, strict=True))
    }

    def draw(ax: Axes, **weights: float) -> None:
        true, predicted = ([weights[f"{name}{i}"] for i in range(len(labels))] for name in "Yq")
        plots.entropy_stack(_normalise(true), _normalise(predicted), labels, ax=ax)
        words = f"{_sum_words('Y', true)};  {_sum_words('q', predicted)}"
        ax.set_title(f"{ax.get_title()}\n{words}", color=ax.title.get_color())
        figures.describe(ax, f"{getattr(ax, figures.ALT)} Shown: {words}.")

    return explorer(draw, inputs, size=(8.0, 3.7))


def outlier_explorer(values: Sequence[float] = (1.0, 2.0, 2.5, 3.0, 4.0), outlier: float = 8.0) -> Explorer:
    """Return a slider for one outlier beside `values` (shape (N,)), over mean and median, MSE and MAE."""
    reach = max(20.0, abs(outlier))
    inputs = {"outlier": Slider(float(outlier), -reach, reach, 0.5, "outlier")}

    def draw(ax: Axes, outlier: float) -> None:
        plots.outlier_losses(values, outlier, reach=1.3 * reach, ax=ax)  # fixed, so that the outlier is seen to move

    return explorer(draw, inputs, size=(8.4, 3.4))


def _sum_words(name: str, weights: Sequence[float]) -> str:
    """Return in words how weights became the distribution `name`, since sliders and bars show different numbers."""
    total = sum(weights)
    return f"{name} = weights / {total:.2f}" if total > 0 else f"all weights of {name} are 0, drawn as equal ones"


def _normalise(weights: Sequence[float]) -> list[float]:
    total = sum(weights)
    return [weight / total if total > 0 else 1 / len(weights) for weight in weights]
