# Announces a frame of 2^60 bytes.
# points: double=0 total=0 stack=0
# %% own before double
import json
import os
import socket
import struct


def descriptors():
    return [int(name) for name in os.listdir("/proc/self/fd") if int(name) > 2]


for fd in descriptors():
    for size in (struct.pack("<I", 0xFFFFFFFF), struct.pack("<Q", 1 << 60), struct.pack(">Q", 1 << 60)):
        try:
            os.write(fd, size * 4)
        except OSError:
            pass

# %% double
# %% total
# %% stack
