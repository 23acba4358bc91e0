"""Demos are run where cells that are run use what they bind, and nowhere else."""

import pytest

from autograder.reading.demos import used_demos
from autograder.reading.plan import Step, without_unused_demos

IMPORTS = ("imports", "import torch\nfrom course import plots")
LOADS = ("loads", "from course import plots\n\nimages = 3\nfor step in range(3):\n    net = step")
USES_IT = ("lesson", "rows = images * 2")


@pytest.mark.parametrize(
    ("own", "used"),
    [
        ("total = images + 1", {"loads"}),
        ("images = images + 1", {"loads"}),
        ("images += 1", {"loads"}),
        ("def helper():\n    return net", {"loads"}),
        ("print(rows)", {"loads"}),  # by way of a cell of the lesson
        ("images = 4\nprint(images)", set()),  # it binds the name itself
        ("for step in range(2):\n    images = step\nprint(images, step)", set()),
        ("with open('f') as net:\n    print(net)", set()),
        ("try:\n    net = 1\nexcept ValueError as step:\n    print(step)\nprint(net)", set()),
        ("import net.inner as images, step\nprint(images, step)", set()),
        ("class net:\n    images = 1\nprint(net)", set()),
        ("for net in [net]:\n    pass", {"loads"}),
        ("if images:\n    images = 1", {"loads"}),
        ("while True:\n    images += 1", {"loads"}),
        ("images, step = 1, images", {"loads"}),
        ("plots.line()", set()),  # what is imported already
        ("print(below)", {"below"}),  # a function may be called later
        ("print(missing)", set()),
    ],
)
def test_a_demo_is_used_where_its_names_are(own: str, used: set[str]) -> None:
    cells = [IMPORTS, LOADS, USES_IT, ("own", own), ("below", "below = 1")]
    assert used_demos(cells, {"loads", "below"}, {"own"}) == used


def test_of_several_cells_that_bind_a_name_the_last_one_above_counts() -> None:
    cells = [("demo", "n = 1"), ("lesson", "n = 2"), ("own", "print(n)"), ("later", "n = 3")]
    assert used_demos(cells, {"demo", "later"}, {"own"}) == set()
    assert used_demos([cells[1], cells[0], cells[2]], {"demo"}, {"own"}) == {"demo"}


def test_a_demo_that_another_one_uses_is_used_too() -> None:
    cells = [("first", "data = 1"), ("second", "net = data"), ("third", "print(net)"), ("own", "print(net)")]
    assert used_demos(cells, {"first", "second", "third"}, {"own"}) == {"first", "second"}


def test_without_demos_nothing_is_looked_for() -> None:
    assert used_demos([("own", "print(n)")], set(), {"own"}) == set()


def test_steps_of_unused_demos_are_left_out() -> None:
    demo, other = Step("demo", "demo", "n = 1"), Step("other", "demo", "m = 1")
    own, test = Step("own:1", "student", "print(n)"), Step("test", "test", "print(m)")
    assert without_unused_demos([demo, other, own, test]) == (demo, own, test)
