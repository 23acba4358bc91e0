"""The image data sets against scikit-learn and torchvision's own reader."""

import gzip
import hashlib
import struct
import threading
from collections import Counter
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torchvision import datasets

from course import image_data


def test_the_small_digits_are_those_of_scikit_learn():
    x, y = image_data.small_digits()
    expected = load_digits()
    np.testing.assert_array_equal(x * 16, expected.images.astype(np.float32))
    np.testing.assert_array_equal(y, expected.target)


def test_the_bundled_digits_are_mnist_and_can_be_learnt():
    x, y = image_data.digits()
    assert x.shape == (5000, 28, 28)
    assert (x.dtype, y.dtype) == (torch.float32, torch.int64)
    assert (x.min(), x.max()) == (0, 1)
    assert torch.equal(y, torch.arange(10).repeat_interleave(500))
    assert x.mean().item() == pytest.approx(0.1307, abs=0.003)  # of all of MNIST, as on the slide of lecture 004
    train, test = image_data.digits(train=True), image_data.digits(train=False)
    nearest = torch.cdist(test.x.flatten(1), train.x.flatten(1)).argmin(dim=1)
    assert (train.y[nearest] == test.y).float().mean() > 0.93


@pytest.mark.parametrize("read", [image_data.digits, image_data.small_digits])
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
    monkeypatch.setitem(image_data.SYSTEM_FOLDERS, "FashionMNIST", system)
    root = tmp_path / "root"
    assert_is(image_data.fashion_mnist(root=root, download=False), arrays, "train")
    assert_is(image_data.fashion_mnist(train=False, root=root, download=False), arrays, "t10k")
    assert sorted(path.name for path in (root / "FashionMNIST" / "raw").iterdir()) == sorted(arrays)


def test_the_real_fashion_mnist_is_read_where_debian_has_it(tmp_path):
    if not image_data.SYSTEM_FOLDERS["FashionMNIST"].is_dir():
        pytest.skip("dataset-fashion-mnist is not installed")
    x, y = image_data.fashion_mnist(train=False, root=tmp_path, download=False)
    assert x.shape == (10_000, 28, 28)
    assert torch.bincount(y).tolist() == [1000] * 10


@pytest.fixture
def mirror(tmp_path):
    """Serve the files of a tiny MNIST; yield the address, their checksums and the arrays."""
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
    assert_is(image_data.mnist(root=root), arrays, "train")
    assert "Downloading MNIST" in capsys.readouterr().out
    monkeypatch.setattr(datasets.MNIST, "mirrors", [])
    assert_is(image_data.mnist(train=False, root=root), arrays, "t10k")
    assert "Downloading" not in capsys.readouterr().out


@pytest.mark.parametrize("read", [image_data.mnist, image_data.fashion_mnist])
def test_offline_means_the_bundled_digits_and_one_sentence(read, tmp_path, monkeypatch):
    monkeypatch.setattr(datasets.MNIST, "mirrors", ["http://127.0.0.1:9/"])
    monkeypatch.setattr(datasets.FashionMNIST, "mirrors", ["http://127.0.0.1:9/"])
    monkeypatch.setattr(image_data, "SYSTEM_FOLDERS", {})
    monkeypatch.setenv(image_data.DATA_FOLDER, str(tmp_path))
    with pytest.warns(
        UserWarning, match=r"is not available \(.*refused.*\), so you get 1,000 of the MNIST digits"
    ) as w:
        examples = read(train=False)
    assert w[0].filename == __file__
    assert len(w) == 1
    assert str(tmp_path) in str(w[0].message)
    assert torch.equal(examples.x, image_data.digits(train=False).x)
    with pytest.warns(UserWarning, match="download is False"):
        assert len(read(download=False).y) == 4_000


def test_damaged_files_mean_the_bundled_digits_and_one_sentence(tmp_path, monkeypatch):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name in write_idx(raw):
        (raw / name).write_bytes(b"not an IDX file")
    with pytest.warns(UserWarning, match="MNIST is not available .the files in .* are damaged; delete them"):
        image_data.mnist(root=tmp_path)
