# Prints what it was called with.
# points: double=7 total=7 stack=6
# %% double
import sys


def double(x):
    print("called with", x)
    sys.stderr.write(f"called with {x}")
    return 2 * x
