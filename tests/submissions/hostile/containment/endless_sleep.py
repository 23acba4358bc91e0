# An answer that sleeps for a day.
# points: double=0 total=7 stack=6
# outcome: double timeout
# %% double
import time


def double(x):
    time.sleep(86_400)
