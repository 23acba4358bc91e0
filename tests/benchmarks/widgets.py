"""How long a widget takes from a change of a slider to the new picture: within 50 ms it seems to follow the hand.

Each change is measured by turns with one that draws everything anew, as matplotlib does it by itself. The goal is set
for processor time, which a busy machine changes less than wall time.

python -m tests.benchmarks.widgets
"""

import io
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle, islice
from statistics import median

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from course import figures, widgets
from course.widgets import Explorer

LIMIT = 0.05  # seconds of the processor
CHANGES = 20
NOT_COUNTED = 3  # changes that make what later ones keep
# A widget, and one of its controls, which is moved across its whole range as a hand would.
MEASURED: dict[str, tuple[Callable[[], Explorer], str]] = {
    "01 descent": (widgets.descent_explorer, "steps"),
    "02 hidden lines": (widgets.hidden_explorer, "direction1"),
    "03 knots": (widgets.knots_explorer, "units"),
    "04 architecture": (lambda: widgets.architecture_explorer((784, 64, 64, 64, 64, 10)), "hidden1"),
    "05 logits": (widgets.logits_explorer, "z0"),
    "05 entropy": (widgets.entropy_kl_explorer, "q1"),
    "05 outlier": (widgets.outlier_explorer, "outlier"),
    "06 training": (widgets.training_explorer, "rate"),
    "07 subjects": (widgets.subjects_explorer, "between"),
    "08 backward": (widgets.backward_explorer, "step"),
    "09 depth": (widgets.depth_explorer, "depth"),
    "10 error table": (widgets.error_explorer, "level"),
}


@dataclass(frozen=True)
class Seconds:
    """What a change took: wall and processor time, and the processor time of drawing everything anew."""

    wall: float
    processor: float
    anew: float


def seconds_per_change(shown: Explorer, control: str) -> Seconds:
    """Return the medians over many changes of one control, from the change to the new picture in the widget."""
    draw_anew = drawing_anew(shown)
    taken = []
    for value in positions(shown, control):
        times = [(time.perf_counter(), time.process_time())]
        shown.controls[control].value = value
        times.append((time.perf_counter(), time.process_time()))
        draw_anew()
        times.append((time.perf_counter(), time.process_time()))
        (began, began_on_processor), (ended, ended_on_processor), (_, drawn) = times
        taken.append((ended - began, ended_on_processor - began_on_processor, drawn - ended_on_processor))
    return Seconds(*(median(column) for column in zip(*taken[NOT_COUNTED:], strict=True)))


def positions(shown: Explorer, control: str) -> list:
    """Return the positions of a slider that is drawn from one end to the other, and back if there are few."""
    values = [value for value, _ in shown.inputs[control].values()]
    count = CHANGES + NOT_COUNTED
    if len(values) < count:
        return list(islice(cycle([*values, *values[-2:0:-1]]), 1, count + 1))
    return [values[place] for place in np.linspace(0, len(values) - 1, count).astype(int)]


def drawing_anew(shown: Explorer) -> Callable[[], None]:
    """Return a function that draws the present values on plain axes and makes a PNG of them with Pillow."""
    width, height = shown.figure.get_size_inches()
    figure, axes = figures.sheet(len(shown.axes), (width, height))

    def draw_anew() -> None:
        for ax in axes:
            ax.clear()
        shown.draw(*axes, **shown.values)
        figure.canvas.draw()
        figure.set_layout_engine("none")
        picture = Image.fromarray(np.asarray(figure.canvas.buffer_rgba()))  # type: ignore[attr-defined]
        picture.convert("RGB").save(io.BytesIO(), format="png", compress_level=1)

    return draw_anew


def main() -> None:
    """Print one table."""
    columns = ("widget", "made in", "per change", "processor", "all anew", "share", f"goal < {1000 * LIMIT:g} ms")
    table = Table(*columns, title="A change: wall and processor time, and that of drawing all anew; medians")
    for name, (make, control) in MEASURED.items():
        began = time.perf_counter()
        shown = make()
        made = time.perf_counter() - began
        taken = seconds_per_change(shown, control)
        times = (f"{made:.2f} s", *(f"{1000 * each:.0f} ms" for each in (taken.wall, taken.processor, taken.anew)))
        share = f"{taken.processor / taken.anew:.0%}"
        table.add_row(name, *times, share, "reached" if taken.processor < LIMIT else "MISSED")
    Console(width=110).print(table)
    print(f"Load of the machine during the last minute: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.")


if __name__ == "__main__":
    main()
