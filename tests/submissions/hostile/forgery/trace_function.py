# Watches every line and steps over those that raise.
# points: double=0 total=0 stack=0
# %% own before double
import sys
import threading


def trace(frame, event, argument):
    frame.f_trace_lines = False
    return trace


sys.settrace(trace)
threading.settrace(trace)
sys.setprofile(lambda *args: None)

# %% double
# %% total
# %% stack
