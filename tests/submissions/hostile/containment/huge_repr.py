# A value whose text is enormous.
# points: double=0 total=7 stack=6
# %% double
class Huge:
    def __repr__(self):
        return "x" * (1 << 28)


def double(x):
    return Huge()
