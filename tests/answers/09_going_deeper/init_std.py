# %% right: a chain of ifs
def init_std(fan_in, fan_out, act, slope=0.01):
    if act == "relu":
        return (2 / fan_in) ** 0.5
    if act == "leaky_relu":
        return (2 / ((1 + slope**2) * fan_in)) ** 0.5
    if act == "linear":
        return (1 / fan_in) ** 0.5
    if act == "tanh":
        return (2 / (fan_in + fan_out)) ** 0.5
    raise ValueError("not one of the four")


# %% right: a dict of variances
def init_std(fan_in, fan_out, act, slope=0.01):
    variances = {
        "relu": 2 / fan_in,
        "leaky_relu": 2 / (fan_in + fan_in * slope * slope),
        "linear": 1 / fan_in,
        "tanh": 1 / ((fan_in + fan_out) / 2),
    }
    if act not in variances:
        raise ValueError(act)
    return math.sqrt(variances[act])


# %% right: gains of torch.nn.init
def init_std(fan_in, fan_out, act, slope=0.01):
    if act not in ("relu", "leaky_relu", "linear", "tanh"):
        raise ValueError(f"unknown: {act}")
    if act == "tanh":
        return torch.tensor(2.0).div(fan_in + fan_out).sqrt()
    return nn.init.calculate_gain(act, slope) / math.sqrt(fan_in)


# %% right: match, and a tensor comes back
def init_std(fan_in, fan_out, act, slope=0.01):
    match act:
        case "relu":
            share = 0.5
        case "leaky_relu":
            share = 0.5 + 0.5 * slope**2
        case "linear":
            share = 1.0
        case "tanh":
            return torch.rsqrt(torch.tensor(0.5 * (fan_in + fan_out), dtype=torch.float64))
        case _:
            raise ValueError(act)
    return torch.rsqrt(torch.tensor(share * fan_in, dtype=torch.float64))


# %% right: the share that an activation keeps, measured on a grid of normal numbers
def init_std(fan_in, fan_out, act, slope=0.01):
    functions = {
        "relu": torch.relu,
        "leaky_relu": lambda z: torch.where(z > 0, z, slope * z),
        "linear": lambda z: z,
    }
    if act == "tanh":
        return math.sqrt(2) / math.sqrt(fan_in + fan_out)
    if act not in functions:
        raise ValueError(act)
    z = torch.linspace(-9, 9, 18001, dtype=torch.float64)
    weight = torch.exp(-z * z / 2)
    share = (functions[act](z) ** 2 * weight).sum() / (z * z * weight).sum()
    return 1 / math.sqrt(fan_in * share.item())


# %% wrong: variances -> init_std_value, init_std_leaky, init_std_sizes, init_std_slopes: root
def init_std(fan_in, fan_out, act, slope=0.01):
    variances = {"relu": 2 / fan_in, "leaky_relu": 2 / ((1 + slope**2) * fan_in), "linear": 1 / fan_in}
    variances["tanh"] = 2 / (fan_in + fan_out)
    if act not in variances:
        raise ValueError(act)
    return variances[act]


# %% wrong: fan-out in the place of fan-in -> init_std_value, init_std_leaky, init_std_sizes, init_std_slopes: fan
def init_std(fan_in, fan_out, act, slope=0.01):
    if act == "tanh":
        return math.sqrt(2 / (fan_in + fan_out))
    kept = {"relu": 0.5, "leaky_relu": (1 + slope**2) / 2, "linear": 1}
    if act not in kept:
        raise ValueError(act)
    return math.sqrt(1 / (kept[act] * fan_out))


# %% wrong: Xavier for everything, as in deck 003 -> init_std_value, init_std_leaky, init_std_sizes, init_std_slopes: fan_in
def init_std(fan_in, fan_out, act, slope=0.01):
    if act not in ("relu", "leaky_relu", "linear", "tanh"):
        raise ValueError(act)
    return math.sqrt(2 / (fan_in + fan_out))


# %% wrong: He for everything -> init_std_value, init_std_leaky, init_std_sizes, init_std_slopes: e
def init_std(fan_in, fan_out, act, slope=0.01):
    if act not in ("relu", "leaky_relu", "linear", "tanh"):
        raise ValueError(act)
    return math.sqrt(2 / fan_in)


# %% wrong: limits of a uniform distribution -> init_std_value, init_std_leaky, init_std_sizes, init_std_slopes: a
def init_std(fan_in, fan_out, act, slope=0.01):
    variances = {"relu": 6 / fan_in, "leaky_relu": 6 / ((1 + slope**2) * fan_in), "linear": 3 / fan_in}
    variances["tanh"] = 6 / (fan_in + fan_out)
    if act not in variances:
        raise ValueError(act)
    return math.sqrt(variances[act])


# %% wrong: slope in the place of its square -> init_std_leaky, init_std_sizes, init_std_slopes: slope²
def init_std(fan_in, fan_out, act, slope=0.01):
    if act == "tanh":
        return math.sqrt(2 / (fan_in + fan_out))
    kept = {"relu": 0.5, "leaky_relu": (1 + abs(slope)) / 2, "linear": 1}
    if act not in kept:
        raise ValueError(act)
    return math.sqrt(1 / (kept[act] * fan_in))


# %% wrong: the slope is always 0.01 -> init_std_leaky, init_std_slopes: slope
def init_std(fan_in, fan_out, act, slope=0.01):
    if act == "tanh":
        return math.sqrt(2 / (fan_in + fan_out))
    kept = {"relu": 0.5, "leaky_relu": (1 + 0.01**2) / 2, "linear": 1}
    if act not in kept:
        raise ValueError(act)
    return math.sqrt(1 / (kept[act] * fan_in))


# %% wrong: He for unknown names -> init_std_leaky, init_std_slopes: aise ValueError
def init_std(fan_in, fan_out, act, slope=0.01):
    if act == "tanh":
        return math.sqrt(2 / (fan_in + fan_out))
    kept = {"leaky_relu": (1 + slope**2) / 2, "linear": 1}
    return math.sqrt(1 / (kept.get(act, 0.5) * fan_in))


# %% wrong: capital letters are let through -> init_std_leaky, init_std_slopes: aise ValueError
def init_std(fan_in, fan_out, act, slope=0.01):
    act = act.lower().strip()
    if act == "tanh":
        return math.sqrt(2 / (fan_in + fan_out))
    kept = {"relu": 0.5, "leaky_relu": (1 + slope**2) / 2, "linear": 1}
    if act not in kept:
        raise ValueError(act)
    return math.sqrt(1 / (kept[act] * fan_in))


# %% wrong: no activation treated as tanh -> init_std_sizes, init_std_slopes: 1 / fan_in
def init_std(fan_in, fan_out, act, slope=0.01):
    if act in ("tanh", "linear"):
        return math.sqrt(2 / (fan_in + fan_out))
    kept = {"relu": 0.5, "leaky_relu": (1 + slope**2) / 2}
    if act not in kept:
        raise ValueError(act)
    return math.sqrt(1 / (kept[act] * fan_in))


# %% wrong: the slope counts for ReLU too -> init_std_slopes: leaky_relu alone
def init_std(fan_in, fan_out, act, slope=None):
    if act == "tanh":
        return math.sqrt(2 / (fan_in + fan_out))
    slope = slope if slope is not None else 0.01 * (act == "leaky_relu")
    kept = {"relu": (1 + slope**2) / 2, "leaky_relu": (1 + slope**2) / 2, "linear": 1}
    if act not in kept:
        raise ValueError(act)
    return math.sqrt(1 / (kept[act] * fan_in))


# %% wrong: the gain of PyTorch's table for tanh, 5/3 -> init_std_value, init_std_sizes, init_std_slopes: tanh
def init_std(fan_in, fan_out, act, slope=0.01):
    if act not in ("relu", "leaky_relu", "linear", "tanh"):
        raise ValueError(act)
    return nn.init.calculate_gain(act, slope) / math.sqrt(fan_in)


# %% wrong: names that begin with tanh -> init_std_slopes: not exactly one of the four
def init_std(fan_in, fan_out, act, slope=0.01):
    if act == "relu":
        return math.sqrt(2 / fan_in)
    if act == "leaky_relu":
        return math.sqrt(2 / ((1 + slope**2) * fan_in))
    if act == "linear":
        return math.sqrt(1 / fan_in)
    if act.startswith("tanh"):
        return math.sqrt(2 / (fan_in + fan_out))
    raise ValueError(act)


# %% wrong: the gain of nn.init for tanh -> init_std_value, init_std_sizes, init_std_slopes: for tanh
def init_std(fan_in, fan_out, act, slope=0.01):
    if act not in ("relu", "leaky_relu", "linear", "tanh"):
        raise ValueError(act)
    gain = nn.init.calculate_gain(act, slope)
    if act == "tanh":
        return gain * math.sqrt(2 / (fan_in + fan_out))
    return gain / math.sqrt(fan_in)
