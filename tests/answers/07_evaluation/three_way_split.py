# %% right: numpy, sizes rounded down, lists in place of tuples
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    rng = np.random.default_rng(seed)
    parts = [[], [], []]
    classes = np.unique(y.numpy()) if stratify else [None]
    for label in classes:
        rows = np.arange(len(y)) if label is None else np.flatnonzero(y.numpy() == label)
        rows = rng.permutation(rows)
        a = int(frac[0] * len(rows))
        b = a + int(frac[1] * len(rows))
        for part, piece in zip(parts, (rows[:a], rows[a:b], rows[b:])):
            part.extend(piece.tolist())
    if standardize:
        train = X[parts[0]]
        X = (X - train.mean(0)) / train.std(0, unbiased=False)
    return [[X[part], y[part]] for part in parts]


# %% right: scikit-learn, twice
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    from sklearn.model_selection import train_test_split

    rows, labels = np.arange(len(y)), y.numpy()
    rest = frac[1] + frac[2]
    train, other = train_test_split(rows, test_size=rest, random_state=seed, stratify=labels if stratify else None)
    valid, test = train_test_split(
        other, test_size=frac[2] / rest, random_state=seed, stratify=labels[other] if stratify else None
    )
    if standardize:
        from sklearn.preprocessing import StandardScaler

        scaler = StandardScaler().fit(X[train].numpy())
        X = torch.from_numpy(scaler.transform(X.numpy()))
    return (X[train], y[train]), (X[valid], y[valid]), (X[test], y[test])


# %% right: Python's random, row by row, arrays out, double precision
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    dice = random.Random(seed)
    labels = [int(label) for label in y]
    pieces = ([], [], [])
    for label in sorted(set(labels)) if stratify else [None]:
        rows = [i for i in range(len(labels)) if label is None or labels[i] == label]
        dice.shuffle(rows)
        first = math.ceil(frac[0] * len(rows) - 1e-9)
        second = first + math.ceil(frac[1] * len(rows) - 1e-9)
        pieces[0].extend(rows[:first])
        pieces[1].extend(rows[first:second])
        pieces[2].extend(rows[second:])
    X, y = X.double().numpy(), y.numpy()
    if standardize:
        mean, std = X[pieces[0]].mean(axis=0), X[pieces[0]].std(axis=0)
        X = (X - mean) / std
    return tuple((X[rows], y[rows]) for rows in pieces)


# %% right: shuffled copies, global seed put back, bool masks
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        noise = torch.rand(len(y))
    place = torch.empty(len(y), dtype=torch.float64)
    for label in y.unique() if stratify else [None]:
        mine = torch.ones_like(y, dtype=torch.bool) if label is None else y == label
        place[mine] = noise[mine].argsort().argsort().double() / mine.sum()
    first, second = frac[0] - 1e-9, frac[0] + frac[1] - 1e-9
    masks = [place < first, (place >= first) & (place < second), place >= second]
    if standardize:
        part = X[masks[0]]
        X = (X - part.mean(0, keepdim=True)) / part.var(0, keepdim=True).sqrt()
    return tuple((X[mask], y[mask]) for mask in masks)


# %% right: a forked global state
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        keys = torch.rand(len(y))

    def shares(rows):
        rows = rows[keys[rows].argsort()]
        n = rows.numel()
        a, b = math.floor(n * frac[0] + 0.5), math.floor(n * (1 - frac[2]) + 0.5)
        return rows.tensor_split([a, b])

    rows = torch.arange(len(y))
    cut = [shares(rows[y == c]) for c in sorted(set(y.tolist()))] if stratify else [shares(rows)]
    a, b, c = [torch.cat(x).sort().values for x in zip(*cut)]
    if standardize:
        X = X.clone()
        mu = X[a].mean(0)
        X -= mu
        X /= X[a].pow(2).mean(0).sqrt()
    return [(X[i], y[i]) for i in (a, b, c)]


# %% wrong: cut before anything is shuffled -> three_way_split_shuffled, three_way_split_seed, three_way_split_stratified: huffle
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    a, b = round(frac[0] * len(y)), round((frac[0] + frac[1]) * len(y))
    rows = [torch.arange(a), torch.arange(a, b), torch.arange(b, len(y))]
    if stratify:
        pieces = []
        for label in y.unique():
            mine = (y == label).nonzero().flatten()
            pieces.append(mine.tensor_split([round(frac[0] * len(mine)), round((frac[0] + frac[1]) * len(mine))]))
        rows = [torch.cat(part) for part in zip(*pieces)]
    if standardize:
        X = (X - X[rows[0]].mean(0)) / X[rows[0]].std(0)
    return tuple((X[r], y[r]) for r in rows)


# %% wrong: shuffled within the parts, after the cut -> three_way_split_shuffled, three_way_split_seed, three_way_split_stratified: huffle
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    generator = torch.Generator().manual_seed(seed)
    groups = [(y == label).nonzero().flatten() for label in y.unique()] if stratify else [torch.arange(len(y))]
    pieces = [g.tensor_split([round(frac[0] * len(g)), round((frac[0] + frac[1]) * len(g))]) for g in groups]
    rows = [torch.cat(part) for part in zip(*pieces)]
    rows = [r[torch.randperm(len(r), generator=generator)] for r in rows]
    if standardize:
        X = (X - X[rows[0]].mean(0)) / X[rows[0]].std(0)
    return tuple((X[r], y[r]) for r in rows)


# %% wrong: scaler fitted on everything -> three_way_split_standardized, three_way_split_remainder, three_way_split_stratified: leak
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    if standardize:
        X = (X - X.mean(dim=0)) / X.std(dim=0)
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    groups = [order[y[order] == label] for label in y.unique()] if stratify else [order]
    pieces = [g.tensor_split([round(frac[0] * len(g)), round((frac[0] + frac[1]) * len(g))]) for g in groups]
    return tuple((X[torch.cat(part)], y[torch.cat(part)]) for part in zip(*pieces))


# %% wrong: each part scaled by itself -> three_way_split_standardized, three_way_split_stratified: training part
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    groups = [order[y[order] == label] for label in y.unique()] if stratify else [order]
    pieces = [g.tensor_split([round(frac[0] * len(g)), round((frac[0] + frac[1]) * len(g))]) for g in groups]
    parts = [(X[torch.cat(part)], y[torch.cat(part)]) for part in zip(*pieces)]
    if standardize:
        parts = [((x - x.mean(0)) / x.std(0), labels) for x, labels in parts]
    return tuple(parts)


# %% wrong: one mean and standard deviation for all columns -> three_way_split_standardized, three_way_split_remainder: dim=0
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    groups = [order[y[order] == label] for label in y.unique()] if stratify else [order]
    pieces = [g.tensor_split([round(frac[0] * len(g)), round((frac[0] + frac[1]) * len(g))]) for g in groups]
    rows = [torch.cat(part) for part in zip(*pieces)]
    if standardize:
        X = (X - X[rows[0]].mean()) / X[rows[0]].std()
    return tuple((X[r], y[r]) for r in rows)


# %% wrong: standardize is ignored -> three_way_split_standardized, three_way_split_remainder, three_way_split_stratified: shift and scale
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    groups = [order[y[order] == label] for label in y.unique()] if stratify else [order]
    pieces = [g.tensor_split([round(frac[0] * len(g)), round((frac[0] + frac[1]) * len(g))]) for g in groups]
    return tuple((X[torch.cat(part)], y[torch.cat(part)]) for part in zip(*pieces))


# %% wrong: stratify is ignored -> three_way_split_shuffled, three_way_split_stratified: each class
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    rows = order.tensor_split([round(frac[0] * len(y)), round((frac[0] + frac[1]) * len(y))])
    if standardize:
        X = (X - X[rows[0]].mean(0)) / X[rows[0]].std(0)
    return tuple((X[r], y[r]) for r in rows)


# %% wrong: rows and labels shuffled apart -> three_way_split_parts, three_way_split_standardized, three_way_split_remainder, three_way_split_seed, three_way_split_stratified: label
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    generator = torch.Generator().manual_seed(seed)
    X = X[torch.randperm(len(y), generator=generator)]
    y = y[torch.randperm(len(y), generator=generator)]
    a, b = round(frac[0] * len(y)), round((frac[0] + frac[1]) * len(y))
    if standardize:
        X = (X - X[:a].mean(0)) / X[:a].std(0)
    return (X[:a], y[:a]), (X[a:b], y[a:b]), (X[b:], y[b:])


# %% wrong: only X is shuffled -> three_way_split_parts, three_way_split_shuffled, three_way_split_standardized, three_way_split_remainder, three_way_split_seed, three_way_split_stratified: label
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    X = X[torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))]
    a, b = round(frac[0] * len(y)), round((frac[0] + frac[1]) * len(y))
    if standardize:
        X = (X - X[:a].mean(0)) / X[:a].std(0)
    return (X[:a], y[:a]), (X[a:b], y[a:b]), (X[b:], y[b:])


# %% wrong: each part drawn anew -> three_way_split_parts, three_way_split_standardized, three_way_split_remainder, three_way_split_seed, three_way_split_global, three_way_split_stratified: in exactly one part
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    generator = torch.Generator().manual_seed(seed)
    groups = [(y == label).nonzero().flatten() for label in y.unique()] if stratify else [torch.arange(len(y))]
    rows = [
        torch.cat([g[torch.randperm(len(g), generator=generator)[: round(share * len(g))]] for g in groups])
        for share in frac
    ]
    if standardize:
        X = (X - X[rows[0]].mean(0)) / X[rows[0]].std(0)
    return tuple((X[r], y[r]) for r in rows)


# %% wrong: three sizes rounded down lose examples -> three_way_split_remainder: the last part take the rest
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    groups = [order[y[order] == label] for label in y.unique()] if stratify else [order]
    parts = [[], [], []]
    for g in groups:
        start = 0
        for part, share in zip(parts, frac):
            size = int(share * len(g))
            part.append(g[start : start + size])
            start += size
    rows = [torch.cat(part) for part in parts]
    if standardize:
        X = (X - X[rows[0]].mean(0)) / X[rows[0]].std(0)
    return tuple((X[r], y[r]) for r in rows)


# %% wrong: validation and test swapped -> three_way_split_parts, three_way_split_remainder, three_way_split_stratified: frac is (training, validation, test)
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    groups = [order[y[order] == label] for label in y.unique()] if stratify else [order]
    pieces = [g.tensor_split([round(frac[0] * len(g)), round((frac[0] + frac[1]) * len(g))]) for g in groups]
    train, test, valid = [torch.cat(part) for part in zip(*pieces)]
    if standardize:
        X = (X - X[train].mean(0)) / X[train].std(0)
    return (X[train], y[train]), (X[valid], y[valid]), (X[test], y[test])


# %% wrong: the second share taken of what is left -> three_way_split_parts, three_way_split_shuffled, three_way_split_remainder, three_way_split_stratified: share
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    groups = [order[y[order] == label] for label in y.unique()] if stratify else [order]
    parts = [[], [], []]
    for g in groups:
        a = round(frac[0] * len(g))
        b = a + round(frac[1] * (len(g) - a))
        for part, piece in zip(parts, (g[:a], g[a:b], g[b:])):
            part.append(piece)
    rows = [torch.cat(part) for part in parts]
    if standardize:
        X = (X - X[rows[0]].mean(0)) / X[rows[0]].std(0)
    return tuple((X[r], y[r]) for r in rows)


# %% wrong: seed is ignored -> three_way_split_seed, three_way_split_stratified: seed
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(0))
    groups = [order[y[order] == label] for label in y.unique()] if stratify else [order]
    pieces = [g.tensor_split([round(frac[0] * len(g)), round((frac[0] + frac[1]) * len(g))]) for g in groups]
    rows = [torch.cat(part) for part in zip(*pieces)]
    if standardize:
        X = (X - X[rows[0]].mean(0)) / X[rows[0]].std(0)
    return tuple((X[r], y[r]) for r in rows)


# %% wrong: another split at every call -> three_way_split_seed, three_way_split_stratified: he same seed must give the same split
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    generator = torch.Generator()
    generator.seed()
    order = torch.randperm(len(y), generator=generator)
    groups = [order[y[order] == label] for label in y.unique()] if stratify else [order]
    pieces = [g.tensor_split([round(frac[0] * len(g)), round((frac[0] + frac[1]) * len(g))]) for g in groups]
    rows = [torch.cat(part) for part in zip(*pieces)]
    if standardize:
        X = (X - X[rows[0]].mean(0)) / X[rows[0]].std(0)
    return tuple((X[r], y[r]) for r in rows)


# %% wrong: torch's global seed set -> three_way_split_global: torch.Generator().manual_seed(seed)
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    torch.manual_seed(seed)
    order = torch.randperm(len(y))
    groups = [order[y[order] == label] for label in y.unique()] if stratify else [order]
    pieces = [g.tensor_split([round(frac[0] * len(g)), round((frac[0] + frac[1]) * len(g))]) for g in groups]
    rows = [torch.cat(part) for part in zip(*pieces)]
    if standardize:
        X = (X - X[rows[0]].mean(0)) / X[rows[0]].std(0)
    return tuple((X[r], y[r]) for r in rows)


# %% wrong: NumPy's global seed set -> three_way_split_global: np.random.default_rng(seed)
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    np.random.seed(seed)
    order = torch.from_numpy(np.random.permutation(len(y)))
    groups = [order[y[order] == label] for label in y.unique()] if stratify else [order]
    pieces = [g.tensor_split([round(frac[0] * len(g)), round((frac[0] + frac[1]) * len(g))]) for g in groups]
    rows = [torch.cat(part) for part in zip(*pieces)]
    if standardize:
        X = (X - X[rows[0]].mean(0)) / X[rows[0]].std(0)
    return tuple((X[r], y[r]) for r in rows)


# %% wrong: classes split by share, but not shuffled -> three_way_split_stratified: shuffle the rows of each class
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    groups = [(y == label).nonzero().flatten() for label in y.unique()] if stratify else [order]
    pieces = [g.tensor_split([round(frac[0] * len(g)), round((frac[0] + frac[1]) * len(g))]) for g in groups]
    rows = [torch.cat(part) for part in zip(*pieces)]
    if standardize:
        X = (X - X[rows[0]].mean(0)) / X[rows[0]].std(0)
    return tuple((X[r], y[r]) for r in rows)


# %% wrong: images flattened -> three_way_split_remainder: X may have more dimensions
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    X = X.reshape(len(y), -1)
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    groups = [order[y[order] == label] for label in y.unique()] if stratify else [order]
    pieces = [g.tensor_split([round(frac[0] * len(g)), round((frac[0] + frac[1]) * len(g))]) for g in groups]
    rows = [torch.cat(part) for part in zip(*pieces)]
    if standardize:
        X = (X - X[rows[0]].mean(0)) / X[rows[0]].std(0)
    return tuple((X[r], y[r]) for r in rows)


# %% wrong: six tensors in a row -> three_way_split_parts, three_way_split_shuffled, three_way_split_standardized, three_way_split_remainder, three_way_split_seed, three_way_split_global, three_way_split_stratified: Return three pairs
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    groups = [order[y[order] == label] for label in y.unique()] if stratify else [order]
    pieces = [g.tensor_split([round(frac[0] * len(g)), round((frac[0] + frac[1]) * len(g))]) for g in groups]
    train, valid, test = [torch.cat(part) for part in zip(*pieces)]
    if standardize:
        X = (X - X[train].mean(0)) / X[train].std(0)
    return X[train], X[valid], X[test], y[train], y[valid], y[test]


# %% right: each class cut by itself, whatever comes of the whole parts
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    groups = [order[y[order] == label] for label in y.unique()] if stratify else [order]
    pieces = []
    for rows in groups:
        ends = [round(frac[0] * len(rows)), round((frac[0] + frac[1]) * len(rows))]
        pieces.append(rows.tensor_split(ends))
    train, valid, test = (torch.cat(part) for part in zip(*pieces))
    if standardize:
        X = (X - X[train].mean(dim=0)) / X[train].std(dim=0, unbiased=False)
    return (X[train], y[train]), (X[valid], y[valid]), (X[test], y[test])


# %% wrong: the validation part is not scaled -> three_way_split_standardized, three_way_split_stratified: shift and scale
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    groups = [order[y[order] == label] for label in y.unique()] if stratify else [order]
    pieces = []
    for rows in groups:
        ends = [round(frac[0] * len(rows)), round((frac[0] + frac[1]) * len(rows))]
        pieces.append(rows.tensor_split(ends))
    train, valid, test = (torch.cat(part) for part in zip(*pieces))
    x_train, x_valid, x_test = X[train], X[valid], X[test]
    if standardize:
        mean, std = x_train.mean(dim=0), x_train.std(dim=0)
        x_train, x_test = (x_train - mean) / std, (x_test - mean) / std
    return (x_train, y[train]), (x_valid, y[valid]), (x_test, y[test])


# %% wrong: standardize is forgotten where stratify is asked for -> three_way_split_standardized, three_way_split_stratified: With stratify and standardize together
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    groups = [order[y[order] == label] for label in y.unique()] if stratify else [order]
    pieces = []
    for rows in groups:
        ends = [round(frac[0] * len(rows)), round((frac[0] + frac[1]) * len(rows))]
        pieces.append(rows.tensor_split(ends))
    train, valid, test = (torch.cat(part) for part in zip(*pieces))
    if standardize and not stratify:
        X = (X - X[train].mean(dim=0)) / X[train].std(dim=0)
    return (X[train], y[train]), (X[valid], y[valid]), (X[test], y[test])


# %% wrong: labels first in each pair -> three_way_split_parts, three_way_split_shuffled, three_way_split_standardized, three_way_split_remainder, three_way_split_seed, three_way_split_global, three_way_split_stratified: with X first
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    groups = [order[y[order] == label] for label in y.unique()] if stratify else [order]
    pieces = []
    for rows in groups:
        ends = [round(frac[0] * len(rows)), round((frac[0] + frac[1]) * len(rows))]
        pieces.append(rows.tensor_split(ends))
    train, valid, test = (torch.cat(part) for part in zip(*pieces))
    return (y[train], X[train]), (y[valid], X[valid]), (y[test], X[test])


# %% wrong: with stratify, chance comes from nowhere in particular -> three_way_split_stratified: the same seed must give the same split
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    dice = np.random.default_rng() if stratify else np.random.default_rng(seed)
    order = dice.permutation(len(y))
    groups = [order[y.numpy()[order] == int(label)] for label in y.unique()] if stratify else [order]
    pieces = []
    for rows in groups:
        ends = [round(frac[0] * len(rows)), round((frac[0] + frac[1]) * len(rows))]
        pieces.append(np.split(rows, ends))
    train, valid, test = (torch.from_numpy(np.concatenate(part)) for part in zip(*pieces))
    if standardize:
        X = (X - X[train].mean(dim=0)) / X[train].std(dim=0)
    return (X[train], y[train]), (X[valid], y[valid]), (X[test], y[test])


# %% wrong: only the last digit of seed counts -> three_way_split_seed, three_way_split_stratified: seed
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed % 10 // 2))
    groups = [order[y[order] == label] for label in y.unique()] if stratify else [order]
    pieces = []
    for rows in groups:
        ends = [round(frac[0] * len(rows)), round((frac[0] + frac[1]) * len(rows))]
        pieces.append(rows.tensor_split(ends))
    train, valid, test = (torch.cat(part) for part in zip(*pieces))
    if standardize:
        X = (X - X[train].mean(dim=0)) / X[train].std(dim=0)
    return (X[train], y[train]), (X[valid], y[valid]), (X[test], y[test])


# %% wrong: gives torch back its seed, not its state -> three_way_split_global: torch's global random state has changed
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    old = torch.initial_seed()
    gen = torch.manual_seed(seed)
    order = torch.randperm(len(y), generator=gen)
    torch.manual_seed(old)
    kinds = [order]
    if stratify:
        kinds = [order[y[order] == c] for c in y.unique()]
    pieces = ([], [], [])
    for rows in kinds:
        n = len(rows)
        a, b = round(frac[0] * n), round((frac[0] + frac[1]) * n)
        pieces[0].append(rows[:a])
        pieces[1].append(rows[a:b])
        pieces[2].append(rows[b:])
    train, valid, test = (torch.cat(p) for p in pieces)
    if standardize:
        X = (X - X[train].mean(0)) / X[train].std(0)
    return (X[train], y[train]), (X[valid], y[valid]), (X[test], y[test])


# %% wrong: labels of the test part become floats -> three_way_split_remainder, three_way_split_stratified: convert none
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    gen = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(y), generator=gen)
    kinds = [order]
    if stratify:
        kinds = [order[y[order] == c] for c in y.unique()]
    pieces = ([], [], [])
    for rows in kinds:
        n = len(rows)
        a, b = round(frac[0] * n), round((frac[0] + frac[1]) * n)
        pieces[0].append(rows[:a])
        pieces[1].append(rows[a:b])
        pieces[2].append(rows[b:])
    train, valid, test = (torch.cat(p) for p in pieces)
    if standardize:
        X = (X - X[train].mean(0)) / X[train].std(0)
    return (X[train], y[train]), (X[valid], y[valid]), (X[test], y[test].float())


# %% wrong: classes from 0 to the largest -> three_way_split_stratified: every example must be in exactly one part
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    gen = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(y), generator=gen)
    kinds = [order]
    if stratify:
        kinds = [order[y[order] == c] for c in range(int(y.max()) + 1)]
    pieces = ([], [], [])
    for rows in kinds:
        n = len(rows)
        a, b = round(frac[0] * n), round((frac[0] + frac[1]) * n)
        pieces[0].append(rows[:a])
        pieces[1].append(rows[a:b])
        pieces[2].append(rows[b:])
    train, valid, test = (torch.cat(p) for p in pieces)
    if standardize:
        X = (X - X[train].mean(0)) / X[train].std(0)
    return (X[train], y[train]), (X[valid], y[valid]), (X[test], y[test])


# %% wrong: one fixed order, turned further by the seed -> three_way_split_seed: nothing to do with each other
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    dice = torch.Generator().manual_seed(5)
    groups = [(y == label).nonzero().flatten() for label in y.unique()] if stratify else [torch.arange(len(y))]
    pieces = []
    for rows in groups:
        rows = rows[torch.randperm(len(rows), generator=dice)].roll(seed)
        pieces.append(rows.tensor_split([round(frac[0] * len(rows)), round((frac[0] + frac[1]) * len(rows))]))
    train, valid, test = (torch.cat(part) for part in zip(*pieces))
    if standardize:
        X = (X - X[train].mean(0)) / X[train].std(0)
    return (X[train], y[train]), (X[valid], y[valid]), (X[test], y[test])


# %% wrong: standardize makes X single precision -> three_way_split_remainder: with standardize, too
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    dice = torch.Generator().manual_seed(seed)
    groups = [(y == label).nonzero().flatten() for label in y.unique()] if stratify else [torch.arange(len(y))]
    pieces = []
    for rows in groups:
        rows = rows[torch.randperm(len(rows), generator=dice)]
        pieces.append(rows.tensor_split([round(frac[0] * len(rows)), round((frac[0] + frac[1]) * len(rows))]))
    train, valid, test = (torch.cat(part) for part in zip(*pieces))
    if standardize:
        X = X.float()
        X = (X - X[train].mean(0)) / X[train].std(0)
    return (X[train], y[train]), (X[valid], y[valid]), (X[test], y[test])


# %% wrong: labels through single precision -> three_way_split_remainder: xample
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(X), generator=generator)
    y = y.float().long()
    kinds = [order]
    if stratify:
        kinds = [order[y[order] == c] for c in y.unique()]
    pieces = ([], [], [])
    for rows in kinds:
        n = len(rows)
        first, second = round(frac[0] * n), round((frac[0] + frac[1]) * n)
        pieces[0].append(rows[:first])
        pieces[1].append(rows[first:second])
        pieces[2].append(rows[second:])
    train, valid, test = (torch.cat(p) for p in pieces)
    if standardize:
        X = (X - X[train].mean(dim=0)) / X[train].std(dim=0)
    return (X[train], y[train]), (X[valid], y[valid]), (X[test], y[test])


# %% wrong: stratify is forgotten where standardize is asked for -> three_way_split_stratified: With stratify and standardize together
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(X), generator=generator)
    kinds = [order]
    if stratify and not standardize:
        kinds = [order[y[order] == c] for c in y.unique()]
    pieces = ([], [], [])
    for rows in kinds:
        n = len(rows)
        first, second = round(frac[0] * n), round((frac[0] + frac[1]) * n)
        pieces[0].append(rows[:first])
        pieces[1].append(rows[first:second])
        pieces[2].append(rows[second:])
    train, valid, test = (torch.cat(p) for p in pieces)
    if standardize:
        X = (X - X[train].mean(dim=0)) / X[train].std(dim=0)
    return (X[train], y[train]), (X[valid], y[valid]), (X[test], y[test])


# %% wrong: three sizes rounded one by one -> three_way_split_remainder: Let the last part take the rest
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(y), generator=generator)
    kinds = [order[y[order] == label] for label in y.unique()] if stratify else [order]
    pieces = ([], [], [])
    for rows in kinds:
        start = 0
        for share, part in zip(frac, pieces):
            size = len(rows) if stratify and part is pieces[2] else round(share * len(rows))
            part.append(rows[start : start + size])
            start += size
    train, valid, test = (torch.cat(part) for part in pieces)
    if standardize:
        X = (X - X[train].mean(0)) / X[train].std(0)
    return (X[train], y[train]), (X[valid], y[valid]), (X[test], y[test])


# %% wrong: neighbouring rows shuffled in pairs -> three_way_split_seed: Neighbouring rows land in one part too often
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    generator = torch.Generator().manual_seed(seed)
    order = torch.cat(
        [torch.arange(len(y)).split(2)[i] for i in torch.randperm((len(y) + 1) // 2, generator=generator)]
    )
    kinds = [order[y[order] == label] for label in y.unique()] if stratify else [order]
    pieces = ([], [], [])
    for rows in kinds:
        ends = [round(frac[0] * len(rows)), round((frac[0] + frac[1]) * len(rows))]
        for part, piece in zip(pieces, rows.tensor_split(ends)):
            part.append(piece)
    train, valid, test = (torch.cat(part) for part in pieces)
    if standardize:
        X = (X - X[train].mean(0)) / X[train].std(0)
    return (X[train], y[train]), (X[valid], y[valid]), (X[test], y[test])


# %% wrong: the test part as a slice from the end, also from -0 -> three_way_split_stratified: -0 holds everything
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    N = len(y)
    g = torch.Generator().manual_seed(seed)
    order = torch.randperm(N, generator=g)
    kinds = [order]
    if stratify:
        kinds = [order[y[order] == c] for c in y.unique()]
    pieces = ([], [], [])
    for rows in kinds:
        n = len(rows)
        a = round(frac[0] * n)
        b = round((frac[0] + frac[1]) * n)
        for piece, part in zip(pieces, (rows[:a], rows[a : n - round(frac[2] * n)], rows[-round(frac[2] * n) :])):
            piece.append(part)
    train, valid, test = (torch.cat(p) for p in pieces)
    if standardize:
        mean, std = X[train].mean(0), X[train].std(0)
        X = (X - mean) / std
    return (X[train], y[train]), (X[valid], y[valid]), (X[test], y[test])


# %% wrong: scaled by training and validation part together -> three_way_split_standardized, three_way_split_remainder, three_way_split_stratified: standard deviation
def three_way_split(X, y, frac, seed, stratify=False, standardize=False):
    g = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(y), generator=g)
    kinds = [order[y[order] == c] for c in y.unique()] if stratify else [order]
    pieces = ([], [], [])
    for rows in kinds:
        a, b = round(frac[0] * len(rows)), round((frac[0] + frac[1]) * len(rows))
        for p, r in zip(pieces, (rows[:a], rows[a:b], rows[b:])):
            p.append(r)
    tr, va, te = map(torch.cat, pieces)
    if standardize:
        both = torch.cat([tr, va])
        X = (X - X[both].mean(0)) / X[both].std(0)
    return (X[tr], y[tr]), (X[va], y[va]), (X[te], y[te])
