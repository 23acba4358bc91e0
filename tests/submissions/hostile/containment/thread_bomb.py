# Threads without end.
# points: double=0 total=7 stack=6
# outcome: double timeout
# %% double
import threading
import time


def double(x):
    while True:
        try:
            threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
        except RuntimeError:
            time.sleep(0.1)
