# %% right: a loop over neighbours
def count_params(sizes, bias=True):
    total = 0
    for i in range(1, len(sizes)):
        total += sizes[i] * sizes[i - 1]
        if bias:
            total += sizes[i]
    return total


# %% right: asked of PyTorch
def count_params(sizes, bias=True):
    layers = [nn.Linear(n, m, bias=bias, device="meta") for n, m in zip(sizes, sizes[1:])]
    return sum(p.numel() for layer in layers for p in layer.parameters())


# %% right: recursion
def count_params(sizes, bias=True):
    if len(sizes) < 2:
        return 0
    return sizes[1] * (sizes[0] + (1 if bias else 0)) + count_params(sizes[1:], bias)


# %% right: vectorised, gives a tensor
def count_params(sizes, bias=True):
    s = torch.tensor(sizes)
    return (s[1:] * (s[:-1] + int(bias))).sum()


# %% right: numpy, gives a numpy int
def count_params(sizes, bias=True):
    import numpy as np

    return np.dot(sizes[1:], np.asarray(sizes[:-1]) + bias)


# %% wrong: weights and biases apart, as a float -> count_params_networks: Calculate in ints
def count_params(sizes, bias=True):
    weights = sum(a * b for a, b in zip(sizes[:-1], sizes[1:]))
    return float(weights + bias * sum(sizes[1:]))


# %% wrong: no biases -> count_params_slide, count_params_no_bias, count_params_linear, count_params_networks: outputs * (inputs + 1)
def count_params(sizes, bias=True):
    return sum(a * b for a, b in zip(sizes[:-1], sizes[1:]))


# %% wrong: biases always -> count_params_slide, count_params_no_bias: That still counts
def count_params(sizes, bias=True):
    return sum((a + 1) * b for a, b in zip(sizes[:-1], sizes[1:]))


# %% wrong: the argument turned round -> count_params_slide, count_params_no_bias, count_params_linear, count_params_networks: inputs
def count_params(sizes, bias=True):
    return sum((a + (not bias)) * b for a, b in zip(sizes[:-1], sizes[1:]))


# %% wrong: no output layer -> count_params_slide, count_params_no_bias, count_params_linear, count_params_networks: outputs
def count_params(sizes, bias=True):
    return sum(b * (a + bias) for a, b in zip(sizes[:-2], sizes[1:-1]))


# %% wrong: no first layer -> count_params_slide, count_params_no_bias, count_params_linear, count_params_networks: outputs
def count_params(sizes, bias=True):
    return sum(b * (a + bias) for a, b in zip(sizes[1:-1], sizes[2:]))


# %% wrong: a bias for each input -> count_params_slide, count_params_no_bias, count_params_networks, count_params_linear: outputs * (inputs + 1)
def count_params(sizes, bias=True):
    return sum(a * (b + bias) for a, b in zip(sizes[:-1], sizes[1:]))


# %% wrong: one bias a layer -> count_params_slide, count_params_no_bias, count_params_networks, count_params_linear: outputs * (inputs + 1)
def count_params(sizes, bias=True):
    return sum(a * b + bias for a, b in zip(sizes[:-1], sizes[1:]))


# %% wrong: the inputs have biases too -> count_params_slide, count_params_no_bias, count_params_networks, count_params_linear: input
def count_params(sizes, bias=True):
    return sum(a * b for a, b in zip(sizes[:-1], sizes[1:])) + bias * sum(sizes)


# %% wrong: neurons -> count_params_slide, count_params_no_bias, count_params_linear, count_params_networks: inputs
def count_params(sizes, bias=True):
    return sum(sizes)


# %% wrong: hidden units and outputs -> count_params_slide, count_params_no_bias, count_params_linear, count_params_networks: outputs
def count_params(sizes, bias=True):
    return sum(sizes[1:])


# %% wrong: one hidden layer only -> count_params_slide, count_params_linear, count_params_networks, count_params_no_bias: outputs
def count_params(sizes, bias=True):
    d, h, c = sizes[0], sizes[1], sizes[-1]
    return h * (d + bias) + c * (h + bias)


# %% wrong: three hidden layers or one -> count_params_no_bias, count_params_linear, count_params_networks: outputs
def count_params(sizes, bias=True):
    if len(sizes) == 5:
        d, a, b, c, e = sizes
        return a * (d + bias) + b * (a + bias) + c * (b + bias) + e * (c + bias)
    d, h, c = sizes[0], *sizes[-2:]
    return h * (d + bias) + c * (h + bias)


# %% wrong: the slides' numbers -> count_params_no_bias, count_params_linear, count_params_networks: inputs
def count_params(sizes, bias=True):
    known = {(6, 3, 5, 4, 3): (80, 65), (784, 300, 10): (238_510, 238_200), (5, 2): (12, 10)}
    return known.get(tuple(sizes), (0, 0))[0 if bias else 1]


# %% wrong: neighbours in pairs that do not overlap -> count_params_slide, count_params_no_bias, count_params_networks: outputs
def count_params(sizes, bias=True):
    return sum(b * (a + bias) for a, b in zip(sizes[::2], sizes[1::2]))


# %% wrong: the list is used up -> count_params_slide, count_params_no_bias, count_params_networks, count_params_linear: outputs
def count_params(sizes, bias=True):
    sizes = list(sizes)
    total = 0
    while len(sizes) > 2:
        inputs = sizes.pop(0)
        total += sizes[0] * (inputs + bias)
    return total


# %% wrong: single precision -> count_params_networks: Add outputs * (inputs + 1)
def count_params(sizes, bias=True):
    s = torch.tensor(sizes, dtype=torch.float32)
    return int((s[1:] * (s[:-1] + bias)).sum())


# %% wrong: 32 bits -> count_params_networks: Add outputs * (inputs + 1)
def count_params(sizes, bias=True):
    s = torch.tensor(sizes, dtype=torch.int32)
    return int((s[1:] * (s[:-1] + bias)).sum(dtype=torch.int32))


# %% wrong: a list only -> count_params_no_bias, count_params_linear, count_params_networks: outputs
def count_params(sizes, bias=True):
    inputs = [*sizes][:-1] if isinstance(sizes, list) else [0] * len(sizes)
    return sum(b * (a + bias) for a, b in zip(inputs, sizes[1:]))


# %% wrong: layers told apart by their outputs -> count_params_slide, count_params_no_bias, count_params_networks: outputs
def count_params(sizes, bias=True):
    inputs = dict(zip(sizes[1:], sizes[:-1]))
    return sum(outputs * (inputs[outputs] + bool(bias)) for outputs in inputs)


# %% wrong: each layer through a division -> count_params_networks: Calculate in ints
def count_params(sizes, bias=True):
    total = 0
    for n, m in zip(sizes, sizes[1:]):
        total += int(m * (n + bias) / 1)
    return total


# %% wrong: no bias in the output layer -> count_params_slide, count_params_no_bias, count_params_linear, count_params_networks: outputs
def count_params(sizes, bias=True):
    total = sum(n * m for n, m in zip(sizes, sizes[1:]))
    return total + bias * sum(sizes[1:-1])


# %% wrong: each size paired with itself -> count_params_slide, count_params_no_bias, count_params_linear, count_params_networks: outputs
def count_params(sizes, bias=True):
    return sum(n * m + m * bias for n, m in zip(sizes, sizes))
