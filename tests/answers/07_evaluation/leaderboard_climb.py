# %% right: binomial numbers of right answers, numpy
def leaderboard_climb(k, n, seed):
    rng = np.random.default_rng(seed)
    return np.maximum.accumulate(rng.binomial(n, 0.5, size=k) / n)


# %% right: loops and coins, a list
def leaderboard_climb(k, n, seed):
    dice = random.Random(seed)
    labels = [dice.randint(0, 1) for _ in range(n)]
    best, climb = 0.0, []
    for _ in range(k):
        right = sum(dice.randint(0, 1) == label for label in labels)
        best = max(best, right / n)
        climb.append(best)
    return climb


# %% right: labels and guesses of plus and minus 1, double precision
def leaderboard_climb(k, n, seed):
    generator = torch.Generator().manual_seed(seed)
    signs = 2 * torch.randint(0, 2, (k + 1, n), generator=generator).double() - 1
    return torch.cummax((signs[1:] @ signs[0] / n + 1) / 2, 0).values


# %% right: all labels 0, floats below a half, torch's global seed set
def leaderboard_climb(k, n, seed):
    torch.manual_seed(seed)
    right = (torch.rand(k, n) < 0.5).sum(1)
    return torch.stack([right[: i + 1].max() for i in range(k)]) / n


# %% wrong: no best so far -> leaderboard_climb_curve, leaderboard_climb_means, leaderboard_climb_seed: best
def leaderboard_climb(k, n, seed):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(2, (n,), generator=generator)
    return (torch.randint(2, (k, n), generator=generator) == labels).float().mean(1)


# %% wrong: only the last best -> leaderboard_climb_curve, leaderboard_climb_means, leaderboard_climb_seed: One entry for each
def leaderboard_climb(k, n, seed):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(2, (n,), generator=generator)
    return (torch.randint(2, (k, n), generator=generator) == labels).float().mean(1).max()


# %% wrong: the best of each example, k and n swapped -> leaderboard_climb_curve, leaderboard_climb_means, leaderboard_climb_seed: One entry for each
def leaderboard_climb(k, n, seed):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(2, (n,), generator=generator)
    return (torch.randint(2, (k, n), generator=generator) == labels).float().mean(0).cummax(0).values


# %% wrong: running mean in place of the best -> leaderboard_climb_curve, leaderboard_climb_means, leaderboard_climb_seed: best
def leaderboard_climb(k, n, seed):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(2, (n,), generator=generator)
    accuracy = (torch.randint(2, (k, n), generator=generator) == labels).float().mean(1)
    return accuracy.cumsum(0) / torch.arange(1, k + 1)


# %% wrong: numbers of right answers -> leaderboard_climb_curve, leaderboard_climb_means, leaderboard_climb_seed: accuracy
def leaderboard_climb(k, n, seed):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(2, (n,), generator=generator)
    return (torch.randint(2, (k, n), generator=generator) == labels).sum(1).cummax(0).values


# %% wrong: all models hand in the same guesses -> leaderboard_climb_curve, leaderboard_climb_means: best of
def leaderboard_climb(k, n, seed):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(2, (n,), generator=generator)
    guesses = torch.randint(2, (n,), generator=generator).expand(k, n)
    return (guesses == labels).float().mean(1).cummax(0).values


# %% wrong: an accuracy drawn evenly between 0 and 1 -> leaderboard_climb_curve, leaderboard_climb_means, leaderboard_climb_seed: model
def leaderboard_climb(k, n, seed):
    generator = torch.Generator().manual_seed(seed)
    return (torch.randint(n + 1, (k,), generator=generator) / n).cummax(0).values


# %% wrong: exactly half of the answers right -> leaderboard_climb_curve, leaderboard_climb_means, leaderboard_climb_seed: model
def leaderboard_climb(k, n, seed):
    return torch.full((k,), 0.5)


# %% wrong: seed is ignored -> leaderboard_climb_means, leaderboard_climb_seed: seed
def leaderboard_climb(k, n, seed):
    generator = torch.Generator().manual_seed(3)
    labels = torch.randint(2, (n,), generator=generator)
    return (torch.randint(2, (k, n), generator=generator) == labels).float().mean(1).cummax(0).values


# %% wrong: another climb at every call -> leaderboard_climb_seed: The same seed must give the same climb
def leaderboard_climb(k, n, seed):
    generator = torch.Generator()
    generator.seed()
    labels = torch.randint(2, (n,), generator=generator)
    return (torch.randint(2, (k, n), generator=generator) == labels).float().mean(1).cummax(0).values


# %% wrong: the numbers of the lesson drawn as a smooth curve -> leaderboard_climb_curve, leaderboard_climb_means, leaderboard_climb_seed: model
def leaderboard_climb(k, n, seed):
    return 0.5 + (torch.arange(1, k + 1).log() / (2 * n)).sqrt()


# %% wrong: entry i is the best of the first i -> leaderboard_climb_means: among the first i + 1
def leaderboard_climb(k, n, seed):
    generator = torch.Generator().manual_seed(seed)
    right = torch.randint(2, (k, n), generator=generator).double().mean(dim=1)
    best = right.cummax(dim=0).values
    return torch.cat([best[:1], best[:-1]])


# %% wrong: in order of accuracy -> leaderboard_climb_means: a single coin tosser
def leaderboard_climb(k, n, seed):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(2, (k, n), generator=generator).double().mean(dim=1).sort().values


# %% wrong: as many 0s as 1s, shuffled -> leaderboard_climb_means: a coin of its own
def leaderboard_climb(k, n, seed):
    dice = torch.Generator().manual_seed(seed)
    labels = torch.arange(n) % 2
    guesses = torch.stack([labels[torch.randperm(n, generator=dice)] for _ in range(k)])
    return (guesses == labels).float().mean(dim=1).cummax(dim=0).values


# %% wrong: every second model guesses the opposite of the one before -> leaderboard_climb_means: tosses coins of its own
def leaderboard_climb(k, n, seed):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(2, (n,), generator=generator)
    half = torch.randint(2, ((k + 1) // 2, n), generator=generator)
    guesses = torch.stack([half, 1 - half], dim=1).flatten(0, 1)[:k]
    return (guesses == labels).float().mean(dim=1).cummax(dim=0).values


# %% wrong: the last model never counts -> leaderboard_climb_means: The last model counts
def leaderboard_climb(k, n, seed):
    g = torch.Generator().manual_seed(seed)
    y = torch.randint(0, 2, (n,), generator=g)
    guesses = torch.randint(0, 2, (k, n), generator=g)
    acc = (guesses == y).float().mean(dim=1)
    acc[-1] = 0 if k > 1 else acc[-1]
    return acc.cummax(dim=0).values


# %% wrong: a climb kept for each seed and k -> leaderboard_climb_seed: for any n
_memo = {}


def leaderboard_climb(k, n, seed):
    g = torch.Generator().manual_seed(seed)
    y = torch.randint(0, 2, (n,), generator=g)
    guesses = torch.randint(0, 2, (k, n), generator=g)
    acc = (guesses == y).float().mean(dim=1)
    return _memo.setdefault((seed, k), acc.cummax(dim=0).values)


# %% wrong: each model turns some guesses of the first over -> leaderboard_climb_means: binomial distribution
def leaderboard_climb(k, n, seed):
    g = torch.Generator().manual_seed(seed)
    y = torch.randint(0, 2, (n,), generator=g)
    first = torch.randint(0, 2, (n,), generator=g)
    guesses = first ^ (torch.rand(k, n, generator=g) < 0.25).long()
    acc = (guesses == y).float().mean(dim=1)
    return acc.cummax(dim=0).values
