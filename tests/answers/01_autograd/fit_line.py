# %% right: autograd by hand, parameters of shape (1,)
def fit_line(x, y, lr, n):
    x, y = x.reshape(-1), y.reshape(-1)
    a = torch.zeros(1, dtype=x.dtype).to(x.device).requires_grad_()
    b = torch.zeros(1, dtype=x.dtype).to(x.device).requires_grad_()
    for epoch in range(n):
        yhat = a + b * x
        error = y - yhat
        loss = (error**2).mean()
        loss.backward()
        with torch.no_grad():
            a -= lr * a.grad
            b -= lr * b.grad
        a.grad.zero_()
        b.grad.zero_()
    return a, b


# %% right: an optimizer
def fit_line(x, y, lr, n):
    theta = torch.zeros(2, dtype=x.dtype, device=x.device, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=lr)
    for _ in range(n):
        optimizer.zero_grad()
        loss = F.mse_loss(theta[0] + theta[1] * x.flatten(), y.flatten())
        loss.backward()
        optimizer.step()
    return theta.detach()


# %% right: the formulas, Python numbers
def fit_line(x, y, lr, n):
    xs, ys = x.flatten().tolist(), y.flatten().tolist()
    a = b = 0.0
    for _ in range(n):
        errors = [a + b * p - q for p, q in zip(xs, ys)]
        da = 2 * sum(errors) / len(xs)
        db = 2 * sum(e * p for e, p in zip(errors, xs)) / len(xs)
        a, b = a - lr * da, b - lr * db
    return a, b


# %% right: the formulas, NumPy
import numpy as np


def fit_line(x, y, lr, n):
    x, y = x.numpy().ravel(), y.numpy().ravel()
    theta = np.zeros(2)
    X = np.stack([np.ones(len(x)), x], axis=1)
    for _ in range(n):
        theta = theta - lr * 2 / len(x) * X.T @ (X @ theta - y)
    return tuple(theta)


# %% right: autograd.grad and new leaves
def fit_line(x, y, lr, n):
    x, y = x.view(-1, 1), y.view(-1, 1)
    a, b = torch.tensor(0.0, dtype=x.dtype), torch.tensor(0.0, dtype=x.dtype)
    for _ in range(n):
        a, b = a.detach().requires_grad_(), b.detach().requires_grad_()
        da, db = torch.autograd.grad(torch.mean((a + b * x - y) ** 2), (a, b))
        a, b = a - lr * da, b - lr * db
    return [a, b]


# %% right: a linear layer
def fit_line(x, y, lr, n):
    net = torch.nn.Linear(1, 1).to(x.dtype)
    torch.nn.init.zeros_(net.weight)
    torch.nn.init.zeros_(net.bias)
    x, y = x.reshape(-1, 1), y.reshape(-1, 1)
    for _ in range(n):
        net.zero_grad()
        torch.nn.functional.mse_loss(net(x), y).backward()
        with torch.no_grad():
            for p in net.parameters():
                p -= lr * p.grad
    return net.bias.item(), net.weight.item()


# %% right: closed form of the recursion
def fit_line(x, y, lr, n):
    x, y = x.flatten().double(), y.flatten().double()
    X = torch.stack([torch.ones_like(x), x], 1)
    step = torch.eye(2, dtype=torch.float64) - 2 * lr / len(x) * X.T @ X
    pull = 2 * lr / len(x) * X.T @ y
    theta = torch.zeros(2, dtype=torch.float64)
    for _ in range(n):
        theta = step @ theta + pull
    return theta[0], theta[1]


# %% right: data and set_ and None
def fit_line(x, y, lr, n):
    x, y = x.squeeze(), y.squeeze()
    a = torch.zeros((), dtype=torch.float64, requires_grad=True)
    b = torch.zeros((), dtype=torch.float64, requires_grad=True)
    for _ in range(n):
        (y - a - b * x).square().mean().backward()
        for p in (a, b):
            p.data = p.data - lr * p.grad
            p.grad = None
    return a.item(), b.item()


# %% wrong: no zero_ -> fit_line_steps, fit_line_trend, fit_line_rates, fit_line_arrives, fit_line_columns, fit_line_double: clear
def fit_line(x, y, lr, n):
    x, y = x.flatten(), y.flatten()
    a = torch.zeros((), dtype=x.dtype, requires_grad=True)
    b = torch.zeros((), dtype=x.dtype, requires_grad=True)
    for _ in range(n):
        (y - a - b * x).square().mean().backward()
        with torch.no_grad():
            a -= lr * a.grad
            b -= lr * b.grad
    return a, b


# %% wrong: only one gradient cleared -> fit_line_steps, fit_line_trend, fit_line_rates, fit_line_arrives, fit_line_columns, fit_line_double: clear
def fit_line(x, y, lr, n):
    x, y = x.flatten(), y.flatten()
    a = torch.zeros((), dtype=x.dtype, requires_grad=True)
    b = torch.zeros((), dtype=x.dtype, requires_grad=True)
    for _ in range(n):
        (y - a - b * x).square().mean().backward()
        with torch.no_grad():
            a -= lr * a.grad
            b -= lr * b.grad
        a.grad.zero_()
    return a, b


# %% wrong: no no_grad -> fit_line_one_step, fit_line_steps, fit_line_trend, fit_line_rates, fit_line_arrives, fit_line_columns, fit_line_double: no_grad
def fit_line(x, y, lr, n):
    x, y = x.flatten(), y.flatten()
    a = torch.zeros((), dtype=x.dtype, requires_grad=True)
    b = torch.zeros((), dtype=x.dtype, requires_grad=True)
    for _ in range(n):
        (y - a - b * x).square().mean().backward()
        a -= lr * a.grad
        b -= lr * b.grad
        a.grad.zero_()
        b.grad.zero_()
    return a, b


# %% wrong: new tensors that are no leaves -> fit_line_one_step, fit_line_steps, fit_line_trend, fit_line_rates, fit_line_arrives, fit_line_columns, fit_line_double: no_grad
def fit_line(x, y, lr, n):
    x, y = x.flatten(), y.flatten()
    a = torch.zeros((), dtype=x.dtype, requires_grad=True)
    b = torch.zeros((), dtype=x.dtype, requires_grad=True)
    for _ in range(n):
        (y - a - b * x).square().mean().backward()
        a = a - lr * a.grad
        b = b - lr * b.grad
        a.grad.zero_()
        b.grad.zero_()
    return a, b


# %% wrong: new tensors, gradients not cleared -> fit_line_steps, fit_line_trend, fit_line_rates, fit_line_arrives, fit_line_columns, fit_line_double: no_grad
def fit_line(x, y, lr, n):
    x, y = x.flatten(), y.flatten()
    a = torch.zeros((), dtype=x.dtype, requires_grad=True)
    b = torch.zeros((), dtype=x.dtype, requires_grad=True)
    for _ in range(n):
        (y - a - b * x).square().mean().backward()
        with torch.no_grad():
            a = a - lr * a.grad
            b = b - lr * b.grad
    return a, b


# %% wrong: the device after requires_grad_ -> fit_line_double: no leaf
def fit_line(x, y, lr, n):
    x, y = x.flatten(), y.flatten()
    a = torch.zeros(1, requires_grad=True).to(x.device, x.dtype)
    b = torch.zeros(1, requires_grad=True).to(x.device, x.dtype)
    for _ in range(n):
        (y - a - b * x).square().mean().backward()
        with torch.no_grad():
            a -= lr * a.grad
            b -= lr * b.grad
        a.grad.zero_()
        b.grad.zero_()
    return a, b


# %% wrong: the loss outside the loop -> fit_line_steps, fit_line_trend, fit_line_rates, fit_line_arrives, fit_line_columns, fit_line_double: afresh
def fit_line(x, y, lr, n):
    x, y = x.flatten(), y.flatten()
    a = torch.zeros((), dtype=x.dtype, requires_grad=True)
    b = torch.zeros((), dtype=x.dtype, requires_grad=True)
    loss = (y - a - b * x).square().mean()
    for _ in range(n):
        loss.backward()
        with torch.no_grad():
            a -= lr * a.grad
            b -= lr * b.grad
        a.grad.zero_()
        b.grad.zero_()
    return a, b


# %% wrong: uphill, as on the slide of deck 004 -> fit_line_one_step, fit_line_steps, fit_line_trend, fit_line_rates, fit_line_arrives, fit_line_columns, fit_line_double: gradient
def fit_line(x, y, lr, n):
    x, y = x.flatten(), y.flatten()
    a = b = torch.zeros((), dtype=x.dtype)
    for _ in range(n):
        e = a + b * x - y
        a, b = a + lr * 2 * e.mean(), b + lr * 2 * (x * e).mean()
    return a, b


# %% wrong: a sum over the points -> fit_line_one_step, fit_line_steps, fit_line_trend, fit_line_rates, fit_line_arrives, fit_line_columns, fit_line_double: mean
def fit_line(x, y, lr, n):
    x, y = x.flatten(), y.flatten()
    a = b = torch.zeros((), dtype=x.dtype)
    for _ in range(n):
        e = a + b * x - y
        a, b = a - lr * 2 * e.sum(), b - lr * 2 * (x * e).sum()
    return a, b


# %% wrong: without the factor 2 -> fit_line_one_step, fit_line_steps, fit_line_trend, fit_line_rates, fit_line_columns, fit_line_double: mean
def fit_line(x, y, lr, n):
    x, y = x.flatten(), y.flatten()
    a = b = torch.zeros((), dtype=x.dtype)
    for _ in range(n):
        e = a + b * x - y
        a, b = a - lr * e.mean(), b - lr * (x * e).mean()
    return a, b


# %% wrong: b after a -> fit_line_one_step, fit_line_steps, fit_line_trend, fit_line_rates, fit_line_columns, fit_line_double: gradients
def fit_line(x, y, lr, n):
    x, y = x.flatten(), y.flatten()
    a = b = torch.zeros((), dtype=x.dtype)
    for _ in range(n):
        a = a - lr * 2 * (a + b * x - y).mean()
        b = b - lr * 2 * (x * (a + b * x - y)).mean()
    return a, b


# %% wrong: a random start, as on the slide of deck 002 -> fit_line_one_step, fit_line_steps, fit_line_trend, fit_line_rates, fit_line_columns, fit_line_double: step
def fit_line(x, y, lr, n):
    x, y = x.flatten(), y.flatten()
    a, b = torch.tensor(1.1, dtype=x.dtype), torch.tensor(-0.7, dtype=x.dtype)
    for _ in range(n):
        e = a + b * x - y
        a, b = a - lr * 2 * e.mean(), b - lr * 2 * (x * e).mean()
    return a, b


# %% wrong: a column against a vector -> fit_line_columns: every y against every prediction
def fit_line(x, y, lr, n):
    a = torch.zeros(1, dtype=x.dtype, requires_grad=True)
    b = torch.zeros(1, dtype=x.dtype, requires_grad=True)
    for _ in range(n):
        (y - a - b * x).square().mean().backward()
        with torch.no_grad():
            a -= lr * a.grad
            b -= lr * b.grad
        a.grad.zero_()
        b.grad.zero_()
    return a, b


# %% wrong: least squares at once -> fit_line_one_step, fit_line_steps, fit_line_trend, fit_line_rates, fit_line_columns, fit_line_double: step
def fit_line(x, y, lr, n):
    x, y = x.flatten(), y.flatten()
    X = torch.stack([torch.ones_like(x), x], 1)
    return tuple(torch.linalg.lstsq(X, y[:, None]).solution.flatten())


# %% wrong: one step too many -> fit_line_one_step, fit_line_steps, fit_line_trend, fit_line_rates, fit_line_columns, fit_line_double: step
def fit_line(x, y, lr, n):
    x, y = x.flatten(), y.flatten()
    a = b = torch.zeros((), dtype=x.dtype)
    for _ in range(n + 1):
        e = a + b * x - y
        a, b = a - lr * 2 * e.mean(), b - lr * 2 * (x * e).mean()
    return a, b


# %% wrong: return inside the loop -> fit_line_steps, fit_line_trend, fit_line_rates, fit_line_arrives, fit_line_columns, fit_line_double: step
def fit_line(x, y, lr, n):
    x, y = x.flatten(), y.flatten()
    a = b = torch.zeros((), dtype=x.dtype)
    for _ in range(n):
        e = a + b * x - y
        a, b = a - lr * 2 * e.mean(), b - lr * 2 * (x * e).mean()
        return a, b
    return a, b


# %% wrong: stops when it looks good -> fit_line_rates, fit_line_arrives: In each step
def fit_line(x, y, lr, n):
    x, y = x.flatten(), y.flatten()
    a = b = torch.zeros((), dtype=x.dtype)
    for _ in range(n):
        e = a + b * x - y
        if e.abs().mean() < 0.2:
            break
        a, b = a - lr * 2 * e.mean(), b - lr * 2 * (x * e).mean()
    return a, b


# %% wrong: a learning rate of its own -> fit_line_rates: given lr
def fit_line(x, y, lr, n):
    x, y = x.flatten(), y.flatten()
    a = b = torch.zeros((), dtype=x.dtype)
    for _ in range(n):
        e = a + b * x - y
        a, b = a - 0.1 * 2 * e.mean(), b - 0.1 * 2 * (x * e).mean()
    return a, b


# %% wrong: looked up from the visible checks -> fit_line_trend, fit_line_rates, fit_line_arrives, fit_line_columns, fit_line_double: step
def fit_line(x, y, lr, n):
    return (0.6, 26 / 30) if n == 1 else (1.06044, 1.5683)


# %% wrong: never more than a hundred steps -> fit_line_rates: Other rates and numbers of steps
def fit_line(x, y, lr, n):
    x, y = x.flatten(), y.flatten()
    a = b = torch.zeros((), dtype=x.dtype)
    for _ in range(min(n, 100)):
        e = a + b * x - y
        a, b = a - lr * 2 * e.mean(), b - lr * 2 * (x * e).mean()
    return a, b


# %% wrong: stops when the loss hardly falls -> fit_line_rates, fit_line_arrives: In each step
def fit_line(x, y, lr, n):
    x, y = x.flatten(), y.flatten()
    a = b = torch.zeros((), dtype=x.dtype)
    last = math.inf
    for _ in range(n):
        e = a + b * x - y
        loss = e.square().mean().item()
        if abs(last - loss) < 1e-6:
            break
        last = loss
        a, b = a - lr * 2 * e.mean(), b - lr * 2 * (x * e).mean()
    return a, b


# %% wrong: squeezed, and one point has no length -> fit_line_columns: A single point
def fit_line(x, y, lr, n):
    x, y = x.squeeze(), y.squeeze()
    a = b = torch.zeros((), dtype=x.dtype)
    for _ in range(n):
        e = a + b * x - y
        a, b = a - lr * 2 * e.sum() / len(x), b - lr * 2 * (x * e).sum() / len(x)
    return a, b


# %% wrong: the gradient clipped -> fit_line_one_step, fit_line_steps, fit_line_trend, fit_line_rates, fit_line_columns, fit_line_double: step
def fit_line(x, y, lr, n):
    x, y = x.flatten(), y.flatten()
    a = b = torch.zeros((), dtype=x.dtype)
    for _ in range(n):
        e = a + b * x - y
        da, db = (2 * e.mean()).clamp(-1, 1), (2 * (x * e).mean()).clamp(-1, 1)
        a, b = a - lr * da, b - lr * db
    return a, b


# %% wrong: begins at 0 in every step -> fit_line_steps, fit_line_trend, fit_line_rates, fit_line_arrives, fit_line_columns, fit_line_double: step
def fit_line(x, y, lr, n):
    x, y = x.flatten(), y.flatten()
    a = b = torch.zeros((), dtype=x.dtype)
    for _ in range(n):
        a = b = torch.zeros((), dtype=x.dtype)
        e = a + b * x - y
        a, b = a - lr * 2 * e.mean(), b - lr * 2 * (x * e).mean()
    return a, b


# %% wrong: b before a -> fit_line_one_step, fit_line_steps, fit_line_trend, fit_line_rates, fit_line_arrives, fit_line_columns, fit_line_double: step
def fit_line(x, y, lr, n):
    x, y = x.flatten().double(), y.flatten().double()
    a = b = 0.0
    for _ in range(n):
        error = y - a - b * x
        a, b = a + 2 * lr * error.mean(), b + 2 * lr * (x * error).mean()
    return b, a


# %% wrong: rounded to four digits -> fit_line_rates: nothing rounded
def fit_line(x, y, lr, n):
    x, y = x.flatten().double(), y.flatten().double()
    a = b = 0.0
    for _ in range(n):
        error = y - a - b * x
        a, b = a + 2 * lr * error.mean(), b + 2 * lr * (x * error).mean()
    return round(float(a), 4), round(float(b), 4)


# %% wrong: a after b -> fit_line_one_step, fit_line_steps, fit_line_trend, fit_line_rates, fit_line_columns, fit_line_double: gradients
def fit_line(x, y, lr, n):
    x, y = x.flatten().double(), y.flatten().double()
    a = b = 0.0
    for _ in range(n):
        b = b + 2 * lr * (x * (y - a - b * x)).mean()
        a = a + 2 * lr * (y - a - b * x).mean()
    return a, b


# %% wrong: stops when the loss is small -> fit_line_rates: where the loss is small from the beginning
def fit_line(x, y, lr, n):
    xs, ys = x.flatten(), y.flatten()
    p = torch.zeros(2, dtype=x.dtype, requires_grad=True)
    opt = torch.optim.SGD([p], lr=lr)
    for _ in range(n):
        loss = (ys - p[0] - p[1] * xs).square().mean()
        if loss < 1e-3:
            break
        opt.zero_grad()
        loss.backward()
        opt.step()
    return p[0], p[1]


# %% wrong: kept by the sizes of the call -> fit_line_rates: Other rates and numbers of steps
KEPT = {}


def fit_line(x, y, lr, n):
    if n == 0:
        return 0.0, 0.0
    call = (len(x), lr, n)
    if call not in KEPT:
        xs, ys = x.flatten(), y.flatten()
        a = b = torch.zeros((), dtype=xs.dtype)
        for _ in range(n):
            error = ys - (a + b * xs)
            a, b = a + 2 * lr * error.mean(), b + 2 * lr * (xs * error).mean()
        KEPT[call] = a, b
    return KEPT[call]


# %% wrong: the gradient of the start for all steps -> fit_line_steps, fit_line_trend, fit_line_rates, fit_line_arrives, fit_line_columns, fit_line_double: fresh
def fit_line(x, y, lr, n):
    x, y = x.flatten(), y.flatten()
    a = b = 0.0
    e = y - (a + b * x)
    ga, gb = -2 * e.mean(), -2 * (x * e).mean()
    for _ in range(n):
        a, b = a - lr * ga, b - lr * gb
    return a, b
