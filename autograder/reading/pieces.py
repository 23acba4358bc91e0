"""A cell's text as a piece of Python: what it defines, whether it is whole, and how the pieces of a split cell fit together.

However odd a text is, the time that anything here takes grows only with its length.
"""

import ast
import itertools
import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property, lru_cache

from autograder.model.source import tree_of
from autograder.model.units import defined_names
from autograder.reading.dependencies import names_in

COMPARED = 4_000  # characters of a cell that count when two cells are compared
MAX_BOUNDARIES = 4
REMEMBERED = 10_000  # characters: pieces of longer cells are not kept in memory
MAGIC = re.compile(r"^([ \t]*)[%!].*$", re.MULTILINE)
STAR = re.compile(r"\bimport\s*\*")
BINDS_BY_NAME = frozenset("eval exec globals locals vars setattr get_ipython __main__".split())
HEAD = re.compile(r"^(?:async\s+def|def|class)\s+(\w+)", re.MULTILINE)
TOKEN = re.compile(r"\w+|[^\w\s]")


class Piece:
    """The text of one cell. Each property is worked out once, when it is first asked for."""

    def __init__(self, source: str) -> None:
        self.source = source

    @cached_property
    def bare(self) -> str:
        """The text without what editors change: spaces at the ends of lines, blank lines at the beginning and the end."""
        return "\n".join(line.rstrip() for line in self.source.strip().splitlines())

    @cached_property
    def is_cut(self) -> bool:
        """Whether it ends in a space, as no line of code does: then the cell was split in the middle of a line."""
        return self.source.endswith(" ") and bool(self.source.rpartition("\n")[2].strip())

    @cached_property
    def parses(self) -> bool:
        """Whether it is valid Python, apart from its magics."""
        return self._tree is not None

    @cached_property
    def is_hollow(self) -> bool:
        """Whether it ends in a function that has only a docstring: then the rest was split off."""
        last = self._tree.body[-1] if self._tree and self._tree.body else None
        if not isinstance(last, ast.FunctionDef):
            return False
        return len(last.body) == 1 and isinstance(last.body[0], ast.Expr) and ast.get_docstring(last) is not None

    @cached_property
    def has_dead_code(self) -> bool:
        """Whether a line stands below a `return` or `raise` of the same block: then the line probably belongs elsewhere."""
        bodies = (getattr(node, "body", []) for node in ast.walk(self._tree)) if self._tree else ()
        return any(
            isinstance(line, ast.Return | ast.Raise) for body in bodies if isinstance(body, list) for line in body[:-1]
        )

    @cached_property
    def names(self) -> frozenset[str]:
        """The names that it defines at the top level; none where it is not Python."""
        return frozenset(defined_names(self._python)) if self.parses else frozenset()

    @cached_property
    def bound(self) -> frozenset[str]:
        """The names that it binds in any way that Python has: imports, walruses, under `if` or `try`, by `global`."""
        return self.names | names_in(self._python).bound if self.parses else frozenset()

    @cached_property
    def may_bind_more(self) -> bool:
        """Whether it may bind names that its text does not show: by magics, `exec`, `globals()` or a star import."""
        used = names_in(self._python).used
        return self._python != self.source or bool(used & BINDS_BY_NAME) or STAR.search(self.source) is not None

    @cached_property
    def names_even_if_broken(self) -> frozenset[str]:
        """The names that it defines, even where a mistake keeps it from being parsed."""
        return self.names if self.parses else frozenset(HEAD.findall(self.source))

    @cached_property
    def bound_even_if_broken(self) -> frozenset[str]:
        """The names that it binds, even where a mistake keeps it from being parsed."""
        return self.bound if self.parses else self.names_even_if_broken

    @cached_property
    def _tree(self) -> ast.Module | None:
        return tree_of(self._python)

    @cached_property
    def _python(self) -> str:
        return MAGIC.sub(r"\1pass", self.source)

    @cached_property
    def _pairs(self) -> Counter[tuple[str, str]]:
        tokens = TOKEN.findall(self.source[:COMPARED])
        return Counter(itertools.pairwise(["", *tokens, ""]) if tokens else ())

    def likeness(self, other: "Piece") -> float:
        """Return from 0 to 1 how alike two texts are: the share of pairs of neighbouring words and signs that both have."""
        total = self._pairs.total() + other._pairs.total()
        return 2 * (self._pairs & other._pairs).total() / total if total else 0.0


def piece_of(source: str) -> Piece:
    """Return the piece for a cell's text; most cells of a class are the unit's own, so it is often known already."""
    return _remembered(source) if len(source) <= REMEMBERED else Piece(source)


_remembered = lru_cache(maxsize=2048)(Piece)


def put_together(parts: Sequence[str]) -> str:
    """Join the parts of a split cell in the first way that gives valid Python: between lines, or in the middle of a line.

    Where no way does, join them between lines.
    """
    lines = "\n".join(parts)
    if len(parts) > MAX_BOUNDARIES + 1:
        return lines
    # Where a part ends in a space, it was more likely cut in the middle of a line.
    orders = [("", "\n") if Piece(part).is_cut else ("\n", "") for part in parts[:-1]]
    for joints in itertools.product(*orders):
        joined = parts[0] + "".join(joint + part for joint, part in zip(joints, parts[1:], strict=True))
        if Piece(joined).parses:
            return joined
    return lines
