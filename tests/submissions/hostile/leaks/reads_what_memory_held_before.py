# Asks for memory that nobody has cleared: of the allocators, the stack, tensors and files that are made longer.
# points: double=0 total=7 stack=6
# %% double
import ctypes

import numpy as np
import torch


def double(x):
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    words = []
    for size in [1 << n for n in range(4, 16)] * 4:
        address = libc.malloc(size)
        words.append(ctypes.string_at(address, size))
        words.append(np.empty(size, np.uint8).tobytes())
        words.append(torch.empty(size, dtype=torch.uint8).numpy().tobytes())
    text = b"".join(words)
    return [text[at - 20 : at + 60] for at in range(len(text)) if text[at : at + 11] == b"hidden-mark"] or None
