"""The widget of unit 06: what batch size and learning rate do to the curves of a training run."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import torch
from torch import nn

from course import plots
from course.batching import batches
from course.image_data import small_digits
from course.noise import own_noise
from course.training import History, fit
from course.widgets.explorer import Choice, Explorer, explorer, one_thread

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EXAMPLES, HIDDEN, EPOCHS = 512, 32, 12
BATCH_SIZES = (16, 64, 256, 512)
RATES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
LOSSES, ACCURACIES = (0.0, 3.0), (0.0, 1.03)  # limits of the axes; fixed, so that curves are seen to move


def training_explorer(
    batch_size: int = 64,
    rate: float = 0.1,
    batch_sizes: Sequence[int] = BATCH_SIZES,
    rates: Sequence[float] = RATES,
    seed: int = 0,
) -> Explorer:
    """Return sliders for batch size and learning rate over the curves of a run, beside those of the previous setting.

    A run trains 64-32-10 with SGD on 512 of the 8×8 digits for 12 epochs, from the same initial weights, and is
    validated on other digits. All settings are trained beforehand, in about two seconds, so that no slider has to wait.
    """
    for value, offered, what in ((batch_size, batch_sizes, "batch_size"), (rate, rates, "rate")):
        if value not in offered:
            raise ValueError(f"{what} = {value} is not among {what}s = {list(offered)}; choose one of them, or add it")
    runs = {(size, step): _run(size, step, seed) for size in batch_sizes for step in rates}
    drawn = [(batch_size, rate)]
    inputs = {
        "batch_size": Choice(batch_size, list(batch_sizes), "batch size", slides=True),
        "rate": Choice(rate, {f"{step:g}": step for step in rates}, "learning rate", slides=True),
    }

    def draw(ax: Axes, batch_size: int, rate: float) -> None:
        setting = (batch_size, rate)
        if setting != drawn[-1]:
            drawn.append(setting)
        shown = {_words(when, *it): runs[it] for when, it in zip(("now", "before"), drawn[:-3:-1], strict=False)}
        plots.compare_runs(shown, ax=ax)
        loss, accuracy = ax.child_axes
        loss.set(ylim=LOSSES)
        accuracy.set(ylim=ACCURACIES)

    return explorer(draw, inputs, size=(9.0, 3.8))


@lru_cache(maxsize=200)  # cells are often run again
def _run(batch_size: int, rate: float, seed: int) -> History:
    x, y = (part[:EXAMPLES] for part in small_digits(train=True))
    with own_noise(seed, torch.device("cpu")):
        model = nn.Sequential(nn.Flatten(), nn.Linear(64, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 10))
    with one_thread():
        return fit(
            model,
            batches(x, y, batch_size, shuffle=True, seed=seed),
            batches(*small_digits(train=False), EXAMPLES),
            loss=nn.CrossEntropyLoss(),
            optimizer=torch.optim.SGD(model.parameters(), lr=rate),
            epochs=EPOCHS,
            progress=False,
        )


def _words(when: str, batch_size: int, rate: float) -> str:
    steps = EPOCHS * -(-EXAMPLES // batch_size)
    return f"{when}: batches of {batch_size}, rate {rate:g}, {steps} steps"
