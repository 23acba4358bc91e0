"""Train a network: the same few lines on every device, and what belongs around them.

    device = pick_device()
    x, y = digits(train=True).to(device)
    net = nn.Sequential(nn.Flatten(), nn.Linear(784, 300), nn.ReLU(), nn.Linear(300, 10)).to(device)
    history = fit(net, batches(x, y, 50, shuffle=True), loss=nn.CrossEntropyLoss(),
                  optimizer=torch.optim.SGD(net.parameters(), lr=0.01), epochs=5)

`train_epoch` is the loop of the slides. Nothing in it waits for the device: losses and right answers are added up
where they are, and looked at once an epoch.
"""

from __future__ import annotations

import math
import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

from course.ensemble import Ensemble, fit_many
from course.inspection import Batched, Loss, TrainingError, check_optimizer, device_of, look_once, require
from course.noise import generators_of, own_noise
from course.progress import shown

__all__ = [
    "Ensemble",
    "Epoch",
    "History",
    "Metrics",
    "TrainingError",
    "evaluate",
    "fit",
    "fit_many",
    "pick_device",
    "train_epoch",
]

COUNTED_AT_ONCE = 64  # batches: to count each within its step would add a tenth to the time of a small one

Ending = Literal["running", "finished", "patience", "interrupted"]


def pick_device(*, quiet: bool = False) -> torch.device:
    """Return the fastest device here (CUDA, then Apple's MPS, then the CPU) and, unless `quiet`, print which."""
    if torch.cuda.is_available():
        device, name = torch.device("cuda"), f"the GPU ({torch.cuda.get_device_name()})"
    elif torch.backends.mps.is_available():
        device, name = torch.device("mps"), "the GPU of this Mac (mps)"
    else:
        device, name = torch.device("cpu"), f"the CPU ({torch.get_num_threads()} threads)"
    if not quiet:
        print(f"Training on {name}.")
    return device


# --- what a run leaves behind ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Metrics:
    """The mean loss over a data set and, where the targets are class numbers, the share of right answers."""

    loss: float
    accuracy: float | None = None


@dataclass(frozen=True)
class Epoch:
    """One row of a history. Training figures are means over the epoch, while the weights changed."""

    number: int  # counts from 1
    train_loss: float
    train_accuracy: float | None
    valid_loss: float | None
    valid_accuracy: float | None
    lr: float
    seconds: float

    def __str__(self) -> str:
        figures = {"loss": self.train_loss, "accuracy": self.train_accuracy}
        figures |= {"valid loss": self.valid_loss, "valid accuracy": self.valid_accuracy}
        return ", ".join(f"{name} {value:.4f}" for name, value in figures.items() if value is not None)


@dataclass(frozen=True)
class History:
    """What happened in each epoch, why the run ended, and from which epoch the weights are."""

    epochs: list[Epoch] = field(default_factory=list)
    ended: Ending = "running"
    weights_from: int = 0  # the number of an epoch; 0: the weights are the last ones

    def __getitem__(self, column: str) -> list[Any]:
        """Return one column, such as `history["valid_loss"]`, an entry an epoch."""
        return [getattr(row, column) for row in self.epochs]

    def __len__(self) -> int:
        return len(self.epochs)


class Running:
    """Sums over an epoch, kept on the device: adding to them never waits for it."""

    def __init__(self, device: torch.device) -> None:
        self.loss = torch.zeros((), device=device)
        self.right = torch.zeros((), dtype=torch.int64, device=device)
        self.examples = 0
        self.labels = 0
        self._waiting: list[tuple[Tensor, Tensor, Tensor]] = []

    def add(self, value: Tensor, scores: Tensor, y: Tensor) -> None:
        """Count a batch whose mean loss is `value`; a smaller last batch weighs less."""
        self._waiting.append((value.detach(), scores.detach(), y))
        if len(self._waiting) == COUNTED_AT_ONCE:
            self._count()

    def means(self) -> Metrics:
        """Fetch the sums from the device, once, and divide."""
        if self._waiting:
            self._count()
        require(
            self.examples > 0,
            "there is not one example to learn from or to measure on: the data set is empty, or smaller than a batch "
            "with drop_last, or a generator that has been read to its end; pass batches(x, y, size)",
        )
        accuracy = self.right.item() / self.labels if self.labels else None
        return Metrics(self.loss.item() / self.examples, accuracy)

    def _count(self) -> None:
        values, scores, targets = zip(*self._waiting, strict=True)
        self._waiting.clear()
        for value, y in zip(values, targets, strict=True):
            self.loss.add_(value, alpha=len(y))
            self.examples += len(y)
        if not targets[0].is_floating_point():
            y = torch.cat(targets)
            self.right += (torch.cat(scores).argmax(dim=1) == y).sum()
            self.labels += y.numel()


# --- the loop --------------------------------------------------------------------------------------------------------


def train_epoch(
    model: nn.Module,
    train: Batched,
    loss: Loss,
    optimizer: Optimizer,
    *,
    accumulate: int = 1,
    precision: torch.dtype = torch.float32,
    scaler: torch.amp.GradScaler | None = None,
    after_step: Callable[[], None] | None = None,
) -> Metrics:
    """Go through `train` once, change the weights after every `accumulate` batches, return the means over the epoch."""
    model.train()
    device = device_of(model)
    running = Running(device)
    scaler = scaler or torch.amp.GradScaler(device.type, enabled=False)
    mixed = nullcontext() if precision == torch.float32 else torch.autocast(device.type, precision)
    for group in _groups(train, accumulate):
        optimizer.zero_grad()
        size = sum(len(y) for _, y in group)
        for x, y in group:
            with mixed:
                scores = model(x)
                value = loss(scores, y)
            part = value if len(group) == 1 else value * (len(y) / size)  # the group's sum is the mean over the group
            scaler.scale(part).backward()
            running.add(value, scores, y)
        scaler.step(optimizer)
        scaler.update()
        if after_step:
            after_step()
    return running.means()


@torch.no_grad()
def evaluate(model: nn.Module, batched: Batched, loss: Loss) -> Metrics:
    """Measure the mean loss and the accuracy over all batches in evaluation mode; the model's mode is put back."""
    was_training = model.training
    model.eval()
    running = Running(device_of(model))
    for x, y in batched:
        scores = model(x)
        running.add(loss(scores, y), scores, y)
    model.train(was_training)
    return running.means()


def fit(
    model: nn.Module,
    train: Batched,
    valid: Batched | None = None,
    *,
    loss: Loss,
    optimizer: Optimizer,
    epochs: int,
    schedule: LRScheduler | None = None,
    schedule_every: Literal["epoch", "step"] = "epoch",
    patience: int | None = None,
    accumulate: int = 1,
    precision: torch.dtype = torch.float32,
    checkpoint: str | Path | None = None,
    resume: bool = False,
    seed: int = 0,
    progress: bool = True,
    on_epoch: Callable[[History], None] | None = None,
) -> History:
    """Train `model` in place for `epochs` epochs and return what happened; the model is left in evaluation mode.

    `train` and `valid` give pairs (x, y) on the model's device each time they are gone through; `loss(scores, y)` is
    a mean over the batch. Everything else is optional:

    - `schedule` changes the learning rate after each epoch or step; one of PyTorch's, made for `optimizer`.
    - `patience` stops once the validation loss has not fallen for so many epochs, and keeps the best weights.
    - `accumulate` batches make one step, weighted by their sizes, as if they had been one batch.
    - `precision` torch.bfloat16, or torch.float16 with its loss scaling, trains in mixed precision. That pays for wide
      layers on a GPU made for it; a small network spends its time elsewhere.
    - `checkpoint` names a file that is rewritten after each epoch. With `resume` the run goes on from that file, if it
      is there, and ends with the same weights as if it had never stopped: give it everything made anew.
    - `seed` sets the noise (dropout); torch's global generators are left as they were.
    - `progress` shows a bar, or in a notebook a plot; `on_epoch` is called with the history after each epoch.

    Ctrl-C, or a notebook's stop button, ends the run and returns the history so far. TrainingError: shapes, labels or
    devices do not fit together, there is no data, or the loss is no longer a number.
    """
    require(epochs >= 1, f"epochs = {epochs} trains nothing; give 1 or more")
    require(accumulate >= 1, f"accumulate = {accumulate} makes no step; give 1 or more")
    require(patience is None or patience >= 1, f"patience = {patience} stops at once; give 1 or more")
    require(patience is None or valid is not None, "patience watches the validation loss; give `valid`, or no patience")
    require(not resume or checkpoint is not None, "resume needs a file to go on from; give `checkpoint`")
    check_optimizer(model, optimizer)
    device = device_of(model)
    run = _Run(
        model,
        optimizer,
        schedule,
        torch.amp.GradScaler(device.type, enabled=precision == torch.float16),
        getattr(train, "generator", None),
    )
    by_step = schedule is not None and schedule_every == "step"
    ended: Ending = "interrupted"
    with own_noise(seed, device), shown(epochs, progress) as show:
        if resume and checkpoint is not None and Path(checkpoint).exists():
            run.load(Path(checkpoint))
        look = look_once(model, loss)
        try:
            while len(run.history) < epochs and not run.out_of_patience(patience):
                began, lr = time.perf_counter(), optimizer.param_groups[0]["lr"]
                trained = train_epoch(
                    model,
                    look(train, "train"),
                    loss,
                    optimizer,
                    accumulate=accumulate,
                    precision=precision,
                    scaler=run.scaler,
                    after_step=schedule.step if schedule is not None and by_step else None,
                )
                checked = evaluate(model, look(valid, "valid"), loss) if valid is not None else None
                run.record(trained, checked, lr, time.perf_counter() - began, keep_best=patience is not None)
                if schedule is not None and not by_step:
                    _step(schedule, checked or trained)
                if checkpoint is not None:
                    run.save(Path(checkpoint))
                show(run.history)
                if on_epoch:
                    on_epoch(run.history)
            ended = "finished" if len(run.history) == epochs else "patience"
        except KeyboardInterrupt:
            pass
    model.eval()
    if run.best_weights:
        model.load_state_dict(run.best_weights)
    return replace(run.history, ended=ended, weights_from=run.best_epoch)


def _groups(batched: Batched, size: int) -> Iterator[list[Sequence[Tensor]]]:
    iterator = iter(batched)
    while group := list(islice(iterator, size)):
        yield group


def _step(schedule: LRScheduler, metrics: Metrics) -> None:
    if isinstance(schedule, ReduceLROnPlateau):
        schedule.step(metrics.loss)
    else:
        schedule.step()


# --- a run that can be put down and taken up again -------------------------------------------------------------------


@dataclass
class _Run:
    """Everything that the next epoch of a run depends on."""

    model: nn.Module
    optimizer: Optimizer
    schedule: LRScheduler | None
    scaler: torch.amp.GradScaler
    order: torch.Generator | None  # shuffles the training data
    history: History = field(default_factory=History)
    best_epoch: int = 0
    best_weights: dict[str, Tensor] = field(default_factory=dict)

    def record(self, trained: Metrics, checked: Metrics | None, lr: float, seconds: float, *, keep_best: bool) -> None:
        """Add an epoch to the history, unless the loss is no longer a number."""
        number = len(self.history) + 1
        for metrics in (trained, checked or trained):
            require(
                math.isfinite(metrics.loss),
                f"the loss became {metrics.loss} in epoch {number} with a learning rate of {lr:g}; try a tenth of that "
                "rate, scale the inputs to about 1, and give the loss logits instead of taking logarithms yourself",
            )
        loss, accuracy = (checked.loss, checked.accuracy) if checked else (None, None)
        self.history.epochs.append(Epoch(number, trained.loss, trained.accuracy, loss, accuracy, lr, seconds))
        if keep_best and loss is not None and (not self.best_epoch or loss < self._best_loss()):
            self.best_epoch = number
            self.best_weights = {name: value.clone() for name, value in self.model.state_dict().items()}

    def out_of_patience(self, patience: int | None) -> bool:
        """Tell whether the validation loss has not fallen for `patience` epochs."""
        return patience is not None and len(self.history) - self.best_epoch >= patience

    def save(self, path: Path) -> None:
        """Write the run to `path`, whole or not at all."""
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict() if self.schedule else None,
            "scaler": self.scaler.state_dict(),
            "order": self.order.get_state() if self.order else None,
            "noise": [generator.get_state() for generator in generators_of(device_of(self.model))],
            "history": [asdict(row) for row in self.history.epochs],
            "best_epoch": self.best_epoch,
            "best_weights": self.best_weights,
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_name(path.name + ".part")
        torch.save(state, half)
        half.replace(path)

    def load(self, path: Path) -> None:
        """Take the run up where `path` left it."""
        device = device_of(self.model)
        try:
            state = torch.load(path, map_location="cpu", weights_only=True)
            self.model.load_state_dict(state["model"])
            self.optimizer.load_state_dict(state["optimizer"])
            if self.schedule:
                self.schedule.load_state_dict(state["schedule"])
            self.scaler.load_state_dict(state["scaler"])
            if self.order:
                self.order.set_state(state["order"])
            for generator, noise in zip(generators_of(device), state["noise"], strict=True):
                generator.set_state(noise)
            self.history.epochs.extend(Epoch(**row) for row in state["history"])
        except (
            RuntimeError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            EOFError,
            pickle.UnpicklingError,
        ) as error:
            reason = str(error).strip().splitlines()[0].rstrip(".: ")
            raise TrainingError(
                f"{path} does not fit this run ({reason}); delete it or name another file as checkpoint"
            ) from error
        self.best_epoch = state["best_epoch"]
        self.best_weights = {name: value.to(device) for name, value in state["best_weights"].items()}

    def _best_loss(self) -> float:
        return self.history["valid_loss"][self.best_epoch - 1]
