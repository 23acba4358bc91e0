# A timer that interrupts whatever runs later.
# points: any
# %% double
import signal


def ring(*_):
    raise ValueError("the alarm")


signal.signal(signal.SIGALRM, ring)
signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)


def double(x):
    return 2 * x
