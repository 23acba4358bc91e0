# %% right: deck 003's way
class ReLU(Layer):
    def __call__(self, x):
        self.x = x
        return np.maximum(0, x)

    def backward(self, grad_output):
        grad = self.x > 0
        return grad_output * grad


# %% right: from the output, as in the deck's first class
class ReLU(Layer):
    def __call__(self, x):
        self.h = np.maximum(x, 0)
        return self.h

    def backward(self, grad):
        return np.where(self.h > 0, grad, 0.0)


# %% right: no base class, the sign of x
class ReLU:
    def __init__(self):
        self.params, self.grads = [], []

    def __call__(self, x):
        self.slope = (np.sign(x) + 1) // 2 * (x != 0)
        return x * self.slope

    def backward(self, grad):
        return self.slope * grad

    def update(self, params):
        pass


# %% right: a copy, changed by index
class ReLU(Layer):
    def __call__(self, x):
        self.off = x <= 0
        out = x.copy()
        out[self.off] = 0
        return out

    def backward(self, grad):
        back = grad.copy()
        back[self.off] = 0
        return back


# %% right: PyTorch
class ReLU(Layer):
    def __call__(self, x):
        self.x = torch.tensor(x, requires_grad=True)
        self.out = torch.relu(self.x)
        return self.out.detach().numpy()

    def backward(self, grad):
        return torch.autograd.grad(self.out, self.x, torch.tensor(grad), retain_graph=True)[0].numpy()


# %% right: number by number
class ReLU(Layer):
    def __call__(self, x):
        self.on = [number > 0 for number in x.ravel()]
        return np.array([n if on else 0.0 for n, on in zip(x.ravel(), self.on)]).reshape(x.shape)

    def backward(self, grad):
        return np.array([g if on else 0.0 for g, on in zip(grad.ravel(), self.on)]).reshape(grad.shape)


# %% right: through PyTorch
class ReLU(Layer):
    def __call__(self, x):
        self.t = torch.tensor(np.ascontiguousarray(x), requires_grad=True)
        self.z = torch.relu(self.t)
        return self.z.detach().numpy()

    def backward(self, grad):
        return torch.autograd.grad(self.z, self.t, torch.tensor(np.ascontiguousarray(grad)), retain_graph=True)[
            0
        ].numpy()


# %% right: remembers a copy of its output
class ReLU(Layer):
    def __call__(self, x):
        self.out = x.copy()
        self.out[self.out < 0] = 0
        return self.out.copy()

    def backward(self, grad):
        back = np.array(grad, dtype=float)
        back[self.out <= 0] = 0
        return back


# %% wrong: the derivative alone -> relu_values, relu_zero, relu_shapes: grad
class ReLU(Layer):
    def __call__(self, x):
        self.x = x
        return np.maximum(0, x)

    def backward(self, grad):
        return (self.x > 0).astype(float)


# %% wrong: the sign of grad decides -> relu_values, relu_zero, relu_shapes: x
class ReLU(Layer):
    def __call__(self, x):
        self.x = x
        return np.maximum(0, x)

    def backward(self, grad):
        return np.maximum(0, grad)


# %% wrong: the derivative at 0 is 1 -> relu_zero: x > 0, not x >= 0
class ReLU(Layer):
    def __call__(self, x):
        self.x = x
        return np.maximum(0, x)

    def backward(self, grad):
        return grad * (self.x >= 0)


# %% wrong: the derivative at 0 is a half -> relu_zero: not 1/2
class ReLU(Layer):
    def __call__(self, x):
        self.x = x
        return np.maximum(0, x)

    def backward(self, grad):
        return grad * np.heaviside(self.x, 0.5)


# %% wrong: the derivative from a quotient of output and input -> relu_zero: grad
class ReLU(Layer):
    def __call__(self, x):
        self.x, self.out = x, np.maximum(0, x)
        return self.out

    def backward(self, grad):
        return grad * self.out / (self.x + 1e-12)


# %% wrong: truth values forward -> relu_values, relu_zero, relu_shapes: as they are
class ReLU(Layer):
    def __call__(self, x):
        self.on = x > 0
        return self.on * 1.0

    def backward(self, grad):
        return grad * self.on


# %% wrong: the absolute value -> relu_values, relu_zero, relu_shapes: become 0
class ReLU(Layer):
    def __call__(self, x):
        self.on = x > 0
        return np.abs(x)

    def backward(self, grad):
        return grad * self.on


# %% wrong: grad passes unchanged -> relu_values, relu_zero, relu_shapes: x
class ReLU(Layer):
    def __call__(self, x):
        return np.maximum(0, x)


# %% wrong: times the output -> relu_values, relu_zero, relu_shapes: derivative
class ReLU(Layer):
    def __call__(self, x):
        self.out = np.maximum(0, x)
        return self.out

    def backward(self, grad):
        return grad * self.out


# %% wrong: remembers the first input -> relu_shapes: latest forward pass
class ReLU(Layer):
    def __init__(self):
        super().__init__()
        self.seen = {}

    def __call__(self, x):
        self.x = self.seen.setdefault(x.shape, x)
        return np.maximum(0, x)

    def backward(self, grad):
        return grad * (self.x > 0)


# %% wrong: numbers near 0 are cut off -> relu_zero: smallest
class ReLU(Layer):
    def __call__(self, x):
        self.on = x > 1e-9
        return x * self.on

    def backward(self, grad):
        return grad * self.on


# %% wrong: rows and columns only -> relu_shapes: shape
class ReLU(Layer):
    def __call__(self, x):
        x = np.atleast_2d(x)
        self.on = x > 0
        return np.squeeze(x * self.on)

    def backward(self, grad):
        return np.squeeze(np.atleast_2d(grad) * self.on)


# %% wrong: the derivative kept as if it were a parameter -> relu_shapes: nothing to learn
class ReLU(Layer):
    def __call__(self, x):
        self.x = x
        return np.maximum(0, x)

    def backward(self, grad):
        self.grads = [grad * (self.x > 0)]
        return self.grads[0]


# %% wrong: what it remembers belongs to the class -> relu_shapes: not in the class
class ReLU(Layer):
    def __call__(self, x):
        ReLU.on = x > 0
        return np.maximum(0, x)

    def backward(self, grad):
        return grad * ReLU.on


# %% wrong: half the sum with the absolute value -> relu_zero: the smallest and the largest
class ReLU(Layer):
    def __call__(self, x):
        self.on = x > 0
        return (x + np.abs(x)) / 2

    def backward(self, grad):
        return grad * self.on


# %% wrong: float32 on the way back -> relu_shapes: in float64
class ReLU(Layer):
    def __call__(self, x):
        self.on = x > 0
        return np.maximum(0, x)

    def backward(self, grad):
        return (grad * self.on).astype(np.float32)


# %% wrong: what it remembers is used up by the way back -> relu_zero: called again
class ReLU(Layer):
    def __init__(self):
        super().__init__()
        self.masks = []

    def __call__(self, x):
        self.masks.append(x > 0)
        return x * (x > 0)

    def backward(self, grad):
        return grad * self.masks.pop()


# %% wrong: the input kept as if it were a parameter -> relu_shapes: params stays an empty list
class ReLU(Layer):
    def __call__(self, x):
        self.params = [x]
        self.x = x
        return np.maximum(0, x)

    def backward(self, grad):
        return grad * (self.x > 0)


# %% wrong: gradients near 0 do not pass -> relu_zero: also the smallest
class ReLU(Layer):
    def __call__(self, x):
        self.x = x
        return np.maximum(0, x)

    def backward(self, grad):
        return grad * ((self.x > 0) & (np.abs(grad) > 1e-9))


# %% wrong: the second way back lets all pass -> relu_zero: called again
class ReLU(Layer):
    def __call__(self, x):
        self.positive = x > 0
        return np.maximum(0, x)

    def backward(self, grad):
        result = grad * self.positive
        self.positive = np.ones_like(self.positive)
        return result


# %% wrong: a leaky ReLU -> relu_values, relu_zero, relu_shapes: numbers become
class ReLU(Layer):
    def __call__(self, x):
        self.x = x
        return np.maximum(x, 0.01 * x)

    def backward(self, grad):
        return grad * np.where(self.x > 0, 1, 0.01)
