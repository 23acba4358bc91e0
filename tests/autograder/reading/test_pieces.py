"""Cells as pieces of Python."""

import pytest

from autograder.reading.pieces import Piece, put_together


@pytest.mark.parametrize(
    "parts",
    [
        ["def f(x):", "    return x"],
        ["@staticmethod", "def f(x):\n    return x"],
        ["def f(x):\n    y = x +", " 1\n    return y"],
        ["def f(x):\n    return ", "x + 1"],
        ["def f(x):\n    re", "turn x"],
        ["class A:\n    def f(self):\n        pass", "    def g(self):\n        pass"],
        ["def f(x):", "    y = x", "    return y"],
        ["%matplotlib inline\ndef f(x):", "    return x"],
    ],
)
def test_the_parts_of_a_split_cell_are_python_again(parts: list[str]) -> None:
    whole = Piece(put_together(parts))
    assert whole.parses
    assert whole.names & {"f", "A"}
    assert not whole.has_dead_code


def test_a_line_that_ends_in_a_space_goes_on() -> None:
    assert put_together(["def f(x):\n    return ", "x"]) == "def f(x):\n    return x"
    assert put_together(["def f(x):\n    return x", "y = 1"]) == "def f(x):\n    return x\ny = 1"


def test_what_is_no_python_together_stays_as_it_stands() -> None:
    assert put_together(["def f(x", "oops oops"]) == "def f(x\noops oops"


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(x)\n    return x", {"f"}),
        ("class A\n    pass\nasync def g(): pass", {"A", "g"}),
        ("x = = 1", set()),
        ("%time\nx = 1", {"x"}),
        ("%%time\ndef f(x): return x", {"f"}),
        ("%%writefile answers.py\ndef f(x): return x", set()),
        ("\n%%python3\ndef f(x): return x", set()),
        ("%%javascripted\ndef f(x): return x", {"f"}),
    ],
)
def test_names_are_known_even_of_what_is_broken(source: str, names: set[str]) -> None:
    assert Piece(source).names_even_if_broken == names


@pytest.mark.parametrize(
    ("source", "hollow"),
    [
        ('def f(x):\n    """Twice."""', True),
        ('def f(x):\n    """Twice."""\n    return 2 * x', False),
        ("def f(x):\n    pass", False),
        ('class A(B):\n    """As B."""', False),
        ("", False),
    ],
)
def test_a_function_with_a_docstring_alone_is_hollow(source: str, hollow: bool) -> None:
    assert Piece(source).is_hollow is hollow


def test_likeness_is_of_words_in_their_order() -> None:
    stub = Piece("def f(x):\n    raise NotImplementedError('later')")
    assert stub.likeness(stub) == 1
    assert stub.likeness(Piece("def f(x):\n    raise NotImplementedError('now')")) > 0.75
    assert stub.likeness(Piece("print('something else')")) < 0.5
    assert stub.likeness(Piece("")) == Piece("").likeness(Piece("")) == 0


ODD = {
    "nul": "x = '\0'",
    "half a pair": "x = '\ud800'",
    "lambdas": "x = " + "lambda: " * 500 + "1",
    "signs": "x = " + "-" * 10_000 + "1",
    "dots": "x = a" + ".b" * 10_000,
    "brackets": "x = " + "(" * 5_000,
    "sum": "x = " + "1+" * 10_000 + "1",
    "lines": "\n" * 50_000,
    "magics": "%a\n" * 5_000,
}


@pytest.mark.parametrize("source", ODD.values(), ids=ODD)
def test_no_text_is_too_odd_to_be_looked_at(source: str) -> None:
    piece = Piece(source)
    assert piece.names_even_if_broken <= {"x"}
    assert piece.likeness(Piece("x = 1")) < 1
    assert put_together([source, "y = 2"])


@pytest.mark.parametrize(
    "source",
    [
        "from torch.nn.functional import softmax as f",
        "print((f := abs)(-1))",
        "if True:\n    def f(x): return x",
        "try:\n    from fast import f\nexcept ImportError:\n    f = abs",
        "with open('x'):\n    class f: pass",
        "for f in (abs, max): pass",
        "def make():\n    global f\n    def f(x): return x\nmake()",
        "f, g = abs, max",
    ],
)
def test_a_name_is_bound_in_any_way_that_python_has(source: str) -> None:
    assert "f" in Piece(source).bound
    assert not Piece(source).may_bind_more


@pytest.mark.parametrize("source", ["exec(text)", "globals()['f'] = abs", "from answers import *", "%run answers.py"])
def test_where_the_text_does_not_show_what_is_bound_that_is_known(source: str) -> None:
    assert Piece(source).may_bind_more
