"""What a piece of code binds and what it takes from outside, read off its text.

Where the text leaves doubt (magics, eval, attributes set on modules, more code than is looked into), the code is `unsure`. However odd
a text is, the time that this takes grows only with its length.
"""

import ast
import re
import symtable
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from autograder.model.source import TooMuch, parse, symbols
from autograder.reading.kept import kept_by_text

LOOKS_EVERYWHERE = frozenset(
    "eval exec globals locals vars dir setattr delattr get_ipython __main__ inspect gc sys importlib Out In _ __ ___".split()
)
# Calls and settings that change how everything works. set_num_threads only changes how long it takes.
CHANGES_EVERYTHING = re.compile(
    r"\bset_(?!num_threads\b)\w+\s*\(|\bfilterwarnings\b|\bsimplefilter\b|\benviron\b|\brcParams\b"
    r"|\bset(?:err|errcall|locale|recursionlimit)\s*\(|\bsignal\.signal\b|\.register\s*\("
)
# Calls that change which random numbers later cells draw. Tests are not affected: each starts with seeds of its own.
SEEDS = re.compile(r"\btorch(\.random)?\.manual_seed\b|\brandom\.seed\b|(?<![\w.])(manual_)?seed\s*\(")
# What a `with` statement undoes at its end, by the name of its context manager.
UNDONE = {
    "catch_warnings": re.compile(r"\b(?:filterwarnings|simplefilter)\b"),
    "fork_rng": re.compile(r"\bmanual_seed\b"),
    "rc_context": re.compile(r"\brcParams\b"),
    "printoptions": re.compile(r"\bset_printoptions\b"),
    # These take themselves back where they are the context manager.
    "set_grad_enabled": re.compile(r"\bset_grad_enabled\b"),
    "set_detect_anomaly": re.compile(r"\bset_detect_anomaly\b"),
}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
LATER = (*FUNCTIONS, ast.Lambda)  # their bodies may run when the `with` statement is over
# What writes files that other cells may read.
WRITES = re.compile(
    r"\b(open|save(?!d)\w*|dump\w*|write\w*|to_csv|to_json|to_pickle|to_parquet|tofile|mkdir|touch|urlretrieve)\s*\("
    r"|\b(extract(?:all)?|ZipFile|connect)\s*\(|\b(os|shutil|subprocess|pathlib)\b|\bdownload\b"
)
COMPREHENSIONS = frozenset({"genexpr", "listcomp", "setcomp", "dictcomp"})
# Scopes whose code runs where they stand; round a class or a function with type parameters (`class A[T]`) there is one of its own.
AT_ONCE = frozenset({"class", "type parameter", "type parameters"})  # the first spelling is that of Python 3.12
# Magics that bind and read no names: settings and shell lines. What else begins with a sign may do anything.
SETTING = re.compile(
    r"^([ \t]*)(?:%(?:matplotlib|config|load_ext|reload_ext|autoreload|pip|conda|mamba|uv)\b|!)[^{$\n]*$", re.MULTILINE
)
TIMING = re.compile(r"^([ \t]*)%time(?:it)?[ \t]+(?=[^\s-])", re.MULTILINE)
TIMING_CELL = re.compile(r"\A\s*%%(?:time|timeit|capture)[ \t]*$", re.MULTILINE)
# A line of IPython's own, also where its value is kept (`lines = !ls`), and a question.
MAGIC = re.compile(r"^[ \t]*+[%!?]|^[^#=\n]*=[ \t]*[%!](?!=)|\?[ \t]*+$", re.MULTILINE)
# Lines that IPython reads as a magic without its sign (`cd data`), where they are no Python.
AUTOMATIC = re.compile(r"^(?:cd|cat|cp|env|ls|mkdir|mv|pip|pwd|rm|rmdir|run|set_env|store|time)\b", re.MULTILINE)
# What a notebook calls its inputs and outputs by their numbers.
NUMBERED = re.compile(r"_i?\d+|_i{1,3}|_[iod]h")
# A notebook's own names for what its last cells showed; elsewhere `_` is a variable like any other.
UNBOUND_ONLY = frozenset({"_", "__", "___"})
# Names of a scope times the scopes in it, of all scopes together: `symtable` compares each with each.
MAX_COMPARED = 1_000_000
SHORT = 10_000  # characters: the names in many short cells are remembered, but only in a few long ones


@dataclass(frozen=True)
class Names:
    """The names that a piece of code binds at its top level, and those that it takes from outside.

    `made` are the names bound by def, class or import, which nothing changes later; `imported` those of them that are imported.
    `constants` are bound once, to a number, a text or a tuple of these. `at_once` are those of the used names that are needed
    when the code runs, and not only when its functions are called. `reached` are the names whose attributes are used.
    `keeping` are functions and classes that keep data from call to call, in a default or in the class; `setting` are those in which
    settings or files are changed. `modules` are the imported names, each with the module that its import begins with.
    `unsure`: the code may do more than its text says. `sets`: it changes settings or files. `changes_everything`: it changes settings
    on which the answers may rest wherever they are called.
    """

    bound: frozenset[str]
    used: frozenset[str]
    made: frozenset[str] = frozenset()
    imported: frozenset[str] = frozenset()
    constants: frozenset[str] = frozenset()
    at_once: frozenset[str] = frozenset()
    reached: frozenset[str] = frozenset()
    keeping: frozenset[str] = frozenset()
    setting: frozenset[str] = frozenset()
    modules: frozenset[tuple[str, str]] = frozenset()
    unsure: bool = False
    sets: bool = False
    changes_everything: bool = False


UNKNOWN = Names(frozenset(), frozenset(), unsure=True)  # of what is too much to be looked into


def names_in(source: str) -> Names:
    """Return the names that the text of a cell binds and uses; none for what is not Python."""
    return _kept_names(source)


def _names_in(source: str) -> Names:
    python = SETTING.sub(r"\1pass", TIMING.sub(r"\1", TIMING_CELL.sub("", source)))
    try:
        tree = parse(python)
        table = symbols(python)
    except TooMuch:
        return UNKNOWN
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # One of IPython's magics, or a mistake. A cell with a mistake does not run, so nothing depends on it.
        return Names(frozenset(), frozenset(), unsure=any(p.search(source) is not None for p in (MAGIC, AUTOMATIC)))
    if sum(len(scope.get_identifiers()) * len(scope.get_children()) for scope in _scopes(table)) > MAX_COMPARED:
        return UNKNOWN
    nodes = list(ast.walk(tree))  # once for all that look through them
    outermost = table.get_symbols()
    bound = frozenset(s.get_name() for s in outermost if s.is_assigned() or s.is_imported() or s.is_declared_global())
    changed = bound & frozenset(_changed_in_place(nodes))  # their old values are used too, which symtable does not say
    used = frozenset(_used(table)) | changed
    lasting = _without_what_is_undone(python, nodes)
    changes_everything = CHANGES_EVERYTHING.search(lasting) is not None
    looks = used & LOOKS_EVERYWHERE - (bound & UNBOUND_ONLY) or any(map(NUMBERED.fullmatch, used - bound))
    modules = frozenset(_modules(nodes))
    # What is imported from the future holds for the text of all cells below.
    future = any(module == "__future__" for _, module in modules)
    return Names(
        bound,
        used,
        made=frozenset(s.get_name() for s in outermost if s.is_imported() or s.is_namespace()),
        imported=frozenset(s.get_name() for s in outermost if s.is_imported()),
        constants=frozenset(_constants(tree, nodes)),
        at_once=frozenset(_used(table, later=False)) | changed,
        reached=frozenset(_root(node) for node in nodes if isinstance(node, ast.Attribute)) - {""},
        keeping=frozenset(node.name for node in tree.body if _keeps_data(node)),
        setting=frozenset(_setting(tree, lasting)),
        modules=modules,
        unsure=_sets_attributes_elsewhere(nodes) or bool(looks) or "import *" in source,
        sets=changes_everything
        or future
        or any(p.search(text) for p, text in ((SETTING, source), (SEEDS, lasting), (WRITES, python))),
        changes_everything=changes_everything,
    )


_kept_names = kept_by_text(_names_in, SHORT, 4096)


def _without_what_is_undone(python: str, nodes: Sequence[ast.AST]) -> str:
    """Return the text of a cell without the settings and seeds that a `with` statement round them takes back."""
    lines = python.split("\n")
    for node in nodes:
        if not isinstance(node, ast.With) or any(isinstance(inner, LATER) for inner in ast.walk(node)):
            continue
        managers = [i.context_expr.func if isinstance(i.context_expr, ast.Call) else i.context_expr for i in node.items]
        names = {m.attr if isinstance(m, ast.Attribute) else getattr(m, "id", "") for m in managers}
        for name in names & UNDONE.keys():
            inside = slice(node.lineno - 1, node.end_lineno)
            lines[inside] = [UNDONE[name].sub("_", line) for line in lines[inside]]
    return "\n".join(lines)


def _keeps_data(node: ast.stmt) -> TypeGuard[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Whether a definition keeps data that can be changed: in a default of a function, or in a class itself."""
    if isinstance(node, FUNCTIONS):
        return any(_is_data(default) for default in _defaults(node))
    if not isinstance(node, ast.ClassDef):
        return False
    values = [inner.value for inner in node.body if isinstance(inner, ast.Assign | ast.AnnAssign) and inner.value]
    return any(map(_is_data, values))


def _is_data(node: ast.expr) -> bool:
    """Whether an expression may be data that can be changed, and no number, text or name of something else."""
    return not isinstance(node, ast.Name | ast.Attribute) and not _is_constant(node)


def _defaults(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.expr]:
    yield from node.args.defaults
    yield from (default for default in node.args.kw_defaults if default is not None)


def _setting(tree: ast.Module, python: str) -> Iterator[str]:
    """Yield the functions and classes of the top level in whose text settings or files are changed."""
    lines = python.split("\n")
    for node in tree.body:
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            text = "\n".join(lines[node.lineno - 1 : node.end_lineno])
            if any(pattern.search(text) for pattern in (CHANGES_EVERYTHING, SEEDS, WRITES)):
                yield node.name


def _modules(nodes: Sequence[ast.AST]) -> Iterator[tuple[str, str]]:
    """Yield each name that an import binds, with the module that it begins with: the empty name for one beside it."""
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0], alias.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, "" if node.level else (node.module or "").partition(".")[0]


def _changed_in_place(nodes: Sequence[ast.AST]) -> Iterator[str]:
    """Yield the names in statements such as `total += 1`, wherever they stand."""
    for node in nodes:
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def _constants(tree: ast.Module, nodes: Sequence[ast.AST]) -> Iterator[str]:
    """Yield the names that are bound once, at the top level, to what cannot be changed in place."""
    times = Counter(n.id for n in nodes if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load))
    for node in nodes:
        times.update(node.names if isinstance(node, ast.Global) else ())
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and _is_constant(node.value):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name) and times[target.id] == 1:
                    yield target.id


def _is_constant(node: ast.expr) -> bool:
    parts = (part for part in ast.walk(node) if isinstance(part, ast.expr))
    return all(isinstance(part, ast.Constant | ast.Tuple | ast.UnaryOp | ast.BinOp) for part in parts)


def _sets_attributes_elsewhere(nodes: Sequence[ast.AST]) -> bool:
    """Whether code sets attributes of objects that are neither made in this cell nor arguments of its functions."""
    own = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    own |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    targets = (node for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store))
    return any(_root(target) not in own for target in targets)


def _root(node: ast.AST) -> str:
    """Return the name that an expression such as a.b[0].c starts with."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _used(table: symtable.SymbolTable, *, later: bool = True) -> Iterator[str]:
    """Yield the names that code takes from outside, at its top level or inside a function.

    Without `later`, only those that are taken when the code runs, not when its functions are called.
    """
    for scope in _scopes(table, later=later):
        outermost = scope.get_type() == "module"
        for symbol in scope.get_symbols():
            if symbol.is_referenced() if outermost else symbol.is_global():
                yield symbol.get_name()


def _scopes(table: symtable.SymbolTable, *, later: bool = True) -> Iterator[symtable.SymbolTable]:
    """Yield a scope and those inside it; without `later`, not those of functions, which run when they are called."""
    waiting = [table]
    while waiting:
        scope = waiting.pop()
        yield scope
        waiting += [
            inner
            for inner in scope.get_children()
            if later or inner.get_type() in AT_ONCE or inner.get_name() in COMPREHENSIONS
        ]
