# Raises what Ctrl-C raises.
# points: double=0 total=7 stack=6
# %% double
def double(x):
    raise KeyboardInterrupt
