# %% right: in place, with ndindex
def gradcheck(loss, x, y, eps=1e-5):
    loss(loss.net(x), y)
    loss.backward()
    grads = [[g.copy() for g in layer.grads] for layer in loss.net.layers]
    errors = [0.0]
    for layer, gs in zip(loss.net.layers, grads):
        for p, g in zip(layer.params, gs):
            for place in np.ndindex(*p.shape):
                old = p[place]
                p[place] = old + eps
                up = loss(loss.net(x), y)
                p[place] = old - eps
                down = loss(loss.net(x), y)
                p[place] = old
                n = (up - down) / (2 * eps)
                errors.append(abs(g[place] - n) / max(abs(g[place]), abs(n), 1e-4))
    return max(errors)


# %% right: by update, with whole new arrays
def gradcheck(loss, x, y, eps=1e-5):
    def value():
        return loss(loss.net(x), y)

    value()
    loss.backward()
    worst = 0.0
    for layer in loss.net.layers:
        old, grads = list(layer.params), list(layer.grads)
        for k, (p, g) in enumerate(zip(old, grads)):
            for i in range(p.size):
                ends = []
                for sign in (1, -1):
                    new = p.copy()
                    new.flat[i] += sign * eps
                    layer.update([*old[:k], new, *old[k + 1 :]])
                    ends.append(value())
                worst = max(worst, relative_error(g.flat[i], (ends[0] - ends[1]) / (2 * eps)))
        layer.update(old)
    return worst


# %% right: a helper that yields all numbers, NumPy for the errors
def gradcheck(loss, x, y, eps=1e-5):
    loss(loss.net(x), y)
    loss.backward()
    pairs = [pair for layer in loss.net.layers for pair in zip(layer.params, layer.grads)]
    g, n = [], []
    for p, grad in pairs:
        flat = p.reshape(-1)
        for i, old in enumerate(flat.copy()):
            flat[i] = old + eps
            up = loss(loss.net(x), y)
            flat[i] = old - eps
            n.append((up - loss(loss.net(x), y)) / 2 / eps)
            flat[i] = old
        g.extend(grad.ravel())
    if not g:
        return 0.0
    g, n = np.array(g), np.array(n)
    return float((np.abs(g - n) / np.maximum(np.maximum(np.abs(g), np.abs(n)), 1e-4)).max())


# %% right: nudges a copy of the network
import copy


def gradcheck(loss, x, y, eps=1e-5):
    loss = copy.deepcopy(loss)
    loss(loss.net(x), y)
    loss.backward()
    worst = 0.0
    for layer in loss.net.layers:
        for p, g in zip(layer.params, copy.deepcopy(layer.grads)):
            for place, slope in np.ndenumerate(g):
                p[place] += eps
                up = loss(loss.net(x), y)
                p[place] -= 2 * eps
                down = loss(loss.net(x), y)
                p[place] += eps
                worst = max(worst, relative_error(slope, (up - down) / (2 * eps)))
    return worst


# %% right: with +=, in place
def gradcheck(loss, x, y, eps=1e-5):
    loss(loss.net(x), y)
    loss.backward()
    errors = []
    for layer in loss.net.layers:
        for p, g in zip(layer.params, layer.grads):
            nudge = np.nditer(p, flags=["multi_index"])
            for _ in nudge:
                at = nudge.multi_index
                ends = {}
                for sign in (+1, -1):
                    p[at] += sign * eps
                    ends[sign] = loss(loss.net(x), y)
                    p[at] -= sign * eps
                errors.append(relative_error(g[at], (ends[1] - ends[-1]) / (2 * eps)))
    return max(errors, default=0.0)


# %% right: through update
def gradcheck(loss, x, y, eps=1e-5):
    net = loss.net
    loss(net(x), y)
    loss.backward()
    grads = [[g.copy() for g in layer.grads] for layer in net.layers]

    def value(layer, k, place, by):
        start = list(layer.params)
        moved = start[k].copy()
        moved[place] += by
        layer.update(start[:k] + [moved] + start[k + 1 :])
        try:
            return loss(net(x), y)
        finally:
            layer.update(start)

    return max(
        (
            relative_error(grads[i][k][place], (value(layer, k, place, eps) - value(layer, k, place, -eps)) / (2 * eps))
            for i, layer in enumerate(net.layers)
            for k, p in enumerate(layer.params)
            for place in np.ndindex(p.shape)
        ),
        default=0.0,
    )


# %% right: a generator, and finally puts back
def gradcheck(loss, x, y, eps=1e-5):
    def value():
        return loss(loss.net(x), y)

    value()
    loss.backward()

    def error(p, g, place):
        old = p[place]
        try:
            p[place] = old + eps
            up = value()
            p[place] = old - eps
            return relative_error(g[place], (up - value()) / (2 * eps))
        finally:
            p[place] = old

    return max(
        (
            error(p, g, place)
            for layer in loss.net.layers
            for p, g in zip(layer.params, [np.copy(g) for g in layer.grads])
            for place in np.ndindex(*p.shape)
        ),
        default=0.0,
    )


# %% wrong: one way only -> gradcheck_known, gradcheck_slips, gradcheck_eps: both ways
def gradcheck(loss, x, y, eps=1e-5):
    here = loss(loss.net(x), y)
    loss.backward()
    worst = 0.0
    for layer in loss.net.layers:
        for p, g in zip(layer.params, list(layer.grads)):
            for place in np.ndindex(p.shape):
                old = p[place]
                p[place] = old + eps
                n = (loss(loss.net(x), y) - here) / eps
                p[place] = old
                worst = max(worst, relative_error(g[place], n))
    return worst


# %% wrong: divided by eps -> gradcheck_known, gradcheck_slips, gradcheck_eps: 2 eps
def gradcheck(loss, x, y, eps=1e-5):
    loss(loss.net(x), y)
    loss.backward()
    worst = 0.0
    for layer in loss.net.layers:
        for p, g in zip(layer.params, list(layer.grads)):
            for place in np.ndindex(p.shape):
                old, ends = p[place], []
                for p[place] in (old + eps, old - eps):
                    ends.append(loss(loss.net(x), y))
                p[place] = old
                worst = max(worst, relative_error(g[place], (ends[0] - ends[1]) / eps))
    return worst


# %% wrong: does not put the numbers back -> gradcheck_known, gradcheck_eps: put it back
def gradcheck(loss, x, y, eps=1e-5):
    loss(loss.net(x), y)
    loss.backward()
    worst = 0.0
    for layer in loss.net.layers:
        for p, g in zip(layer.params, list(layer.grads)):
            for place in np.ndindex(p.shape):
                old, ends = p[place], []
                for p[place] in (old + eps, old - eps):
                    ends.append(loss(loss.net(x), y))
                worst = max(worst, relative_error(g[place], (ends[0] - ends[1]) / (2 * eps)))
    return worst


# %% wrong: the absolute error -> gradcheck_known, gradcheck_slips, gradcheck_eps: e
def gradcheck(loss, x, y, eps=1e-5):
    loss(loss.net(x), y)
    loss.backward()
    worst = 0.0
    for layer in loss.net.layers:
        for p, g in zip(layer.params, list(layer.grads)):
            for place in np.ndindex(p.shape):
                old, ends = p[place], []
                for p[place] in (old + eps, old - eps):
                    ends.append(loss(loss.net(x), y))
                p[place] = old
                worst = max(worst, abs(g[place] - (ends[0] - ends[1]) / (2 * eps)))
    return worst


# %% wrong: divided by the sum of both -> gradcheck_known, gradcheck_slips, gradcheck_eps: e
def gradcheck(loss, x, y, eps=1e-5):
    loss(loss.net(x), y)
    loss.backward()
    worst = 0.0
    for layer in loss.net.layers:
        for p, g in zip(layer.params, list(layer.grads)):
            for place in np.ndindex(p.shape):
                old, ends = p[place], []
                for p[place] in (old + eps, old - eps):
                    ends.append(loss(loss.net(x), y))
                p[place] = old
                n = (ends[0] - ends[1]) / (2 * eps)
                worst = max(worst, abs(g[place] - n) / max(abs(g[place]) + abs(n), 1e-4))
    return worst


# %% wrong: the mean of the errors -> gradcheck_known, gradcheck_slips, gradcheck_eps: e
def gradcheck(loss, x, y, eps=1e-5):
    loss(loss.net(x), y)
    loss.backward()
    errors = [0.0]
    for layer in loss.net.layers:
        for p, g in zip(layer.params, list(layer.grads)):
            for place in np.ndindex(p.shape):
                old, ends = p[place], []
                for p[place] in (old + eps, old - eps):
                    ends.append(loss(loss.net(x), y))
                p[place] = old
                errors.append(relative_error(g[place], (ends[0] - ends[1]) / (2 * eps)))
    return sum(errors) / max(1, len(errors) - 1)


# %% wrong: the last layer only -> gradcheck_known, gradcheck_slips: every
def gradcheck(loss, x, y, eps=1e-5):
    loss(loss.net(x), y)
    loss.backward()
    worst = 0.0
    for layer in loss.net.layers:
        worst = 0.0
        for p, g in zip(layer.params, list(layer.grads)):
            for place in np.ndindex(p.shape):
                old, ends = p[place], []
                for p[place] in (old + eps, old - eps):
                    ends.append(loss(loss.net(x), y))
                p[place] = old
                worst = max(worst, relative_error(g[place], (ends[0] - ends[1]) / (2 * eps)))
    return worst


# %% wrong: the first array of each layer only -> gradcheck_slips: every array
def gradcheck(loss, x, y, eps=1e-5):
    loss(loss.net(x), y)
    loss.backward()
    worst = 0.0
    for layer in loss.net.layers:
        if layer.params:
            p, g = layer.params[0], layer.grads[0]
            for place in np.ndindex(p.shape):
                old, ends = p[place], []
                for p[place] in (old + eps, old - eps):
                    ends.append(loss(loss.net(x), y))
                p[place] = old
                worst = max(worst, relative_error(g[place], (ends[0] - ends[1]) / (2 * eps)))
    return worst


# %% wrong: whole rows are nudged at once -> gradcheck_known, gradcheck_slips, gradcheck_eps: e
def gradcheck(loss, x, y, eps=1e-5):
    loss(loss.net(x), y)
    loss.backward()
    worst = 0.0
    for layer in loss.net.layers:
        for p, g in zip(layer.params, list(layer.grads)):
            for i in range(len(p)):
                old, ends = p[i].copy(), []
                for sign in (1, -1):
                    p[i] = old + sign * eps
                    ends.append(loss(loss.net(x), y))
                p[i] = old
                n = (ends[0] - ends[1]) / (2 * eps)
                for slope in np.atleast_1d(g[i]):
                    worst = max(worst, relative_error(slope, n))
    return worst


# %% wrong: always its own eps -> gradcheck_eps: Nudge by the eps that is given
def gradcheck(loss, x, y, eps=1e-5):
    eps = 1e-6
    loss(loss.net(x), y)
    loss.backward()
    worst = 0.0
    for layer in loss.net.layers:
        for p, g in zip(layer.params, list(layer.grads)):
            for place in np.ndindex(p.shape):
                old, ends = p[place], []
                for p[place] in (old + eps, old - eps):
                    ends.append(loss(loss.net(x), y))
                p[place] = old
                worst = max(worst, relative_error(g[place], (ends[0] - ends[1]) / (2 * eps)))
    return worst


# %% wrong: no floor for gradients near 0 -> gradcheck_slips: 1e-4
def gradcheck(loss, x, y, eps=1e-5):
    loss(loss.net(x), y)
    loss.backward()
    worst = 0.0
    for layer in loss.net.layers:
        for p, g in zip(layer.params, list(layer.grads)):
            for place in np.ndindex(p.shape):
                old, ends = p[place], []
                for p[place] in (old + eps, old - eps):
                    ends.append(loss(loss.net(x), y))
                p[place] = old
                n = (ends[0] - ends[1]) / (2 * eps)
                worst = max(worst, abs(g[place] - n) / max(abs(g[place]), abs(n), 1e-12))
    return worst


# %% wrong: fails without parameters -> gradcheck_slips: Without parameters
def gradcheck(loss, x, y, eps=1e-5):
    loss(loss.net(x), y)
    loss.backward()
    errors = []
    for layer in loss.net.layers:
        for p, g in zip(layer.params, list(layer.grads)):
            for place in np.ndindex(p.shape):
                old, ends = p[place], []
                for p[place] in (old + eps, old - eps):
                    ends.append(loss(loss.net(x), y))
                p[place] = old
                errors.append(relative_error(g[place], (ends[0] - ends[1]) / (2 * eps)))
    return max(errors)


# %% wrong: nudges copies -> gradcheck_known, gradcheck_slips, gradcheck_eps: e
def gradcheck(loss, x, y, eps=1e-5):
    loss(loss.net(x), y)
    loss.backward()
    worst = 0.0
    for layer in loss.net.layers:
        for p, g in zip(layer.params, list(layer.grads)):
            p = p.copy()
            for place in np.ndindex(p.shape):
                old, ends = p[place], []
                for p[place] in (old + eps, old - eps):
                    ends.append(loss(loss.net(x), y))
                p[place] = old
                worst = max(worst, relative_error(g[place], (ends[0] - ends[1]) / (2 * eps)))
    return worst


# %% wrong: only says whether all is well -> gradcheck_known, gradcheck_slips, gradcheck_eps: e
def gradcheck(loss, x, y, eps=1e-5):
    loss(loss.net(x), y)
    loss.backward()
    for layer in loss.net.layers:
        for p, g in zip(layer.params, list(layer.grads)):
            for place in np.ndindex(p.shape):
                old, ends = p[place], []
                for p[place] in (old + eps, old - eps):
                    ends.append(loss(loss.net(x), y))
                p[place] = old
                if relative_error(g[place], (ends[0] - ends[1]) / (2 * eps)) > 1e-6:
                    return False
    return True


# %% wrong: the sign is kept, so too small a gradient is no error -> gradcheck_slips, gradcheck_eps: abs(g - n)
def gradcheck(loss, x, y, eps=1e-5):
    loss(loss.net(x), y)
    loss.backward()
    worst = 0.0
    for layer in loss.net.layers:
        for p, g in zip(layer.params, list(layer.grads)):
            for place in np.ndindex(p.shape):
                old, ends = p[place], []
                for p[place] in (old + eps, old - eps):
                    ends.append(loss(loss.net(x), y))
                p[place] = old
                n = (ends[0] - ends[1]) / (2 * eps)
                worst = max(worst, (n - g[place]) / max(abs(g[place]), abs(n), 1e-4))
    return worst


# %% wrong: gradients that are there are taken as they are -> gradcheck_slips: First loss(loss.net(x), y) and loss.backward()
def gradcheck(loss, x, y, eps=1e-5):
    if not any(layer.grads for layer in loss.net.layers):
        loss(loss.net(x), y)
        loss.backward()
    worst = 0.0
    for layer in loss.net.layers:
        for p, g in zip(layer.params, layer.grads):
            for place in np.ndindex(p.shape):
                old = p[place]
                p[place] = old + eps
                up = loss(loss.net(x), y)
                p[place] = old - eps
                down = loss(loss.net(x), y)
                p[place] = old
                worst = max(worst, relative_error(g[place], (up - down) / (2 * eps)))
    return worst


# %% wrong: leaves out gradients of 0 -> gradcheck_slips: leave no parameter out
def gradcheck(loss, x, y, eps=1e-5):
    loss(loss.net(x), y)
    loss.backward()
    worst = 0.0
    for layer in loss.net.layers:
        for p, g in zip(layer.params, layer.grads):
            for place in np.ndindex(p.shape):
                if g[place] == 0:
                    continue
                old = p[place]
                p[place] = old + eps
                up = loss(loss.net(x), y)
                p[place] = old - eps
                down = loss(loss.net(x), y)
                p[place] = old
                worst = max(worst, relative_error(g[place], (up - down) / (2 * eps)))
    return worst


# %% wrong: at most 1 -> gradcheck_slips: which may be above 1
def gradcheck(loss, x, y, eps=1e-5):
    loss(loss.net(x), y)
    loss.backward()
    worst = 0.0
    for layer in loss.net.layers:
        for p, g in zip(layer.params, layer.grads):
            for place in np.ndindex(p.shape):
                old = p[place]
                p[place] = old + eps
                up = loss(loss.net(x), y)
                p[place] = old - eps
                down = loss(loss.net(x), y)
                p[place] = old
                worst = max(worst, relative_error(g[place], (up - down) / (2 * eps)))
    return min(worst, 1.0)


# %% wrong: nudges that grow with the parameter -> gradcheck_eps: Nudge by the eps that is given
def gradcheck(loss, x, y, eps=1e-5):
    loss(loss.net(x), y)
    loss.backward()
    worst = 0.0
    for layer in loss.net.layers:
        for p, g in zip(layer.params, layer.grads):
            for place in np.ndindex(p.shape):
                old = p[place]
                h = eps * max(1.0, abs(old))
                p[place] = old + h
                up = loss(loss.net(x), y)
                p[place] = old - h
                down = loss(loss.net(x), y)
                p[place] = old
                n = (up - down) / (2 * h)
                worst = max(worst, relative_error(g[place], n))
    return worst


# %% wrong: the first error that is not tiny -> gradcheck_slips: Of two wrong gradients
def gradcheck(loss, x, y, eps=1e-5):
    loss(loss.net(x), y)
    loss.backward()
    worst = 0.0
    for layer in loss.net.layers:
        for p, g in zip(layer.params, layer.grads):
            for place in np.ndindex(p.shape):
                old = p[place]
                p[place] = old + eps
                up = loss(loss.net(x), y)
                p[place] = old - eps
                down = loss(loss.net(x), y)
                p[place] = old
                error = relative_error(g[place], (up - down) / (2 * eps))
                worst = max(worst, error)
                if eps < 1e-4 and error > 1e-3:
                    return error
    return worst


# %% wrong: the usual eps is another one -> gradcheck_eps: Where eps is left out
def gradcheck(loss, x, y, eps=1e-4):
    loss(loss.net(x), y)
    loss.backward()
    worst = 0.0
    for layer in loss.net.layers:
        for p, g in zip(layer.params, layer.grads):
            for place in np.ndindex(p.shape):
                old = p[place]
                p[place] = old + eps
                up = loss(loss.net(x), y)
                p[place] = old - eps
                down = loss(loss.net(x), y)
                p[place] = old
                n = (up - down) / (2 * eps)
                worst = max(worst, relative_error(g[place], n))
    return worst


# %% right: errors of whole arrays at once
def gradcheck(loss, x, y, eps=1e-5):
    loss(loss.net(x), y)
    loss.backward()
    result = 0.0
    for layer in loss.net.layers:
        for p, g in zip(layer.params, [g.copy() for g in layer.grads]):
            n = np.zeros(p.shape)
            before = p.copy()
            for place in np.ndindex(p.shape):
                p[place] += eps
                n[place] = loss(loss.net(x), y)
                p[place] = before[place] - eps
                n[place] -= loss(loss.net(x), y)
                p[...] = before
            n /= 2 * eps
            errors = np.abs(g - n) / np.maximum(np.maximum(np.abs(g), np.abs(n)), 1e-4)
            result = np.maximum(result, errors.max(initial=0.0))
    return result


# %% wrong: the last layer is not visited -> gradcheck_slips: The last layer has parameters, too
def gradcheck(loss, x, y, eps=1e-5):
    loss(loss.net(x), y)
    loss.backward()
    worst = 0.0
    for layer in loss.net.layers[:-1] or loss.net.layers:
        for p, g in zip(layer.params, layer.grads):
            for place in np.ndindex(p.shape):
                old = p[place]
                p[place] = old + eps
                up = loss(loss.net(x), y)
                p[place] = old - eps
                down = loss(loss.net(x), y)
                p[place] = old
                n = (up - down) / (2 * eps)
                worst = max(worst, abs(g[place] - n) / max(abs(g[place]), abs(n), 1e-4))
    return worst


# %% wrong: arrays of one dimension are taken for right -> gradcheck_slips: in an array of one dimension
def gradcheck(loss, x, y, eps=1e-5):
    loss(loss.net(x), y)
    loss.backward()
    worst = 0.0
    for layer in loss.net.layers:
        for p, g in zip(layer.params, layer.grads):
            if p.ndim < 2:
                continue
            for place in np.ndindex(p.shape):
                old = p[place]
                p[place] = old + eps
                up = loss(loss.net(x), y)
                p[place] = old - eps
                down = loss(loss.net(x), y)
                p[place] = old
                worst = max(worst, relative_error(g[place], (up - down) / (2 * eps)))
    return worst


# %% wrong: HalfSquares, whatever the loss -> gradcheck_slips: another one than HalfSquares
def gradcheck(loss, x, y, eps=1e-5):
    loss = HalfSquares(loss.net)
    loss(loss.net(x), y)
    loss.backward()
    worst = 0.0
    for layer in loss.net.layers:
        for p, g in zip(layer.params, layer.grads):
            for place in np.ndindex(p.shape):
                old = p[place]
                p[place] = old + eps
                up = loss(loss.net(x), y)
                p[place] = old - eps
                down = loss(loss.net(x), y)
                p[place] = old
                n = (up - down) / (2 * eps)
                worst = max(worst, relative_error(g[place], n))
    return worst
