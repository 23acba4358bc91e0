"""What cells use of each other."""

import pytest

from autograder.reading.dependencies import needed_cells, order_matters

LESSONS = {
    "constants": "eps = 1e-9\nz = 3",
    "helper": "def clip(x):\n    return max(x, eps)",
    "figure": "values = [clip(v) for v in range(3)]\nprint(values)",
    "seed": "import torch\ntorch.manual_seed(0)",
    "magic": "%run 1",
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
    assert needed_cells(LESSONS, {}, [code]) == needed | ALWAYS


@pytest.mark.parametrize(
    "code", ["f = eval('clip')", "f = globals()['clip']", "%run other.py", "get_ipython()", "import sys\nsys.modules"]
)
def test_code_that_can_look_everywhere_gets_everything(code: str) -> None:
    assert needed_cells(LESSONS, {}, [code]) == set(LESSONS)


IMPORTS = "import torch\nfrom torch import nn"


@pytest.mark.parametrize(
    ("cells", "matters"),
    [
        (["def f(x): return torch.exp(x)", "def g(x): return x"], False),
        (["def helper(x): return x", "def f(x): return helper(x)", "def g(x): return helper(x)"], False),
        (["eps = 1", "def f(x): return eps * x", "def g(x): return x"], False),
        (["y = f(1)", "y = g(2)", "def f(x): return x"], False),  # what the answers do not rest on may change
        (["eps = 1", "def f(x): return eps * x", "eps = 2", "def g(x): return x"], True),
        (["def f(x): return x", "def g(x): return x", "f = g"], True),
        (["def f(x): return x", "def f(x): return 2 * x"], True),
        (["seen = []", "def f(x): return seen", "seen.append(1)"], True),
        (["def f(x): return torch.ones(x)", "torch.set_default_dtype(torch.float64)"], True),
        (["def f(x): return nn.Linear(x, 1)", "nn.Linear = None"], True),
        (["def f(x): return x", "torch = None"], False),
        (["class F(nn.Module):\n    def __init__(self): self.inner = nn.ReLU()\ndef f(x): return F()(x)"], False),
        (["w = torch.ones(2)\nw.requires_grad = True", "def f(x): return x"], False),
        (["def f(x):\n    nn.Linear.forward = None\n    return x"], True),
        (["def f(x, seed): return torch.randn(x)", "torch.manual_seed(1)", "torch.set_num_threads(1)"], False),
        (["def f(x): return torch.exp(x)", "import numpy as torch"], True),
        (["def f(x): return later(x)", "def later(x): return x"], True),  # f fails right after its own cell
        (["def f(x): return g(x)", "def g(x): return x"], True),
        (["def f(x): return x", "exec('f = None')"], True),
        (["def f(x): return x", "%reset -f"], True),
    ],
)
def test_order_matters_only_where_answers_could_change(cells: list[str], matters: bool) -> None:
    assert order_matters([IMPORTS, *cells], frozenset({"f", "g"})) is matters
