# %% right: clamp, broadcasting with None
def relu_basis(x, knots):
    return (x[:, None] - knots[None, :]).clamp(min=0)


# %% right: a column for each knot
def relu_basis(x, knots):
    return torch.stack([torch.relu(x - t) for t in knots], dim=1)


# %% right: a row for each place
def relu_basis(x, knots):
    return torch.stack([nn.functional.relu(place - knots) for place in x])


# %% right: a loop over pairs
def relu_basis(x, knots):
    rows = []
    for place in x:
        row = []
        for t in knots:
            row.append(place - t if place > t else 0 * (place - t))
        rows.append(torch.stack(row))
    return torch.stack(rows)


# %% right: double precision and where
def relu_basis(x, knots):
    apart = x.double().unsqueeze(-1) - knots.double()
    return torch.where(apart > 0, apart, torch.zeros_like(apart))


# %% right: a linear layer's formula
def relu_basis(x, knots):
    w, b = torch.ones(len(knots), 1), -knots
    return torch.relu(x.reshape(-1, 1) @ w.T + b)


# %% right: half of the sum of the value and its size
def relu_basis(x, knots):
    apart = torch.sub(*torch.broadcast_tensors(x[:, None], knots[None, :]))
    return (apart + apart.abs()) / 2


# %% right: a Python list of lists of tensors, stacked by column
def relu_basis(x, knots):
    return torch.cat([torch.max(x - t, torch.zeros_like(x)).view(-1, 1) for t in knots], 1)


# %% wrong: the bias has the wrong sign -> relu_basis_values, relu_basis_square, relu_basis_single, relu_basis_gradient: x[m] - knots[n]
def relu_basis(x, knots):
    return torch.relu(x[:, None] + knots)


# %% wrong: no relu -> relu_basis_values, relu_basis_square, relu_basis_single, relu_basis_gradient: x[m] - knots[n]
def relu_basis(x, knots):
    return x[:, None] - knots


# %% wrong: on to the left of the knots -> relu_basis_values, relu_basis_square, relu_basis_single, relu_basis_gradient: x[m] - knots[n]
def relu_basis(x, knots):
    return torch.relu(knots - x[:, None])


# %% wrong: transposed -> relu_basis_values, relu_basis_square, relu_basis_single: ow m
def relu_basis(x, knots):
    return torch.relu(x - knots[:, None])


# %% wrong: paired one by one -> relu_basis_values, relu_basis_square, relu_basis_single, relu_basis_gradient: x[m] - knots[n]
def relu_basis(x, knots):
    return torch.relu(x - knots)


# %% wrong: pairs if there are as many places as knots -> relu_basis_square, relu_basis_single: every place with every knot
def relu_basis(x, knots):
    return torch.relu(x - knots) if len(x) == len(knots) and len(x) > 1 else torch.relu(x[:, None] - knots)


# %% wrong: steps -> relu_basis_values, relu_basis_square, relu_basis_single, relu_basis_gradient: x[m] - knots[n]
def relu_basis(x, knots):
    return (x[:, None] > knots).float()


# %% wrong: distances -> relu_basis_values, relu_basis_square, relu_basis_single, relu_basis_gradient: x[m] - knots[n]
def relu_basis(x, knots):
    return (x[:, None] - knots).abs()


# %% wrong: relu too early -> relu_basis_values, relu_basis_square, relu_basis_single, relu_basis_gradient: x[m] - knots[n]
def relu_basis(x, knots):
    return torch.relu(x)[:, None] - knots


# %% wrong: the units added up -> relu_basis_values, relu_basis_square, relu_basis_single: x[m] - knots[n]
def relu_basis(x, knots):
    return torch.relu(x[:, None] - knots).sum(1)


# %% wrong: leaky -> relu_basis_values, relu_basis_square, relu_basis_single, relu_basis_gradient: x[m] - knots[n]
def relu_basis(x, knots):
    return nn.functional.leaky_relu(x[:, None] - knots)


# %% wrong: knots sorted first -> relu_basis_square, relu_basis_single: order
def relu_basis(x, knots):
    return torch.relu(x[:, None] - knots.sort().values)


# %% wrong: dimensions of length 1 squeezed away -> relu_basis_single: also if M or N is 1
def relu_basis(x, knots):
    return torch.relu(x[:, None] - knots).squeeze()


# %% wrong: numpy cuts the gradient -> relu_basis_gradient: cut the graph
def relu_basis(x, knots):
    return np.maximum(0, x.detach().numpy()[:, None] - knots.detach().numpy())


# %% wrong: numbers copied into a new tensor -> relu_basis_gradient: cut the graph
def relu_basis(x, knots):
    return torch.tensor([[max(0.0, place - t) for t in knots.tolist()] for place in x.tolist()])


# %% wrong: gradients reach x only -> relu_basis_gradient: gradients must reach the knots
def relu_basis(x, knots):
    return torch.relu(x[:, None] - knots.detach())


# %% wrong: the visible values looked up -> relu_basis_square, relu_basis_single, relu_basis_gradient: x[m] - knots[n]
def relu_basis(x, knots):
    return torch.tensor([[0.0, 0], [0, 0], [1, 0], [2, 1]])


# %% wrong: a table of at most a hundred places -> relu_basis_single: M places
def relu_basis(x, knots):
    table = torch.zeros(100, len(knots))
    table[: len(x)] = torch.relu(x[:100, None] - knots)
    return table[: len(x)]


# %% wrong: the table of the knots cut anew -> relu_basis_values, relu_basis_square, relu_basis_single: column
def relu_basis(x, knots):
    return torch.relu(x[None] - knots[:, None]).reshape(len(x), len(knots))
