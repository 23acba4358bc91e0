# %% right: all at once
def success_rate(hidden, act, seeds):
    x, y = xor()
    loss, optimizer = nn.CrossEntropyLoss(), partial(torch.optim.Adam, lr=0.05)
    nets = fit_many(partial(make_net, hidden, act), seeds, batches(x, y, 4), loss=loss, optimizer=optimizer, epochs=300)
    right = nets(x).argmax(dim=-1) == y
    return right.all(dim=1).double().mean()


# %% right: one after the other, with steps of one's own
def success_rate(hidden, act, seeds):
    x, y = xor()
    solved = 0
    for seed in seeds:
        torch.manual_seed(seed)
        net = make_net(hidden, act)
        optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
        for _ in range(300):
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
        solved += bool((net(x).argmax(1) == y).all())
    return solved / len(seeds)


# %% right: fit for each seed, and its own measure of accuracy
from course import evaluate


def success_rate(hidden, act, seeds):
    results = []
    x, y = xor()
    for seed in seeds:
        torch.manual_seed(seed)
        net = make_net(hidden, act)
        fit(
            net,
            batches(x, y, 4),
            loss=nn.CrossEntropyLoss(),
            optimizer=torch.optim.Adam(net.parameters(), lr=0.05),
            epochs=300,
            progress=False,
        )
        results.append(evaluate(net, batches(x, y, 4), nn.CrossEntropyLoss()).accuracy == 1.0)
    return sum(results) / len(results)


# %% right: in double precision, with the four points written out, as a NumPy number
import numpy as np


def success_rate(hidden, act, seeds):
    x = torch.tensor([[1, 1], [1, 0], [0, 1], [0, 0]], dtype=torch.float64)
    y = torch.tensor([0, 1, 1, 0])
    solved = []
    for seed in list(seeds):
        torch.manual_seed(seed)
        net = make_net(hidden, act).double()
        optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
        for step in range(300):
            loss = nn.CrossEntropyLoss()(net(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            solved.append(torch.equal(net(x).argmax(1), y))
    return np.mean(solved)


# %% wrong: two units always train -> success_rate_three, success_rate_width, success_rate_activation, success_rate_seeds: all four points right
def success_rate(hidden, act, seeds):
    return 1.0


# %% wrong: the rate of the lecture notes, always -> success_rate_three, success_rate_width, success_rate_activation, success_rate_seeds: all four points right
def success_rate(hidden, act, seeds):
    return 0.195


# %% wrong: the share of right points, not of networks -> success_rate_three, success_rate_width, success_rate_activation, success_rate_seeds: all four points right
def success_rate(hidden, act, seeds):
    x, y = xor()
    nets = fit_many(
        lambda: make_net(hidden, act),
        seeds,
        batches(x, y, 4),
        loss=nn.CrossEntropyLoss(),
        optimizer=partial(torch.optim.Adam, lr=0.05),
        epochs=300,
    )
    return nets.accuracy(x, y).mean().item()


# %% wrong: the best network only -> success_rate_three, success_rate_width, success_rate_activation, success_rate_seeds: all four points right
def success_rate(hidden, act, seeds):
    x, y = xor()
    nets = fit_many(
        lambda: make_net(hidden, act),
        seeds,
        batches(x, y, 4),
        loss=nn.CrossEntropyLoss(),
        optimizer=partial(torch.optim.Adam, lr=0.05),
        epochs=300,
    )
    return nets.accuracy(x, y).max().item()


# %% wrong: a count -> success_rate_three, success_rate_width, success_rate_activation, success_rate_seeds: all four points right
def success_rate(hidden, act, seeds):
    x, y = xor()
    nets = fit_many(
        lambda: make_net(hidden, act),
        seeds,
        batches(x, y, 4),
        loss=nn.CrossEntropyLoss(),
        optimizer=partial(torch.optim.Adam, lr=0.05),
        epochs=300,
    )
    return int((nets.accuracy(x, y) == 1).sum())


# %% wrong: in percent -> success_rate_three, success_rate_width, success_rate_activation, success_rate_seeds: all four points right
def success_rate(hidden, act, seeds):
    x, y = xor()
    nets = fit_many(
        lambda: make_net(hidden, act),
        seeds,
        batches(x, y, 4),
        loss=nn.CrossEntropyLoss(),
        optimizer=partial(torch.optim.Adam, lr=0.05),
        epochs=300,
    )
    return 100 * (nets.accuracy(x, y) == 1).float().mean().item()


# %% wrong: the share that failed -> success_rate_three, success_rate_width, success_rate_activation, success_rate_seeds: all four points right
def success_rate(hidden, act, seeds):
    x, y = xor()
    nets = fit_many(
        lambda: make_net(hidden, act),
        seeds,
        batches(x, y, 4),
        loss=nn.CrossEntropyLoss(),
        optimizer=partial(torch.optim.Adam, lr=0.05),
        epochs=300,
    )
    return (nets.accuracy(x, y) < 1).float().mean().item()


# %% wrong: three of four points will do -> success_rate_three, success_rate_width, success_rate_seeds: all four points right
def success_rate(hidden, act, seeds):
    x, y = xor()
    nets = fit_many(
        lambda: make_net(hidden, act),
        seeds,
        batches(x, y, 4),
        loss=nn.CrossEntropyLoss(),
        optimizer=partial(torch.optim.Adam, lr=0.05),
        epochs=300,
    )
    return (nets.accuracy(x, y) >= 0.75).float().mean().item()


# %% wrong: thirty steps -> success_rate_three, success_rate_width, success_rate_activation, success_rate_seeds: 300 steps
def success_rate(hidden, act, seeds):
    x, y = xor()
    nets = fit_many(
        lambda: make_net(hidden, act),
        seeds,
        batches(x, y, 4),
        loss=nn.CrossEntropyLoss(),
        optimizer=partial(torch.optim.Adam, lr=0.05),
        epochs=30,
    )
    return (nets.accuracy(x, y) == 1).float().mean().item()


# %% wrong: plain gradient descent -> success_rate_three, success_rate_width, success_rate_activation, success_rate_seeds: all four points right
def success_rate(hidden, act, seeds):
    x, y = xor()
    nets = fit_many(
        lambda: make_net(hidden, act),
        seeds,
        batches(x, y, 4),
        loss=nn.CrossEntropyLoss(),
        optimizer=partial(torch.optim.SGD, lr=0.05),
        epochs=300,
    )
    return (nets.accuracy(x, y) == 1).float().mean().item()


# %% wrong: Adam's usual learning rate -> success_rate_three, success_rate_width, success_rate_activation, success_rate_seeds: all four points right
def success_rate(hidden, act, seeds):
    x, y = xor()
    nets = fit_many(
        lambda: make_net(hidden, act),
        seeds,
        batches(x, y, 4),
        loss=nn.CrossEntropyLoss(),
        optimizer=partial(torch.optim.Adam, lr=0.001),
        epochs=300,
    )
    return (nets.accuracy(x, y) == 1).float().mean().item()


# %% wrong: seeds counted from 0 -> success_rate_three, success_rate_width, success_rate_seeds: all four points right
def success_rate(hidden, act, seeds):
    x, y = xor()
    nets = fit_many(
        lambda: make_net(hidden, act),
        range(len(seeds)),
        batches(x, y, 4),
        loss=nn.CrossEntropyLoss(),
        optimizer=partial(torch.optim.Adam, lr=0.05),
        epochs=300,
    )
    return (nets.accuracy(x, y) == 1).float().mean().item()


# %% wrong: always two units -> success_rate_three, success_rate_width, success_rate_activation: hidden
def success_rate(hidden, act, seeds):
    x, y = xor()
    nets = fit_many(
        lambda: make_net(2, act),
        seeds,
        batches(x, y, 4),
        loss=nn.CrossEntropyLoss(),
        optimizer=partial(torch.optim.Adam, lr=0.05),
        epochs=300,
    )
    return (nets.accuracy(x, y) == 1).float().mean().item()


# %% wrong: always ReLU -> success_rate_width, success_rate_activation: The activation is an argument
def success_rate(hidden, act, seeds):
    x, y = xor()
    nets = fit_many(
        lambda: make_net(hidden, nn.ReLU),
        seeds,
        batches(x, y, 4),
        loss=nn.CrossEntropyLoss(),
        optimizer=partial(torch.optim.Adam, lr=0.05),
        epochs=300,
    )
    return (nets.accuracy(x, y) == 1).float().mean().item()


# %% wrong: no activation -> success_rate_three, success_rate_width, success_rate_activation, success_rate_seeds: all four points right
def success_rate(hidden, act, seeds):
    x, y = xor()
    nets = fit_many(
        lambda: make_net(hidden, nn.Identity),
        seeds,
        batches(x, y, 4),
        loss=nn.CrossEntropyLoss(),
        optimizer=partial(torch.optim.Adam, lr=0.05),
        epochs=300,
    )
    return (nets.accuracy(x, y) == 1).float().mean().item()


# %% wrong: seeded once -> success_rate_three, success_rate_width, success_rate_activation, success_rate_seeds: all four points right
def success_rate(hidden, act, seeds):
    x, y = xor()
    torch.manual_seed(seeds[0])
    solved = 0
    for _ in seeds:
        net = make_net(hidden, act)
        optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
        for _ in range(300):
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
        solved += bool((net(x).argmax(1) == y).all())
    return solved / len(seeds)


# %% wrong: gradients never set to zero -> success_rate_three, success_rate_width, success_rate_activation, success_rate_seeds: all four points right
def success_rate(hidden, act, seeds):
    x, y = xor()
    solved = 0
    for seed in seeds:
        torch.manual_seed(seed)
        net = make_net(hidden, act)
        optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
        for _ in range(300):
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
        solved += bool((net(x).argmax(1) == y).all())
    return solved / len(seeds)


# %% wrong: a hundred steps -> success_rate_activation: all 300 steps
def success_rate(hidden, act, seeds):
    x, y = xor()
    nets = fit_many(
        lambda: make_net(hidden, act),
        seeds,
        batches(x, y, 4),
        loss=nn.CrossEntropyLoss(),
        optimizer=partial(torch.optim.Adam, lr=0.05),
        epochs=100,
    )
    return (nets.accuracy(x, y) == 1).float().mean().item()


# %% wrong: half the learning rate -> success_rate_width, success_rate_activation, success_rate_seeds: lr=0.05
def success_rate(hidden, act, seeds):
    x, y = xor()
    nets = fit_many(
        lambda: make_net(hidden, act),
        seeds,
        batches(x, y, 4),
        loss=nn.CrossEntropyLoss(),
        optimizer=partial(torch.optim.Adam, lr=0.025),
        epochs=300,
    )
    return (nets.accuracy(x, y) == 1).float().mean().item()


# %% wrong: twice the learning rate -> success_rate_three, success_rate_width, success_rate_activation, success_rate_seeds: lr=0.05
def success_rate(hidden, act, seeds):
    x, y = xor()
    nets = fit_many(
        lambda: make_net(hidden, act),
        seeds,
        batches(x, y, 4),
        loss=nn.CrossEntropyLoss(),
        optimizer=partial(torch.optim.Adam, lr=0.1),
        epochs=300,
    )
    return (nets.accuracy(x, y) == 1).float().mean().item()


# %% wrong: each seed once -> success_rate_seeds: also for one that comes twice
def success_rate(hidden, act, seeds):
    x, y = xor()
    nets = fit_many(
        lambda: make_net(hidden, act),
        sorted(set(seeds)),
        batches(x, y, 4),
        loss=nn.CrossEntropyLoss(),
        optimizer=partial(torch.optim.Adam, lr=0.05),
        epochs=300,
    )
    return (nets.accuracy(x, y) == 1).float().mean().item()


# %% wrong: a result for each seed, in a dictionary -> success_rate_seeds: also for one that comes twice
def success_rate(hidden, act, seeds):
    seeds = list(seeds)
    x, y = xor()
    solved = []
    for seed in seeds:
        torch.manual_seed(seed)
        net = make_net(hidden, act)
        optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
        for _ in range(300):
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
        solved.append(bool((net(x).argmax(1) == y).all()))
    return sum(dict(zip(seeds, solved)).values()) / len(seeds)
