# %% right: numpy and Python floats
def r2_pooled_within(y, p, g):
    y, p, g = y.numpy().astype(float), p.numpy().astype(float), g.numpy()
    sse = ((y - p) ** 2).sum()
    ssw = sum(((y[g == s] - y[g == s].mean()) ** 2).sum() for s in np.unique(g))
    return float(1 - sse / ((y - y.mean()) ** 2).sum()), float(1 - sse / ssw)


# %% right: scikit-learn's r2_score of the distances from the subjects' means, a list
def r2_pooled_within(y, p, g):
    from sklearn.metrics import r2_score

    own = np.array([y[g == s].double().mean().item() for s in g])
    return [r2_score(y, p), r2_score(y.numpy() - own, p.numpy() - own)]


# %% right: sums for each subject with index_add, one tensor of two numbers
def r2_pooled_within(y, p, g):
    y, p = y.double(), p.double()
    _, index, counts = g.unique(return_inverse=True, return_counts=True)
    totals = torch.zeros(len(counts), dtype=torch.float64).index_add(0, index, y)
    own = (totals / counts)[index]
    error = torch.sum((p - y) ** 2)
    return torch.stack([1 - error / torch.sum((y - y.mean()) ** 2), 1 - error / torch.sum((y - own) ** 2)])


# %% right: one-hot matrix of the subjects, means in place of sums
def r2_pooled_within(y, p, g):
    member = (g[:, None] == g[None, :]).to(y.dtype)
    own = member @ y / member.sum(1)
    mse = torch.nn.functional.mse_loss(p, y)
    return 1 - mse / y.var(unbiased=False), 1 - mse / torch.nn.functional.mse_loss(own, y)


# %% right: loops over examples
def r2_pooled_within(y, p, g):
    members = {}
    for value, subject in zip(y.tolist(), g.tolist()):
        members.setdefault(subject, []).append(value)
    centre = {subject: sum(values) / len(values) for subject, values in members.items()}
    overall = sum(y.tolist()) / len(y)
    sse = sst = ssw = 0.0
    for value, guess, subject in zip(y.tolist(), p.tolist(), g.tolist()):
        sse += (value - guess) ** 2
        sst += (value - overall) ** 2
        ssw += (value - centre[subject]) ** 2
    return np.array([1 - sse / sst, 1 - sse / ssw])


# %% wrong: the slide's formula with variances -> r2_pooled_within_value, r2_pooled_within_offset: sum of squared errors
def r2_pooled_within(y, p, g):
    own = torch.stack([y[g == s].mean() for s in g])
    return 1 - (p - y).var() / y.var(), 1 - (p - y).var() / (y - own).var()


# %% wrong: mean of one R² for each subject -> r2_pooled_within_value, r2_pooled_within_offset, r2_pooled_within_uneven, r2_pooled_within_extremes: one R² for each subject
def r2_pooled_within(y, p, g):
    each = []
    for s in g.unique():
        mine = g == s
        each.append(1 - (y - p)[mine].square().sum() / (y[mine] - y[mine].mean()).square().sum())
    return 1 - (y - p).square().sum() / (y - y.mean()).square().sum(), torch.stack(each).mean()


# %% wrong: predictions centred too -> r2_pooled_within_value, r2_pooled_within_offset, r2_pooled_within_uneven, r2_pooled_within_extremes: redictions
def r2_pooled_within(y, p, g):
    own_y = torch.stack([y[g == s].mean() for s in g])
    own_p = torch.stack([p[g == s].mean() for s in g])
    within = 1 - (y - own_y - p + own_p).square().sum() / (y - own_y).square().sum()
    return 1 - (y - p).square().sum() / (y - y.mean()).square().sum(), within


# %% wrong: within first -> r2_pooled_within_value, r2_pooled_within_means, r2_pooled_within_offset, r2_pooled_within_uneven, r2_pooled_within_extremes: ooled R²
def r2_pooled_within(y, p, g):
    own = torch.stack([y[g == s].mean() for s in g])
    error = (y - p).square().sum()
    return 1 - error / (y - own).square().sum(), 1 - error / (y - y.mean()).square().sum()


# %% wrong: squared correlation -> r2_pooled_within_value, r2_pooled_within_offset, r2_pooled_within_uneven, r2_pooled_within_extremes: R²
def r2_pooled_within(y, p, g):
    own = torch.stack([y[g == s].mean() for s in g])
    a, b = y - y.mean(), p - p.mean()
    pooled = (a * b).sum() ** 2 / (a.square().sum() * b.square().sum())
    return pooled, 1 - (y - p).square().sum() / (y - own).square().sum()


# %% wrong: subjects counted from 0 -> r2_pooled_within_uneven: names, in any order
def r2_pooled_within(y, p, g):
    own = torch.zeros_like(y)
    for s in range(len(g.unique())):
        own[g == s] = y[g == s].mean()
    if len(g.unique()) == 1:
        own[:] = y.mean()
    error = (y - p).square().sum()
    return 1 - error / (y - y.mean()).square().sum(), 1 - error / (y - own).square().sum()


# %% wrong: rows taken to be sorted by subject -> r2_pooled_within_value, r2_pooled_within_uneven: ubject
def r2_pooled_within(y, p, g):
    table = y.reshape(len(g.unique()), -1)
    error = (y - p).square().sum()
    ssw = (table - table.mean(1, keepdim=True)).square().sum()
    return 1 - error / (y - y.mean()).square().sum(), 1 - error / ssw


# %% wrong: centre is the mean of the subjects' means -> r2_pooled_within_value, r2_pooled_within_uneven: mean of the subjects' means
def r2_pooled_within(y, p, g):
    own = torch.stack([y[g == s].mean() for s in g])
    centre = torch.stack([y[g == s].mean() for s in g.unique()]).mean()
    error = (y - p).square().sum()
    return 1 - error / (y - centre).square().sum(), 1 - error / (y - own).square().sum()


# %% wrong: negative values cut off -> r2_pooled_within_offset, r2_pooled_within_extremes: cut it off at 0
def r2_pooled_within(y, p, g):
    own = torch.stack([y[g == s].mean() for s in g])
    error = (y - p).square().sum()
    pooled, within = 1 - error / (y - y.mean()).square().sum(), 1 - error / (y - own).square().sum()
    return pooled.clamp(min=0), within.clamp(min=0)


# %% wrong: the share that is not explained -> r2_pooled_within_value, r2_pooled_within_means, r2_pooled_within_offset, r2_pooled_within_uneven, r2_pooled_within_extremes: R²
def r2_pooled_within(y, p, g):
    own = torch.stack([y[g == s].mean() for s in g])
    error = (y - p).square().sum()
    return error / (y - y.mean()).square().sum(), error / (y - own).square().sum()


# %% wrong: pooled twice -> r2_pooled_within_value, r2_pooled_within_means, r2_pooled_within_offset, r2_pooled_within_uneven, r2_pooled_within_extremes: ithin
def r2_pooled_within(y, p, g):
    pooled = 1 - (y - p).square().sum() / (y - y.mean()).square().sum()
    return pooled, pooled


# %% wrong: subjects with one report are left out -> r2_pooled_within_uneven: single report
def r2_pooled_within(y, p, g):
    top = bottom = 0.0
    for subject in g.unique():
        own, its = y[g == subject], p[g == subject]
        if len(own) > 1:
            top += (own - its).square().sum()
            bottom += (own - own.mean()).square().sum()
    return 1 - (y - p).square().sum() / (y - y.mean()).square().sum(), 1 - top / bottom


# %% wrong: the sign of a subject's number is dropped -> r2_pooled_within_uneven: their numbers are names
def r2_pooled_within(y, p, g):
    own = torch.empty_like(y)
    g = g.abs()
    for subject in g.unique():
        own[g == subject] = y[g == subject].mean()
    error = (y - p).square().sum()
    pooled = 1 - error / (y - y.mean()).square().sum()
    within = 1 - error / (y - own).square().sum()
    return pooled, within


# %% wrong: the mean of the R² of each subject, weighed by its size -> r2_pooled_within_value, r2_pooled_within_offset, r2_pooled_within_uneven, r2_pooled_within_extremes: for each
def r2_pooled_within(y, p, g):
    sse = ((y - p) ** 2).sum()
    pooled = 1 - sse / ((y - y.mean()) ** 2).sum()
    within = 0
    for s in g.unique():
        m = g == s
        within += m.sum() / len(y) * (1 - ((y[m] - p[m]) ** 2).sum() / ((y[m] - y[m].mean()) ** 2).sum())
    return pooled, within


# %% wrong: means in the order of the subjects -> r2_pooled_within_value, r2_pooled_within_uneven: g == subject
def r2_pooled_within(y, p, g):
    sse = ((y - p) ** 2).sum()
    _, counts = g.sort().values.unique_consecutive(return_counts=True)
    own = torch.cat([part.mean().expand(len(part)) for part in y[g.argsort()].split(counts.tolist())])
    return 1 - sse / ((y - y.mean()) ** 2).sum(), 1 - sse / ((y - own) ** 2).sum()
