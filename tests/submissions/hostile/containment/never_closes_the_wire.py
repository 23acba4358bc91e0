# Leaves the wire with a child that says nothing, and ends.
# points: double=0 total=7 stack=6
# outcome: double crashed timeout
# %% double
import os, time


def double(x):
    if os.fork() == 0:
        time.sleep(600)
    os._exit(0)
