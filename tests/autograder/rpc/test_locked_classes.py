"""Objects of classes that a locked cell defines: both sides have run that cell, so they cross whole, as in a kernel."""

import textwrap

import pytest

from autograder.running.processes import Zygote
from tests.autograder.judging import IMPORTS, judge, results
from tests.plain_kernel import run_cells

GIVEN = """
class Layer:
    def __init__(self, *params):
        self.params = [np.array(p, dtype=float) for p in params]
    def __call__(self, x):
        return x * self.params[0] if self.params else x
    def update(self, params):
        self.params = params


class Chain:
    def __init__(self, layers):
        self.layers = layers
    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class Turn(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.tensor([2.0, 3.0]))
    def forward(self, x):
        return self.w * x
"""
CASES = {
    "it can be called there, and it has its parts": (
        "def f(net, x): return net(x), [layer.params for layer in net.layers]",
        """
        y, params = f(Chain([Layer([1, 2]), Layer(), Layer([3, 5])]), np.array([1.0, -1.0]))
        assert y.tolist() == [3, -10] and params[0][0].tolist() == [1, 2] and params[1] == []
        """,
    ),
    "an array changed in it is read from the answer's object": (
        """
        class f:
            def __init__(self, net):
                self.net = net
            def step(self):
                for layer in self.net.layers:
                    layer.params[0] -= 0.5
        """,
        """
        g = f(Chain([Layer([1, 2])]))
        g.step()
        g.step()
        assert g.net.layers[0].params[0].tolist() == [0, 1]
        """,
    ),
    "what an answer leaves changed in it is there at the next call": (
        """
        def f(net):
            net.layers[0].update([net.layers[0].params[0] + 1])
            return net.layers[0].params[0]
        """,
        """
        net = Chain([Layer([1, 2])])
        assert f(net).tolist() == [2, 3] and f(net).tolist() == [3, 4]
        """,
    ),
    "a callable object that has one in it": (
        "def f(chain): return chain.layers[0].layers[0](2.0)",
        "assert f(Chain([Chain([Layer([4])])])).tolist() == [8]",
    ),
    "a module of PyTorch's, with its parameters": (
        """
        def f(net, x):
            net(x).sum().backward()
            return net.w.grad
        """,
        "assert f(Turn(), torch.tensor([5.0, 7.0])).tolist() == [5, 7]",
    ),
    "an object of the answer's in it": (
        """
        class f(Layer):
            def __call__(self, x):
                return -x
        def g(net, x):
            return net(x)
        """,
        "assert g(Chain([Layer([3]), f()]), np.array([2.0])).tolist() == [-6]",
    ),
    "the class itself": ("def f(kind): return kind([2])(3.0)", "assert f(Layer).tolist() == [6]"),
}


@pytest.mark.parametrize("case", CASES)
def test_it_crosses_as_in_a_kernel(zygote: Zygote, case: str) -> None:
    answer, test = CASES[case]
    cells = {"imports": IMPORTS, "given": GIVEN, "f": textwrap.dedent(answer), "f_0": textwrap.dedent(test)}
    assert not any(run_cells(zygote, list(cells.items())).values())
    run = judge(zygote, answer, [test], answer, names=("f", "g"), given=GIVEN)
    assert results(run) == ["passed"], run.tests


def test_a_callable_object_of_the_tests_own_class_is_still_a_function_that_calls_back(zygote: Zygote) -> None:
    test = """
    class Counting:
        calls = 0
        def __call__(self, x):
            self.calls += 1
            return 2 * x
    counting = Counting()
    assert f(counting) == 12 and counting.calls == 2
    """
    answer = "def f(g): return g(g(3))"
    assert results(judge(zygote, answer, [test], answer)) == ["passed"]
