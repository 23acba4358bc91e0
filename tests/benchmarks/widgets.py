"""How long a widget takes from a change of a slider to the new picture: within 50 ms it seems to follow the hand.

The goal is set for processor time, which a busy machine changes less than wall time.

python -m tests.benchmarks.widgets
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from rich.console import Console
from rich.table import Table

from course import widgets
from course.widgets import Explorer

LIMIT = 0.05  # seconds of the processor
CHANGES = 20
# A widget, one of its controls, and two values to go to and fro between.
MEASURED: dict[str, tuple[Callable[[], Explorer], str, tuple]] = {
    "01 descent": (widgets.descent_explorer, "steps", (100, 200)),
    "02 hidden lines": (widgets.hidden_explorer, "direction1", (30, 60)),
    "03 knots": (widgets.knots_explorer, "units", (5, 16)),
    "04 architecture": (lambda: widgets.architecture_explorer((784, 64, 64, 64, 64, 10)), "hidden1", (100, 64)),
    "05 logits": (widgets.logits_explorer, "z0", (7.0, 0.0)),
    "05 entropy": (widgets.entropy_kl_explorer, "q1", (0.1, 0.5)),
    "05 outlier": (widgets.outlier_explorer, "outlier", (-15.0, 5.0)),
    "06 training": (widgets.training_explorer, "rate", (1.0, 0.1)),
    "07 subjects": (widgets.subjects_explorer, "between", (0.5, 1.5)),
    "08 backward": (widgets.backward_explorer, "step", (2, 3)),
    "09 depth": (widgets.depth_explorer, "depth", (20, 10)),
    "10 error table": (widgets.error_explorer, "level", (0.5, 0.95)),
}


@dataclass(frozen=True)
class Seconds:
    """What something took."""

    wall: float
    processor: float


def seconds_per_change(shown: Explorer, control: str, values: tuple) -> Seconds:
    """Median seconds of a change of one control."""
    wall, processor = [], []
    for number in range(CHANGES):
        began, began_on_processor = time.perf_counter(), time.process_time()
        shown.controls[control].value = values[number % 2]
        wall.append(time.perf_counter() - began)
        processor.append(time.process_time() - began_on_processor)
    return Seconds(median(wall[2:]), median(processor[2:]))  # the first draw what later ones find made


def main() -> None:
    """Print one table."""
    columns = ("widget", "made in", "per change", "processor", f"goal < {1000 * LIMIT:g} ms")
    table = Table(*columns, title="Wall and processor time, medians")
    for name, (make, control, values) in MEASURED.items():
        began = time.perf_counter()
        shown = make()
        made = time.perf_counter() - began
        taken = seconds_per_change(shown, control, values)
        times = (f"{made:.2f} s", f"{1000 * taken.wall:.0f} ms", f"{1000 * taken.processor:.0f} ms")
        table.add_row(name, *times, "reached" if taken.processor < LIMIT else "MISSED")
    Console(width=100).print(table)
    print(f"Load of the machine during the last minute: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.")


if __name__ == "__main__":
    main()
