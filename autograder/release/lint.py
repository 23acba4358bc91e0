"""Find tests that cannot be trusted: the judge cannot run them as a kernel does, or they believe the student's process. Pure.

In the judge an answer runs in a process of its own. Only values cross to the tests: no patches, source code, files or identities.
A test that relies on these would fail honest answers or accept forged ones, so its release is refused and a better way named.
"""

import ast
import builtins
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from autograder.model.source import parse, tree_of, without_magics
from autograder.model.units import Kind, Unit

PATCHES = ("mock", "unittest.mock", "pytest.MonkeyPatch", "_pytest")
CHANGES = frozenset(("setattr", "delattr", "builtins.setattr", "builtins.delattr"))
MAY_BE_SET = ("torch.backends.",)  # settings of the process alone, which the answer's process does not need
LOOKS_INSIDE = frozenset(("__code__", "__globals__", "__closure__", "__defaults__", "__source__"))
SOURCE = (
    "inspect.getsource",
    "inspect.getsourcelines",
    "inspect.getsourcefile",
    "inspect.getfile",
    "ast.",
    "dis.",
    "tokenize.",
)
RUNS_TEXT = frozenset(
    ("eval", "exec", "compile", "__import__", "importlib.import_module", "os.system", "runpy.run_path")
)
RUNS_TEXT_OF = ("subprocess.",)
COPIES = (
    "pickle.",
    "dill.",
    "joblib.",
    "marshal.",
    "shelve.",
    "copy.deepcopy",
    "copy.copy",
    "torch.save",
    "torch.load",
)
FILES = (
    *(
        "open",
        "os.",
        "pathlib.",
        "shutil.",
        "tempfile.",
        "glob.",
        "io.open",
        "numpy.load",
        "numpy.save",
        "numpy.loadtxt",
    ),
    *("numpy.savetxt", "numpy.genfromtxt", "numpy.fromfile", "torch.load", "torch.save", "pandas.read_"),
)
FILE_METHODS = frozenset(("read_text", "write_text", "read_bytes", "write_bytes", "tofile"))
EVERYTHING_AROUND = frozenset(("globals", "locals", "vars", "get_ipython"))
SWALLOWING = frozenset(("contextlib.suppress", "suppress", "pytest.raises"))
CATCH_ALL = frozenset(("BaseException", "builtins.BaseException"))

BETTER = {
    "patch": "the answer runs in another process, where nothing is changed; to forbid a call, write "
    'check(answer, ...).uses_no("torch.cumsum")',
    "source": "tests have no access to source code; call the answer and check what comes back, and to forbid a call write "
    'check(answer, ...).uses_no("torch.cumsum")',
    "identity": "objects cross as copies or stand-ins; compare values with ==",
    "class": "the student's own process would answer that; check what the object does",
    "text": "a student's text would run among the tests; compare the text, or look it up in a dict of allowed values",
    "copy": "the answer's objects do not leave its process; call the answer again for a second one",
    "file": "the answer's process has files of its own, which tests cannot see; have it return the value, and make data in the test",
    "around": "the names in the answer's process are not those of the test; use the answer by its name",
    "swallow": "it hides that the answer crashed or ran out of time; catch the exceptions that you expect, by name",
    "unused": "so nothing is tested and everybody gets its points; call the answer and check what comes back",
}


@dataclass(frozen=True)
class Finding:
    """Something in a test that cannot be trusted; `why` is a key of `BETTER`."""

    line: int
    what: str
    why: str


def untrustworthy(unit: Unit) -> list[str]:
    """Return a sentence for each finding in a unit's tests that cannot be trusted in the judge."""
    shared = [cell.source for cell in unit.of_kind(Kind.SHARED)]
    return [
        f"{unit.path}: the test {test.id!r}, line {finding.line}, {finding.what}: {BETTER[finding.why]}"
        for test in unit.tests
        if tree_of(test.source) is not None
        for finding in findings(test.source, unit.answer_names, shared)
    ]


def findings(source: str, answers: frozenset[str], shared: Iterable[str] = ()) -> list[Finding]:
    """Return what in a test's code cannot be trusted, by line. `shared`: the cells whose imports it can use."""
    tree = parse(source)
    imported: dict[str, str] = {}
    for code in (*map(_parsed, shared), tree):
        imported |= _imports(code)
    inspection = _Inspection(imported, answers, _from_answers(tree, answers))
    untrusted = list(dict.fromkeys(inspection.findings(tree)))
    if answers and not any(isinstance(node, ast.Name) and node.id in answers for node in ast.walk(tree)):
        untrusted.append(Finding(1, "uses no answer", "unused"))
    return sorted(untrusted, key=lambda finding: finding.line)


def _parsed(source: str) -> ast.Module:
    return tree_of(without_magics(source)) or ast.Module([], [])


def _imports(tree: ast.AST) -> dict[str, str]:
    """Return the names that a piece of code imports, and what they stand for."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.split(".")[0]
                names[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _from_answers(tree: ast.AST, answers: frozenset[str]) -> frozenset[str]:
    """Return the names in a test that hold something from an answer, or functions that use one."""
    names = set(answers)
    while more := {name for node in ast.walk(tree) for name in _bound(node, names)} - names:
        names |= more
    return frozenset(names)


def _bound(node: ast.AST, known: set[str]) -> Iterator[str]:
    """Yield the names that a statement binds to something made from the known ones."""
    targets: list[ast.AST] = []
    source: ast.AST | None = None
    if isinstance(node, ast.Assign):
        targets, source = list(node.targets), node.value
    elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
        targets, source = [node.target], node.value
    elif isinstance(node, ast.For | ast.comprehension):
        targets, source = [node.target], node.iter
    elif isinstance(node, ast.withitem) and node.optional_vars is not None:
        targets, source = [node.optional_vars], node.context_expr
    elif isinstance(node, ast.FunctionDef):
        if any(_mentions(part, known) for part in node.body):
            yield node.name
        return
    if source is not None and _mentions(source, known):
        yield from (name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name))


def _mentions(node: ast.AST, names: Collection[str]) -> bool:
    return any(isinstance(part, ast.Name) and part.id in names for part in ast.walk(node))


@dataclass(frozen=True)
class _Inspection:
    """What is known of one test's names.

    `imported`: what the imported ones stand for. `answers`: the answers. `theirs`: what came from an answer.
    """

    imported: dict[str, str]
    answers: frozenset[str]
    theirs: frozenset[str]

    def findings(self, tree: ast.AST) -> Iterator[Finding]:
        """Yield everything in the test that cannot be trusted."""
        for node in ast.walk(tree):
            for what, why in self._at(node):
                yield Finding(getattr(node, "lineno", 1), what, why)
        for node in getattr(tree, "body", []):
            if isinstance(node, ast.FunctionDef) and node.name in vars(builtins):
                yield Finding(node.lineno, f"puts a function of its own in place of {node.name}", "patch")

    def _at(self, node: ast.AST) -> Iterator[tuple[str, str]]:
        """Yield what one node does and why that cannot be trusted."""
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from self._import(node)
        elif isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Delete):
            yield from self._assignment(node)
        elif isinstance(node, ast.Call):
            yield from self._call(node)
        elif isinstance(node, ast.Attribute):
            if node.attr in LOOKS_INSIDE and self._theirs(node.value):
                yield f"looks at {node.attr} of an answer", "source"
            if node.attr == "__dict__" and self._theirs(node.value):
                yield "looks at __dict__ of what an answer gave", "around"
        elif isinstance(node, ast.Name) and node.id in EVERYTHING_AROUND and isinstance(node.ctx, ast.Load):
            yield f"uses {node.id}", "around"
        elif isinstance(node, ast.Compare):
            yield from self._comparison(node)
        elif isinstance(node, ast.Try):
            yield from self._try(node)
        elif isinstance(node, ast.With):
            yield from self._with(node)

    def _import(self, node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
        for name in _imports(node).values():
            if name.startswith(tuple(f"{module}." for module in PATCHES)) or name in PATCHES:
                yield f"imports {name}", "patch"
            elif name == "unittest" and isinstance(node, ast.Import) and any("mock" in a.name for a in node.names):
                yield "imports unittest.mock", "patch"
            elif name == "__main__":
                yield "imports __main__", "around"

    def _assignment(self, node: ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Delete) -> Iterator[tuple[str, str]]:
        for target in node.targets if isinstance(node, ast.Assign | ast.Delete) else [node.target]:
            for part in ast.walk(target):
                if isinstance(part, ast.Name) and part.id in self.answers and not isinstance(part.ctx, ast.Load):
                    yield f"{'deletes' if isinstance(node, ast.Delete) else 'replaces'} the answer {part.id}", "patch"
                changed = part.value if isinstance(part, ast.Subscript) else part
                if not isinstance(changed, ast.Attribute) or not isinstance(
                    getattr(part, "ctx", None), ast.Store | ast.Del
                ):
                    continue
                path = self._path(changed)
                whole = isinstance(part, ast.Attribute) or path == "sys.modules" or path.endswith(".__dict__")
                if self._is_imported(changed) and whole and not path.startswith(MAY_BE_SET):
                    yield f"changes {path}", "patch"
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id in vars(builtins):
                    yield f"puts a function of its own in place of {target.id}", "patch"

    def _call(self, node: ast.Call) -> Iterator[tuple[str, str]]:
        path = self._path(node.func)
        last = path.rpartition(".")[2]
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        theirs = any(self._theirs(value) for value in given)
        if path.startswith(PATCHES):
            yield f"calls {path}", "patch"
        if path in CHANGES and node.args and self._is_imported(node.args[0]):
            yield f"changes {self._path(node.args[0])}", "patch"
        if _begins(path, SOURCE) and (theirs or path.startswith("inspect.")):
            yield f"calls {path}", "source"
        if (path in RUNS_TEXT or _begins(path, RUNS_TEXT_OF)) and theirs:
            yield f"gives {path} something that an answer returned", "text"
        if _begins(path, COPIES) and theirs:
            yield f"gives {path} something that an answer returned", "copy"
        elif _begins(path, FILES) or (isinstance(node.func, ast.Attribute) and last in FILE_METHODS):
            yield f"calls {path}", "file"
        if path == "id" and theirs:
            yield "asks for the id of something that an answer returned", "identity"
        if path in ("isinstance", "issubclass") and len(node.args) == 2 and self._is_answer(node.args[1]):
            yield f"asks {path} with a class of the answer's", "class"
        if last == "is_a" and node.args and self._is_answer(node.args[0]):
            yield "asks is_a with a class of the answer's", "class"

    def _comparison(self, node: ast.Compare) -> Iterator[tuple[str, str]]:
        sides = [node.left, *node.comparators]
        for operator, left, right in zip(node.ops, sides, sides[1:], strict=False):
            if not isinstance(operator, ast.Is | ast.IsNot) or any(map(self._is_constant, (left, right))):
                continue
            if self._theirs(left) or self._theirs(right):
                yield "compares what an answer gave by identity (is)", "identity"

    def _try(self, node: ast.Try) -> Iterator[tuple[str, str]]:
        if not any(self._theirs(part) for part in node.body):
            return
        for handler in node.handlers:
            raises_again = isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None
            if self._catches_all(handler.type) and not raises_again:
                yield "swallows every exception of a call of the answer", "swallow"
        leaving = (ast.Return, ast.Break, ast.Continue)
        if any(isinstance(part, leaving) for statement in node.finalbody for part in ast.walk(statement)):
            yield "leaves by way of finally, which swallows every exception of a call of the answer", "swallow"

    def _with(self, node: ast.With) -> Iterator[tuple[str, str]]:
        for item in node.items:
            call = item.context_expr
            if not isinstance(call, ast.Call) or self._path(call.func) not in SWALLOWING:
                continue
            if any(map(self._catches_all, call.args)) and any(self._theirs(part) for part in node.body):
                yield "swallows every exception of a call of the answer", "swallow"

    def _catches_all(self, kinds: ast.expr | None) -> bool:
        if isinstance(kinds, ast.Tuple):
            return any(map(self._catches_all, kinds.elts))
        return kinds is None or self._path(kinds) in CATCH_ALL

    def _is_constant(self, node: ast.expr) -> bool:
        """Say whether there is only one of it in every process: None, a type, a dtype."""
        if isinstance(node, ast.Constant):
            return True
        if isinstance(node, ast.Call):
            return self._path(node.func) == "type"
        return self._is_imported(node) or (isinstance(node, ast.Name) and node.id in vars(builtins))

    def _is_answer(self, node: ast.expr) -> bool:
        return any(isinstance(part, ast.Name) and part.id in self.answers for part in ast.walk(node))

    def _theirs(self, node: ast.AST) -> bool:
        return _mentions(node, self.theirs)

    def _is_imported(self, node: ast.expr) -> bool:
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id in self.imported and node.id not in self.answers

    def _path(self, node: ast.expr) -> str:
        """Return the dotted name of an expression, with imported names in full; `?` for what is not a name."""
        if isinstance(node, ast.Attribute):
            return f"{self._path(node.value)}.{node.attr}"
        if isinstance(node, ast.Name):
            return self.imported.get(node.id, node.id)
        return "?"


def _begins(path: str, names: Iterable[str]) -> bool:
    """Say whether a dotted name is one of these, or begins with one that ends in a dot or an underscore."""
    return any(path.startswith(name) if name.endswith((".", "_")) else path == name for name in names)
