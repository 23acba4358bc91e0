# A loop that no signal of the process can end.
# points: double=0 total=7 stack=6
# outcome: double timeout
# %% double
import signal

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass


def double(x):
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue
