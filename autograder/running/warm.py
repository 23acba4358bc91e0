"""The warm process that students and judges are forked from. It never holds a test, a solution or a gradebook.

Run as `python -m autograder.running.warm DESCRIPTOR [PART …]`; the grader's side is `processes.Zygote`. The parts of the isolation
that are named after the descriptor ("namespaces", "landlock", "seccomp") are left out even where this system has them.
"""

import contextlib
import errno
import gc
import importlib
import io
import os
import pkgutil
import signal
import socket
import sys
import sysconfig
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

from autograder.model.garbage import no_search_for_garbage
from autograder.model.text import first_line
from autograder.rpc.frames import Channel, receive_descriptors, send_descriptors
from autograder.rpc.messages import MAX_REASON, Fork, Forked, NotForked, NotReady, Warm, table
from autograder.sandbox import confine
from autograder.sandbox.family import Family

PARTS_OF_PYTHON = ("bin", "include", "lib", "lib64", "share", "pyvenv.cfg")


def warm_up(folder: str) -> Any:
    """Import and use once what submissions need; return the shell that students' cells will run in.

    `folder`: an empty folder for what IPython writes when it starts.
    """
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import torch

    # One thread: a parallel operation before the fork would leave the child waiting for threads that it does not have.
    torch.set_num_threads(1)
    parameter = torch.nn.Parameter(torch.zeros(1))
    parameter.sum().backward()
    parameter.backward(torch.ones(1))  # the first one with a gradient imports sympy
    torch.optim.Adam([parameter]).step()  # the first step of any optimizer imports torch._dynamo: about a second
    figure = plt.figure()
    figure.gca().set_title("warm")
    figure.savefig(io.BytesIO(), format="png")
    plt.close(figure)

    import course

    for module in (
        "autograder.running.judge",
        "autograder.rpc.student",
        *(f"course.{m.name}" for m in pkgutil.iter_modules(course.__path__)),
    ):
        importlib.import_module(module)

    from autograder.running.kernel import make_shell
    from autograder.running.rehearsal import rehearse

    os.environ["IPYTHONDIR"] = folder
    shell = make_shell()
    rehearse(shell)
    return shell


def python_view() -> list[str]:
    """Return the folders of this Python, of its packages and of the helper package `course`, none inside another."""
    import course

    prefixes = [part for prefix in (sys.prefix, sys.base_prefix) for part in _without_the_course(prefix)]
    paths = [*prefixes, sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    shown = [os.path.realpath(path) for path in paths] + [path for path in paths if os.path.islink(path)]
    shown.append(str(Path(str(course.__file__)).resolve().parent))
    outer: list[str] = []
    for path in sorted(set(shown), key=len):
        if not any(path == seen or path.startswith(seen + "/") for seen in (*outer, "/usr")):
            outer.append(path)
    return outer


def _without_the_course(prefix: str) -> list[str]:
    """Return the folder of a Python; where the course folder is or lies in it (`python -m venv .`), only what belongs to Python."""
    whole = os.path.realpath(prefix)
    if not Path(os.getcwd()).resolve().is_relative_to(whole):
        return [prefix]
    return [path for part in PARTS_OF_PYTHON if os.path.lexists(path := os.path.join(whole, part))]


def serve(control: socket.socket, leave_out: Collection[str]) -> None:
    """Fork on request until the grader hangs up."""
    isolation = confine.prepare(leave_out)
    with no_search_for_garbage():
        with tempfile.TemporaryDirectory(prefix="autograder-") as folder:
            shell = warm_up(folder)
        view = python_view()
        gc.collect()
    family = Family(orphans=not isolation.namespaces)
    with contextlib.suppress(ConnectionError):  # the grader may hang up while it is being answered
        send_descriptors(control, Warm(str(isolation)))
        while True:
            tree, descriptors = receive_descriptors(control, 2)
            family.reap()
            if tree is None:
                break
            try:
                child = _fork(table.read(tree, "grader"), descriptors, shell, isolation, view)
                family.own.add(child.pid)
                _hand_over(control, child)
            except OSError as error:
                send_descriptors(control, NotForked(f"no process could be forked ({first_line(error)})"[:MAX_REASON]))
            for descriptor in descriptors:
                os.close(descriptor)
    family.end()


def _hand_over(control: socket.socket, child: confine.Child) -> None:
    """Tell the grader of a new process; end the process where that cannot be done."""
    try:
        send_descriptors(control, Forked(child.pid), [child.pidfd])
    except OSError:
        os.kill(child.pid, signal.SIGKILL)
        raise
    finally:
        os.close(child.pidfd)


def _fork(
    request: Fork, descriptors: list[int], shell: Any, isolation: confine.Isolation, view: list[str]
) -> confine.Child:
    from autograder.rpc import student
    from autograder.running import judge

    if len(descriptors) < 2:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
    channel, output = descriptors
    limits = request.limits

    def fail(error: BaseException) -> None:
        reason = f"its walls could not be put up ({first_line(error) or type(error).__name__})"
        Channel(socket.socket(fileno=channel)).send(NotReady(reason[:MAX_REASON]))

    if request.role == "judge":
        assert request.core is not None
        return confine.fork_judge(lambda: judge.main(channel), channel, output, limits, request.core, fail)

    def serve_judge() -> None:
        shell.open(sends_files=isolation.namespaces and isolation.own_user)
        student.main(channel, shell)

    return confine.fork_student(
        serve_judge,
        channel,
        output,
        limits,
        isolation,
        request.slot,
        view,
        request.home,
        fail,
    )


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the grader's to handle
    serve(socket.socket(fileno=int(sys.argv[1])), sys.argv[2:])
    os._exit(0)  # some libraries complain at the interpreter's own end, and nothing is left to do
