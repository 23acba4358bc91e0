# %% right: slopes, then their differences with cat
def relu_weights(x, y):
    slopes = (y[1:] - y[:-1]) / (x[1:] - x[:-1])
    v = torch.cat([slopes[:1], slopes[1:] - slopes[:-1]])
    return -x[:-1], v, y[0]


# %% right: a loop over Python floats, lists and a float
def relu_weights(x, y):
    x, y = x.tolist(), y.tolist()
    b, v, slope = [], [], 0.0
    for i in range(len(x) - 1):
        new = (y[i + 1] - y[i]) / (x[i + 1] - x[i])
        b.append(-x[i])
        v.append(new - slope)
        slope = new
    return b, v, y[0]


# %% right: numpy
def relu_weights(x, y):
    slopes = np.diff(y.numpy()) / np.diff(x.numpy())
    return -x.numpy()[:-1], np.diff(slopes, prepend=0.0), y[0].item()


# %% right: a triangular system
def relu_weights(x, y):
    x, y = x.double(), y.double()
    units = torch.relu(x[1:, None] - x[:-1])
    v = torch.linalg.solve_triangular(units, (y[1:] - y[0])[:, None], upper=False)
    return -x[:-1], v.flatten(), y[0]


# %% right: least squares with a column of ones
def relu_weights(x, y):
    table = torch.cat([torch.ones(len(x), 1), torch.relu(x[:, None] - x[:-1])], 1).double()
    w = torch.linalg.lstsq(table, y.double()[:, None], driver="gelsd").solution.flatten()
    return -x[:-1], w[1:], w[0]


# %% right: each unit takes up what is left
def relu_weights(x, y):
    left = y - y[0]
    v = torch.zeros(len(x) - 1)
    for i in range(len(x) - 1):
        v[i] = left[i + 1] / (x[i + 1] - x[i])
        left = left - v[i] * torch.relu(x - x[i])
    return x[:-1].neg(), v, y[:1]


# %% right: a list of three, float64
def relu_weights(x, y):
    x, y = x.to(torch.float64), y.to(torch.float64)
    slopes = torch.zeros(len(x), dtype=torch.float64)
    slopes[1:] = y.diff() / x.diff()
    return [-1 * x[: len(x) - 1], slopes.diff(), y[0].clone()]


# %% wrong: slopes in place of changes of slope -> relu_weights_turns, relu_weights_uneven, relu_weights_falling, relu_weights_whole: change of slope
def relu_weights(x, y):
    return -x[:-1], y.diff() / x.diff(), y[0]


# %% wrong: the first height forgotten -> relu_weights_uneven, relu_weights_falling, relu_weights_one_unit, relu_weights_constant, relu_weights_whole: c = y[0]
def relu_weights(x, y):
    slopes = y.diff() / x.diff()
    return -x[:-1], torch.diff(slopes, prepend=torch.zeros(1)), torch.tensor(0.0)


# %% wrong: the biases have the wrong sign -> relu_weights_biases, relu_weights_one_unit, relu_weights_whole: b[i] = -x[i]
def relu_weights(x, y):
    slopes = y.diff() / x.diff()
    return x[:-1], torch.diff(slopes, prepend=torch.zeros(1)), y[0]


# %% wrong: a unit for every point -> relu_weights_biases, relu_weights_turns, relu_weights_uneven, relu_weights_falling, relu_weights_one_unit, relu_weights_whole: ast point needs no unit
def relu_weights(x, y):
    slopes = y.diff() / x.diff()
    zero = torch.zeros(1)
    return -x, torch.diff(slopes, prepend=zero, append=zero), y[0]


# %% wrong: a bias for every point, but not a weight -> relu_weights_biases, relu_weights_one_unit, relu_weights_whole: ast point needs no unit
def relu_weights(x, y):
    slopes = y.diff() / x.diff()
    return -x, torch.diff(slopes, prepend=torch.zeros(1)), y[0]


# %% wrong: units for all points, with the wrong sign -> relu_weights_biases, relu_weights_one_unit, relu_weights_whole: ast point needs no unit
def relu_weights(x, y):
    slopes = y.diff() / x.diff()
    return x, torch.diff(slopes, prepend=torch.zeros(1)), y[0]


# %% wrong: not divided by the distance -> relu_weights_turns, relu_weights_uneven, relu_weights_one_unit, relu_weights_whole: ivide
def relu_weights(x, y):
    return -x[:-1], torch.diff(y.diff(), prepend=torch.zeros(1)), y[0]


# %% wrong: rises as they are -> relu_weights_turns, relu_weights_uneven, relu_weights_falling, relu_weights_one_unit, relu_weights_whole: change of slope
def relu_weights(x, y):
    return -x[:-1], y.diff(), y[0]


# %% wrong: divided by the first distance -> relu_weights_turns, relu_weights_uneven, relu_weights_whole: change of slope
def relu_weights(x, y):
    slopes = y.diff() / (x[1] - x[0])
    return -x[:-1], torch.diff(slopes, prepend=torch.zeros(1)), y[0]


# %% wrong: the first weight is missing -> relu_weights_turns, relu_weights_uneven, relu_weights_falling, relu_weights_one_unit, relu_weights_whole: change of slope
def relu_weights(x, y):
    return -x[:-1], (y.diff() / x.diff()).diff(), y[0]


# %% wrong: old slope minus new slope -> relu_weights_turns, relu_weights_uneven, relu_weights_falling, relu_weights_one_unit, relu_weights_whole: change of slope
def relu_weights(x, y):
    slopes = y.diff() / x.diff()
    return -x[:-1], -torch.diff(slopes, prepend=torch.zeros(1)), y[0]


# %% wrong: only the later changes are turned round -> relu_weights_turns, relu_weights_uneven, relu_weights_falling, relu_weights_whole: change of slope
def relu_weights(x, y):
    slopes = y.diff() / x.diff()
    return -x[:-1], torch.cat([slopes[:1], slopes[:-1] - slopes[1:]]), y[0]


# %% wrong: slopes added up -> relu_weights_turns, relu_weights_uneven, relu_weights_falling, relu_weights_whole: change of slope
def relu_weights(x, y):
    return -x[:-1], (y.diff() / x.diff()).cumsum(0), y[0]


# %% wrong: run over rise -> relu_weights_turns, relu_weights_uneven, relu_weights_falling, relu_weights_one_unit, relu_weights_whole: change of slope
def relu_weights(x, y):
    slopes = x.diff() / y.diff()
    return -x[:-1], torch.diff(slopes, prepend=torch.zeros(1)), y[0]


# %% wrong: weights and constant only -> relu_weights_biases, relu_weights_turns, relu_weights_uneven, relu_weights_falling, relu_weights_constant, relu_weights_one_unit, relu_weights_whole: return b, v, c
def relu_weights(x, y):
    slopes = y.diff() / x.diff()
    return torch.diff(slopes, prepend=torch.zeros(1)), y[0]


# %% wrong: v, b, c in place of b, v, c -> relu_weights_biases, relu_weights_turns, relu_weights_uneven, relu_weights_falling, relu_weights_one_unit, relu_weights_whole: order is b, v, c
def relu_weights(x, y):
    slopes = y.diff() / x.diff()
    return torch.diff(slopes, prepend=torch.zeros(1)), -x[:-1], y[0]


# %% wrong: the last height as the constant -> relu_weights_uneven, relu_weights_falling, relu_weights_one_unit, relu_weights_constant, relu_weights_whole: c = y[0]
def relu_weights(x, y):
    slopes = y.diff() / x.diff()
    return -x[:-1], torch.diff(slopes, prepend=torch.zeros(1)), y[-1]


# %% wrong: the mean height as the constant -> relu_weights_uneven, relu_weights_falling, relu_weights_one_unit, relu_weights_constant, relu_weights_whole: c = y[0]
def relu_weights(x, y):
    slopes = y.diff() / x.diff()
    return -x[:-1], torch.diff(slopes, prepend=torch.zeros(1)), y.mean()


# %% wrong: all weights positive -> relu_weights_turns, relu_weights_uneven, relu_weights_falling, relu_weights_one_unit, relu_weights_whole: change of slope
def relu_weights(x, y):
    slopes = y.diff() / x.diff()
    return -x[:-1], torch.diff(slopes, prepend=torch.zeros(1)).abs(), y[0]


# %% wrong: knots at the ends of the lines -> relu_weights_biases, relu_weights_one_unit, relu_weights_whole: b[i] = -x[i]
def relu_weights(x, y):
    slopes = y.diff() / x.diff()
    return -x[1:], torch.diff(slopes, prepend=torch.zeros(1)), y[0]


# %% wrong: the visible values looked up -> relu_weights_uneven, relu_weights_falling, relu_weights_one_unit, relu_weights_whole: last point needs no unit
def relu_weights(x, y):
    b = [1.0, -0.5, -2.0] if x[0] == -1 else [0.0, -1.0, -2.0]
    return torch.tensor(b), torch.tensor([2.0, -3, 2]), 2.5 if y[0] == 2.5 else 1.0


# %% wrong: the lowest height as the constant -> relu_weights_uneven, relu_weights_falling, relu_weights_one_unit, relu_weights_constant, relu_weights_whole: c = y[0]
def relu_weights(x, y):
    slopes = y.diff() / x.diff()
    return -x[:-1], torch.diff(slopes, prepend=torch.zeros(1)), y.min()


# %% wrong: knots at 0, 1, 2 and so on -> relu_weights_biases, relu_weights_one_unit, relu_weights_whole: b[i] = -x[i]
def relu_weights(x, y):
    slopes = y.diff() / x.diff()
    return -torch.arange(len(x) - 1.0), torch.diff(slopes, prepend=torch.zeros(1)), y[0]


# %% wrong: divided by the mean distance -> relu_weights_turns, relu_weights_uneven, relu_weights_whole: change of slope
def relu_weights(x, y):
    slopes = y.diff() / x.diff().mean()
    return -x[:-1], torch.diff(slopes, prepend=torch.zeros(1)), y[0]


# %% wrong: an output bias that is never below 0 -> relu_weights_uneven, relu_weights_one_unit: also where it is below 0
def relu_weights(x, y):
    slopes = y.diff() / x.diff()
    return -x[:-1], torch.cat([slopes[:1], slopes.diff()]), y[0].relu()


# %% wrong: units without a bend left out -> relu_weights_falling: the unit stays too
def relu_weights(x, y):
    slopes = y.diff() / x.diff()
    v = torch.cat([slopes[:1], slopes.diff()])
    return -x[:-1][v != 0], v[v != 0], y[0]


# %% wrong: the last height as the constant where all lines go down -> relu_weights_falling, relu_weights_one_unit: c = y[0]
def relu_weights(x, y):
    slopes = y.diff() / x.diff()
    return -x[:-1], torch.diff(slopes, prepend=torch.zeros(1)), y[0] if (slopes > 0).any() else y[-1]


# %% wrong: slopes overwritten by their changes -> relu_weights_turns, relu_weights_uneven, relu_weights_falling, relu_weights_whole: change of slope
def relu_weights(x, y):
    s = y.diff() / x.diff()
    for i in range(1, len(s)):
        s[i] = s[i] - s[i - 1]
    return -x[:-1], s, y[0]
