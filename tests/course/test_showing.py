"""What messages write in place of a value."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from course.showing import show


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (torch.tensor([1, 0]), "tensor([1, 0])"),
        (torch.tensor(0.1), "tensor(0.1)"),
        (torch.tensor([1.0], dtype=torch.float64), "tensor([1.0], dtype=float64)"),
        (np.array([math.nan, math.inf]), "array([nan, inf], dtype=float64)"),
        (torch.zeros(100, 10), "tensor of shape (100, 10), float32"),
        (torch.zeros(0, 3, dtype=torch.int64), "tensor of shape (0, 3), int64"),
        ((torch.tensor(1.0),), "(tensor(1.0),)"),
        (1 / 3, "0.33333"),
        (torch.relu, "relu"),
        (nn.ReLU(), "ReLU"),
        ("x" * 500, "'" + "x" * 198 + "…"),
    ],
)
def test_values_are_shown_short(value: object, text: str) -> None:
    assert show(value) == text


def test_a_hostile_repr_is_survived() -> None:
    class Hostile:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    assert show(Hostile()) == "an object of type Hostile"
