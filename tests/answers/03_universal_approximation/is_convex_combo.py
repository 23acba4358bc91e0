# %% right: the smallest weight
def is_convex_combo(v):
    return v.min().item() >= 0


# %% right: a loop
def is_convex_combo(v):
    for weight in v:
        if weight < 0:
            return False
    return True


# %% right: none is negative, as a tensor
def is_convex_combo(v):
    return ~(v < 0).any()


# %% right: numpy
def is_convex_combo(v):
    return np.all(np.asarray(v) >= 0)


# %% right: all, on Python floats
def is_convex_combo(v):
    return all(weight >= 0 for weight in v.tolist())


# %% right: measured by second differences of the sum
def is_convex_combo(v):
    x = torch.arange(-1, len(v) + 2, dtype=torch.float64)
    g = sum(weight * torch.relu(x - t) for t, weight in enumerate(v.double()))
    return bool((g.diff(n=2) > -1e-9).all())


# %% right: slopes never fall
def is_convex_combo(v):
    slopes = torch.cat([torch.zeros(1), v]).cumsum(0)
    return bool((slopes[1:] - slopes[:-1] > -1e-5).all())


# %% wrong: the sum of the weights -> is_convex_combo_signs, is_convex_combo_one_negative: dding the weights up hides
def is_convex_combo(v):
    return bool(v.sum() >= 0)


# %% wrong: one that is not negative is enough -> is_convex_combo_signs, is_convex_combo_zeros, is_convex_combo_one_negative: negative weight
def is_convex_combo(v):
    return bool((v >= 0).any())


# %% wrong: strictly positive -> is_convex_combo_zeros: A weight of 0 makes no bend
def is_convex_combo(v):
    return bool((v > 0).all())


# %% wrong: a convex combination, as in geometry -> is_convex_combo_signs, is_convex_combo_zeros, is_convex_combo_one_negative: negative weight
def is_convex_combo(v):
    return bool((v >= 0).all() and abs(v.sum() - 1) < 1e-6)


# %% wrong: all of one sign -> is_convex_combo_zeros, is_convex_combo_one_negative: negative weight
def is_convex_combo(v):
    return bool((v >= 0).all() or (v <= 0).all())


# %% wrong: the first weight left out -> is_convex_combo_one_negative: the first
def is_convex_combo(v):
    return bool((v[1:] >= 0).all())


# %% wrong: the last weight left out -> is_convex_combo_zeros, is_convex_combo_one_negative: negative weight
def is_convex_combo(v):
    return bool((v[:-1] >= 0).all())


# %% wrong: weights that grow -> is_convex_combo_signs, is_convex_combo_zeros, is_convex_combo_one_negative: negative weight
def is_convex_combo(v):
    return bool((v.diff() >= 0).all())


# %% wrong: second differences of the weights -> is_convex_combo_zeros, is_convex_combo_signs, is_convex_combo_one_negative: negative weight
def is_convex_combo(v):
    return bool((v.diff(n=2) >= 0).all())


# %% wrong: an answer for each weight -> is_convex_combo_signs, is_convex_combo_zeros, is_convex_combo_one_negative: negative weight
def is_convex_combo(v):
    return v >= 0


# %% wrong: small weights taken for 0 -> is_convex_combo_one_negative: a very small one
def is_convex_combo(v):
    return bool((v > -0.01).all())


# %% wrong: always yes -> is_convex_combo_signs, is_convex_combo_zeros, is_convex_combo_one_negative: negative weight
def is_convex_combo(v):
    return True


# %% wrong: always no -> is_convex_combo_signs, is_convex_combo_zeros, is_convex_combo_one_negative: negative weight
def is_convex_combo(v):
    return False


# %% wrong: slopes that are never negative -> is_convex_combo_signs, is_convex_combo_one_negative: negative weight
def is_convex_combo(v):
    return bool((v.cumsum(0) >= 0).all())


# %% wrong: negative weights forgiven when they are small -> is_convex_combo_one_negative: a very small one
def is_convex_combo(v):
    return bool((v > -5e-4).all())


# %% wrong: a single unit is never convex -> is_convex_combo_one_negative: A single unit
def is_convex_combo(v):
    return len(v) > 1 and bool((v >= 0).all())


# %% wrong: the sign bit of zero -> is_convex_combo_zeros: there is no negative weight here
def is_convex_combo(v):
    return not bool(torch.signbit(v).any())


# %% wrong: forgiven what is small beside the largest weight -> is_convex_combo_one_negative: a very small one
def is_convex_combo(v):
    return bool((v >= -1e-6 * v.abs().max()).all())


# %% wrong: the sum compared with the sum of the sizes -> is_convex_combo_one_negative: a very small one
def is_convex_combo(v):
    return bool(v.float().sum() == v.float().abs().sum())
