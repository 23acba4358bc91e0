"""What of a cell is run although it stopped above."""

import ast

import pytest
from IPython.core.error import UsageError

from autograder.running.unfinished import StdinNotImplementedError, defines, misses_something


@pytest.mark.parametrize(
    ("error", "misses"),
    [
        (ModuleNotFoundError("No module named 'seaborn'"), True),
        (ImportError("cannot import name 'old'"), True),
        (FileNotFoundError("/content/drive"), True),
        (StdinNotImplementedError("nobody"), True),
        (AssertionError("Torch not compiled with CUDA enabled"), True),
        (RuntimeError("Error downloading train-images"), True),
        (RuntimeError("socket: Operation not permitted"), True),
        (UsageError("Line magic function `%watermark` not found."), True),
        (UsageError("Cell magic `%%lprun` not found."), True),
        (UsageError("unrecognized arguments: -z"), False),
        (RuntimeError("shapes differ"), False),
        (AssertionError(), False),
        (NameError("GPU"), False),
        (SystemExit("no GPU"), False),
        (None, False),
    ],
)
def test_what_a_student_s_machine_may_have_had_is_told_from_mistakes(error: BaseException | None, misses: bool) -> None:
    assert misses_something(error) is misses


@pytest.mark.parametrize(
    ("statement", "is_one"),
    [
        ("import math", True),
        ("def f(): pass", True),
        ("k = 2", True),
        ("k = f()", False),
        ("f()", False),
        ("k += 1", False),
    ],
)
def test_a_definition_is_told_from_what_computes(statement: str, is_one: bool) -> None:
    assert defines(ast.parse(statement).body[0]) is is_one
