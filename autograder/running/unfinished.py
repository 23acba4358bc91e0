"""Cells that stop before their end: what of the rest is run all the same."""

import ast
import contextlib
import re

from IPython.core.error import IPythonCoreError, UsageError

# How libraries say that there is no graphics card and no network, or that the sandbox refuses something, where they raise no error of
# a class of its own; and IPython, that a magic is not there, of an extension perhaps.
MISSED = re.compile(
    r"\bCUDA\b|\bNVIDIA\b|\bGPU\b|\bdownload|urlopen error|name resolution|Operation not permitted"
    r"|\bmagic (?:function )?`%+\w+` not found"
)
MAX_LOOKED_AT = 2_000  # characters of an error's text


class StdinNotImplementedError(IPythonCoreError, RuntimeError):  # type: ignore[misc]
    """What `input()` raises, as in a kernel that nobody sits at; but no NotImplementedError, which says "not answered yet"."""


def defines(node: ast.stmt) -> bool:
    """Return whether a statement only imports, or defines a function, a class or a name for a literal."""
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        with contextlib.suppress(ValueError, TypeError, MemoryError, RecursionError):
            ast.literal_eval(node.value)
            return True
    return isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


def misses_something(error: BaseException | None) -> bool:
    """Return whether a student's machine may have had what this error misses: a library, a file, memory, the network, a GPU, somebody to ask."""
    if isinstance(error, ImportError | OSError | MemoryError | StdinNotImplementedError):
        return True
    if not isinstance(error, RuntimeError | AssertionError | UsageError):
        return False
    with contextlib.suppress(Exception):  # an exception's text may raise
        return MISSED.search(str(error)[:MAX_LOOKED_AT]) is not None
    return False
