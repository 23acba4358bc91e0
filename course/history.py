"""What a training run leaves behind: one row per epoch, and the sums that a row is made from."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Literal

import torch
from torch import Tensor

from course.inspection import require

ROOM = 2**15  # scores counted at once; counting within each step would make a small one a tenth slower

Ending = Literal["running", "finished", "patience", "interrupted"]


@dataclass(frozen=True)
class Metrics:
    """The mean loss over a data set and, where the targets are class numbers, the share of correct answers."""

    loss: float
    accuracy: float | None = None


@dataclass(frozen=True)
class Epoch:
    """One row of a history. The training columns are means over the epoch, during which the weights changed."""

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


COLUMNS = tuple(column.name for column in fields(Epoch))


@dataclass(frozen=True, repr=False)
class History:
    """What happened in each epoch, why the run ended, and which epoch the weights come from."""

    epochs: list[Epoch] = field(default_factory=list)
    ended: Ending = "running"
    weights_from: int = 0  # the number of an epoch, or 0 for the weights at the end

    def __getitem__(self, column: str) -> list[Any]:
        """Return one column, such as `history["valid_loss"]`, with one entry per epoch."""
        if column not in COLUMNS:
            raise KeyError(f"a history has no column {column!r}; it has {', '.join(COLUMNS)}")
        return [getattr(row, column) for row in self.epochs]

    def __len__(self) -> int:
        return len(self.epochs)

    def __repr__(self) -> str:
        last = f": {self.epochs[-1]}" if self.epochs else ""
        kept = f", weights of epoch {self.weights_from}" if self.weights_from else ""
        return f"<History of {len(self)} epochs, {self.ended}{kept}{last}>"


class EpochSums:
    """Sums over an epoch, kept on the device: adding to them never waits for it."""

    def __init__(self, device: torch.device) -> None:
        self.loss = torch.zeros((), device=device)
        self.right = torch.zeros((), dtype=torch.int64, device=device)
        self.examples = 0
        self.labels = 0
        self._scores = self._labels = torch.empty(0)  # the batches that are not counted yet
        self._waiting = 0

    def add(self, value: Tensor, scores: Tensor, y: Tensor) -> None:
        """Count a batch whose mean loss is `value`; a smaller last batch weighs less."""
        self.loss.add_(value, alpha=len(y))
        self.examples += len(y)
        if not y.is_floating_point():
            self._put_aside(scores, y)

    def means(self) -> Metrics:
        """Return the means, fetching the sums from the device once; raise TrainingError if there was no example."""
        self._count()
        require(
            self.examples > 0,
            "there is no example to learn from or to measure on: the data set is empty, or smaller than a batch "
            "with drop_last, or a generator that has been read to its end; pass batches(x, y, size)",
        )
        accuracy = self.right.item() / self.labels if self.labels else None
        return Metrics(self.loss.item() / self.examples, accuracy)

    def _put_aside(self, scores: Tensor, y: Tensor) -> None:
        """Copy scores and labels that are to be counted later.

        If the originals were kept instead, the memory for the next steps would be fragmented: gradients would move to
        a new place at every step, where no cache has them, which takes up to a fifth more time.
        """
        if scores.shape != self._scores.shape[1:]:
            self._count()
            room = max(1, ROOM // max(1, scores.numel()))
            self._scores, self._labels = scores.new_empty(room, *scores.shape), y.new_empty(room, *y.shape)
        self._scores[self._waiting].copy_(scores)
        self._labels[self._waiting].copy_(y)
        self._waiting += 1
        if self._waiting == len(self._scores):
            self._count()

    def _count(self) -> None:
        scores, labels = self._scores[: self._waiting], self._labels[: self._waiting]
        if self._waiting:
            self.right += (scores.argmax(dim=2) == labels).sum()
        self.labels += labels.numel()
        self._waiting = 0
