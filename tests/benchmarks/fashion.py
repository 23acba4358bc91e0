"""How well an MLP can tell the clothes of Fashion-MNIST apart after two minutes on a CPU, as a mean over seeds.

    python -m tests.benchmarks.fashion                # learns from all 60,000 images, measures on the test set
    python -m tests.benchmarks.fashion --validate     # learns from 50,000, measures on the other 10,000

The settings below come from single runs on such a split, listed in README.md; the test set had no part in that.
"""

import argparse
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import mean, stdev

import torch
from rich.console import Console
from rich.table import Table
from torch import Generator, Tensor, nn
from torch.nn import functional
from torch.optim.lr_scheduler import OneCycleLR

from course.batching import Batches, batches
from course.data import Examples
from course.image_data import fashion_mnist
from course.training import evaluate, fit

WIDTHS = (784, 1024, 1024, 10)
DROPOUT = 0.1
BATCH = 256
EPOCHS = 25
LEARNING_RATE = 3e-3  # the highest one, a fifth of the way through the run
WEIGHT_DECAY = 0.05
SMOOTHING = 0.1

VALIDATION = 10_000  # images held back by --validate, drawn at random
SPLIT_SEED = 0
PRECISIONS = {"bfloat16": torch.bfloat16, "float32": torch.float32}


@dataclass(frozen=True)
class Result:
    """What one seed gave; CPU seconds count every thread, so they show a machine that had other things to do."""

    seed: int
    accuracy: float
    seconds: float
    cpu_seconds: float


# --- the recipe ------------------------------------------------------------------------------------------------------


def network(widths: tuple[int, ...] = WIDTHS) -> nn.Sequential:
    """Make an MLP for images whose hidden layers are linear, batch norm, ReLU, dropout."""
    *hidden, classes = widths
    layers: list[nn.Module] = [nn.Flatten()]
    for wide, narrow in pairwise(hidden):
        layers += [nn.Linear(wide, narrow, bias=False), nn.BatchNorm1d(narrow), nn.ReLU(), nn.Dropout(DROPOUT)]
    return nn.Sequential(*layers, nn.Linear(hidden[-1], classes))


def mirror(x: Tensor, generator: Generator) -> Tensor:
    """Turn images (n, height, width) left to right or not, as a coin falls for each: a mirrored shirt is a shirt."""
    heads = torch.rand(len(x), 1, 1, generator=generator, device=generator.device) < 0.5
    return torch.where(heads.to(x.device), x.flip(2), x)


@dataclass(frozen=True)
class Mixed:
    """Batches of images blended with one another, and of targets blended alike (mixup, Zhang et al. 2018).

    Gives x as it comes and targets (n, classes), float32. The other image's share is u³/2 for an even u in [0, 1]:
    most images stay almost as they were, and none is outweighed. `fit` saves the generator with a checkpoint.
    """

    batches: Batches
    classes: int = 10

    @property
    def generator(self) -> Generator:
        return self.batches.generator

    def __len__(self) -> int:
        return len(self.batches)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        for x, y in self.batches:
            partners = torch.randperm(len(x), generator=self.generator, device=self.generator.device).to(x.device)
            even = torch.rand(len(x), 1, generator=self.generator, device=self.generator.device).to(x.device)
            share = even**3 / 2
            targets = functional.one_hot(y, self.classes).float()
            yield x.lerp(x[partners], share.unsqueeze(2)), targets.lerp(targets[partners], share)


def train(
    examples: Examples,
    seed: int,
    *,
    epochs: int = EPOCHS,
    precision: torch.dtype = torch.bfloat16,
    progress: bool = True,
) -> nn.Sequential:
    """Train a new network on the device of `examples`; the same seed gives the same one."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = network().to(examples.x.device)
    mixed = Mixed(batches(*examples, BATCH, shuffle=True, transform=mirror, seed=seed))
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY, fused=True)
    fit(
        model,
        mixed,
        loss=nn.CrossEntropyLoss(label_smoothing=SMOOTHING),
        optimizer=optimizer,
        epochs=epochs,
        schedule=OneCycleLR(optimizer, LEARNING_RATE, total_steps=epochs * len(mixed), pct_start=0.2),
        schedule_every="step",
        precision=precision,
        seed=seed,
        progress=progress,
    )
    return model


# --- the measurement -------------------------------------------------------------------------------------------------


def load(device: str | torch.device, validate: bool) -> tuple[Examples, Examples]:
    """Return what to learn from and what to measure on, scaled by the mean and deviation of the former."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # other digits than these would be no measurement
        try:
            train, test = fashion_mnist(train=True), None if validate else fashion_mnist(train=False)
        except UserWarning as warning:
            raise SystemExit(str(warning)) from warning
    if test is None:
        order = torch.randperm(len(train.y), generator=torch.Generator().manual_seed(SPLIT_SEED))
        rest, held_back = order[:-VALIDATION], order[-VALIDATION:]
        train, test = Examples(train.x[rest], train.y[rest]), Examples(train.x[held_back], train.y[held_back])
    center, scale = train.x.mean(), train.x.std()
    train, test = (Examples((x - center) / scale, y).to(device) for x, y in (train, test))
    return train, test


def measure(train_on: Examples, test_on: Examples, seed: int, **settings) -> Result:
    """Train and test one network, and take the time of both."""
    began, cpu_began = time.perf_counter(), time.process_time()
    model = train(train_on, seed, **settings)
    accuracy = evaluate(model, batches(*test_on, 1000), nn.CrossEntropyLoss()).accuracy
    assert accuracy is not None
    return Result(seed, accuracy, time.perf_counter() - began, time.process_time() - cpu_began)


def table(results: list[Result], title: str) -> Table:
    """Lay out a row a seed, and below them means and standard deviations."""
    table = Table("seed", "accuracy", "seconds", "CPU seconds", title=title)
    for result in results:
        table.add_row(str(result.seed), *_cells(result.accuracy, result.seconds, result.cpu_seconds))
    columns = [[getattr(row, name) for row in results] for name in ("accuracy", "seconds", "cpu_seconds")]
    table.add_section()
    table.add_row("mean", *_cells(*map(mean, columns)))
    if len(results) > 1:
        table.add_row("deviation", *_cells(*map(stdev, columns)))
    return table


def _cells(accuracy: float, seconds: float, cpu_seconds: float) -> tuple[str, str, str]:
    return f"{100 * accuracy:.2f} %", f"{seconds:.1f}", f"{cpu_seconds:.1f}"


def main() -> None:
    """Train one network a seed and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="how many, counted from 0 (%(default)s)")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or mps (%(default)s)")
    parser.add_argument("--precision", choices=PRECISIONS, default="bfloat16", help="of the products (%(default)s)")
    parser.add_argument("--validate", action="store_true", help="leave the test set alone")
    asked = parser.parse_args()
    train_on, test_on = load(asked.device, asked.validate)
    results = []
    for seed in range(asked.seeds):
        results.append(measure(train_on, test_on, seed, precision=PRECISIONS[asked.precision]))
        print(f"seed {seed}: {results[-1].accuracy:.2%} in {results[-1].seconds:.0f} s", flush=True)
    where = "validation images" if asked.validate else "test images"
    title = f"{len(test_on.y):,} {where} after {EPOCHS} epochs of {len(train_on.y):,}; torch {torch.__version__}"
    threads = f", {torch.get_num_threads()} threads" if asked.device == "cpu" else ""
    Console(width=100).print(table(results, f"{title}, {asked.device}{threads}, {asked.precision}"))


if __name__ == "__main__":
    main()
