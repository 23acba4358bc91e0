# Prints more than anyone reads.
# points: double=7 total=7 stack=6 | double=3 total=7 stack=6 | double=0 total=7 stack=6
# %% double
def double(x):
    for _ in range(1000):
        print("x" * (1 << 20))
    return 2 * x
