# %% right: only where p is positive
def kl(p, q):
    where = p > 0
    return (p[where] * torch.log(p[where] / q[where])).sum()


# %% right: cross-entropy minus entropy
def kl(p, q):
    return -torch.special.xlogy(p, q).sum() - torch.special.entr(p).sum()


# %% right: a loop over Python floats
def kl(p, q):
    total = 0.0
    for a, b in zip(p.tolist(), q.tolist()):
        if a > 0:
            total += a * math.log(a / b) if b > 0 else math.inf
    return total


# %% right: where, in double precision
def kl(p, q):
    p, q = p.double(), q.double()
    return torch.where(p > 0, p * (p.log() - q.log()), 0.0).sum()


# %% right: torch.distributions
def kl(p, q):
    from torch.distributions import Categorical, kl_divergence

    return kl_divergence(
        Categorical(probs=p.double(), validate_args=False), Categorical(probs=q.double(), validate_args=False)
    )


# %% right: nan replaced by 0
def kl(p, q):
    return torch.nan_to_num(p * torch.log(p / q), nan=0.0, posinf=math.inf).sum()


# %% right: a small constant in p alone
def kl(p, q):
    return (p * ((p + 1e-30) / q.clamp(min=0)).log().where(p > 0, torch.zeros(()))).sum()


# %% wrong: the formula as it stands -> kl_hard_labels, kl_impossible: 0 * log(0) is nan
def kl(p, q):
    return torch.sum(p * torch.log(p / q))


# %% wrong: the other way round -> kl_value, kl_pairs, kl_hard_labels, kl_impossible: p * log(p / q)
def kl(p, q):
    return torch.sum(torch.special.xlogy(q, q) - torch.special.xlogy(q, p))


# %% wrong: the cross-entropy -> kl_value, kl_pairs, kl_hard_labels, kl_impossible: p * log(p / q)
def kl(p, q):
    return -torch.special.xlogy(p, q).sum()


# %% wrong: the entropy -> kl_value, kl_pairs, kl_hard_labels, kl_impossible: p * log(p / q)
def kl(p, q):
    return torch.special.entr(p).sum()


# %% wrong: q / p inside the logarithm -> kl_value, kl_pairs, kl_hard_labels, kl_impossible: p * log(p / q)
def kl(p, q):
    return (torch.special.xlogy(p, q) - torch.special.xlogy(p, p)).sum()


# %% wrong: logarithm to base 2 -> kl_value, kl_pairs, kl_hard_labels, kl_impossible: natural logarithm
def kl(p, q):
    return (torch.special.xlogy(p, p) - torch.special.xlogy(p, q)).sum() / math.log(2)


# %% wrong: the mean over the classes -> kl_value, kl_pairs, kl_hard_labels, kl_impossible: p * log(p / q)
def kl(p, q):
    return (torch.special.xlogy(p, p) - torch.special.xlogy(p, q)).mean()


# %% wrong: the parts of the classes -> kl_value, kl_pairs, kl_hard_labels, kl_impossible: p * log(p / q)
def kl(p, q):
    return torch.special.xlogy(p, p) - torch.special.xlogy(p, q)


# %% wrong: torch's kl_div, which multiplies 0 by infinity -> kl_hard_labels: even where q is 0 too
def kl(p, q):
    return F.kl_div(q.log(), p, reduction="sum")


# %% wrong: kl_div without logarithms -> kl_value, kl_pairs, kl_hard_labels, kl_impossible: p * log(p / q)
def kl(p, q):
    return F.kl_div(q, p, reduction="sum")


# %% wrong: kl_div with its arguments swapped -> kl_value, kl_pairs, kl_hard_labels, kl_impossible: p * log(p / q)
def kl(p, q):
    return F.kl_div(p.log(), q, reduction="sum")


# %% wrong: a small constant inside the logarithms -> kl_impossible: A small constant inside the log makes it finite
def kl(p, q):
    return (p * torch.log((p + 1e-12) / (q + 1e-12))).sum()


# %% wrong: infinite terms dropped -> kl_impossible: the divergence must be inf
def kl(p, q):
    terms = p * torch.log(p / q)
    return terms[terms.isfinite()].sum()


# %% wrong: cut off at zero class by class -> kl_value, kl_pairs, kl_hard_labels, kl_impossible: p * log(p / q)
def kl(p, q):
    return (torch.special.xlogy(p, p) - torch.special.xlogy(p, q)).clamp(min=0).sum()


# %% wrong: total variation -> kl_value, kl_pairs, kl_hard_labels, kl_impossible: p * log(p / q)
def kl(p, q):
    return (p - q).abs().sum() / 2


# %% wrong: looked up from the visible check -> kl_pairs, kl_hard_labels, kl_impossible: p * log(p / q)
def kl(p, q):
    return torch.tensor(0.34257 if len(p) == 3 else 0.36806)


# %% wrong: one constant -> kl_value, kl_pairs, kl_hard_labels, kl_impossible: p * log(p / q)
def kl(p, q):
    return 0.3426


# %% wrong: weighted by q -> kl_value, kl_pairs, kl_hard_labels, kl_impossible: p * log(p / q)
def kl(p, q):
    return (q * torch.log(p / q)).sum()


# %% wrong: the cross-entropy with its arguments swapped -> kl_value, kl_pairs, kl_hard_labels, kl_impossible: p * log(p / q)
def kl(p, q):
    return -torch.special.xlogy(q, p).sum()


# %% wrong: inf wherever q is 0 -> kl_hard_labels: even where q is 0 too
def kl(p, q):
    return torch.tensor(torch.inf) if (q == 0).any() else torch.special.xlogy(p, p / q).sum()


# %% wrong: small probabilities are left out -> kl_pairs, kl_impossible: classes
def kl(p, q):
    big = p > 0.01
    return (p[big] * torch.log(p[big] / q[big])).sum()


# %% wrong: log_softmax of q in place of its log -> kl_value, kl_pairs, kl_hard_labels, kl_impossible: p * log(p / q)
def kl(p, q):
    return F.kl_div(F.log_softmax(q, 0), p, reduction="sum")


# %% wrong: the Jensen-Shannon divergence -> kl_value, kl_pairs, kl_hard_labels, kl_impossible: p * log(p / q)
def kl(p, q):
    m = (p + q) / 2
    return 0.5 * (torch.xlogy(p, p / m).sum() + torch.xlogy(q, q / m).sum())
