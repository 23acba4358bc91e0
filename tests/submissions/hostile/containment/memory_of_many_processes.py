# Each process keeps below its limit, together they do not.
# points: double=0 total=7 stack=6
# %% double
import os
import time


def double(x):
    for _ in range(40):
        if os.fork() == 0:
            hog = bytearray(os.urandom(1 << 20) * 200)
            time.sleep(600)
    time.sleep(600)
