# %% right: torch's own
def softmax(z, dim):
    return F.softmax(z, dim=dim)


# %% right: shifted by hand
def softmax(z, dim):
    exps = torch.exp(z - z.max(dim=dim, keepdim=True).values)
    return exps / exps.sum(dim=dim, keepdim=True)


# %% right: logsumexp, in double precision
def softmax(z, dim):
    z = z.double()
    return (z - torch.logsumexp(z, dim, keepdim=True)).exp()


# %% right: moved to the last dimension and looped row by row
def softmax(z, dim):
    moved = z.movedim(dim, -1)
    rows = []
    for row in moved.reshape(-1, moved.shape[-1]).tolist():
        top = max(row)
        exps = [math.exp(score - top) for score in row]
        total = math.fsum(exps)
        rows.append([e / total for e in exps])
    return torch.tensor(rows).view(moved.shape).movedim(-1, dim)


# %% right: from differences of scores, without a maximum
def softmax(z, dim):
    z = z.movedim(dim, -1)
    differences = z[..., None, :] - z[..., :, None]  # z_j - z_i, so that 1 / sum_j e^(z_j - z_i) is never inf / inf
    return (1 / differences.exp().sum(-1)).movedim(-1, dim)


# %% right: NumPy, returning an array
import numpy as np


def softmax(z, dim):
    z = z.numpy().astype(np.longdouble)
    exps = np.exp(z - z.max(axis=dim, keepdims=True))
    return (exps / exps.sum(axis=dim, keepdims=True)).astype(np.float64)


# %% right: works in place on its argument
def softmax(z, dim):
    z -= z.amax(dim, keepdim=True)
    z.exp_()
    z /= z.sum(dim, keepdim=True)
    return z


# %% wrong: the formula of the slides -> softmax_large: Subtract the largest score
def softmax(z, dim):
    return z.exp() / z.exp().sum(dim, keepdim=True)


# %% wrong: the formula of the slides with a small constant -> softmax_large: Subtract the largest score
def softmax(z, dim):
    return z.exp() / (z.exp().sum(dim, keepdim=True) + 1e-9)


# %% wrong: one maximum for the whole tensor -> softmax_large: Take the maximum along dim
def softmax(z, dim):
    exps = torch.exp(z - z.max())
    return exps / exps.sum(dim, keepdim=True)


# %% wrong: large scores cut off -> softmax_large: Cutting large scores off changes the probabilities
def softmax(z, dim):
    exps = z.clamp(-80, 80).exp()
    return exps / exps.sum(dim, keepdim=True)


# %% wrong: over the last dimension whatever dim says -> softmax_dim, softmax_shapes: along dim
def softmax(z, dim):
    return torch.softmax(z, -1)


# %% wrong: always over the batch -> softmax_rows, softmax_dim, softmax_large, softmax_shapes: along dim
def softmax(z, dim):
    return torch.softmax(z, 0)


# %% wrong: over the first dimension instead of the second -> softmax_rows, softmax_large: along dim
def softmax(z, dim):
    return torch.softmax(z, 0 if z.shape == (2, 3) and z[0, 0] < 100 else dim)


# %% wrong: everything adds up to 1 together -> softmax_rows, softmax_dim, softmax_large, softmax_shapes: along dim
def softmax(z, dim):
    return torch.softmax(z.flatten(), 0).view(z.shape)


# %% wrong: sums without keepdim -> softmax_rows, softmax_dim, softmax_large, softmax_shapes: along dim
def softmax(z, dim):
    exps = torch.exp(z - z.amax(dim, keepdim=True))
    return exps / exps.sum(dim)


# %% wrong: the formula of the slides without keepdim -> softmax_rows, softmax_dim, softmax_large, softmax_shapes: along dim
def softmax(z, dim):
    return z.exp() / z.exp().sum(dim)


# %% wrong: softmax applied twice -> softmax_rows, softmax_dim, softmax_large, softmax_shapes: along dim
def softmax(z, dim):
    return torch.softmax(torch.softmax(z, dim), dim)


# %% wrong: log-probabilities -> softmax_rows, softmax_dim, softmax_large, softmax_shapes: along dim
def softmax(z, dim):
    return torch.log_softmax(z, dim)


# %% wrong: no exponential -> softmax_rows, softmax_dim, softmax_large, softmax_shapes: along dim
def softmax(z, dim):
    return z / z.sum(dim, keepdim=True)


# %% wrong: never divided by the sum -> softmax_rows, softmax_dim, softmax_large, softmax_shapes: along dim
def softmax(z, dim):
    return torch.exp(z - z.amax(dim, keepdim=True))


# %% wrong: the hard label instead of the soft one -> softmax_rows, softmax_dim, softmax_large, softmax_shapes: along dim
def softmax(z, dim):
    return (z == z.amax(dim, keepdim=True)).float()


# %% wrong: looked up from the visible check -> softmax_dim, softmax_large, softmax_shapes: along dim
def softmax(z, dim):
    return torch.tensor([[0.12998, 0.86905, 0.00097], [1 / 3, 1 / 3, 1 / 3]])


# %% wrong: no return line -> softmax_rows, softmax_dim, softmax_large, softmax_shapes: along dim
def softmax(z, dim):
    torch.softmax(z, dim)


# %% wrong: of negative dimensions only the last -> softmax_dim, softmax_shapes: dim
def softmax(z, dim):
    dim = z.dim() - 1 if dim < 0 else dim
    exps = torch.exp(z - z.amax(dim, keepdim=True))
    return exps / exps.sum(dim, keepdim=True)


# %% wrong: at most three dimensions -> softmax_shapes: four dimensions
def softmax(z, dim):
    moved = z.transpose(dim, -1)
    exps = torch.exp(moved - moved.amax(-1, keepdim=True))
    exps = exps / exps.sum(-1, keepdim=True)
    return exps.transpose(dim, -1) if z.dim() < 4 else exps


# %% wrong: shifted in tensors of two dimensions only -> softmax_large: single row
def softmax(z: Tensor, dim: int) -> Tensor:
    if z.dim() == 2:
        z = z - z.amax(dim, keepdim=True)
    exps = z.exp()
    return exps / exps.sum(dim, keepdim=True)
