# A number with a hundred million digits.
# points: double=0 total=7 stack=6
# %% double
def double(x):
    return 1 << 400_000_000
