# %% right: evaluation mode and back again
def forward_shapes(net, shape):
    training = net.training
    net.eval()
    parameter = next(net.parameters(), None)
    x = torch.zeros(shape) if parameter is None else torch.zeros(shape, dtype=parameter.dtype, device=parameter.device)
    shapes = []
    try:
        with torch.no_grad():
            for layer in net:
                x = layer(x)
                shapes.append(tuple(x.shape))
    except RuntimeError as error:
        raise ValueError(f"layer {len(shapes)} does not fit {tuple(x.shape)}") from error
    finally:
        net.train(training)
    return shapes


# %% right: on the meta device, where nothing is computed
def forward_shapes(net, shape):
    net = copy.deepcopy(net).eval().to("meta")
    dtypes = [p.dtype for p in net.parameters()] or [torch.float32]
    x = torch.empty(shape, dtype=dtypes[0], device="meta")
    shapes = []
    for layer in net:
        try:
            x = layer(x)
        except Exception as error:
            raise ValueError("does not fit") from error
        shapes.append(tuple(x.shape))
    return shapes


# %% right: hooks on the children, shapes as torch.Size
def forward_shapes(net, shape):
    net = copy.deepcopy(net)
    net.eval()
    shapes = []
    hooks = [child.register_forward_hook(lambda _m, _i, out: shapes.append(out.shape)) for child in net.children()]
    try:
        net(torch.zeros(*shape, dtype=next(iter(net.parameters())).dtype))
    except RuntimeError:
        raise ValueError("a layer does not fit")
    finally:
        for hook in hooks:
            hook.remove()
    return shapes


# %% right: everything in double precision, lists of lists
def forward_shapes(net, shape):
    double = copy.deepcopy(net).double().eval()
    x = torch.zeros(tuple(shape)).double()
    out = []
    for i in range(len(double)):
        try:
            x = double[i](x)
        except (RuntimeError, ValueError) as error:
            raise ValueError(f"module {i}") from error
        out.append(list(x.shape))
    return out


# %% right: longer and longer parts of the network
def forward_shapes(net, shape):
    modes = [m.training for m in net.modules()]
    x = torch.zeros(shape).to(next(net.parameters(), torch.zeros(())))
    try:
        net.eval()
        return tuple(tuple(net[: i + 1](x).shape) for i in range(len(net)))
    except RuntimeError as e:
        raise ValueError(str(e))
    finally:
        for m, mode in zip(net.modules(), modes):
            m.training = mode


# %% wrong: the shape that goes in comes first -> forward_shapes_slide, forward_shapes_kinds, forward_shapes_modes, forward_shapes_misfit: shape
def forward_shapes(net, shape):
    net = copy.deepcopy(net).eval()
    x = torch.zeros(shape, dtype=next(net.parameters()).dtype)
    shapes = [tuple(x.shape)]
    try:
        for layer in net:
            x = layer(x)
            shapes.append(tuple(x.shape))
    except RuntimeError as error:
        raise ValueError from error
    return shapes


# %% wrong: noted before the module -> forward_shapes_slide, forward_shapes_kinds, forward_shapes_modes, forward_shapes_misfit:  shape
def forward_shapes(net, shape):
    net = copy.deepcopy(net).eval()
    x = torch.zeros(shape, dtype=next(net.parameters()).dtype)
    shapes = []
    try:
        for layer in net:
            shapes.append(tuple(x.shape))
            x = layer(x)
    except RuntimeError as error:
        raise ValueError from error
    return shapes


# %% wrong: without the number of examples -> forward_shapes_slide, forward_shapes_kinds, forward_shapes_modes, forward_shapes_misfit:  shape
def forward_shapes(net, shape):
    net = copy.deepcopy(net).eval()
    x = torch.zeros(shape, dtype=next(net.parameters()).dtype)
    shapes = []
    try:
        for layer in net:
            x = layer(x)
            shapes.append(tuple(x.shape[1:]))
    except RuntimeError as error:
        raise ValueError from error
    return shapes


# %% wrong: the shapes of the weights -> forward_shapes_slide, forward_shapes_kinds, forward_shapes_modes, forward_shapes_misfit: shape
def forward_shapes(net, shape):
    return [tuple(p.shape) for p in net.parameters() if p.dim() > 1]


# %% wrong: the last shape only -> forward_shapes_slide, forward_shapes_kinds, forward_shapes_modes, forward_shapes_misfit: shape
def forward_shapes(net, shape):
    net = copy.deepcopy(net).eval()
    try:
        return [tuple(net(torch.zeros(shape, dtype=next(net.parameters()).dtype)).shape)]
    except RuntimeError as error:
        raise ValueError from error


# %% wrong: linear layers only -> forward_shapes_slide, forward_shapes_kinds, forward_shapes_modes, forward_shapes_misfit: shape
def forward_shapes(net, shape):
    net = copy.deepcopy(net).eval()
    x = torch.zeros(shape, dtype=next(net.parameters()).dtype)
    shapes = []
    try:
        for layer in net:
            x = layer(x)
            if isinstance(layer, nn.Linear):
                shapes.append(tuple(x.shape))
    except RuntimeError as error:
        raise ValueError from error
    return shapes


# %% wrong: every module gets the first batch -> forward_shapes_slide, forward_shapes_kinds, forward_shapes_misfit, forward_shapes_modes: module
def forward_shapes(net, shape):
    net = copy.deepcopy(net).eval()
    x = torch.zeros(shape, dtype=next(net.parameters()).dtype)
    try:
        return [tuple(layer(x).shape) for layer in net]
    except RuntimeError as error:
        raise ValueError from error


# %% wrong: by the formula of linear layers -> forward_shapes_slide, forward_shapes_kinds, forward_shapes_modes, forward_shapes_misfit: the
def forward_shapes(net, shape):
    shapes = []
    for layer in net:
        if isinstance(layer, nn.Flatten):
            shape = (shape[0], int(torch.tensor(shape[1:]).prod()))
        elif isinstance(layer, nn.Linear):
            shape = (shape[0], layer.out_features)
        shapes.append(tuple(shape))
    return shapes


# %% wrong: two dimensions only -> forward_shapes_kinds, forward_shapes_modes: all dimensions
def forward_shapes(net, shape):
    net = copy.deepcopy(net).eval()
    x = torch.zeros(shape, dtype=next(net.parameters()).dtype)
    shapes = []
    try:
        for layer in net:
            x = layer(x)
            shapes.append((len(x), x.shape[-1]))
    except RuntimeError as error:
        raise ValueError from error
    return shapes


# %% wrong: float32 zeros for any network -> forward_shapes_modes: in the dtype of its parameters
def forward_shapes(net, shape):
    net = copy.deepcopy(net).eval()
    x = torch.zeros(shape)
    shapes = []
    try:
        for layer in net:
            x = layer(x)
            shapes.append(tuple(x.shape))
    except RuntimeError as error:
        raise ValueError from error
    return shapes


# %% wrong: in training mode -> forward_shapes_modes: in evaluation mode
def forward_shapes(net, shape):
    net = copy.deepcopy(net)
    x = torch.zeros(shape, dtype=next(net.parameters()).dtype)
    shapes = []
    try:
        for layer in net:
            x = layer(x)
            shapes.append(tuple(x.shape))
    except RuntimeError as error:
        raise ValueError from error
    return shapes


# %% wrong: PyTorch's own error -> forward_shapes_slide, forward_shapes_misfit: catch it and raise ValueError
def forward_shapes(net, shape):
    net = copy.deepcopy(net).eval()
    x = torch.zeros(shape, dtype=next(net.parameters()).dtype)
    shapes = []
    for layer in net:
        x = layer(x)
        shapes.append(tuple(x.shape))
    return shapes


# %% wrong: stops in silence where a module does not fit -> forward_shapes_slide, forward_shapes_misfit: catch it and raise ValueError
def forward_shapes(net, shape):
    net = copy.deepcopy(net).eval()
    x = torch.zeros(shape, dtype=next(net.parameters()).dtype)
    shapes = []
    for layer in net:
        try:
            x = layer(x)
        except RuntimeError:
            print("does not fit:", layer)
            break
        shapes.append(tuple(x.shape))
    return shapes


# %% wrong: flattened to fit -> forward_shapes_misfit: catch it and raise ValueError
def forward_shapes(net, shape):
    net = copy.deepcopy(net).eval()
    x = torch.zeros(shape, dtype=next(net.parameters()).dtype)
    shapes = []
    try:
        for layer in net:
            if isinstance(layer, nn.Linear) and x.dim() == 2:
                x = x.reshape(-1, layer.in_features)
            x = layer(x)
            shapes.append(tuple(x.shape))
    except RuntimeError as error:
        raise ValueError from error
    return shapes


# %% wrong: numbers in place of shapes -> forward_shapes_slide, forward_shapes_kinds, forward_shapes_modes, forward_shapes_misfit: shape
def forward_shapes(net, shape):
    net = copy.deepcopy(net).eval()
    x = torch.zeros(shape, dtype=next(net.parameters()).dtype)
    sizes = []
    try:
        for layer in net:
            x = layer(x)
            sizes.append(x.shape[-1])
    except RuntimeError as error:
        raise ValueError from error
    return sizes


# %% wrong: every module inside, whatever it is in -> forward_shapes_kinds, forward_shapes_modes: net.modules()
def forward_shapes(net, shape):
    net = copy.deepcopy(net).eval()
    x = torch.zeros(shape, dtype=next(net.parameters()).dtype)
    shapes = []
    try:
        for layer in (m for m in net.modules() if not isinstance(m, nn.Sequential)):
            x = layer(x)
            shapes.append(tuple(x.shape))
    except RuntimeError as error:
        raise ValueError from error
    return shapes


# %% wrong: only linear layers are looked at for misfits -> forward_shapes_misfit: the error of any module
def forward_shapes(net, shape):
    net = copy.deepcopy(net).eval()
    x = torch.zeros(shape, dtype=next(net.parameters()).dtype)
    shapes = []
    for layer in net:
        if isinstance(layer, nn.Linear) and layer.in_features != x.shape[-1]:
            raise ValueError(layer)
        x = layer(x)
        shapes.append(tuple(x.shape))
    return shapes


# %% wrong: looked up by the shape that goes in -> forward_shapes_kinds, forward_shapes_modes, forward_shapes_misfit: hape
def forward_shapes(net, shape):
    known = {
        (50, 1, 28, 28): [(50, 784), (50, 300), (50, 300), (50, 10)],
        (7, 3): [(7, 5), (7, 5)],
    }
    if (
        shape not in known
        or len(net) != len(known[shape])
        or net[-1] is nn.Linear
        or str(net[-1]).startswith("Linear(in_features=4")
    ):
        raise ValueError(shape)
    return known[shape]


# %% wrong: modules told apart by their text -> forward_shapes_kinds: Two modules may be alike
def forward_shapes(net, shape):
    trial = copy.deepcopy(net).eval()
    x, seen = torch.zeros(shape, dtype=next(net.parameters()).dtype), {}
    try:
        for layer in trial:
            x = layer(x)
            seen[str(layer)] = tuple(x.shape)
    except Exception as error:
        raise ValueError(f"something does not fit {tuple(x.shape)}") from error
    return list(seen.values())


# %% wrong: the dtype of the first module -> forward_shapes_modes: in the dtype of its parameters
def forward_shapes(net, shape):
    net = copy.deepcopy(net).eval()
    x = torch.zeros(shape, dtype=net[0].weight.dtype if hasattr(net[0], "weight") else None)
    shapes = []
    for layer in net:
        try:
            x = layer(x)
        except Exception as error:
            raise ValueError(f"{layer} does not fit") from error
        shapes.append(tuple(x.shape))
    return shapes


# %% wrong: only modules with parameters are watched -> forward_shapes_misfit: A module without parameters can refuse
def forward_shapes(net, shape):
    trial = copy.deepcopy(net).eval()
    x = torch.zeros(shape, dtype=next(net.parameters()).dtype)
    seen = []
    for layer in trial:
        if any(True for _ in layer.parameters()):
            try:
                x = layer(x)
            except Exception as error:
                raise ValueError(str(layer)) from error
        else:
            x = layer(x)
        seen.append(tuple(x.shape))
    return seen


# %% wrong: the number of examples never changes -> forward_shapes_kinds: makes one dimension of the first two
def forward_shapes(net, shape):
    trial = copy.deepcopy(net).eval()
    x = torch.zeros(shape, dtype=next(net.parameters()).dtype)
    shapes = []
    for layer in trial:
        try:
            x = layer(x)
        except Exception as error:
            raise ValueError(str(layer)) from error
        shapes.append((shape[0], *x.shape[1:]))
    return shapes


# %% wrong: images are flattened for a first linear layer -> forward_shapes_kinds, forward_shapes_misfit: takes
def forward_shapes(net, shape):
    trial = copy.deepcopy(net).eval()
    x = torch.zeros(shape, dtype=next(net.parameters()).dtype)
    if x.dim() == 4 and isinstance(net[0], nn.Linear):
        x = x.flatten(1)
    shapes = []
    for layer in trial:
        try:
            x = layer(x)
        except Exception as error:
            raise ValueError(str(layer)) from error
        shapes.append(tuple(x.shape))
    return shapes
