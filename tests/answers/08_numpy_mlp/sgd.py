# %% right: deck 003's way
class SGD:
    def __init__(self, net, lr):
        self.net = net
        self.lr = lr

    def update(self):
        for layer in self.net.layers:
            layer.update([params - self.lr * grads for params, grads in zip(layer.params, layer.grads)])


# %% right: in place
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            for p, g in zip(layer.params, layer.grads):
                p -= self.lr * g


# %% right: by index, new lists
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            new = []
            for i in range(len(layer.params)):
                new.append(np.subtract(layer.params[i], np.multiply(layer.grads[i], self.lr)))
            layer.update(new)


# %% right: layers without parameters are left out
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def step(self, p, g):
        return p + (-self.lr) * g

    def update(self):
        for layer in filter(lambda layer: layer.params, self.net.layers):
            layer.update(list(map(self.step, layer.params, layer.grads)))


# %% right: a copy, then in place through a view
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            new = [p.copy() for p in layer.params]
            for p, g in zip(new, layer.grads):
                flat = p.reshape(-1)
                flat -= self.lr * g.reshape(-1)
            layer.update(new)


# %% right: PyTorch's optimizer
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            leaves = [torch.tensor(p, requires_grad=True) for p in layer.params]
            for leaf, g in zip(leaves, layer.grads):
                leaf.grad = torch.tensor(g)
            if leaves:
                torch.optim.SGD(leaves, lr=self.lr).step()
            layer.update([leaf.detach().numpy() for leaf in leaves])


# %% right: map over both lists
class SGD:
    def __init__(self, net, lr):
        self.net = net
        self.lr = lr

    def update(self):
        for layer in self.net.layers:
            layer.update(list(map(lambda p, g: p + -self.lr * g, layer.params, layer.grads)))


# %% wrong: uphill -> sgd_step, sgd_arrays, sgd_again: p
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            layer.update([p + self.lr * g for p, g in zip(layer.params, layer.grads)])


# %% wrong: without the learning rate -> sgd_step, sgd_arrays, sgd_again: p
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            layer.update([p - g for p, g in zip(layer.params, layer.grads)])


# %% wrong: the new arrays are computed and dropped -> sgd_step, sgd_arrays, sgd_again: p
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            for p, g in zip(layer.params, layer.grads):
                p = p - self.lr * g


# %% wrong: only the first array of a layer -> sgd_arrays, sgd_again: array
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            if layer.params:
                layer.params[0] = layer.params[0] - self.lr * layer.grads[0]


# %% wrong: a layer without parameters breaks it -> sgd_step, sgd_arrays, sgd_again: empty lists
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            first = layer.params[0] - self.lr * layer.grads[0]
            rest = [p - self.lr * g for p, g in zip(layer.params[1:], layer.grads[1:])]
            layer.update([first, *rest])


# %% wrong: stops at a layer without parameters -> sgd_step, sgd_arrays: layer
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            if not layer.params:
                break
            layer.update([p - self.lr * g for p, g in zip(layer.params, layer.grads)])


# %% wrong: keeps the parameters of the start -> sgd_again: not in __init__
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr
        self.params = [list(layer.params) for layer in net.layers]

    def update(self):
        for layer, params in zip(self.net.layers, self.params):
            layer.update([p - self.lr * g for p, g in zip(params, layer.grads)])


# %% wrong: keeps the learning rate of the start -> sgd_again: a schedule may change it
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr
        self.first = lr

    def update(self):
        for layer in self.net.layers:
            layer.update([p - self.first * g for p, g in zip(layer.params, layer.grads)])


# %% wrong: multiplies the gradients in place -> sgd_again: p
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            for g in layer.grads:
                g *= self.lr
            layer.update([p - g for p, g in zip(layer.params, layer.grads)])


# %% wrong: sets the gradients to 0 afterwards -> sgd_again: p
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            layer.update([p - self.lr * g for p, g in zip(layer.params, layer.grads)])
            layer.grads = [np.zeros_like(g) for g in layer.grads]


# %% wrong: sets the gradients to 0 in the last step only it sees -> sgd_again: gradients must stay
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr, self.count = net, lr, 0

    def update(self):
        self.count += 1
        for layer in self.net.layers:
            layer.update([p - self.lr * g for p, g in zip(layer.params, layer.grads)])
            if self.count == 3:
                layer.grads = [0 * g for g in layer.grads]


# %% wrong: weight decay nobody asked for -> sgd_step, sgd_arrays, sgd_again: p
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            layer.update([p - self.lr * (g + 0.01 * p) for p, g in zip(layer.params, layer.grads)])


# %% wrong: the mean of each gradient -> sgd_step, sgd_arrays, sgd_again: p
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            layer.update([p - self.lr * g.mean() for p, g in zip(layer.params, layer.grads)])


# %% wrong: keeps the lists of gradients -> sgd_again: read layer.grads in update
class SGD:
    def __init__(self, net, lr):
        self.net = net
        self.lr = lr
        self.gs = [l.grads for l in net.layers]

    def update(self):
        for layer, gs in zip(self.net.layers, self.gs):
            layer.update([p - self.lr * g for p, g in zip(layer.params, gs)])


# %% wrong: gradients above 1000 cut off -> sgd_arrays: Every array of every layer
class SGD:
    def __init__(self, net, lr):
        self.net = net
        self.lr = lr

    def update(self):
        for layer in self.net.layers:
            layer.update([p - self.lr * np.clip(g, -1e3, 1e3) for p, g in zip(layer.params, layer.grads)])


# %% wrong: gradients below 0.001 left out -> sgd_arrays: Every array of every layer
class SGD:
    def __init__(self, net, lr):
        self.net = net
        self.lr = lr

    def update(self):
        for layer in self.net.layers:
            layer.update([p - self.lr * np.where(np.abs(g) > 1e-3, g, 0) for p, g in zip(layer.params, layer.grads)])
