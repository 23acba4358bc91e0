# Changes what it has given back, once the test asks for more.
# points: double=0 total=7 stack=0
# %% double
import torch

GIVEN = []


def double(x):
    for old in GIVEN:
        old.fill_(0) if old.is_leaf else None
    result = torch.zeros(3, requires_grad=False) if isinstance(x, torch.Tensor) else torch.zeros(())
    GIVEN.append(result)
    return result


# %% stack
class Stack:
    everything = []

    def __init__(self):
        self.mine = Stack.everything

    def push(self, value):
        self.mine.append(value)

    def pop(self):
        return self.mine.pop(0)

    def __len__(self):
        return len(self.mine)
