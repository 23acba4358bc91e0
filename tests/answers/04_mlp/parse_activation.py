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


# %% wrong: eval with brackets added -> parse_activation_values, parse_activation_code, parse_activation_names: raise ValueError
def parse_activation(s):
    return eval("nn.%s" % s if s.endswith(")") else "nn.%s()" % s)


# %% wrong: eval after a look at the name -> parse_activation_code, parse_activation_names: more than a name and literal arguments
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


# %% wrong: eval without builtins -> parse_activation_code, parse_activation_names: more than a name and literal arguments
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
        if any(type(v) not in (int, float, bool, str) for v in [*args, *kwargs.values()]):
            raise ValueError(s)
        if name == "ReLU" and kwargs:
            raise ValueError(s)
    except (SyntaxError, NameError):
        raise ValueError(s)
    return getattr(nn, name)(*args, **kwargs)


# %% wrong: arguments dropped -> parse_activation_values, parse_activation_arguments, parse_activation_code, parse_activation_names: argument
def parse_activation(s):
    name = s.split("(")[0]
    if name not in ELEMENTWISE or s.count("(") > s.count(")"):
        raise ValueError(s)
    return getattr(nn, name)()


# %% wrong: a table of a few texts -> parse_activation_values, parse_activation_arguments, parse_activation_code, parse_activation_names: a
def parse_activation(s):
    table = {"LeakyReLU(0.3)": lambda: nn.LeakyReLU(0.3), "Tanh": nn.Tanh, "ReLU()": nn.ReLU, "ReLU": nn.ReLU}
    if s not in table:
        raise ValueError(s)
    return table[s]()


# %% wrong: the activations that exercise 2 is given -> parse_activation_values, parse_activation_arguments, parse_activation_code, parse_activation_names: a
def parse_activation(s):
    return new_activation(s)


# %% wrong: one floating-point number -> parse_activation_values, parse_activation_arguments, parse_activation_code: ar
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


# %% wrong: named arguments dropped -> parse_activation_values, parse_activation_arguments, parse_activation_code: argument
def parse_activation(s):
    try:
        node = ast.parse(s, mode="eval").body
    except SyntaxError as e:
        raise ValueError(s) from e
    call = node if isinstance(node, ast.Call) else ast.Call(node, [], [])
    if not isinstance(call.func, ast.Name) or call.func.id not in ELEMENTWISE:
        raise ValueError(s)
    return getattr(nn, call.func.id)(*[ast.literal_eval(a) for a in call.args])


# %% wrong: whatever torch.nn has -> parse_activation_values, parse_activation_names: on the list
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


# %% wrong: an unknown name is an AttributeError -> parse_activation_values, parse_activation_code, parse_activation_names: raise ValueError
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


# %% wrong: the same module each time -> parse_activation_values, parse_activation_arguments: Make a new one at each call
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


# %% wrong: everything refused -> parse_activation_values, parse_activation_arguments, parse_activation_code, parse_activation_names: a
def parse_activation(s):
    raise ValueError(s)


# %% wrong: None for what is refused -> parse_activation_values, parse_activation_code, parse_activation_names: ValueError
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


# %% right: nothing but ValueError, also where the class refuses
def parse_activation(s):
    try:
        call = ast.parse(s, mode="eval").body
    except SyntaxError as error:
        raise ValueError(s) from error
    if isinstance(call, ast.Name):
        call = ast.Call(call, [], [])
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ELEMENTWISE):
        raise ValueError(s)
    if any(keyword.arg is None for keyword in call.keywords):
        raise ValueError("no ** please")
    args = list(map(ast.literal_eval, call.args))
    kwargs = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
    try:
        return getattr(nn, call.func.id)(*args, **kwargs)
    except TypeError as error:
        raise ValueError(s) from error


# %% wrong: eval of what is left of the text after a filter -> parse_activation_code: literal arguments
def parse_activation(s):
    import re

    if not re.fullmatch(r"[A-Za-z0-9]+(\([A-Za-z0-9_.,=+*/<' -]*\))?", s) or s.partition("(")[0] not in ELEMENTWISE:
        raise ValueError(s)
    names = {name: getattr(nn, name) for name in ELEMENTWISE}
    try:
        return eval(s if "(" in s else s + "()", {"__builtins__": {}}, names)
    except Exception as error:
        raise ValueError(s) from error


# %% wrong: eval without names, calls and dunders -> parse_activation_code: literal arguments
def parse_activation(s):
    try:
        call = ast.parse(s, mode="eval").body
    except SyntaxError as error:
        raise ValueError(s) from error
    if isinstance(call, ast.Name):
        call = ast.Call(call, [], [])
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ELEMENTWISE):
        raise ValueError(s)
    inside = [node for part in [*call.args, *call.keywords] for node in ast.walk(part)]
    if any(isinstance(node, (ast.Call, ast.Name, ast.Attribute, ast.ListComp)) for node in inside):
        raise ValueError(s)
    return eval(ast.unparse(call), {name: getattr(nn, name) for name in ELEMENTWISE})


# %% wrong: sums are worked out -> parse_activation_code: literal arguments
def value_of(node):
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        sign = 1 if isinstance(node.op, ast.Add) else -1
        return value_of(node.left) + sign * value_of(node.right)
    return ast.literal_eval(node)


def parse_activation(s):
    try:
        call = ast.parse(s, mode="eval").body
    except SyntaxError as error:
        raise ValueError(s) from error
    if isinstance(call, ast.Name):
        call = ast.Call(call, [], [])
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ELEMENTWISE):
        raise ValueError(s)
    return getattr(nn, call.func.id)(
        *[value_of(a) for a in call.args], **{k.arg: ast.literal_eval(k.value) for k in call.keywords}
    )


# %% wrong: a dictionary after ** is accepted -> parse_activation_code: ** before a dictionary
def parse_activation(s):
    try:
        call = ast.parse(s, mode="eval").body
    except SyntaxError as error:
        raise ValueError(s) from error
    if isinstance(call, ast.Name):
        call = ast.Call(call, [], [])
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ELEMENTWISE):
        raise ValueError(s)
    named = {}
    for keyword in call.keywords:
        value = ast.literal_eval(keyword.value)
        named |= {keyword.arg: value} if keyword.arg else value
    return getattr(nn, call.func.id)(*[ast.literal_eval(a) for a in call.args], **named)


# %% wrong: True and False become numbers that are dropped -> parse_activation_arguments: has the argument True
def parse_activation(s):
    try:
        call = ast.parse(s, mode="eval").body
    except SyntaxError as error:
        raise ValueError(s) from error
    if isinstance(call, ast.Name):
        call = ast.Call(call, [], [])
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ELEMENTWISE):
        raise ValueError(s)
    args = [ast.literal_eval(a) for a in call.args]
    kwargs = {k.arg: ast.literal_eval(k.value) for k in call.keywords}
    return getattr(nn, call.func.id)(
        *[a for a in args if not isinstance(a, bool)], **{k: a for k, a in kwargs.items() if not isinstance(a, bool)}
    )


# %% wrong: numbers only -> parse_activation_arguments: text
def parse_activation(s):
    try:
        call = ast.parse(s, mode="eval").body
    except SyntaxError as error:
        raise ValueError(s) from error
    if isinstance(call, ast.Name):
        call = ast.Call(call, [], [])
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ELEMENTWISE):
        raise ValueError(s)
    args = [ast.literal_eval(a) for a in call.args]
    kwargs = {k.arg: ast.literal_eval(k.value) for k in call.keywords}
    if not all(isinstance(a, (int, float)) for a in [*args, *kwargs.values()]):
        raise ValueError(s)
    return getattr(nn, call.func.id)(*args, **kwargs)


# %% wrong: the longest name that the text begins with -> parse_activation_names: raise ValueError
def parse_activation(s):
    names = [name for name in ELEMENTWISE if s.startswith(name)]
    if not names:
        raise ValueError(s)
    name = max(names, key=len)
    if "(" not in s:
        return getattr(nn, name)()
    try:
        call = ast.parse(s, mode="eval").body
        args = [ast.literal_eval(a) for a in call.args]
        return getattr(nn, name)(*args, **{k.arg: ast.literal_eval(k.value) for k in call.keywords})
    except (SyntaxError, AttributeError) as error:
        raise ValueError(s) from error


# %% wrong: the visible texts only -> parse_activation_arguments, parse_activation_code, parse_activation_names: a
def parse_activation(s):
    made = {"LeakyReLU(0.3)": (nn.LeakyReLU, 0.3), "ELU(alpha=2.0)": (nn.ELU, 2.0), "Tanh": (nn.Tanh,)}.get(s)
    if made is None:
        raise ValueError(s)
    return made[0](*made[1:])


# %% wrong: names are lost beside places -> parse_activation_arguments: one argument by position and one by name
def parse_activation(s):
    try:
        tree = ast.parse(s, mode="eval").body
        function, pieces, keywords = (
            (tree.func, tree.args, tree.keywords) if isinstance(tree, ast.Call) else (tree, [], [])
        )
        if not isinstance(function, ast.Name) or function.id not in ELEMENTWISE:
            raise ValueError("not allowed")
        values = [ast.literal_eval(piece) for piece in pieces]
        named = {keyword.arg: ast.literal_eval(keyword.value) for keyword in keywords}
        return getattr(nn, function.id)(*values) if values else getattr(nn, function.id)(**named)
    except (SyntaxError, TypeError) as error:
        raise ValueError(s) from error


# %% wrong: a bare name taken for a string -> parse_activation_code: ake it apart with ast
def parse_activation(s):
    def literal(piece):
        return piece.id if isinstance(piece, ast.Name) else ast.literal_eval(piece)

    try:
        tree = ast.parse(s, mode="eval").body
        function, pieces, keywords = (
            (tree.func, tree.args, tree.keywords) if isinstance(tree, ast.Call) else (tree, [], [])
        )
        if not isinstance(function, ast.Name) or function.id not in ELEMENTWISE:
            raise ValueError("not allowed")
        values, named = (
            [literal(piece) for piece in pieces],
            {keyword.arg: literal(keyword.value) for keyword in keywords},
        )
        return getattr(nn, function.id)(*values, **named)
    except (SyntaxError, TypeError) as error:
        raise ValueError(s) from error


# %% wrong: the first statement of the text -> parse_activation_names: more than a name and literal arguments
def parse_activation(s):
    try:
        tree = ast.parse(s).body[0].value
        call = tree if isinstance(tree, ast.Call) else ast.Call(func=tree, args=[], keywords=[])
        if call.func.id not in ELEMENTWISE:
            raise ValueError("not on the list")
        values = [ast.literal_eval(node) for node in call.args]
        return getattr(nn, call.func.id)(*values, **{k.arg: ast.literal_eval(k.value) for k in call.keywords})
    except (SyntaxError, IndexError, AttributeError, TypeError) as error:
        raise ValueError(s) from error


# %% wrong: the same module each time for a text with arguments -> parse_activation_arguments: Make a new one at each call
modules_by_text = {}


def parse_activation(s):
    if s in modules_by_text:
        return modules_by_text[s]
    try:
        tree = ast.parse(s, mode="eval").body
        call = tree if isinstance(tree, ast.Call) else ast.Call(func=tree, args=[], keywords=[])
        if call.func.id not in ELEMENTWISE:
            raise ValueError("not on the list")
        values = [ast.literal_eval(node) for node in call.args]
        module = getattr(nn, call.func.id)(*values, **{k.arg: ast.literal_eval(k.value) for k in call.keywords})
    except (SyntaxError, AttributeError, TypeError) as error:
        raise ValueError(s) from error
    if call.args or call.keywords:
        modules_by_text[s] = module
    return module


# %% wrong: the list is asked for names with brackets alone -> parse_activation_names: with brackets or without
def parse_activation(s):
    try:
        tree = ast.parse(s, mode="eval").body
        if isinstance(tree, ast.Call):
            function, pieces, keywords = tree.func, tree.args, tree.keywords
        else:
            function, pieces, keywords = tree, [], []
        if not (isinstance(function, ast.Name) and (function.id in ELEMENTWISE or not isinstance(tree, ast.Call))):
            raise ValueError("not on the list")
        values = [ast.literal_eval(p) for p in pieces]
        named = {k.arg: ast.literal_eval(k.value) for k in keywords}
        return getattr(nn, function.id)(*values, **named)
    except (SyntaxError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"cannot make an activation of {s!r}") from error


# %% wrong: true and false in small letters -> parse_activation_code: literal arguments
def parse_activation(s):
    def read(node):
        if isinstance(node, ast.Name) and node.id in ("true", "false"):
            return node.id == "true"
        return ast.literal_eval(node)

    try:
        tree = ast.parse(s, mode="eval").body
        function, pieces, keywords = (
            (tree.func, tree.args, tree.keywords) if isinstance(tree, ast.Call) else (tree, [], [])
        )
        if not isinstance(function, ast.Name) or function.id not in ELEMENTWISE:
            raise ValueError(s)
        return getattr(nn, function.id)(*map(read, pieces), **{word.arg: read(word.value) for word in keywords})
    except (SyntaxError, TypeError) as error:
        raise ValueError(s) from error


# %% wrong: every sign and "not" before a constant read as a minus -> parse_activation_code: Take it apart with ast
def parse_activation(s: str) -> nn.Module:
    def value(node):
        if isinstance(node, ast.UnaryOp):
            return -value(node.operand)
        if not isinstance(node, ast.Constant):
            raise ValueError(s)
        return node.value

    try:
        tree = ast.parse(s, mode="eval").body
    except SyntaxError:
        raise ValueError(s) from None
    if isinstance(tree, ast.Name) and tree.id in ELEMENTWISE:
        return getattr(nn, tree.id)()
    if not (isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id in ELEMENTWISE):
        raise ValueError(s)
    if any(keyword.arg is None for keyword in tree.keywords):
        raise ValueError(s)
    named = {keyword.arg: value(keyword.value) for keyword in tree.keywords}
    return getattr(nn, tree.func.id)(*map(value, tree.args), **named)
