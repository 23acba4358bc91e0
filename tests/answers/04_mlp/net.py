# %% right: the deck's way, mended
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super(Net, self).__init__()
        self.input_feature_num = input_feature_num
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i in range(len(hidden_unit_nums)):
            out_num = hidden_unit_nums[i]
            layer = nn.Linear(in_num, out_num)
            in_num = out_num
            self.mlp.add_module("Linear_%d" % i, layer)
            actv_layer = new_activation(actv)
            self.mlp.add_module("Activation_%d" % i, actv_layer)
        out_layer = nn.Linear(in_num, output_feature_num)
        self.mlp.add_module("Output_Linear", out_layer)

    def forward(self, x):
        x = x.flatten(start_dim=1)
        return self.mlp(x)


# %% right: the reader of exercise 1
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", parse_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1))


# %% right: an ordered dictionary
from collections import OrderedDict


class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        sizes = [input_feature_num] + list(hidden_unit_nums)
        layers = OrderedDict()
        for i in range(len(sizes) - 1):
            layers[f"Linear_{i}"] = nn.Linear(sizes[i], sizes[i + 1])
            layers[f"Activation_{i}"] = new_activation(actv)
        layers["Output_Linear"] = nn.Linear(sizes[-1], output_feature_num)
        self.mlp = nn.Sequential(layers)

    def forward(self, x):
        return self.mlp(x.contiguous().view(x.size(0), -1))


# %% right: a ModuleDict and a loop
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.hidden = len(hidden_unit_nums)
        self.mlp = nn.ModuleDict()
        for i, (n, m) in enumerate(zip([input_feature_num, *hidden_unit_nums], hidden_unit_nums)):
            self.mlp[f"Linear_{i}"] = nn.Linear(n, m)
            self.mlp[f"Activation_{i}"] = new_activation(actv)
        self.mlp["Output_Linear"] = nn.Linear([input_feature_num, *hidden_unit_nums][-1], output_feature_num)

    def forward(self, x):
        x = torch.flatten(x, 1)
        for i in range(self.hidden):
            x = self.mlp[f"Activation_{i}"](self.mlp[f"Linear_{i}"](x))
        return self.mlp["Output_Linear"](x)


# %% right: the output first, setattr, parameters by hand
class Dense(nn.Module):
    def __init__(self, n, m):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(m, n) / n**0.5)
        self.bias = nn.Parameter(torch.zeros(m))

    def forward(self, x):
        return x @ self.weight.T + self.bias


class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Module()
        self.steps = []
        self.mlp.Output_Linear = Dense((hidden_unit_nums or [input_feature_num])[-1], output_feature_num)
        n = input_feature_num
        for i, m in enumerate(hidden_unit_nums):
            setattr(self.mlp, f"Linear_{i}", Dense(n, m))
            setattr(self.mlp, f"Activation_{i}", new_activation(actv))
            self.steps += [f"Linear_{i}", f"Activation_{i}"]
            n = m

    def forward(self, x):
        x = x.reshape(x.shape[0], -1)
        for name in [*self.steps, "Output_Linear"]:
            x = getattr(self.mlp, name)(x)
        return x


# %% right: a check of the input with a message
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))
        self.input_feature_num = input_feature_num

    def forward(self, x):
        rows = torch.stack([example.reshape(-1) for example in x])
        if rows.shape[1] != self.input_feature_num:
            raise ValueError(f"{rows.shape[1]} numbers an example in place of {self.input_feature_num}")
        return self.mlp(rows)


# %% right: in double precision
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))
        self.double()

    def forward(self, x):
        return self.mlp(x.double().flatten(1))


# %% right: Flatten in the row, keyword arguments, own initial weights
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        sizes = (input_feature_num, *hidden_unit_nums, output_feature_num)
        names = [f"Linear_{i}" for i in range(len(hidden_unit_nums))] + ["Output_Linear"]
        self.mlp = nn.Sequential(nn.Flatten())
        for i, name in enumerate(names):
            layer = nn.Linear(in_features=sizes[i], out_features=sizes[i + 1], bias=True)
            nn.init.kaiming_normal_(layer.weight)
            nn.init.zeros_(layer.bias)
            self.mlp.add_module(name, layer)
            if name != "Output_Linear":
                self.mlp.add_module(f"Activation_{i}", new_activation(actv))

    def forward(self, x):
        for module in self.mlp:
            x = module(x)
        return x


# %% right: a function that makes and fills a subclass of Sequential
class Row(nn.Sequential):
    pass


class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = Row()
        self._grow(0, actv, input_feature_num, list(hidden_unit_nums), output_feature_num)

    def _grow(self, i, actv, n, widths, c):
        if not widths:
            self.mlp.add_module("Output_Linear", nn.Linear(n, c))
            return
        self.mlp.add_module(f"Linear_{i}", nn.Linear(n, widths[0]))
        self.mlp.add_module(f"Activation_{i}", new_activation(actv))
        self._grow(i + 1, actv, widths[0], widths[1:], c)

    def forward(self, x):
        return self.mlp(nn.Flatten()(x))


# %% wrong: inputs are not handed on -> net_slide, net_activations, net_values, net_own_activation, net_any_input, net_wrong_count: in_num
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1))


# %% wrong: an activation after the output -> net_activations, net_names, net_values, net_own_activation, net_any_input: utput
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))
        self.mlp.add_module("Output_Activation", new_activation(actv))

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1))


# %% wrong: no activations -> net_activations, net_names, net_values, net_own_activation, net_any_input, net_refuses: activation
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1))


# %% wrong: an activation after the last hidden layer only -> net_activations, net_names, net_values, net_own_activation: ctivation
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            if i == len(hidden_unit_nums) - 1:
                self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1))


# %% wrong: no activation after the last hidden layer -> net_activations, net_names, net_values, net_own_activation, net_any_input, net_refuses: he
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            if i < len(hidden_unit_nums) - 1:
                self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1))


# %% wrong: always ReLU -> net_activations, net_names, net_values, net_own_activation, net_any_input, net_refuses: activation
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", nn.ReLU())
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1))


# %% wrong: one activation for all layers -> net_own_activation: make a new activation for each
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        activation = new_activation(actv)
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", activation)
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1))


# %% wrong: eval, as on the slide, with brackets added -> net_refuses: eval does not
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", eval("nn.%s" % actv if actv.endswith(")") else "nn.%s()" % actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1))


# %% wrong: eval, as on the slide -> net_names, net_values, net_own_activation, net_any_input, net_wrong_count, net_refuses: Net must make a module
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", eval("nn.%s" % actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1))


# %% wrong: eval in disguise -> net_refuses: was run as code
def make(text):
    try:
        made = eval(text if text.endswith(")") else text + "()", vars(nn))
    except Exception:
        raise ValueError(text)
    if not isinstance(made, (nn.ReLU, nn.Tanh, nn.PReLU, nn.LeakyReLU)):
        raise ValueError(text)
    return made


class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", make(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1))


# %% wrong: view with a free number of examples -> net_any_input, net_wrong_count: mages
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))
        self.input_feature_num = input_feature_num

    def forward(self, x):
        return self.mlp(x.view(-1, self.input_feature_num))


# %% wrong: reshape with a free number of examples -> net_wrong_count: keep the number of examples
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))
        self.input_feature_num = input_feature_num

    def forward(self, x):
        return self.mlp(x.reshape(-1, self.input_feature_num))


# %% wrong: view with the number of examples -> net_any_input: use reshape (or flatten) where view cannot
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        return self.mlp(x.view(len(x), -1))


# %% wrong: inputs are not flattened -> net_any_input, net_wrong_count: forward flattens all dimensions but the first
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        return self.mlp(x)


# %% wrong: flattened into one row -> net_slide, net_activations, net_values, net_any_input, net_wrong_count: forward
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        return self.mlp(x.flatten())


# %% wrong: flattened with the colours last -> net_any_input: in the order in which torch stores it
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        if x.dim() == 4:
            x = x.permute(0, 2, 3, 1)
        return self.mlp(x.reshape(len(x), -1))


# %% wrong: a batch of one is squeezed -> net_any_input: squeeze() would drop
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1)).squeeze(0)


# %% wrong: every dimension of one is squeezed -> net_slide, net_activations, net_any_input: s
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1)).squeeze()


# %% wrong: the result is not returned -> net_slide, net_activations, net_values, net_any_input, net_wrong_count: forward
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        self.mlp(x.reshape(len(x), -1))


# %% wrong: cut to fit -> net_wrong_count: not fifteen examples
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))
        self.input_feature_num = input_feature_num

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1)[:, : self.input_feature_num])


# %% wrong: a softmax at the end -> net_activations, net_values, net_any_input: utput
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1)).softmax(1)


# %% wrong: a plain list of layers -> net_slide, net_activations, net_names, net_values, net_own_activation, net_any_input: self.mlp
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = []
        in_num = input_feature_num
        for out_num in hidden_unit_nums:
            self.mlp += [nn.Linear(in_num, out_num), new_activation(actv)]
            in_num = out_num
        self.mlp.append(nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        x = x.reshape(len(x), -1)
        for layer in self.mlp:
            x = layer(x)
        return x


# %% wrong: numbers for names -> net_names: use add_module
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        layers = []
        in_num = input_feature_num
        for out_num in hidden_unit_nums:
            layers += [nn.Linear(in_num, out_num), new_activation(actv)]
            in_num = out_num
        self.mlp = nn.Sequential(*layers, nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1))


# %% wrong: modules kept in self -> net_names: keep the modules in self.mlp
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.count = len(hidden_unit_nums)
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        x = x.reshape(len(x), -1)
        for i in range(self.count):
            x = getattr(self, f"Activation_{i}")(getattr(self, f"Linear_{i}")(x))
        return self.Output_Linear(x)


# %% wrong: names that count from 1 -> net_names: count from 1
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i + 1}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i + 1}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1))


# %% wrong: another name for the output -> net_names: Output_Linear
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1))


# %% wrong: no biases -> net_slide, net_names, net_values, net_own_activation: bias
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num, bias=False))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num, bias=False))

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1))


# %% wrong: no output layer -> net_slide, net_activations, net_names, net_values, net_own_activation, net_any_input, net_wrong_count: t
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1))


# %% wrong: three hidden layers, always -> net_names, net_values, net_any_input, net_wrong_count, net_refuses: a module
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        d, (a, b, c), out = input_feature_num, hidden_unit_nums, output_feature_num
        self.mlp = nn.Sequential()
        self.mlp.add_module("Linear_0", nn.Linear(d, a))
        self.mlp.add_module("Activation_0", new_activation(actv))
        self.mlp.add_module("Linear_1", nn.Linear(a, b))
        self.mlp.add_module("Activation_1", new_activation(actv))
        self.mlp.add_module("Linear_2", nn.Linear(b, c))
        self.mlp.add_module("Activation_2", new_activation(actv))
        self.mlp.add_module("Output_Linear", nn.Linear(c, out))

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1))


# %% wrong: an activation for an empty list -> net_values: also with no hidden layer
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))
        if not hidden_unit_nums:
            self.mlp.add_module("Activation_0", new_activation(actv))

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1))


# %% wrong: at least one hidden layer -> net_values: an empty list
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums or [output_feature_num]):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1))


# %% wrong: hidden_unit_nums[-1] for the output -> net_values: an empty list
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(hidden_unit_nums[-1], output_feature_num))

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1))


# %% wrong: super().__init__() forgotten -> net_slide, net_activations, net_names, net_values, net_own_activation, net_any_input, net_wrong_count, net_refuses: module
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1))


# %% wrong: arguments of Linear turned round -> net_slide, net_activations, net_values, net_own_activation, net_any_input, net_wrong_count: h
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(out_num, in_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(output_feature_num, in_num))

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1))


# %% wrong: dropout besides -> net_activations, net_values, net_any_input: activation
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            self.mlp.add_module(f"Dropout_{i}", nn.Dropout(0.5))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1))


# %% right: output and gradients through a function of its own
def run_through(row, x):
    for module in row.children():
        x = module(x)
    return x


class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        return run_through(self.mlp, torch.flatten(x, start_dim=1))


# %% wrong: forward without gradients -> net_values: Gradients must reach the input
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    @torch.no_grad()
    def forward(self, x):
        return self.mlp(x.flatten(1))


# %% wrong: the input detached -> net_values: Gradients must reach the input
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        return self.mlp(x.detach().reshape(len(x), -1))


# %% wrong: parameters that do not learn -> net_values: every parameter
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))
        self.requires_grad_(False)

    def forward(self, x):
        return self.mlp(x.flatten(1))


# %% wrong: at most ten hidden layers -> net_values: Twelve hidden layers
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums[:10]):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        return self.mlp(x.flatten(1))


# %% wrong: the widths sorted -> net_values: weight of shape (outputs, inputs)
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(sorted(hidden_unit_nums, reverse=True)):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        return self.mlp(x.flatten(1))


# %% wrong: images have four dimensions and nothing has three -> net_any_input: any number of dimensions
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        return self.mlp(x.flatten(1) if x.dim() == 4 else x)


# %% wrong: a way past layers that keep the width -> net_values: Each hidden layer has an activation of its own
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        x = x.flatten(1)
        for layer in self.mlp:
            y = layer(x)
            x = y + x if isinstance(layer, nn.Linear) and y.shape == x.shape else y
        return x


# %% wrong: activations shared by all networks -> net_own_activation: Two networks share parameters
MADE = {}


class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", MADE.setdefault((actv, i), new_activation(actv)))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1))


# %% wrong: a softmax in use, none in training -> net_values: After net.eval()
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        self.mlp = nn.Sequential()
        in_num = input_feature_num
        for i, out_num in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(in_num, out_num))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            in_num = out_num
        self.mlp.add_module("Output_Linear", nn.Linear(in_num, output_feature_num))

    def forward(self, x):
        scores = self.mlp(x.flatten(1))
        return scores if self.training else scores.softmax(dim=1)


# %% wrong: one example and one output squeezed -> net_any_input: squeeze nothing
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        new_activation(actv)
        self.mlp = nn.Sequential()
        n = input_feature_num
        for i, m in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(n, m))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            n = m
        self.mlp.add_module("Output_Linear", nn.Linear(n, output_feature_num))

    def forward(self, x):
        out = self.mlp(x.reshape(len(x), -1))
        return out.squeeze(-1) if len(x) == 1 else out


# %% wrong: the activations do not learn -> net_values: Gradients must reach
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        new_activation(actv)
        self.mlp = nn.Sequential()
        n = input_feature_num
        for i, m in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(n, m))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            n = m
            self.mlp[-1].requires_grad_(False)
        self.mlp.add_module("Output_Linear", nn.Linear(n, output_feature_num))

    def forward(self, x):
        return self.mlp(x.reshape(len(x), -1))


# %% wrong: shortcuts in deep networks -> net_values: no shortcut goes around
class Net(nn.Module):
    def __init__(self, actv, input_feature_num, hidden_unit_nums, output_feature_num):
        super().__init__()
        new_activation(actv)
        self.mlp = nn.Sequential()
        n = input_feature_num
        for i, m in enumerate(hidden_unit_nums):
            self.mlp.add_module(f"Linear_{i}", nn.Linear(n, m))
            self.mlp.add_module(f"Activation_{i}", new_activation(actv))
            n = m
        self.mlp.add_module("Output_Linear", nn.Linear(n, output_feature_num))

    def forward(self, x):
        h = x.reshape(len(x), -1)
        for part in self.mlp:
            new = part(h)
            h = new + h if isinstance(part, nn.Linear) and new.shape == h.shape and len(self.mlp) > 7 else new
        return h
