# First a crowd, at which it takes long to look, and then all its memory at once.
# points: double=0 total=7 stack=6
# outcome: double memory timeout crashed
# %% double
import os
import time


def double(x):
    begin = time.monotonic() + 2
    for _ in range(40):
        if os.fork() == 0:
            time.sleep(max(0, begin - time.monotonic()))
            block = bytearray(200 << 20)
            for place in range(0, len(block), 4096):
                block[place] = 1
            time.sleep(600)
    time.sleep(600)
