# %% right: the five lines
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        loss_sum += loss.item() * len(y)
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / total, right / total


# %% right: deck 004's way, mended
def train_one_epoch(model, loader, optimizer):
    device = next(model.parameters()).device
    crossentropy = nn.CrossEntropyLoss()
    running_loss = 0.0
    running_correct = 0
    running_count = 0
    model.train()
    for batch_idx, (data, labels) in enumerate(loader):
        data = data.to(device)
        labels = labels.to(device)
        optimizer.zero_grad()
        y = model(data)
        loss = crossentropy(y, labels)
        loss.backward()
        optimizer.step()
        running_loss += loss.item() * labels.size(0)
        _, predicted = torch.max(y.data, 1)
        running_correct += (predicted == labels).sum().item()
        running_count += labels.size(0)
    return running_loss / running_count, running_correct / running_count


# %% right: zero_grad before the loop and after each step
def train_one_epoch(net, loader, opt):
    where = next(net.parameters()).device
    net.train(True)
    opt.zero_grad()
    rows = []
    for x, y in loader:
        x, y = x.to(where), y.to(where)
        scores = net(x)
        each = F.cross_entropy(scores, y, reduction="none")
        each.mean().backward()
        opt.step()
        opt.zero_grad(set_to_none=False)
        rows.append(torch.stack([each.detach().double(), (scores.argmax(1) == y).double()]))
    means = torch.cat(rows, dim=1).mean(1)
    return means[0].item(), means[1].item()


# %% right: log_softmax first, as deck 002
def train_one_epoch(net, loader, opt):
    p = list(net.parameters())[0]
    net.train()
    losses, hits, sizes = [], [], []
    for data in loader:
        X, y = (part.to(p.device) for part in data)
        net.zero_grad()
        output = F.log_softmax(net(X), dim=1)
        loss = F.nll_loss(output, y)
        loss.backward()
        opt.step()
        sizes.append(len(y))
        losses.append(loss.item())
        hits.append(int((output.argmax(dim=-1) == y).sum()))
    return sum(l * n for l, n in zip(losses, sizes)) / sum(sizes), sum(hits) / sum(sizes)


# %% right: sums on the device, fetched once
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    sums = torch.zeros(3, dtype=torch.float64, device=device)
    for x, y in loader:
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
        opt.zero_grad(set_to_none=True)
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        with torch.no_grad():
            sums[0] += loss * len(y)
            sums[1] += (scores.argmax(1) == y).sum()
            sums[2] += len(y)
    loss_sum, right, total = sums.tolist()
    return loss_sum / total, right / total


# %% right: a closure for the optimizer
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    loss_sum = right = total = 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        kept = []

        def closure():
            opt.zero_grad()
            scores = net(x)
            loss = F.cross_entropy(scores, y)
            loss.backward()
            kept.append(scores.detach())
            return loss

        loss = opt.step(closure)
        loss_sum += loss.item() * len(y)
        right += (kept[0].argmax(1) == y).sum().item()
        total += len(y)
    return loss_sum / total, right / total


# %% right: a closure for the optimizer
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        kept = []

        def closure():
            opt.zero_grad()
            s = net(x)
            l = F.cross_entropy(s, y)
            l.backward()
            kept.append((s, l))
            return l

        opt.step(closure)
        scores, loss = kept[0]
        loss_sum += loss.item() * len(y)
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / total, right / total


# %% wrong: no zero_grad -> train_one_epoch_weights, train_one_epoch_report, train_one_epoch_optimizer, train_one_epoch_uneven, train_one_epoch_gradients, train_one_epoch_mode, train_one_epoch_device: batch
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        loss_sum += loss.item() * len(y)
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / total, right / total


# %% wrong: no step -> train_one_epoch_weights, train_one_epoch_report, train_one_epoch_optimizer, train_one_epoch_uneven, train_one_epoch_gradients, train_one_epoch_mode, train_one_epoch_device: batch
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        loss_sum += loss.item() * len(y)
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / total, right / total


# %% wrong: zero_grad between backward and step -> train_one_epoch_weights, train_one_epoch_report, train_one_epoch_optimizer, train_one_epoch_uneven, train_one_epoch_gradients, train_one_epoch_mode, train_one_epoch_device: batch
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.zero_grad()
        opt.step()
        loss_sum += loss.item() * len(y)
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / total, right / total


# %% wrong: the step before backward -> train_one_epoch_weights, train_one_epoch_report, train_one_epoch_optimizer, train_one_epoch_uneven, train_one_epoch_gradients, train_one_epoch_mode, train_one_epoch_device: batch
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        opt.step()
        loss.backward()
        loss_sum += loss.item() * len(y)
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / total, right / total


# %% wrong: zero_grad after the step alone -> train_one_epoch_gradients: batch
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        opt.zero_grad()
        loss_sum += loss.item() * len(y)
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / total, right / total


# %% wrong: zero_grad once per epoch -> train_one_epoch_weights, train_one_epoch_report, train_one_epoch_optimizer, train_one_epoch_uneven, train_one_epoch_gradients, train_one_epoch_mode, train_one_epoch_device: batch
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    opt.zero_grad()
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        loss_sum += loss.item() * len(y)
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / total, right / total


# %% wrong: the loss of the last batch -> train_one_epoch_report, train_one_epoch_optimizer, train_one_epoch_uneven, train_one_epoch_gradients, train_one_epoch_mode, train_one_epoch_device: batch
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        loss_sum += loss.item() * len(y)
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss.item(), right / total


# %% wrong: the mean of the batch losses -> train_one_epoch_report, train_one_epoch_optimizer, train_one_epoch_uneven, train_one_epoch_gradients, train_one_epoch_mode, train_one_epoch_device: batch
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        loss_sum += loss.item()
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / len(loader), right / total


# %% wrong: nothing is added to the loss, as on deck 004 -> train_one_epoch_report, train_one_epoch_optimizer, train_one_epoch_uneven, train_one_epoch_gradients, train_one_epoch_mode, train_one_epoch_device: examples
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / total, right / total


# %% wrong: counts as if all batches were as large as the first -> train_one_epoch_report, train_one_epoch_optimizer, train_one_epoch_uneven, train_one_epoch_gradients, train_one_epoch_mode, train_one_epoch_device: examples
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    loss_sum, right, total = 0.0, 0, 0
    size = 0
    for x, y in loader:
        size = size or len(y)
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        loss_sum += loss.item() * len(y)
        right += (scores.argmax(dim=1) == y).sum().item()
        total += size
    return loss_sum / total, right / total


# %% wrong: a sum over the batch -> train_one_epoch_weights, train_one_epoch_report, train_one_epoch_optimizer, train_one_epoch_uneven, train_one_epoch_gradients, train_one_epoch_mode, train_one_epoch_device: batch
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        scores = net(x)
        loss = F.cross_entropy(scores, y, reduction="sum")
        loss.backward()
        opt.step()
        loss_sum += loss.item()
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / total, right / total


# %% wrong: a softmax before the cross-entropy -> train_one_epoch_weights, train_one_epoch_report, train_one_epoch_optimizer, train_one_epoch_uneven, train_one_epoch_gradients, train_one_epoch_mode, train_one_epoch_device: batch
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        scores = net(x)
        loss = F.cross_entropy(scores.softmax(dim=1), y)
        loss.backward()
        opt.step()
        loss_sum += loss.item() * len(y)
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / total, right / total


# %% wrong: in evaluation mode -> train_one_epoch_mode: training mode
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.eval()
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        loss_sum += loss.item() * len(y)
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / total, right / total


# %% wrong: the mode as it was -> train_one_epoch_mode: training mode
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        loss_sum += loss.item() * len(y)
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / total, right / total


# %% wrong: the batches stay where they are -> train_one_epoch_device: device
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        opt.zero_grad()
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        loss_sum += loss.item() * len(y)
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / total, right / total


# %% wrong: .to without keeping the result -> train_one_epoch_device: device
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x.to(device), y.to(device)
        opt.zero_grad()
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        loss_sum += loss.item() * len(y)
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / total, right / total


# %% wrong: only the images are moved -> train_one_epoch_device: device
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x = x.to(device)
        opt.zero_grad()
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        loss_sum += loss.item() * len(y)
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / total, right / total


# %% wrong: an optimizer of its own -> train_one_epoch_optimizer: optimizer that is given
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    opt = torch.optim.SGD(net.parameters(), lr=opt.param_groups[0]["lr"])
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        loss_sum += loss.item() * len(y)
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / total, right / total


# %% wrong: a gradient step by hand -> train_one_epoch_optimizer: optimizer that is given
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        with torch.no_grad():
            for p in net.parameters():
                p -= opt.param_groups[0]["lr"] * p.grad
        loss_sum += loss.item() * len(y)
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / total, right / total


# %% wrong: returns within the loop -> train_one_epoch_weights, train_one_epoch_report, train_one_epoch_optimizer, train_one_epoch_uneven, train_one_epoch_gradients, train_one_epoch_mode, train_one_epoch_device: batch
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        loss_sum += loss.item() * len(y)
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
        return loss_sum / total, right / total
    return loss_sum / total, right / total


# %% wrong: measured after the step -> train_one_epoch_report, train_one_epoch_optimizer, train_one_epoch_uneven, train_one_epoch_gradients, train_one_epoch_mode, train_one_epoch_device: examples
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        scores = net(x)
        loss_sum += F.cross_entropy(scores, y).item() * len(y)
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / total, right / total


# %% wrong: a second forward pass for the accuracy -> train_one_epoch_mode: batch
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        scores = net(x)
        before = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        loss_sum += loss.item() * len(y)
        right += (before.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / total, right / total


# %% wrong: the accuracy first -> train_one_epoch_report, train_one_epoch_optimizer, train_one_epoch_uneven, train_one_epoch_gradients, train_one_epoch_mode, train_one_epoch_device: loss
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        loss_sum += loss.item() * len(y)
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return right / total, loss_sum / total


# %% wrong: a percentage -> train_one_epoch_report, train_one_epoch_optimizer, train_one_epoch_uneven, train_one_epoch_gradients, train_one_epoch_mode, train_one_epoch_device: batch
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        loss_sum += loss.item() * len(y)
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / total, 100 * right / total


# %% wrong: the loss as a tensor -> train_one_epoch_report: float
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        loss_sum += loss.detach() * len(y)
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / total, right / total


# %% wrong: drops the partial batch -> train_one_epoch_weights, train_one_epoch_report, train_one_epoch_optimizer, train_one_epoch_uneven, train_one_epoch_gradients, train_one_epoch_mode, train_one_epoch_device: batch
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    loss_sum, right, total = 0.0, 0, 0
    size = 0
    for x, y in loader:
        size = max(size, len(y))
        if len(y) < size:
            continue
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        loss_sum += loss.item() * len(y)
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / total, right / total


# %% wrong: flattens the images -> train_one_epoch_uneven: do not flatten them
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        scores = net(x.flatten(1))
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        loss_sum += loss.item() * len(y)
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / total, right / total


# %% wrong: log of a softmax -> train_one_epoch_uneven: softmax by itself gives 0 there
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        scores = net(x)
        loss = F.nll_loss(torch.log(scores.softmax(1)), y)
        loss.backward()
        opt.step()
        loss_sum += loss.item() * len(y)
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / total, right / total


# %% wrong: sums that begin anew each hundred batches -> train_one_epoch_uneven: 103 batches
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    running_loss, running_correct, running_count = 0.0, 0, 0
    for batch_idx, (x, y) in enumerate(loader, 1):
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        running_loss += loss.item() * len(y)
        running_correct += (scores.argmax(dim=1) == y).sum().item()
        running_count += len(y)
        if batch_idx % 100 == 0:
            train_loss, train_acc = running_loss / running_count, running_correct / running_count
            running_loss, running_correct, running_count = 0.0, 0, 0
    return running_loss / running_count, running_correct / running_count


# %% wrong: divided by the size of the data set -> train_one_epoch_uneven: leaves out the last example
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    running_loss, correct, count = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        running_loss += loss.item() * x.size(0)
        correct += (scores.argmax(1) == y).sum().item()
        count += y.size(0)
    size = len(loader.dataset) if isinstance(loader, DataLoader) else count
    return running_loss / size, correct / size


# %% wrong: training mode for what is inside the net alone -> train_one_epoch_mode: the net itself
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    for child in net.children():
        child.train()
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        loss_sum += loss.item() * len(y)
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / total, right / total


# %% wrong: no more than 128 examples of a batch -> train_one_epoch_uneven: One batch of 200 examples
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    losses, right, total = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device)[:128], y.to(device)[:128]
        opt.zero_grad()
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        losses += loss.item() * len(y)
        right += (scores.argmax(1) == y).sum().item()
        total += len(y)
    return losses / total, right / total


# %% wrong: dropout switched off -> train_one_epoch_mode: dropout as well as batch norm
def train_one_epoch(net, loader, opt):
    device = next(net.parameters()).device
    net.train()
    for m in net.modules():
        if isinstance(m, nn.Dropout):
            m.eval()
    loss_sum, right, total = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        loss_sum += loss.item() * len(y)
        right += (scores.argmax(dim=1) == y).sum().item()
        total += len(y)
    return loss_sum / total, right / total


# %% wrong: smaller batches are left out -> train_one_epoch_weights, train_one_epoch_report, train_one_epoch_optimizer, train_one_epoch_uneven, train_one_epoch_gradients, train_one_epoch_mode, train_one_epoch_device: or each batch
def train_one_epoch(net, loader, opt):
    net.train()
    device = next(net.parameters()).device
    right, loss_sum, total, size = 0, 0.0, 0, None
    for x, y in loader:
        size = size or len(y)
        if len(y) < size:
            continue
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        opt.step()
        loss_sum += loss.item() * len(y)
        right += (scores.argmax(1) == y).sum().item()
        total += len(y)
    return loss_sum / total, right / total
