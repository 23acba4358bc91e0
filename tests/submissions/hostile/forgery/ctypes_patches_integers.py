# Writes into the memory of small numbers: 4 becomes 0.
# points: double=0 total=0 stack=0
# %% own before double
import ctypes

# An int's value lies 24 bytes after its address; were the tests in this process, 0 == 4 would hold there.
ctypes.c_uint32.from_address(id(4) + 24).value = 0


# %% double
def double(x):
    return 0


# %% total
# %% stack
