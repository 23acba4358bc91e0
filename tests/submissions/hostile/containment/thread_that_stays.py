# A thread that Python would wait for.
# points: double=7 total=7 stack=6
# %% double
import threading
import time

threading.Thread(target=time.sleep, args=(600,), daemon=False).start()


def double(x):
    return 2 * x
