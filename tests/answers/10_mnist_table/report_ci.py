# %% right: bisection
def report_ci(wrong, n, level=0.95):
    t = (1 - level) / 2
    ends = []
    for probability in (lambda p: -(1 - at_most(wrong - 1, n, p)), lambda p: at_most(wrong, n, p)):
        low, high = 0.0, 1.0
        target = -t if not ends else t
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (middle, high) if probability(middle) > target else (low, middle)
        ends.append(100 * middle)
    return tuple(ends)


# %% right: a grid, made finer around the border, a list
def report_ci(wrong, n, level=0.95):
    t = (1 - level) / 2

    def refine(is_left):
        start, width = 0.0, 1.0
        for _ in range(8):
            grid = [start + width * i / 10 for i in range(11)]
            lefts = [p for p in grid if is_left(p)]
            start, width = (max(lefts) if lefts else start), width / 10
        return 100 * (start + width / 2)

    lower = 0.0 if wrong == 0 else refine(lambda p: 1 - at_most(wrong - 1, n, p) <= t)
    upper = 100.0 if wrong == n else refine(lambda p: at_most(wrong, n, p) >= t)
    return [lower, upper]


# %% right: probabilities from torch's binomial distribution, a tensor
def report_ci(wrong, n, level=0.95):
    def chance(p, counts):
        log_p = torch.tensor(p, dtype=torch.float64)
        return torch.distributions.Binomial(n, log_p).log_prob(counts).exp().sum().item()

    t = (1 - level) / 2
    few = torch.arange(wrong + 1, dtype=torch.float64)
    many = torch.arange(wrong, n + 1, dtype=torch.float64)
    lower, upper = [0.0, 1.0], [0.0, 1.0]
    for _ in range(30):
        middle = sum(lower) / 2
        lower[chance(middle, many) > t] = middle
    for _ in range(30):
        middle = sum(upper) / 2
        upper[chance(middle, few) < t] = middle
    return torch.tensor([lower[0] if wrong else 0.0, upper[1]]) * 100


# %% right: the upper end by symmetry
def report_ci(wrong, n, level=0.95):
    def upper(mistakes):
        if mistakes == n:
            return 100.0
        low, high = mistakes / n, 1.0
        while high - low > 1e-9:
            middle = (low + high) / 2
            if at_most(mistakes, n, middle) > (1 - level) / 2:
                low = middle
            else:
                high = middle
        return 100 * middle

    return 100 - upper(n - wrong), upper(wrong)


# %% right: one probability after the other from their ratio
def report_ci(wrong, n, level=0.95):
    def few(k, p):
        log_term, total = n * math.log1p(-p), 0.0
        for i in range(k + 1):
            total += math.exp(log_term)
            if i < n:
                log_term += math.log((n - i) / (i + 1)) + math.log(p) - math.log1p(-p)
        return total

    def solve(f):
        low, high = 1e-9, 1 - 1e-9
        for _ in range(34):
            middle = 0.5 * (low + high)
            if f(middle) > 0:
                low = middle
            else:
                high = middle
        return 100 * low

    t = (1 - level) / 2
    return solve(lambda p: t - (1 - few(wrong - 1, p))), solve(lambda p: few(wrong, p) - t)


# %% right: the lower end from the upper end of the others
def report_ci(wrong, n, level=0.95):
    def upper(k):
        if k == n:
            return 100.0
        low, high = 0.0, 1.0
        while high - low > 1e-8:
            middle = 0.5 * (low + high)
            low, high = (middle, high) if at_most(k, n, middle) > (1 - level) / 2 else (low, middle)
        return 100 * high

    return 100 - upper(n - wrong), upper(wrong)


# %% wrong: shares -> report_ci_digits, report_ci_level, report_ci_small, report_ci_borders, report_ci_table: ercent
def exact(wrong, n, tail_low, tail_high, below=None, above=None):
    below = wrong - 1 if below is None else below
    above = wrong if above is None else above

    def border(lies_right):
        low, high = 0.0, 1.0
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if lies_right(middle) else (low, middle)
        return 100 * high

    return (
        border(lambda p: 1 - at_most(below, n, p) < tail_low),
        border(lambda p: at_most(above, n, p) > tail_high),
    )


def report_ci(wrong, n, level=0.95):
    tail = (1 - level) / 2
    return tuple(end / 100 for end in exact(wrong, n, tail, tail))


# %% wrong: five percent on each side -> report_ci_digits, report_ci_level, report_ci_small, report_ci_borders, report_ci_table: end
def exact(wrong, n, tail_low, tail_high, below=None, above=None):
    below = wrong - 1 if below is None else below
    above = wrong if above is None else above

    def border(lies_right):
        low, high = 0.0, 1.0
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if lies_right(middle) else (low, middle)
        return 100 * high

    return (
        border(lambda p: 1 - at_most(below, n, p) < tail_low),
        border(lambda p: at_most(above, n, p) > tail_high),
    )


def report_ci(wrong, n, level=0.95):
    return exact(wrong, n, 1 - level, 1 - level)


# %% wrong: the rule of thumb with 1.96 -> report_ci_digits, report_ci_level, report_ci_small, report_ci_borders, report_ci_table: end
def report_ci(wrong, n, level=0.95):
    e = wrong / n
    half = 1.96 * math.sqrt(e * (1 - e) / n)
    return 100 * (e - half), 100 * (e + half)


# %% wrong: the rule of thumb, cut off at 0 and 100 -> report_ci_digits, report_ci_level, report_ci_small, report_ci_borders, report_ci_table: end
from statistics import NormalDist


def report_ci(wrong, n, level=0.95):
    e = wrong / n
    half = NormalDist().inv_cdf((1 + level) / 2) * math.sqrt(e * (1 - e) / n)
    return max(0.0, 100 * (e - half)), min(100.0, 100 * (e + half))


# %% wrong: one standard error -> report_ci_digits, report_ci_level, report_ci_small, report_ci_borders, report_ci_table: end
def report_ci(wrong, n, level=0.95):
    e = wrong / n
    se = math.sqrt(e * (1 - e) / n)
    return 100 * (e - se), 100 * (e + se)


# %% wrong: wrong or fewer also for the lower end -> report_ci_digits, report_ci_level, report_ci_small, report_ci_borders, report_ci_table: end
def exact(wrong, n, tail_low, tail_high, below=None, above=None):
    below = wrong - 1 if below is None else below
    above = wrong if above is None else above

    def border(lies_right):
        low, high = 0.0, 1.0
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if lies_right(middle) else (low, middle)
        return 100 * high

    return (
        border(lambda p: 1 - at_most(below, n, p) < tail_low),
        border(lambda p: at_most(above, n, p) > tail_high),
    )


def report_ci(wrong, n, level=0.95):
    tail = (1 - level) / 2
    return exact(wrong, n, tail, tail, below=wrong)


# %% wrong: fewer than wrong for the upper end -> report_ci_digits, report_ci_level, report_ci_small, report_ci_borders, report_ci_table: end
def exact(wrong, n, tail_low, tail_high, below=None, above=None):
    below = wrong - 1 if below is None else below
    above = wrong if above is None else above

    def border(lies_right):
        low, high = 0.0, 1.0
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if lies_right(middle) else (low, middle)
        return 100 * high

    return (
        border(lambda p: 1 - at_most(below, n, p) < tail_low),
        border(lambda p: at_most(above, n, p) > tail_high),
    )


def report_ci(wrong, n, level=0.95):
    tail = (1 - level) / 2
    return exact(wrong, n, tail, tail, above=wrong - 1)


# %% wrong: Wilson's interval of the course package -> report_ci_digits, report_ci_level, report_ci_small, report_ci_borders, report_ci_table: end
def report_ci(wrong, n, level=0.95):
    return lecun.wilson_interval(100 * wrong / n, n, level)


# %% wrong: level is ignored -> report_ci_level, report_ci_small, report_ci_borders, report_ci_table: (1 - level) / 2
def exact(wrong, n, tail_low, tail_high, below=None, above=None):
    below = wrong - 1 if below is None else below
    above = wrong if above is None else above

    def border(lies_right):
        low, high = 0.0, 1.0
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if lies_right(middle) else (low, middle)
        return 100 * high

    return (
        border(lambda p: 1 - at_most(below, n, p) < tail_low),
        border(lambda p: at_most(above, n, p) > tail_high),
    )


def report_ci(wrong, n, level=0.95):
    return exact(wrong, n, 0.025, 0.025)


# %% wrong: the upper end first -> report_ci_digits, report_ci_level, report_ci_small, report_ci_borders, report_ci_table: end
def exact(wrong, n, tail_low, tail_high, below=None, above=None):
    below = wrong - 1 if below is None else below
    above = wrong if above is None else above

    def border(lies_right):
        low, high = 0.0, 1.0
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if lies_right(middle) else (low, middle)
        return 100 * high

    return (
        border(lambda p: 1 - at_most(below, n, p) < tail_low),
        border(lambda p: at_most(above, n, p) > tail_high),
    )


def report_ci(wrong, n, level=0.95):
    tail = (1 - level) / 2
    return exact(wrong, n, tail, tail)[::-1]


# %% wrong: always 10,000 digits -> report_ci_digits, report_ci_level, report_ci_small, report_ci_borders: end
def exact(wrong, n, tail_low, tail_high, below=None, above=None):
    below = wrong - 1 if below is None else below
    above = wrong if above is None else above

    def border(lies_right):
        low, high = 0.0, 1.0
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if lies_right(middle) else (low, middle)
        return 100 * high

    return (
        border(lambda p: 1 - at_most(below, n, p) < tail_low),
        border(lambda p: at_most(above, n, p) > tail_high),
    )


def report_ci(wrong, n, level=0.95):
    tail = (1 - level) / 2
    return exact(wrong, 10_000, tail, tail)


# %% wrong: ten halvings -> report_ci_digits, report_ci_level, report_ci_small, report_ci_borders, report_ci_table: end
def report_ci(wrong, n, level=0.95):
    t = (1 - level) / 2
    ends = []
    for f in (lambda p: 1 - at_most(wrong - 1, n, p) < t, lambda p: at_most(wrong, n, p) > t):
        low, high = 0.0, 1.0
        for _ in range(10):
            middle = (low + high) / 2
            low, high = (middle, high) if f(middle) else (low, middle)
        ends.append(100 * high)
    return ends


# %% wrong: no mistake means an error of zero -> report_ci_borders: No mistake
def exact(wrong, n, tail_low, tail_high, below=None, above=None):
    below = wrong - 1 if below is None else below
    above = wrong if above is None else above

    def border(lies_right):
        low, high = 0.0, 1.0
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if lies_right(middle) else (low, middle)
        return 100 * high

    return (
        border(lambda p: 1 - at_most(below, n, p) < tail_low),
        border(lambda p: at_most(above, n, p) > tail_high),
    )


def report_ci(wrong, n, level=0.95):
    tail = (1 - level) / 2
    if wrong == 0:
        return 0.0, 0.0
    return exact(wrong, n, tail, tail)


# %% wrong: only mistakes stop with a division -> report_ci_borders: end
def exact(wrong, n, tail_low, tail_high, below=None, above=None):
    below = wrong - 1 if below is None else below
    above = wrong if above is None else above

    def border(lies_right):
        low, high = 0.0, 1.0
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if lies_right(middle) else (low, middle)
        return 100 * high

    return (
        border(lambda p: 1 - at_most(below, n, p) < tail_low),
        border(lambda p: at_most(above, n, p) > tail_high),
    )


def report_ci(wrong, n, level=0.95):
    tail = (1 - level) / 2
    odds = wrong / (n - wrong)
    return exact(wrong, n, tail, tail) if odds >= 0 else (0.0, 100.0)


# %% wrong: counts in place of percent -> report_ci_digits, report_ci_level, report_ci_small, report_ci_borders, report_ci_table: end
def exact(wrong, n, tail_low, tail_high, below=None, above=None):
    below = wrong - 1 if below is None else below
    above = wrong if above is None else above

    def border(lies_right):
        low, high = 0.0, 1.0
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if lies_right(middle) else (low, middle)
        return 100 * high

    return (
        border(lambda p: 1 - at_most(below, n, p) < tail_low),
        border(lambda p: at_most(above, n, p) > tail_high),
    )


def report_ci(wrong, n, level=0.95):
    tail = (1 - level) / 2
    return tuple(end * n / 100 for end in exact(wrong, n, tail, tail))


# %% right: SciPy's exact interval
def report_ci(wrong, n, level=0.95):
    from scipy.stats import binomtest

    ci = binomtest(wrong, n).proportion_ci(level, method="exact")
    return 100 * ci.low, 100 * ci.high


# %% wrong: the mid-P interval -> report_ci_digits, report_ci_level, report_ci_small, report_ci_borders, report_ci_table: end
def report_ci(wrong, n, level=0.95):
    t = (1 - level) / 2

    def search(left):
        a, b = 0.0, 1.0
        for _ in range(40):
            m = (a + b) / 2
            a, b = (m, b) if left(m) else (a, m)
        return 100 * a

    def below(k, p):
        return (at_most(k, n, p) + (at_most(k - 1, n, p) if k else 0.0)) / 2

    return (search(lambda p: 1 - below(wrong, p) < t) if wrong else 0.0), search(lambda p: below(wrong, p) > t)


# %% wrong: Agresti and Coull's interval -> report_ci_digits, report_ci_level, report_ci_small, report_ci_borders, report_ci_table: end
def report_ci(wrong, n, level=0.95):
    z = {0.95: 1.96, 0.99: 2.576, 0.9: 1.645}.get(level, 1.96)
    p = (wrong + 2) / (n + 4)
    s = math.sqrt(p * (1 - p) / (n + 4))
    return max(0.0, 100 * (p - z * s)), min(100.0, 100 * (p + z * s))
