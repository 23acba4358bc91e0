# Writes to the file descriptors themselves.
# points: double=7 total=7 stack=6 | double=3 total=7 stack=6 | double=0 total=7 stack=6
# %% double
import os


def double(x):
    for _ in range(200):
        os.write(1, b"x" * (1 << 20))
        os.write(2, b"x" * (1 << 20))
    return 2 * x
