# Shared maps, which a limit on data does not count.
# points: double=0 total=7 stack=6
# %% double
import mmap


def double(x):
    hog = []
    while True:
        hog.append(mmap.mmap(-1, 1 << 28))
        for at in range(0, 1 << 28, 4096):
            hog[-1][at] = 1
