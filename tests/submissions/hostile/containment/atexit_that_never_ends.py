# Work that begins when Python ends.
# points: double=7 total=7 stack=6
# %% double
import atexit
import time

atexit.register(time.sleep, 600)


def double(x):
    return 2 * x
