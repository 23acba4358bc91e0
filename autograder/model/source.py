"""Python source as a tree, for every thread of the grader."""

import ast
import threading

_ONE_AT_A_TIME = threading.Lock()


def parse(source: str) -> ast.Module:
    """Return the tree of a piece of Python; raise SyntaxError for whatever the parser does not take.

    One thread at a time: CPython before 3.11.8 and 3.12.2 counts the depth of trees for all threads together, and raises
    SystemError for a right program when another thread makes a tree meanwhile (https://github.com/python/cpython/issues/106905).
    """
    try:
        with _ONE_AT_A_TIME:
            return ast.parse(source)  # noqa: TID251
    except (ValueError, RecursionError, MemoryError) as error:  # a null byte, or brackets too deep
        raise SyntaxError(f"cannot be parsed: {error or type(error).__name__}") from error


def tree_of(source: str) -> ast.Module | None:
    """Return the tree of a piece of Python; None for what is not Python."""
    try:
        return parse(source)
    except SyntaxError:
        return None
