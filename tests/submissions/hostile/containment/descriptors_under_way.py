# Sends open files to itself and reads none: the kernel counts those under way for each user, and refuses all when there are too many.
# points: double=0 total=7 stack=6
# outcome: double timeout raised
# %% double
import array
import os
import socket
import threading
import time


def double(x):
    everyone = []
    file = os.open("/dev/null", os.O_RDONLY)
    files = array.array("i", [file] * 253)
    for _ in range(5):
        reader = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        reader.bind("")
        first = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        first.connect(reader.getsockname())
        first.setblocking(False)
        waiting = 0
        try:
            while True:
                first.send(b"x")
                waiting += 1
        except BlockingIOError:
            pass
        everyone.append((reader, waiting))

        def send(name=reader.getsockname()):
            sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            sender.connect(name)
            try:
                sender.sendmsg([b"y"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, files)])
            except OSError:
                pass

        for _ in range(11):
            threading.Thread(target=send, daemon=True).start()
    time.sleep(0.5)
    for reader, waiting in everyone:
        for _ in range(waiting):
            reader.recv(10)
    time.sleep(600)
