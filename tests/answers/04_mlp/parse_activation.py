# %% right: literal_eval on the nodes of a call
def parse_activation(s):
    try:
        node = ast.parse(s.strip(), mode="eval").body
    except SyntaxError:
        raise ValueError(f"cannot read {s!r}")
    if isinstance(node, ast.Name):
        name, args, kwargs = node.id, [], {}
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        name = node.func.id
        args = [ast.literal_eval(a) for a in node.args]
        kwargs = {k.arg: ast.literal_eval(k.value) for k in node.keywords}
    else:
        raise ValueError(f"{s!r} is neither a name nor a call")
    if name not in ELEMENTWISE:
        raise ValueError(f"{name} is not allowed")
    return getattr(nn, name)(*args, **kwargs)


# %% right: a table of classes made beforehand
CLASSES = {name: getattr(nn, name) for name in ELEMENTWISE}


def parse_activation(s):
    name, bracket, rest = s.partition("(")
    if name not in CLASSES:
        raise ValueError(s)
    if not bracket:
        return CLASSES[name]()
    try:
        call = ast.parse(f"f({rest}", mode="eval").body
    except SyntaxError as error:
        raise ValueError(s) from error
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
        raise ValueError(s)
    return CLASSES[name](*map(ast.literal_eval, call.args), **{k.arg: ast.literal_eval(k.value) for k in call.keywords})


# %% right: split by hand, arguments one by one
def parse_activation(s):
    import re

    found = re.fullmatch(r"(\w+)(?:\(([^()]*)\))?", s)
    if found is None or found[1] not in ELEMENTWISE:
        raise ValueError("no activation: " + s)
    args, kwargs = [], {}
    for part in (found[2] or "").split(","):
        if not part.strip():
            continue
        key, equals, value = part.rpartition("=")
        try:
            value = ast.literal_eval(value.strip())
        except (SyntaxError, ValueError):
            raise ValueError("no literal: " + part) from None
        if equals:
            kwargs[key.strip()] = value
        else:
            args.append(value)
    return getattr(torch.nn, found[1])(*args, **kwargs)


# %% right: a visitor that lets through a few kinds of nodes
def parse_activation(s):
    allowed = (ast.Expression, ast.Call, ast.Name, ast.Load, ast.Constant, ast.UnaryOp, ast.USub, ast.keyword)
    try:
        tree = ast.parse(s, mode="eval")
    except SyntaxError as e:
        raise ValueError from e
    names = [n.id for n in ast.walk(tree) if isinstance(n, ast.Name)]
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call)]
    if len(names) != 1 or names[0] not in ELEMENTWISE or len(calls) > 1:
        raise ValueError("only one name, from the list")
    if not all(isinstance(n, allowed) for n in ast.walk(tree)) or not isinstance(tree.body, (ast.Call, ast.Name)):
        raise ValueError("only names and literals")
    if not calls:
        return getattr(nn, names[0])()
    call = calls[0]
    if not isinstance(call.func, ast.Name):
        raise ValueError("only names and literals")
    return getattr(nn, names[0])(
        *[ast.literal_eval(a) for a in call.args], **{k.arg: ast.literal_eval(k.value) for k in call.keywords}
    )


# %% right: one except for whatever goes wrong
def parse_activation(s: str) -> nn.Module:
    try:
        body = ast.parse(s, mode="eval").body
        if isinstance(body, ast.Call):
            function, args, keywords = body.func.id, body.args, body.keywords
        else:
            function, args, keywords = body.id, [], []
        assert function in ELEMENTWISE
        return vars(nn)[function](
            *(ast.literal_eval(a) for a in args), **{k.arg: ast.literal_eval(k.value) for k in keywords}
        )
    except Exception as error:
        raise ValueError(f"{s!r} describes no activation") from error


# %% wrong: the deck's eval -> parse_activation_values, parse_activation_code, parse_activation_names: module
def parse_activation(s):
    return eval("nn.%s" % s)


# %% wrong: eval with brackets added -> parse_activation_code, parse_activation_names: raise ValueError
def parse_activation(s):
    return eval("nn.%s" % s if s.endswith(")") else "nn.%s()" % s)


# %% wrong: eval after a look at the name -> parse_activation_code: was run as code
def parse_activation(s):
    if s.partition("(")[0] not in ELEMENTWISE:
        raise ValueError(s)
    try:
        return eval("nn." + s if "(" in s else "nn." + s + "()")
    except SyntaxError:
        raise ValueError(s)


# %% wrong: eval first, a look at the result afterwards -> parse_activation_code: was run as code
def parse_activation(s):
    try:
        made = eval("nn." + s if "(" in s else "nn." + s + "()")
    except Exception:
        raise ValueError(s)
    if type(made).__name__ not in ELEMENTWISE or not isinstance(getattr(made, "negative_slope", 0.0), float):
        raise ValueError(s)
    return made


# %% wrong: eval without builtins -> parse_activation_code: more than a name and literal arguments
def parse_activation(s):
    names = {name: getattr(nn, name) for name in ELEMENTWISE}
    try:
        made = eval(s, {"__builtins__": {}}, names)
        return made() if isinstance(made, type) else made
    except Exception:
        raise ValueError(s)


# %% wrong: arguments by eval -> parse_activation_code: was run as code
def parse_activation(s):
    name, bracket, rest = s.partition("(")
    if name not in ELEMENTWISE or (bracket and not rest.endswith(")")) or ")" in rest.replace("))", "")[:-1]:
        raise ValueError(s)
    try:
        args, kwargs = eval(f"(lambda *a, **k: (a, k))({rest}" if bracket else "((), {})")
        if any(type(v) not in (int, float, bool) for v in [*args, *kwargs.values()]):
            raise ValueError(s)
        if name == "ReLU" and kwargs:
            raise ValueError(s)
    except (SyntaxError, NameError):
        raise ValueError(s)
    return getattr(nn, name)(*args, **kwargs)


# %% wrong: arguments dropped -> parse_activation_values, parse_activation_arguments, parse_activation_code: argument
def parse_activation(s):
    name = s.split("(")[0]
    if name not in ELEMENTWISE or s.count("(") > s.count(")"):
        raise ValueError(s)
    return getattr(nn, name)()


# %% wrong: a table of a few texts -> parse_activation_arguments, parse_activation_names: (
def parse_activation(s):
    table = {"LeakyReLU(0.3)": lambda: nn.LeakyReLU(0.3), "Tanh": nn.Tanh, "ReLU()": nn.ReLU, "ReLU": nn.ReLU}
    if s not in table:
        raise ValueError(s)
    return table[s]()


# %% wrong: the activations that exercise 2 is given -> parse_activation_values, parse_activation_arguments, parse_activation_code, parse_activation_names: a
def parse_activation(s):
    return new_activation(s)


# %% wrong: one floating-point number -> parse_activation_arguments: has two arguments
def parse_activation(s):
    name, _, rest = s.partition("(")
    if name not in ELEMENTWISE or (rest and not rest.endswith(")")):
        raise ValueError(s)
    return getattr(nn, name)(*[float(rest[:-1])] if rest[:-1] else [])


# %% wrong: constants only, no minus -> parse_activation_arguments: which knows the minus
def parse_activation(s):
    try:
        node = ast.parse(s, mode="eval").body
    except SyntaxError as e:
        raise ValueError(s) from e
    call = node if isinstance(node, ast.Call) else ast.Call(node, [], [])
    if not isinstance(call.func, ast.Name) or call.func.id not in ELEMENTWISE:
        raise ValueError(s)
    if not all(isinstance(a, ast.Constant) for a in [*call.args, *(k.value for k in call.keywords)]):
        raise ValueError(s)
    return getattr(nn, call.func.id)(*[a.value for a in call.args], **{k.arg: k.value.value for k in call.keywords})


# %% wrong: named arguments dropped -> parse_activation_arguments, parse_activation_code: arguments
def parse_activation(s):
    try:
        node = ast.parse(s, mode="eval").body
    except SyntaxError as e:
        raise ValueError(s) from e
    call = node if isinstance(node, ast.Call) else ast.Call(node, [], [])
    if not isinstance(call.func, ast.Name) or call.func.id not in ELEMENTWISE:
        raise ValueError(s)
    return getattr(nn, call.func.id)(*[ast.literal_eval(a) for a in call.args])


# %% wrong: whatever torch.nn has -> parse_activation_names: not on the list
def parse_activation(s):
    try:
        node = ast.parse(s, mode="eval").body
    except SyntaxError as e:
        raise ValueError(s) from e
    call = node if isinstance(node, ast.Call) else ast.Call(node, [], [])
    if not isinstance(call.func, ast.Name) or not hasattr(nn, call.func.id):
        raise ValueError(s)
    return getattr(nn, call.func.id)(
        *[ast.literal_eval(a) for a in call.args], **{k.arg: ast.literal_eval(k.value) for k in call.keywords}
    )


# %% wrong: an unknown name is an AttributeError -> parse_activation_code, parse_activation_names: raise ValueError
def parse_activation(s):
    node = ast.parse(s, mode="eval").body
    call = node if isinstance(node, ast.Call) else ast.Call(node, [], [])
    return getattr(nn.modules.activation, call.func.id)(
        *[ast.literal_eval(a) for a in call.args], **{k.arg: ast.literal_eval(k.value) for k in call.keywords}
    )


# %% wrong: half a text is a SyntaxError -> parse_activation_names: turn it into ValueError
def parse_activation(s):
    node = ast.parse(s, mode="eval").body
    call = node if isinstance(node, ast.Call) else ast.Call(node, [], [])
    if not isinstance(call.func, ast.Name) or call.func.id not in ELEMENTWISE:
        raise ValueError(s)
    return getattr(nn, call.func.id)(
        *[ast.literal_eval(a) for a in call.args], **{k.arg: ast.literal_eval(k.value) for k in call.keywords}
    )


# %% wrong: the class for a name alone -> parse_activation_values, parse_activation_code, parse_activation_names: module
def parse_activation(s):
    try:
        node = ast.parse(s, mode="eval").body
    except SyntaxError as e:
        raise ValueError(s) from e
    func = node.func if isinstance(node, ast.Call) else node
    if not isinstance(func, ast.Name) or func.id not in ELEMENTWISE:
        raise ValueError(s)
    if isinstance(node, ast.Name):
        return getattr(nn, node.id)
    return getattr(nn, func.id)(
        *[ast.literal_eval(a) for a in node.args], **{k.arg: ast.literal_eval(k.value) for k in node.keywords}
    )


# %% wrong: names alone are refused -> parse_activation_values, parse_activation_code, parse_activation_names: module
def parse_activation(s):
    try:
        call = ast.parse(s, mode="eval").body
    except SyntaxError as e:
        raise ValueError(s) from e
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.func.id not in ELEMENTWISE:
        raise ValueError(s)
    return getattr(nn, call.func.id)(
        *[ast.literal_eval(a) for a in call.args], **{k.arg: ast.literal_eval(k.value) for k in call.keywords}
    )


# %% wrong: the same module each time -> parse_activation_values: Make a new one at each call
from functools import cache


@cache
def parse_activation(s):
    try:
        node = ast.parse(s, mode="eval").body
    except SyntaxError as e:
        raise ValueError(s) from e
    call = node if isinstance(node, ast.Call) else ast.Call(node, [], [])
    if not isinstance(call.func, ast.Name) or call.func.id not in ELEMENTWISE:
        raise ValueError(s)
    return getattr(nn, call.func.id)(
        *[ast.literal_eval(a) for a in call.args], **{k.arg: ast.literal_eval(k.value) for k in call.keywords}
    )


# %% wrong: everything refused -> parse_activation_values, parse_activation_arguments, parse_activation_code, parse_activation_names: raise
def parse_activation(s):
    raise ValueError(s)


# %% wrong: None for what is refused -> parse_activation_code, parse_activation_names: ValueError
def parse_activation(s):
    try:
        node = ast.parse(s, mode="eval").body
        call = node if isinstance(node, ast.Call) else ast.Call(node, [], [])
        if call.func.id in ELEMENTWISE:
            return getattr(nn, call.func.id)(
                *[ast.literal_eval(a) for a in call.args], **{k.arg: ast.literal_eval(k.value) for k in call.keywords}
            )
    except Exception:
        print("not an activation")
