# A regular expression that never comes to an end, and lets no other thread of its process in meanwhile.
# points: double=0 total=7 stack=6
# outcome: double timeout
# %% double
import re


def double(x):
    return re.match("(a+)+$", "a" * 60 + "b")
