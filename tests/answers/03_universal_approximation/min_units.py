# %% right: counting up, in torch
def min_units(f, eps):
    x = torch.linspace(0, 1, 201, dtype=torch.float64)
    for N in range(1, 1000):
        piece = (x * N).floor().clamp(max=N - 1)
        left, right = piece / N, (piece + 1) / N
        share = (x - left) * N
        lines = f(left) * (1 - share) + f(right) * share
        if (lines - f(x)).abs().max() <= eps:
            return N


# %% right: doubling, then bisection
def min_units(f, eps):
    places = np.linspace(0, 1, 201)

    def good(N):
        knots = np.linspace(0, 1, N + 1)
        return np.max(np.abs(f(places) - np.interp(places, knots, f(knots)))) <= eps

    high = 1
    while not good(high):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if good(middle) else (middle, high)
    return high


# %% right: Python floats, one call of f a place
def min_units(f, eps):
    N = 0
    while True:
        N += 1
        heights = [float(f(i / N)) for i in range(N + 1)]
        worst = 0.0
        for k in range(201):
            x = k / 200
            i = min(int(x * N), N - 1)
            share = x * N - i
            worst = max(worst, abs(heights[i] * (1 - share) + heights[i + 1] * share - float(f(x))))
        if worst <= eps:
            return N


# %% right: as a network of ReLUs in float32
def min_units(f, eps):
    x = torch.linspace(0, 1, 201)
    N = 1
    while True:
        knots = torch.linspace(0, 1, N + 1)
        y = f(knots)
        v = torch.diff(y.diff() / knots.diff(), prepend=torch.zeros(1))
        g = y[0] + torch.relu(x[:, None] - knots[:-1]) @ v
        if torch.max(torch.abs(g - f(x))) <= eps:
            return N
        N = N + 1


# %% right: a finer measure and a tensor as the result
def min_units(f, eps):
    places = torch.linspace(0, 1, 5001, dtype=torch.float64)
    wanted = f(places).numpy()
    for N in range(1, 200):
        knots = torch.linspace(0, 1, N + 1, dtype=torch.float64)
        if abs(np.interp(places.numpy(), knots.numpy(), f(knots).numpy()) - wanted).max() <= eps:
            return torch.tensor(N)


# %% right: all errors first
def min_units(f, eps):
    places = np.linspace(0, 1, 201)
    errors = []
    for N in range(1, 257):
        knots = np.arange(N + 1) / N
        errors.append(np.linalg.norm(np.interp(places, knots, f(knots)) - f(places), ord=np.inf))
    return np.argmax(np.array(errors) <= eps) + 1


# %% wrong: counts the knots -> min_units_square, min_units_falling, min_units_both_ways, min_units_steep, min_units_one: ount pieces, not knots
def min_units(f, eps):
    places = np.linspace(0, 1, 201)
    N = 1
    while True:
        knots = np.linspace(0, 1, N + 1)
        if np.abs(np.interp(places, knots, f(knots)) - f(places)).max() <= eps:
            return N + 1
        N += 1


# %% wrong: N points in place of N pieces -> min_units_square, min_units_falling, min_units_both_ways, min_units_steep, min_units_one: ount pieces, not knots
def min_units(f, eps):
    places = np.linspace(0, 1, 201)
    N = 2
    while True:
        knots = np.linspace(0, 1, N)
        if np.abs(np.interp(places, knots, f(knots)) - f(places)).max() <= eps:
            return N
        N += 1


# %% wrong: doubling without going back -> min_units_square, min_units_falling, min_units_both_ways, min_units_steep: the smallest N
def min_units(f, eps):
    places = np.linspace(0, 1, 201)
    N = 1
    while True:
        knots = np.linspace(0, 1, N + 1)
        if np.abs(np.interp(places, knots, f(knots)) - f(places)).max() <= eps:
            return N
        N *= 2


# %% wrong: the mean error -> min_units_square, min_units_falling, min_units_both_ways, min_units_steep, min_units_one: largest
def min_units(f, eps):
    places = np.linspace(0, 1, 201)
    N = 1
    while True:
        knots = np.linspace(0, 1, N + 1)
        if np.abs(np.interp(places, knots, f(knots)) - f(places)).mean() <= eps:
            return N
        N += 1


# %% wrong: the root of the mean squared error -> min_units_square, min_units_falling, min_units_both_ways, min_units_steep, min_units_one: largest
def min_units(f, eps):
    places = np.linspace(0, 1, 201)
    N = 1
    while True:
        knots = np.linspace(0, 1, N + 1)
        if np.square(np.interp(places, knots, f(knots)) - f(places)).mean() ** 0.5 <= eps:
            return N
        N += 1


# %% wrong: the sign of the error kept, f minus lines -> min_units_square, min_units_one: size of the difference
def min_units(f, eps):
    places = np.linspace(0, 1, 201)
    N = 1
    while True:
        knots = np.linspace(0, 1, N + 1)
        if (f(places) - np.interp(places, knots, f(knots))).max() <= eps:
            return N
        N += 1


# %% wrong: the sign of the error kept, lines minus f -> min_units_falling, min_units_both_ways, min_units_steep: the size of the difference
def min_units(f, eps):
    places = np.linspace(0, 1, 201)
    N = 1
    while True:
        knots = np.linspace(0, 1, N + 1)
        if (np.interp(places, knots, f(knots)) - f(places)).max() <= eps:
            return N
        N += 1


# %% wrong: measured at the knots -> min_units_square, min_units_falling, min_units_both_ways, min_units_steep, min_units_one: etween the knots
def min_units(f, eps):
    N = 1
    while True:
        knots = np.linspace(0, 1, N + 1)
        if np.abs(np.interp(knots, knots, f(knots)) - f(knots)).max() <= eps:
            return N
        N += 1


# %% wrong: measured half-way between knots -> min_units_both_ways, min_units_steep: not half-way
def min_units(f, eps):
    N = 1
    while True:
        knots = np.linspace(0, 1, N + 1)
        middle = (knots[1:] + knots[:-1]) / 2
        if np.abs((f(knots)[1:] + f(knots)[:-1]) / 2 - f(middle)).max() <= eps:
            return N
        N += 1


# %% wrong: the search begins at 2 -> min_units_one: begin the search there
def min_units(f, eps):
    places = np.linspace(0, 1, 201)
    N = 2
    while True:
        knots = np.linspace(0, 1, N + 1)
        if np.abs(np.interp(places, knots, f(knots)) - f(places)).max() <= eps:
            return N
        N += 1


# %% wrong: the bound for a second derivative of 1 -> min_units_square, min_units_falling, min_units_both_ways, min_units_steep, min_units_one: argest error
def min_units(f, eps):
    return math.ceil(1 / math.sqrt(8 * eps))


# %% wrong: one too few -> min_units_square, min_units_falling, min_units_both_ways, min_units_steep, min_units_one: argest error
def min_units(f, eps):
    places = np.linspace(0, 1, 201)
    N = 1
    while True:
        knots = np.linspace(0, 1, N + 1)
        if np.abs(np.interp(places, knots, f(knots)) - f(places)).max() <= eps:
            return N - 1
        N += 1


# %% wrong: the error at the last place only -> min_units_square, min_units_falling, min_units_both_ways, min_units_steep, min_units_one: argest error
def min_units(f, eps):
    places = np.linspace(0, 1, 201)
    N = 1
    while True:
        knots = np.linspace(0, 1, N + 1)
        if abs(np.interp(places, knots, f(knots)) - f(places))[-1] <= eps:
            return N
        N += 1


# %% wrong: the visible values looked up -> min_units_both_ways, min_units_steep, min_units_one: mallest N
def min_units(f, eps):
    return {0.012: 5, 0.0026: 10, 0.022: 6}.get(eps, 10 if eps < 0.05 else 7)


# %% wrong: gives up at 64 pieces -> min_units_both_ways: go on searching
def min_units(f, eps):
    places = np.linspace(0, 1, 201)
    for N in range(1, 65):
        knots = np.linspace(0, 1, N + 1)
        if np.abs(np.interp(places, knots, f(knots)) - f(places)).max() <= eps:
            break
    return N


# %% wrong: less than eps asked for -> min_units_one: at most eps is allowed
def min_units(f, eps):
    places = np.linspace(0, 1, 201)
    N = 1
    while True:
        knots = np.linspace(0, 1, N + 1)
        if np.abs(np.interp(places, knots, f(knots)) - f(places)).max() < eps:
            return N
        N += 1


# %% wrong: no piece at all for a large eps -> min_units_one: begin the search there
def min_units(f, eps):
    places = np.linspace(0, 1, 201)
    N = 0
    while True:
        knots = np.linspace(0, 1, N + 1)
        if np.abs(np.interp(places, knots, f(knots)) - f(places)).max() <= eps:
            return N
        N += 1


# %% wrong: measured at 200 places -> min_units_one: all 201 places
def min_units(f, eps):
    places = np.linspace(0, 1, 200)
    N = 1
    while True:
        knots = np.linspace(0, 1, N + 1)
        if np.abs(np.interp(places, knots, f(knots)) - f(places)).max() <= eps:
            return N
        N += 1


# %% wrong: in proportion to the largest height -> min_units_falling, min_units_both_ways, min_units_steep, min_units_one: largest error
def min_units(f, eps):
    places = np.linspace(0, 1, 201)
    heights = f(places)
    for pieces in range(1, 500):
        knots = np.linspace(0, 1, pieces + 1)
        if abs(np.interp(places, knots, f(knots)) - heights).max() / abs(heights).max() <= eps:
            return pieces


# %% wrong: the first number of pieces that misses -> min_units_square, min_units_falling, min_units_both_ways, min_units_steep, min_units_one: argest error
def min_units(f, eps):
    places = np.linspace(0, 1, 201)

    def error(N):
        knots = np.linspace(0, 1, N + 1)
        lines = np.interp(places, knots, f(knots))
        return np.abs(lines - f(places)).max()

    for N in range(1, 2000):
        if error(N) > eps:
            return N


# %% wrong: an answer kept for each eps, whatever the curve -> min_units_one: largest error
SEEN = {}


def min_units(f, eps):
    if eps in SEEN:
        return SEEN[eps]
    places = np.linspace(0, 1, 201)

    def error(N):
        knots = np.linspace(0, 1, N + 1)
        lines = np.interp(places, knots, f(knots))
        return np.abs(lines - f(places)).max()

    for N in range(1, 2000):
        if error(N) <= eps:
            SEEN[eps] = N
            return N


# %% wrong: not measured at the right end -> min_units_steep: from 0 to 1
def min_units(f, eps):
    places = np.linspace(0, 0.95, 191)

    def error(N):
        knots = np.linspace(0, 1, N + 1)
        lines = np.interp(places, knots, f(knots))
        return np.abs(lines - f(places)).max()

    for N in range(1, 2000):
        if error(N) <= eps:
            return N
