"""Run a module as `python -m` does, in a process that a warm one forks: python -I -S client.py SOCKET MODULE ARGUMENT…

To whoever starts it, this process is the program: it hands over its directory, environment and standard streams, passes on
signals, and ends as the program ends. When it goes, or its parent does, the program is killed.
"""

import contextlib
import json
import os
import select
import signal
import socket
import sys


def main(path: str, module: str, arguments: list[str]) -> None:
    parent = os.pidfd_open(os.getppid())
    server = socket.socket(socket.AF_UNIX)
    server.connect(path)
    request = {"module": module, "arguments": arguments, "cwd": os.getcwd(), "environment": dict(os.environ)}
    text = json.dumps(request).encode()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _frame: _pass_on(server, number))
    socket.send_fds(server, [len(text).to_bytes(4, "big")], [0, 1, 2])
    server.sendall(text)
    ended, *_ = select.select([server, parent], [], [])
    status = server.recv(4) if server in ended else b""
    _end_like(int.from_bytes(status, "big", signed=True) if status else 1)


def _pass_on(server: socket.socket, number: int) -> None:
    with contextlib.suppress(OSError):  # it has just ended
        server.send(bytes([number]))


def _end_like(code: int) -> None:
    """Exit with a status, or by a signal where it is negative, as `subprocess` writes it."""
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
