"""Python source as a tree, for every thread of the grader.

Whatever the text, a tree has at most MAX_WORDS words and signs and a depth of MAX_DEPTH: what walks over it, be it by recursion, comes to
its end soon.
"""

import ast
import contextlib
import itertools
import re
import symtable
import sys
import threading
import unicodedata
import warnings
from collections.abc import Iterable, Iterator

MAX_WORDS = 20_000  # words and signs of one piece; what is longer is data and no program
MAX_DEPTH = 200
MAX_DOTTED = 100  # parts of a dotted name: the parser's memory grows with their square
WORD = re.compile(r"\w++|[^\w\s]")
# What stands above or below a letter. Python sorts those of one letter in a name, in a time that grows with the square of their number.
MAX_MARKS = 100
MARKS = re.compile(rf"[^\w\s\x00-\x7f]{{{MAX_MARKS + 1},}}+")
DOTTED = re.compile(r"(?<!\w)(?:\w++[\s\\]*+\.[\s\\]*+)++")

MAGIC = re.compile(r"^([ \t]*+)(?:%|!)(?!=)[^\n]*$", re.MULTILINE)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp)

_ONE_AT_A_TIME = threading.Lock()


class TooMuch(SyntaxError):
    """A text that may be Python, but is too long or too deep to be looked into."""


def parse(source: str) -> ast.Module:
    """Return the tree of a piece of Python; raise SyntaxError for whatever the parser does not take, TooMuch for what is not given to it."""
    if len(source) > MAX_WORDS and _is_over(MAX_WORDS, WORD.finditer(source)):
        raise TooMuch(f"over {MAX_WORDS:,} words and signs")
    if len(source) > MAX_DOTTED and any(dotted[0].count(".") > MAX_DOTTED for dotted in DOTTED.finditer(source)):
        raise TooMuch(f"a name of over {MAX_DOTTED} parts")
    if not source.isascii() and any(any(map(unicodedata.combining, signs[0])) for signs in MARKS.finditer(source)):
        raise TooMuch(f"a letter with over {MAX_MARKS} marks")
    try:
        with _parser():
            tree = ast.parse(source)  # noqa: TID251
    except (ValueError, RecursionError, MemoryError) as error:  # a null byte, or brackets too deep
        raise SyntaxError(f"cannot be parsed: {error or type(error).__name__}") from error
    if len(source) > MAX_DEPTH and _is_over(MAX_DEPTH, _levels(tree)):
        raise TooMuch(f"deeper than {MAX_DEPTH} levels")
    return tree


def symbols(source: str) -> symtable.SymbolTable:
    """Return the names of a piece of Python, scope by scope; raise what the compiler raises.

    Every comprehension is a scope of its own, as it is for the program. The compiler of Python 3.12 and later puts the names of lists,
    sets and dicts among those of the scope around them, so there the compiler is shown a generator in place of each.
    """
    if sys.version_info >= (3, 12):
        source = _with_generators(source)
    with _parser():
        return symtable.symtable(source, "<cell>", "exec")


def _with_generators(source: str) -> str:
    tree = parse(source)
    if any(isinstance(node, COMPREHENSIONS) for node in ast.walk(tree)):
        return ast.unparse(_AsGenerators().visit(tree))
    return source


class _AsGenerators(ast.NodeTransformer):
    """Puts a generator in place of each comprehension of another kind, with the same names in it."""

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp) -> ast.AST:
        return self.generic_visit(ast.GeneratorExp(node.elt, node.generators))

    visit_SetComp = visit_ListComp

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        return self.generic_visit(ast.GeneratorExp(ast.Tuple([node.key, node.value], ast.Load()), node.generators))


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


@contextlib.contextmanager
def _parser() -> Iterator[None]:
    """Have Python's parser for this thread alone, and without its warnings.

    One thread at a time: CPython before 3.11.8 and 3.12.2 counts the depth of trees for all threads together, and raises
    SystemError for a right program when another thread makes a tree meanwhile (https://github.com/python/cpython/issues/106905).
    Without warnings: from 3.12 on, the parser would print one for each "\\d" in a student's text.
    """
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _is_over(most: int, items: Iterable[object]) -> bool:
    return sum(1 for _ in itertools.islice(items, most + 1)) > most


def _levels(tree: ast.AST) -> Iterator[list[ast.AST]]:
    """Yield the nodes of a tree, one level of it after the other."""
    level: list[ast.AST] = [tree]
    while level:
        yield level
        level = [child for node in level for child in ast.iter_child_nodes(node)]
