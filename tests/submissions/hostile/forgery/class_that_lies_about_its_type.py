# An object whose __class__ is int.
# points: double=0 total=0 stack=0
# %% double
class Liar:
    __class__ = int

    def __eq__(self, other):
        return True

    def __index__(self):
        return 4

    __int__ = __index__


def double(x):
    return Liar()


# %% total
def total(xs):
    return Liar()


# %% stack
