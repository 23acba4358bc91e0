"""A table of steps shows where a calculation first goes wrong."""

import torch

from course.steps import compare_steps


def test_steps_are_laid_side_by_side() -> None:
    table = compare_steps({"max": 4.0, "shifted": [0.0, 1.0], "sum": 3.0}, {"max": 4, "shifted": [0.0, 2.5]})
    assert table.first_wrong == "shifted"
    assert str(table).splitlines() == [
        "step     expected    got         difference",
        "max      4.0         4",
        "shifted  [0.0, 1.0]  [0.0, 2.5]  1.5",
        "sum      3.0         None        missing",
    ]
    assert compare_steps({"max": 4.0}, {"max": torch.tensor(4.0)}).first_wrong == ""
    assert "another shape" in str(compare_steps({"max": 4.0}, {"max": [4.0, 4.0]}))
