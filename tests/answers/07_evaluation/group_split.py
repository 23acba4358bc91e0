# %% right: numpy, permutation and isin
def group_split(groups, frac, seed):
    names = np.unique(groups.numpy())
    order = np.random.default_rng(seed).permutation(names)
    return np.isin(groups.numpy(), order[: int(np.ceil(frac * len(names)))])


# %% right: Python's random, a list of True and False, rounded down
def group_split(groups, frac, seed):
    names = sorted(set(groups.tolist()))
    chosen = set(random.Random(seed).sample(names, math.floor(frac * len(names) + 1e-9)))
    return [group in chosen for group in groups.tolist()]


# %% right: scikit-learn's GroupShuffleSplit
def group_split(groups, frac, seed):
    from sklearn.model_selection import GroupShuffleSplit

    splitter = GroupShuffleSplit(n_splits=1, test_size=frac, random_state=seed)
    _, test = next(splitter.split(groups, groups=groups.numpy()))
    mask = torch.zeros(len(groups), dtype=torch.bool)
    mask[test] = True
    return mask


# %% right: a number for each group and a loop, torch's global seed set
def group_split(groups, frac, seed):
    torch.manual_seed(seed)
    names, index = groups.unique(return_inverse=True)
    place = torch.rand(len(names)).argsort().argsort()
    return (place < round(frac * len(names)))[index]


# %% right: ranks of scores
def group_split(groups, frac, seed):
    torch.manual_seed(seed)
    names, where = torch.unique(groups, return_inverse=True)
    score = torch.rand(len(names))
    rank = score.argsort().argsort()
    return (rank < int(len(names) * frac))[where]


# %% wrong: single examples chosen -> group_split_whole, group_split_numbers, group_split_share: is in both parts
def group_split(groups, frac, seed):
    order = torch.randperm(len(groups), generator=torch.Generator().manual_seed(seed))
    mask = torch.zeros(len(groups), dtype=torch.bool)
    mask[order[: round(frac * len(groups))]] = True
    return mask


# %% wrong: always the first groups -> group_split_seed: each group must be chosen about equally often
def group_split(groups, frac, seed):
    names = groups.unique()
    return torch.isin(groups, names[: round(frac * len(names))])


# %% wrong: the training part is marked -> group_split_whole, group_split_numbers, group_split_share, group_split_seed: share
def group_split(groups, frac, seed):
    names = groups.unique()
    order = torch.randperm(len(names), generator=torch.Generator().manual_seed(seed))
    return ~torch.isin(groups, names[order[: round(frac * len(names))]])


# %% wrong: groups added until the share of examples is reached -> group_split_numbers, group_split_share, group_split_seed: groups.unique()
def group_split(groups, frac, seed):
    names = groups.unique()
    order = names[torch.randperm(len(names), generator=torch.Generator().manual_seed(seed))]
    mask = torch.zeros(len(groups), dtype=torch.bool)
    for group in order:
        if mask.sum() + (groups == group).sum() / 2 > frac * len(groups):
            break
        mask |= groups == group
    return mask


# %% wrong: drawn from the examples' groups, so that large groups come first and some twice -> group_split_numbers, group_split_share, group_split_seed: group
def group_split(groups, frac, seed):
    order = torch.randperm(len(groups), generator=torch.Generator().manual_seed(seed))
    chosen = groups[order[: round(frac * len(groups.unique()))]]
    return torch.isin(groups, chosen)


# %% wrong: groups counted from 0 -> group_split_whole, group_split_numbers: groups.unique()
def group_split(groups, frac, seed):
    count = len(groups.unique())
    chosen = torch.randperm(count, generator=torch.Generator().manual_seed(seed))[: round(frac * count)]
    return torch.isin(groups, chosen)


# %% wrong: zeros and ones in place of True and False -> group_split_whole: bool mask
def group_split(groups, frac, seed):
    names = groups.unique()
    order = torch.randperm(len(names), generator=torch.Generator().manual_seed(seed))
    return torch.isin(groups, names[order[: round(frac * len(names))]]).long()


# %% wrong: row numbers in place of a mask -> group_split_whole, group_split_numbers, group_split_share, group_split_seed: one True or False for each
def group_split(groups, frac, seed):
    names = groups.unique()
    order = torch.randperm(len(names), generator=torch.Generator().manual_seed(seed))
    return torch.isin(groups, names[order[: round(frac * len(names))]]).nonzero().flatten()


# %% wrong: one entry a group -> group_split_whole, group_split_numbers, group_split_share, group_split_seed: one True or False for each
def group_split(groups, frac, seed):
    names = groups.unique()
    order = torch.randperm(len(names), generator=torch.Generator().manual_seed(seed))
    mask = torch.zeros(len(names), dtype=torch.bool)
    mask[order[: round(frac * len(names))]] = True
    return mask


# %% wrong: seed is ignored -> group_split_seed: each group must be chosen about equally often
def group_split(groups, frac, seed):
    names = groups.unique()
    order = torch.randperm(len(names), generator=torch.Generator().manual_seed(7))
    return torch.isin(groups, names[order[: round(frac * len(names))]])


# %% wrong: another choice at every call -> group_split_seed: The same seed must give the same choice
def group_split(groups, frac, seed):
    names = groups.unique()
    generator = torch.Generator()
    generator.seed()
    order = torch.randperm(len(names), generator=generator)
    return torch.isin(groups, names[order[: round(frac * len(names))]])


# %% wrong: neighbours in a row, from a random place on -> group_split_seed: also groups that are no neighbours
def group_split(groups, frac, seed):
    names = groups.unique()
    start = int(torch.randint(len(names), (1,), generator=torch.Generator().manual_seed(seed)))
    chosen = names.roll(-start)[: round(frac * len(names))]
    return torch.isin(groups, chosen)


# %% wrong: only four seeds -> group_split_seed: with seed
def group_split(groups, frac, seed):
    names = groups.unique()
    order = torch.randperm(len(names), generator=torch.Generator().manual_seed(seed % 4 + 20))
    return torch.isin(groups, names[order[: round(frac * len(names))]])


# %% wrong: group numbers in single precision -> group_split_numbers: Count groups.unique()
def group_split(groups, frac, seed):
    names = groups.float().unique()
    order = torch.randperm(len(names), generator=torch.Generator().manual_seed(seed))
    return torch.isin(groups.float(), names[order[: round(frac * len(names))]])


# %% wrong: the first groups of shuffled rows -> group_split_seed: A group's size must not matter
def group_split(groups, frac, seed):
    names = groups.unique()
    gen = torch.Generator().manual_seed(seed)
    k = round(frac * len(names))
    chosen = torch.tensor(
        list(dict.fromkeys(groups[torch.randperm(len(groups), generator=gen)].tolist()))[:k], dtype=torch.int64
    )
    return torch.isin(groups, chosen)
