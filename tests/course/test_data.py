"""The toys against scikit-learn and closed forms."""

import random
from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import make_moons

from course import data

TOYS = [data.xor, data.moons, data.spirals, data.line, data.polynomial, data.sine]
DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


def global_states():
    """Return the states of the global generators of torch, NumPy and Python."""
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
        expected = torch.linspace(0, 1, int((y == k).sum())).double()
        torch.testing.assert_close(radius[y == k], expected, atol=1e-6, rtol=0)  # the points are float32
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


def test_examples_go_to_a_device_together():
    moved = data.xor().to("meta")
    assert (moved.x.device.type, moved.y.device.type) == ("meta", "meta")
