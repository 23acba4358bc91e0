# %% right: a loop and a list of Python floats
def subgroup_accuracy(y, p, g, G):
    result = []
    for group in range(G):
        right = [a == b for a, b, c in zip(y.tolist(), p.tolist(), g.tolist()) if c == group]
        result.append(sum(right) / len(right) if right else float("nan"))
    return result


# %% right: numpy, double precision
def subgroup_accuracy(y, p, g, G):
    y, p, g = y.numpy(), p.numpy(), g.numpy()
    with np.errstate(invalid="ignore"):
        return np.bincount(g, weights=y == p, minlength=G) / np.bincount(g, minlength=G)


# %% right: one-hot matrix of the groups
def subgroup_accuracy(y, p, g, G):
    member = F.one_hot(g, G).double()
    return member.T @ (y == p).double() / member.sum(0)


# %% right: the mean of each group, nan from an empty mean
def subgroup_accuracy(y, p, g, G):
    return torch.stack([(y == p)[g == group].float().mean() for group in range(G)])


# %% right: filled in where there are examples
def subgroup_accuracy(y, p, g, G):
    result = torch.full((G,), torch.nan)
    for group in set(g.tolist()):
        mask = g == group
        result[group] = ((y == p) & mask).sum() / mask.sum()
    return result


# %% wrong: divided by the number of all examples -> subgroup_accuracy_value, subgroup_accuracy_empty, subgroup_accuracy_simpson: number of examples of the group
def subgroup_accuracy(y, p, g, G):
    right = torch.bincount(g[y == p], minlength=G) / len(y)
    return torch.where(torch.bincount(g, minlength=G) > 0, right, torch.nan)


# %% wrong: an empty group counts as 0 -> subgroup_accuracy_empty: nan
def subgroup_accuracy(y, p, g, G):
    return torch.bincount(g[y == p], minlength=G) / torch.bincount(g, minlength=G).clamp(min=1)


# %% wrong: a small number in the denominator -> subgroup_accuracy_empty: nan
def subgroup_accuracy(y, p, g, G):
    return torch.bincount(g[y == p], minlength=G) / (torch.bincount(g, minlength=G) + 1e-8)


# %% wrong: an empty group stops it -> subgroup_accuracy_empty: empty group
def subgroup_accuracy(y, p, g, G):
    return [sum((y == p)[g == group].tolist()) / int((g == group).sum()) for group in range(G)]


# %% wrong: only the groups that occur -> subgroup_accuracy_empty: G entries
def subgroup_accuracy(y, p, g, G):
    return torch.stack([(y == p)[g == group].float().mean() for group in g.unique()])


# %% wrong: no minlength -> subgroup_accuracy_empty: G entries
def subgroup_accuracy(y, p, g, G):
    return torch.bincount(g, weights=(y == p).double()) / torch.bincount(g)


# %% wrong: the overall accuracy for everybody -> subgroup_accuracy_value, subgroup_accuracy_empty, subgroup_accuracy_simpson: within each group
def subgroup_accuracy(y, p, g, G):
    return (y == p).float().mean().expand(G).clone()


# %% wrong: error rates -> subgroup_accuracy_value, subgroup_accuracy_empty, subgroup_accuracy_simpson: ight answers within each group
def subgroup_accuracy(y, p, g, G):
    return torch.bincount(g[y != p], minlength=G) / torch.bincount(g, minlength=G)


# %% wrong: counts of right answers -> subgroup_accuracy_value, subgroup_accuracy_empty, subgroup_accuracy_simpson: number of examples of the group
def subgroup_accuracy(y, p, g, G):
    right = torch.bincount(g[y == p], minlength=G).float()
    return torch.where(torch.bincount(g, minlength=G) > 0, right, torch.nan)


# %% wrong: grouped by the true class -> subgroup_accuracy_value, subgroup_accuracy_empty, subgroup_accuracy_simpson: ight answers within each group
def subgroup_accuracy(y, p, g, G):
    return torch.stack([(y == p)[y == group].float().mean() for group in range(G)])


# %% wrong: a group that is all wrong becomes nan -> subgroup_accuracy_empty: all wrong: 0
def subgroup_accuracy(y, p, g, G):
    right = torch.bincount(g[y == p], minlength=G).float()
    return torch.where(right > 0, right / torch.bincount(g, minlength=G), torch.nan)


# %% wrong: right answers counted up to the last group that has any -> subgroup_accuracy_empty, subgroup_accuracy_simpson: right answers within each group
def subgroup_accuracy(y, p, g, G):
    share = torch.bincount(g[y == p]) / torch.bincount(g)
    return torch.cat([share, torch.full((G - len(share),), torch.nan)])
