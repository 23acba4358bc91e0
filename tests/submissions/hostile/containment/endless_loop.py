# An answer that never returns.
# points: double=0 total=7 stack=6
# outcome: double timeout
# %% double
def double(x):
    while True:
        pass
