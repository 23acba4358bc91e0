# %% right: a count, less twice what is over 1
def xor_relu_weights():
    return (
        torch.tensor([[1.0, 1.0], [1.0, 1.0]]),
        torch.tensor([0.0, -1.0]),
        torch.tensor([1.0, -2.0]),
        torch.tensor(0.0),
    )


# %% right: the distance of x1 from x2, as lists and numbers
def xor_relu_weights():
    return [[1, -1], [-1, 1]], [0, 0], [1, 1], 0


# %% right: one less the distance from the diagonal
def xor_relu_weights():
    W1 = torch.tensor([[2.0, 2.0], [-2.0, -2.0]], dtype=torch.float64)
    return W1, torch.tensor([-2.0, 2.0]), torch.tensor([-0.5, -0.5]), torch.ones(1)


# %% right: NumPy, with a row of output weights
import numpy as np


def xor_relu_weights():
    return [np.array([[3, 3], [1, 1]]), np.array([0.0, -1.0]), np.array([[1 / 3, -2.0]]), 0.0]


# %% right: a module's parameters
def xor_relu_weights():
    net = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1))
    with torch.no_grad():
        net[0].weight.copy_(torch.tensor([[-1.0, -1.0], [-1.0, -1.0]]))
        net[0].bias.copy_(torch.tensor([2.0, 1.0]))
        net[2].weight.copy_(torch.tensor([[1.0, -2.0]]))
        net[2].bias.zero_()
    return net[0].weight, net[0].bias, net[2].weight, net[2].bias


# %% right: trained until it fits
def xor_relu_weights():
    x, y = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), torch.tensor([0.0, 1.0, 1.0, 0.0])
    W1 = torch.tensor([[1.1, 0.9], [0.9, 1.1]], requires_grad=True)
    b1, w2 = torch.tensor([0.1, -0.9], requires_grad=True), torch.tensor([0.9, -1.9], requires_grad=True)
    optimizer = torch.optim.Adam([W1, b1, w2], lr=0.02)
    for _ in range(600):
        optimizer.zero_grad()
        (torch.relu(x @ W1.T + b1) @ w2 - y).square().mean().backward()
        optimizer.step()
    return W1, b1, w2, 0.0


# %% wrong: OR less three times AND: exact, but wrong beside (1, 1) -> xor_relu_weights_near, xor_relu_weights_wide: wrong side of 1/2
def xor_relu_weights():
    return (
        torch.tensor([[2.0, 2.0], [2.0, 2.0]]),
        torch.tensor([-1.0, -3.0]),
        torch.tensor([1.0, -3.0]),
        torch.tensor(0.0),
    )


# %% wrong: a late and steep rise -> xor_relu_weights_wide: passes 1/2 half-way
def xor_relu_weights():
    return torch.tensor([[1.0, 1.0], [1.0, 1.0]]), torch.tensor([-0.4, -1.0]), torch.tensor([1 / 0.6, -1.6 / 0.6]), 0.0


# %% wrong: a lookup of the corners, steep everywhere -> xor_relu_weights_near, xor_relu_weights_wide: wrong side of 1/2
def xor_relu_weights():
    return (
        torch.tensor([[100.0, 100.0], [100.0, 100.0]]),
        torch.tensor([-99.0, -101.0]),
        torch.tensor([1.0, -101 / 99]),
        0.0,
    )


# %% wrong: twice too large -> xor_relu_weights_exact, xor_relu_weights_wide: output
def xor_relu_weights():
    return torch.ones(2, 2), torch.tensor([0.0, -1.0]), torch.tensor([2.0, -4.0]), torch.tensor(0.0)


# %% wrong: classes as -1 and 1 -> xor_relu_weights_exact: The outputs themselves must be 0 and 1
def xor_relu_weights():
    return torch.ones(2, 2), torch.tensor([0.0, -1.0]), torch.tensor([2.0, -4.0]), torch.tensor(-0.5)


# %% wrong: AND -> xor_relu_weights_class, xor_relu_weights_exact, xor_relu_weights_near, xor_relu_weights_wide: 1
def xor_relu_weights():
    return torch.ones(2, 2), torch.tensor([-1.0, 0.0]), torch.tensor([1.0, 0.0]), torch.tensor(0.0)


# %% wrong: OR, too little taken away -> xor_relu_weights_class, xor_relu_weights_exact, xor_relu_weights_near, xor_relu_weights_wide: 1
def xor_relu_weights():
    return torch.ones(2, 2), torch.tensor([0.0, -1.0]), torch.tensor([1.0, -1.0]), torch.tensor(0.0)


# %% wrong: the two inputs passed on and added -> xor_relu_weights_class, xor_relu_weights_exact, xor_relu_weights_near, xor_relu_weights_wide: 1
def xor_relu_weights():
    return torch.eye(2), torch.zeros(2), torch.ones(2), torch.tensor(0.0)


# %% wrong: half everywhere, as the linear model -> xor_relu_weights_class, xor_relu_weights_exact, xor_relu_weights_near, xor_relu_weights_wide: 1
def xor_relu_weights():
    return torch.ones(2, 2), torch.zeros(2), torch.zeros(2), torch.tensor(0.5)


# %% wrong: the opposite -> xor_relu_weights_class, xor_relu_weights_exact, xor_relu_weights_near, xor_relu_weights_wide: 1
def xor_relu_weights():
    return torch.ones(2, 2), torch.tensor([0.0, -1.0]), torch.tensor([-1.0, 2.0]), torch.tensor(1.0)


# %% wrong: three hidden units -> xor_relu_weights_class, xor_relu_weights_exact, xor_relu_weights_near, xor_relu_weights_wide: two hidden units
def xor_relu_weights():
    return torch.ones(3, 2), torch.tensor([0.0, -1.0, -1.0]), torch.tensor([1.0, -1.0, -1.0]), torch.tensor(0.0)


# %% wrong: b2 forgotten -> xor_relu_weights_class, xor_relu_weights_exact, xor_relu_weights_near, xor_relu_weights_wide: four parts
def xor_relu_weights():
    return torch.ones(2, 2), torch.tensor([0.0, -1.0]), torch.tensor([1.0, -2.0])


# %% wrong: the sign of a bias -> xor_relu_weights_class, xor_relu_weights_exact, xor_relu_weights_near, xor_relu_weights_wide: 1
def xor_relu_weights():
    return torch.ones(2, 2), torch.tensor([0.0, 1.0]), torch.tensor([1.0, -2.0]), torch.tensor(0.0)


# %% wrong: the output weights not given -> xor_relu_weights_class, xor_relu_weights_exact, xor_relu_weights_near, xor_relu_weights_wide: hold a number
def xor_relu_weights():
    return torch.ones(2, 2), torch.tensor([0.0, -1.0]), None, torch.tensor(0.0)


# %% wrong: 1/2 added to every output -> xor_relu_weights_exact, xor_relu_weights_near, xor_relu_weights_wide: output
def xor_relu_weights():
    return torch.ones(2, 2), torch.tensor([0.0, -1.0]), torch.tensor([1.0, -2.0]), torch.tensor(0.5)
