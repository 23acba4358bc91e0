# Reads where nothing is.
# points: double=0 total=7 stack=6
# outcome: double crashed
# %% double
import ctypes


def double(x):
    ctypes.string_at(0)
