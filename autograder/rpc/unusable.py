"""What a test gets for an object of the student's where the reference gave plain data: it may be left alone, and nothing else."""

from collections.abc import Callable
from typing import Any, NoReturn

from autograder.rpc.faults import WireError

# What Python, PyTorch and NumPy look for in the class and not in the object.
SPECIAL = """
call eq ne lt le gt ge hash bool len iter next reversed contains getitem setitem delitem enter exit
add radd iadd sub rsub isub mul rmul imul matmul rmatmul imatmul truediv rtruediv itruediv floordiv rfloordiv ifloordiv
mod rmod imod divmod rdivmod pow rpow ipow and rand iand or ror ior xor rxor ixor lshift rlshift ilshift rshift rrshift irshift
neg pos abs invert round trunc floor ceil int float complex index length_hint
repr str bytes format dir fspath setattr delattr reduce reduce_ex copy deepcopy await aiter anext aenter aexit
array array_function array_ufunc array_interface array_struct torch_function
""".split()


class Unusable:
    """Ends the test as soon as anything is done with it but to compare it by `is`."""

    def __init__(self, give_up: Callable[[WireError], NoReturn], error: WireError) -> None:
        object.__setattr__(self, "_end", lambda: give_up(error))

    def __getattribute__(self, _name: str) -> NoReturn:
        _end(self)


def _end(unusable: Any, *_arguments: Any, **_keywords: Any) -> NoReturn:
    object.__getattribute__(unusable, "_end")()
    raise AssertionError("what gives up raises")


for _name in SPECIAL:
    setattr(Unusable, f"__{_name}__", _end)
