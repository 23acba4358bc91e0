"""Python source as a tree, from several threads at once."""

import ast
import gc
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from autograder.model.source import TooMuch, parse, symbols, tree_of

PROGRAM = "\n".join(f"def f{n}(x): return [g(y, {n}) for y in x if (y + {n}) * 2 > {n}]" for n in range(20))


def outcomes(read: Callable[[str], ast.Module]) -> set[str]:
    """What reading one right program 40 times in four threads comes to, while others get a turn in the middle of it."""

    def give_way(*_: object) -> None:
        time.sleep(0)

    def attempt(_: int) -> str:
        try:
            return type(read(PROGRAM)).__name__
        except SystemError as error:
            return str(error).partition("(")[0]

    thresholds = gc.get_threshold()
    gc.set_threshold(
        50
    )  # making a tree runs no Python that could be interrupted, but the garbage collector may begin there
    gc.callbacks.append(give_way)
    try:
        with ThreadPoolExecutor(4) as pool:
            return set(pool.map(attempt, range(40)))
    finally:
        gc.callbacks.remove(give_way)
        gc.set_threshold(*thresholds)


def test_threads_parse_at_once() -> None:
    assert outcomes(parse) == {"Module"}


@pytest.mark.parametrize(
    "text", ["def", "x = \0", "(" * 500, "-" * 100_000 + "1"], ids=["half", "null", "brackets", "deep"]
)
def test_what_is_no_python(text: str) -> None:
    assert tree_of(text) is None
    with pytest.raises(SyntaxError):
        parse(text)


@pytest.mark.parametrize(
    "marks", ["\u0301\u0316", "\u0316", "\u0334\u0301\u0316"], ids=["two kinds", "one kind", "three kinds"]
)
def test_a_name_with_marks_without_end_takes_no_time(marks: str) -> None:
    """Python sorts the marks of a letter: 19,000 of them kept every thread of the grader waiting for seconds."""
    name = "a" + marks * (19_000 // len(marks))
    for text in (name, f"def f(x):\n    return {name}", f"x = 1\n{name} = 2"):
        start = time.process_time()
        with pytest.raises(TooMuch, match="marks"):
            parse(text)
        assert time.process_time() - start < 1


def test_what_has_many_signs_or_few_marks_is_still_python() -> None:
    rule = "# " + "\u2500" * 500
    assert parse(f"{rule}\nx\u0301 = 'e\u0301' * 3\n{rule}").body


def test_the_parser_s_warnings_do_not_reach_the_screen(recwarn: pytest.WarningsRecorder) -> None:
    """Of an escape that means nothing, as in LaTeX, Python 3.12 and later print a line."""
    odd = 'label = "$\\lambda$"'
    assert parse(odd).body
    assert symbols(odd).get_identifiers() == {"label"}
    assert not recwarn.list


def test_what_is_python() -> None:
    tree = tree_of("x = 1")
    assert tree is not None
    assert ast.unparse(tree) == "x = 1"
