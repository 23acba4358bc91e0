# Answers the judge one byte at a time, for ever.
# points: double=0 total=7 stack=6
# outcome: double timeout interface
# %% double
import os, socket, time


def double(x):
    sockets = []
    for number in range(3, 64):
        try:
            sockets.append(socket.socket(fileno=os.dup(number)))
        except OSError:
            pass
    while True:
        for s in sockets:
            try:
                s.send(b"\x00")
            except OSError:
                pass
        time.sleep(0.05)
