# %% right: counts batch by batch
def accuracy(net, loader):
    device = next(net.parameters()).device
    was_training = net.training
    net.eval()
    right, total = 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            right += (net(x).argmax(dim=1) == y).sum().item()
            total += len(y)
    net.train(was_training)
    return right / total if total > 0 else math.nan


# %% right: deck 002's way, mended
def accuracy(net, loader):
    device = next(net.parameters()).device
    mode = net.training
    net.eval()
    correct = 0
    total = 0
    with torch.no_grad():
        for data in loader:
            X, y = data
            X = X.to(device)
            y = y.to(device)
            output = net(X)
            for idx, i in enumerate(output):
                if torch.argmax(i) == y[idx]:
                    correct += 1
                total += 1
    net.train(mode)
    if total == 0:
        return float("nan")
    return correct / total


# %% right: inference mode, try and finally
def accuracy(net, loader):
    p = next(iter(net.parameters()))
    before = net.training
    net.train(False)
    try:
        with torch.inference_mode():
            hits = [net(x.to(p.device)).max(1).indices.eq(y.to(p.device)) for x, y in loader]
    finally:
        net.train(before)
    return torch.cat(hits).double().mean().item() if hits else math.nan


# %% right: a decorator, restored if it was training
@torch.no_grad()
def accuracy(net, loader):
    where = [p.device for p in net.parameters()][0]
    training = net.training
    net.eval()
    scores, labels = [], []
    for x, y in loader:
        scores.append(net(x.to(device=where)).cpu())
        labels.append(y.to(device=where).cpu())
    if training:
        net.train()
    if not labels:
        return math.nan
    best = torch.cat(scores).topk(1, dim=1).indices[:, 0]
    return (best == torch.cat(labels)).float().mean().item()


# %% right: a copy that measures
def accuracy(net, loader):
    measured = copy.deepcopy(net).eval().requires_grad_(False)
    like = next(net.parameters())
    right = total = 0
    watched = [(a, b) for a, b in zip(net.modules(), measured.modules()) if isinstance(a, Watch)]
    for x, y in loader:
        with torch.set_grad_enabled(False):
            best = measured(x.to(like.device)).argmax(-1)
        right += int(torch.count_nonzero(best == y.to(like.device)))
        total += y.shape[0]
    for a, b in watched:
        a.passes.copy_(b.passes)
    return right / total if total else math.nan


# %% right: a running weighted mean
def accuracy(net, loader):
    device = next(net.parameters()).device
    was_training = net.training
    net.eval()
    share, seen = math.nan, 0
    with torch.no_grad():
        for x, y in loader:
            hits = (torch.argmax(net(x.to(device)), 1) == y.to(device)).double()
            seen_now = seen + hits.numel()
            share = hits.mean().item() if not seen else (share * seen + hits.sum().item()) / seen_now
            seen = seen_now
    net.train(mode=was_training)
    return share


# %% right: a copy of the net
def accuracy(net, loader):
    twin = copy.deepcopy(net).eval().requires_grad_(False)
    where = next(iter(twin.parameters())).device
    counts = [0, 0]
    with torch.no_grad():
        for batch in loader:
            x, y = (t.to(where) for t in batch)
            counts[0] += int(torch.sum(twin(x).topk(1, dim=-1).indices[:, 0] == y))
            counts[1] += y.shape[0]
    return float(counts[0]) / counts[1] if counts[1] > 0 else float("nan")


# %% right: the mode of every module kept
def accuracy(net, loader):
    modes = {m: m.training for m in net.modules()}
    net.eval()
    before = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    n = k = 0
    for x, y in loader:
        p = next(net.parameters())
        s = net(x.to(p.device))
        y = y.to(p.device)
        n += y.numel()
        k += int(s.max(dim=-1).indices.eq(y).sum())
    torch.set_grad_enabled(before)
    for m, mode in modes.items():
        m.training = mode
    return k / n if n else math.nan


# %% wrong: total += 1 inside of the if -> accuracy_counts, accuracy_mode, accuracy_more, accuracy_modes, accuracy_device: all
def accuracy(net, loader):
    device = next(net.parameters()).device
    was_training = net.training
    net.eval()
    correct, total = 0, 0
    with torch.no_grad():
        for X, y in loader:
            X, y = X.to(device), y.to(device)
            for idx, i in enumerate(net(X)):
                if torch.argmax(i) == y[idx]:
                    correct += 1
                    total += 1
    net.train(was_training)
    return round(correct / total, 2)


# %% wrong: the mean of the batches -> accuracy_counts, accuracy_mode, accuracy_more, accuracy_modes, accuracy_device: examples
def accuracy(net, loader):
    device = next(net.parameters()).device
    was_training = net.training
    net.eval()
    with torch.no_grad():
        shares = [(net(x.to(device)).argmax(1) == y.to(device)).float().mean().item() for x, y in loader]
    net.train(was_training)
    return sum(shares) / len(shares) if shares else math.nan


# %% wrong: in training mode -> accuracy_mode, accuracy_modes: net.eval()
def accuracy(net, loader):
    device = next(net.parameters()).device
    was_training = net.training
    right, total = 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            right += (net(x).argmax(dim=1) == y).sum().item()
            total += len(y)
    net.train(was_training)
    return right / total if total > 0 else math.nan


# %% wrong: left in evaluation mode -> accuracy_mode, accuracy_modes: as it was
def accuracy(net, loader):
    device = next(net.parameters()).device
    was_training = net.training
    net.eval()
    right, total = 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            right += (net(x).argmax(dim=1) == y).sum().item()
            total += len(y)
    return right / total if total > 0 else math.nan


# %% wrong: always put into training mode -> accuracy_mode, accuracy_modes: as it was
def accuracy(net, loader):
    device = next(net.parameters()).device
    was_training = net.training
    net.eval()
    right, total = 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            right += (net(x).argmax(dim=1) == y).sum().item()
            total += len(y)
    net.train()
    return right / total if total > 0 else math.nan


# %% wrong: gradients recorded -> accuracy_mode, accuracy_modes: no_grad
def accuracy(net, loader):
    device = next(net.parameters()).device
    was_training = net.training
    net.eval()
    right, total = 0, 0
    if True:
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            right += (net(x).argmax(dim=1) == y).sum().item()
            total += len(y)
    net.train(was_training)
    return right / total if total > 0 else math.nan


# %% wrong: the batches stay where they are -> accuracy_device: device
def accuracy(net, loader):
    device = next(net.parameters()).device
    was_training = net.training
    net.eval()
    right, total = 0, 0
    with torch.no_grad():
        for x, y in loader:
            right += (net(x).argmax(dim=1) == y).sum().item()
            total += len(y)
    net.train(was_training)
    return right / total if total > 0 else math.nan


# %% wrong: .to without keeping the result -> accuracy_device: device
def accuracy(net, loader):
    device = next(net.parameters()).device
    was_training = net.training
    net.eval()
    right, total = 0, 0
    with torch.no_grad():
        for x, y in loader:
            x.to(device), y.to(device)
            right += (net(x).argmax(dim=1) == y).sum().item()
            total += len(y)
    net.train(was_training)
    return right / total if total > 0 else math.nan


# %% wrong: labels stay where they are -> accuracy_device: device
def accuracy(net, loader):
    device = next(net.parameters()).device
    was_training = net.training
    net.eval()
    right, total = 0, 0
    with torch.no_grad():
        for x, y in loader:
            x = x.to(device)
            right += (net(x).argmax(dim=1) == y).sum().item()
            total += len(y)
    net.train(was_training)
    return right / total if total > 0 else math.nan


# %% wrong: 0 where there is nothing -> accuracy_device: nan
def accuracy(net, loader):
    device = next(net.parameters()).device
    was_training = net.training
    net.eval()
    right, total = 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            right += (net(x).argmax(dim=1) == y).sum().item()
            total += len(y)
    net.train(was_training)
    return right / total if total > 0 else 0.0


# %% wrong: ZeroDivisionError where there is nothing -> accuracy_device: nan
def accuracy(net, loader):
    device = next(net.parameters()).device
    was_training = net.training
    net.eval()
    right, total = 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            right += (net(x).argmax(dim=1) == y).sum().item()
            total += len(y)
    net.train(was_training)
    return right / total


# %% wrong: a percentage -> accuracy_counts, accuracy_mode, accuracy_more, accuracy_modes, accuracy_device: examples
def accuracy(net, loader):
    device = next(net.parameters()).device
    was_training = net.training
    net.eval()
    right, total = 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            right += (net(x).argmax(dim=1) == y).sum().item()
            total += len(y)
    net.train(was_training)
    return 100 * right / total if total > 0 else math.nan


# %% wrong: the share of errors -> accuracy_counts, accuracy_mode, accuracy_more, accuracy_modes, accuracy_device: examples
def accuracy(net, loader):
    device = next(net.parameters()).device
    was_training = net.training
    net.eval()
    right, total = 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            right += (net(x).argmax(dim=1) != y).sum().item()
            total += len(y)
    net.train(was_training)
    return right / total if total > 0 else math.nan


# %% wrong: the smallest score -> accuracy_counts, accuracy_mode, accuracy_more, accuracy_modes, accuracy_device: examples
def accuracy(net, loader):
    device = next(net.parameters()).device
    was_training = net.training
    net.eval()
    right, total = 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            right += (net(x).argmin(dim=1) == y).sum().item()
            total += len(y)
    net.train(was_training)
    return right / total if total > 0 else math.nan


# %% wrong: the best example of each class -> accuracy_counts, accuracy_mode, accuracy_more, accuracy_modes, accuracy_device: examples
def accuracy(net, loader):
    device = next(net.parameters()).device
    was_training = net.training
    net.eval()
    right, total = 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            right += (net(x).argmax(dim=0) == y).sum().item()
            total += len(y)
    net.train(was_training)
    return right / total if total > 0 else math.nan


# %% wrong: returns within the loop -> accuracy_counts, accuracy_mode, accuracy_more, accuracy_modes, accuracy_device: examples
def accuracy(net, loader):
    device = next(net.parameters()).device
    was_training = net.training
    net.eval()
    right, total = 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            right += (net(x).argmax(dim=1) == y).sum().item()
            total += len(y)
            net.train(was_training)
            return right / total
    net.train(was_training)
    return right / total if total > 0 else math.nan


# %% wrong: batches as large as the first -> accuracy_counts, accuracy_mode, accuracy_more, accuracy_modes, accuracy_device: examples
def accuracy(net, loader):
    device = next(net.parameters()).device
    was_training = net.training
    net.eval()
    right, sizes = 0, []
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            right += (net(x).argmax(dim=1) == y).sum().item()
            sizes.append(len(y))
    net.train(was_training)
    return right / (sizes[0] * len(sizes)) if sizes else math.nan


# %% wrong: wipes out gradients -> accuracy_modes: .grad
def accuracy(net, loader):
    device = next(net.parameters()).device
    was_training = net.training
    net.eval()
    net.zero_grad()
    right, total = 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            right += (net(x).argmax(dim=1) == y).sum().item()
            total += len(y)
    net.train(was_training)
    return right / total if total > 0 else math.nan


# %% wrong: flattens into 784 columns -> accuracy_counts, accuracy_mode, accuracy_more, accuracy_modes, accuracy_device: examples
def accuracy(net, loader):
    device = next(net.parameters()).device
    was_training = net.training
    net.eval()
    right, total = 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            right += (net(x.view(-1, 784)).argmax(dim=1) == y).sum().item()
            total += len(y)
    net.train(was_training)
    return right / total if total > 0 else math.nan


# %% wrong: a tensor in place of a float -> accuracy_counts, accuracy_device: float
def accuracy(net, loader):
    device = next(net.parameters()).device
    was_training = net.training
    net.eval()
    right, total = 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            right += (net(x).argmax(dim=1) == y).sum().item()
            total += len(y)
    net.train(was_training)
    return torch.tensor(right / total if total > 0 else math.nan)


# %% wrong: changes the weights a little -> accuracy_modes: must not change a weight
def accuracy(net, loader):
    device = next(net.parameters()).device
    was_training = net.training
    net.eval()
    for p in net.parameters():
        p.data.mul_(1.0001)
    right, total = 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            right += (net(x).argmax(dim=1) == y).sum().item()
            total += len(y)
    net.train(was_training)
    return right / total if total > 0 else math.nan


# %% wrong: flattens the images -> accuracy_more: do not flatten them
def accuracy(net, loader):
    device = next(net.parameters()).device
    was = net.training
    net.eval()
    right = total = 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            right += (net(x.flatten(1)).argmax(dim=1) == y).sum().item()
            total += len(y)
    net.train(was)
    return right / total if total else math.nan


# %% wrong: divides by the size of the data set -> accuracy_more: Count the examples that the loader gives
def accuracy(net, loader):
    device = next(net.parameters()).device
    was = net.training
    net.eval()
    right = total = 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            right += (net(x).argmax(dim=1) == y).sum().item()
            total += len(x)
    net.train(was)
    return right / (len(loader.dataset) if hasattr(loader, "dataset") else total) if total else math.nan


# %% wrong: nothing given, and the mode is lost -> accuracy_device: also where the loader gives nothing
def accuracy(net, loader):
    was = net.training
    net.eval()
    loader = list(loader)
    if not loader:
        return math.nan
    device = next(net.parameters()).device
    right, total = 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            right += (net(x).argmax(dim=1) == y).sum().item()
            total += len(y)
    net.train(was)
    return right / total


# %% wrong: right answers added in bytes -> accuracy_more: Batches may be large
def accuracy(net, loader):
    device = next(net.parameters()).device
    was = net.training
    net.eval()
    right, total = 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            right += (net(x).argmax(dim=1) == y).sum(dtype=torch.uint8).item()
            total += len(y)
    net.train(was)
    return right / total if total else math.nan


# %% wrong: fifty batches are thought to be enough -> accuracy_more: More than a hundred batches
def accuracy(net, loader):
    device = next(net.parameters()).device
    was = net.training
    net.eval()
    correct = total = 0
    with torch.no_grad():
        for x, y in list(loader)[:50]:
            x, y = x.to(device), y.to(device)
            correct += (net(x).argmax(dim=1) == y).sum().item()
            total += len(y)
    net.train(was)
    return correct / total if total else math.nan


# %% wrong: evaluation mode for the outer modules alone -> accuracy_modes: net.eval()
def accuracy(net, loader):
    device = next(net.parameters()).device
    was = net.training
    net.training = False
    for m in net.children():
        m.training = False
    correct = total = 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            correct += (net(x).argmax(dim=1) == y).sum().item()
            total += len(y)
    net.train(was)
    return correct / total if total else math.nan


# %% wrong: rounded to four decimals -> accuracy_more, accuracy_modes: Right answers divided by examples
def accuracy(net, loader):
    device = next(net.parameters()).device
    was = net.training
    net.eval()
    correct = total = 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            correct += (net(x).argmax(dim=1) == y).sum().item()
            total += len(y)
    net.train(was)
    return round(correct / total, 4) if total else math.nan


# %% wrong: evaluation mode for what is inside the net alone -> accuracy_modes: the net itself
def accuracy(net, loader):
    device = next(net.parameters()).device
    was = net.training
    for child in net.children():
        child.eval()
    right = total = 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            right += (net(x).argmax(dim=1) == y).sum().item()
            total += len(y)
    net.train(was)
    return right / total if total else math.nan


# %% wrong: taken for training only where all modules are -> accuracy_modes: keep net.training itself
def accuracy(net, loader):
    device = next(net.parameters()).device
    was = all(m.training for m in net.modules())
    net.eval()
    right = total = 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            right += (net(x).argmax(dim=1) == y).sum().item()
            total += len(y)
    net.train(was)
    return right / total if total else math.nan


# %% wrong: sigmoid first, which makes large scores equal -> accuracy_more: sigmoid and exp
def accuracy(net, loader):
    device = next(net.parameters()).device
    mode = net.training
    net.eval()
    right = total = 0
    with torch.no_grad():
        for x, y in loader:
            right += (net(x.to(device)).sigmoid().argmax(1) == y.to(device)).sum().item()
            total += len(y)
    net.train(mode)
    return right / total if total else math.nan


# %% wrong: the mode of the first module is put back -> accuracy_modes: the first module inside
def accuracy(net, loader):
    device = next(net.parameters()).device
    mode = next(net.modules() if not list(net.children()) else net.children()).training
    net.eval()
    right = total = 0
    with torch.no_grad():
        for x, y in loader:
            right += (net(x.to(device)).argmax(1) == y.to(device)).sum().item()
            total += len(y)
    net.train(mode)
    return right / total if total else math.nan


# %% wrong: a mean times the number of examples, cut to a whole number -> accuracy_more: whole numbers
def accuracy(net, loader):
    was_training = net.training
    net.eval()
    device = next(net.parameters()).device
    right, total = 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            right += int((net(x).argmax(dim=1) == y).float().mean().item() * len(y))
            total += len(y)
    net.train(was_training)
    return right / total if total else math.nan
