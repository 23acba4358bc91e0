# Data nested more deeply than anyone can walk.
# points: double=0 total=7 stack=6
# %% double
def double(x):
    nested = []
    for _ in range(100_000):
        nested = [nested]
    return nested
