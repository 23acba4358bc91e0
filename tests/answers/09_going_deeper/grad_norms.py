# %% right: all gradients, then those of weights
def grad_norms(net, x, y):
    parameters = list(net.parameters())
    gradients = torch.autograd.grad(F.cross_entropy(net(x), y), parameters)
    return [math.sqrt(g.double().square().sum()) for p, g in zip(parameters, gradients) if p.dim() > 1]


# %% right: backward, and what was held put back
def grad_norms(net, x, y):
    held = [p.grad for p in net.parameters()]
    for p in net.parameters():
        p.grad = None
    nn.CrossEntropyLoss()(net(x.detach()), y).backward()
    norms = [torch.linalg.vector_norm(p.grad) for p in net.parameters() if p.ndim >= 2]
    for p, grad in zip(net.parameters(), held):
        p.grad = grad
    return norms


# %% right: backward on a deep copy
def grad_norms(net, x, y):
    import copy

    net = copy.deepcopy(net)
    net.zero_grad()
    F.nll_loss(net(x.detach()).log_softmax(dim=1), y).backward()
    return torch.stack([p.grad.flatten().norm() for p in net.parameters() if len(p.shape) > 1])


# %% right: copies of the parameters in their place
def grad_norms(net, x, y):
    copies = {name: p.detach().clone().requires_grad_() for name, p in net.named_parameters()}
    F.cross_entropy(torch.func.functional_call(net, copies, (x.detach(),)), y).backward()
    return [float(p.grad.pow(2).sum().sqrt()) for p in copies.values() if p.dim() != 1]


# %% right: one weight after the other
def grad_norms(net, x, y):
    norms = []
    for p in net.parameters():
        if p.dim() >= 2:
            (gradient,) = torch.autograd.grad(F.cross_entropy(net(x), y), p)
            norms.append(gradient.norm().item())
    return norms


# %% right: a copy of the network
def grad_norms(net, x, y):
    import copy

    twin = copy.deepcopy(net)
    twin.zero_grad()
    nn.CrossEntropyLoss()(twin(x), y).backward()
    return [torch.linalg.vector_norm(p.grad).item() for p in twin.parameters() if p.ndim > 1]


# %% wrong: biases too -> grad_norms_value, grad_norms_twice, grad_norms_kinds, grad_norms_tiny, grad_norms_kept: n
def grad_norms(net, x, y):
    return [g.norm().item() for g in torch.autograd.grad(F.cross_entropy(net(x), y), list(net.parameters()))]


# %% wrong: backward without clearing -> grad_norms_twice, grad_norms_kept: .grad
def grad_norms(net, x, y):
    F.cross_entropy(net(x), y).backward()
    return [p.grad.norm().item() for p in net.parameters() if p.dim() > 1]


# %% right: zero_grad and backward, which is not graded
def grad_norms(net, x, y):
    net.zero_grad()
    F.cross_entropy(net(x), y).backward()
    return [p.grad.norm().item() for p in net.parameters() if p.dim() > 1]


# %% right: cleared before and after, which is not graded
def grad_norms(net, x, y):
    net.zero_grad()
    F.cross_entropy(net(x), y).backward()
    norms = [p.grad.norm().item() for p in net.parameters() if p.dim() > 1]
    net.zero_grad()
    return norms


# %% wrong: the loss is summed -> grad_norms_value, grad_norms_twice, grad_norms_kinds, grad_norms_tiny, grad_norms_kept: n
def grad_norms(net, x, y):
    weights = [p for p in net.parameters() if p.dim() >= 2]
    return [g.norm().item() for g in torch.autograd.grad(F.cross_entropy(net(x), y, reduction="sum"), weights)]


# %% wrong: sums of squares -> grad_norms_value, grad_norms_twice, grad_norms_kinds, grad_norms_tiny, grad_norms_kept: n
def grad_norms(net, x, y):
    weights = [p for p in net.parameters() if p.dim() >= 2]
    return [g.square().sum().item() for g in torch.autograd.grad(F.cross_entropy(net(x), y), weights)]


# %% wrong: softmax before the cross-entropy -> grad_norms_value, grad_norms_twice, grad_norms_kinds, grad_norms_tiny, grad_norms_kept: n
def grad_norms(net, x, y):
    weights = [p for p in net.parameters() if p.dim() >= 2]
    return [g.norm().item() for g in torch.autograd.grad(F.cross_entropy(net(x).softmax(1), y), weights)]


# %% wrong: last layer first -> grad_norms_value, grad_norms_kinds, grad_norms_tiny, grad_norms_kept: first layer first
def grad_norms(net, x, y):
    weights = [p for p in net.parameters() if p.dim() >= 2]
    return [g.norm().item() for g in torch.autograd.grad(F.cross_entropy(net(x), y), weights)][::-1]


# %% wrong: only layers of the row, not what is inside -> grad_norms_kinds: whatever module it belongs to
def grad_norms(net, x, y):
    weights = [layer.weight for layer in net if hasattr(layer, "weight") and layer.weight.dim() > 1]
    return [g.norm().item() for g in torch.autograd.grad(F.cross_entropy(net(x), y), weights)]


# %% wrong: weights of linear layers alone -> grad_norms_kinds: kernels of a convolution
def grad_norms(net, x, y):
    weights = [m.weight for m in net.modules() if isinstance(m, nn.Linear)]
    return [g.norm().item() for g in torch.autograd.grad(F.cross_entropy(net(x), y), weights)]


# %% wrong: whatever is called weight, batch norm's too -> grad_norms_kinds, grad_norms_kept: in the order of net.parameters()
def grad_norms(net, x, y):
    weights = [p for name, p in net.named_parameters() if name.endswith("weight")]
    return [g.norm().item() for g in torch.autograd.grad(F.cross_entropy(net(x), y), weights)]


# %% wrong: matrices alone -> grad_norms_kinds: in the order of net.parameters()
def grad_norms(net, x, y):
    weights = [p for p in net.parameters() if p.dim() == 2]
    return [g.norm().item() for g in torch.autograd.grad(F.cross_entropy(net(x), y), weights)]


# %% wrong: the largest entry -> grad_norms_value, grad_norms_twice, grad_norms_kinds, grad_norms_tiny, grad_norms_kept: n
def grad_norms(net, x, y):
    weights = [p for p in net.parameters() if p.dim() >= 2]
    return [g.abs().max().item() for g in torch.autograd.grad(F.cross_entropy(net(x), y), weights)]


# %% wrong: something small is added -> grad_norms_tiny: add nothing to them
def grad_norms(net, x, y):
    weights = [p for p in net.parameters() if p.dim() >= 2]
    return [g.norm().item() + 1e-8 for g in torch.autograd.grad(F.cross_entropy(net(x), y), weights)]


# %% wrong: a step of training comes with it -> grad_norms_twice, grad_norms_kept: n
def grad_norms(net, x, y):
    weights = [p for p in net.parameters() if p.dim() >= 2]
    gradients = torch.autograd.grad(F.cross_entropy(net(x), y), weights)
    with torch.no_grad():
        for p, g in zip(weights, gradients):
            p -= 0.1 * g
    return [g.norm().item() for g in gradients]


# %% wrong: linear layers and convolutions of images alone -> grad_norms_kinds: ask p.dim(), not the kind of the layer
def grad_norms(net, x, y):
    weights = [m.weight for m in net.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    grads = torch.autograd.grad(F.cross_entropy(net(x), y), weights)
    return [g.norm().item() for g in grads]


# %% wrong: gradients of 0 left out -> grad_norms_tiny: exactly 0 has the norm 0
def grad_norms(net, x, y):
    weights = [p for p in net.parameters() if p.dim() >= 2]
    loss = F.cross_entropy(net(x), y)
    return [g.norm().item() for g in torch.autograd.grad(loss, weights) if g.any()]


# %% wrong: probabilities clamped before the log -> grad_norms_tiny: nothing is clamped or added
def grad_norms(net, x, y):
    weights = [p for p in net.parameters() if p.dim() >= 2]
    loss = -net(x).softmax(1).clamp(1e-12, 1).log()[torch.arange(len(y)), y].mean()
    return [g.norm().item() for g in torch.autograd.grad(loss, weights)]


# %% wrong: always in training mode -> grad_norms_kinds, grad_norms_kept: in the mode that the network is in
def grad_norms(net, x, y):
    weights = [p for p in net.parameters() if p.dim() >= 2]
    mode = net.training
    net.train()
    loss = F.cross_entropy(net(x), y)
    net.train(mode)
    return [g.norm().item() for g in torch.autograd.grad(loss, weights)]


# %% wrong: weights of one row taken for biases -> grad_norms_kinds: a weight of one row or one column
def grad_norms(net, x, y):
    weights = [p for p in net.parameters() if p.squeeze().dim() >= 2]
    loss = F.cross_entropy(net(x), y)
    return [g.norm().item() for g in torch.autograd.grad(loss, weights)]


# %% wrong: norms in float32 -> grad_norms_tiny: in the dtype of the network
def grad_norms(net, x, y):
    weights = [p for p in net.parameters() if p.dim() >= 2]
    loss = F.cross_entropy(net(x), y)
    return [g.float().norm().item() for g in torch.autograd.grad(loss, weights)]


# %% wrong: module by module, so that a shared weight comes twice -> grad_norms_kinds: two layers may share one weight
def grad_norms(net, x, y):
    weights = [p for m in net.modules() for p in m.parameters(recurse=False) if p.dim() >= 2]
    loss = F.cross_entropy(net(x), y)
    return [grad.norm().item() for grad in torch.autograd.grad(loss, weights)]


# %% wrong: kept for each network -> grad_norms_kept: measure anew at every call
kept = {}


def grad_norms(net, x, y):
    if id(net) not in kept:
        weights = [p for p in net.parameters() if p.dim() >= 2]
        gradients = torch.autograd.grad(F.cross_entropy(net(x), y), weights)
        kept[id(net)] = net, [gradient.norm().item() for gradient in gradients]
    return kept[id(net)][1]
