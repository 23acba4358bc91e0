"""Steps through a CUDA graph against steps without: everything but the recording itself on the CPU, all of it on CUDA."""

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import OneCycleLR, StepLR

from course import graphs, training
from course.batching import batches
from course.data import moons
from course.graphs import WARM_UP, GraphedStep, graphed
from course.inspection import TrainingError
from course.training import fit

CUDA = torch.device("cuda")
needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="records a CUDA graph")
CROSS_ENTROPY = nn.CrossEntropyLoss()


class OnCpu:
    """Stands in for the recording alone: replaying runs the step again, and overwrites what it gave before."""

    def __init__(self) -> None:
        self.warmed_up = self.recorded = self.replayed = 0

    def warm_up(self, run: Callable) -> tuple[Tensor, Tensor]:
        self.warmed_up += 1
        return run()

    def record(self, run: Callable) -> Callable:
        self.recorded += 1
        kept: list[Tensor] = []

        def replay() -> tuple[Tensor, Tensor]:
            self.replayed += 1
            new = run()
            if not kept:
                kept.extend(tensor.clone() for tensor in new)
            for old, tensor in zip(kept, new, strict=True):
                old.copy_(tensor)
            return kept[0], kept[1]

        return replay


@pytest.fixture
def on_cpu(monkeypatch) -> OnCpu:
    recorder = OnCpu()
    monkeypatch.setattr(training, "graphed", lambda step, optimizer, device: GraphedStep(step, optimizer, recorder))
    return recorder


def network(device="cpu", dropout=0.3):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(dropout), nn.Linear(16, 2)).to(
        device
    )


def trained(make_optimizer, make_schedule=None, device="cpu", dropout=0.3, **options):
    """Train for five epochs of five whole batches and a smaller one; return the model and the history."""
    model = network(device, dropout)
    optimizer = make_optimizer(model.parameters())
    schedule = make_schedule(optimizer) if make_schedule else None
    x, y = moons(88, seed=1).to(device)
    train = batches(x, y, 16, shuffle=True, seed=2)
    options = {"epochs": 5, "progress": False, "schedule": schedule} | options
    return model, fit(model, train, [(x, y)], loss=CROSS_ENTROPY, optimizer=optimizer, **options)


def assert_same(graphed_run, eager_run, **tolerance):
    tolerance = tolerance or {"rtol": 0, "atol": 0}
    (a, recorded), (b, expected) = graphed_run, eager_run
    for name, value in a.state_dict().items():
        torch.testing.assert_close(value, b.state_dict()[name], **tolerance)
    for column in ("train_loss", "train_accuracy", "valid_loss", "valid_accuracy", "lr"):
        torch.testing.assert_close(torch.tensor(recorded[column]), torch.tensor(expected[column]), **tolerance)


SGD = partial(torch.optim.SGD, lr=0.1, momentum=0.9)
HALVED = partial(StepLR, step_size=2, gamma=0.5)


def test_each_step_is_done_once_and_in_order(on_cpu):
    assert_same(trained(SGD, graphs=True), trained(SGD))
    assert (on_cpu.warmed_up, on_cpu.recorded, on_cpu.replayed) == (WARM_UP, 1, 5 * 5 - WARM_UP)


def test_a_rate_that_changes_between_epochs_is_recorded_anew(on_cpu):
    assert_same(trained(SGD, HALVED, graphs=True), trained(SGD, HALVED))
    assert on_cpu.recorded == 3


def test_a_rate_that_is_a_tensor_is_recorded_once(on_cpu):
    def sgd(parameters):
        return torch.optim.SGD(parameters, lr=torch.tensor(0.1), fused=True)

    by_step = {"make_schedule": partial(StepLR, step_size=7, gamma=0.5), "schedule_every": "step"}
    assert_same(trained(sgd, graphs=True, **by_step), trained(sgd, **by_step))
    assert on_cpu.recorded == 1


def test_a_graph_for_every_step_is_refused(on_cpu):
    schedule = partial(OneCycleLR, max_lr=0.1, total_steps=30)
    with pytest.raises(TrainingError, match=r"change at every step.*lr=torch.tensor\(...\)"):
        trained(SGD, schedule, schedule_every="step", graphs=True)


def test_a_run_with_graphs_can_be_taken_up_again(on_cpu, tmp_path):
    file = tmp_path / "run.pt"
    trained(SGD, HALVED, epochs=3, checkpoint=file, graphs=True)
    assert_same(trained(SGD, HALVED, checkpoint=file, resume=True, graphs=True), trained(SGD, HALVED))


ADAM, ADAGRAD = torch.optim.Adam, torch.optim.Adagrad


@pytest.mark.parametrize(
    ("optimizer", "options", "sentence"),
    [
        (SGD, {}, "graphs need CUDA, but the model is on cpu; leave graphs=True out"),
        (SGD, {"accumulate": 2}, "one batch per step; leave graphs or accumulate out"),
        (SGD, {"precision": torch.float16}, "use torch.bfloat16"),
    ],
)
def test_what_a_graph_cannot_do_is_said_in_a_sentence(optimizer, options, sentence):
    with pytest.raises(TrainingError, match=sentence):
        trained(optimizer, graphs=True, **options)


@pytest.mark.parametrize(
    ("optimizer", "sentence"),
    [(ADAM, "Adam cannot be recorded .*; make it with capturable"), (ADAGRAD, "Adagrad .*; use SGD, or Adam with")],
)
def test_an_optimizer_that_cannot_be_recorded_is_refused(optimizer, sentence):
    with pytest.raises(TrainingError, match=sentence):
        graphed(lambda *_: None, optimizer(network().parameters()), CUDA)


# --- on CUDA ---------------------------------------------------------------------------------------------------------


def on_device(make, lr, **options):
    """Return an optimizer whose learning rate is a tensor on the GPU, made there for each run."""
    return lambda parameters: make(parameters, lr=torch.tensor(lr, device=CUDA), **options)


ADAMW = on_device(torch.optim.AdamW, 0.01, capturable=True)
ONE_CYCLE = partial(OneCycleLR, max_lr=0.05, total_steps=30, cycle_momentum=False)
CASES = {
    "SGD": (SGD, None, {}),
    "SGD, halved": (SGD, HALVED, {}),
    "SGD, rate in a tensor": (on_device(torch.optim.SGD, 0.1, fused=True), ONE_CYCLE, {"schedule_every": "step"}),
    "Adam": (partial(ADAM, lr=0.01, capturable=True), None, {}),
    "AdamW by step": (ADAMW, ONE_CYCLE, {"schedule_every": "step"}),
    "bfloat16": (SGD, None, {"precision": torch.bfloat16}),
}


@needs_cuda
@pytest.mark.filterwarnings("ignore:This instance was constructed with capturable=True")  # said by the run without
@pytest.mark.parametrize("case", CASES)
def test_graphs_train_as_steps_without_on_cuda(case):
    make_optimizer, make_schedule, options = CASES[case]
    run = partial(trained, make_optimizer, make_schedule, CUDA, dropout=0.0, **options)
    assert_same(run(graphs=True), run(), rtol=1e-2 if "precision" in options else 1e-3, atol=1e-3)


@needs_cuda
def test_dropout_draws_anew_at_each_replay_and_the_same_by_the_seed_on_cuda():
    x, y = moons(32).to(CUDA)

    def losses(seed):
        model = network(CUDA, dropout=0.5)
        frozen = torch.optim.SGD(model.parameters(), lr=0.0)
        options = {"loss": CROSS_ENTROPY, "optimizer": frozen, "epochs": 8, "progress": False}
        return fit(model, [(x, y)], graphs=True, seed=seed, **options)["train_loss"]

    assert len(set(losses(1))) == 8
    assert losses(1) == losses(1)
    assert losses(1) != losses(2)


@needs_cuda
def test_a_run_with_graphs_can_be_taken_up_again_on_cuda(tmp_path):
    file = tmp_path / "run.pt"
    options = {"make_schedule": ONE_CYCLE, "schedule_every": "step", "device": CUDA, "dropout": 0.0, "graphs": True}
    trained(ADAMW, epochs=3, checkpoint=file, **options)
    assert_same(
        trained(ADAMW, checkpoint=file, resume=True, **options), trained(ADAMW, **options), rtol=1e-3, atol=1e-3
    )


@needs_cuda
def test_a_step_that_waits_for_the_device_is_refused_and_cuda_goes_on_on_cuda():
    def waiting_loss(scores, y):
        value = CROSS_ENTROPY(scores, y)
        return value * (2.0 if value.item() > 1e9 else 1.0)

    model = network(CUDA)
    x, y = moons(32).to(CUDA)
    options = {"optimizer": SGD(model.parameters()), "epochs": 8, "progress": False}
    with pytest.raises(TrainingError, match=r"cannot be recorded as a CUDA graph .*\.item\(\).*leave graphs=True out"):
        fit(model, [(x, y)], loss=waiting_loss, graphs=True, **options)
    torch.cuda.synchronize()
    assert torch.ones(3, device=CUDA).sum().item() == 3


@needs_cuda
def test_recorded_steps_launch_one_graph_each_on_cuda():
    recorded: list[torch.cuda.CUDAGraph] = []

    class Counting(graphs.CudaRecorder):
        def record(self, run):
            replay = super().record(run)
            return lambda: (recorded.append(replay), replay())[1]

    model = network(CUDA)
    optimizer = SGD(model.parameters())
    step = GraphedStep(training.TrainStep(model, CROSS_ENTROPY, optimizer), optimizer, Counting())
    x, y = moons(88).to(CUDA)
    training.train_epoch(model, batches(x, y, 16), CROSS_ENTROPY, optimizer, step=step)
    assert len(recorded) == 5 - WARM_UP
