# Tensors until memory ends.
# points: double=0 total=7 stack=6
# %% double
import torch


def double(x):
    hog = []
    while True:
        hog.append(torch.ones(1 << 24))
