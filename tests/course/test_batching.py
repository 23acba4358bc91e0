"""Batches against PyTorch's DataLoader."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader, TensorDataset

from course.batching import batches

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


def numbered(n, device="cpu"):
    """Return examples whose targets are their numbers."""
    y = torch.arange(n, device=device)
    return torch.stack([y, -y], dim=1).float(), y


@given(n=st.integers(0, 40), size=st.integers(1, 45), shuffle=st.booleans(), drop_last=st.booleans())
def test_batches_have_the_sizes_of_a_dataloader(n, size, shuffle, drop_last):
    x, y = numbered(n)
    ours = batches(x, y, size, shuffle=shuffle, drop_last=drop_last)
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
    ours = batches(x, y, 30, shuffle=True, seed=4)
    epochs = [torch.cat([b for _, b in ours]) for _ in range(2)]
    again = torch.cat([b for _, b in batches(x, y, 30, shuffle=True, seed=4)])
    assert not torch.equal(epochs[0], epochs[1])
    assert torch.equal(epochs[0], again)
    assert torch.equal(epochs[0].cpu(), torch.randperm(100, generator=torch.Generator().manual_seed(4)))
    assert all(a.device == x.device for a, _ in ours)
    assert torch.equal(before, torch.get_rng_state())


def test_unshuffled_batches_copy_nothing():
    x, y = numbered(10)
    first, _ = next(iter(batches(x, y, 4)))
    assert first.data_ptr() == x.data_ptr()


def shifted(x, generator):
    """Add one random number per example."""
    return x + torch.rand(len(x), 1, generator=generator, device=generator.device).to(x.device)


@pytest.mark.parametrize("device", DEVICES)
@given(n=st.integers(1, 40), size=st.integers(1, 45), shuffle=st.booleans(), drop_last=st.booleans())
def test_a_transform_changes_the_inputs_of_each_batch_by_the_seed(device, n, size, shuffle, drop_last):
    x, y = numbered(n, device)
    kept, before = x.clone(), torch.get_rng_state()
    ours = batches(x, y, size, shuffle=shuffle, transform=shifted, seed=4, drop_last=drop_last)
    got = [*ours, *ours]
    generator = torch.Generator().manual_seed(4)
    expected = []
    for _ in range(2):
        order = torch.randperm(n, generator=generator) if shuffle else torch.arange(n)
        cut = order.to(device).split(size)
        expected += [(shifted(x[rows], generator), y[rows]) for rows in cut if len(rows) == size or not drop_last]
    assert len(got) == len(expected)
    for (a, b), (c, d) in zip(got, expected, strict=True):
        assert torch.equal(a, c)
        assert torch.equal(b, d)
    assert torch.equal(x, kept)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_transform_needs_no_shuffling_and_goes_on_from_a_generator():
    x, y = numbered(10)
    generator = torch.Generator().manual_seed(4)
    first, second = (next(iter(batches(x, y, 4, transform=shifted, generator=generator)))[0] for _ in range(2))
    assert not torch.equal(first, second)
    assert torch.equal(first, next(iter(batches(x, y, 4, transform=shifted, seed=4)))[0])


def test_batches_refuse_what_makes_no_sense():
    x, y = numbered(10)
    with pytest.raises(ValueError, match="x has 10 examples and y has 9"):
        batches(x, y[:9], 2)
    with pytest.raises(ValueError, match="size = 0"):
        batches(x, y, 0)
    with pytest.raises(ValueError, match="shuffle=True"):
        batches(x, y, 2, seed=1)
    with pytest.raises(ValueError, match=r"size = 2.5 is not a whole number"):
        batches(x, y, 2.5)
    with pytest.raises(ValueError, match=r"x is of type ndarray; make it a tensor with torch.as_tensor\(x\)"):
        batches(x.numpy(), y, 2)
    with pytest.raises(ValueError, match="seed or a generator"):
        batches(x, y, 2, shuffle=True, seed=1, generator=torch.Generator())
    with pytest.raises(ValueError, match="x is on cpu and y on meta"):
        batches(x, y.to("meta"), 2)
