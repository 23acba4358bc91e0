"""Train a network: the same few lines on every device, and what belongs around them.

    device = pick_device()
    x, y = digits(train=True).to(device)
    net = nn.Sequential(nn.Flatten(), nn.Linear(784, 300), nn.ReLU(), nn.Linear(300, 10)).to(device)
    history = fit(net, batches(x, y, 50, shuffle=True), loss=nn.CrossEntropyLoss(),
                  optimizer=torch.optim.SGD(net.parameters(), lr=0.01), epochs=5)

`train_epoch` is the loop of the slides. It never waits for the device: losses and correct answers are summed up on the
device and fetched once per epoch.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

from course.checkpoints import Run
from course.ensemble import Ensemble, fit_many
from course.graphs import Step, graphed
from course.history import Ending, Epoch, EpochSums, History, Metrics
from course.inspection import Batched, Loss, TrainingError, check_parts, device_of, look_once, require, uncompiled
from course.noise import own_noise
from course.progress import shown

__all__ = [
    "Ensemble",
    "Epoch",
    "History",
    "Metrics",
    "TrainStep",
    "TrainingError",
    "evaluate",
    "fit",
    "fit_many",
    "pick_device",
    "train_epoch",
]

PRECISIONS = (torch.float32, torch.bfloat16, torch.float16)


def pick_device(*, quiet: bool = False) -> torch.device:
    """Return the fastest device here that works (CUDA, then Apple's MPS, then the CPU) and, unless `quiet`, print which."""
    trouble = ""
    if torch.cuda.is_available() and not (trouble := _trouble_with(torch.device("cuda"))):
        device, name = torch.device("cuda"), f"the GPU ({torch.cuda.get_device_name()})"
    elif torch.backends.mps.is_available():
        device, name = torch.device("mps"), "the GPU of this Mac (mps)"
    else:
        device, name = torch.device("cpu"), f"the CPU, threads: {torch.get_num_threads()}"
    if not quiet:
        print(f"Training on {name}.")
        if trouble:
            print(
                f"There is a GPU, but this PyTorch cannot use it ({trouble}). Everything runs on the CPU too, only slower."
            )
    return device


def _trouble_with(device: torch.device) -> str:
    """Return why nothing can be calculated on a device, which may be too old for this PyTorch or full; an empty text where all is well."""
    try:
        torch.ones(1, device=device).add_(1).item()
    except RuntimeError as error:  # torch's own errors are of this kind
        return (str(error).splitlines() or [type(error).__name__])[0]
    return ""


# --- the loop --------------------------------------------------------------------------------------------------------


class TrainStep:
    """One step of training: forward, loss, backward and, after the last batch of a group, new weights.

    The gradients are kept until the next step begins. If they were freed earlier, something else could take their
    place in memory, and the next gradients would go where no cache has them: up to a third more time.
    """

    def __init__(
        self,
        model: nn.Module,
        loss: Loss,
        optimizer: Optimizer,
        *,
        precision: torch.dtype = torch.float32,
        scaler: torch.amp.GradScaler | None = None,
    ) -> None:
        self.model, self.loss, self.optimizer, self.scaler = model, loss, optimizer, scaler
        self.group_begins = True
        self.mixed: AbstractContextManager = nullcontext()
        if precision != torch.float32:
            # Each weight is cast once per step, so a cache of casts would gain nothing, and CUDA graphs allow none.
            self.mixed = torch.autocast(device_of(model).type, precision, cache_enabled=False)

    def __call__(self, x: Tensor, y: Tensor, share: float = 1.0, last: bool = True) -> tuple[Tensor, Tensor]:
        """Train on a batch with `share` of the examples in its group; return its mean loss and its scores."""
        if self.group_begins:
            self._clear_gradients()
        with self.mixed:
            scores = self.model(x)
            value = self.loss(scores, y)
        part = value if share == 1 else value * share
        if self.scaler:
            part = self.scaler.scale(part)
        part.backward()
        if last:
            self._change_weights()
        self.group_begins = last
        return value.detach(), scores.detach()

    def _clear_gradients(self) -> None:
        for group in self.optimizer.param_groups:  # what optimizer.zero_grad() does, a hundredth of a small step faster
            for parameter in group["params"]:
                parameter.grad = None

    def _change_weights(self) -> None:
        if self.scaler:
            self.scaler.step(self.optimizer)
            self.scaler.update()
        else:
            self.optimizer.step()


def train_epoch(
    model: nn.Module,
    train: Batched,
    loss: Loss,
    optimizer: Optimizer,
    *,
    accumulate: int = 1,
    precision: torch.dtype = torch.float32,
    step: Step | None = None,
    after_step: Callable[[], None] | None = None,
) -> Metrics:
    """Train on `train` once, with new weights after every `accumulate` batches, and return the means over the epoch.

    `step` replaces the TrainStep that would be made from model, loss, optimizer and precision (see `fit`).
    """
    model.train()
    step = step or TrainStep(model, loss, optimizer, precision=precision)
    sums = EpochSums(device_of(model))
    for x, y, share, last in _shares(train, accumulate):
        sums.add(*step(x, y, share, last), y)
        if last and after_step:
            after_step()
    return sums.means()


def evaluate(model: nn.Module, batched: Batched, loss: Loss) -> Metrics:
    """Return the mean loss and the accuracy over all batches, in evaluation mode; the model's mode is restored.

    Raise TrainingError as `fit` does.
    """
    return _evaluate(model, look_once(model, loss)(batched, "batched"), loss)


@torch.no_grad()
def _evaluate(model: nn.Module, batched: Batched, loss: Loss) -> Metrics:
    was_training = model.training
    model.eval()
    sums = EpochSums(device_of(model))
    for x, y in batched:
        scores = model(x)
        sums.add(loss(scores, y), scores, y)
    model.train(was_training)
    return sums.means()


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
    graphs: bool = False,
    checkpoint: str | Path | None = None,
    resume: bool = False,
    seed: int = 0,
    progress: bool = True,
    on_epoch: Callable[[History], None] | None = None,
) -> History:
    """Train `model` in place for `epochs` epochs and return what happened; the model is left in evaluation mode.

    `train` and `valid` yield pairs (x, y) on the model's device each time they are iterated over: inputs (n, ...) and
    int64 class numbers (n,) or float targets of the scores' shape. `loss(scores, y)` is a mean over the batch. `model`
    may come from torch.compile, which made steps of 784-300-10 and 784-1024-10 on a CPU 6 to 14 % slower, not faster.
    Everything else is optional:

    - `schedule`, one of PyTorch's and made for `optimizer`, changes the learning rate after each epoch or step.
    - `patience` ends the run once the validation loss has not fallen for that many epochs, and keeps the best weights.
    - `accumulate` batches make one step, weighted by their sizes, as if they were one batch.
    - `precision` torch.bfloat16, or torch.float16 with its loss scaling, trains in mixed precision. This pays off
      with large batches on hardware that multiplies in 16 bits. On a CPU with AMX, networks 300 to 2,048 wide took 0.8
      to 1.2 times as long with batches of 50, but half the time with 256 and a third with 1,024
      (`python -m tests.benchmarks.precision` measures the machine at hand).
    - `graphs` records the step as a CUDA graph and replays it, so that a small network on a GPU does not wait
      for Python. The optimizer must be one that can be recorded: SGD, or Adam and its variants with capturable=True.
    - `checkpoint` names a file that is rewritten after each epoch. With `resume` the run continues from that file if
      it exists, and ends with the same weights as an uninterrupted run. Give it a new model, optimizer, schedule and
      data, made as for the first run.
    - `seed` sets the random numbers of dropout; torch's global generators are left as they were.
    - `progress` shows a bar, or in a notebook a plot; `on_epoch` is called with the history after each epoch.

    Ctrl-C, or a notebook's stop button, ends the run and returns the history so far. Raise TrainingError if shapes,
    labels or devices do not fit together, if there is no data, or if the loss is no longer a number.
    """
    _check_options(epochs, accumulate, patience, valid, optimizer, schedule, schedule_every, precision, graphs)
    require(not resume or checkpoint is not None, "resume needs a file to go on from; give `checkpoint`")
    check_parts(model, loss, optimizer)
    device = device_of(model)
    scaler = torch.amp.GradScaler(device.type, enabled=precision == torch.float16)
    step: Step = TrainStep(model, loss, optimizer, precision=precision, scaler=scaler if scaler.is_enabled() else None)
    if graphs:
        step = graphed(step, optimizer, device)
    run = Run(uncompiled(model), optimizer, schedule, scaler, getattr(train, "generator", None))
    by_step = schedule is not None and schedule_every == "step"
    ended: Ending = "interrupted"
    with own_noise(seed, device), shown(epochs, progress) as show:
        if resume and checkpoint is not None and Path(checkpoint).exists():
            run.load(Path(checkpoint))
        look = look_once(model, loss)

        # A function of its own: since Python 3.13, an `except` around a loop misses a signal that comes as the loop goes back to its head.
        def train_on() -> None:
            while len(run.history) < epochs and not run.out_of_patience(patience):
                began, lr = time.perf_counter(), float(optimizer.param_groups[0]["lr"])
                trained = train_epoch(
                    model,
                    look(train, "train"),
                    loss,
                    optimizer,
                    accumulate=accumulate,
                    step=step,
                    after_step=schedule.step if schedule is not None and by_step else None,
                )
                checked = _evaluate(model, look(valid, "valid"), loss) if valid is not None else None
                run.record(trained, checked, lr, time.perf_counter() - began, keep_best=patience is not None)
                if schedule is not None and not by_step:
                    _step(schedule, checked or trained)
                if checkpoint is not None:
                    run.save(Path(checkpoint))
                show(run.history)
                if on_epoch:
                    on_epoch(run.history)

        try:
            train_on()
            ended = "finished" if len(run.history) >= epochs else "patience"
        except KeyboardInterrupt:
            pass
        history = replace(run.history, ended=ended, weights_from=run.best_epoch)
        show(history)
    model.eval()
    if run.best_weights:
        run.model.load_state_dict(run.best_weights)
    return history


def _check_options(
    epochs: int,
    accumulate: int,
    patience: int | None,
    valid: Batched | None,
    optimizer: Optimizer,
    schedule: LRScheduler | None,
    schedule_every: str,
    precision: torch.dtype,
    graphs: bool,
) -> None:
    require(epochs >= 1, f"epochs = {epochs} trains nothing; give 1 or more")
    require(accumulate >= 1, f"accumulate = {accumulate} makes no step; give 1 or more")
    require(patience is None or patience >= 1, f"patience = {patience} stops at once; give 1 or more")
    require(patience is None or valid is not None, "patience watches the validation loss; give `valid`, or no patience")
    require(
        schedule is None or schedule.optimizer is optimizer,
        "the schedule was made for another optimizer, so it would change nothing; make it for this one",
    )
    require(schedule_every in ("epoch", "step"), f"schedule_every = {schedule_every!r}; give 'epoch' or 'step'")
    require(
        schedule_every == "epoch" or not isinstance(schedule, ReduceLROnPlateau),
        "ReduceLROnPlateau watches the loss of whole epochs; leave schedule_every='step' out",
    )
    require(precision in PRECISIONS, f"precision = {precision}; give one of {', '.join(map(str, PRECISIONS))}")
    require(not graphs or accumulate == 1, "a graph holds one batch per step; leave graphs or accumulate out")
    require(not graphs or precision != torch.float16, "a graph cannot look at the scaled losses; use torch.bfloat16")


def _shares(batched: Batched, accumulate: int) -> Iterator[tuple[Tensor, Tensor, float, bool]]:
    """Yield each batch with its share of its group's examples, and whether it is the last of the group."""
    if accumulate == 1:  # the code below would do, but takes a hundredth more time
        yield from ((x, y, 1.0, True) for x, y in batched)
        return
    iterator = iter(batched)
    while group := list(islice(iterator, accumulate)):
        size = sum(len(y) for _, y in group)
        for number, (x, y) in enumerate(group, 1):
            yield x, y, len(y) / size, number == len(group)


def _step(schedule: LRScheduler, metrics: Metrics) -> None:
    if isinstance(schedule, ReduceLROnPlateau):
        schedule.step(metrics.loss)
    else:
        schedule.step()
