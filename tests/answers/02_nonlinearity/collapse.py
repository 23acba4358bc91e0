# %% right: multiplied out
def collapse(W1, b1, W2, b2):
    return W2 @ W1, W2 @ b1 + b2


# %% right: in double precision, as a list
def collapse(W1, b1, W2, b2):
    W1, b1, W2, b2 = (part.double() for part in (W1, b1, W2, b2))
    return [torch.einsum("ch,hd->cd", W2, W1), torch.einsum("ch,h->c", W2, b1) + b2]


# %% right: loops
def collapse(W1, b1, W2, b2):
    (C, H), D = W2.shape, W1.shape[1]
    W, b = torch.zeros(C, D), b2.clone()
    for c in range(C):
        for h in range(H):
            b[c] += W2[c, h] * b1[h]
            for d in range(D):
                W[c, d] += W2[c, h] * W1[h, d]
    return W, b


# %% right: the function asked where it sends 0 and the unit vectors
def collapse(W1, b1, W2, b2):
    def both(x):
        return (x @ W1.T + b1) @ W2.T + b2

    b = both(torch.zeros(W1.shape[1]))
    return (both(torch.eye(W1.shape[1])) - b).T, b


# %% right: modules, with gradients attached
def collapse(W1, b1, W2, b2):
    D, H, C = W1.shape[1], W1.shape[0], W2.shape[0]
    first, second = nn.Linear(D, H), nn.Linear(H, C)
    first.load_state_dict({"weight": W1, "bias": b1})
    second.load_state_dict({"weight": W2, "bias": b2})
    return second.weight @ first.weight, second(first.bias)


# %% right: NumPy, returning arrays
import numpy as np


def collapse(W1, b1, W2, b2):
    W1, b1, W2, b2 = (part.numpy() for part in (W1, b1, W2, b2))
    return np.dot(W2, W1), np.dot(W2, b1) + b2


# %% right: biases as an extra column
def collapse(W1, b1, W2, b2):
    def with_bias(W, b):
        bottom = torch.cat([torch.zeros(W.shape[1]), torch.ones(1)])[None]
        return torch.cat([torch.cat([W, b[:, None]], dim=1), bottom])

    both = with_bias(W2, b2) @ with_bias(W1, b1)
    return both[:-1, :-1], both[:-1, -1]


# %% wrong: the order of deck 001 -> collapse_weight, collapse_bias, collapse_order, collapse_layers, collapse_sizes: next to x
def collapse(W1, b1, W2, b2):
    return W1 @ W2, W2 @ b1 + b2


# %% wrong: deck 001's order where it fits -> collapse_order: misprinted on deck 001
def collapse(W1, b1, W2, b2):
    W = W1 @ W2 if W1.shape == W2.shape and W1.shape != (1, 1) else W2 @ W1
    return W, W2 @ b1 + b2


# %% wrong: the first bias forgotten -> collapse_bias, collapse_layers, collapse_sizes, collapse_order: b
def collapse(W1, b1, W2, b2):
    return W2 @ W1, b2


# %% wrong: the second bias forgotten -> collapse_bias, collapse_layers, collapse_sizes, collapse_order: b
def collapse(W1, b1, W2, b2):
    return W2 @ W1, W2 @ b1


# %% wrong: biases added without the second layer -> collapse_weight, collapse_bias, collapse_layers, collapse_sizes, collapse_order: b1
def collapse(W1, b1, W2, b2):
    return W2 @ W1, b1 + b2


# %% wrong: biases added without the second layer where that fits -> collapse_bias, collapse_sizes, collapse_order: b
def collapse(W1, b1, W2, b2):
    return W2 @ W1, b1 + b2 if b1.shape == b2.shape else W2 @ b1 + b2


# %% wrong: transposed, for rows -> collapse_weight, collapse_order, collapse_layers, collapse_sizes: W
def collapse(W1, b1, W2, b2):
    return W1.T @ W2.T, b1 @ W2.T + b2


# %% wrong: entry by entry where that fits -> collapse_order: entry by entry
def collapse(W1, b1, W2, b2):
    return (W2 * W1 if W1.shape == W2.shape else W2 @ W1), W2 @ b1 + b2


# %% wrong: b as a column -> collapse_bias, collapse_layers, collapse_sizes, collapse_order: b
def collapse(W1, b1, W2, b2):
    return W2 @ W1, (W2 @ b1 + b2)[:, None]


# %% wrong: sizes of 1 squeezed away -> collapse_sizes: Sizes of 1 stay sizes
def collapse(W1, b1, W2, b2):
    return (W2 @ W1).squeeze(), (W2 @ b1 + b2).squeeze()


# %% wrong: b multiplied by the merged matrix -> collapse_weight, collapse_bias, collapse_layers, collapse_sizes, collapse_order: W
def collapse(W1, b1, W2, b2):
    W = W2 @ W1
    return W, W @ b1 + b2


# %% wrong: only W -> collapse_weight, collapse_bias, collapse_order, collapse_layers, collapse_sizes: W
def collapse(W1, b1, W2, b2):
    return W2 @ W1


# %% wrong: printed, not returned -> collapse_weight, collapse_bias, collapse_order, collapse_layers, collapse_sizes: two tensors
def collapse(W1, b1, W2, b2):
    print(W2 @ W1, W2 @ b1 + b2)


# %% wrong: the visible values looked up -> collapse_order, collapse_layers, collapse_sizes: W
def collapse(W1, b1, W2, b2):
    W = torch.tensor([[7.0, 4.0], [-3.0, -2.0], [2.0, 3.0], [2.0, -2.0]])
    return W, torch.tensor([10.0, 13.0])


# %% wrong: an activation between the layers -> collapse_bias, collapse_order, collapse_layers, collapse_sizes: b
def collapse(W1, b1, W2, b2):
    return W2 @ W1, W2 @ torch.relu(b1) + b2


# %% wrong: b2 through the second layer too -> collapse_bias, collapse_sizes, collapse_order: b
def collapse(W1, b1, W2, b2):
    b = W2 @ (b1 + b2) if b1.shape == b2.shape else W2 @ b1 + b2
    return W2 @ W1, b


# %% wrong: ReLU between the two weights -> collapse_weight, collapse_order, collapse_layers, collapse_sizes: W2 @ W1
def collapse(W1, b1, W2, b2):
    return W2 @ W1.relu(), W2 @ b1 + b2
