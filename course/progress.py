"""What a training run shows while it runs: a bar in a terminal, a live plot of loss and accuracy in a notebook."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from course.history import History

SECONDS_BETWEEN_UPDATES = (
    0.1  # faster than anyone reads; drawing for each of 1,000 short epochs would cost more than them
)
SECONDS_BETWEEN_PLOTS = 0.5

Report = Callable[["History"], None]


@contextmanager
def shown(epochs: int, wanted: bool) -> Iterator[Report]:
    """Give a function that shows how far a run of `epochs` epochs has come; it shows nothing unless it is `wanted`.

    In a notebook that is `course.plots.learning_curves`, redrawn in place. Elsewhere it is a bar, and only if the
    output is a terminal: a log file needs no bar.
    """
    if not wanted:
        yield lambda history: None
    elif in_notebook() and (draw := _learning_curves()):
        with _plot(draw) as report:
            yield report
    else:
        with _bar(epochs) as report:
            yield report


def in_notebook() -> bool:
    """Tell whether a Jupyter kernel runs this process."""
    ipython = sys.modules.get("IPython")  # where nobody has imported it there is no kernel
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and hasattr(shell, "kernel")


def _learning_curves() -> Callable[..., Any] | None:
    from course import plots

    return getattr(plots, "learning_curves", None)


@contextmanager
def _bar(epochs: int) -> Iterator[Report]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = ("epoch", MofNCompleteColumn(), BarColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    with Progress(*columns, refresh_per_second=4) as bar:
        if not bar.console.is_terminal and not bar.console.is_jupyter:
            bar.disable = True
        task = bar.add_task("", total=epochs)

        def report(history: History) -> None:
            bar.update(task, completed=len(history.epochs), description=str(history.epochs[-1]))

        with _at_most_every(SECONDS_BETWEEN_UPDATES, report) as seldom:
            yield seldom


@contextmanager
def _plot(draw: Callable[..., Any]) -> Iterator[Report]:
    from IPython.display import DisplayHandle, Image
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3))  # not of pyplot: a notebook would show it a second time at the end of the cell
    handle = DisplayHandle()
    show = handle.display  # the first time; later the same output is replaced

    def report(history: History) -> None:
        nonlocal show
        figure.clear()
        draw(history, ax=figure.add_subplot())
        with io.BytesIO() as file:
            figure.savefig(file, format="png", bbox_inches="tight")
            show(Image(file.getvalue(), alt=f"Learning curves: {history.epochs[-1]}"))
        show = handle.update

    with _at_most_every(SECONDS_BETWEEN_PLOTS, report) as seldom:
        yield seldom


@contextmanager
def _at_most_every(seconds: float, report: Report) -> Iterator[Report]:
    """Pass on a report at most every so many seconds, and the last one at the end in any case."""
    shown_at = -float("inf")
    waiting: History | None = None

    def seldom(history: History) -> None:
        nonlocal shown_at, waiting
        now = time.monotonic()
        if now - shown_at < seconds:
            waiting = history
            return
        report(history)
        shown_at, waiting = now, None

    try:
        yield seldom
    finally:
        if waiting is not None:
            report(waiting)
