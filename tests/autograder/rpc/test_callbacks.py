"""Functions of a test that an answer calls: values, errors and gradients cross in both directions, as in a kernel."""

import pytest

from autograder.running.processes import Zygote
from tests.autograder.judging import IMPORTS, judge, results
from tests.plain_kernel import run_cells

DERIVATIVE = """
def f(g, x):
    x = x.detach().clone().requires_grad_()
    return torch.autograd.grad(g(x).sum(), x)[0]
"""
SECOND = """
def f(g, x):
    x = x.detach().clone().requires_grad_()
    first, = torch.autograd.grad(g(x).sum(), x, create_graph=True)
    return torch.autograd.grad(first.sum(), x)[0]
"""
BACKWARD = """
def f(g, x):
    x = x.detach().clone().requires_grad_()
    g(x).sum().backward()
    return x.grad
"""
COMPOSED = "def f(g, x): return g(3 * x) * x"
CASES = {
    "the answer differentiates": (
        DERIVATIVE,
        "x = torch.tensor([1.0, 2.0])\nassert torch.allclose(f(lambda x: x ** 3, x), 3 * x ** 2)",
    ),
    "by backward": (
        BACKWARD,
        "x = torch.tensor([1.0, 2.0])\nassert torch.allclose(f(lambda x: (x ** 3).exp(), x), (x ** 3).exp() * 3 * x ** 2)",
    ),
    "twice": (SECOND, "x = torch.tensor([1.0, 2.0])\nassert torch.allclose(f(lambda x: x ** 3, x), 6 * x)"),
    "a linear function twice": (
        "def f(g, x):\n    x = x.detach().clone().requires_grad_()\n    return torch.autograd.grad(g(x).sum(), x, create_graph=True)[0]",
        "assert f(lambda x: 2 * x, torch.ones(2)).tolist() == [2, 2]",
    ),
    "three times": (
        """
def f(g, x):
    x = x.detach().clone().requires_grad_()
    y = g(x).sum()
    for _ in range(3):
        y = torch.autograd.grad(y, x, create_graph=True)[0].sum()
    return y
""",
        "assert torch.allclose(f(lambda x: x ** 4, torch.tensor([2.0])), torch.tensor(48.0))",
    ),
    "a jacobian": (
        "def f(g, x): return torch.autograd.functional.jacobian(g, x)",
        "x = torch.tensor([1.0, 2.0])\nassert torch.allclose(f(lambda x: x.outer(x)[0], x), torch.tensor([[2.0, 0.0], [2.0, 1.0]]))",
    ),
    "the test differentiates": (
        COMPOSED,
        "x = torch.tensor([2.0], requires_grad=True)\nf(lambda v: v ** 2, x).sum().backward()\nassert x.grad.tolist() == [108.0]",
    ),
    "gradcheck": (
        COMPOSED,
        "x = torch.randn(3, dtype=torch.float64, requires_grad=True)\nassert torch.autograd.gradcheck(lambda x: f(torch.sin, x), (x,))\n"
        "assert torch.autograd.gradcheck(lambda x: f(lambda v: v.sin(), x), (x,))",
    ),
    "a parameter that the function holds": (
        COMPOSED,
        "w, x = torch.tensor([5.0], requires_grad=True), torch.tensor([2.0], requires_grad=True)\n"
        "f(lambda v: w * v, x).sum().backward()\nassert (w.grad.tolist(), x.grad.tolist()) == ([12.0], [60.0])",
    ),
    "a parameter used twice, through the argument too": (
        COMPOSED,
        "x = torch.tensor([2.0], requires_grad=True)\nf(lambda v: x * v, x).sum().backward()\nassert x.grad.tolist() == [36.0]",
    ),
    "several arguments and results": (
        "def f(g, x, y):\n    a, b = g(x, [2 * y])\n    return a * b",
        "x, y = (torch.tensor([v], requires_grad=True) for v in (3.0, 5.0))\n"
        "f(lambda x, ys: (x * ys[0], x + ys[0]), x, y).sum().backward()\n"
        "assert (x.grad.tolist(), y.grad.tolist()) == ([160.0], [138.0])",
    ),
    "the test differentiates twice": (
        "def f(x, w): return (x ** 3 * w).exp()",
        """
x, w = torch.tensor([0.5, 1.0], requires_grad=True), torch.tensor(2.0, requires_grad=True)
def orders(f):
    y = f(x, w)
    first, = torch.autograd.grad(y.sum(), x, create_graph=True)
    second, = torch.autograd.grad(first.sum(), x, create_graph=True)
    third, in_w = torch.autograd.grad(second.square().sum(), (x, w))
    return [first.detach(), second.detach(), third, in_w]
for ours, theirs in zip(orders(lambda x, w: (x ** 3 * w).exp()), orders(f)):
    assert torch.allclose(ours, theirs)
""",
    ),
    "gradgradcheck": (
        "def f(x): return x.sin() * x",
        "x = torch.randn(3, dtype=torch.float64, requires_grad=True)\nassert torch.autograd.gradgradcheck(f, (x,))",
    ),
    "a network's second derivative trains it": (
        """
class f(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.tensor([2.0]))
    def forward(self, x): return self.w * x ** 3
""",
        """
net, x = f(), torch.tensor([1.5], requires_grad=True)
slope, = torch.autograd.grad(net(x), x, create_graph=True)
bend, = torch.autograd.grad(slope, x, create_graph=True)
assert net.w.grad is None
bend.backward()
assert net.w.grad.tolist() == [9.0] and x.grad.tolist() == [12.0]
assert bend.tolist() == [18.0]
""",
    ),
    "gradients that nobody asked for": (
        "def f(n):\n    torch.manual_seed(0)\n    return nn.Linear(n, 1)",
        """
net, x = f(2), torch.ones(1, 2, requires_grad=True)
torch.autograd.grad(net(x).sum(), x)
assert net.weight.grad is None and x.grad is None
net(x).sum().backward(inputs=[x])
assert net.weight.grad is None and torch.equal(x.grad, net.weight)
net(x).sum().backward()
assert net.weight.grad.tolist() == [[1.0, 1.0]]
torch.autograd.grad(net(x).sum(), x)
assert net.weight.grad.tolist() == [[1.0, 1.0]]
net(x).sum().backward()
assert net.weight.grad.tolist() == [[2.0, 2.0]]
""",
    ),
    "the argument itself": (
        COMPOSED,
        "x = torch.ones(1, requires_grad=True)\nf(lambda v: v, x).backward()\nassert x.grad.tolist() == [6.0]",
    ),
    "a constant": (
        COMPOSED,
        "x = torch.ones(1, requires_grad=True)\nc = torch.ones(1) * 7\nf(lambda v: c, x).backward()\nassert x.grad.tolist() == [7.0]",
    ),
    "the answer within the function": (
        "def f(g, x): return g(3 * x) * x if g else x * x",
        "x = torch.tensor([2.0], requires_grad=True)\nf(lambda v: f(None, v) + v, x).sum().backward()\nassert x.grad.tolist() == [120.0]",
    ),
    "without gradients": (
        "def f(g, x):\n    with torch.no_grad():\n        return g(x)",
        "x = torch.ones(1, requires_grad=True)\nassert not f(lambda v: 2 * v, x).requires_grad\nassert not f(lambda v: 2 * v, x.detach()).requires_grad",
    ),
    "gradients where the test has none": (
        DERIVATIVE.replace("    return", "    with torch.enable_grad():\n        return").replace(
            "    x = x.d", "    torch.is_grad_enabled()\n    x = x.d"
        ),
        "with torch.no_grad():\n    assert f(lambda v: 3 * v, torch.ones(1)).tolist() == [3]",
    ),
    "gradient descent": (
        """
def f(loss, w):
    w = w.detach().clone().requires_grad_()
    for _ in range(50):
        loss(w).backward()
        with torch.no_grad():
            w -= 0.1 * w.grad
            w.grad = None
    return w.detach()
""",
        "assert torch.allclose(f(lambda w: ((w - 3) ** 2).sum(), torch.zeros(2)), torch.full((2,), 3.0), atol=1e-3)",
    ),
    "torch.func: a derivative": (
        "def f(g, x): return torch.func.grad(lambda x: 2 * g(3 * x))(x)",
        "assert f(lambda x: (x ** 3).sum(), torch.tensor([1.0, 2.0])).tolist() == [162, 648]",
    ),
    "torch.func: twice, by every example": (
        "def f(g, x): return torch.func.vmap(torch.func.grad(torch.func.grad(g)))(x)",
        "assert f(lambda x: x ** 3, torch.tensor([1.0, 2.0])).tolist() == [6, 12]",
    ),
    "torch.func: values, several arguments and results": (
        "def f(g, x, y):\n    values, back = torch.func.vjp(lambda x, y: g(x, [y])['two'], x, y)\n    return values, back((x, x))",
        "x = torch.tensor([1.0, 2.0])\n(a, b), (c, d) = f(lambda x, ys: {'two': (x * ys[0], x + ys[0]), 'n': 1}, x, 3 * x)\n"
        "assert (a.tolist(), b.tolist(), c.tolist(), d.tolist()) == ([3, 12], [4, 8], [4, 14], [2, 6])",
    ),
    "torch.func: jacobians and a Hessian": (
        "def f(g, x): return torch.func.jacrev(g)(x), torch.func.jacfwd(g)(x), torch.func.hessian(lambda x: g(x).sum())(x)",
        "x = torch.tensor([1.0, 2.0])\nfor got in f(lambda x: x ** 3, x)[:2]: assert torch.equal(got, torch.diag(3 * x ** 2))\n"
        "assert torch.equal(f(lambda x: x ** 3, x)[2], torch.diag(6 * x))",
    ),
    "torch.func: what nothing depends on": (
        "def f(g, x): return torch.func.grad(lambda x, y: g(x, y), argnums=(0, 1))(x, x)",
        "a, b = f(lambda x, y: (2 * x).sum(), torch.ones(2))\nassert (a.tolist(), b.tolist()) == ([2, 2], [0, 0])",
    ),
    "torch.func: the function runs once": (
        "def f(g, x): return torch.func.grad(g)(x)",
        "calls = []\nf(lambda x: calls.append(1) or (x ** 2).sum(), torch.ones(2))\nassert len(calls) == 1",
    ),
    "an error of the function's": (
        "def f(g, x):\n    try:\n        return g(x)\n    except ValueError as error:\n        return str(error)",
        "def no(x):\n    raise ValueError('no')\nassert f(no, 1) == 'no'",
    ),
}


@pytest.mark.parametrize(("answer", "test"), CASES.values(), ids=CASES.keys())
def test_a_function_of_the_tests_is_as_good_as_in_a_kernel(zygote: Zygote, answer: str, test: str) -> None:
    told = run_cells(zygote, [("imports", IMPORTS), ("f", answer), ("t", test)])
    assert told == {"imports": None, "f": None, "t": None}
    run = judge(zygote, answer, [test], answer)
    assert results(run) == ["passed"], run.tests


def test_a_wrong_derivative_is_wrong(zygote: Zygote) -> None:
    for answer, test in list(CASES.values())[:3]:
        run = judge(zygote, answer, [test], "def f(g, x): return g(x) * 3")
        assert results(run) == ["failed"]


FORGED = [
    "{'kind': 'GiveGradient', 'number': 0, 'gradient': None, 'create': True}",
    "{'kind': 'GiveGradient', 'number': 10**6, 'gradient': None, 'create': True}",
    "{'kind': 'GiveGradient', 'number': [], 'gradient': 0, 'create': False}",
    "{'kind': 'CallBack', 'number': 0, 'arguments': 1, 'keywords': 2}",
]


@pytest.mark.parametrize("request_", FORGED)
def test_gradients_of_what_was_never_given_are_refused(zygote: Zygote, request_: str) -> None:
    attack = f"""
import gc
def f(g, x):
    student, = [o for o in gc.get_objects() if type(o).__name__ == "Student"]
    student.channel.send({request_})
    return student.channel.receive()
"""
    tests = ["assert f(lambda x: x, torch.ones(1)) == 1", "f"]
    assert results(judge(zygote, "def f(g, x): return g(x)", tests, attack)) == ["interface", "passed"]


def test_numbers_changed_behind_pytorchs_back_leave_the_graph_as_it_was(zygote: Zygote) -> None:
    """`gradcheck` does so to its input between a call and its backward pass; changing it openly is an error, as in a kernel."""
    answer = "def f(x): return x * x"
    x = "x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)\n"
    silent = x + "assert torch.autograd.gradcheck(f, (x,)) and torch.autograd.gradgradcheck(lambda x: x * x, (x,))"
    openly = (
        x
        + "y = f(x)\nwith torch.no_grad():\n    x += 1\nf(x)\ntry:\n    y.sum().backward()\nexcept RuntimeError:\n    pass\nelse:\n    raise AssertionError"
    )
    for test in (silent, openly):
        told = run_cells(zygote, [("imports", IMPORTS), ("f", answer), ("t", test)])
        assert told["t"] is None
        assert results(judge(zygote, answer, [test], answer)) == ["passed"]
