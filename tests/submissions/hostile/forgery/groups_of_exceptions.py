# Exceptions that no `except` of a test expects: groups, bases of all, classes named as those of the checks.
# points: double=0 total=0 stack=0
# %% double
class CheckFailed(AssertionError):
    hint = "hidden-marker"
    kind = "passed"
    from_student = False


def double(x):
    raise BaseExceptionGroup("many", [CheckFailed("passed"), GeneratorExit(), SystemExit(0)])


# %% total
def total(xs):
    class Missing(NameError, BaseException):
        name = "total"

    raise Missing("total", name="total") from SystemExit(0)


# %% stack
class Stack:
    def push(self, value):
        raise CheckFailed from None

    def pop(self):
        raise type("WireError", (Exception,), {"__module__": "builtins"})

    def __len__(self):
        raise type("AssertionError", (BaseException,), {"__module__": "builtins", "__qualname__": "SystemExit"})
