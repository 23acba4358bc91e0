# Sends itself signals that it takes never: the kernel keeps so many for each user.
# points: double=0 total=7 stack=6
# outcome: double timeout
# %% double
import ctypes
import os
import signal
import time


def double(x):
    libc = ctypes.CDLL(None)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGRTMIN})
    while libc.sigqueue(os.getpid(), signal.SIGRTMIN, None) == 0:
        pass
    time.sleep(600)
