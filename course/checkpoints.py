"""A training run that can be saved to a file and resumed exactly where it was."""

from __future__ import annotations

import math
import pickle
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from course.history import Epoch, History, Metrics
from course.inspection import TrainingError, device_of, first_line, require
from course.noise import generators_of

# What torch.load and load_state_dict raise for a file that is damaged or belongs to another run.
UNREADABLE = (RuntimeError, ValueError, KeyError, TypeError, AttributeError, EOFError, pickle.UnpicklingError)


@dataclass
class Run:
    """Everything that the next epoch of a run depends on."""

    model: nn.Module
    optimizer: Optimizer
    schedule: LRScheduler | None
    scaler: torch.amp.GradScaler
    order: torch.Generator | None  # shuffles the training data and draws for their transform
    history: History = field(default_factory=History)
    best_epoch: int = 0
    best_weights: dict[str, Tensor] = field(default_factory=dict)

    def record(self, trained: Metrics, checked: Metrics | None, lr: float, seconds: float, *, keep_best: bool) -> None:
        """Add an epoch to the history; raise TrainingError if the loss is no longer a number."""
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
        """Return whether the validation loss has not fallen for `patience` epochs."""
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
        unfinished = path.with_name(path.name + ".part")
        torch.save(state, unfinished)
        unfinished.replace(path)

    def load(self, path: Path) -> None:
        """Resume the run from `path`; raise TrainingError if the file does not fit it."""
        device = device_of(self.model)
        try:
            state = torch.load(path, map_location="cpu", weights_only=True)
            self.model.load_state_dict(state["model"])
            self._load_optimizer(state["optimizer"], device)
            if self.schedule:
                self.schedule.load_state_dict(state["schedule"])
            self.scaler.load_state_dict(state["scaler"])
            if self.order:
                self.order.set_state(state["order"])
            for generator, noise in zip(generators_of(device), state["noise"], strict=True):
                generator.set_state(noise)
            self.history.epochs.extend(Epoch(**row) for row in state["history"])
        except UNREADABLE as error:
            raise TrainingError(
                f"{path} does not fit this run ({first_line(error)}); delete it or name another file as checkpoint"
            ) from error
        self.best_epoch = state["best_epoch"]
        self.best_weights = {name: value.to(device) for name, value in state["best_weights"].items()}

    def _load_optimizer(self, state: dict, device: torch.device) -> None:
        """Load the optimizer's state; move a learning rate that is a tensor to the device of the weights."""
        self.optimizer.load_state_dict(state)
        for group in self.optimizer.param_groups:
            group.update({name: value.to(device) for name, value in group.items() if isinstance(value, Tensor)})

    def _best_loss(self) -> float:
        return self.history["valid_loss"][self.best_epoch - 1]
