# %% right: means of the flattened error
def mse_grads(x, y, a, b):
    x, y = x.reshape(-1), y.reshape(-1)
    residual = a + b * x - y
    return 2 * residual.mean(), 2 * (x * residual).mean()


# %% right: autograd
def mse_grads(x, y, a, b):
    a = torch.tensor(float(a), dtype=x.dtype, requires_grad=True)
    b = torch.tensor(float(b), dtype=x.dtype, requires_grad=True)
    loss = F.mse_loss(a + b * x.flatten(), y.flatten())
    loss.backward()
    return a.grad, b.grad


# %% right: a loop over Python numbers
def mse_grads(x, y, a, b):
    xs, ys = x.flatten().tolist(), y.flatten().tolist()
    da = db = 0.0
    for xi, yi in zip(xs, ys):
        error = yi - float(a) - float(b) * xi
        da -= 2 * error / len(xs)
        db -= 2 * xi * error / len(xs)
    return [da, db]


# %% right: matrices, both as columns, in double precision
def mse_grads(x, y, a, b):
    x, y = x.double().view(-1, 1), y.double().view(-1, 1)
    X = torch.cat([torch.ones_like(x), x], dim=1)
    theta = torch.tensor([[float(a)], [float(b)]], dtype=torch.float64)
    gradient = 2 / len(x) * X.T @ (X @ theta - y)
    return gradient[0], gradient[1]


# %% right: NumPy
import numpy as np


def mse_grads(x, y, a, b):
    x, y = np.ravel(x), np.ravel(y)
    e = y - (float(a) + float(b) * x)
    return np.float64(-2 * e.mean()), -2 * np.dot(x, e) / x.size


# %% right: one tensor with both
def mse_grads(x, y, a, b):
    x, y = torch.atleast_2d(x.squeeze()), torch.atleast_2d(y.squeeze())
    error = y - a - b * x
    return torch.stack([-2 * error.mean(), -2 * torch.mean(x * error)])


# %% right: sums of columns, shape (1,)
def mse_grads(x, y, a, b):
    x, y = x.view(len(x), 1), y.view(len(y), 1)
    error = a + x * b - y
    return (2 * error).sum(dim=0) / len(x), (2 * error * x).sum(dim=0) / len(x)


# %% wrong: the sum -> mse_grads_hand, mse_grads_column, mse_grads_autograd, mse_grads_parameters: mean
def mse_grads(x, y, a, b):
    x, y = x.flatten(), y.flatten()
    error = y - (a + b * x)
    return -2 * error.sum(), -2 * (x * error).sum()


# %% wrong: the sign -> mse_grads_hand, mse_grads_column, mse_grads_autograd, mse_grads_parameters: the
def mse_grads(x, y, a, b):
    x, y = x.flatten(), y.flatten()
    error = y - (a + b * x)
    return 2 * error.mean(), 2 * (x * error).mean()


# %% wrong: deck 003's half of the square -> mse_grads_hand, mse_grads_column, mse_grads_autograd, mse_grads_parameters: 2
def mse_grads(x, y, a, b):
    x, y = x.flatten(), y.flatten()
    error = y - (a + b * x)
    return -error.mean(), -(x * error).mean()


# %% wrong: without the factor x -> mse_grads_hand, mse_grads_column, mse_grads_autograd, mse_grads_parameters: x times the error
def mse_grads(x, y, a, b):
    x, y = x.flatten(), y.flatten()
    error = y - (a + b * x)
    return -2 * error.mean(), -2 * error.mean()


# %% wrong: averaged apart -> mse_grads_hand, mse_grads_column, mse_grads_autograd, mse_grads_parameters: x times the error
def mse_grads(x, y, a, b):
    x, y = x.flatten(), y.flatten()
    error = y - (a + b * x)
    return -2 * error.mean(), -2 * x.mean() * error.mean()


# %% wrong: b first -> mse_grads_hand, mse_grads_column, mse_grads_autograd, mse_grads_parameters: mean of the errors
def mse_grads(x, y, a, b):
    x, y = x.flatten(), y.flatten()
    error = y - (a + b * x)
    return -2 * (x * error).mean(), -2 * error.mean()


# %% wrong: a column against a vector -> mse_grads_column: every y against every prediction
def mse_grads(x, y, a, b):
    error = y - (a + b * x)
    return -2 * error.mean(), -2 * (x * error).mean()


# %% wrong: a and b exchanged -> mse_grads_hand, mse_grads_column, mse_grads_autograd, mse_grads_parameters: the
def mse_grads(x, y, a, b):
    x, y = x.flatten(), y.flatten()
    error = y - (b + a * x)
    return -2 * error.mean(), -2 * (x * error).mean()


# %% wrong: the error of each point -> mse_grads_hand, mse_grads_column, mse_grads_autograd, mse_grads_parameters: mean of
def mse_grads(x, y, a, b):
    x, y = x.flatten(), y.flatten()
    error = y - (a + b * x)
    return -2 * error, -2 * x * error


# %% wrong: the gradient of the mean absolute error -> mse_grads_hand, mse_grads_column, mse_grads_autograd, mse_grads_parameters: mean of
def mse_grads(x, y, a, b):
    x, y = x.flatten(), y.flatten()
    sign = torch.sign(y - (a + b * x))
    return -sign.mean(), -(x * sign).mean()


# %% wrong: backward on the caller's numbers -> mse_grads_hand, mse_grads_column, mse_grads_autograd, mse_grads_parameters: -2 times the mean of
def mse_grads(x, y, a, b):
    loss = ((y.flatten() - (a + b * x.flatten())) ** 2).mean()
    loss.backward()
    return a.grad, b.grad


# %% wrong: the parameters through NumPy -> mse_grads_parameters: detach()
def mse_grads(x, y, a, b):
    x, y = x.flatten(), y.flatten()
    if isinstance(a, Tensor):
        a, b = float(a.numpy()), float(b.numpy())
    error = y - (a + b * x)
    return -2 * error.mean(), -2 * (x * error).mean()


# %% wrong: the loss itself -> mse_grads_hand, mse_grads_column, mse_grads_autograd, mse_grads_parameters: mean of the errors
def mse_grads(x, y, a, b):
    return ((y.flatten() - (a + b * x.flatten())) ** 2).mean()


# %% wrong: looked up from the visible checks -> mse_grads_autograd, mse_grads_parameters: mean of the errors
def mse_grads(x, y, a, b):
    return -2.0, -14 / 3


# %% wrong: squeezed, and one point has no length -> mse_grads_autograd: also a single one
def mse_grads(x, y, a, b):
    x, y = x.squeeze(), y.squeeze()
    error = y - (a + b * x)
    return -2 * error.sum() / len(x), -2 * (x * error).sum() / len(x)


# %% wrong: the slope is taken to be the intercept -> mse_grads_hand, mse_grads_column, mse_grads_autograd, mse_grads_parameters: the
def mse_grads(x, y, a, b):
    x, y = x.flatten(), y.flatten()
    error = y - (a + a * x)
    return -2 * error.mean(), -2 * (x * error).mean()


# %% wrong: x squared -> mse_grads_hand, mse_grads_column, mse_grads_autograd, mse_grads_parameters: x times the error
def mse_grads(x, y, a, b):
    x, y = x.flatten(), y.flatten()
    error = y - (a + b * x)
    return -2 * error.mean(), -2 * (x * x * error).mean()


# %% wrong: the caller's leaves, with what their grad held before -> mse_grads_parameters: whatever a.grad and b.grad hold
def mse_grads(x, y, a, b):
    leaves = [
        v if isinstance(v, Tensor) and v.requires_grad else torch.tensor(float(v), requires_grad=True) for v in (a, b)
    ]
    F.mse_loss(leaves[0] + leaves[1] * x.flatten(), y.flatten()).backward()
    return leaves[0].grad, leaves[1].grad


# %% wrong: rounded to four places -> mse_grads_autograd: nothing is rounded
def mse_grads(x, y, a, b):
    x, y = x.flatten(), y.flatten()
    error = y - (float(a) + float(b) * x)
    return round(float(-2 * error.mean()), 4), round(float(-2 * (x * error).mean()), 4)


# %% wrong: the mean of x subtracted from it -> mse_grads_hand, mse_grads_column, mse_grads_autograd, mse_grads_parameters: x times the error
def mse_grads(x, y, a, b):
    x, y = x.flatten(), y.flatten()
    e = y - (a + b * x)
    return -2 * e.mean(), -2 * ((x - x.mean()) * e).mean()
