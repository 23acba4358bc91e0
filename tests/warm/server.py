"""The warm process: python -m tests.warm.server SOCKET MODULE… It imports the modules and forks a program for each client.

It runs nothing itself and has one thread, so that a child is as good as a process that has just imported the same. It ends, and all
that it has forked with it, when its standard input is closed.
"""

import contextlib
import json
import os
import runpy
import selectors
import signal
import socket
import sys
from dataclasses import dataclass
from typing import Any

from autograder.model.garbage import no_search_for_garbage

INLINE = "module://matplotlib_inline.backend_inline"  # what a kernel chooses where nothing else is chosen


@dataclass(frozen=True)
class Program:
    """One that was forked: the connection to its client, its process and what tells of its end."""

    client: socket.socket
    pid: int
    end: int

    def send(self, number: int) -> None:
        """Signal the program and what it has started."""
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:  # it has no group yet, or has ended
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


class Server:
    """The programs that run now, and whom they belong to."""

    def __init__(self, path: str) -> None:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen(64)
        self._events = selectors.DefaultSelector()
        self._events.register(self._listener, selectors.EVENT_READ)
        self._events.register(sys.stdin.fileno(), selectors.EVENT_READ)

    def serve(self) -> dict[str, Any] | None:
        """Serve clients until standard input is closed; in a forked child return what it is to run."""
        while True:
            for key, _ in self._events.select():
                if key.fileobj is self._listener:
                    if request := self._fork():
                        return request
                elif key.data is None:
                    self._end_all()
                    return None
                elif key.fileobj is key.data.client:
                    self._hear(key.data)
                else:
                    self._ended(key.data)
                    break  # what else has happened may be about this program

    def _fork(self) -> dict[str, Any] | None:
        client, _ = self._listener.accept()
        size, streams, *_ = socket.recv_fds(client, 4, 3)
        with client.makefile("rb") as lines:
            request = json.loads(lines.read(int.from_bytes(size, "big")))
        if (pid := os.fork()) == 0:
            self._become(request, streams, client)
            return request
        for stream in streams:
            os.close(stream)
        program = Program(client, pid, os.pidfd_open(pid))
        self._events.register(client, selectors.EVENT_READ, program)
        self._events.register(program.end, selectors.EVENT_READ, program)
        return None

    def _hear(self, program: Program) -> None:
        """Pass on the signals that a client has got; kill its program where the client is gone."""
        numbers = program.client.recv(16)
        for number in numbers or [signal.SIGKILL]:
            program.send(number)
        if not numbers:
            self._events.unregister(program.client)

    def _ended(self, program: Program) -> None:
        code = os.waitstatus_to_exitcode(os.waitpid(program.pid, 0)[1])
        self._events.unregister(program.end)
        os.close(program.end)
        with contextlib.suppress(KeyError):
            self._events.unregister(program.client)
        with contextlib.suppress(OSError):  # the client is gone
            program.client.sendall(code.to_bytes(4, "big", signed=True))
        program.client.close()

    def _end_all(self) -> None:
        for program in {key.data for key in self._events.get_map().values() if key.data}:
            program.send(signal.SIGKILL)

    def _become(self, request: dict[str, Any], streams: list[int], client: socket.socket) -> None:
        """Make this child what a new process would be in its client's place."""
        for key in list(self._events.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
            elif key.data:
                os.close(key.fd)
        self._events.close()
        client.close()
        os.setsid()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        os.chdir(request["cwd"])
        os.environ.clear()
        os.environ.update(request["environment"])
        sys.argv[1:] = request["arguments"]
        sys.path[0] = os.getcwd()  # as for `python -m`


def _as_if_imported_now() -> None:
    """Give this process what modules choose at their import."""
    if parent := os.environ.get("JPY_PARENT_PID"):
        sys.argv.append(f"--IPKernelApp.parent_handle={parent}")
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()
    if matplotlib := sys.modules.get("matplotlib"):
        matplotlib.rcParams["backend"] = os.environ.get("MPLBACKEND") or INLINE


def main(path: str, modules: list[str]) -> None:
    with no_search_for_garbage():
        for module in modules:
            __import__(module)
    assert len(os.listdir("/proc/self/task")) == 1, "a thread would be missing in every child"
    server = Server(path)
    print("ready", flush=True)
    if request := server.serve():
        _as_if_imported_now()
        runpy.run_module(request["module"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
