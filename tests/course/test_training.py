"""Training against loops written out by hand, and what it says when something does not fit."""

import asyncio
import base64
import copy
import io
import random
import re
import shutil
import signal
from collections.abc import Iterator
from contextlib import nullcontext
from functools import partial
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from jupyter_core.utils import ensure_async
from nbclient import NotebookClient
from PIL import Image
from torch import nn
from torch.nn import functional
from torch.optim.lr_scheduler import OneCycleLR, ReduceLROnPlateau, StepLR
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.data import DataLoader, TensorDataset

from course import progress
from course.batching import batches
from course.data import moons, sine, spirals, xor
from course.training import History, TrainingError, evaluate, fit, fit_many, pick_device, train_epoch
from course.written_out import is_written_out
from tests.warm.processes import kernels

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
CROSS_ENTROPY = nn.CrossEntropyLoss()


@pytest.fixture(autouse=True)
def one_thread():
    """Tiny networks are quickest on one thread, and then a sum has one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def mlp(seed=0, inputs=2, hidden=16, outputs=2, extra=()):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(inputs, hidden), nn.Tanh(), *extra, nn.Linear(hidden, outputs))


def noisy_mlp(seed=0):
    """One with everything that is hard to repeat: dropout draws numbers, batch norm keeps running means."""
    return mlp(seed, extra=(nn.BatchNorm1d(16), nn.Dropout(0.3)))


def weights(model):
    return {name: value.clone() for name, value in model.state_dict().items()}


def assert_same_weights(a, b, **tolerance):
    for name, value in weights(a).items():
        torch.testing.assert_close(value, b.state_dict()[name], **(tolerance or {"rtol": 0, "atol": 0}))


def sgd(model, lr=0.1, **options):
    return torch.optim.SGD(model.parameters(), lr=lr, **options)


def quick(model, train, valid=None, **options):
    """`fit` with the options that most tests share."""
    options = {"loss": CROSS_ENTROPY, "epochs": 3, "progress": False} | options
    if "optimizer" not in options:
        options["optimizer"] = sgd(model)
    return fit(model, train, valid, **options)


# --- the same as the loop written out --------------------------------------------------------------------------------


def plain_loop(model, train, optimizer, epochs, loss=CROSS_ENTROPY, seed=0):
    torch.manual_seed(seed)
    model.train()
    for _ in range(epochs):
        for x, y in train:
            optimizer.zero_grad()
            loss(model(x), y).backward()
            optimizer.step()
    model.eval()


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("make_optimizer", [sgd, lambda model: torch.optim.Adam(model.parameters(), lr=0.01)])
def test_fit_gives_the_weights_of_a_plain_loop(device, make_optimizer):
    x, y = moons(70, seed=1).to(device)
    ours, plain = noisy_mlp().to(device), noisy_mlp().to(device)
    quick(ours, batches(x, y, 16, shuffle=True, seed=5), optimizer=make_optimizer(ours))
    plain_loop(plain, batches(x, y, 16, shuffle=True, seed=5), make_optimizer(plain), epochs=3)
    assert_same_weights(ours, plain)


def test_parameters_of_the_loss_are_trained_too():
    class Scaled(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.tensor(1.0))

        def forward(self, scores, y):
            return CROSS_ENTROPY(self.scale * scores, y)

    x, y = moons(40, seed=1)
    ours, plain = (mlp(), Scaled()), (mlp(), Scaled())
    make = [torch.optim.SGD([*model.parameters(), *loss.parameters()], lr=0.1) for model, loss in (ours, plain)]
    quick(ours[0], batches(x, y, 16), loss=ours[1], optimizer=make[0])
    plain_loop(plain[0], batches(x, y, 16), make[1], 3, plain[1])
    assert ours[1].scale.item() == plain[1].scale.item() != 1.0
    assert_same_weights(ours[0], plain[0])


def test_fit_takes_a_dataloader():
    x, y = moons(70, seed=1)
    ours, plain = noisy_mlp(), noisy_mlp()
    quick(ours, DataLoader(TensorDataset(x, y), 16, shuffle=True))
    plain_loop(plain, DataLoader(TensorDataset(x, y), 16, shuffle=True), sgd(plain), epochs=3)
    assert_same_weights(ours, plain)


def test_fit_does_regression_with_the_whole_set_as_one_batch():
    x, y = sine(60, seed=2)
    ours, plain = mlp(inputs=1, outputs=1), mlp(inputs=1, outputs=1)
    history = quick(ours, [(x, y)], loss=nn.MSELoss(), epochs=20)
    plain_loop(plain, [(x, y)], sgd(plain), 20, nn.MSELoss())
    assert_same_weights(ours, plain)
    assert history["train_accuracy"] == [None] * 20
    assert history["train_loss"][-1] < history["train_loss"][0]


def test_the_first_loss_is_that_of_the_untrained_model():
    x, y = moons(50)
    model = mlp()
    expected = CROSS_ENTROPY(model(x), y).item()
    assert quick(model, [(x, y)], epochs=1)["train_loss"] == pytest.approx([expected])


@given(n=st.integers(1, 150), size=st.integers(1, 50), room=st.integers(1, 300))
@settings(max_examples=50, deadline=None)
def test_evaluate_is_the_mean_over_all_examples_however_they_are_cut_and_counted(n, size, room):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("course.history.ROOM", room)
        check_evaluate(n, size)


def check_evaluate(n, size):
    x, y = xor(n, noise=0.5)
    model = noisy_mlp().train()
    before = weights(model)
    metrics = evaluate(model, batches(x, y, size), CROSS_ENTROPY)
    assert model.training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    scores = model.eval()(x)
    assert metrics.loss == pytest.approx(CROSS_ENTROPY(scores, y).item(), rel=1e-4)
    assert metrics.accuracy == pytest.approx((scores.argmax(1) == y).float().mean().item())


def test_batches_of_other_shapes_and_a_label_a_pixel_are_counted_too():
    torch.manual_seed(0)
    model = nn.Conv1d(2, 3, 1)
    pairs = [(torch.randn(n, 2, k), torch.randint(3, (n, k))) for n, k in ((4, 5), (4, 5), (2, 5), (4, 7))]
    right = torch.cat([(model(x).argmax(1) == y).flatten() for x, y in pairs])
    assert evaluate(model, pairs, CROSS_ENTROPY).accuracy == pytest.approx(right.float().mean().item())


class CountTensors(TorchDispatchMode):
    """Count the tensors that operations give."""

    tensors = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        given = function(*args, **(kwargs or {}))
        self.tensors += len(given) if isinstance(given, list | tuple) else 1
        return given


def test_an_epoch_of_one_small_batch_does_not_pay_for_thousands():
    """Each epoch makes room for its scores anew; 4,096 views of it took ten times as long as the step itself."""
    with CountTensors() as count:
        evaluate(mlp(), batches(*xor(), 4), CROSS_ENTROPY)
    assert 1 < count.tensors < 200


def test_training_figures_weigh_a_smaller_last_batch_less():
    x, y = moons(50, seed=3)
    model = mlp()
    metrics = train_epoch(model, batches(x, y, 16), CROSS_ENTROPY, sgd(model, lr=0.0))
    scores = model(x)
    assert metrics.loss == pytest.approx(CROSS_ENTROPY(scores, y).item(), rel=1e-5)
    assert metrics.accuracy == (scores.argmax(1) == y).float().mean().item()


class CountFetches(TorchDispatchMode):
    """Count how often a number is fetched from a tensor, which on a GPU waits for all work before it."""

    fetches = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.fetches += func is torch.ops.aten._local_scalar_dense.default
        return func(*args, **(kwargs or {}))


def test_nothing_is_fetched_from_the_device_within_an_epoch():
    x, y = moons(100)

    def fetches(size):
        model = mlp()
        with CountFetches() as mode:
            quick(model, batches(x, y, size, shuffle=True), batches(x, y, size))
        return mode.fetches

    assert fetches(1) == fetches(100)


# --- options ---------------------------------------------------------------------------------------------------------


@given(n=st.integers(5, 40), size=st.integers(1, 8), accumulate=st.integers(1, 5))
@settings(max_examples=25, deadline=None)
def test_accumulated_batches_count_as_one_batch(n, size, accumulate):
    x, y = xor(n, noise=0.5)
    small, large = mlp(), mlp()
    quick(small, batches(x, y, size), accumulate=accumulate)
    quick(large, batches(x, y, size * accumulate))
    assert_same_weights(small, large, rtol=1e-4, atol=1e-5)


def test_schedules_follow_the_epochs_or_the_steps():
    x, y = moons(40)
    model = mlp()
    optimizer = sgd(model)
    history = quick(model, [(x, y)], optimizer=optimizer, epochs=5, schedule=StepLR(optimizer, 2, 0.1))
    assert history["lr"] == pytest.approx([0.1, 0.1, 0.01, 0.01, 0.001])

    ours, plain = mlp(), mlp()
    optimizer = sgd(ours)
    schedule = OneCycleLR(optimizer, 0.5, total_steps=12)
    quick(ours, batches(x, y, 10), optimizer=optimizer, schedule=schedule, schedule_every="step")
    optimizer = sgd(plain)
    schedule = OneCycleLR(optimizer, 0.5, total_steps=12)
    for _ in range(3):
        for a, b in batches(x, y, 10):
            optimizer.zero_grad()
            CROSS_ENTROPY(plain(a), b).backward()
            optimizer.step()
            schedule.step()
    assert_same_weights(ours, plain)


def test_a_plateau_of_the_validation_loss_lowers_the_learning_rate():
    x, y = moons(40)
    model = mlp()
    optimizer = sgd(model, lr=1e-9)
    schedule = ReduceLROnPlateau(optimizer, patience=1, factor=0.5, threshold=0.01, eps=0)
    history = quick(model, [(x, y)], [(x, y)], optimizer=optimizer, schedule=schedule, epochs=6)
    assert history["lr"] == pytest.approx([1e-9, 1e-9, 1e-9, 5e-10, 5e-10, 2.5e-10])


def overfitting():
    """Return a few noisy examples and too large a network: the validation loss falls and then rises."""
    x, y = moons(24, noise=0.4, seed=1)
    valid = [moons(200, noise=0.4, seed=2)]
    model = mlp(hidden=64)
    return model, [(x, y)], valid, torch.optim.Adam(model.parameters(), lr=0.03)


def test_patience_stops_the_run_and_keeps_the_best_weights():
    model, train, valid, optimizer = overfitting()
    history = quick(model, train, valid, optimizer=optimizer, epochs=500, patience=20)
    losses = history["valid_loss"]
    best = losses.index(min(losses)) + 1
    assert history.ended == "patience"
    assert history.weights_from == best
    assert len(history) == best + 20 < 500
    assert evaluate(model, valid, CROSS_ENTROPY).loss == pytest.approx(min(losses))
    longer, train, valid, optimizer = overfitting()
    last = quick(longer, train, valid, optimizer=optimizer, epochs=len(history))
    assert last["valid_loss"] == losses
    assert (last.ended, last.weights_from) == ("finished", 0)
    assert evaluate(longer, valid, CROSS_ENTROPY).loss == pytest.approx(losses[-1])


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("precision", [torch.bfloat16, torch.float16])
def test_mixed_precision_computes_in_half_and_learns_the_same(device, precision):
    x, y = moons(200, seed=1).to(device)
    seen = set()
    half, full = mlp().to(device), mlp().to(device)
    half[0].register_forward_hook(lambda module, args, output: seen.add(output.dtype) if module.training else None)
    optimizer = partial(sgd, lr=0.5)
    rough = quick(half, batches(x, y, 50), optimizer=optimizer(half), precision=precision, epochs=30)
    exact = quick(full, batches(x, y, 50), optimizer=optimizer(full), epochs=30)
    assert seen == {precision}
    assert {value.dtype for value in half.parameters()} == {torch.float32}
    assert rough["train_loss"][-1] == pytest.approx(exact["train_loss"][-1], rel=0.1)
    assert rough["train_loss"] != exact["train_loss"]


@pytest.mark.parametrize("device", DEVICES)
def test_the_same_seed_gives_the_same_run_and_leaves_the_global_generator_alone(device):
    x, y = moons(70, seed=1).to(device)

    def run(seed):
        model = noisy_mlp().to(device)
        torch.manual_seed(99)
        before = torch.get_rng_state()
        history = quick(model, batches(x, y, 16, shuffle=True), seed=seed)
        assert torch.equal(before, torch.get_rng_state())
        return history["train_loss"]

    assert run(1) == run(1)
    assert run(1) != run(2)


def global_states():
    return torch.get_rng_state().tolist(), np.random.get_state()[1].tolist(), random.getstate()


@given(
    seed=st.integers(0, 2**40),
    size=st.integers(1, 40),
    accumulate=st.integers(1, 3),
    precision=st.sampled_from([torch.float32, torch.bfloat16]),
    patience=st.sampled_from([None, 1]),
    breaks=st.booleans(),
)
@settings(max_examples=25, deadline=None)
def test_no_run_whatever_its_options_touches_a_global_generator(breaks, patience, **options):
    x, y = moons(40, seed=1)
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(2, 8), nn.Dropout(0.5), nn.Linear(8, 2))
    train = batches(x, y, options.pop("size"), shuffle=True, transform=blurred, seed=2)
    before = global_states()
    with pytest.raises(TrainingError) if breaks else nullcontext():
        quick(model, train, [(x, y + 2 * breaks)], patience=patience, **options)
    assert global_states() == before


def test_the_model_is_ready_for_use_and_the_callback_sees_each_epoch():
    x, y = moons(40)
    model = noisy_mlp()
    seen = []
    history = quick(model, [(x, y)], on_epoch=lambda history: seen.append(len(history)))
    assert seen == [1, 2, 3]
    assert history["number"] == [1, 2, 3]
    assert not model.training
    assert str(history.epochs[0]).startswith("loss 0.")


def test_it_learns():
    x, y = spirals(600, noise=0.1, seed=1)
    model = mlp(hidden=64, outputs=3)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    history = quick(model, batches(x, y, 50, shuffle=True), optimizer=optimizer, epochs=60)
    assert history["train_accuracy"][-1] > 0.97


needs_compiler = pytest.mark.skipif(not any(map(shutil.which, ("g++", "clang++"))), reason="needs a C++ compiler")


@pytest.mark.parametrize("backend", ["eager", pytest.param("inductor", marks=needs_compiler)])
def test_a_compiled_model_is_trained_saved_and_restored_like_the_model_itself(backend, tmp_path):
    file = tmp_path / "run.pt"
    x, y = moons(64, seed=1)
    valid = [moons(32, seed=2)]
    compiled, plain = mlp(), mlp()
    train = partial(batches, x, y, 16, shuffle=True, seed=3)
    quick(torch.compile(compiled, backend=backend), train(), epochs=2, optimizer=sgd(compiled), checkpoint=file)
    quick(plain, train(), epochs=2)
    assert_same_weights(compiled, plain, rtol=1e-4, atol=1e-6)
    assert set(torch.load(file)["model"]) == set(plain.state_dict())
    again = mlp()
    assert len(quick(again, train(), valid, checkpoint=file, resume=True, patience=5)) == 3
    torch.compiler.reset()


def test_a_compiled_model_is_inspected_without_compiling_it():
    def refuse(graph, inputs):
        raise AssertionError("it was compiled")

    with pytest.raises(TrainingError, match="needs 3 numbers per example and gets 2"):
        quick(torch.compile(mlp(inputs=3), backend=refuse), [(X, Y)])


# --- putting a run down and taking it up again -----------------------------------------------------------------------


def stop_at(epoch):
    """Press Ctrl-C at the end of an epoch."""
    return lambda history: signal.raise_signal(signal.SIGINT) if len(history) == epoch else None


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Ctrl-C as at a terminal: a shell starts its background jobs, tests among them, with the signal ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_returns_what_has_been_trained_so_far(ctrl_c: None):
    x, y = moons(40)
    stopped, short = mlp(), mlp()
    history = quick(stopped, [(x, y)], epochs=1000, on_epoch=stop_at(4))
    quick(short, [(x, y)], epochs=4)
    assert (history.ended, len(history)) == ("interrupted", 4)
    assert_same_weights(stopped, short)
    assert not stopped.training


def test_ctrl_c_within_an_epoch_keeps_the_epochs_before(ctrl_c: None):
    class Interrupted:
        passes = 0

        def __iter__(self):
            self.passes += 1
            yield moons(10)
            if self.passes == 3:
                signal.raise_signal(signal.SIGINT)

    assert len(quick(mlp(), Interrupted(), epochs=10)) == 2


def blurred(x, generator):
    return x + 0.1 * torch.randn(x.shape, generator=generator).to(x.device)


class LongRun:
    """Everything made anew, as in a notebook that was opened again."""

    def __init__(self, device="cpu"):
        train, valid = moons(60, noise=0.3, seed=1).to(device), moons(60, noise=0.3, seed=2).to(device)
        self.model = noisy_mlp().to(device)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=0.05)
        self.train = batches(*train, 16, shuffle=True, transform=blurred, seed=3)
        self.valid = [valid]
        self.schedule = OneCycleLR(self.optimizer, 0.05, total_steps=4 * 12)

    def fit(self, **options):
        options = {"epochs": 12, "patience": 30} | options
        return quick(
            self.model,
            self.train,
            self.valid,
            optimizer=self.optimizer,
            schedule=self.schedule,
            schedule_every="step",
            **options,
        )


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("stop", [1, 5, 11, 12])
def test_a_resumed_run_ends_as_if_it_had_never_stopped(tmp_path, device, stop):
    file = tmp_path / "runs" / "moons.pt"
    whole, first, second = LongRun(device), LongRun(device), LongRun(device)
    expected = whole.fit()
    first.fit(checkpoint=file, on_epoch=stop_at(stop))
    torch.manual_seed(1234)
    history = second.fit(checkpoint=file, resume=True)
    for column in ("train_loss", "train_accuracy", "valid_loss", "valid_accuracy", "lr", "number"):
        assert history[column] == expected[column]
    assert (history.ended, history.weights_from) == (expected.ended, expected.weights_from)
    assert_same_weights(second.model, whole.model)
    assert [path.name for path in file.parent.iterdir()] == ["moons.pt"]


def test_a_resumed_run_does_not_wait_anew_for_the_loss_to_fall(tmp_path):
    file = tmp_path / "run.pt"
    model, train, valid, optimizer = overfitting()
    first = quick(model, train, valid, optimizer=optimizer, epochs=500, patience=20, checkpoint=file)
    again, train, valid, optimizer = overfitting()
    second = quick(again, train, valid, optimizer=optimizer, epochs=500, patience=20, checkpoint=file, resume=True)
    assert second == first
    assert_same_weights(again, model)


def test_without_resume_a_run_starts_afresh_and_resume_without_a_file_too(tmp_path):
    file = tmp_path / "run.pt"
    expected = LongRun().fit(epochs=2, checkpoint=file, resume=True)["train_loss"]
    assert LongRun().fit(epochs=2, checkpoint=file)["train_loss"] == expected


def test_a_run_that_was_longer_is_finished_already(tmp_path):
    file = tmp_path / "run.pt"
    LongRun().fit(epochs=3, checkpoint=file)
    again = LongRun().fit(epochs=2, checkpoint=file, resume=True)
    assert (len(again), again.ended) == (3, "finished")


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    file = tmp_path / "run.pt"
    x, y = moons(20)
    quick(mlp(hidden=8), [(x, y)], checkpoint=file)
    with pytest.raises(TrainingError, match=r"run.pt does not fit this run .*delete it or name another"):
        quick(mlp(hidden=9), [(x, y)], checkpoint=file, resume=True)
    file.write_bytes(b"nonsense")
    with pytest.raises(TrainingError, match="does not fit this run"):
        quick(mlp(), [(x, y)], checkpoint=file, resume=True)


# --- what it says ----------------------------------------------------------------------------------------------------

X, Y = moons(20)
LINE = torch.rand(20, 1)

SENTENCES = {
    "images not flattened": (
        {"model": mlp(inputs=6), "train": [(torch.rand(4, 2, 3), torch.ones(4).long())]},
        r"cannot take inputs of shape \(N, 2, 3\).*`train`.*nn.Flatten\(\)",
    ),
    "too few features": ({"model": mlp(inputs=3)}, r"needs 3 numbers per example and gets 2"),
    "double inputs": ({"train": [(X.double(), Y)]}, r"give it inputs of type torch.float32"),
    "a column of labels": ({"train": [(X, Y[:, None])]}, r"labels of `train` have shape \(N, 1\).*\(N,\)"),
    "32-bit labels": ({"train": [(X, Y.int())]}, r"use y.long\(\)"),
    "labels from 1": ({"train": batches(X, Y + 1, 5)}, r"go from 1 to 2, but the model has 2 outputs.*count classes"),
    "a negative label": ({"train": batches(X, Y - 1, 5)}, r"go from -1 to 0"),
    "a late label": ({"train": [(X, Y), (X, Y + 5)]}, r"labels of `train` go from 5 to 6"),
    "a late label in a loader": (
        {"train": DataLoader(TensorDataset(X, torch.arange(20) // 5), 5)},
        r"labels of `train` go from 2 to 2",
    ),
    "wrong labels to validate on": ({"valid": batches(X, Y + 9, 5)}, r"labels of `valid` go from 9 to 10"),
    "float labels": ({"train": [(X, Y.float())]}, r"targets of `train` have shape \(N,\).*outputs \(N, 2\)"),
    "an output too many": (
        {"model": mlp(outputs=1), "train": [(X, LINE[:, 0])], "loss": nn.MSELoss()},
        r"targets of `train` have shape \(N,\).*\(N, 1\).*y.unsqueeze\(1\)",
    ),
    "whole numbers as targets": (
        {"model": mlp(outputs=1), "train": [(X, Y[:, None])], "loss": functional.mse_loss},
        r"use y.float\(\)",
    ),
    "a loss per example": ({"loss": nn.CrossEntropyLoss(reduction="none"), "train": [(X, Y)]}, "reduction='mean'"),
    "a model elsewhere": ({"model": mlp().to("meta")}, r"inputs of `train` are on cpu and the model is on meta"),
    "targets elsewhere": ({"train": [(X, Y.to("meta"))]}, r"targets of `train` are on meta and the model is on cpu"),
    "an empty loader": ({"train": []}, r"no example.*batches\(x, y, size\)"),
    "batches of nothing": ({"train": batches(X[:3], Y[:3], 5, drop_last=True)}, "no example"),
    "nothing to validate on": ({"valid": []}, "no example"),
    "a generator read to its end": ({"train": (pair for pair in [(X, Y)])}, "a generator that has been read"),
    "another model's optimizer": ({"optimizer": sgd(mlp())}, "none of the model's parameters"),
    "a model without weights": ({"model": nn.ReLU(), "optimizer": sgd(mlp())}, "none of the model's parameters"),
    "a loss that explodes": (
        {"model": mlp(outputs=1), "train": [(X, 1e30 * LINE)], "loss": nn.MSELoss()},
        "became inf",
    ),
    "not a number": (
        {"loss": lambda scores, y: CROSS_ENTROPY(scores, y) * torch.nan},
        r"the loss became nan in epoch 1 with a learning rate of 0.1",
    ),
    "a number missing": (
        {"train": batches(torch.cat([X, X[:1] / 0 * 0]), torch.cat([Y, Y[:1]]), 5)},
        "the inputs of `train` contain numbers that are nan or infinite",
    ),
    "an infinite target": (
        {"model": mlp(outputs=1), "train": [(X, LINE / 0)], "loss": nn.MSELoss()},
        "the targets of `train` contain numbers",
    ),
    "examples for batches": ({"train": (X, Y)}, r"`train` gives tensors one by one.*batches\(x, y, size\)"),
    "inputs for batches": ({"train": X}, r"`train` gives tensors one by one"),
    "a data set for batches": ({"train": TensorDataset(X, Y)}, r"`train` is of type TensorDataset; it must give pairs"),
    "three at a time": ({"train": [(X, Y, Y)]}, "`train` gives 3 at a time; it must give pairs"),
    "arrays for tensors": ({"train": [(X.numpy(), Y)]}, "inputs of `train` are of type ndarray.*torch.as_tensor"),
    "a number for data": ({"valid": 3}, "`valid` is of type int"),
    "a loss not made": ({"loss": nn.CrossEntropyLoss}, r"the loss is the class CrossEntropyLoss; .*Loss\(\)"),
    "a loss by name": ({"loss": "cross entropy"}, "the loss is of type str"),
    "an optimizer not made": ({"optimizer": torch.optim.SGD}, "the optimizer is the class SGD"),
    "a model not made": ({"model": nn.Linear, "optimizer": sgd(mlp())}, "the model is the class Linear"),
    "a function for a model": ({"model": torch.tanh, "optimizer": sgd(mlp())}, "the model is of type builtin"),
    "a frozen model": ({"model": mlp().requires_grad_(False)}, r"are frozen.*requires_grad_\(True\)"),
    "a model in two places": (
        {"model": nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2, device="meta"))},
        r"parts of the model are on cpu and meta; move all of it with model.to\('cpu'\)",
    ),
    "a model with two outputs": ({"model": nn.RNN(2, 2)}, "the model returns a tuple.*return only the scores"),
    "another optimizer's schedule": ({"schedule": StepLR(sgd(mlp()), 1)}, "schedule was made for another optimizer"),
    "an unknown pace": ({"schedule_every": "batch"}, "schedule_every = 'batch'; give 'epoch' or 'step'"),
    "an unknown precision": ({"precision": torch.int8}, "precision = torch.int8; give one of torch.float32"),
    "no epochs": ({"epochs": 0}, "epochs = 0"),
    "no steps": ({"accumulate": 0}, "accumulate = 0"),
    "patience with nothing to watch": ({"patience": 3}, "give `valid`"),
    "no patience at all": ({"patience": 0, "valid": [(X, Y)]}, "patience = 0"),
    "resume from nowhere": ({"resume": True}, "give `checkpoint`"),
}


@pytest.mark.parametrize("case", SENTENCES)
def test_what_does_not_fit_is_said_in_a_sentence(case):
    options, sentence = SENTENCES[case]
    options = {"train": [(X, Y)]} | options
    model = copy.deepcopy(options.pop("model", None)) or mlp()
    before = torch.get_rng_state()
    with pytest.raises(TrainingError, match=sentence) as raised:
        quick(model, options.pop("train"), options.pop("valid", None), **options)
    assert "\n" not in str(raised.value)
    assert torch.equal(before, torch.get_rng_state())


def test_a_plateau_is_not_watched_step_by_step():
    model = mlp()
    optimizer = sgd(model)
    with pytest.raises(TrainingError, match="ReduceLROnPlateau watches the loss of whole epochs"):
        quick(model, [(X, Y)], optimizer=optimizer, schedule=ReduceLROnPlateau(optimizer), schedule_every="step")


def test_evaluate_says_what_does_not_fit():
    with pytest.raises(TrainingError, match="labels of `batched` go from 1 to 2"):
        evaluate(mlp(), batches(X, Y + 1, 5), CROSS_ENTROPY)
    with pytest.raises(TrainingError, match="no example"):
        evaluate(mlp(), [], CROSS_ENTROPY)


def test_a_history_says_which_columns_it_has():
    with pytest.raises(KeyError, match="no column 'loss'; it has number, train_loss, train_accuracy, valid_loss"):
        History()["loss"]


def test_labels_that_the_loss_ignores_may_be_out_of_range():
    labels = Y.clone()
    labels[:5] = 255
    assert len(quick(mlp(), batches(X, labels, 10), loss=nn.CrossEntropyLoss(ignore_index=255))) == 3


def test_soft_labels_are_no_mistake():
    assert quick(mlp(), [(X, functional.one_hot(Y, 2).float())])["train_accuracy"] == [None] * 3


def test_pick_device_says_which(capsys):
    device = pick_device()
    printed = capsys.readouterr().out
    assert printed.startswith("Training on the ")
    assert ("GPU" in printed) == (device.type != "cpu")
    assert device.type == ("cuda" if torch.cuda.is_available() else device.type)
    pick_device(quiet=True)
    assert capsys.readouterr().out == ""
    assert torch.ones(2, device=device).sum() == 2


def test_a_gpu_that_is_too_old_for_this_torch_is_passed_over(capsys, monkeypatch):
    def too_old(*_, device):
        raise RuntimeError("CUDA error: no kernel image is available for execution on the device\nCompile with ...")

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch, "ones", too_old)
    assert pick_device().type != "cuda"
    printed = capsys.readouterr().out
    assert (
        "this PyTorch cannot use it (CUDA error: no kernel image is available for execution on the device)" in printed
    )
    pick_device(quiet=True)
    assert capsys.readouterr().out == ""


# --- progress --------------------------------------------------------------------------------------------------------


@pytest.fixture
def terminal(monkeypatch):
    """Let prints go to a terminal of 80 columns."""
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", "80")


def screen(printed):
    """Return the words in what a terminal was sent, on one line."""
    return " ".join(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", printed).split())


def test_a_log_file_gets_no_bar(capsys):
    quick(mlp(), [(X, Y)], progress=True)
    assert capsys.readouterr().out == ""


def test_a_terminal_gets_a_bar_that_says_how_far_it_is_and_how_well_it_goes(terminal, capsys):
    history = quick(mlp(), [(X, Y)], [(X, Y)], progress=True)
    shown = screen(capsys.readouterr().out)
    assert "epoch 3/3 ━" in shown
    assert re.search(r"loss 0\.\d{4}, accuracy 0\.\d{4}, valid loss 0\.\d{4}, valid accuracy 0\.\d{4}", shown)
    assert shown.endswith(str(history.epochs[-1]))


def test_a_bar_says_why_a_run_ended_early(terminal, ctrl_c, capsys):
    model, train, valid, optimizer = overfitting()
    quick(model, train, valid, optimizer=optimizer, epochs=500, patience=2, progress=True)
    assert re.search(
        r"Stopped after \d+ of 500 epochs: the validation loss no longer fell$", screen(capsys.readouterr().out)
    )
    quick(mlp(), [(X, Y)], epochs=9, on_epoch=stop_at(4), progress=True)
    assert screen(capsys.readouterr().out).endswith("Interrupted after 4 of 9 epochs")


def test_showing_takes_a_tenth_of_the_time_at_most_and_the_last_state_is_shown(monkeypatch):
    clock, reports = 0.0, []
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: clock))  # no other module's clock

    def slow(history):
        nonlocal clock
        clock += 2.0
        reports.append(len(history))

    with progress._seldom(0.5, slow) as report:
        for number in range(1, 5001):
            clock += 0.1
            report(History([None] * number))
    assert reports[0] == 5
    assert reports[-1] == 5000
    assert len(reports) > 2
    assert 2.0 * len(reports) <= progress.SHARE * clock + 4.0


def test_a_history_is_written_in_a_line():
    model, train, valid, optimizer = overfitting()
    history = quick(model, train, valid, optimizer=optimizer, epochs=500, patience=2)
    best, last = history.weights_from, history.epochs[-1]
    assert repr(history) == f"<History of {len(history)} epochs, patience, weights of epoch {best}: {last}>"
    assert repr(History()) == "<History of 0 epochs, running>"


SETUP = """
import torch
from torch import nn
from course import fit, moons

net = nn.Linear(2, 2)
options = {"loss": nn.CrossEntropyLoss(), "optimizer": torch.optim.SGD(net.parameters(), lr=0.1)}
"""


def run_cells(*cells, interrupt=None):
    """Run cells in a real kernel, a forked one; return their outputs. Interrupt cell number `interrupt` once it shows something."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = NotebookClient(notebook, timeout=300, startup_timeout=300)

    async def stop_button(cell, cell_index):
        while cell_index == interrupt and not cell.outputs:
            await asyncio.sleep(0.1)
        if cell_index == interrupt:
            await ensure_async(client.km.interrupt_kernel())

    tasks = []
    client.on_cell_execute = lambda **where: tasks.append(asyncio.ensure_future(stop_button(**where)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", kernels().specs)
        client.execute()
    return [cell.outputs for cell in notebook.cells]


def test_a_notebook_gets_one_plot_that_says_what_it_shows():
    _, outputs = run_cells(SETUP, "len(fit(net, [moons(20)], epochs=30, **options))")
    assert [output.output_type for output in outputs] == ["display_data", "execute_result"]
    plot, result = outputs
    picture = Image.open(io.BytesIO(base64.b64decode(plot.data["image/png"])))
    assert picture.size[0] > 2 * picture.size[1] > 400
    assert re.match(r"Trained for 30 epochs\. Learning curves: train loss ends at \d", plot.data["text/plain"])
    assert f'alt="{plot.data["text/plain"]}"' in plot.data["text/html"]
    assert plot.metadata["image/png"]["alt"] == plot.data["text/plain"]
    assert result.data["text/plain"] == "30"


def test_the_stop_button_of_a_notebook_returns_the_history():
    _, (plot,), (result,) = run_cells(
        SETUP,
        "history = fit(net, [moons(20)], epochs=10_000_000, **options)",
        "history.ended, 0 < len(history) < 10_000_000, len(history) == history['number'][-1]",
        interrupt=1,
    )
    assert re.match(r"Interrupted after \d+ of 10000000 epochs\. Learning", plot.data["text/plain"])
    assert result.data["text/plain"] == "('interrupted', True, True)"


# --- many at once ----------------------------------------------------------------------------------------------------

ADAM = partial(torch.optim.Adam, lr=0.05)
SGD = partial(torch.optim.SGD, lr=0.3, momentum=0.9)


def small():
    return nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 2))


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("optimizer", [ADAM, SGD])
def test_many_at_once_are_trained_as_one_after_the_other(device, optimizer):
    x, y = xor(20, noise=0.1).to(device)
    seeds = [3, 1, 4, 15, 9]
    many = fit_many(
        lambda: small().to(device),
        seeds,
        batches(x, y, 8, shuffle=True, seed=7),
        loss=CROSS_ENTROPY,
        optimizer=optimizer,
        epochs=15,
    )
    assert many.seeds == tuple(seeds)
    assert many(x).shape == (5, 20, 2)
    for i, seed in enumerate(seeds):
        torch.manual_seed(seed)
        single = small().to(device)
        history = quick(
            single, batches(x, y, 8, shuffle=True, seed=7), optimizer=optimizer(single.parameters()), epochs=15
        )
        torch.testing.assert_close(many.train_loss[i].cpu(), torch.tensor(history["train_loss"]), rtol=1e-3, atol=1e-4)
        torch.testing.assert_close(many(x)[i], single(x), rtol=1e-3, atol=1e-3)
        torch.testing.assert_close(many.model(i)(x), many(x)[i])
        assert many.accuracy(x, y)[i].item() == pytest.approx((many.model(i)(x).argmax(1) == y).float().mean().item())


def test_many_at_once_do_regression_and_batch_norm():
    x, y = sine(40, seed=1)

    def make():
        return nn.Sequential(nn.Linear(1, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1))

    many = fit_many(make, range(3), [(x, y)], loss=nn.MSELoss(), optimizer=SGD, epochs=20)
    torch.manual_seed(2)
    single = make()
    quick(single, [(x, y)], loss=nn.MSELoss(), optimizer=SGD(single.parameters()), epochs=20)
    torch.testing.assert_close(many.model(2)(x), single(x), rtol=1e-3, atol=1e-3)
    assert many.buffers["1.num_batches_tracked"].tolist() == [20] * 3


class Skipping(nn.Module):
    """A network that is no Sequential, with a frozen layer."""

    def __init__(self):
        super().__init__()
        self.first, self.second, self.last = nn.Linear(2, 6), nn.Linear(6, 6, bias=False), nn.Linear(6, 2)
        self.second.weight.requires_grad_(False)

    def forward(self, x):
        h = self.first(x).relu()
        return self.last(h + self.second(h).relu())


def shares_an_activation():
    act = nn.Tanh()
    return nn.Sequential(nn.Linear(2, 5), act, nn.Linear(5, 5, bias=False), act, nn.Linear(5, 2))


def shares_a_layer():
    layer = nn.Linear(5, 5)
    return nn.Sequential(nn.Linear(2, 5), nn.ReLU(), layer, nn.ReLU(), layer, nn.ReLU(), nn.Linear(5, 2))


def nested():
    return nn.Sequential(nn.Sequential(nn.Linear(2, 5), nn.ReLU()), nn.Linear(5, 2), nn.Softplus())


@pytest.mark.parametrize("make", [Skipping, shares_an_activation, nested])
@pytest.mark.parametrize(
    "loss",
    [
        CROSS_ENTROPY,
        nn.CrossEntropyLoss(ignore_index=1),
        nn.CrossEntropyLoss(label_smoothing=0.2),
        nn.CrossEntropyLoss(weight=torch.tensor([1.0, 3.0])),
        functional.cross_entropy,
    ],
)
def test_any_network_and_any_loss_are_trained_as_one_after_the_other(make, loss):
    x, y = xor(24, noise=0.1)
    many = fit_many(make, [5, 6], [(x, y)], loss=loss, optimizer=SGD, epochs=10)
    for i, seed in enumerate(many.seeds):
        torch.manual_seed(seed)
        single = make()
        quick(single, [(x, y)], loss=loss, optimizer=SGD(single.parameters()), epochs=10)
        torch.testing.assert_close(many(x)[i], single(x), rtol=1e-3, atol=1e-3)
        torch.testing.assert_close(many.model(i)(x), single(x), rtol=1e-3, atol=1e-3)


ACTIVATIONS = (nn.Identity, nn.ReLU, partial(nn.ReLU, inplace=True), nn.LeakyReLU, nn.Tanh, nn.Sigmoid)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("act", ACTIVATIONS)
@pytest.mark.parametrize("loss", [CROSS_ENTROPY, nn.CrossEntropyLoss(ignore_index=1)])
def test_gradients_that_are_written_out_are_those_that_pytorch_finds(device, act, loss, monkeypatch):
    x, y = xor(24, noise=0.1).to(device)

    def make():
        layers = nn.Linear(2, 5), act(), nn.Linear(5, 4, bias=False), act(), nn.Linear(4, 2)
        return nn.Sequential(*layers).to(device)

    def trained(written_out):
        monkeypatch.setattr("course.ensemble.is_written_out", written_out)
        return fit_many(make, [5, 6, 7], batches(x, y, 9), loss=loss, optimizer=SGD, epochs=10)

    assert is_written_out(loss, make())
    ours, theirs = trained(lambda *_: True), trained(lambda *_: False)
    torch.testing.assert_close(ours.train_loss, theirs.train_loss)
    torch.testing.assert_close(ours.parameters, theirs.parameters)


class Twice(nn.Linear):
    """A layer that does something else than its class."""

    def forward(self, x):
        return 2 * super().forward(x)


def with_a_frozen_layer():
    model = small()
    model[0].requires_grad_(False)
    return model


def with_a_hook():
    model = small()
    model[0].register_forward_hook(lambda _layer, _inputs, out: 2 * out)
    return model


@pytest.mark.parametrize(
    ("model", "loss"),
    [
        (small(), nn.CrossEntropyLoss(label_smoothing=0.2)),
        (small(), nn.CrossEntropyLoss(weight=torch.tensor([1.0, 3.0]))),
        (small(), nn.CrossEntropyLoss(reduction="sum")),
        (small(), functional.cross_entropy),
        (small(), nn.MSELoss()),
        (Skipping(), CROSS_ENTROPY),
        (nested(), CROSS_ENTROPY),
        (with_a_frozen_layer(), CROSS_ENTROPY),
        (with_a_hook(), CROSS_ENTROPY),
        (nn.Sequential(nn.Linear(2, 2), nn.GELU()), CROSS_ENTROPY),
        (nn.Sequential(nn.Linear(2, 2), nn.LeakyReLU(-0.1)), CROSS_ENTROPY),
        (nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.ReLU(inplace=True)), CROSS_ENTROPY),
        (nn.Sequential(Twice(2, 2)), CROSS_ENTROPY),
        (nn.Linear(2, 2), CROSS_ENTROPY),
    ],
)
def test_what_is_not_written_out_is_left_to_pytorch(model, loss):
    assert not is_written_out(loss, model)


def test_fit_many_refuses_networks_that_use_a_layer_twice():
    with pytest.raises(TrainingError, match="two layers of the network share a weight"):
        fit_many(shares_a_layer, range(2), [(X, Y)], loss=CROSS_ENTROPY, optimizer=SGD, epochs=1)


def test_many_networks_may_be_applied_to_rows_of_rows():
    many = fit_many(small, range(3), [(X, Y)], loss=CROSS_ENTROPY, optimizer=SGD, epochs=1)
    torch.testing.assert_close(many(X.view(5, 4, 2)), many(X).view(3, 5, 4, 2))


def test_dropout_differs_between_the_networks_and_repeats_with_the_seeds():
    def make():
        return nn.Sequential(nn.Linear(2, 8), nn.Dropout(0.5), nn.Linear(8, 2))

    def run(seeds):
        return fit_many(make, seeds, [(X, Y)], loss=CROSS_ENTROPY, optimizer=SGD, epochs=3).train_loss

    twins = run([1, 1])
    assert not torch.equal(twins[0], twins[1])
    assert torch.equal(run([1, 1]), twins)


def test_a_network_that_diverges_spoils_no_other():
    def make():
        model = small()
        if torch.initial_seed() == 1:
            nn.init.constant_(model[0].weight, torch.nan)
        return model

    options = {"loss": CROSS_ENTROPY, "optimizer": ADAM, "epochs": 10}
    with_it, without = fit_many(make, range(3), [(X, Y)], **options), fit_many(small, range(3), [(X, Y)], **options)
    assert with_it.train_loss.isfinite().all(dim=1).tolist() == [True, False, True]
    torch.testing.assert_close(with_it.train_loss[[0, 2]], without.train_loss[[0, 2]])


def test_fit_many_leaves_the_global_generator_alone():
    before = torch.get_rng_state()
    fit_many(small, range(3), [(X, Y)], loss=CROSS_ENTROPY, optimizer=ADAM, epochs=2)
    assert torch.equal(before, torch.get_rng_state())


def test_four_tanh_units_learn_xor_nearly_always():
    x, y = xor()
    many = fit_many(small, range(200), [(x, y)], loss=CROSS_ENTROPY, optimizer=ADAM, epochs=300)
    assert (many.accuracy(x, y) == 1).float().mean() > 0.94  # 98 % over 200 other seeds


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"seeds": []}, "there is no seed"),
        ({"make_model": small()}, "make_model must be a function that makes one, not of type Sequential"),
        ({"optimizer": sgd(small())}, "optimizer must be a function that makes one, not of type SGD"),
        ({"epochs": 0}, "epochs = 0"),
        ({"train": []}, "no example"),
        ({"train": [(X, Y + 1)]}, "go from 1 to 2"),
        ({"train": [(X[:, :1], Y)]}, "needs 2 numbers per example and gets 1"),
        ({"train": [(X, Y.to("meta"))]}, "targets of `train` are on meta"),
    ],
)
def test_fit_many_says_what_does_not_fit(options, sentence):
    options = {"make_model": small, "seeds": range(2), "train": [(X, Y)], "optimizer": ADAM, "epochs": 1} | options
    with pytest.raises(TrainingError, match=sentence):
        fit_many(loss=CROSS_ENTROPY, **options)
