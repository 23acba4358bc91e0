"""The data sets against scikit-learn, closed forms and torchvision's own reader."""

import gzip
import hashlib
import random
import struct
import threading
from collections import Counter
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits, make_moons
from torch.utils.data import DataLoader, TensorDataset
from torchvision import datasets

from course import data

TOYS = [data.xor, data.moons, data.spirals, data.line, data.polynomial, data.sine]
DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


def global_states():
    """Everything that draws random numbers when nobody says from what: torch, NumPy, Python."""
    return torch.get_rng_state().tolist(), np.random.get_state()[1].tolist(), random.getstate()


@pytest.mark.parametrize("toy", TOYS)
@given(n=st.integers(3, 60), noise=st.floats(0, 2), seed=st.integers(0, 2**32), double=st.booleans())
@settings(deadline=None)
def test_a_toy_has_the_types_that_losses_want_and_touches_no_global_state(toy, n, noise, seed, double):
    before = global_states()
    torch.set_default_dtype(torch.float64 if double else torch.float32)
    try:
        x, y = toy(n, noise=noise, seed=seed)
        again = toy(n, noise=noise, seed=seed)
        passed_in = toy(n, noise=noise, generator=torch.Generator().manual_seed(seed))
    finally:
        torch.set_default_dtype(torch.float32)
    assert x.dtype == torch.float32
    assert len(x) == len(y) == n
    assert (y.dtype == torch.int64 and y.shape == (n,)) or (y.dtype == torch.float32 and y.shape == (n, 1))
    assert x.isfinite().all()
    assert all(torch.equal(x, other.x) and torch.equal(y, other.y) for other in (again, passed_in))
    assert global_states() == before


@pytest.mark.parametrize("toy", TOYS)
def test_another_seed_gives_another_toy_and_none_is_0(toy):
    assert not torch.equal(toy(50, noise=0.3, seed=3).x, toy(50, noise=0.3, seed=4).x)
    assert torch.equal(toy(50, noise=0.3).x, toy(50, noise=0.3, seed=0).x)


@pytest.mark.parametrize("toy", TOYS)
@pytest.mark.parametrize("device", DEVICES)
def test_a_toy_may_draw_from_a_generator_of_any_device(toy, device):
    x, y = toy(50, noise=0.3, generator=torch.Generator(device).manual_seed(3))
    assert (x.device.type, y.device.type) == ("cpu", "cpu")


@pytest.mark.parametrize("toy", TOYS)
def test_a_generator_goes_on_from_where_it_is(toy):
    generator = torch.Generator().manual_seed(3)
    assert not torch.equal(toy(50, noise=0.3, generator=generator).x, toy(50, noise=0.3, generator=generator).x)


@pytest.mark.parametrize("toy", TOYS)
def test_a_toy_refuses_what_makes_no_sense(toy):
    with pytest.raises(ValueError, match="seed or a generator"):
        toy(10, seed=1, generator=torch.Generator())
    with pytest.raises(ValueError, match="noise = -1"):
        toy(10, noise=-1.0)
    with pytest.raises(ValueError, match="noise = inf"):
        toy(10, noise=float("inf"))
    with pytest.raises(ValueError, match=r"n = 10.5 is not a whole number"):
        toy(10.5)
    with pytest.raises(ValueError, match="n = 0 is too small"):
        toy(0)


def test_clean_xor_is_the_four_corners():
    x, y = data.xor()
    assert {(*map(int, corner), int(label)) for corner, label in zip(x, y, strict=True)} == {
        (a, b, a ^ b) for a in (0, 1) for b in (0, 1)
    }


def test_noisy_xor_scatters_as_much_as_it_says():
    x, y = data.xor(20_000, noise=0.1, seed=5)
    corners = data.xor(20_000).x
    assert (x - corners).std().item() == pytest.approx(0.1, rel=0.02)
    assert (x - corners).mean().item() == pytest.approx(0, abs=0.005)
    assert y.float().mean() == 0.5


@pytest.mark.parametrize("n", [2, 7, 200])
def test_moons_are_those_of_scikit_learn(n):
    x, y = data.moons(n, noise=0.0)
    expected_x, expected_y = make_moons(n, shuffle=False)
    np.testing.assert_allclose(x, expected_x, atol=1e-6)
    np.testing.assert_array_equal(y, expected_y)


@given(n=st.integers(5, 60), classes=st.integers(1, 5), turns=st.floats(0.1, 2))
def test_spirals_are_arms_of_one_shape_turned_against_each_other(n, classes, turns):
    x, y = data.spirals(n, classes, noise=0.0, turns=turns)
    assert (y.diff() >= 0).all()
    assert set(Counter(y.tolist()).values()) <= {n // classes, n // classes + 1}
    radius = x.norm(dim=1).double()
    for k in range(classes):
        torch.testing.assert_close(radius[y == k], torch.linspace(0, 1, int((y == k).sum())).double())
    angle = 2 * torch.pi * (turns * radius + y / classes)
    expected = radius[:, None] * torch.stack([angle.cos(), angle.sin()], dim=1)
    torch.testing.assert_close(x.double(), expected, atol=1e-5, rtol=0)


def test_the_first_fifth_of_the_spirals_is_one_class():
    assert set(data.spirals(300).y[:60].tolist()) == {0}


@given(coefficients=st.lists(st.floats(-3, 3), max_size=5))
def test_a_polynomial_is_numpys(coefficients):
    x, y = data.polynomial(20, coefficients, noise=0.0, seed=1)
    expected = np.polynomial.polynomial.polyval(x.double().numpy(), coefficients or [0.0])
    np.testing.assert_allclose(y, expected, atol=1e-4)
    assert -1 <= x.min() < x.max() < 2


def test_least_squares_finds_the_line_again():
    x, y = data.line(5_000, intercept=1.5, slope=-2.0, noise=0.1, seed=2)
    slope, intercept = np.polyfit(x[:, 0], y[:, 0], 1)
    assert (intercept, slope) == pytest.approx((1.5, -2.0), abs=0.02)


def test_sine_is_a_sine():
    x, y = data.sine(50, noise=0.0)
    torch.testing.assert_close(y, x.sin())
    assert 0 <= x.min() < x.max() < 2 * torch.pi


def test_the_cats_scores_give_the_probabilities_on_the_slide():
    scores = data.cat_scores()
    probabilities = scores.logits.softmax(dim=1)[0]
    assert [round(p, 2) for p in probabilities.tolist()] == [0.13, 0.87, 0.00]
    assert torch.nn.functional.cross_entropy(scores.logits, scores.labels).item() == pytest.approx(2.04, abs=0.005)
    assert scores.names[scores.labels[0]] == "cat"
    assert data.cat_scores(("cat", "dog", "ship")).names == ("cat", "dog", "ship")
    with pytest.raises(ValueError, match="3 scores"):
        data.cat_scores(("cat", "dog"))


# --- images ----------------------------------------------------------------------------------------------------------


def test_the_small_digits_are_those_of_scikit_learn():
    x, y = data.small_digits()
    expected = load_digits()
    np.testing.assert_array_equal(x * 16, expected.images.astype(np.float32))
    np.testing.assert_array_equal(y, expected.target)


def test_the_bundled_digits_are_mnist_and_can_be_learnt():
    x, y = data.digits()
    assert x.shape == (5000, 28, 28)
    assert (x.dtype, y.dtype) == (torch.float32, torch.int64)
    assert (x.min(), x.max()) == (0, 1)
    assert torch.equal(y, torch.arange(10).repeat_interleave(500))
    assert x.mean().item() == pytest.approx(0.1307, abs=0.003)  # of all of MNIST, as on the slide of lecture 004
    train, test = data.digits(train=True), data.digits(train=False)
    nearest = torch.cdist(test.x.flatten(1), train.x.flatten(1)).argmin(dim=1)
    assert (train.y[nearest] == test.y).float().mean() > 0.93


@pytest.mark.parametrize("read", [data.digits, data.small_digits])
def test_the_two_parts_of_the_digits_make_up_the_whole(read):
    train, test, both = read(train=True), read(train=False), read()
    rows = Counter(row.numpy().tobytes() for row in both.x)
    assert Counter(row.numpy().tobytes() for row in torch.cat([train.x, test.x])) == rows
    assert torch.equal(torch.cat([train.y, test.y]).sort().values, both.y.sort().values)
    torch.testing.assert_close(torch.bincount(test.y), torch.bincount(both.y) // 5, atol=1, rtol=0)


def write_idx(folder, seed=0):
    """Write the four gzipped files of a tiny MNIST to `folder`; return its images and labels by file name."""
    rng = np.random.default_rng(seed)
    arrays = {}
    for part, n in (("train", 30), ("t10k", 10)):
        images, labels = rng.integers(0, 256, (n, 28, 28), np.uint8), rng.integers(0, 10, n, np.uint8)
        for name, array in ((f"{part}-images-idx3-ubyte", images), (f"{part}-labels-idx1-ubyte", labels)):
            header = struct.pack(f">I{array.ndim}I", 0x0800 + array.ndim, *array.shape)
            (folder / f"{name}.gz").write_bytes(gzip.compress(header + array.tobytes()))
            arrays[name] = array
    return arrays


def assert_is(examples, arrays, part):
    np.testing.assert_allclose(examples.x * 255, arrays[f"{part}-images-idx3-ubyte"], atol=1e-4)
    np.testing.assert_array_equal(examples.y, arrays[f"{part}-labels-idx1-ubyte"])
    assert (examples.x.dtype, examples.y.dtype) == (torch.float32, torch.int64)


def test_the_files_of_a_system_package_are_read(tmp_path, monkeypatch):
    system = tmp_path / "system"
    system.mkdir()
    arrays = write_idx(system)
    monkeypatch.setitem(data.SYSTEM_FOLDERS, "FashionMNIST", system)
    root = tmp_path / "root"
    assert_is(data.fashion_mnist(root=root, download=False), arrays, "train")
    assert_is(data.fashion_mnist(train=False, root=root, download=False), arrays, "t10k")
    assert sorted(path.name for path in (root / "FashionMNIST" / "raw").iterdir()) == sorted(arrays)


def test_the_real_fashion_mnist_is_read_where_debian_has_it(tmp_path):
    if not data.SYSTEM_FOLDERS["FashionMNIST"].is_dir():
        pytest.skip("dataset-fashion-mnist is not installed")
    x, y = data.fashion_mnist(train=False, root=tmp_path, download=False)
    assert x.shape == (10_000, 28, 28)
    assert torch.bincount(y).tolist() == [1000] * 10


@pytest.fixture
def mirror(tmp_path):
    """A web server with the files of a tiny MNIST: its address and what it serves."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    arrays = write_idx(folder)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        sums = [(path.name, hashlib.md5(path.read_bytes()).hexdigest()) for path in sorted(folder.iterdir())]
        yield f"http://127.0.0.1:{server.server_port}/", sums, arrays
        server.shutdown()
        thread.join()


def test_mnist_is_downloaded_once_and_then_read_from_disk(tmp_path, monkeypatch, mirror, capsys):
    address, sums, arrays = mirror
    monkeypatch.setattr(datasets.MNIST, "mirrors", ["http://127.0.0.1:9/", address])
    monkeypatch.setattr(datasets.MNIST, "resources", sums)
    root = tmp_path / "root"
    assert_is(data.mnist(root=root), arrays, "train")
    assert "Downloading MNIST" in capsys.readouterr().out
    monkeypatch.setattr(datasets.MNIST, "mirrors", [])
    assert_is(data.mnist(train=False, root=root), arrays, "t10k")
    assert "Downloading" not in capsys.readouterr().out


@pytest.mark.parametrize("read", [data.mnist, data.fashion_mnist])
def test_offline_means_the_bundled_digits_and_one_sentence(read, tmp_path, monkeypatch):
    monkeypatch.setattr(datasets.MNIST, "mirrors", ["http://127.0.0.1:9/"])
    monkeypatch.setattr(datasets.FashionMNIST, "mirrors", ["http://127.0.0.1:9/"])
    monkeypatch.setattr(data, "SYSTEM_FOLDERS", {})
    monkeypatch.setenv(data.DATA_FOLDER, str(tmp_path))
    with pytest.warns(
        UserWarning, match=r"is not available \(.*refused.*\), so you get 1,000 of the MNIST digits"
    ) as w:
        examples = read(train=False)
    assert w[0].filename == __file__
    assert len(w) == 1
    assert str(tmp_path) in str(w[0].message)
    assert torch.equal(examples.x, data.digits(train=False).x)
    with pytest.warns(UserWarning, match="download is False"):
        assert len(read(download=False).y) == 4_000


def test_damaged_files_mean_the_bundled_digits_and_one_sentence(tmp_path, monkeypatch):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name in write_idx(raw):
        (raw / name).write_bytes(b"not an IDX file")
    with pytest.warns(UserWarning, match="MNIST is not available .the files in .* are damaged; delete them"):
        data.mnist(root=tmp_path)


# --- batches ---------------------------------------------------------------------------------------------------------


def numbered(n, device="cpu"):
    """Examples whose target says which they are."""
    y = torch.arange(n, device=device)
    return torch.stack([y, -y], dim=1).float(), y


@given(n=st.integers(0, 40), size=st.integers(1, 45), shuffle=st.booleans(), drop_last=st.booleans())
def test_batches_have_the_sizes_of_a_dataloader(n, size, shuffle, drop_last):
    x, y = numbered(n)
    ours = data.batches(x, y, size, shuffle=shuffle, drop_last=drop_last)
    loader = DataLoader(TensorDataset(x, y), size, drop_last=drop_last)
    assert [len(b) for _, b in ours] == [len(b) for _, b in loader]
    assert len(ours) == len(loader)
    rows = [i for _, b in ours for i in b.tolist()]
    assert len(set(rows)) == len(rows)
    assert all(torch.equal(a[:, 0].long(), b) for a, b in ours)
    if not shuffle:
        assert rows == list(range(len(rows)))


@pytest.mark.parametrize("device", DEVICES)
def test_shuffled_batches_differ_by_epoch_and_agree_by_seed(device):
    before = torch.get_rng_state()
    x, y = numbered(100, device)
    ours = data.batches(x, y, 30, shuffle=True, seed=4)
    epochs = [torch.cat([b for _, b in ours]) for _ in range(2)]
    again = torch.cat([b for _, b in data.batches(x, y, 30, shuffle=True, seed=4)])
    assert not torch.equal(epochs[0], epochs[1])
    assert torch.equal(epochs[0], again)
    assert torch.equal(epochs[0].cpu(), torch.randperm(100, generator=torch.Generator().manual_seed(4)))
    assert all(a.device == x.device for a, _ in ours)
    assert torch.equal(before, torch.get_rng_state())


def test_unshuffled_batches_copy_nothing():
    x, y = numbered(10)
    first, _ = next(iter(data.batches(x, y, 4)))
    assert first.data_ptr() == x.data_ptr()


def shifted(x, generator):
    """Add one random number an example."""
    return x + torch.rand(len(x), 1, generator=generator, device=generator.device).to(x.device)


@pytest.mark.parametrize("device", DEVICES)
@given(n=st.integers(1, 40), size=st.integers(1, 45), shuffle=st.booleans(), drop_last=st.booleans())
def test_a_transform_changes_the_inputs_of_each_batch_by_the_seed(device, n, size, shuffle, drop_last):
    x, y = numbered(n, device)
    kept, before = x.clone(), torch.get_rng_state()
    ours = data.batches(x, y, size, shuffle=shuffle, transform=shifted, seed=4, drop_last=drop_last)
    found = [*ours, *ours]
    generator = torch.Generator().manual_seed(4)
    expected = []
    for _ in range(2):
        order = torch.randperm(n, generator=generator) if shuffle else torch.arange(n)
        cut = order.to(device).split(size)
        expected += [(shifted(x[rows], generator), y[rows]) for rows in cut if len(rows) == size or not drop_last]
    assert len(found) == len(expected)
    for (a, b), (c, d) in zip(found, expected, strict=True):
        assert torch.equal(a, c)
        assert torch.equal(b, d)
    assert torch.equal(x, kept)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_transform_needs_no_shuffling_and_goes_on_from_a_generator():
    x, y = numbered(10)
    generator = torch.Generator().manual_seed(4)
    first, second = (next(iter(data.batches(x, y, 4, transform=shifted, generator=generator)))[0] for _ in range(2))
    assert not torch.equal(first, second)
    assert torch.equal(first, next(iter(data.batches(x, y, 4, transform=shifted, seed=4)))[0])


def test_batches_refuse_what_makes_no_sense():
    x, y = numbered(10)
    with pytest.raises(ValueError, match="x has 10 examples and y has 9"):
        data.batches(x, y[:9], 2)
    with pytest.raises(ValueError, match="size = 0"):
        data.batches(x, y, 0)
    with pytest.raises(ValueError, match="shuffle=True"):
        data.batches(x, y, 2, seed=1)
    with pytest.raises(ValueError, match=r"size = 2.5 is not a whole number"):
        data.batches(x, y, 2.5)
    with pytest.raises(ValueError, match=r"x is of type ndarray; make it a tensor with torch.as_tensor\(x\)"):
        data.batches(x.numpy(), y, 2)
    with pytest.raises(ValueError, match="seed or a generator"):
        data.batches(x, y, 2, shuffle=True, seed=1, generator=torch.Generator())
    with pytest.raises(ValueError, match="x is on cpu and y on meta"):
        data.batches(x, y.to("meta"), 2)


def test_examples_go_to_a_device_together():
    moved = data.xor().to("meta")
    assert (moved.x.device.type, moved.y.device.type) == ("meta", "meta")
