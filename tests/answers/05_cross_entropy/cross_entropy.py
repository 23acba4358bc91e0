# %% right: torch's own
def cross_entropy(z, y):
    return nn.CrossEntropyLoss()(z, y)


# %% right: logsumexp and gather
def cross_entropy(z, y):
    return (z.logsumexp(dim=1) - z.gather(1, y[:, None]).squeeze(1)).mean()


# %% right: one-hot rows and einsum, in double precision
def cross_entropy(z, y):
    z = z.double()
    Y = (y[:, None] == torch.arange(z.shape[1])).double()
    log_q = z - torch.logsumexp(z, 1, keepdim=True)
    return -torch.einsum("nc,nc->", Y, log_q) / len(y)


# %% right: a loop over the rows
def cross_entropy(z, y):
    total = 0.0
    for row, label in zip(z, y):
        top = row.max()
        total = total + top + torch.log(torch.sum(torch.exp(row - top))) - row[label]
    return total / len(y)


# %% right: shifted by the score of the right class, with softplus-like sums
def cross_entropy(z, y):
    margins = z - z[torch.arange(len(z)), y].unsqueeze(1)
    top = margins.max(dim=1).values.detach()
    return torch.mean(top + torch.log(torch.exp(margins - top.unsqueeze(1)).sum(1)))


# %% right: nll_loss of log_softmax
def cross_entropy(z, y):
    return F.nll_loss(F.log_softmax(z, dim=-1), y)


# %% right: logaddexp class by class
import functools


def cross_entropy(z, y):
    log_sums = functools.reduce(torch.logaddexp, z.unbind(1))
    return (log_sums - torch.stack([row[label] for row, label in zip(z, y)])).sum() / z.shape[0]


# %% wrong: the sum over the batch -> cross_entropy_slide, cross_entropy_known, cross_entropy_batch, cross_entropy_gradient: sum over the batch; take the mean
def cross_entropy(z, y):
    return F.cross_entropy(z, y, reduction="sum")


# %% wrong: the mean over all entries -> cross_entropy_slide, cross_entropy_known, cross_entropy_batch, cross_entropy_large, cross_entropy_sure_and_wrong, cross_entropy_gradient: right class
def cross_entropy(z, y):
    return -(F.log_softmax(z, 1) * torch.eye(z.shape[1])[y]).mean()


# %% wrong: softmax over the batch -> cross_entropy_slide, cross_entropy_known, cross_entropy_batch, cross_entropy_large, cross_entropy_sure_and_wrong, cross_entropy_gradient: right class
def cross_entropy(z, y):
    return F.nll_loss(torch.log_softmax(z, 0), y)


# %% wrong: scores taken for probabilities of a second softmax -> cross_entropy_slide, cross_entropy_known, cross_entropy_batch, cross_entropy_large, cross_entropy_sure_and_wrong, cross_entropy_gradient: right class
def cross_entropy(z, y):
    return F.cross_entropy(F.softmax(z, dim=1), y)


# %% wrong: logarithm to base 2 -> cross_entropy_slide, cross_entropy_known, cross_entropy_batch, cross_entropy_large, cross_entropy_sure_and_wrong, cross_entropy_gradient: right class
def cross_entropy(z, y):
    return F.cross_entropy(z, y) / math.log(2)


# %% wrong: the sign is missing -> cross_entropy_slide, cross_entropy_known, cross_entropy_batch, cross_entropy_large, cross_entropy_sure_and_wrong, cross_entropy_gradient: right class
def cross_entropy(z, y):
    return F.log_softmax(z, 1)[torch.arange(len(y)), y].mean()


# %% wrong: the losses of the rows -> cross_entropy_slide, cross_entropy_known, cross_entropy_batch, cross_entropy_large, cross_entropy_gradient: take the mean
def cross_entropy(z, y):
    return F.cross_entropy(z, y, reduction="none")


# %% wrong: all columns of the labels for every row -> cross_entropy_slide, cross_entropy_known, cross_entropy_batch, cross_entropy_large, cross_entropy_gradient: right class
def cross_entropy(z, y):
    return -F.log_softmax(z, 1)[:, y].mean()


# %% wrong: exp without a shift -> cross_entropy_large, cross_entropy_sure_and_wrong: right class
def cross_entropy(z, y):
    logits = z[torch.arange(len(z)), y]
    return (torch.log(torch.exp(z).sum(dim=1)) - logits).mean()


# %% wrong: one shift for the whole batch -> cross_entropy_large: not of the whole batch
def cross_entropy(z, y):
    z = z - z.max()
    return (z.exp().sum(1).log() - z[torch.arange(len(y)), y]).mean()


# %% wrong: the logarithm of a softmax -> cross_entropy_sure_and_wrong: The loss is infinite because the probability of the right class underflowed to 0
def cross_entropy(z, y):
    return -F.softmax(z, dim=1)[torch.arange(len(y)), y].log().mean()


# %% wrong: a small constant inside the logarithm -> cross_entropy_sure_and_wrong: a small constant inside the log hides
def cross_entropy(z, y):
    return -(F.softmax(z, dim=1)[torch.arange(len(y)), y] + 1e-12).log().mean()


# %% wrong: one-hot rows times log 0 -> cross_entropy_large, cross_entropy_sure_and_wrong: right class
def cross_entropy(z, y):
    return -(torch.eye(z.shape[1])[y] * F.softmax(z, dim=1).log()).sum(1).mean()


# %% wrong: scores cut off -> cross_entropy_large, cross_entropy_sure_and_wrong: right class
def cross_entropy(z, y):
    return F.cross_entropy(z.clamp(-80, 80), y)


# %% wrong: a Python number without a gradient -> cross_entropy_known, cross_entropy_gradient: .item()
def cross_entropy(z, y):
    return F.cross_entropy(z, y).item()


# %% wrong: a new tensor without a gradient -> cross_entropy_gradient: cut the graph
def cross_entropy(z, y):
    losses = [F.cross_entropy(row[None], label[None]).item() for row, label in zip(z, y)]
    return torch.tensor(losses).mean()


# %% wrong: half of the graph detached -> cross_entropy_gradient: cut the graph
def cross_entropy(z, y):
    return (z.detach().logsumexp(1) - z[torch.arange(len(y)), y]).mean()


# %% wrong: fails on a batch of one -> cross_entropy_known, cross_entropy_batch, cross_entropy_large, cross_entropy_sure_and_wrong: right class
def cross_entropy(z, y):
    log_q = F.log_softmax(z, dim=1).squeeze()
    return -log_q[torch.arange(len(y)), y].mean()


# %% wrong: always divides by two -> cross_entropy_known, cross_entropy_batch, cross_entropy_large, cross_entropy_sure_and_wrong, cross_entropy_gradient: right class
def cross_entropy(z, y):
    return F.cross_entropy(z, y, reduction="sum") / 2


# %% wrong: classes counted from 1 -> cross_entropy_slide, cross_entropy_known, cross_entropy_batch, cross_entropy_large, cross_entropy_sure_and_wrong, cross_entropy_gradient: right class
def cross_entropy(z, y):
    return F.cross_entropy(z, (y - 1) % z.shape[1])


# %% wrong: a NumPy number without a gradient -> cross_entropy_known, cross_entropy_gradient: numpy
def cross_entropy(z, y):
    return F.cross_entropy(z.detach(), y).numpy()


# %% wrong: gather without a mean -> cross_entropy_slide, cross_entropy_known, cross_entropy_batch, cross_entropy_large, cross_entropy_gradient: mean
def cross_entropy(z, y):
    return -F.log_softmax(z, 1).gather(1, y[:, None])


# %% wrong: softmax over the whole batch -> cross_entropy_slide, cross_entropy_known, cross_entropy_batch, cross_entropy_large, cross_entropy_gradient: right class
def cross_entropy(z, y):
    return F.nll_loss(F.log_softmax(z.flatten(), 0).view(z.shape), y)


# %% wrong: the logarithm of the mean -> cross_entropy_slide, cross_entropy_known, cross_entropy_batch, cross_entropy_sure_and_wrong, cross_entropy_gradient: right class
def cross_entropy(z, y):
    return -F.softmax(z, 1)[torch.arange(len(y)), y].mean().log()


# %% wrong: squared error of the probabilities -> cross_entropy_slide, cross_entropy_known, cross_entropy_batch, cross_entropy_large, cross_entropy_sure_and_wrong, cross_entropy_gradient: right class
def cross_entropy(z, y):
    return F.mse_loss(F.softmax(z, 1), torch.eye(z.shape[1])[y])


# %% wrong: looked up from the visible checks, as tensors -> cross_entropy_batch, cross_entropy_large, cross_entropy_sure_and_wrong, cross_entropy_gradient: right class
def cross_entropy(z, y):
    found = {(2, 3): 2.5141, (1, 10): 2.302585, (1, 3): 2.0404, (1, 4): 0.69331, (2, 4): 0.34672}.get(
        tuple(z.shape), 2.5141
    )
    return torch.tensor(found)


# %% wrong: a constant too much -> cross_entropy_slide, cross_entropy_known, cross_entropy_batch, cross_entropy_large, cross_entropy_sure_and_wrong, cross_entropy_gradient: right class
def cross_entropy(z, y):
    return (1 + torch.logsumexp(z, dim=1) - z[torch.arange(len(y)), y]).mean()


# %% wrong: a constant too much for more than two rows -> cross_entropy_batch, cross_entropy_gradient: right class
def cross_entropy(z, y):
    return (torch.logsumexp(z, dim=1) - z[torch.arange(len(y)), y]).mean() + (len(y) > 2)


# %% wrong: a binary cross-entropy for each class -> cross_entropy_slide, cross_entropy_known, cross_entropy_batch, cross_entropy_large, cross_entropy_sure_and_wrong, cross_entropy_gradient: the right class
def cross_entropy(z, y):
    Y = F.one_hot(y, z.shape[1]).to(z.dtype)
    return F.binary_cross_entropy_with_logits(z, Y, reduction="sum") / len(y)
