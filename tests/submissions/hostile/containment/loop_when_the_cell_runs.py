# A cell that never ends, before any test; what it defined before that counts, as in a kernel that is interrupted.
# points: double=7 total=7 stack=6
# outcome: double passed
# %% double
def double(x):
    return 2 * x


while True:
    pass
