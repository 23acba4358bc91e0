"""From which width on mixed precision pays: the time of one step in bfloat16 against float32, on this machine.

    python -m tests.benchmarks.precision [--device cuda]

The two take turns on the network of the Fashion-MNIST benchmark, 784-width-width-10 with batch norm and dropout.
"""

import argparse
from functools import partial

import torch
from rich.console import Console
from rich.progress import track
from rich.table import Table
from torch import nn

from course.batching import batches
from course.training import train_epoch
from tests.benchmarks.fashion import network
from tests.benchmarks.training import medians

WIDTHS = (64, 128, 256, 512, 1024, 2048)
BATCHES = (50, 256, 1024)
STEPS = 5  # between two looks at the clock


def seconds_a_step(width: int, size: int, device: str) -> list[float]:
    """Return the median time of a training step in float32 and in bfloat16."""
    model = network((784, width, width, 10)).to(device)
    x = torch.rand(STEPS * size, 28, 28, device=device)
    train = batches(x, torch.randint(10, (len(x),), device=device), size)
    optimizer = torch.optim.AdamW(model.parameters(), fused=True)
    epoch = partial(train_epoch, model, train, nn.CrossEntropyLoss(), optimizer)
    times = medians(*(partial(epoch, precision=precision) for precision in (torch.float32, torch.bfloat16)))
    return [time / STEPS for time in times]


def main() -> None:
    """Print a row a width, a column a batch size: how many times as fast bfloat16 is, and the times themselves."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu", help="cpu, cuda or mps (%(default)s)")
    device = parser.parse_args().device
    threads = f", {torch.get_num_threads()} threads" if device == "cpu" else ""
    title = f"float32 / bfloat16, a step, medians; torch {torch.__version__}, {device}{threads}"
    table = Table("hidden width", *(f"batch {size:,}" for size in BATCHES), title=title)
    for width in track(WIDTHS, description="widths", transient=True):
        pairs = [seconds_a_step(width, size, device) for size in BATCHES]
        cells = (f"{full / half:.2f}  ({1000 * full:.1f} / {1000 * half:.1f} ms)" for full, half in pairs)
        table.add_row(f"{width:,}", *cells)
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
