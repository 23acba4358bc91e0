"""Which modules of the grader the verb `check` needs: those that it imports, and those that they import when they are loaded."""

import ast
from collections.abc import Iterator
from pathlib import Path

from autograder.model.source import parse

PACKAGE = "autograder"
# Only the second is loaded by importing the first; what `check` imports inside a function, for --isolated alone, stays here.
ROOTS = ("__main__", "student_cli", "check")
RENAMED = {"student_cli.py": "cli.py"}  # in the kit, `python -m autograder` knows `check` alone


def needed_modules(grader: Path) -> dict[str, Path]:
    """Return the files of the package that the kit needs, by their names in it, given the folder of `autograder`."""
    waiting = [grader / f"{name}.py" for name in ROOTS]
    needed: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path not in needed:
            needed.add(path)
            waiting += [*_packages(path, grader), *_imported(path, grader)]
    needed.discard(grader / "cli.py")
    names = {path: path.relative_to(grader).as_posix() for path in sorted(needed)}
    return {RENAMED.get(name, name): path for path, name in names.items()}


def _packages(path: Path, grader: Path) -> Iterator[Path]:
    """Yield the files that Python runs before it imports a module: those of the packages that it lies in."""
    for folder in path.relative_to(grader).parents:
        yield grader / folder / "__init__.py"


def _imported(path: Path, grader: Path) -> Iterator[Path]:
    """Yield the modules of the package that a module imports when it is loaded."""
    if path == grader / "cli.py":
        return  # the kit has another one
    for statement in _loaded(parse(path.read_text(encoding="utf-8")).body):
        if isinstance(statement, ast.Import):
            names = [alias.name for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            names = [statement.module, *(f"{statement.module}.{alias.name}" for alias in statement.names)]
        else:
            continue
        for name in names:
            package, *rest = name.split(".")
            module = grader.joinpath(*rest)
            if package == PACKAGE:
                yield from (file for file in (module.with_suffix(".py"), module / "__init__.py") if file.is_file())


def _loaded(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements that loading a module runs: those outside of functions and of what is for type checkers alone."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING":
            yield from _loaded(statement.orelse)
        elif not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            for block in ("body", "orelse", "finalbody"):
                yield from _loaded(getattr(statement, block, []))
