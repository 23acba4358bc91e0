# sys.exit in an answer.
# points: double=0 total=7 stack=6
# %% double
import sys


def double(x):
    sys.exit(0)
