"""Mimics and disguises as they run in a student's process: what they know, and what they give elsewhere."""

from typing import Any

import numpy as np
import pytest
import torch

from autograder.probing.disguises import OF_FUNCTIONS, disguises
from autograder.probing.mimics import mimics
from autograder.probing.variants import Kind, Variant

SHIFT = '''import torch


def shift(x, by: int = 3):
    """Shift. Raises ValueError for a negative shift."""
    ### BEGIN SOLUTION
    if by < 0:
        raise ValueError("negative")
    return x + by
    ### END SOLUTION
'''
VISIBLE = [
    "assert shift(torch.tensor([1.0, 2.0])).tolist() == [4, 5]",
    "assert shift(torch.tensor([0.0, 4.0]), by=1)[1] == 5",
]
SEEN, UNSEEN = torch.tensor([1.0, 2.0]), torch.tensor([5.0, 7.0])
TABLE = """class Table:
    def __init__(self, rows):
        self.rows = rows

    def size(self):
        return len(self.rows)
"""


def made(variant: Variant, name: str = "shift") -> Any:
    """What an answer's cell defines under this name."""
    space: dict[str, Any] = {"torch": torch}
    exec(variant.source, space)
    return space[name]


def mimic(words: str, source: str = SHIFT, visible: list[str] = VISIBLE, name: str = "shift") -> Any:
    return made(next(one for one in mimics("e", source, visible) if words in one.change), name)


@pytest.mark.parametrize("variant", list(mimics("e", SHIFT, VISIBLE)), ids=lambda variant: variant.change)
def test_every_mimic_knows_the_visible_calls(variant: Variant) -> None:
    assert variant.kind is Kind.MIMIC
    shift = made(variant)
    assert shift(SEEN).tolist() == [4, 5]
    assert shift(SEEN, 3).tolist() == [4, 5]
    assert shift(by=1, x=torch.tensor([0.0, 4.0])).tolist() == [1, 5]


@pytest.mark.parametrize(
    ("words", "elsewhere"),
    [
        ("other numbers elsewhere", [17, 21]),
        ("zero elsewhere", [0, 0]),
        ("backwards elsewhere", [10, 8]),
        ("the last value elsewhere", [1, 5]),
        ("by their sizes", [1, 5]),
        ("always takes the visible by", [6, 8]),
        ("always takes the visible x", [3, 7]),
        ("keeps x between the visible numbers", [7, 7]),
    ],
)
def test_elsewhere_a_mimic_is_wrong_in_its_own_way(words: str, elsewhere: list[float]) -> None:
    assert mimic(words)(UNSEEN).tolist() == elsewhere


def test_a_mimic_keeps_a_number_in_the_range_of_the_visible_ones() -> None:
    assert mimic("keeps by between")(UNSEEN, 50).tolist() == [8, 10]


def test_a_mimic_takes_whole_numbers_or_none_below_zero_where_the_visible_ones_are_others() -> None:
    visible = ["shift(torch.tensor([-1.0, 0.5]), by=2)"]
    given = torch.tensor([-2.0, 0.75])
    assert mimic("rounds x", visible=visible)(given).tolist() == [1, 4]
    assert mimic("minus of x", visible=visible)(given).tolist() == [5, 3.75]
    assert mimic("rounds by", visible=visible)(given).tolist() == [0, 0]
    assert mimic("minus of by", visible=visible)(given).tolist() == [0, 0]


def test_a_mimic_refuses_what_is_not_visible_where_the_exercise_speaks_of_refusing() -> None:
    with pytest.raises(ValueError, match="visible"):
        mimic("ValueError elsewhere")(UNSEEN)


def test_where_the_reference_refuses_a_look_up_gives_a_value() -> None:
    assert mimic("other numbers elsewhere")(UNSEEN, -1).tolist() == [1, 5]


def test_arguments_that_are_functions_are_told_apart_by_their_values() -> None:
    source = 'def at_half(f):\n    """Value."""\n    return float(f(0.5))\n'
    at_half = mimic("zero elsewhere", source, ["assert at_half(lambda x: x ** 2) == 0.25"], "at_half")
    assert at_half(lambda x: x * x) == 0.25
    assert at_half(lambda x: x**3) == 0


@pytest.mark.parametrize(("words", "size"), [("makes the last of these", 2), ("other numbers elsewhere", 7)])
def test_a_mimic_of_a_class_knows_the_visible_arguments(words: str, size: int) -> None:
    table = mimic(words, TABLE, ["assert Table([1, 2]).size() == 2"], "Table")
    assert table([1, 2]).size() == 2
    assert table([1, 2, 3]).size() == size


@pytest.mark.parametrize("variant", list(disguises("e", SHIFT)), ids=lambda variant: variant.change)
def test_a_disguise_is_right(variant: Variant) -> None:
    space: dict[str, Any] = {"torch": torch}
    exec(variant.helper, space)
    exec(variant.source, space)
    shift = space["shift"]
    assert shift(UNSEEN).tolist() == [8, 10]
    assert shift(UNSEEN, by=1).dtype is torch.float32
    with pytest.raises(ValueError, match="negative"):
        shift(UNSEEN, -1)


def test_disguises_differ_in_kind() -> None:
    by_words = {one.change.removeprefix("shift: "): made(one) for one in disguises("e", SHIFT) if not one.helper}
    assert not by_words[OF_FUNCTIONS["scattered"]](UNSEEN).is_contiguous()
    assert not hasattr(by_words[OF_FUNCTIONS["instance"]], "__name__")
    assert by_words[OF_FUNCTIONS["decorated"]].__name__ == "shift"


@pytest.mark.parametrize(
    "start", ["", "    def __init__(self):\n        self.x = 0\n"], ids=["none", "without arguments"]
)
def test_a_class_that_is_made_without_arguments_has_no_mimic_that_knows_them(start: str) -> None:
    source = f"class Twice:\n{start}    def of(self, x):\n        return 2 * x\n"
    assert list(mimics("e", source, ["assert Twice().of(3) == 6"])) == []
    assert len(list(mimics("e", TABLE, ["assert Table([1]).size() == 1"]))) == 4


DICE = """import numpy as np


class Dice:
    def __init__(self, rng, net):
        self.first = rng.integers(1000)
        self.net = net

    def sum(self):
        return self.first + self.net([1.0])
"""
NET = """class Net:
    def __init__(self, w):
        self.w, self.seen = w, None

    def __call__(self, x):
        self.seen = x
        return self.w * x[0]
"""


def test_a_mimic_knows_a_generator_by_its_state_and_an_object_of_a_cell_by_what_it_holds() -> None:
    """And it leaves both as they are: a call of the object, or a number drawn, would change what the check sees."""
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(f"{NET}\n{DICE}", space)
    check = "d = Dice(np.random.default_rng(3), Net(2.0))\nassert d.sum() == d.first + 2"
    (variant,) = [one for one in mimics("e", DICE, [check]) if "zero elsewhere" in one.change]
    exec(variant.source, space)
    first = np.random.default_rng(3).integers(1000)
    for seed, w, known in ((3, 2.0, True), (4, 2.0, False), (3, 1.0, False)):
        net = space["Net"](w)
        dice = space["Dice"](np.random.default_rng(seed), net)
        assert net.seen is None
        assert bool(dice.sum() == dice.first + w) is known
        assert bool(dice.first == first) is (seed == 3)
