"""The slips of one place: what may stand there instead of an expression, or of a statement. Pure."""

import ast
import copy
from collections.abc import Iterator

OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div, ast.Mult),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}
ORDERED = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)  # a op b is not b op a
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
FUNCTIONS = {  # the name of a function or method, and what is easily mistaken for it
    "mean": ("sum",),
    "sum": ("mean",),
    "amax": ("amin", "mean"),
    "amin": ("amax",),
    "max": ("min",),
    "min": ("max",),
    "argmax": ("argmin",),
    "cummax": ("cummin",),
    "cumsum": ("cumprod",),
    "prod": ("sum",),
    "all": ("any",),
    "any": ("all",),
    "std": ("var",),
    "var": ("std",),
    "square": ("abs",),
    "abs": ("square",),
    "log": ("log2", "log1p"),
    "exp": ("exp2",),
    "round": ("int",),
    "ceil": ("floor",),
    "floor": ("ceil",),
    "zeros": ("ones",),
    "ones": ("zeros",),
    "zeros_like": ("ones_like",),
    "eye": ("ones",),
    "sorted": ("list",),
}
ATTRIBUTES = {"values": ("indices",), "T": (), "mT": (), "grad": (), "shape": ()}
IN_PLACE = (
    "exp",
    "log",
    "clamp",
    "square",
    "relu",
    "add",
    "sub",
    "mul",
    "div",
    "squeeze",
    "unsqueeze",
    "double",
    "float",
)
# Keywords that change nothing on the machine that grades, or only what is said of a mistake.
HARMLESS_KEYWORDS = ("strict", "device", "maxsplit")
EXCEPTIONS = ("ValueError", "RuntimeError")


# ---- expressions


def of_expression(node: ast.AST, local: frozenset[str]) -> Iterator[ast.AST]:
    """Yield what may stand in the place of an expression. `local`: the names that are bound in the answer."""
    match node:
        case ast.BinOp():
            yield from _of_operation(node)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            yield ast.Constant(value)
            yield from (_number(other) for other in _other_numbers(-value))
        case ast.UnaryOp():
            yield node.operand
        case ast.Compare(ops=[only]):
            for other in COMPARISONS.get(type(only), ()):
                yield ast.Compare(node.left, [other()], node.comparators)
        case ast.BoolOp():
            yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
            for left_out in node.values:
                yield _joined(node.op, [value for value in node.values if value is not left_out])
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(value=int() | float() as value):
            yield from (_number(other) for other in _other_numbers(value))
        case ast.Call():
            yield from _of_call(node, local)
        case ast.Attribute(attr=name, ctx=ast.Load()) if name in ATTRIBUTES:
            yield node.value
            yield from (ast.Attribute(node.value, other, ast.Load()) for other in ATTRIBUTES[name])
        case ast.Subscript(ctx=ast.Load()):
            yield node.value
            if isinstance(node.slice, ast.Name | ast.BinOp | ast.Call):
                yield from (ast.Subscript(node.value, index, ast.Load()) for index in _next_to(node.slice))
        case ast.Slice():
            yield from (ast.Slice(*bounds) for bounds in _other_bounds(node))
        case ast.IfExp():
            yield from (node.body, node.orelse, ast.IfExp(node.test, node.orelse, node.body))
        case ast.Tuple(ctx=ast.Load()) if len(node.elts) > 1:
            yield from (ast.Tuple(elements, ast.Load()) for elements in _swapped(node.elts))
        case ast.comprehension():
            yield from _of_comprehension(node)
        case ast.ExceptHandler(type=ast.Tuple(elts=kinds)):
            for left_out in kinds:
                others = [kind for kind in kinds if kind is not left_out]
                yield ast.ExceptHandler(ast.Tuple(others, ast.Load()), node.name, node.body)


def _of_operation(node: ast.BinOp) -> Iterator[ast.expr]:
    for other in OPERATORS.get(type(node.op), ()):
        yield ast.BinOp(node.left, other(), node.right)
    yield from (node.left, node.right)
    if isinstance(node.op, ORDERED):
        yield ast.BinOp(node.right, node.op, node.left)


def _next_to(node: ast.expr) -> Iterator[ast.expr]:
    """Yield an expression plus and minus one."""
    yield from (ast.BinOp(node, operator(), ast.Constant(1)) for operator in (ast.Add, ast.Sub))


def _joined(operator: ast.boolop, values: list[ast.expr]) -> ast.expr:
    return values[0] if len(values) == 1 else ast.BoolOp(operator, values)


def _other_numbers(value: float) -> Iterator[float]:
    """Yield the next numbers on both sides, 0, and twice the number."""
    if isinstance(value, int):
        yield from dict.fromkeys((value + 1, value - 1))
    else:
        yield from dict.fromkeys(other for other in (2 * value, 0.0, value + 1, -value) if other != value)


def _number(value: float) -> ast.expr:
    return ast.UnaryOp(ast.USub(), ast.Constant(-value)) if value < 0 else ast.Constant(value)


def _of_call(node: ast.Call, local: frozenset[str]) -> Iterator[ast.expr]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    method = isinstance(node.func, ast.Attribute) and (_root(node.func) in local or not _root(node.func))
    if isinstance(node.func, ast.Attribute) and method:
        yield node.func.value
    elif node.args and not isinstance(node.args[0], ast.Starred):
        yield node.args[0]
    for other in FUNCTIONS.get(name, ()):
        yield ast.Call(_renamed(node.func, other), node.args, node.keywords)
    if method and name in IN_PLACE and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
        yield ast.Call(_renamed(node.func, f"{name}_"), node.args, node.keywords)
    for arguments in _swapped(node.args):
        yield ast.Call(node.func, arguments, node.keywords)
    if len(node.args) > (0 if method else 1):
        yield ast.Call(node.func, node.args[:-1], node.keywords)
    for keyword in node.keywords:
        if keyword.arg not in HARMLESS_KEYWORDS:
            yield ast.Call(node.func, node.args, [other for other in node.keywords if other is not keyword])
    if name == "range" and len(node.args) == 1:
        (end,) = node.args
        yield ast.Call(node.func, [ast.Constant(1), end], [])
        yield from (ast.Call(node.func, [other], []) for other in _next_to(end))


def _root(node: ast.expr) -> str:
    """Return the name that an expression such as `a.b[0].c` starts with; empty where it starts with something else."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _renamed(function: ast.expr, name: str) -> ast.expr:
    if isinstance(function, ast.Attribute):
        return ast.Attribute(function.value, name, ast.Load())
    return ast.Name(name, ast.Load())


def _swapped(parts: list[ast.expr]) -> Iterator[list[ast.expr]]:
    """Yield the parts with two neighbours swapped, for each two neighbours."""
    for place in range(len(parts) - 1):
        if not any(isinstance(part, ast.Starred) for part in parts):
            yield [*parts[:place], parts[place + 1], parts[place], *parts[place + 2 :]]


def _other_bounds(node: ast.Slice) -> Iterator[tuple[ast.expr | None, ast.expr | None, ast.expr | None]]:
    if node.lower is not None:
        yield None, node.upper, node.step
    elif node.upper is not None or node.step is None:
        yield ast.Constant(1), node.upper, node.step
    if node.upper is not None:
        yield node.lower, None, node.step
    elif node.lower is not None or node.step is None:
        yield node.lower, ast.UnaryOp(ast.USub(), ast.Constant(1)), node.step


def _of_comprehension(node: ast.comprehension) -> Iterator[ast.comprehension]:
    for condition in node.ifs:
        others = [other for other in node.ifs if other is not condition]
        yield ast.comprehension(node.target, node.iter, others, node.is_async)
        yield ast.comprehension(node.target, node.iter, [*others, _negated(condition)], node.is_async)


def _negated(condition: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), condition)


def of_whole_number(name: str) -> Iterator[ast.expr]:
    """Yield what may stand in the place of a parameter that is a whole number."""
    yield from _next_to(ast.Name(name, ast.Load()))


# ---- statements


def of_statement(node: ast.stmt, after: list[ast.stmt]) -> Iterator[list[ast.stmt]]:
    """Yield what may stand in the place of a statement. `after`: the statements that follow it in the answer."""
    if not isinstance(node, ast.Return | ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom | ast.Pass):
        yield []
    match node:
        case ast.If():
            yield [ast.If(_negated(node.test), node.body, node.orelse)]
            yield node.body
            yield node.orelse
        case ast.With():
            yield node.body
        case ast.For() | ast.While():
            yield from ([loop] for loop in _of_loop(node, after))
        case ast.Try():
            yield node.body
        case ast.Raise(exc=ast.Call(func=ast.Name(id=name)) as made):
            for other in EXCEPTIONS:
                if other != name:
                    call = ast.Call(ast.Name(other, ast.Load()), made.args, made.keywords)
                    yield [ast.Raise(call, node.cause)]
        case ast.AugAssign(target=ast.Name(id=name)):
            value = ast.BinOp(ast.Name(name, ast.Load()), node.op, node.value)
            yield [ast.Assign([ast.Name(name, ast.Store())], value)]
            for operator in OPERATORS.get(type(node.op), ()):
                yield [ast.AugAssign(node.target, operator(), node.value)]
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.BinOp(left=ast.Name(id=same)) as value) if name == same:
            yield [ast.AugAssign(ast.Name(name, ast.Store()), value.op, value.right)]
        case ast.Return(value=ast.BinOp() | ast.Call() | ast.Name() as value):
            yield [ast.Return(ast.UnaryOp(ast.USub(), value))]


def _of_loop(node: ast.For | ast.While, after: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield a loop that ends too early, or leaves out its first or last item."""
    yield _with_body(node, [*node.body, ast.Break()])
    for statement in after:
        if isinstance(statement, ast.Return):
            yield _with_body(node, [*node.body, statement])
    if isinstance(node, ast.For):
        for first, last in ((ast.Constant(1), None), (None, ast.UnaryOp(ast.USub(), ast.Constant(1)))):
            items = ast.Call(ast.Name("list", ast.Load()), [node.iter], [])
            fewer = copy.copy(node)
            fewer.iter = ast.Subscript(items, ast.Slice(first, last), ast.Load())
            yield fewer


def _with_body(node: ast.For | ast.While, body: list[ast.stmt]) -> ast.stmt:
    other = copy.copy(node)
    other.body = body
    return other
