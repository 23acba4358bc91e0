"""What a training run shows while it runs: a bar in a terminal, a live plot of loss and accuracy in a notebook."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from course import figures
from course.plots.results import learning_curves

if TYPE_CHECKING:
    from course.history import History

SECONDS_BETWEEN_UPDATES = 0.1  # of a bar; nobody reads faster
SECONDS_BETWEEN_PLOTS = 0.5
SHARE = 0.1  # of the time is spent on showing, at most: a plot takes as long as many epochs of a small network
SIZE = (8.4, 3.4)  # inches

Report = Callable[["History"], None]

ENDINGS = {
    "running": "Epoch {done} of {epochs}",
    "finished": "Trained for {done} epochs",
    "patience": "Stopped after {done} of {epochs} epochs: the validation loss no longer fell",
    "interrupted": "Interrupted after {done} of {epochs} epochs",
}


@contextmanager
def shown(epochs: int, wanted: bool) -> Iterator[Report]:
    """Yield a function that shows how far a run of `epochs` epochs has come; unless `wanted`, it shows nothing.

    In a notebook it redraws `course.plots.learning_curves` in place. Elsewhere it draws a bar, and only if the output
    is a terminal: a log file needs no bar.
    """
    if not wanted:
        yield lambda history: None
    elif in_notebook():
        with _seldom(SECONDS_BETWEEN_PLOTS, _plot(epochs)) as report:
            yield report
    else:
        with _bar(epochs) as draw, _seldom(SECONDS_BETWEEN_UPDATES, draw) as report:
            yield report


def in_notebook() -> bool:
    """Return whether this process is a Jupyter kernel."""
    ipython = sys.modules.get("IPython")  # a kernel has imported it
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and hasattr(shell, "kernel")


@contextmanager
def _bar(epochs: int) -> Iterator[Report]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.table import Column

    whole = Column(no_wrap=True)  # in a narrow terminal the last column wraps, and no other shrinks
    columns = (
        TextColumn("epoch"),
        MofNCompleteColumn(table_column=whole),
        BarColumn(20, table_column=whole),
        TimeRemainingColumn(table_column=whole),
        TextColumn("{task.description}", table_column=Column()),
    )
    with Progress(*columns, refresh_per_second=4) as bar:
        bar.disable = not bar.console.is_terminal
        task = bar.add_task("", total=epochs)

        def report(history: History) -> None:
            early = history.ended in ("patience", "interrupted")
            state = _ending(history, epochs) if early else str(history.epochs[-1])
            bar.update(task, completed=len(history), description=state)

        yield report


def _plot(epochs: int) -> Report:
    from IPython.display import DisplayHandle

    figure, _ = figures.sheet(1, SIZE)  # not one of pyplot's, which a notebook would show again at the end of the cell
    handle = DisplayHandle()
    show = handle.display  # only the first time; after that the output is replaced

    def report(history: History) -> None:
        nonlocal show
        figure.clear()
        learning_curves(history, figure.subplots())
        title = _ending(history, epochs)
        figure.suptitle(title)
        description = f"{title}. {figures.alt_text(figure)}"
        data, metadata = figures.bundle(figures.png(figure), figure.get_figwidth(), description)
        show(data, metadata=metadata, raw=True)
        show = handle.update

    return report


def _ending(history: History, epochs: int) -> str:
    return ENDINGS[history.ended].format(done=len(history), epochs=epochs)


@contextmanager
def _seldom(seconds: float, report: Report) -> Iterator[Report]:
    """Yield a function that passes on only some reports, and always the last one.

    At most one passes in `seconds`, and all of them together take at most `SHARE` of the time.
    """
    ready_at = time.monotonic() + seconds  # a short run is shown once, at its end
    waiting: History | None = None

    def seldom(history: History) -> None:
        nonlocal ready_at, waiting
        waiting = history
        if time.monotonic() < ready_at or not history.epochs:
            return
        began = time.monotonic()
        report(history)
        waiting = None
        ended = time.monotonic()
        ready_at = ended + max(seconds, (ended - began) / SHARE)

    try:
        yield seldom
    finally:
        if waiting is not None and waiting.epochs:
            report(waiting)
