"""Batches of tensors that stay on their device.

for images, labels in batches(*digits(train=True), 50, shuffle=True, seed=0): ...
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import torch
from torch import Generator, Tensor

from course.arguments import check_at_least, generator_from

Transform = Callable[[Tensor, Generator], Tensor]  # changes the inputs of a batch at random


@dataclass(frozen=True)
class Batches:
    """The batches of a data set; iterate over it once per epoch. See `batches`."""

    x: Tensor
    y: Tensor
    size: int
    shuffle: bool
    drop_last: bool
    transform: Transform | None
    generator: Generator

    def __len__(self) -> int:
        count = len(self.y) / self.size
        return int(count) if self.drop_last else -int(-count // 1)

    @property
    def all_alike(self) -> bool:
        """Whether every pass yields the same batches in the same order."""
        return not self.shuffle and self.transform is None

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        pairs = islice(self._shuffled() if self.shuffle else self._in_order(), len(self))
        transform = self.transform
        return pairs if transform is None else ((transform(x, self.generator), y) for x, y in pairs)

    def _in_order(self) -> Iterator[tuple[Tensor, Tensor]]:
        return zip(self.x.split(self.size), self.y.split(self.size), strict=True)

    def _shuffled(self) -> Iterator[tuple[Tensor, Tensor]]:
        # Drawn on the generator's device, so that a seed gives the same batches on every device.
        order = torch.randperm(len(self.y), generator=self.generator, device=self.generator.device).to(self.x.device)
        for rows in order.split(self.size):
            yield self.x.index_select(0, rows), self.y.index_select(0, rows)  # faster than x[rows], the same values


def batches(
    x: Tensor,
    y: Tensor,
    size: int,
    *,
    shuffle: bool = False,
    transform: Transform | None = None,
    seed: int | None = None,
    generator: Generator | None = None,
    drop_last: bool = False,
) -> Batches:
    """Split a data set into batches on its own device: no workers, no copies between devices, no Python per example.

    Each pass yields pairs (x[rows], y[rows]). If `size` does not divide the number of examples, the last batch is
    smaller; `drop_last` leaves it out. With `shuffle` every pass has a new order. Without shuffle and transform the
    batches are views of x and y.

    `transform(x, generator)` receives the inputs of a whole batch, (n, ...), and returns what to train on, on the same
    device. It is the place for random shifts or noise. It must draw all random numbers from `generator`, so that a
    checkpoint of `fit` can restore them, and move what a CPU generator draws to the device of x.
    """
    for name, part in (("x", x), ("y", y)):
        if not isinstance(part, Tensor):
            raise ValueError(f"{name} is of type {type(part).__name__}; make it a tensor with torch.as_tensor({name})")
    if len(x) != len(y):
        raise ValueError(f"x has {len(x)} examples and y has {len(y)}; give one target per example")
    if x.device != y.device:
        raise ValueError(f"x is on {x.device} and y on {y.device}; move both to one device first")
    check_at_least(size, 1, "size")
    if not shuffle and transform is None and (seed is not None or generator is not None):
        raise ValueError("a seed without shuffle=True changes nothing; add shuffle=True or leave the seed out")
    return Batches(x, y, size, shuffle, drop_last, transform, generator_from(seed, generator))
