"""Python source as a tree, for every thread of the grader.

Whatever the text, a tree has at most MAX_WORDS words and signs and a depth of MAX_DEPTH: what walks over it, be it by recursion, comes to
its end soon.
"""

import ast
import itertools
import re
import threading
from collections.abc import Iterable, Iterator

MAX_WORDS = 20_000  # words and signs of one piece; what is longer is data and no program
MAX_DEPTH = 200
MAX_DOTTED = 100  # parts of a dotted name: the parser's memory grows with their square
WORD = re.compile(r"\w++|[^\w\s]")
DOTTED = re.compile(r"(?<!\w)(?:\w++[\s\\]*+\.[\s\\]*+)++")

MAGIC = re.compile(r"^([ \t]*+)(?:%|!)(?!=)[^\n]*$", re.MULTILINE)

_ONE_AT_A_TIME = threading.Lock()


class TooMuch(SyntaxError):
    """A text that may be Python, but is too long or too deep to be looked into."""


def parse(source: str) -> ast.Module:
    """Return the tree of a piece of Python; raise SyntaxError for whatever the parser does not take, TooMuch for what is not given to it.

    One thread at a time: CPython before 3.11.8 and 3.12.2 counts the depth of trees for all threads together, and raises
    SystemError for a right program when another thread makes a tree meanwhile (https://github.com/python/cpython/issues/106905).
    """
    if len(source) > MAX_WORDS and _is_over(MAX_WORDS, WORD.finditer(source)):
        raise TooMuch(f"over {MAX_WORDS:,} words and signs")
    if len(source) > MAX_DOTTED and any(dotted[0].count(".") > MAX_DOTTED for dotted in DOTTED.finditer(source)):
        raise TooMuch(f"a name of over {MAX_DOTTED} parts")
    try:
        with _ONE_AT_A_TIME:
            tree = ast.parse(source)  # noqa: TID251
    except (ValueError, RecursionError, MemoryError) as error:  # a null byte, or brackets too deep
        raise SyntaxError(f"cannot be parsed: {error or type(error).__name__}") from error
    if len(source) > MAX_DEPTH and _is_over(MAX_DEPTH, _levels(tree)):
        raise TooMuch(f"deeper than {MAX_DEPTH} levels")
    return tree


def tree_of(source: str) -> ast.Module | None:
    """Return the tree of a piece of Python; None for what is not Python, or too much of it."""
    try:
        return parse(source)
    except SyntaxError:
        return None


def without_magics(source: str) -> str:
    """Return a notebook's code as Python: a pass in place of each line that is a magic or a shell command."""
    return source if tree_of(source) is not None else MAGIC.sub(r"\1pass", source)


def words_in(source: str) -> int:
    """Return how many words and signs a text has that may be parsed; 0 where it has too many for that."""
    words = sum(1 for _ in itertools.islice(WORD.finditer(source), MAX_WORDS + 1))
    return words if words <= MAX_WORDS else 0


def _is_over(most: int, items: Iterable[object]) -> bool:
    return sum(1 for _ in itertools.islice(items, most + 1)) > most


def _levels(tree: ast.AST) -> Iterator[list[ast.AST]]:
    """Yield the nodes of a tree, one level of it after the other."""
    level: list[ast.AST] = [tree]
    while level:
        yield level
        level = [child for node in level for child in ast.iter_child_nodes(node)]
