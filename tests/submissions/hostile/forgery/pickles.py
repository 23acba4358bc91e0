# Values whose unpickling would run code in the reader.
# points: double=0 total=0 stack=0
# %% double
import os


class Bomb:
    def __reduce__(self):
        return (os.system, ("touch /tmp/owned-by-a-pickle",))


def double(x):
    return Bomb()


# %% total
def total(xs):
    return [Bomb()]


# %% stack
