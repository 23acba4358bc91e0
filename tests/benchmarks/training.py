"""How fast training is, against the loop of the slides and against the least that there is to do.

    python -m tests.benchmarks.training

Every figure is a ratio of medians. The contenders take turns within one run, so that a busy machine slows all alike.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from course.batching import Batches, batches
from course.data import xor
from course.image_data import digits
from course.training import fit, fit_many

ROUNDS = 7
EPOCHS = {"cpu": 2, "cuda": 10}  # on CUDA enough for the one recording of a graph to be a small part
BATCH = 50  # as on the slides of lecture 004, like the network, the learning rate and the normalization
MEAN, DEVIATION = 0.1307, 0.3081
CROSS_ENTROPY = nn.CrossEntropyLoss()

NETWORKS, TRAINED_SINGLY = 200, 10
EPOCHS_OF_XOR = 300


@dataclass(frozen=True)
class Ratio:
    """How many times as long as `ours` the `other` takes, and what it should be."""

    what: str
    ours: float  # seconds
    other: float
    goal: str
    reached: bool

    @property
    def value(self) -> float:
        return self.other / self.ours


def medians(*contenders: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """Let the contenders take turns after one round to warm up; return each one's median time in seconds."""
    times: list[list[float]] = [[] for _ in contenders]
    for number in range(rounds + 1):
        for i, contender in enumerate(contenders):
            began = time.perf_counter()
            contender()
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            if number:
                times[i].append(time.perf_counter() - began)
    return [median(row) for row in times]


def slides_network() -> nn.Sequential:
    """Make the network of lecture 004: 784-300-10."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 300), nn.ReLU(), nn.Linear(300, 10))


class SlideDataset(Dataset):
    """Images that are transformed one by one, each time anew, as the slides' data set does with torchvision."""

    def __init__(self, images: Tensor, labels: Tensor) -> None:
        from torchvision import transforms

        self.images = (images * 255).byte().numpy()
        self.labels = labels.tolist()
        self.transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((MEAN,), (DEVIATION,))])

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        from PIL import Image

        return self.transform(Image.fromarray(self.images[index])), self.labels[index]


def slides_loop(model: nn.Module, loader: DataLoader, device: str) -> None:
    """Train as the slides do: batches made item by item, numbers fetched at each step."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    running_loss, running_correct, running_count = 0.0, 0, 0
    for data, labels in (batch for _ in range(EPOCHS[device]) for batch in loader):
        data, labels = data.to(device), labels.to(device)
        optimizer.zero_grad()
        y = model(data)
        loss = CROSS_ENTROPY(y, labels)
        loss.backward()
        optimizer.step()
        _, predicted = torch.max(y.data, 1)
        running_loss += loss.item()
        running_correct += (predicted == labels).sum().item()
        running_count += len(labels)


def bare_loop(model: nn.Module, train: Batches, epochs: int) -> None:
    """Train and know nothing about it."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for x, y in (batch for _ in range(epochs) for batch in train):
        optimizer.zero_grad()
        CROSS_ENTROPY(model(x), y).backward()
        optimizer.step()


def fit_ratios(device: str) -> list[Ratio]:
    """Compare epochs over the bundled digits: slides' loop, bare loop, `fit`."""
    images, labels = digits()
    x, y = ((images - MEAN) / DEVIATION).to(device), labels.to(device)
    loader = DataLoader(SlideDataset(images, labels), BATCH, shuffle=True)

    def ours(**options) -> None:
        model = slides_network().to(device)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        train = batches(x, y, BATCH, shuffle=True)
        options |= {"optimizer": optimizer, "epochs": EPOCHS[device], "progress": False}
        fit(model, train, loss=CROSS_ENTROPY, **options)

    contenders = [
        ours,
        lambda: slides_loop(slides_network().to(device), loader, device),
        lambda: bare_loop(slides_network().to(device), batches(x, y, BATCH, shuffle=True), EPOCHS[device]),
    ]
    if device == "cuda":
        contenders.append(partial(ours, graphs=True))
    fitted, slides, bare, *graphed = medians(*contenders)
    at_least = {"cpu": 4.8, "cuda": 20.0}[device]
    best, what = (graphed[0], "fit with graphs") if graphed else (fitted, "fit")
    return [
        Ratio(f"slides' loop / {what}, {device}", best, slides, f">= {at_least}", slides / best >= at_least),
        Ratio(f"fit / bare loop, {device}", bare, fitted, "<= 1.1", fitted / bare <= 1.1),
    ]


def small_network() -> nn.Sequential:
    return nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))


def many_ratio(device: str) -> Ratio:
    """Compare 200 networks learning XOR (unit 02) at once and one after the other, each in a bare loop."""
    x, y = xor().to(device)
    adam = partial(torch.optim.Adam, lr=0.05)

    def make() -> nn.Module:
        return small_network().to(device)

    def at_once() -> None:
        fit_many(make, range(NETWORKS), [(x, y)], loss=CROSS_ENTROPY, optimizer=adam, epochs=EPOCHS_OF_XOR)

    def singly() -> None:
        for seed in range(TRAINED_SINGLY):
            torch.manual_seed(seed)
            model = make()
            optimizer = adam(model.parameters())
            for _ in range(EPOCHS_OF_XOR):
                optimizer.zero_grad()
                CROSS_ENTROPY(model(x), y).backward()
                optimizer.step()

    many, few = medians(at_once, singly, rounds=5)
    all_singly = few * NETWORKS / TRAINED_SINGLY
    what = f"{NETWORKS} networks singly ({TRAINED_SINGLY} timed) / fit_many, {device}"
    return Ratio(what, many, all_singly, ">= 60", all_singly / many >= 60)


def batches_ratio() -> Ratio:
    """Compare one shuffled pass over tensors: `batches` and a DataLoader."""
    x, y = digits()
    loader = DataLoader(TensorDataset(x, y), BATCH, shuffle=True)
    ours, theirs = medians(
        lambda: [len(b) for _, b in batches(x, y, BATCH, shuffle=True)],
        lambda: [len(b) for _, b in loader],
    )
    return Ratio("DataLoader / batches, one pass", ours, theirs, "", True)


def import_seconds() -> float:
    """Time `import course`, with all that it offers for training, in a process that has torch already."""
    code = "import time, torch; t = time.perf_counter(); import course; print(time.perf_counter() - t)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(3)]
    return median(float(run.stdout) for run in runs)


def main() -> None:
    """Print one table."""
    devices = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
    threads = torch.get_num_threads()
    ratios = [ratio for device in devices for ratio in fit_ratios(device)]
    torch.set_num_threads(1)  # threads that share matrices as small as these wait for each other
    ratios += [many_ratio(device) for device in devices] + [batches_ratio()]
    title = f"torch {torch.__version__}, medians; fit with {threads} threads, the rest with one"
    table = Table("what", "ratio", "goal", "", "times", title=title)
    for ratio in ratios:
        verdict = ("reached" if ratio.reached else "MISSED") if ratio.goal else ""
        times = f"{1000 * ratio.other:,.1f} ms / {1000 * ratio.ours:,.1f} ms"
        table.add_row(ratio.what, f"{ratio.value:.2f}", ratio.goal, verdict, times)
    seconds = import_seconds()
    verdict = "reached" if seconds <= 0.3 else "MISSED"
    table.add_row("import course after torch", "", "<= 0.3 s", verdict, f"{seconds:.3f} s")
    Console(width=120).print(table)
    if hasattr(os, "getloadavg"):
        print(f"Load of the machine during the last minute: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.")


if __name__ == "__main__":
    main()
