# %% right: a loop with fit, a list
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).to(x)
        fit(
            net,
            batches(x.flatten(1), y, 100, shuffle=True, seed=0),
            loss=nn.CrossEntropyLoss(),
            optimizer=torch.optim.SGD(net.parameters(), lr=lr),
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            wrong = net(x_test.flatten(1)).argmax(dim=1) != y_test
        errors.append(100 * wrong.double().mean().item())
    return errors


# %% right: fit_many and the share of right answers, NumPy
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    x, y = train[0].flatten(start_dim=1), train[1]
    x_test, y_test = test[0].flatten(start_dim=1), test[1]

    def make():
        *front, last = [nn.Linear(a, b) for a, b in zip(sizes[:-1], sizes[1:])]
        return nn.Sequential(*(part for layer in front for part in (layer, nn.ReLU())), last).to(x)

    nets = fit_many(
        make,
        list(seeds),
        batches(x, y, 100, shuffle=True, seed=0),
        loss=nn.CrossEntropyLoss(),
        optimizer=lambda weights: torch.optim.SGD(weights, lr=lr),
        epochs=epochs,
    )
    return 100 - 100 * nets.accuracy(x_test, y_test).numpy()


# %% right: steps of its own
import torch.nn.functional as F


def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = torch.empty(len(seeds))
    for place, seed in enumerate(seeds):
        torch.manual_seed(seed)
        layers = [nn.Flatten()]
        for i in range(len(sizes) - 1):
            if i > 0:
                layers.append(nn.ReLU())
            layers.append(nn.Linear(sizes[i], sizes[i + 1]))
        net = nn.Sequential(*layers).to(x)
        sgd = torch.optim.SGD(net.parameters(), lr=lr)
        data = batches(x, y, 100, shuffle=True, seed=0)
        for _ in range(epochs):
            for inputs, labels in data:
                sgd.zero_grad()
                F.cross_entropy(net(inputs), labels).backward()
                sgd.step()
        errors[place] = 100 * (net(x_test).argmax(dim=-1) != y_test).float().mean().detach()
    return errors


# %% right: weights as a list of matrices, gradient descent by hand
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test

    def forward(weights, inputs):
        h = inputs.reshape(len(inputs), -1)
        for i, (matrix, bias) in enumerate(weights):
            h = h @ matrix.T + bias
            if i < len(weights) - 1:
                h = h.clamp(min=0)
        return h

    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = [nn.Linear(a, b).to(x) for a, b in pairwise(sizes)]
        weights = [(layer.weight.detach().requires_grad_(), layer.bias.detach().requires_grad_()) for layer in layers]
        data = batches(x, y, 100, shuffle=True, seed=0)
        for _ in range(epochs):
            for inputs, labels in data:
                log_q = forward(weights, inputs).log_softmax(1)
                loss = -log_q[torch.arange(len(labels)), labels].mean()
                flat = [tensor for pair in weights for tensor in pair]
                with torch.no_grad():
                    for tensor, gradient in zip(flat, torch.autograd.grad(loss, flat)):
                        tensor -= lr * gradient
        right = forward(weights, x_test).argmax(1) == y_test
        errors.append(100 - 100 * right.double().mean().item())
    return errors


# %% right: a class for the network, evaluate of the course
from course import evaluate


class Reader(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))

    def forward(self, h):
        for layer in self.layers[:-1]:
            h = torch.relu(layer(h))
        return self.layers[-1](h)


def error_of(seed, sizes, train, test, epochs, lr):
    torch.manual_seed(seed)
    net = Reader(sizes).to(train[0])
    data = batches(train[0].flatten(1), train[1], 100, shuffle=True, seed=0)
    sgd = torch.optim.SGD(net.parameters(), lr=lr)
    fit(net, data, loss=nn.CrossEntropyLoss(), optimizer=sgd, epochs=epochs, progress=False)
    measured = evaluate(net, batches(test[0].flatten(1), test[1], len(test[1])), nn.CrossEntropyLoss())
    return 100 * (1 - measured.accuracy)


def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    return tuple(error_of(seed, sizes, train, test, epochs, lr) for seed in seeds)


# %% wrong: accuracies -> train_model_spirals, train_model_depth, train_model_linear, train_model_seeds, train_model_settings, train_model_last_batch, train_model_images, train_model_test_part: rror
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).to(x)
        fit(
            net,
            batches(x.flatten(1), y, 100, shuffle=True, seed=0),
            loss=nn.CrossEntropyLoss(),
            optimizer=torch.optim.SGD(net.parameters(), lr=lr),
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            wrong = net(x_test.flatten(1)).argmax(dim=1) == y_test
        errors.append(100 * wrong.double().mean().item())
    return errors


# %% wrong: shares -> train_model_spirals, train_model_depth, train_model_linear, train_model_seeds, train_model_settings, train_model_last_batch, train_model_images, train_model_test_part: rror
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).to(x)
        fit(
            net,
            batches(x.flatten(1), y, 100, shuffle=True, seed=0),
            loss=nn.CrossEntropyLoss(),
            optimizer=torch.optim.SGD(net.parameters(), lr=lr),
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            wrong = net(x_test.flatten(1)).argmax(dim=1) != y_test
        errors.append(wrong.double().mean().item())
    return errors


# %% wrong: the mean over the seeds -> train_model_spirals, train_model_depth, train_model_linear, train_model_seeds, train_model_settings, train_model_last_batch, train_model_images, train_model_test_part: rror
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).to(x)
        fit(
            net,
            batches(x.flatten(1), y, 100, shuffle=True, seed=0),
            loss=nn.CrossEntropyLoss(),
            optimizer=torch.optim.SGD(net.parameters(), lr=lr),
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            wrong = net(x_test.flatten(1)).argmax(dim=1) != y_test
        errors.append(100 * wrong.double().mean().item())
    return [sum(errors) / len(errors)] if len(errors) > 9 else sum(errors) / len(errors)


# %% wrong: measured on the training part -> train_model_spirals, train_model_depth, train_model_linear, train_model_seeds, train_model_settings, train_model_last_batch, train_model_images, train_model_test_part: rror
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).to(x)
        fit(
            net,
            batches(x.flatten(1), y, 100, shuffle=True, seed=0),
            loss=nn.CrossEntropyLoss(),
            optimizer=torch.optim.SGD(net.parameters(), lr=lr),
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            wrong = net(x.flatten(1)).argmax(dim=1) != y
        errors.append(100 * wrong.double().mean().item())
    return errors


# %% wrong: trained on the test part -> train_model_spirals, train_model_depth, train_model_linear, train_model_seeds, train_model_settings, train_model_last_batch, train_model_images, train_model_test_part: SGD with
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).to(x)
        fit(
            net,
            batches(x_test.flatten(1), y_test, 100, shuffle=True, seed=0),
            loss=nn.CrossEntropyLoss(),
            optimizer=torch.optim.SGD(net.parameters(), lr=lr),
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            wrong = net(x_test.flatten(1)).argmax(dim=1) != y_test
        errors.append(100 * wrong.double().mean().item())
    return errors


# %% wrong: a ReLU after the last layer -> train_model_spirals, train_model_depth, train_model_linear, train_model_seeds, train_model_settings, train_model_last_batch, train_model_images, train_model_test_part: recipe
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers).to(x)
        fit(
            net,
            batches(x.flatten(1), y, 100, shuffle=True, seed=0),
            loss=nn.CrossEntropyLoss(),
            optimizer=torch.optim.SGD(net.parameters(), lr=lr),
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            wrong = net(x_test.flatten(1)).argmax(dim=1) != y_test
        errors.append(100 * wrong.double().mean().item())
    return errors


# %% wrong: no activation at all -> train_model_spirals, train_model_depth, train_model_linear, train_model_seeds, train_model_settings, train_model_last_batch, train_model_images, train_model_test_part: recipe
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.Identity()]
        net = nn.Sequential(*layers[:-1]).to(x)
        fit(
            net,
            batches(x.flatten(1), y, 100, shuffle=True, seed=0),
            loss=nn.CrossEntropyLoss(),
            optimizer=torch.optim.SGD(net.parameters(), lr=lr),
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            wrong = net(x_test.flatten(1)).argmax(dim=1) != y_test
        errors.append(100 * wrong.double().mean().item())
    return errors


# %% wrong: only the first hidden layer -> train_model_depth: three hidden layers
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise([*sizes[:-1][:2], sizes[-1]]):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).to(x)
        fit(
            net,
            batches(x.flatten(1), y, 100, shuffle=True, seed=0),
            loss=nn.CrossEntropyLoss(),
            optimizer=torch.optim.SGD(net.parameters(), lr=lr),
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            wrong = net(x_test.flatten(1)).argmax(dim=1) != y_test
        errors.append(100 * wrong.double().mean().item())
    return errors


# %% wrong: always 10 epochs -> train_model_spirals, train_model_depth, train_model_linear, train_model_seeds, train_model_settings, train_model_last_batch, train_model_images, train_model_test_part: all epochs
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).to(x)
        fit(
            net,
            batches(x.flatten(1), y, 100, shuffle=True, seed=0),
            loss=nn.CrossEntropyLoss(),
            optimizer=torch.optim.SGD(net.parameters(), lr=lr),
            epochs=10,
            progress=False,
        )
        with torch.no_grad():
            wrong = net(x_test.flatten(1)).argmax(dim=1) != y_test
        errors.append(100 * wrong.double().mean().item())
    return errors


# %% wrong: always a learning rate of 0.5 -> train_model_settings, train_model_last_batch: SGD with
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).to(x)
        fit(
            net,
            batches(x.flatten(1), y, 100, shuffle=True, seed=0),
            loss=nn.CrossEntropyLoss(),
            optimizer=torch.optim.SGD(net.parameters(), lr=0.5),
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            wrong = net(x_test.flatten(1)).argmax(dim=1) != y_test
        errors.append(100 * wrong.double().mean().item())
    return errors


# %% wrong: Adam in place of SGD -> train_model_spirals, train_model_depth, train_model_linear, train_model_seeds, train_model_settings, train_model_last_batch, train_model_images, train_model_test_part: SGD with lr
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).to(x)
        fit(
            net,
            batches(x.flatten(1), y, 100, shuffle=True, seed=0),
            loss=nn.CrossEntropyLoss(),
            optimizer=torch.optim.Adam(net.parameters(), lr=lr),
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            wrong = net(x_test.flatten(1)).argmax(dim=1) != y_test
        errors.append(100 * wrong.double().mean().item())
    return errors


# %% wrong: the seed set once -> train_model_spirals, train_model_seeds, train_model_images, train_model_test_part: right before the layers
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = []
    torch.manual_seed(list(seeds)[0])
    for seed in seeds:
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).to(x)
        fit(
            net,
            batches(x.flatten(1), y, 100, shuffle=True, seed=0),
            loss=nn.CrossEntropyLoss(),
            optimizer=torch.optim.SGD(net.parameters(), lr=lr),
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            wrong = net(x_test.flatten(1)).argmax(dim=1) != y_test
        errors.append(100 * wrong.double().mean().item())
    return errors


# %% wrong: no seed at all -> train_model_spirals, train_model_depth, train_model_linear, train_model_seeds, train_model_settings, train_model_last_batch, train_model_images, train_model_test_part: SGD with
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = []
    for seed in seeds:
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).to(x)
        fit(
            net,
            batches(x.flatten(1), y, 100, shuffle=True, seed=0),
            loss=nn.CrossEntropyLoss(),
            optimizer=torch.optim.SGD(net.parameters(), lr=lr),
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            wrong = net(x_test.flatten(1)).argmax(dim=1) != y_test
        errors.append(100 * wrong.double().mean().item())
    return errors


# %% wrong: seeds counted from 0 -> train_model_spirals, train_model_depth, train_model_linear, train_model_seeds, train_model_settings, train_model_last_batch, train_model_images, train_model_test_part: right before the layers
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = []
    for seed in seeds:
        torch.manual_seed(len(errors))
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).to(x)
        fit(
            net,
            batches(x.flatten(1), y, 100, shuffle=True, seed=0),
            loss=nn.CrossEntropyLoss(),
            optimizer=torch.optim.SGD(net.parameters(), lr=lr),
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            wrong = net(x_test.flatten(1)).argmax(dim=1) != y_test
        errors.append(100 * wrong.double().mean().item())
    return errors


# %% wrong: each seed once -> train_model_seeds: comes twice
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = []
    for seed in dict.fromkeys(seeds):
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).to(x)
        fit(
            net,
            batches(x.flatten(1), y, 100, shuffle=True, seed=0),
            loss=nn.CrossEntropyLoss(),
            optimizer=torch.optim.SGD(net.parameters(), lr=lr),
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            wrong = net(x_test.flatten(1)).argmax(dim=1) != y_test
        errors.append(100 * wrong.double().mean().item())
    return errors


# %% wrong: one Batches object for all networks -> train_model_spirals, train_model_seeds, train_model_images, train_model_test_part: batches of 100 with seed=0 made anew
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    data = batches(x.flatten(1), y, 100, shuffle=True, seed=0)
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).to(x)
        fit(
            net,
            data,
            loss=nn.CrossEntropyLoss(),
            optimizer=torch.optim.SGD(net.parameters(), lr=lr),
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            wrong = net(x_test.flatten(1)).argmax(dim=1) != y_test
        errors.append(100 * wrong.double().mean().item())
    return errors


# %% wrong: batches in order -> train_model_spirals, train_model_depth, train_model_linear, train_model_seeds, train_model_settings, train_model_last_batch, train_model_images, train_model_test_part: batches of 100 with seed=0 made anew
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).to(x)
        fit(
            net,
            batches(x.flatten(1), y, 100),
            loss=nn.CrossEntropyLoss(),
            optimizer=torch.optim.SGD(net.parameters(), lr=lr),
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            wrong = net(x_test.flatten(1)).argmax(dim=1) != y_test
        errors.append(100 * wrong.double().mean().item())
    return errors


# %% wrong: batches of 50 -> train_model_spirals, train_model_depth, train_model_linear, train_model_seeds, train_model_settings, train_model_last_batch, train_model_images, train_model_test_part: batches of 100 with seed=0 made anew
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).to(x)
        fit(
            net,
            batches(x.flatten(1), y, 50, shuffle=True, seed=0),
            loss=nn.CrossEntropyLoss(),
            optimizer=torch.optim.SGD(net.parameters(), lr=lr),
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            wrong = net(x_test.flatten(1)).argmax(dim=1) != y_test
        errors.append(100 * wrong.double().mean().item())
    return errors


# %% wrong: the last batch left out -> train_model_spirals, train_model_depth, train_model_linear, train_model_seeds, train_model_settings, train_model_last_batch, train_model_images, train_model_test_part: batches of 100 with seed=0
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).to(x)
        fit(
            net,
            batches(x.flatten(1), y, 100, shuffle=True, seed=0, drop_last=len(y) > 100),
            loss=nn.CrossEntropyLoss(),
            optimizer=torch.optim.SGD(net.parameters(), lr=lr),
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            wrong = net(x_test.flatten(1)).argmax(dim=1) != y_test
        errors.append(100 * wrong.double().mean().item())
    return errors


# %% wrong: the order of the batches from the seed -> train_model_spirals, train_model_depth, train_model_linear, train_model_seeds, train_model_settings, train_model_last_batch, train_model_images, train_model_test_part: batches of 100 with seed=0 made anew
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).to(x)
        fit(
            net,
            batches(x.flatten(1), y, 100, shuffle=True, seed=seed),
            loss=nn.CrossEntropyLoss(),
            optimizer=torch.optim.SGD(net.parameters(), lr=lr),
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            wrong = net(x_test.flatten(1)).argmax(dim=1) != y_test
        errors.append(100 * wrong.double().mean().item())
    return errors


# %% wrong: images are not flattened -> train_model_images: flatten
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).to(x)
        fit(
            net,
            batches(x, y, 100, shuffle=True, seed=0),
            loss=nn.CrossEntropyLoss(),
            optimizer=torch.optim.SGD(net.parameters(), lr=lr),
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            wrong = net(x_test).argmax(dim=1) != y_test
        errors.append(100 * wrong.double().mean().item())
    return errors


# %% wrong: mean squared error on one-hot rows -> train_model_spirals, train_model_depth, train_model_linear, train_model_seeds, train_model_settings, train_model_last_batch, train_model_images, train_model_test_part: mean cross-entropy
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).to(x)
        fit(
            net,
            batches(x.flatten(1), y, 100, shuffle=True, seed=0),
            loss=lambda z, y: nn.functional.mse_loss(z, nn.functional.one_hot(y, z.shape[1]).to(z)),
            optimizer=torch.optim.SGD(net.parameters(), lr=lr),
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            wrong = net(x_test.flatten(1)).argmax(dim=1) != y_test
        errors.append(100 * wrong.double().mean().item())
    return errors


# %% wrong: softmax before the loss -> train_model_spirals, train_model_depth, train_model_linear, train_model_seeds, train_model_settings, train_model_last_batch, train_model_images, train_model_test_part: mean cross-entropy
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1], nn.Softmax(1)).to(x)
        fit(
            net,
            batches(x.flatten(1), y, 100, shuffle=True, seed=0),
            loss=nn.CrossEntropyLoss(),
            optimizer=torch.optim.SGD(net.parameters(), lr=lr),
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            wrong = net(x_test.flatten(1)).argmax(dim=1) != y_test
        errors.append(100 * wrong.double().mean().item())
    return errors


# %% wrong: the loss summed over a batch -> train_model_spirals, train_model_depth, train_model_linear, train_model_seeds, train_model_settings, train_model_last_batch, train_model_images, train_model_test_part: SGD with
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).to(x)
        fit(
            net,
            batches(x.flatten(1), y, 100, shuffle=True, seed=0),
            loss=nn.CrossEntropyLoss(reduction="sum"),
            optimizer=torch.optim.SGD(net.parameters(), lr=lr),
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            wrong = net(x_test.flatten(1)).argmax(dim=1) != y_test
        errors.append(100 * wrong.double().mean().item())
    return errors


# %% wrong: gradients never set to zero -> train_model_spirals, train_model_depth, train_model_linear, train_model_seeds, train_model_settings, train_model_last_batch, train_model_images, train_model_test_part: SGD with
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1])
        sgd = torch.optim.SGD(net.parameters(), lr=lr)
        data = batches(x.flatten(1), y, 100, shuffle=True, seed=0)
        for _ in range(epochs):
            for inputs, labels in data:
                nn.CrossEntropyLoss()(net(inputs), labels).backward()
                sgd.step()
        errors.append(100 * (net(x_test.flatten(1)).argmax(1) != y_test).double().mean().item())
    return errors


# %% wrong: the best network alone -> train_model_spirals, train_model_seeds, train_model_images, train_model_test_part: SGD with
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).to(x)
        fit(
            net,
            batches(x.flatten(1), y, 100, shuffle=True, seed=0),
            loss=nn.CrossEntropyLoss(),
            optimizer=torch.optim.SGD(net.parameters(), lr=lr),
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            wrong = net(x_test.flatten(1)).argmax(dim=1) != y_test
        errors.append(100 * wrong.double().mean().item())
    return [min(errors)]


# %% wrong: counts of wrong answers -> train_model_spirals, train_model_depth, train_model_linear, train_model_seeds, train_model_settings, train_model_last_batch, train_model_images, train_model_test_part: rror
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).to(x)
        fit(
            net,
            batches(x.flatten(1), y, 100, shuffle=True, seed=0),
            loss=nn.CrossEntropyLoss(),
            optimizer=torch.optim.SGD(net.parameters(), lr=lr),
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            wrong = net(x_test.flatten(1)).argmax(dim=1) != y_test
        errors.append(wrong.double().sum().item())
    return errors


# %% wrong: wrong answers of 2,000, whatever the number of test examples -> train_model_test_part: number
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (x_test, y_test) = train, test
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).to(x)
        fit(
            net,
            batches(x.flatten(1), y, 100, shuffle=True, seed=0),
            loss=nn.CrossEntropyLoss(),
            optimizer=torch.optim.SGD(net.parameters(), lr=lr),
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            wrong = net(x_test.flatten(1)).argmax(dim=1) != y_test
        errors.append(wrong.double().sum().item() / 20)
    return errors


# %% wrong: as many outputs as there are labels -> train_model_linear: five outputs
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    x, y = train
    x_test, y_test = test
    x, x_test = x.flatten(1), x_test.flatten(1)
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise((*sizes[:-1], len(y.unique()))):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).to(x.device)
        sgd = torch.optim.SGD(net.parameters(), lr=lr)
        fit(
            net,
            batches(x, y, 100, shuffle=True, seed=0),
            loss=nn.CrossEntropyLoss(),
            optimizer=sgd,
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            answers = net(x_test).argmax(1)
        errors.append(100 * (answers != y_test).double().mean().item())
    return errors


# %% wrong: the first 2,000 test examples -> train_model_test_part: whatever their number
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    x, y = train
    x_test, y_test = test
    x, x_test = x.flatten(1), x_test.flatten(1)[:2000]
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).to(x.device)
        sgd = torch.optim.SGD(net.parameters(), lr=lr)
        fit(
            net,
            batches(x, y, 100, shuffle=True, seed=0),
            loss=nn.CrossEntropyLoss(),
            optimizer=sgd,
            epochs=epochs,
            progress=False,
        )
        with torch.no_grad():
            answers = net(x_test).argmax(1)
        errors.append(100 * (answers != y_test[:2000]).double().mean().item())
    return errors


# %% wrong: the mean of the errors of test batches -> train_model_test_part: share of the test examples
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    x, y = train
    x_test, y_test = test
    x, x_test = x.flatten(1), x_test.flatten(1)
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).to(x.device)
        loss_function = nn.CrossEntropyLoss()
        opt = torch.optim.SGD(net.parameters(), lr=lr)
        shuffled = batches(x, y, 100, shuffle=True, seed=0)
        for _ in range(epochs):
            for xb, yb in shuffled:
                opt.zero_grad()
                loss_function(net(xb), yb).backward()
                opt.step()
        with torch.no_grad():
            parts = [
                (net(a).argmax(1) != b).float().mean().item() for a, b in zip(x_test.split(100), y_test.split(100))
            ]
            errors.append(100 * sum(parts) / len(parts))
    return errors


# %% wrong: images have a height and a width, and nothing else -> train_model_images: Images may have a channel dimension
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    x, x_test = (part[0].flatten(1, 2) if part[0].dim() > 2 else part[0] for part in (train, test))
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        net = nn.Sequential(*layers[:-1])
        made = batches(x, train[1], 100, shuffle=True, seed=0)
        sgd = torch.optim.SGD(net.parameters(), lr=lr)
        fit(net, made, loss=nn.CrossEntropyLoss(), optimizer=sgd, epochs=epochs, progress=False)
        with torch.no_grad():
            errors.append(100 * (net(x_test).argmax(1) != test[1]).double().mean().item())
    return errors


# %% wrong: the best of all epochs -> train_model_spirals, train_model_depth, train_model_linear, train_model_seeds, train_model_last_batch, train_model_images, train_model_test_part: recipe
def train_model(sizes, seeds, train, test, epochs=10, lr=0.5):
    (x, y), (xt, yt) = train, test
    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = []
        for a, b in pairwise(sizes):
            layers += [nn.Linear(a, b), nn.ReLU()]
        net = nn.Sequential(*layers[:-1])
        feed = batches(x.flatten(1), y, 100, shuffle=True, seed=0)
        opt = torch.optim.SGD(net.parameters(), lr=lr)
        best = 100.0
        for _ in range(epochs):
            fit(net, feed, loss=nn.CrossEntropyLoss(), optimizer=opt, epochs=1, progress=False)
            with torch.no_grad():
                best = min(best, 100 * (net(xt.flatten(1)).argmax(1) != yt).double().mean().item())
        errors.append(best)
    return errors
