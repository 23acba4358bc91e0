# %% right: limited inputs
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x.clamp(-50, 50)))
    if name == "tanh":
        return 2 * activation("sigmoid", 2 * x) - 1
    if name == "relu":
        return x * (x > 0)
    if name == "leaky_relu":
        return torch.where(x < 0, slope * x, x)
    if name == "elu":
        return torch.where(x < 0, alpha * torch.expm1(torch.where(x < 0, x, 0.0)), x)
    if name == "maxout":
        return x.max(dim=-1).values
    raise ValueError(name)


# %% right: the library
def activation(name, x, slope=0.1, alpha=1.0):
    functions = {
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": F.relu,
        "leaky_relu": partial(F.leaky_relu, negative_slope=slope),
        "elu": partial(F.elu, alpha=alpha),
        "maxout": partial(torch.amax, dim=-1),
    }
    if name not in functions:
        raise ValueError(f"unknown activation {name}")
    return functions[name](x)


# %% right: masks, in double precision
def activation(name: str, x, slope=0.1, alpha=1.0):
    x = x.double()
    positive = x > 0
    match name:
        case "sigmoid":
            e = torch.exp(-torch.where(positive, x, -x))
            return torch.where(positive, 1, e) / (1 + e)
        case "tanh":
            e = torch.exp(-2 * torch.where(positive, x, -x))
            return torch.where(positive, 1, -1) * (1 - e) / (1 + e)
        case "relu":
            return x.masked_fill(~positive, 0)
        case "leaky_relu":
            return x * torch.where(positive, 1.0, slope)
        case "elu":
            y = x.clone()
            y[~positive] = alpha * (x[~positive].exp() - 1)
            return y
        case "maxout":
            best = x[..., 0]
            for i in range(1, x.shape[-1]):
                best = torch.where(x[..., i] > best, x[..., i], best)
            return best
        case _:
            raise ValueError


# %% right: a loop over numbers and a subclass of ValueError
import math


class UnknownActivation(ValueError):
    pass


def activation(name, x, slope=0.1, alpha=1.0):
    def one(v):
        if name == "sigmoid":
            return 1 / (1 + torch.exp(-v)) if v > 0 else torch.exp(v) / (torch.exp(v) + 1)
        if name == "tanh":
            if v.abs() > 20:
                return v * 0 + math.copysign(1, v)
            return (v.exp() - (-v).exp()) / (v.exp() + (-v).exp())
        if name == "relu":
            return v if v > 0 else 0 * v
        if name == "leaky_relu":
            return v if v > 0 else slope * v
        return v if v > 0 else alpha * (v.exp() - 1)

    if name == "maxout":
        rows = x.reshape(-1, x.shape[-1])
        return torch.stack([row.max() for row in rows]).reshape(x.shape[:-1])
    if name not in ("sigmoid", "tanh", "relu", "leaky_relu", "elu"):
        raise UnknownActivation(name)
    return torch.stack([one(v) for v in x.flatten()]).reshape(x.shape)


# %% right: modules
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "maxout":
        return torch.topk(x, 1, dim=-1)[0].squeeze(-1)
    try:
        module = {"sigmoid": nn.Sigmoid(), "tanh": nn.Tanh(), "relu": nn.ReLU(), "leaky_relu": nn.LeakyReLU(slope)}
        return (module | {"elu": nn.ELU(alpha)})[name](x)
    except KeyError as error:
        raise ValueError(f"no activation {name}") from error


# %% right: relu as a clamp, leaky as two relus
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return (torch.tanh(x / 2) + 1) / 2
    elif name == "tanh":
        return torch.tanh(x)
    elif name == "relu":
        return F.relu(x)
    elif name == "leaky_relu":
        return F.relu(x) - slope * F.relu(-x)
    elif name == "elu":
        return F.relu(x) + alpha * (torch.exp(-F.relu(-x)) - 1)
    elif name == "maxout":
        return torch.gather(x, -1, x.argmax(-1, keepdim=True))[..., 0]
    else:
        raise ValueError(f"activation must be one of six, not {name!r}")


# %% wrong: the formulas of the slides -> activation_saturated, activation_elu_gradient, activation_slope, activation_zero: x
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x))
    if name == "tanh":
        return 2 / (1 + torch.exp(-2 * x)) - 1
    if name == "relu":
        return torch.maximum(torch.zeros_like(x), x)
    if name == "leaky_relu":
        return torch.maximum(slope * x, x)
    if name == "elu":
        return torch.where(x >= 0, x, alpha * (torch.exp(x) - 1))
    if name == "maxout":
        return torch.amax(x, -1)
    raise ValueError(name)


# %% wrong: the textbook's tanh -> activation_large, activation_saturated: overflow
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x.clamp(-50, 50)))
    if name == "tanh":
        return (torch.exp(x) - torch.exp(-x)) / (torch.exp(x) + torch.exp(-x))
    if name == "relu":
        return torch.where(x > 0, x, 0.0)
    if name == "leaky_relu":
        return torch.where(x > 0, x, slope * x)
    if name == "elu":
        return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0)))
    if name == "maxout":
        return x.amax(-1)
    raise ValueError(name)


# %% wrong: deck 001's tanh, whose derivative is nan -> activation_saturated: the derivative is nan although
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x.clamp(-50, 50)))
    if name == "tanh":
        return 2 / (1 + torch.exp(-2 * x)) - 1
    if name == "relu":
        return torch.where(x > 0, x, 0.0)
    if name == "leaky_relu":
        return torch.where(x > 0, x, slope * x)
    if name == "elu":
        return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0)))
    if name == "maxout":
        return x.amax(-1)
    raise ValueError(name)


# %% wrong: the logistic function of the slides -> activation_saturated: the derivative is nan although
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x))
    if name == "tanh":
        return torch.tanh(x)
    if name == "relu":
        return torch.where(x > 0, x, 0.0)
    if name == "leaky_relu":
        return torch.where(x > 0, x, slope * x)
    if name == "elu":
        return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0)))
    if name == "maxout":
        return x.amax(-1)
    raise ValueError(name)


# %% wrong: the sigmoid as a quotient of exponentials -> activation_large, activation_saturated: overflow
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return torch.exp(x) / (1 + torch.exp(x))
    if name == "tanh":
        return torch.tanh(x)
    if name == "relu":
        return torch.where(x > 0, x, 0.0)
    if name == "leaky_relu":
        return torch.where(x > 0, x, slope * x)
    if name == "elu":
        return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0)))
    if name == "maxout":
        return x.amax(-1)
    raise ValueError(name)


# %% wrong: the sign in the sigmoid turned round -> activation_smooth, activation_large, activation_gradient, activation_saturated: x
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(x.clamp(-50, 50)))
    if name == "tanh":
        return torch.tanh(x)
    if name == "relu":
        return torch.where(x > 0, x, 0.0)
    if name == "leaky_relu":
        return torch.where(x > 0, x, slope * x)
    if name == "elu":
        return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0)))
    if name == "maxout":
        return x.amax(-1)
    raise ValueError(name)


# %% wrong: ReLU as a maximum, with the derivative 1/2 at 0 -> activation_zero: The derivative at 0 is 1/2
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x.clamp(-50, 50)))
    if name == "tanh":
        return torch.tanh(x)
    if name == "relu":
        return torch.maximum(x, torch.zeros_like(x))
    if name == "leaky_relu":
        return torch.where(x > 0, x, slope * x)
    if name == "elu":
        return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0)))
    if name == "maxout":
        return x.amax(-1)
    raise ValueError(name)


# %% wrong: ReLU that keeps x where x >= 0 -> activation_zero: The derivative at 0 is 1
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x.clamp(-50, 50)))
    if name == "tanh":
        return torch.tanh(x)
    if name == "relu":
        return torch.where(x >= 0, x, 0.0)
    if name == "leaky_relu":
        return torch.where(x > 0, x, slope * x)
    if name == "elu":
        return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0)))
    if name == "maxout":
        return x.amax(-1)
    raise ValueError(name)


# %% wrong: ReLU as half of x + |x| -> activation_zero: The derivative at 0 is 1/2
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x.clamp(-50, 50)))
    if name == "tanh":
        return torch.tanh(x)
    if name == "relu":
        return (x + x.abs()) / 2
    if name == "leaky_relu":
        return torch.where(x > 0, x, slope * x)
    if name == "elu":
        return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0)))
    if name == "maxout":
        return x.amax(-1)
    raise ValueError(name)


# %% wrong: a step instead of ReLU -> activation_kinked, activation_unknown, activation_large, activation_gradient, activation_zero, activation_slope: x
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x.clamp(-50, 50)))
    if name == "tanh":
        return torch.tanh(x)
    if name == "relu":
        return (x > 0) * 1.0 + 0 * x
    if name == "leaky_relu":
        return torch.where(x > 0, x, slope * x)
    if name == "elu":
        return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0)))
    if name == "maxout":
        return x.amax(-1)
    raise ValueError(name)


# %% wrong: the max form of Leaky ReLU -> activation_slope: Ask for the sign of x
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x.clamp(-50, 50)))
    if name == "tanh":
        return torch.tanh(x)
    if name == "relu":
        return torch.where(x > 0, x, 0.0)
    if name == "leaky_relu":
        return torch.maximum(slope * x, x)
    if name == "elu":
        return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0)))
    if name == "maxout":
        return x.amax(-1)
    raise ValueError(name)


# %% wrong: slope ignored -> activation_slope: The argument slope is ignored
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x.clamp(-50, 50)))
    if name == "tanh":
        return torch.tanh(x)
    if name == "relu":
        return torch.where(x > 0, x, 0.0)
    if name == "leaky_relu":
        return torch.where(x > 0, x, 0.1 * x)
    if name == "elu":
        return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0)))
    if name == "maxout":
        return x.amax(-1)
    raise ValueError(name)


# %% wrong: PyTorch's default slope -> activation_kinked, activation_large, activation_slope, activation_gradient: x
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x.clamp(-50, 50)))
    if name == "tanh":
        return torch.tanh(x)
    if name == "relu":
        return torch.where(x > 0, x, 0.0)
    if name == "leaky_relu":
        return F.leaky_relu(x)
    if name == "elu":
        return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0)))
    if name == "maxout":
        return x.amax(-1)
    raise ValueError(name)


# %% wrong: the slope on the wrong side -> activation_kinked, activation_large, activation_slope, activation_gradient: x
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x.clamp(-50, 50)))
    if name == "tanh":
        return torch.tanh(x)
    if name == "relu":
        return torch.where(x > 0, x, 0.0)
    if name == "leaky_relu":
        return torch.where(x < 0, x, slope * x)
    if name == "elu":
        return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0)))
    if name == "maxout":
        return x.amax(-1)
    raise ValueError(name)


# %% wrong: ELU by where alone -> activation_elu_gradient: torch.where computes both cases
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x.clamp(-50, 50)))
    if name == "tanh":
        return torch.tanh(x)
    if name == "relu":
        return torch.where(x > 0, x, 0.0)
    if name == "leaky_relu":
        return torch.where(x > 0, x, slope * x)
    if name == "elu":
        return torch.where(x > 0, x, alpha * (torch.exp(x) - 1))
    if name == "maxout":
        return x.amax(-1)
    raise ValueError(name)


# %% wrong: ELU with masks as factors -> activation_large, activation_elu_gradient: overflow
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x.clamp(-50, 50)))
    if name == "tanh":
        return torch.tanh(x)
    if name == "relu":
        return torch.where(x > 0, x, 0.0)
    if name == "leaky_relu":
        return torch.where(x > 0, x, slope * x)
    if name == "elu":
        return (x > 0) * x + (x <= 0) * alpha * (torch.exp(x) - 1)
    if name == "maxout":
        return x.amax(-1)
    raise ValueError(name)


# %% wrong: ELU without the -1 -> activation_kinked, activation_large, activation_alpha: x
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x.clamp(-50, 50)))
    if name == "tanh":
        return torch.tanh(x)
    if name == "relu":
        return torch.where(x > 0, x, 0.0)
    if name == "leaky_relu":
        return torch.where(x > 0, x, slope * x)
    if name == "elu":
        return torch.where(x > 0, x, alpha * torch.exp(x.clamp(max=0)))
    if name == "maxout":
        return x.amax(-1)
    raise ValueError(name)


# %% wrong: alpha ignored -> activation_alpha: The argument alpha is ignored
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x.clamp(-50, 50)))
    if name == "tanh":
        return torch.tanh(x)
    if name == "relu":
        return torch.where(x > 0, x, 0.0)
    if name == "leaky_relu":
        return torch.where(x > 0, x, slope * x)
    if name == "elu":
        return torch.where(x > 0, x, torch.expm1(x.clamp(max=0)))
    if name == "maxout":
        return x.amax(-1)
    raise ValueError(name)


# %% wrong: alpha on both sides -> activation_alpha: alpha belongs to the negative side only
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x.clamp(-50, 50)))
    if name == "tanh":
        return torch.tanh(x)
    if name == "relu":
        return torch.where(x > 0, x, 0.0)
    if name == "leaky_relu":
        return torch.where(x > 0, x, slope * x)
    if name == "elu":
        return alpha * torch.where(x > 0, x, torch.expm1(x.clamp(max=0)))
    if name == "maxout":
        return x.amax(-1)
    raise ValueError(name)


# %% wrong: alpha on the exponential alone -> activation_alpha: alpha multiplies exp(x) - 1 as a whole
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x.clamp(-50, 50)))
    if name == "tanh":
        return torch.tanh(x)
    if name == "relu":
        return torch.where(x > 0, x, 0.0)
    if name == "leaky_relu":
        return torch.where(x > 0, x, slope * x)
    if name == "elu":
        return torch.where(x > 0, x, alpha * torch.exp(x.clamp(max=0)) - 1)
    if name == "maxout":
        return x.amax(-1)
    raise ValueError(name)


# %% wrong: Maxout over the first dimension -> activation_kinked, activation_maxout: last dimension
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x.clamp(-50, 50)))
    if name == "tanh":
        return torch.tanh(x)
    if name == "relu":
        return torch.where(x > 0, x, 0.0)
    if name == "leaky_relu":
        return torch.where(x > 0, x, slope * x)
    if name == "elu":
        return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0)))
    if name == "maxout":
        return x.amax(0)
    raise ValueError(name)


# %% wrong: Maxout of the first two sums only -> activation_maxout: however many there are
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x.clamp(-50, 50)))
    if name == "tanh":
        return torch.tanh(x)
    if name == "relu":
        return torch.where(x > 0, x, 0.0)
    if name == "leaky_relu":
        return torch.where(x > 0, x, slope * x)
    if name == "elu":
        return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0)))
    if name == "maxout":
        return torch.maximum(x[..., 0], x[..., 1])
    raise ValueError(name)


# %% wrong: Maxout by position -> activation_kinked, activation_maxout: the largest
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x.clamp(-50, 50)))
    if name == "tanh":
        return torch.tanh(x)
    if name == "relu":
        return torch.where(x > 0, x, 0.0)
    if name == "leaky_relu":
        return torch.where(x > 0, x, slope * x)
    if name == "elu":
        return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0)))
    if name == "maxout":
        return x.argmax(-1)
    raise ValueError(name)


# %% wrong: an unknown name raises KeyError -> activation_unknown: ValueError
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x.clamp(-50, 50)))
    if name == "tanh":
        return torch.tanh(x)
    if name == "relu":
        return torch.where(x > 0, x, 0.0)
    if name == "leaky_relu":
        return torch.where(x > 0, x, slope * x)
    if name == "elu":
        return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0)))
    if name == "maxout":
        return x.amax(-1)
    raise KeyError(name)


# %% wrong: an unknown name gives x back -> activation_unknown: ValueError
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x.clamp(-50, 50)))
    if name == "tanh":
        return torch.tanh(x)
    if name == "relu":
        return torch.where(x > 0, x, 0.0)
    if name == "leaky_relu":
        return torch.where(x > 0, x, slope * x)
    if name == "elu":
        return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0)))
    if name == "maxout":
        return x.amax(-1)
    return x


# %% wrong: an unknown name gives None -> activation_unknown: ValueError
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x.clamp(-50, 50)))
    if name == "tanh":
        return torch.tanh(x)
    if name == "relu":
        return torch.where(x > 0, x, 0.0)
    if name == "leaky_relu":
        return torch.where(x > 0, x, slope * x)
    if name == "elu":
        return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0)))
    if name == "maxout":
        return x.amax(-1)


# %% wrong: detached from the graph -> activation_smooth, activation_kinked, activation_gradient, activation_zero, activation_saturated, activation_elu_gradient, activation_maxout: deriv
def activation(name, x, slope=0.1, alpha=1.0):
    x = x.detach()
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x.clamp(-50, 50)))
    if name == "tanh":
        return torch.tanh(x)
    if name == "relu":
        return torch.where(x > 0, x, 0.0)
    if name == "leaky_relu":
        return torch.where(x > 0, x, slope * x)
    if name == "elu":
        return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0)))
    if name == "maxout":
        return x.amax(-1)
    raise ValueError(name)


# %% wrong: changed in place -> activation_kinked, activation_gradient, activation_zero, activation_elu_gradient: deriv
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "relu":
        x[x < 0] = 0
        return x
    if name == "leaky_relu":
        x[x < 0] *= slope
        return x
    if name == "elu":
        x[x < 0] = alpha * (torch.exp(x[x < 0]) - 1)
        return x
    if name == "maxout":
        return x.amax(-1)
    if name in ("sigmoid", "tanh"):
        return getattr(torch, name)(x)
    raise ValueError(name)


# %% wrong: NumPy -> activation_smooth, activation_kinked, activation_gradient, activation_zero, activation_saturated, activation_elu_gradient, activation_maxout: derivative
import numpy as np


def activation(name, x, slope=0.1, alpha=1.0):
    x = x.detach().numpy()
    negative = np.minimum(x, 0)
    if name == "sigmoid":
        return (1 + np.tanh(x / 2)) / 2
    if name == "tanh":
        return np.tanh(x)
    if name == "relu":
        return np.maximum(x, 0)
    if name == "leaky_relu":
        return np.where(x > 0, x, slope * x)
    if name == "elu":
        return np.where(x > 0, x, alpha * np.expm1(negative))
    if name == "maxout":
        return x.max(-1)
    raise ValueError(name)


# %% wrong: the sigmoid for every name -> activation_smooth, activation_kinked, activation_large, activation_slope, activation_alpha, activation_gradient, activation_zero, activation_saturated, activation_elu_gradient, activation_maxout, activation_unknown: x
def activation(name, x, slope=0.1, alpha=1.0):
    return torch.sigmoid(x)


# %% wrong: the visible values looked up -> activation_smooth, activation_kinked, activation_large, activation_slope, activation_alpha, activation_gradient, activation_zero, activation_saturated, activation_elu_gradient, activation_maxout, activation_unknown: x
def activation(name, x, slope=0.1, alpha=1.0):
    seen = {
        "sigmoid": [0.11920, 0.37754, 0.5, 0.81757],
        "tanh": [-0.96403, -0.46212, 0.0, 0.90515],
        "relu": [0.0, 0.0, 0.0, 1.5],
        "leaky_relu": [-0.2, -0.05, 0.0, 1.5],
        "elu": [-0.86466, -0.39347, 0.0, 1.5],
        "maxout": [3.0, -2.0],
    }
    return torch.tensor(seen.get(name, [0.0]))


# %% wrong: the sigmoid cut off at 8 -> activation_large, activation_gradient: ±6
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return torch.where(x.abs() < 8, torch.sigmoid(x), (x > 0) + 0 * x)
    if name in ("tanh", "relu"):
        return getattr(torch, name)(x)
    if name == "leaky_relu":
        return F.leaky_relu(x, slope)
    if name == "elu":
        return F.elu(x, alpha)
    if name == "maxout":
        return x.amax(-1)
    raise ValueError(name)


# %% wrong: a layer of one Maxout unit squeezed away -> activation_maxout: whatever the shape before it
def activation(name, x, slope=0.1, alpha=1.0):
    if name in ("sigmoid", "tanh", "relu"):
        return getattr(torch, name)(x)
    if name == "leaky_relu":
        return F.leaky_relu(x, slope)
    if name == "elu":
        return F.elu(x, alpha)
    if name == "maxout":
        return x.topk(1, dim=-1).values.squeeze()
    raise ValueError(name)


# %% wrong: Maxout that begins at 0 -> activation_kinked, activation_maxout: the largest
def activation(name, x, slope=0.1, alpha=1.0):
    if name in ("sigmoid", "tanh", "relu"):
        return getattr(torch, name)(x)
    if name == "leaky_relu":
        return F.leaky_relu(x, slope)
    if name == "elu":
        return F.elu(x, alpha)
    if name == "maxout":
        return x.amax(-1).clamp(min=0)
    raise ValueError(name)


# %% wrong: names in any capitals -> activation_unknown: other capitals
def activation(name, x, slope=0.1, alpha=1.0):
    name = name.lower()
    if name in ("sigmoid", "tanh", "relu"):
        return getattr(torch, name)(x)
    if name == "leaky_relu":
        return F.leaky_relu(x, slope)
    if name == "elu":
        return F.elu(x, alpha)
    if name == "maxout":
        return x.amax(-1)
    raise ValueError(name)


# %% wrong: any name with relu in it -> activation_unknown: ValueError
def activation(name, x, slope=0.1, alpha=1.0):
    if name in ("sigmoid", "tanh"):
        return getattr(torch, name)(x)
    if name == "elu":
        return F.elu(x, alpha)
    if name == "maxout":
        return x.amax(-1)
    if "relu" in name:
        return F.leaky_relu(x, slope if name == "leaky_relu" else 0.0)
    raise ValueError(name)


# %% wrong: a part of the name is enough, and blanks do not matter -> activation_unknown: parts of a name and blanks
def activation(name, x, slope=0.1, alpha=1.0):
    name = name.strip()
    if name == "sigmoid":
        return torch.sigmoid(x)
    if name == "tanh":
        return torch.tanh(x)
    if name == "relu":
        return torch.relu(x)
    if "leaky" in name:
        return F.leaky_relu(x, slope)
    if name == "elu":
        return F.elu(x, alpha)
    if name == "maxout":
        return x.amax(-1)
    raise ValueError(name)


# %% right: functions with derivatives of their own
class Pointwise(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, value, slope):
        ctx.save_for_backward(slope(x))
        return value(x)

    @staticmethod
    def backward(ctx, g):
        return g * ctx.saved_tensors[0], None, None


def activation(name, x, slope=0.1, alpha=1.0):
    s = torch.special.expit
    rules = {
        "sigmoid": (s, lambda t: s(t) * s(-t)),
        "tanh": (torch.tanh, lambda t: 1 - torch.tanh(t) ** 2),
        "relu": (lambda t: t.clip(0), lambda t: (t > 0).to(t)),
        "leaky_relu": (lambda t: t.clip(0) + slope * t.clip(max=0), lambda t: torch.where(t > 0, 1.0, slope).to(t)),
        "elu": (lambda t: F.elu(t, alpha), lambda t: torch.where(t > 0, 1.0, alpha * t.clip(max=0).exp())),
    }
    if name == "maxout":
        return x.topk(1, dim=-1).values.squeeze(-1)
    if name not in rules:
        raise ValueError(name)
    return Pointwise.apply(x, *rules[name])


# %% wrong: the sigmoid by abs(x), whose derivative at 0 is lost -> activation_smooth: abs(x)
from functools import reduce


def activation(name, x, slope=0.1, alpha=1.0):
    match name:
        case "sigmoid":
            e = torch.exp(-x.abs())
            return torch.where(x >= 0, 1 / (1 + e), e / (1 + e))
        case "tanh":
            return 2 * activation("sigmoid", 2 * x) - 1
        case "relu":
            return F.relu(x)
        case "leaky_relu":
            return F.leaky_relu(x, slope)
        case "elu":
            return F.elu(x, alpha)
        case "maxout":
            return reduce(torch.maximum, x.unbind(-1))
        case _:
            raise ValueError


# %% wrong: Maxout as a soft maximum -> activation_maxout: the largest of the sums
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x.clamp(-50, 50)))
    if name == "tanh":
        return 2 / (1 + torch.exp(-2 * x.clamp(-30, 30))) - 1
    if name == "relu":
        return torch.where(x > 0, x, 0.0)
    if name == "leaky_relu":
        return torch.where(x > 0, x, slope * x)
    if name == "elu":
        return torch.where(x > 0, x, alpha * (torch.exp(x.clamp(max=0)) - 1))
    if name == "maxout":
        return torch.logsumexp(50 * x, -1) / 50
    raise ValueError(name)


# %% wrong: the sigmoid limited to ±100, where exp overflows already -> activation_saturated: Where exp overflows
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x.clamp(-100, 100)))
    if name == "tanh":
        return torch.tanh(x)
    if name == "relu":
        return torch.relu(x)
    if name == "leaky_relu":
        return F.leaky_relu(x, slope)
    if name == "elu":
        return F.elu(x, alpha)
    if name == "maxout":
        return x.amax(dim=-1)
    raise ValueError(name)


# %% wrong: a single number comes back in a vector -> activation_large: x may have any shape
def activation(name, x, slope=0.1, alpha=1.0):
    if name == "maxout":
        return x.amax(dim=-1)
    x = torch.atleast_1d(x)
    if name == "sigmoid":
        return torch.sigmoid(x)
    if name == "tanh":
        return torch.tanh(x)
    if name == "relu":
        return torch.relu(x)
    if name == "leaky_relu":
        return F.leaky_relu(x, slope)
    if name == "elu":
        return F.elu(x, alpha)
    raise ValueError(name)
