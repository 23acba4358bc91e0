"""An object where the reference gave plain data: a test may leave it alone, and nothing else."""

import copy
import operator
import pickle
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
import pytest
import torch

from autograder.rpc.faults import WireError
from autograder.rpc.rules import InterfaceError
from autograder.rpc.unusable import Unusable


def give_up(error: WireError) -> NoReturn:
    raise error


@pytest.fixture
def unusable() -> Any:
    return Unusable(give_up, InterfaceError("an object"))


def test_it_may_be_dropped_and_is_no_other_value(unusable: Any) -> None:
    kept = [unusable, None]
    assert kept[0] is not None


@pytest.mark.parametrize(
    "use",
    [
        lambda it: it == 4,
        lambda it: it != 4,
        bool,
        len,
        iter,
        list,
        hash,
        repr,
        str,
        int,
        float,
        operator.index,
        copy.copy,
        copy.deepcopy,
        pickle.dumps,
        np.asarray,
        torch.as_tensor,
        lambda it: f"{it}",
        lambda it: it.shape,
        lambda it: hasattr(it, "shape"),
        lambda it: setattr(it, "shape", 1),
        lambda it: isinstance(it, int),
        lambda it: it + 1,
        lambda it: 1 + it,
        lambda it: it[0],
        lambda it: 1 in it,
        lambda it: {it: 1},
        lambda it: torch.ones(1) * it,
        lambda it: torch.equal(torch.ones(1), it),
        lambda it: np.ones(1) == it,
        lambda it: sorted([it, 1]),
        lambda it: max(it, 1),
    ],
)
def test_any_use_ends_the_test(unusable: Any, use: Callable[[Any], object]) -> None:
    with pytest.raises(InterfaceError, match="an object"):
        use(unusable)
