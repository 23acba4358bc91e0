"""The linear classifiers and MLPs in the MNIST table of 1998: sizes and test errors, and how certain such an error is.

Source: Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to document recognition",
Proceedings of the IEEE 86(11), 1998, section III and figure 9; lecture 004 shows the same rows. The numbers of
parameters follow from the sizes. Deskewed digits were cropped to 20×20 pixels there, the others have 28×28.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from torch import nn

TEST_DIGITS = 10_000
RAW, DISTORTED, DESKEWED = "raw images", "distortions added", "deskewed"


@dataclass(frozen=True)
class Row:
    """A row of the table: sizes of the network from inputs to outputs, treatment of the images, test error in %."""

    sizes: tuple[int, ...]
    images: str
    error: float

    @property
    def name(self) -> str:
        """The hidden layers' sizes, such as "300+100", as the table names its rows."""
        return "+".join(map(str, self.sizes[1:-1])) or "linear"

    @property
    def parameters(self) -> int:
        """The number of weights and biases, counted by PyTorch on layers that hold no numbers."""
        layers = [nn.Linear(*pair, device="meta") for pair in zip(self.sizes, self.sizes[1:], strict=False)]
        return sum(parameter.numel() for layer in layers for parameter in layer.parameters())


ROWS = (
    Row((784, 10), RAW, 12.0),
    Row((400, 10), DESKEWED, 8.4),
    Row((784, 300, 10), RAW, 4.7),
    Row((784, 300, 10), DISTORTED, 3.6),
    Row((400, 300, 10), DESKEWED, 1.6),
    Row((784, 1000, 10), RAW, 4.5),
    Row((784, 1000, 10), DISTORTED, 3.8),
    Row((784, 300, 100, 10), RAW, 3.05),
    Row((784, 300, 100, 10), DISTORTED, 2.5),
    Row((784, 500, 150, 10), RAW, 2.95),
    Row((784, 500, 150, 10), DISTORTED, 2.45),
)


def wilson_interval(error: float, n: int, level: float = 0.95) -> tuple[float, float]:
    """Return the confidence interval of the true error, in %, for an `error` (in %) measured on `n` examples.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American
    Statistical Association 22, 1927. Raise ValueError for an error outside 0 to 100, no examples,
    or a level outside 0 to 1.
    """
    if not 0 <= error <= 100:
        raise ValueError(f"error = {error} is not a percentage; give a number from 0 to 100")
    if n < 1 or not 0 < level < 1:
        raise ValueError(f"n = {n} must be 1 or more, and level = {level} between 0 and 1")
    z2, share = NormalDist().inv_cdf((1 + level) / 2) ** 2, error / 100
    middle = share + z2 / (2 * n)
    half = sqrt(z2 * (share * (1 - share) + z2 / (4 * n)) / n)
    return tuple(100 * (middle + side * half) / (1 + z2 / n) for side in (-1, 1))  # type: ignore[return-value]


def row(sizes: Sequence[int], error: float, images: str = RAW) -> Row:
    """Return a row of your own: the sizes of a network from inputs to outputs, and its test error in %."""
    if len(sizes) < 2 or any(size < 1 for size in sizes):
        raise ValueError(
            f"sizes = {list(sizes)} make no network; give inputs, hidden layers and outputs, all 1 or more"
        )
    return Row(tuple(sizes), images, float(error))
