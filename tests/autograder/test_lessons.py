"""Which lesson cells run when a submission is graded."""

import pytest

from autograder.lessons import needed_lessons

LESSONS = {
    "constants": "eps = 1e-9\nz = 3",
    "helper": "def clip(x):\n    return max(x, eps)",
    "figure": "values = [clip(v) for v in range(3)]\nprint(values)",
    "seed": "import torch\ntorch.manual_seed(0)",
    "magic": "%timeit 1 + 1",
    "patch": "torch.flag = 1",
}
ALWAYS = {"seed", "magic", "patch"}


@pytest.mark.parametrize(
    ("code", "needed"),
    [
        ("def f(x): return 2 * x", set()),
        ("def f(z): return z", set()),  # its own z
        ("def f(x): return z * x", {"constants"}),
        ("def f(x): return clip(x)", {"helper", "constants"}),
        ("def f(x):\n    def g(): return eps\n    return g()", {"constants"}),
        ("class F:\n    def f(self): return values", {"figure", "helper", "constants"}),
        ("g = lambda v: clip(v)", {"helper", "constants"}),
        ("f = [eps for _ in range(3)]", {"constants"}),
        ("def f(x) return eps", set()),  # a mistake: the cell never runs
    ],
)
def test_only_what_is_used_is_needed(code: str, needed: set[str]) -> None:
    assert needed_lessons(LESSONS, [code]) == needed | ALWAYS


@pytest.mark.parametrize(
    "code", ["f = eval('clip')", "f = globals()['clip']", "%run other.py", "get_ipython()", "import sys\nsys.modules"]
)
def test_code_that_can_look_everywhere_gets_everything(code: str) -> None:
    assert needed_lessons(LESSONS, [code]) == set(LESSONS)
