"""A cell's text as a piece of Python: what it defines, whether it is whole, and how the pieces of a split cell fit together.

However odd a text is, the time that anything here takes grows only with its length.
"""

import ast
import itertools
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from autograder.model.source import TooMuch, parse
from autograder.model.units import names_defined_by, without_compared_mark
from autograder.reading.kept import kept_by_text
from autograder.reading.names import names_in

ALIKE = 0.75  # likeness from which two cells are taken to be the same cell, edited
COMPARED = 4_000  # characters of a cell that count when two cells are compared
MAX_BOUNDARIES = 4
SHORT = 4_000  # characters: many short pieces are remembered, but only a few long ones
MAGIC = re.compile(r"^([ \t]*)[%!].*$", re.MULTILINE)
# A cell of one of these magics is text for a file, another program or a page: what it defines is not defined in the notebook.
FOR_OTHERS = re.compile(
    r"\s*%%(?:!|bash|cmd|file|html|javascript|js|latex|markdown|perl|pypy|python[23]?|ruby|script|sh|svg|sx|system|writefile)(?!\w)"
)
STAR = re.compile(r"\bimport\s*\*")
STAR_OF = re.compile(r"\bfrom\s+(\w+)(?:\.\w+)*\s+import\s*\*")
LIBRARIES = sys.stdlib_module_names | frozenset("IPython course matplotlib numpy pylab torch torchvision".split())
BINDS_BY_NAME = frozenset("eval exec globals locals vars setattr get_ipython __main__".split())
HEAD = re.compile(r"^(?:async\s+def|def|class)\s+(\w+)", re.MULTILINE)
TOKEN = re.compile(r"\w+|[^\w\s]")


class Piece:
    """The text of one cell. Each property is worked out once, when it is first asked for."""

    def __init__(self, source: str) -> None:
        self.source = source

    @cached_property
    def bare(self) -> str:
        """The text without what editors change, spaces at the ends of lines and blank lines at both ends, and without nbval's mark."""
        text = without_compared_mark(self.source.strip())  # it stands in the source, and stood in earlier releases
        return "\n".join(line.rstrip() for line in text.splitlines())

    @cached_property
    def is_cut(self) -> bool:
        """Whether it ends in a space, as no line of code does: then the cell was split in the middle of a line."""
        return self.source.endswith(" ") and bool(self.source.rpartition("\n")[2].strip())

    @property
    def parses(self) -> bool:
        """Whether it is valid Python, apart from its magics."""
        return self._facts.parses

    @property
    def is_hollow(self) -> bool:
        """Whether it ends in a function that has only a docstring: then the rest was split off."""
        return self._facts.is_hollow

    @property
    def has_dead_code(self) -> bool:
        """Whether a line stands below a `return` or `raise` of the same block: then the line probably belongs elsewhere."""
        return self._facts.has_dead_code

    @property
    def names(self) -> frozenset[str]:
        """The names that it defines at the top level; none where it is not Python."""
        return self._facts.names

    @cached_property
    def bound(self) -> frozenset[str]:
        """The names that it binds in any way that Python has: imports, walruses, under `if` or `try`, by `global`."""
        return self.names | names_in(self._python).bound if self.parses else frozenset()

    @cached_property
    def may_bind_more(self) -> bool:
        """Whether it may bind names that its text does not show: by magics, `exec`, `globals()` or a star import, or being too long."""
        if self._facts.too_much:
            return True
        used = names_in(self._python).used
        return self._python != self.source or bool(used & BINDS_BY_NAME) or STAR.search(self.source) is not None

    @cached_property
    def imports_all_of_its_own(self) -> bool:
        """Whether it imports by a star what may be a module of the student's, and so answers perhaps."""
        return any(module not in LIBRARIES for module in STAR_OF.findall(self.source))

    @cached_property
    def names_even_if_broken(self) -> frozenset[str]:
        """The names that it defines, even where a mistake keeps it from being parsed."""
        return self.names if self.parses else frozenset(HEAD.findall(self.source))

    @cached_property
    def bound_even_if_broken(self) -> frozenset[str]:
        """The names that it binds, even where a mistake keeps it from being parsed."""
        return self.bound if self.parses else self.names_even_if_broken

    @cached_property
    def _facts(self) -> "_Facts":
        return _facts_of(self._python)

    @cached_property
    def _python(self) -> str:
        return "pass" if FOR_OTHERS.match(self.source) else MAGIC.sub(r"\1pass", self.source)

    @cached_property
    def _pairs(self) -> Counter[tuple[str, str]]:
        tokens = TOKEN.findall(self.bare[:COMPARED])
        return Counter(itertools.pairwise(["", *tokens, ""]) if tokens else ())

    def likeness(self, other: "Piece") -> float:
        """Return from 0 to 1 how alike two texts are: the share of pairs of neighbouring words and signs that both have."""
        one, two = self._pairs.total(), other._pairs.total()
        return 2 * (self._pairs & other._pairs).total() / (one + two) if one + two else 0.0

    def is_like(self, other: "Piece") -> bool:
        """Whether two texts are so alike that one is taken to be the other, edited."""
        one, two = sorted((self._pairs.total(), other._pairs.total()))
        return (
            2 * one >= ALIKE * (one + two) and self.likeness(other) >= ALIKE
        )  # they share no more than the shorter one has


@dataclass(frozen=True)
class _Facts:
    """What the tree of a piece says. The tree itself is not kept: it takes fifty times the memory of its text."""

    parses: bool = False
    too_much: bool = False  # to be looked into; it may be Python all the same
    is_hollow: bool = False
    has_dead_code: bool = False
    names: frozenset[str] = frozenset()


def _facts_of(python: str) -> _Facts:
    try:
        tree = parse(python)
    except SyntaxError as error:
        return _Facts(too_much=isinstance(error, TooMuch))
    return _Facts(
        parses=True,
        is_hollow=bool(tree.body) and _is_only_a_docstring(tree.body[-1]),
        has_dead_code=any(
            isinstance(line, ast.Return | ast.Raise)
            for node in ast.walk(tree)
            if isinstance(body := getattr(node, "body", []), list)
            for line in body[:-1]
        ),
        names=frozenset(names_defined_by(tree)),
    )


def _is_only_a_docstring(node: ast.stmt) -> bool:
    if not isinstance(node, ast.FunctionDef):
        return False
    return len(node.body) == 1 and isinstance(node.body[0], ast.Expr) and ast.get_docstring(node) is not None


def piece_of(source: str) -> Piece:
    """Return the piece for a cell's text, perhaps one that is known already."""
    return _kept_piece(source)


_kept_piece = kept_by_text(Piece, SHORT, 512)


def not_looked_into(source: str) -> Piece:
    """Return a piece that counts as what is not Python."""
    piece = Piece(source)
    vars(piece)["_facts"] = _Facts()
    return piece


def ways_to_join(parts: Sequence[str]) -> int:
    """Return how many texts `put_together` parses at most."""
    return 2 ** (len(parts) - 1) if len(parts) <= MAX_BOUNDARIES + 1 else 1


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
