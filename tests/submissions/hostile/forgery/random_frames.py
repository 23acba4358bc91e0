# Writes noise to whatever is open.
# points: double=0 total=0 stack=0
# %% own before double
import json
import os
import socket
import struct


def descriptors():
    return [int(name) for name in os.listdir("/proc/self/fd") if int(name) > 2]


for fd in descriptors():
    for _ in range(100):
        try:
            os.write(fd, os.urandom(1000))
        except OSError:
            pass

# %% double
# %% total
# %% stack
