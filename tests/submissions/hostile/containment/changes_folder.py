# Works in another folder from then on.
# points: double=7 total=7 stack=6
# %% double
import os

os.chdir("/")
os.makedirs("/tmp/elsewhere")
os.chdir("/tmp/elsewhere")
os.rmdir("/tmp/elsewhere")


def double(x):
    return 2 * x
