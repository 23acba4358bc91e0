# A list of a hundred million numbers.
# points: double=0 total=7 stack=6
# %% double
def double(x):
    return [0] * 100_000_000
