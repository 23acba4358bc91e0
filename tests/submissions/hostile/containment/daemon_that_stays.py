# A process that detaches itself and outlives the submission.
# points: double=7 total=7 stack=6
# %% double
import os
import time


def double(x):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
    return 2 * x
