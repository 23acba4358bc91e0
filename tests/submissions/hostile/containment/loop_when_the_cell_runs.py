# A cell that never ends, before any test.
# points: double=0 total=7 stack=6
# outcome: double raised
# %% double
def double(x):
    return 2 * x


while True:
    pass
