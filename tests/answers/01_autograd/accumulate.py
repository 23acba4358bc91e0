# %% right: mean losses with their share
def accumulate(w, batches):
    w = w.detach().clone().requires_grad_(True)
    total = sum(x.shape[0] for x, y in batches)
    for x, y in batches:
        (F.mse_loss(x @ w, y) * len(x) / total).backward()
    return w.grad


# %% right: the caller's w, its gradient cleared before
def accumulate(w, batches):
    w.requires_grad_()
    w.grad = None
    n = sum([len(y) for x, y in batches])
    for x, y in batches:
        loss = ((x @ w - y) ** 2).sum() / n
        loss.backward()
    return w.grad


# %% right: sums, divided at the end
def accumulate(w, batches):
    leaf = w.detach().clone()
    leaf.requires_grad = True
    seen = 0
    for x, y in batches:
        torch.nn.functional.mse_loss(torch.mv(x, leaf), y, reduction="sum").backward()
        seen += len(y)
    leaf.grad /= seen
    return leaf.grad.clone()


# %% right: by hand, batch by batch, in double precision
def accumulate(w, batches):
    total, count = torch.zeros(len(w), dtype=torch.float64), 0
    for x, y in batches:
        error = x.double() @ w.detach().double() - y.double()
        total += 2 * x.double().T @ error
        count += len(error)
    return total / count


# %% right: one graph over everything
def accumulate(w, batches):
    leaf = torch.tensor(w.tolist(), dtype=w.dtype, requires_grad=True)
    x = torch.cat([x for x, _ in batches])
    y = torch.cat([y for _, y in batches])
    return torch.autograd.grad(((x @ leaf - y) ** 2).mean(), leaf)[0]


# %% right: NumPy
import numpy as np


def accumulate(w, batches):
    w = w.detach().numpy()
    parts = [2 * x.numpy().T @ (x.numpy() @ w - y.numpy()) for x, y in batches]
    return np.sum(parts, axis=0) / sum(len(y) for _, y in batches)


# %% right: a parameter and its optimizer
def accumulate(w, batches):
    leaf = torch.nn.Parameter(w.detach().clone())
    optimizer = torch.optim.SGD([leaf], lr=1.0)
    optimizer.zero_grad()
    total = sum(len(y) for _, y in batches)
    for x, y in batches:
        for row, target in zip(x, y):
            ((row @ leaf - target).pow(2) / total).backward()
    return leaf.grad.tolist()


# %% wrong: the sum of the means -> accumulate_equal, accumulate_unequal, accumulate_earlier, accumulate_many: all examples
def accumulate(w, batches):
    leaf = w.detach().clone().requires_grad_()
    for x, y in batches:
        ((x @ leaf - y) ** 2).mean().backward()
    return leaf.grad


# %% wrong: the mean of the means -> accumulate_unequal, accumulate_many: examples
def accumulate(w, batches):
    leaf = w.detach().clone().requires_grad_()
    for x, y in batches:
        (((x @ leaf - y) ** 2).mean() / len(batches)).backward()
    return leaf.grad


# %% wrong: as if all batches were as large as the first -> accumulate_unequal, accumulate_many: examples
def accumulate(w, batches):
    leaf = w.detach().clone().requires_grad_()
    n = len(batches) * len(batches[0][1])
    for x, y in batches:
        (((x @ leaf - y) ** 2).sum() / n).backward()
    return leaf.grad


# %% wrong: zeroed in the loop -> accumulate_equal, accumulate_unequal, accumulate_earlier, accumulate_many: batch
def accumulate(w, batches):
    leaf = w.detach().clone().requires_grad_()
    n = sum(len(y) for _, y in batches)
    for x, y in batches:
        if leaf.grad is not None:
            leaf.grad.zero_()
        ((x @ leaf - y) ** 2).mean().backward()
    return leaf.grad


# %% wrong: return inside the loop -> accumulate_equal, accumulate_unequal, accumulate_earlier, accumulate_many: batch
def accumulate(w, batches):
    leaf = w.detach().clone().requires_grad_()
    for x, y in batches:
        ((x @ leaf - y) ** 2).mean().backward()
        return leaf.grad


# %% wrong: a sum over all examples -> accumulate_equal, accumulate_unequal, accumulate_earlier, accumulate_many: examples
def accumulate(w, batches):
    leaf = w.detach().clone().requires_grad_()
    for x, y in batches:
        ((x @ leaf - y) ** 2).sum().backward()
    return leaf.grad


# %% wrong: losses added up, backward in the loop -> accumulate_equal, accumulate_unequal, accumulate_earlier, accumulate_many: backward() per batch
def accumulate(w, batches):
    leaf = w.detach().clone().requires_grad_()
    n = sum(len(y) for _, y in batches)
    total = 0
    for x, y in batches:
        total = total + ((x @ leaf - y) ** 2).sum() / n
        total.backward()
    return leaf.grad


# %% wrong: losses added up, the graph retained -> accumulate_equal, accumulate_unequal, accumulate_earlier, accumulate_many: backward() per batch
def accumulate(w, batches):
    leaf = w.detach().clone().requires_grad_()
    n = sum(len(y) for _, y in batches)
    total = 0
    for x, y in batches:
        total = total + ((x @ leaf - y) ** 2).sum() / n
        total.backward(retain_graph=True)
    return leaf.grad


# %% wrong: the caller's w, with what its grad held before -> accumulate_earlier: leaf of your own
def accumulate(w, batches):
    w.requires_grad_()
    n = sum(len(y) for _, y in batches)
    for x, y in batches:
        (((x @ w - y) ** 2).sum() / n).backward()
    return w.grad


# %% wrong: no leaf at all -> accumulate_equal, accumulate_unequal, accumulate_many: leaf
def accumulate(w, batches):
    w = w.clone()
    if w.requires_grad:
        w = w.detach().requires_grad_()
    n = sum(len(y) for _, y in batches)
    for x, y in batches:
        (((x @ w - y) ** 2).sum() / n).backward()
    return w.grad


# %% wrong: a gradient asked of what is no leaf -> accumulate_equal, accumulate_unequal, accumulate_earlier, accumulate_many: leaf
def accumulate(w, batches):
    w = w.detach().clone().requires_grad_() * 1.0
    n = sum(len(y) for _, y in batches)
    for x, y in batches:
        (((x @ w - y) ** 2).sum() / n).backward(retain_graph=True)
    return w.grad


# %% wrong: the step instead of the gradient -> accumulate_equal, accumulate_unequal, accumulate_earlier, accumulate_many: gradient
def accumulate(w, batches):
    leaf = w.detach().clone().requires_grad_()
    n = sum(len(y) for _, y in batches)
    for x, y in batches:
        (((x @ leaf - y) ** 2).sum() / n).backward()
    return -leaf.grad


# %% wrong: deck 003's half -> accumulate_equal, accumulate_unequal, accumulate_earlier, accumulate_many: square
def accumulate(w, batches):
    leaf = w.detach().clone().requires_grad_()
    n = sum(len(y) for _, y in batches)
    for x, y in batches:
        (0.5 * ((x @ leaf - y) ** 2).sum() / n).backward()
    return leaf.grad


# %% wrong: targets as a column -> accumulate_equal, accumulate_unequal, accumulate_earlier, accumulate_many: shape (n,)
def accumulate(w, batches):
    leaf = w.detach().clone().requires_grad_()
    n = sum(len(y) for _, y in batches)
    for x, y in batches:
        loss = (x @ leaf - y[:, None]).square().mean() * len(y) / n
        loss.backward()
    return leaf.grad


# %% wrong: looked up from the visible check -> accumulate_unequal, accumulate_earlier, accumulate_many: leaf
def accumulate(w, batches):
    return torch.tensor([-2.0, -1.5])


# %% right: the caller's w, its gradient kept and cleared
def accumulate(w, batches):
    w.requires_grad_()
    w.grad = None
    n = sum(len(y) for _, y in batches)
    for x, y in batches:
        ((x @ w - y) ** 2).sum().div(n).backward()
    result, w.grad = w.grad, None
    return result


# %% right: the part that was there before is taken away
def accumulate(w, batches):
    w.requires_grad_()
    before = torch.zeros_like(w) if w.grad is None else w.grad.clone()
    n = sum(len(y) for _, y in batches)
    for x, y in batches:
        ((x @ w - y).square().sum() / n).backward()
    return w.grad - before


# %% wrong: only the first 128 examples of a batch -> accumulate_many: However the examples are cut
def accumulate(w, batches):
    leaf = w.detach().clone().requires_grad_()
    n = sum(len(y) for _, y in batches)
    for x, y in batches:
        ((x[:128] @ leaf - y[:128]).square().sum() / n).backward()
    return leaf.grad


# %% wrong: divided by the numbers in a batch -> accumulate_equal, accumulate_unequal, accumulate_earlier, accumulate_many: divided by the number
def accumulate(w, batches):
    leaf = w.detach().clone().requires_grad_()
    n = sum(x.numel() for x, _ in batches)
    for x, y in batches:
        ((x @ leaf - y).square().sum() / n).backward()
    return leaf.grad


# %% right: a hook collects the gradients
def accumulate(w, batches):
    parts = []
    leaf = w.detach().clone().requires_grad_()
    leaf.register_hook(parts.append)
    for x, y in batches:
        (x @ leaf - y).pow(2).sum().backward()
    return torch.stack(parts).sum(0).div(sum(map(len, (y for _, y in batches))))
