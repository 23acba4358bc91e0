# An iterator without an end, where a list was asked for.
# points: double=0 total=7 stack=6
# %% double
import itertools


def double(x):
    return itertools.count()
