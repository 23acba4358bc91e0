# %% right: indexed and squared
def relabel_mse(y, yhat, perm):
    return ((perm[y] - perm[yhat]) ** 2).float().mean()


# %% right: torch's mse_loss
def relabel_mse(y, yhat, perm):
    return F.mse_loss(perm[y].double(), perm[yhat].double())


# %% right: a loop over Python integers
def relabel_mse(y, yhat, perm):
    names = perm.tolist()
    squares = [(names[a] - names[b]) ** 2 for a, b in zip(y.tolist(), yhat.tolist())]
    return sum(squares) / len(squares)


# %% right: one-hot rows times the names
def relabel_mse(y, yhat, perm):
    names = perm.to(torch.float64)
    C = len(perm)
    difference = (F.one_hot(y, C) - F.one_hot(yhat, C)).double() @ names
    return difference @ difference / len(y)


# %% right: exact, as a fraction
from fractions import Fraction


def relabel_mse(y, yhat, perm):
    d = torch.take(perm, y) - torch.take(perm, yhat)
    return float(Fraction(int((d * d).sum()), len(y)))


# %% right: index_select and half precision
def relabel_mse(y, yhat, perm):
    return (perm.index_select(0, y) - perm.index_select(0, yhat)).float().pow(2).mean().double()


# %% wrong: the mean of integers -> relabel_mse_slide, relabel_mse_cycle, relabel_mse_sizes: mean of the squares
def relabel_mse(y, yhat, perm):
    return ((perm[y] - perm[yhat]) ** 2).mean()


# %% wrong: only the labels renamed -> relabel_mse_slide, relabel_mse_cycle, relabel_mse_sizes: rename the classes
def relabel_mse(y, yhat, perm):
    return (perm[y] - yhat).float().square().mean()


# %% wrong: only the predictions renamed -> relabel_mse_slide, relabel_mse_cycle, relabel_mse_sizes: rename the classes
def relabel_mse(y, yhat, perm):
    return (y - perm[yhat]).float().square().mean()


# %% wrong: the old names -> relabel_mse_slide, relabel_mse_cycle, relabel_mse_sizes: rename the classes
def relabel_mse(y, yhat, perm):
    return (y - yhat).float().square().mean()


# %% wrong: the renaming backwards -> relabel_mse_slide, relabel_mse_cycle, relabel_mse_sizes: class k becomes perm[k]
def relabel_mse(y, yhat, perm):
    back = torch.argsort(perm)
    return (back[y] - back[yhat]).float().square().mean()


# %% wrong: the sum -> relabel_mse_slide, relabel_mse_cycle, relabel_mse_sizes: mean of the squares
def relabel_mse(y, yhat, perm):
    return (perm[y] - perm[yhat]).float().square().sum()


# %% wrong: the absolute error -> relabel_mse_slide, relabel_mse_cycle, relabel_mse_sizes: mean of the squares
def relabel_mse(y, yhat, perm):
    return (perm[y] - perm[yhat]).float().abs().mean()


# %% wrong: the root -> relabel_mse_slide, relabel_mse_cycle, relabel_mse_sizes: mean of the squares
def relabel_mse(y, yhat, perm):
    return (perm[y] - perm[yhat]).float().square().mean().sqrt()


# %% wrong: half the square, as deck 003 has it -> relabel_mse_slide, relabel_mse_cycle, relabel_mse_sizes: mean of the squares
def relabel_mse(y, yhat, perm):
    return 0.5 * (perm[y] - perm[yhat]).float().square().mean()


# %% wrong: the square of the mean -> relabel_mse_slide, relabel_mse_cycle, relabel_mse_sizes: mean of the squares
def relabel_mse(y, yhat, perm):
    return (perm[y] - perm[yhat]).float().mean() ** 2


# %% wrong: divided by the number of classes -> relabel_mse_slide, relabel_mse_cycle, relabel_mse_sizes: mean of the squares
def relabel_mse(y, yhat, perm):
    return (perm[y] - perm[yhat]).float().square().sum() / len(perm)


# %% wrong: rounded to a whole number -> relabel_mse_slide, relabel_mse_cycle, relabel_mse_sizes: mean of the squares
def relabel_mse(y, yhat, perm):
    d = perm[y] - perm[yhat]
    return (d * d).sum() // len(y)


# %% wrong: examples reordered instead of classes renamed -> relabel_mse_slide, relabel_mse_cycle, relabel_mse_sizes: rename the classes
def relabel_mse(y, yhat, perm):
    return (y[perm] - yhat[perm]).float().square().mean()


# %% wrong: looked up from the visible check -> relabel_mse_cycle, relabel_mse_sizes: rename the classes
def relabel_mse(y, yhat, perm):
    return 2.2 if perm[0] == 0 else 1.2


# %% wrong: equal pairs counted once -> relabel_mse_cycle: equal ones too
def relabel_mse(y, yhat, perm):
    true, guess = torch.stack([y, yhat]).unique(dim=1)
    return ((perm[true] - perm[guess]) ** 2).float().mean()


# %% wrong: renamed class by class in place -> relabel_mse_slide, relabel_mse_cycle, relabel_mse_sizes: rename the classes
def relabel_mse(y, yhat, perm):
    y, yhat = y.clone(), yhat.clone()
    for k, name in enumerate(perm.tolist()):
        y[y == k] = name
        yhat[yhat == k] = name
    return ((y - yhat) ** 2).float().mean()


# %% wrong: the differences renamed -> relabel_mse_slide, relabel_mse_cycle, relabel_mse_sizes: rename the classes
def relabel_mse(y, yhat, perm):
    return perm[(y - yhat).abs()].float().square().mean()


# %% wrong: divided by the number of wrong answers -> relabel_mse_slide, relabel_mse_cycle, relabel_mse_sizes: take the mean of the squares
def relabel_mse(y, yhat, perm):
    d = (perm[y] - perm[yhat]).float()
    return (d**2).sum() / (d != 0).sum()


# %% wrong: a division that gives whole numbers -> relabel_mse_slide, relabel_mse_cycle, relabel_mse_sizes: take the mean of the squares
def relabel_mse(y, yhat, perm):
    d = perm[y] - perm[yhat]
    return ((d**2).sum() // len(y)).float()
