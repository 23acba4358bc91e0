# Recursion without a limit.
# points: double=0 total=7 stack=6
# %% double
import sys

sys.setrecursionlimit(10**9)


def double(x):
    return double(x) + 1
