# A tensor that claims to be far larger than its memory.
# points: double=0 total=7 stack=6
# %% double
import torch


def double(x):
    return torch.zeros(1).expand(1 << 40)
