"""What shows how a network is run: modes and passes are noted, and batches elsewhere refuse to be computed with."""

import copy
import pickle

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course import Watch, batches, elsewhere


def test_passes_are_counted_by_mode_and_by_whether_gradients_are_recorded() -> None:
    net = nn.Sequential(Watch(), nn.Linear(3, 2), Watch())
    x = torch.ones(4, 3)
    net(x)
    net.eval()
    with torch.no_grad():
        net(x)
        net(x)
    with torch.inference_mode():
        net(x)
    for watch in (net[0], net[2]):
        assert watch.passes.tolist() == [[3, 0], [0, 1]]


def test_the_mode_is_that_of_the_last_call_of_train_or_eval() -> None:
    net = nn.Sequential(Watch(), nn.Linear(3, 2))
    assert net[0].training
    assert net[0].trains
    net.eval()
    assert not net[0].training
    assert not net[0].trains
    net[0].training = True
    assert net[0].trains
    assert str(net[0]) == "now in training mode"


def test_a_watch_hands_on_what_it_gets_and_survives_copies() -> None:
    watch = Watch().eval()
    x = torch.randn(2, 3, generator=torch.Generator().manual_seed(0))
    assert torch.equal(watch(x), x)
    for again in (copy.deepcopy(watch), pickle.loads(pickle.dumps(watch))):
        assert not again.training
        assert again.passes.tolist() == [[0, 1], [0, 0]]
        assert str(again) == "now in evaluation mode; 1 passes in evaluation mode with gradients"


def test_batches_elsewhere_are_moved_by_to() -> None:
    x, y = torch.arange(6.0).view(3, 2), torch.tensor([0, 1, 1])
    ((far_x, far_y),) = elsewhere(batches(x, y, 3))
    assert torch.equal(far_x.to("cpu"), x)
    assert torch.equal(far_y.to(torch.device("cpu")), y)
    assert far_x.to(torch.zeros(1).double()).dtype == torch.float64
    assert len(far_y) == far_y.size(0) == 3
    assert far_x.shape == (3, 2)
    assert far_x.device.type == "meta"


@pytest.mark.parametrize(
    "use",
    [
        lambda x, y: nn.Linear(2, 2)(x),
        lambda x, y: F.cross_entropy(torch.zeros(3, 2), y),
        lambda x, y: torch.zeros(3) == y,
        lambda x, y: y == torch.zeros(3),
        lambda x, y: x / 255,
        lambda x, y: x[0],
        lambda x, y: x.flatten(1),
        lambda x, y: x.to(torch.float64) + 1,
    ],
)
def test_batches_elsewhere_refuse_to_be_computed_with(use) -> None:  # type: ignore[no-untyped-def]
    ((x, y),) = elsewhere([(torch.zeros(3, 2), torch.tensor([0, 1, 1]))])
    with pytest.raises(RuntimeError, match="on the same device"):
        use(x, y)


def test_batches_elsewhere_can_be_pickled_and_shown() -> None:
    ((x, _),) = elsewhere([(torch.ones(3, 2), torch.tensor([0, 1, 1]))])
    assert torch.equal(pickle.loads(pickle.dumps(x)).to("cpu"), torch.ones(3, 2))
    assert repr(x) == "<tensor of shape (3, 2) on another device>"
