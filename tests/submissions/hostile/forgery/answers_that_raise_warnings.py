# Turns errors into warnings.
# points: double=0 total=0 stack=0
# %% double
import warnings


def double(x):
    warnings.warn("right")


# %% total
def total(xs):
    warnings.warn("right")


# %% stack
