# %% right: a sum and a count
class RunningMean:
    def __init__(self):
        self.sum, self.n = 0.0, 0

    def reset(self):
        self.sum, self.n = 0.0, 0

    def update(self, value, n=1):
        if n == 0:
            return
        self.sum += torch.as_tensor(value).item() * n
        self.n += n

    def mean(self):
        if self.n == 0:
            return math.nan
        return self.sum / self.n


# %% right: lists of values and sizes
class RunningMean:
    def __init__(self):
        self.values, self.sizes = [], []

    def reset(self):
        self.values.clear()
        self.sizes.clear()

    def update(self, value, n=1):
        if isinstance(value, Tensor):
            value = value.item()
        if n:
            self.values.append(value)
            self.sizes.append(n)

    def mean(self):
        total = sum(self.sizes)
        return math.fsum(v * n for v, n in zip(self.values, self.sizes)) / total if total else float("nan")


# %% right: the mean itself is kept up to date
class RunningMean:
    def __init__(self):
        self.reset()

    def reset(self):
        self.now, self.count = float("nan"), 0

    def update(self, value, n=1):
        if n <= 0:
            return
        value = float(value.detach()) if torch.is_tensor(value) else float(value)
        self.count += n
        self.now = value if self.count == n else self.now + (value - self.now) * n / self.count

    def mean(self):
        return self.now


# %% right: a detached tensor that adds up
class RunningMean:
    def __init__(self):
        self.reset()

    def reset(self):
        self.sums = torch.zeros(2, dtype=torch.float64)

    def update(self, value, n=1):
        if n > 0:
            value = torch.as_tensor(value).detach().double().cpu().reshape(())
            self.sums += torch.stack([value * n, torch.tensor(float(n), dtype=torch.float64)])

    def mean(self):
        total, count = self.sums.tolist()
        return total / count if count else math.nan


# %% right: a try around the division
class RunningMean:
    def __init__(self):
        self.total = 0.0
        self.count = 0

    def reset(self):
        self.__init__()

    def update(self, value, n=1):
        with torch.no_grad():
            number = torch.tensor(float(torch.as_tensor(value).detach()), dtype=torch.float64).item()
        self.total += number * n if n else 0.0
        self.count += n

    def mean(self):
        try:
            return float(self.total / self.count)
        except ZeroDivisionError:
            return math.nan


# %% right: the mean itself moves
class RunningMean:
    def __init__(self):
        self.m, self.n = math.nan, 0

    def reset(self):
        self.__init__()

    def update(self, value, n=1):
        if not n:
            return None
        v = value.detach().item() if isinstance(value, Tensor) else value
        self.n += n
        self.m = v if self.n == n else self.m + (v - self.m) * n / self.n

    def mean(self):
        return float(self.m)


# %% right: the mean itself, moved by each batch
class RunningMean:
    def __init__(self):
        self.m, self.count = math.nan, 0

    def reset(self):
        self.__init__()

    def update(self, value, n=1):
        if n <= 0:
            return
        value = float(value.detach().cpu()) if isinstance(value, Tensor) else float(value)
        if self.count == 0:
            self.m, self.count = value, n
            return
        self.count += n
        self.m += (value - self.m) * (n / self.count)

    def mean(self):
        return self.m


# %% wrong: the mean of the means -> running_mean_weighted, running_mean_epoch, running_mean_numbers: examples
class RunningMean:
    def __init__(self):
        self.reset()

    def reset(self):
        self.total, self.count = 0.0, 0

    def update(self, value, n=1):
        if n > 0:
            self.total += torch.as_tensor(value).item()
            self.count += 1

    def mean(self):
        return self.total / self.count if self.count else math.nan


# %% wrong: 0 at the beginning -> running_mean_empty, running_mean_epoch: nan
class RunningMean:
    def __init__(self):
        self.reset()

    def reset(self):
        self.total, self.count = 0.0, 0

    def update(self, value, n=1):
        if n > 0:
            self.total += torch.as_tensor(value).item() * n
            self.count += n

    def mean(self):
        return self.total / self.count if self.count else 0.0


# %% wrong: divides by zero at the beginning -> running_mean_empty, running_mean_epoch: nan
class RunningMean:
    def __init__(self):
        self.reset()

    def reset(self):
        self.total, self.count = 0.0, 0

    def update(self, value, n=1):
        if n > 0:
            self.total += torch.as_tensor(value).item() * n
            self.count += n

    def mean(self):
        return self.total / self.count


# %% wrong: an empty batch of nan -> running_mean_epoch: n = 0
class RunningMean:
    def __init__(self):
        self.reset()

    def reset(self):
        self.total, self.count = 0.0, 0

    def update(self, value, n=1):
        self.total += torch.as_tensor(value).item() * n
        self.count += n

    def mean(self):
        return self.total / self.count if self.count else math.nan


# %% wrong: the values without their n -> running_mean_weighted, running_mean_epoch, running_mean_numbers: add value * n
class RunningMean:
    def __init__(self):
        self.reset()

    def reset(self):
        self.total, self.count = 0.0, 0

    def update(self, value, n=1):
        if n > 0:
            self.total += torch.as_tensor(value).item()
            self.count += n

    def mean(self):
        return self.total / self.count if self.count else math.nan


# %% wrong: counts batches -> running_mean_weighted, running_mean_epoch, running_mean_numbers: examples
class RunningMean:
    def __init__(self):
        self.reset()

    def reset(self):
        self.total, self.count = 0.0, 0

    def update(self, value, n=1):
        if n > 0:
            self.total += torch.as_tensor(value).item() * n
            self.count += 1

    def mean(self):
        return self.total / self.count if self.count else math.nan


# %% wrong: the last batch alone -> running_mean_weighted, running_mean_empty, running_mean_epoch, running_mean_numbers: examples
class RunningMean:
    def __init__(self):
        self.reset()

    def reset(self):
        self.total, self.count = 0.0, 0

    def update(self, value, n=1):
        if n > 0:
            self.total = torch.as_tensor(value).item() * n
            self.count = n

    def mean(self):
        return self.total / self.count if self.count else math.nan


# %% wrong: reset keeps the count -> running_mean_empty, running_mean_epoch, running_mean_numbers: examples
class RunningMean:
    def __init__(self):
        self.total, self.count = 0.0, 0

    def reset(self):
        self.total = 0.0

    def update(self, value, n=1):
        if n > 0:
            self.total += torch.as_tensor(value).item() * n
            self.count += n

    def mean(self):
        return self.total / self.count if self.count else math.nan


# %% wrong: reset keeps the sum -> running_mean_empty, running_mean_epoch, running_mean_numbers: examples
class RunningMean:
    def __init__(self):
        self.total, self.count = 0.0, 0

    def reset(self):
        self.count = 0

    def update(self, value, n=1):
        if n > 0:
            self.total += torch.as_tensor(value).item() * n
            self.count += n

    def mean(self):
        return self.total / self.count if self.count else math.nan


# %% wrong: reset does nothing -> running_mean_empty, running_mean_epoch, running_mean_numbers: examples
class RunningMean:
    def __init__(self):
        self.total, self.count = 0.0, 0

    def reset(self):
        pass

    def update(self, value, n=1):
        if n > 0:
            self.total += torch.as_tensor(value).item() * n
            self.count += n

    def mean(self):
        return self.total / self.count if self.count else math.nan


# %% wrong: mean starts anew -> running_mean_epoch, running_mean_numbers: examples
class RunningMean:
    def __init__(self):
        self.reset()

    def reset(self):
        self.total, self.count = 0.0, 0

    def update(self, value, n=1):
        if n > 0:
            self.total += torch.as_tensor(value).item() * n
            self.count += n

    def mean(self):
        result = self.total / self.count if self.count else math.nan
        self.reset()
        return result


# %% wrong: sums that all objects share -> running_mean_epoch: Two objects must not share
class RunningMean:
    sums = [0.0, 0]

    def reset(self):
        self.sums[:] = [0.0, 0]

    def __init__(self):
        self.reset()

    def update(self, value, n=1):
        if n > 0:
            self.sums[0] += torch.as_tensor(value).item() * n
            self.sums[1] += n

    def mean(self):
        return self.sums[0] / self.sums[1] if self.sums[1] else math.nan


# %% wrong: tensors stay tensors -> running_mean_numbers: mean() returns a Python float
class RunningMean:
    def __init__(self):
        self.reset()

    def reset(self):
        self.total, self.count = 0.0, 0

    def update(self, value, n=1):
        if n > 0:
            self.total += value * n
            self.count += n

    def mean(self):
        return self.total / self.count if self.count else math.nan


# %% wrong: keeps the tensor itself -> running_mean_numbers: Keep numbers
class RunningMean:
    def __init__(self):
        self.reset()

    def reset(self):
        self.batches = []

    def update(self, value, n=1):
        if n > 0:
            self.batches.append((value, n))

    def mean(self):
        count = sum(n for _, n in self.batches)
        return sum(torch.as_tensor(v).item() * n for v, n in self.batches) / count if count else math.nan


# %% wrong: floats alone -> running_mean_epoch, running_mean_numbers: examples
class RunningMean:
    def __init__(self):
        self.reset()

    def reset(self):
        self.total, self.count = 0.0, 0

    def update(self, value, n=1):
        if n > 0:
            self.total += value.real * n if isinstance(value, float) else int(value) * n
            self.count += n

    def mean(self):
        return self.total / self.count if self.count else math.nan


# %% wrong: n taken for 2 where it is left out -> running_mean_numbers: update() goes on after mean();
class RunningMean:
    def __init__(self):
        self.reset()

    def reset(self):
        self.total, self.count = 0.0, 0

    def update(self, value, n=2):
        if n > 0:
            self.total += torch.as_tensor(value).item() * n
            self.count += n

    def mean(self):
        return self.total / self.count if self.count else math.nan


# %% wrong: the integer part -> running_mean_weighted, running_mean_empty, running_mean_epoch, running_mean_numbers: examples
class RunningMean:
    def __init__(self):
        self.reset()

    def reset(self):
        self.total, self.count = 0.0, 0

    def update(self, value, n=1):
        if n > 0:
            self.total += torch.as_tensor(value).item() * n
            self.count += n

    def mean(self):
        return self.total // self.count if self.count else math.nan


# %% wrong: asks the sum whether there was an example -> running_mean_epoch: ask the count of examples, not the sum
class RunningMean:
    def __init__(self):
        self.reset()

    def reset(self):
        self.total, self.count = 0.0, 0

    def update(self, value, n=1):
        if n == 0:
            return
        self.total += float(value) * n
        self.count += n

    def mean(self):
        return self.total / self.count if self.total else math.nan


# %% wrong: leaves every nan out -> running_mean_epoch: Only a batch of n = 0 is left out
class RunningMean:
    def __init__(self):
        self.reset()

    def reset(self):
        self.total, self.count = 0.0, 0

    def update(self, value, n=1):
        if n == 0 or math.isnan(float(value)):
            return
        self.total += float(value) * n
        self.count += n

    def mean(self):
        return self.total / self.count if self.count else math.nan


# %% wrong: a batch whose mean is 0 is left out -> running_mean_epoch: whose mean is 0
class RunningMean:
    def __init__(self):
        self.reset()

    def reset(self):
        self.total = 0.0
        self.count = 0

    def update(self, value, n=1):
        if not n or not value:
            return
        self.total += float(value) * n
        self.count += n

    def mean(self):
        return self.total / self.count if self.count else math.nan


# %% wrong: the sum is a float32 tensor -> running_mean_numbers: must be a Python float
class RunningMean:
    def __init__(self):
        self.reset()

    def reset(self):
        self.total = 0.0
        self.count = 0

    def update(self, value, n=1):
        if n == 0:
            return
        self.total = self.total + value * n
        self.count += n

    def mean(self):
        return float(self.total / self.count) if self.count else math.nan


# %% wrong: begins anew after nan -> running_mean_epoch: stays nan until reset
class RunningMean:
    def __init__(self):
        self.reset()

    def reset(self):
        self.total = 0.0
        self.count = 0

    def update(self, value, n=1):
        value = float(value)
        if n == 0:
            return
        if math.isnan(self.total):
            self.total, self.count = 0.0, 0
        self.total += value * n
        self.count += n

    def mean(self):
        return self.total / self.count if self.count else math.nan


# %% wrong: rounded to six decimals -> running_mean_numbers: do not round
class RunningMean:
    def __init__(self):
        self.reset()

    def reset(self):
        self.total = 0.0
        self.count = 0

    def update(self, value, n=1):
        if n == 0:
            return
        self.total += float(value) * n
        self.count += n

    def mean(self):
        return round(self.total / self.count, 6) if self.count else math.nan


# %% wrong: the last hundred batches alone -> running_mean_epoch: an epoch of 300 batches
from collections import deque


class RunningMean:
    def __init__(self):
        self.reset()

    def reset(self):
        self.batches = deque(maxlen=100)

    def update(self, value, n=1):
        if n > 0:
            self.batches.append((float(value), n))

    def mean(self):
        count = sum(n for _, n in self.batches)
        return sum(v * n for v, n in self.batches) / count if count else math.nan


# %% wrong: tensors of float64 made float32 -> running_mean_numbers: all the digits of a Python float
class RunningMean:
    def __init__(self):
        self.reset()

    def reset(self):
        self.total = 0.0
        self.count = 0

    def update(self, value, n=1):
        if n == 0:
            return
        self.total += (value.float().item() if isinstance(value, Tensor) else value) * n
        self.count += n

    def mean(self):
        return self.total / self.count if self.count else math.nan
