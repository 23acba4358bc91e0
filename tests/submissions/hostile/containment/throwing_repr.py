# A value that cannot be shown.
# points: double=0 total=7 stack=6
# %% double
class Thrower:
    def __repr__(self):
        raise RuntimeError("no text for you")

    __str__ = __format__ = __repr__


def double(x):
    return Thrower()
