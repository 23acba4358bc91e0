# %% right: shares and a p-value
from statistics import NormalDist


def significant(e1, e2, n1, n2):
    p1, p2 = e1 / 100, e2 / 100
    z = (p1 - p2) / math.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    return 2 * NormalDist().cdf(-abs(z)) < 2 * NormalDist().cdf(-1.96)


# %% right: hypot of two standard errors
def significant(e1, e2, n1, n2):
    first, second = (math.sqrt(e * (100 - e) / n) for e, n in ((e1, n1), (e2, n2)))
    return not -1.96 * math.hypot(first, second) <= e1 - e2 <= 1.96 * math.hypot(first, second)


# %% right: squares compared, without a root
def significant(e1, e2, n1, n2):
    return (e1 - e2) ** 2 > 1.96**2 * (e1 * (100 - e1) * n2 + e2 * (100 - e2) * n1) / (n1 * n2)


# %% right: tensors
def significant(e1, e2, n1, n2):
    e, n = torch.tensor([e1, e2], dtype=torch.float64), torch.tensor([n1, n2])
    s = (e * (100 - e) / n).sum().sqrt()
    return e.diff().abs()[0] / s > 1.96


# %% right: an interval of the difference that leaves out zero, NumPy
import numpy as np


def significant(e1, e2, n1, n2):
    s = np.sqrt(np.dot([e1 / n1, e2 / n2], [100 - e1, 100 - e2]))
    low, high = e2 - e1 - 1.96 * s, e2 - e1 + 1.96 * s
    return np.bool_(low > 0 or high < 0)


# %% right: both at once in torch
def significant(e1, e2, n1, n2):
    e = torch.tensor([e1, e2], dtype=torch.float64)
    n = torch.tensor([n1, n2], dtype=torch.float64)
    return bool((e[0] - e[1]).abs() > 1.96 * (e * (100 - e) / n).sum().sqrt())


# %% wrong: the intervals must not overlap -> significant_table, significant_border, significant_sizes, significant_orders: s
def significant(e1, e2, n1, n2):
    s1, s2 = math.sqrt(e1 * (100 - e1) / n1), math.sqrt(e2 * (100 - e2) / n2)
    return abs(e1 - e2) > 1.96 * (s1 + s2)


# %% wrong: any difference counts -> significant_table, significant_border, significant_sizes, significant_orders: s
def significant(e1, e2, n1, n2):
    return e1 != e2


# %% wrong: one standard error is enough -> significant_border, significant_sizes, significant_orders: s
def significant(e1, e2, n1, n2):
    return abs(e1 - e2) > math.sqrt(e1 * (100 - e1) / n1 + e2 * (100 - e2) / n2)


# %% wrong: without abs -> significant_table, significant_border, significant_sizes, significant_orders: abs
def significant(e1, e2, n1, n2):
    return e1 - e2 > 1.96 * math.sqrt(e1 * (100 - e1) / n1 + e2 * (100 - e2) / n2)


# %% wrong: percent put into the formula for shares -> significant_table, significant_border, significant_sizes, significant_orders: s
def significant(e1, e2, n1, n2):
    return abs(e1 - e2) > 1.96 * math.sqrt(abs(e1 * (1 - e1) / n1 + e2 * (1 - e2) / n2))


# %% wrong: the standard error of one error alone -> significant_border, significant_sizes, significant_orders: s
def significant(e1, e2, n1, n2):
    return abs(e1 - e2) > 1.96 * math.sqrt(e1 * (100 - e1) / n1)


# %% wrong: n1 for both -> significant_sizes, significant_orders: own n
def significant(e1, e2, n1, n2):
    return abs(e1 - e2) > 1.96 * math.sqrt(e1 * (100 - e1) / n1 + e2 * (100 - e2) / n1)


# %% wrong: the numbers of examples swapped -> significant_sizes, significant_orders: own n
def significant(e1, e2, n1, n2):
    return abs(e1 - e2) > 1.96 * math.sqrt(e1 * (100 - e1) / n2 + e2 * (100 - e2) / n1)


# %% wrong: always 10,000 digits -> significant_border, significant_sizes, significant_orders: s
def significant(e1, e2, n1, n2):
    return abs(e1 - e2) > 1.96 * math.sqrt(e1 * (100 - e1) / 10_000 + e2 * (100 - e2) / 10_000)


# %% wrong: a one-sided test, 1.645 -> significant_border, significant_sizes, significant_orders: 1.96
def significant(e1, e2, n1, n2):
    return abs(e1 - e2) > 1.645 * math.sqrt(e1 * (100 - e1) / n1 + e2 * (100 - e2) / n2)


# %% wrong: two standard errors -> significant_border, significant_sizes, significant_orders: 1.96
def significant(e1, e2, n1, n2):
    return abs(e1 - e2) > 2 * math.sqrt(e1 * (100 - e1) / n1 + e2 * (100 - e2) / n2)


# %% wrong: half a point is a lot -> significant_border, significant_sizes, significant_orders: s
def significant(e1, e2, n1, n2):
    return abs(e1 - e2) > 0.5


# %% wrong: says the opposite -> significant_table, significant_border, significant_sizes, significant_orders: s
def significant(e1, e2, n1, n2):
    return abs(e1 - e2) <= 1.96 * math.sqrt(e1 * (100 - e1) / n1 + e2 * (100 - e2) / n2)


# %% wrong: the root of each standard error forgotten -> significant_table, significant_border, significant_sizes, significant_orders: s
def significant(e1, e2, n1, n2):
    return abs(e1 - e2) > 1.96 * (e1 * (100 - e1) / n1 + e2 * (100 - e2) / n2)


# %% wrong: s rounded to two digits -> significant_border, significant_sizes, significant_orders: not rounded
def significant(e1, e2, n1, n2):
    s = math.sqrt(e1 * (100 - e1) / n1 + e2 * (100 - e2) / n2)
    s = round(s, 2)
    return abs(e1 - e2) > 1.96 * s
