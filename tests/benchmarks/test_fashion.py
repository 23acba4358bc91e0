"""The recipe of the Fashion-MNIST benchmark: its mirror, its seeds, and that it learns. No accuracy of the full run."""

import pytest
import torch
from torchvision import datasets

from course import image_data
from course.batching import batches
from course.data import Examples
from course.image_data import digits
from course.training import evaluate, fit
from tests.benchmarks import fashion
from tests.benchmarks.fashion import Mixed, mirror, network, train

needs_fashion = pytest.mark.skipif(
    not image_data.SYSTEM_FOLDERS["FashionMNIST"].is_dir(), reason="dataset-fashion-mnist is not installed"
)


def some_digits(n: int = 600) -> Examples:
    x, y = digits()
    rows = torch.randperm(len(y), generator=torch.Generator().manual_seed(1))[:n]
    return Examples(x[rows], y[rows])


def numbered(n: int) -> Examples:
    """Images that tell which one they are, none of them its own mirror image, with their numbers as labels."""
    x = torch.arange(n * 12.0).view(n, 3, 4)
    return Examples(x, torch.arange(n))


def test_an_image_comes_as_it_is_or_mirrored_and_keeps_its_label():
    x, y = numbered(1000)
    seen, mirrored = [], 0
    for images, labels in batches(x, y, 64, shuffle=True, transform=mirror, seed=0):
        assert images.shape == (len(labels), 3, 4)
        for image, label in zip(images, labels, strict=True):
            same, other = torch.equal(image, x[label]), torch.equal(image, x[label].flip(1))
            assert same != other
            mirrored += other
            seen.append(int(label))
    assert sorted(seen) == list(range(1000))
    assert 420 < mirrored < 580  # five standard deviations


def test_a_seed_gives_the_same_images_again_and_every_pass_new_ones():
    def passes(seed):
        source = batches(*numbered(100), 30, shuffle=True, transform=mirror, seed=seed)
        return [torch.cat([x for x, _ in source]) for _ in range(2)]

    before = torch.get_rng_state()
    first, again, other = passes(3), passes(3), passes(4)
    assert torch.equal(torch.stack(first), torch.stack(again))
    assert not torch.equal(first[0], first[1])
    assert not torch.equal(first[0], other[0])
    assert torch.equal(before, torch.get_rng_state())


def test_the_data_set_itself_stays_as_it_was():
    x, y = numbered(50)
    before = x.clone()
    list(batches(x, y, 20, shuffle=True, transform=mirror))
    assert torch.equal(x, before)


def test_blended_images_and_targets_are_blended_alike():
    x, y = torch.eye(10).repeat(30, 1).unsqueeze(1), torch.arange(10).repeat(30)  # an image that is its own target
    shares = []
    for images, targets in (source := Mixed(batches(x, y, 64, shuffle=True, seed=0))):
        assert torch.allclose(images.squeeze(1), targets)
        assert torch.allclose(targets.sum(1), torch.ones(len(targets)))
        shares.append(1 - targets.amax(1))
    shares = torch.cat(shares)
    assert len(shares) == 300
    assert len(source) == 5
    assert 0.2 < shares.max() <= 0.5
    assert 0.08 < shares.mean() < 0.145  # u³/2 has a mean of 1/8, and one partner in ten is of the same class


def test_blends_are_set_by_the_seed():
    def first(seed):
        return next(iter(Mixed(batches(*some_digits(), 100, shuffle=True, seed=seed))))

    assert all(torch.equal(a, b) for a, b in zip(first(1), first(1), strict=True))
    assert not torch.equal(first(1)[0], first(2)[0])


def test_a_run_that_was_put_down_goes_on_with_the_same_mirror_images(tmp_path):
    examples = some_digits()

    def run(epochs, **checkpoint):
        torch.manual_seed(0)
        model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 10))
        source = Mixed(batches(*examples, 100, shuffle=True, transform=mirror, seed=0))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        loss = torch.nn.CrossEntropyLoss()
        fit(model, source, loss=loss, optimizer=optimizer, epochs=epochs, progress=False, **checkpoint)
        return model[1].weight

    whole = run(4)
    run(2, checkpoint=tmp_path / "run.pt")
    assert torch.equal(whole, run(4, checkpoint=tmp_path / "run.pt", resume=True))


def test_the_network_is_an_mlp_of_the_widths_asked_for():
    model = network((784, 30, 20, 10))
    shapes = [tuple(layer.weight.shape) for layer in model if isinstance(layer, torch.nn.Linear)]
    assert shapes == [(30, 784), (20, 30), (10, 20)]
    assert model(torch.rand(5, 28, 28)).shape == (5, 10)


def test_training_is_set_by_its_seed_alone():
    examples = some_digits(300)
    before = torch.get_rng_state()
    one, again, other = (train(examples, seed, epochs=1, progress=False) for seed in (0, 0, 1))
    weights = [model.state_dict() for model in (one, again, other)]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    assert not torch.equal(weights[0]["1.weight"], weights[2]["1.weight"])
    assert torch.equal(before, torch.get_rng_state())


@needs_fashion
@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_a_few_hundred_images_already_teach_it_most_of_the_clothes(precision):
    (x, y), (test_x, test_y) = fashion.load("cpu", validate=True)
    model = train(Examples(x[:800], y[:800]), 0, epochs=8, precision=precision, progress=False)
    checked = evaluate(model, batches(test_x[:1000], test_y[:1000], 500), torch.nn.CrossEntropyLoss())
    assert checked.accuracy > 0.7


@needs_fashion
def test_validation_holds_back_images_of_the_training_set_and_scales_by_the_others():
    (x, y), (held_x, held_y) = fashion.load("cpu", validate=True)
    assert (len(x), len(y), len(held_x), len(held_y)) == (50_000, 50_000, 10_000, 10_000)
    assert x.mean().item() == pytest.approx(0, abs=1e-3)
    assert x.std().item() == pytest.approx(1, abs=1e-3)
    everything = image_data.fashion_mnist(train=True)
    counts = torch.bincount(y, minlength=10) + torch.bincount(held_y, minlength=10)
    assert torch.equal(counts, torch.bincount(everything.y, minlength=10))


def test_without_the_data_it_says_so_and_measures_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv(image_data.DATA_FOLDER, str(tmp_path))
    monkeypatch.setattr(image_data, "SYSTEM_FOLDERS", {})
    monkeypatch.setattr(datasets.FashionMNIST, "mirrors", [])
    with pytest.raises(SystemExit, match="FashionMNIST is not available"):
        fashion.load("cpu", validate=False)


def test_the_table_gives_mean_and_deviation():
    results = [fashion.Result(0, 0.90, 60.0, 100.0), fashion.Result(1, 0.92, 80.0, 100.0)]
    columns = [list(column.cells) for column in fashion.table(results, "").columns]
    assert columns[0] == ["0", "1", "mean", "deviation"]
    assert columns[1] == ["90.00 %", "92.00 %", "91.00 %", "1.41 %"]
    assert columns[2][2:] == ["70.0", "14.1"]
