"""Kernels forked from a process that has imported what every kernel imports: real ones, in a third of the time.

As a program (`python forked.py MODULE …`) it imports the modules and then forks a kernel per line of its input: the directory, the
environment and the command of `jupyter_client`, as JSON. It answers with the kernel's process id.
"""

import gc
import json
import os
import select
import signal
import subprocess
import sys
import threading
from typing import Any

ALWAYS = ("ipykernel.kernelapp", "IPython.core.magics", "IPython.core.magics.script", "comm")


class KernelServer:
    """The grader's side: starts the process that forks, and asks it for kernels. Safe to use from several threads."""

    def __init__(self, *modules: str) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, __file__, *ALWAYS, *modules], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def fork(self, command: list[str], cwd: str, environment: dict[str, str]) -> "ForkedKernel":
        """Start a kernel."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            request = {"arguments": command[command.index("-f") :], "cwd": cwd, "environment": environment}
            print(json.dumps(request), file=self._process.stdin, flush=True)
            return ForkedKernel(int(self._process.stdout.readline()))

    def __enter__(self) -> "KernelServer":
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.communicate()


class ForkedKernel:
    """What `jupyter_client` needs of a `Popen`, for a process that is no child of this one."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._pidfd = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """Return 0 once it has ended."""
        return 0 if select.select([self._pidfd], [], [], 0)[0] else None

    def wait(self) -> int:
        """Wait for its end."""
        select.select([self._pidfd], [], [])
        os.close(self._pidfd)
        return 0

    def send_signal(self, number: int) -> None:
        """Signal the process alone."""
        signal.pidfd_send_signal(self._pidfd, number)


def provisioner(manager: Any, server: KernelServer) -> Any:
    """Return what starts the kernel of this manager by a fork."""
    from jupyter_client.provisioning import LocalProvisioner

    class Forking(LocalProvisioner):
        async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
            self.process = server.fork(cmd, kwargs["cwd"], kwargs["env"])
            self.pid = self.pgid = self.process.pid
            return self.connection_info

    return Forking(kernel_id=manager.kernel_id, kernel_spec=manager.kernel_spec, parent=manager)


def _serve(modules: list[str]) -> None:
    gc.disable()  # hardly anything that is imported is garbage, and looking for it takes a sixth of the time
    for module in modules:
        __import__(module)
    gc.freeze()  # otherwise the collector would write its marks into every page that the children share
    gc.enable()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # kernels that have ended are nobody's to wait for
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become_kernel(request)
        print(pid, flush=True)


def _become_kernel(request: dict[str, Any]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if path not in ("", here)]

    from ipykernel.kernelapp import IPKernelApp

    sys.argv[:] = ["ipykernel_launcher.py", *request["arguments"]]
    IPKernelApp.launch_instance(request["arguments"])
    os._exit(0)


if __name__ == "__main__":
    _serve(sys.argv[1:])
