# %% right: deck 003's way, with w and b by name
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        self.w = rng.normal(loc=0.0, scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out))
        self.b = np.zeros(d_out)
        self.params = [self.w, self.b]
        self.grads = []

    def __call__(self, x):
        self.x = x
        return np.dot(x, self.w) + self.b

    def backward(self, grad_output):
        self.grad_w = np.dot(self.x.T, grad_output)
        self.grad_b = grad_output.mean(axis=0) * self.x.shape[0]
        self.grads = [self.grad_w, self.grad_b]
        return np.dot(grad_output, self.w.T)

    def update(self, params):
        self.w, self.b = params
        self.params = [self.w, self.b]


# %% right: params as given by Layer
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        super().__init__()
        std = (2 / (d_in + d_out)) ** 0.5
        self.params = [std * rng.standard_normal((d_in, d_out)), np.zeros(d_out)]

    def __call__(self, x):
        self.input = x.copy()
        return self.input @ self.params[0] + self.params[1]

    def backward(self, grad):
        self.grads = [self.input.T @ grad, np.ones(len(grad)) @ grad]
        return grad @ self.params[0].T


# %% right: einsum, no base class, a property
class Linear:
    def __init__(self, d_in, d_out, rng):
        self.w = rng.normal(0, np.sqrt(2 / (d_in + d_out)), (d_in, d_out))
        self.b = np.zeros((d_out,))

    @property
    def params(self):
        return [self.w, self.b]

    def __call__(self, x):
        self.x = x
        return np.einsum("nd,dc->nc", x, self.w) + self.b

    def backward(self, grad):
        self.grads = [np.einsum("nd,nc->dc", self.x, grad), np.einsum("nc->c", grad)]
        return np.einsum("nc,dc->nd", grad, self.w)

    def update(self, params):
        self.w, self.b = params[0], params[1]


# %% right: one matrix for both, the bias as its last row
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        super().__init__()
        self.all = np.zeros((d_in + 1, d_out))
        self.all[:-1] = rng.normal(0, np.sqrt(2 / (d_in + d_out)), (d_in, d_out))
        self.params = [self.all[:-1], self.all[-1]]

    def __call__(self, x):
        self.x1 = np.hstack([x, np.ones((len(x), 1))])
        return self.x1 @ self.all

    def backward(self, grad):
        both = self.x1.T @ grad
        self.grads = [both[:-1], both[-1]]
        return grad @ self.all[:-1].T

    def update(self, params):
        self.all[:-1], self.all[-1] = params


# %% right: PyTorch does the way back
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        super().__init__()
        self.params = [rng.normal(0, np.sqrt(2 / (d_in + d_out)), (d_in, d_out)), np.zeros(d_out)]

    def __call__(self, x):
        self.leaves = [torch.tensor(array, requires_grad=True) for array in (*self.params, x)]
        w, b, x = self.leaves
        self.out = x @ w + b
        return self.out.detach().numpy()

    def backward(self, grad):
        *grads, back = torch.autograd.grad(self.out, self.leaves, torch.tensor(grad), retain_graph=True)
        self.grads = [grad.numpy() for grad in grads]
        return back.numpy()


# %% right: loops
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        super().__init__()
        self.params = [rng.normal(0, np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)), np.zeros(d_out)]

    def __call__(self, x):
        self.x = x
        w, b = self.params
        return np.array([row @ w + b for row in x])

    def backward(self, grad):
        w, b = self.params
        grad_w, grad_b = np.zeros_like(w), np.zeros_like(b)
        for row, g in zip(self.x, grad):
            grad_w += np.outer(row, g)
            grad_b += g
        self.grads = (grad_w, grad_b)
        return np.stack([w @ g for g in grad])


# %% right: a closure for the way back
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        super().__init__()
        self.update((rng.normal(0.0, (2 / (d_in + d_out)) ** 0.5, size=[d_in, d_out]), np.zeros(d_out)))

    def __call__(self, x):
        w, b = self.params

        def back(grad):
            self.grads = [np.tensordot(x, grad, axes=(0, 0)), np.add.reduce(grad, axis=0)]
            return np.matmul(grad, w.T)

        self.back = back
        return np.matmul(x, w) + b

    def backward(self, grad):
        return self.back(grad)


# %% wrong: grad_b of a batch of one, as on the slide -> linear_backward, linear_batch, linear_latest: sum
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        super().__init__()
        self.params = [rng.normal(0, np.sqrt(2 / (d_in + d_out)), (d_in, d_out)), np.zeros(d_out)]

    def __call__(self, x):
        self.x = x
        return x @ self.params[0] + self.params[1]

    def backward(self, grad):
        self.grads = [self.x.T @ grad, grad]
        return grad @ self.params[0].T


# %% wrong: the mean for the bias, once too often -> linear_backward, linear_batch, linear_latest: sum
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        super().__init__()
        self.params = [rng.normal(0, np.sqrt(2 / (d_in + d_out)), (d_in, d_out)), np.zeros(d_out)]

    def __call__(self, x):
        self.x = x
        return x @ self.params[0] + self.params[1]

    def backward(self, grad):
        self.grads = [self.x.T @ grad, grad.mean(axis=0)]
        return grad @ self.params[0].T


# %% wrong: the mean for both -> linear_backward, linear_batch, linear_latest: sum
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        super().__init__()
        self.params = [rng.normal(0, np.sqrt(2 / (d_in + d_out)), (d_in, d_out)), np.zeros(d_out)]

    def __call__(self, x):
        self.x = x
        return x @ self.params[0] + self.params[1]

    def backward(self, grad):
        self.grads = [self.x.T @ grad / len(grad), grad.mean(axis=0)]
        return grad @ self.params[0].T


# %% wrong: returns the gradient of w -> linear_backward, linear_batch, linear_latest, linear_update: grad
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        super().__init__()
        self.params = [rng.normal(0, np.sqrt(2 / (d_in + d_out)), (d_in, d_out)), np.zeros(d_out)]

    def __call__(self, x):
        self.x = x
        return x @ self.params[0] + self.params[1]

    def backward(self, grad):
        self.grads = [self.x.T @ grad, grad.sum(axis=0)]
        return self.grads[0]


# %% wrong: w and b by name, no update of its own -> linear_forward, linear_backward, linear_start, linear_batch, linear_latest, linear_update: w
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        super().__init__()
        self.w = rng.normal(0, np.sqrt(2 / (d_in + d_out)), (d_in, d_out))
        self.b = np.zeros(d_out)
        self.params = [self.w, self.b]

    def __call__(self, x):
        self.x = x
        return x @ self.w + self.b

    def backward(self, grad):
        self.grads = [self.x.T @ grad, grad.sum(axis=0)]
        return grad @ self.w.T


# %% wrong: the bias is forgotten in the forward pass -> linear_forward, linear_start, linear_batch, linear_update: x @ w + b
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        super().__init__()
        self.params = [rng.normal(0, np.sqrt(2 / (d_in + d_out)), (d_in, d_out)), np.zeros(d_out)]

    def __call__(self, x):
        self.x = x
        return x @ self.params[0]

    def backward(self, grad):
        self.grads = [self.x.T @ grad, grad.sum(axis=0)]
        return grad @ self.params[0].T


# %% wrong: He's start values -> linear_start: standard deviation
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        super().__init__()
        self.params = [rng.normal(0, np.sqrt(2 / d_in), (d_in, d_out)), np.zeros(d_out)]

    def __call__(self, x):
        self.x = x
        return x @ self.params[0] + self.params[1]

    def backward(self, grad):
        self.grads = [self.x.T @ grad, grad.sum(axis=0)]
        return grad @ self.params[0].T


# %% wrong: the variance as standard deviation -> linear_start: standard deviation
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        super().__init__()
        self.params = [rng.normal(0, 2 / (d_in + d_out), (d_in, d_out)), np.zeros(d_out)]

    def __call__(self, x):
        self.x = x
        return x @ self.params[0] + self.params[1]

    def backward(self, grad):
        self.grads = [self.x.T @ grad, grad.sum(axis=0)]
        return grad @ self.params[0].T


# %% wrong: uniform start values -> linear_start: rng.normal, not rng.uniform
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        super().__init__()
        a = np.sqrt(6 / (d_in + d_out))
        self.params = [rng.uniform(-a, a, (d_in, d_out)), np.zeros(d_out)]

    def __call__(self, x):
        self.x = x
        return x @ self.params[0] + self.params[1]

    def backward(self, grad):
        self.grads = [self.x.T @ grad, grad.sum(axis=0)]
        return grad @ self.params[0].T


# %% wrong: the global generator, as on the slide -> linear_start: All chance comes from rng
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        super().__init__()
        self.params = [np.random.normal(0, np.sqrt(2 / (d_in + d_out)), (d_in, d_out)), np.zeros(d_out)]

    def __call__(self, x):
        self.x = x
        return x @ self.params[0] + self.params[1]

    def backward(self, grad):
        self.grads = [self.x.T @ grad, grad.sum(axis=0)]
        return grad @ self.params[0].T


# %% wrong: a generator of its own -> linear_start: not from a copy or a new generator
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        super().__init__()
        rng = np.random.default_rng(0)
        self.params = [rng.normal(0, np.sqrt(2 / (d_in + d_out)), (d_in, d_out)), np.zeros(d_out)]

    def __call__(self, x):
        self.x = x
        return x @ self.params[0] + self.params[1]

    def backward(self, grad):
        self.grads = [self.x.T @ grad, grad.sum(axis=0)]
        return grad @ self.params[0].T


# %% wrong: parameters of the class, shared by all layers -> linear_start, linear_latest: in the class
class Linear(Layer):
    params = []

    def __init__(self, d_in, d_out, rng):
        self.grads = []
        Linear.params = [rng.normal(0, np.sqrt(2 / (d_in + d_out)), (d_in, d_out)), np.zeros(d_out)]

    def __call__(self, x):
        self.x = x
        return x @ Linear.params[0] + Linear.params[1]

    def backward(self, grad):
        self.grads = [self.x.T @ grad, grad.sum(axis=0)]
        return grad @ Linear.params[0].T

    def update(self, params):
        Linear.params = list(params)


# %% wrong: gradients are added up -> linear_latest: replace those of an earlier one
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        super().__init__()
        self.params = [rng.normal(0, np.sqrt(2 / (d_in + d_out)), (d_in, d_out)), np.zeros(d_out)]
        self.grads = [np.zeros((d_in, d_out)), np.zeros(d_out)]

    def __call__(self, x):
        self.x = x
        return x @ self.params[0] + self.params[1]

    def backward(self, grad):
        self.grads = [self.grads[0] + self.x.T @ grad, self.grads[1] + grad.sum(axis=0)]
        return grad @ self.params[0].T


# %% wrong: remembers the first input only -> linear_latest: latest forward pass
class Linear(Layer):
    x = None

    def __init__(self, d_in, d_out, rng):
        super().__init__()
        self.params = [rng.normal(0, np.sqrt(2 / (d_in + d_out)), (d_in, d_out)), np.zeros(d_out)]

    def __call__(self, x):
        if self.x is None:
            self.x = x
        return x @ self.params[0] + self.params[1]

    def backward(self, grad):
        n = len(grad)
        self.grads = [self.x[:n].T @ grad, grad.sum(axis=0)]
        return grad @ self.params[0].T


# %% wrong: in single precision -> linear_batch: grad
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        super().__init__()
        self.params = [rng.normal(0, np.sqrt(2 / (d_in + d_out)), (d_in, d_out)), np.zeros(d_out)]

    def __call__(self, x):
        self.x = x
        return x @ self.params[0] + self.params[1]

    def backward(self, grad):
        grad = grad.astype(np.float32)
        self.grads = [self.x.T @ grad, grad.sum(axis=0)]
        return grad @ self.params[0].T


# %% wrong: the bias as a row of shape (1, d_out) -> linear_forward, linear_backward, linear_start, linear_batch, linear_latest: shape
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        super().__init__()
        self.params = [rng.normal(0, np.sqrt(2 / (d_in + d_out)), (d_in, d_out)), np.zeros((1, d_out))]

    def __call__(self, x):
        self.x = x
        return x @ self.params[0] + self.params[1]

    def backward(self, grad):
        self.grads = [self.x.T @ grad, grad.sum(axis=0, keepdims=True)]
        return grad @ self.params[0].T


# %% wrong: the way back uses the weights of the start -> linear_backward, linear_batch, linear_latest, linear_update: grad @ w.T
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        super().__init__()
        self.w = rng.normal(0, np.sqrt(2 / (d_in + d_out)), (d_in, d_out))
        self.params = [self.w, np.zeros(d_out)]

    def __call__(self, x):
        self.x = x
        return x @ self.params[0] + self.params[1]

    def backward(self, grad):
        self.grads = [self.x.T @ grad, grad.sum(axis=0)]
        return grad @ self.w.T


# %% wrong: the gradient of one bias is no array -> linear_batch: The gradient of b has the shape of b
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        super().__init__()
        std = np.sqrt(2 / (d_in + d_out))
        self.params = [rng.normal(0, std, (d_in, d_out)), np.zeros(d_out)]

    def __call__(self, x):
        self.x = x
        w, b = self.params
        return x @ w + b

    def backward(self, grad):
        w, b = self.params
        self.grads = [self.x.T @ grad, grad.sum(axis=0).squeeze()]
        return grad @ w.T


# %% wrong: the first batch of a size is kept -> linear_latest: latest forward pass
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        super().__init__()
        std = np.sqrt(2 / (d_in + d_out))
        self.params = [rng.normal(0, std, (d_in, d_out)), np.zeros(d_out)]

    def __call__(self, x):
        if not hasattr(self, "x") or self.x.shape != x.shape:
            self.x = x
        w, b = self.params
        return x @ w + b

    def backward(self, grad):
        w, b = self.params
        self.grads = [self.x.T @ grad, grad.sum(axis=0)]
        return grad @ w.T


# %% wrong: drawn from a copy of rng -> linear_start: Draw from rng itself
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        super().__init__()
        std = np.sqrt(2 / (d_in + d_out))
        self.params = [__import__("copy").deepcopy(rng).normal(0, std, (d_in, d_out)), np.zeros(d_out)]

    def __call__(self, x):
        self.x = x
        w, b = self.params
        return x @ w + b

    def backward(self, grad):
        w, b = self.params
        self.grads = [self.x.T @ grad, grad.sum(axis=0)]
        return grad @ w.T


# %% wrong: float32 start values -> linear_start: keep the weights as rng gives them
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        super().__init__()
        std = np.sqrt(2 / (d_in + d_out))
        self.params = [rng.normal(0, std, (d_in, d_out)).astype(np.float32), np.zeros(d_out)]

    def __call__(self, x):
        self.x = x
        w, b = self.params
        return x @ w + b

    def backward(self, grad):
        w, b = self.params
        self.grads = [self.x.T @ grad, grad.sum(axis=0)]
        return grad @ w.T


# %% right: gradients written into the same arrays
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        super().__init__()
        self.params = [rng.normal(0, np.sqrt(2 / (d_in + d_out)), (d_in, d_out)), np.zeros(d_out)]
        self.grads = [np.zeros_like(p) for p in self.params]

    def __call__(self, x):
        self.inputs = x.copy()
        return np.dot(x, self.params[0]) + self.params[1]

    def backward(self, grad):
        np.matmul(self.inputs.T, grad, out=self.grads[0])
        np.sum(grad, axis=0, out=self.grads[1])
        return np.dot(grad, self.params[0].T)


# %% right: drawn transposed, outer products
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        self.params = [rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_out, d_in)).T, np.zeros(d_out)]
        self.grads = [np.zeros((d_in, d_out)), np.zeros(d_out)]

    def __call__(self, x):
        self.x = x
        return np.array([row @ self.params[0] + self.params[1] for row in x])

    def backward(self, grad):
        self.grads[0] = sum(np.outer(x, g) for x, g in zip(self.x, grad))
        self.grads[1] = sum(g for g in grad)
        return np.array([self.params[0] @ g for g in grad])


# %% wrong: what it remembers belongs to the class -> linear_latest: not that of another layer
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        super().__init__()
        self.params = [rng.normal(0, np.sqrt(2 / (d_in + d_out)), (d_in, d_out)), np.zeros(d_out)]

    def __call__(self, x):
        Linear.x = x
        return x @ self.params[0] + self.params[1]

    def backward(self, grad):
        self.grads = [Linear.x.T @ grad, grad.sum(axis=0)]
        return grad @ self.params[0].T


# %% wrong: not transposed where w is square -> linear_batch: also where w is square
class Linear(Layer):
    def __init__(self, d_in, d_out, rng):
        super().__init__()
        std = np.sqrt(2 / (d_in + d_out))
        self.params = [rng.normal(0, std, (d_in, d_out)), np.zeros(d_out)]

    def __call__(self, x):
        self.x = x
        w, b = self.params
        return x @ w + b

    def backward(self, grad):
        w, b = self.params
        self.grads = [self.x.T @ grad, grad.sum(axis=0)]
        return grad @ w if w.shape[0] == w.shape[1] else grad @ w.T
