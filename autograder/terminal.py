"""What the command line writes to: standard output and standard error, a progress bar, and a pipe that somebody may close."""

import contextlib
import io
import os
import sys
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import (
    Progress as Bar,
)

from autograder.model.progress import Progress

STREAMS = 3  # standard input, standard output and standard error
PIPE_WIDTH = 200  # characters of a table that does not go to a terminal


class OutputClosed(Exception):
    """Whoever read the output, such as `head`, has closed it and wants no more."""


class _Console(Console):
    def __init__(self, **settings: Any) -> None:
        super().__init__(emoji=False, **settings)  # a file may be called `:x:`

    def on_broken_pipe(self) -> NoReturn:
        raise OutputClosed


def output() -> Console:
    """Return the console for results, standard output."""
    terminal = sys.stdout.isatty()
    return _Console(soft_wrap=not terminal, width=None if terminal else PIPE_WIDTH)


def errors() -> Console:
    """Return the console for everything else, standard error."""
    return _Console(stderr=True)


def usable_streams() -> None:
    """See that there are three standard streams, and that what a terminal's encoding lacks is written in another way.

    Where one is closed, the next file that is opened would take its place, and be written to by whatever prints.
    """
    while (nowhere := os.open(os.devnull, os.O_RDWR)) < STREAMS:
        os.set_inheritable(nowhere, True)
    os.close(nowhere)
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115 (for all that prints)
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def write_lines(lines: Iterable[str]) -> None:
    """Write lines to standard output as they are."""
    with closing_noticed():
        for line in lines:
            sys.stdout.write(line + "\n")
        sys.stdout.flush()


@contextlib.contextmanager
def closing_noticed() -> Iterator[None]:
    """Raise OutputClosed where writing to standard output or flushing it fails because its reader has closed it."""
    try:
        yield
    except BrokenPipeError:
        raise OutputClosed from None


def discard_output() -> None:
    """Send what is still buffered, and all that follows, nowhere: Python would report the closed pipe once more at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


@contextlib.contextmanager
def progress_bar() -> Iterator[Progress]:
    """Show a bar with the time left on standard error, so that standard output holds the results alone."""
    columns = [
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    ]
    console = errors()
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        tasks: dict[str, TaskID] = {}

        def show(activity: str, done: int, total: int) -> None:
            if activity not in tasks:
                for earlier in tasks.values():
                    bar.update(earlier, visible=False)
                tasks[activity] = bar.add_task(activity, total=total)
            bar.update(tasks[activity], completed=done, total=total)

        yield show
