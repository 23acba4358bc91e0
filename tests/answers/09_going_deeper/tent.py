# %% right: recursion
def tent(x, d):
    if d == 0:
        return x
    return tent(F.relu(2 * x) - F.relu(4 * x - 2), d - 1)


# %% right: clamp in place of relu
def tent(x, d):
    for _ in range(d):
        x = (2 * x).clamp(min=0) - (4 * x - 2).clamp(min=0)
    return x


# %% right: two matrices per layer
def tent(x, d):
    h = x[..., None]
    rise, fold = torch.tensor([2.0, 4.0], dtype=x.dtype), torch.tensor([0.0, 2.0], dtype=x.dtype)
    for _ in range(d):
        h = torch.relu(h * rise - fold)
        h = h[..., :1] - h[..., 1:]
    return h[..., 0]


# %% right: where, piece by piece
def tent(x, d):
    for _ in range(d):
        x = torch.where(x <= 0, 0 * x, torch.where(x <= 0.5, 2 * x, 2 - 2 * x))
    return x


# %% right: the absolute value, with 0 on the left
def tent(x, d):
    for _ in range(d):
        x = torch.where(x > 0, 1 - (2 * x - 1).abs(), torch.zeros_like(x))
    return x


# %% right: maximum
def tent(x, d):
    nothing = torch.zeros_like(x)
    for _ in range(d):
        x = torch.maximum(2 * x, nothing) - torch.maximum(4 * x - 2, nothing)
    return x


# %% right: a network of its own
def tent(x, d):
    h = x.reshape(-1, 1)
    A = torch.tensor([[2.0], [4.0]], dtype=x.dtype)
    b = torch.tensor([0.0, -2.0], dtype=x.dtype)
    c = torch.tensor([[1.0, -1.0]], dtype=x.dtype)
    for _ in range(d):
        h = F.linear(F.relu(F.linear(h, A, b)), c)
    return h.view(x.shape)


# %% right: maximum with a zero, counting down
def tent(x, d):
    y, zero = x.clone(), torch.zeros((), dtype=x.dtype)
    while d > 0:
        y, d = torch.maximum(2 * y, zero) - torch.maximum(4 * y - 2, zero), d - 1
    return y


# %% wrong: the tent once -> tent_value, tent_outside, tent_deep: t
def tent(x, d):
    return torch.relu(2 * x) - torch.relu(4 * x - 2)


# %% wrong: the absolute value, negative on the left -> tent_value, tent_outside: t
def tent(x, d):
    for _ in range(d):
        x = 1 - (2 * x - 1).abs()
    return x


# %% wrong: once too few -> tent_value, tent_outside, tent_deep: t
def tent(x, d):
    for _ in range(1, d):
        x = torch.relu(2 * x) - torch.relu(4 * x - 2)
    return x


# %% wrong: once too often -> tent_value, tent_outside, tent_deep: t
def tent(x, d):
    for _ in range(d + 1):
        x = torch.relu(2 * x) - torch.relu(4 * x - 2)
    return x


# %% wrong: the formula of a wave, which is right on [0, 1] alone -> tent_value, tent_outside: t
def tent(x, d):
    return torch.acos(torch.cos(math.pi * 2**d * x).clamp(-1, 1)) / math.pi


# %% wrong: d times the tent -> tent_value, tent_outside, tent_deep: t
def tent(x, d):
    return d * (torch.relu(2 * x) - torch.relu(4 * x - 2))


# %% wrong: at least once -> tent_outside, tent_deep: d = 0
def tent(x, d):
    for _ in range(max(d, 1)):
        x = torch.relu(2 * x) - torch.relu(4 * x - 2)
    return x


# %% wrong: numbers without a gradient -> tent_deep: follow the result back to x
def tent(x, d):
    x = x.detach()
    for _ in range(d):
        x = torch.relu(2 * x) - torch.relu(4 * x - 2)
    return x


# %% wrong: computed in numpy -> tent_deep: follow the result back to x
def tent(x, d):
    x = x.numpy()
    for _ in range(d):
        x = (2 * x).clip(min=0) - (4 * x - 2).clip(min=0)
    return torch.as_tensor(x)


# %% wrong: the second ReLU has half the slope -> tent_value, tent_outside, tent_deep: t
def tent(x, d):
    for _ in range(d):
        x = torch.relu(2 * x) - torch.relu(2 * x - 1)
    return x


# %% wrong: cut off at 0 and 1 -> tent_outside: Outside [0, 1]
def tent(x, d):
    for _ in range(d):
        x = (torch.relu(2 * x) - torch.relu(4 * x - 2)).clamp(0, 1)
    return x


# %% wrong: in single precision -> tent_outside, tent_deep: x
def tent(x, d):
    x = x.float()
    for _ in range(d):
        x = torch.relu(2 * x) - torch.relu(4 * x - 2)
    return x


# %% wrong: stops after six -> tent_deep: d
def tent(x, d):
    for _ in range(min(d, 6)):
        x = torch.relu(2 * x) - torch.relu(4 * x - 2)
    return x


# %% wrong: a single number becomes a row -> tent_outside: and so is the result
def tent(x, d):
    x = torch.atleast_1d(x)
    for _ in range(d):
        x = torch.relu(2 * x) - torch.relu(4 * x - 2)
    return x
