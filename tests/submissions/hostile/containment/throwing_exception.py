# An exception that cannot be told.
# points: double=0 total=7 stack=6
# %% double
class Bad(Exception):
    def __str__(self):
        raise RuntimeError("no text for you")

    __repr__ = __str__


def double(x):
    raise Bad()
