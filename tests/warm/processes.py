"""Warm processes as tests use them: `kernels()` for notebooks, `tools()` for nbgrader and nbval. Each starts when it is first needed.

A forked kernel has imported what a notebook of the course imports, but not `course` itself. To nbclient, nbval, nbgrader and
JupyterLab it is the kernel "python3" of the folder `kernels().specs`, which is to be in their JUPYTER_PATH.
"""

import atexit
import json
import os
import shlex
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
IN_KERNELS = (
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "IPython.core.magics", "comm"),
    *("numpy", "torch", "torch._dynamo", "torchvision", "matplotlib.pyplot", "matplotlib.backends.backend_agg"),
)
# `autograder` first: it puts off an import of nbformat's that takes seconds.
IN_TOOLS = (
    *(
        "autograder",
        "autograder.for_nbgrader",
        "autograder.results.feedback",
        "nbgrader.apps.nbgraderapp",
        "nbgrader.apps",
    ),
    *("alembic.config", "mako.template", "sqlalchemy.dialects.sqlite", "nbclient", "nbconvert.preprocessors"),
    *("pytest", "_pytest.junitxml", "_pytest.assertion.rewrite", "jupyter_client.manager", "jupyter_client.blocking"),
    "tests.warm.sockets",
)


class WarmProcess:
    """A process that has imported some modules and forks programs; closed when the tests end, however they end."""

    def __init__(self, *modules: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="warm-", ignore_cleanup_errors=True)
        self._socket = f"{self._folder.name}/socket"
        # Whoever started these tests may ignore signals, as nohup does; what is forked here heeds those that it gets.
        self._process = subprocess.Popen(
            ["env", "--default-signal", sys.executable, "-m", "tests.warm.server", self._socket, *modules],
            cwd=FOLDER.parent.parent,
            env={**os.environ, "OMP_NUM_THREADS": "1"},  # threads would be missing in its children
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n", "the warm process has not started"

    def command(self, module: str, *arguments: str) -> list[str]:
        """Return the command that runs a module as `python -m MODULE` does."""
        return [sys.executable, "-I", "-S", str(FOLDER / "client.py"), self._socket, module, *arguments]

    @property
    def specs(self) -> str:
        """A folder for JUPYTER_PATH in which the kernel "python3" is one that is forked here."""
        folder = Path(self._folder.name, "jupyter")
        path = folder / "kernels" / "python3" / "kernel.json"
        if not path.exists():
            path.parent.mkdir(parents=True)
            argv = self.command("ipykernel_launcher", "-f", "{connection_file}")
            path.write_text(json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}))
        return str(folder)

    def program(self, name: str) -> str:
        """Return a folder for PATH in which this program is a module that is forked here."""
        path = Path(self._folder.name, "bin", name)
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.write_text(f'#!/bin/sh\nexec {shlex.join(self.command(name))} "$@"\n')
            path.chmod(0o755)
        return str(path.parent)

    def close(self) -> None:
        """End it and all that it has forked."""
        self._process.communicate()
        self._folder.cleanup()


@cache
def kernels() -> WarmProcess:
    """Return the warm process of this test run's kernels."""
    return _kept(IN_KERNELS)


@cache
def tools() -> WarmProcess:
    """Return the warm process of the programs that run notebooks in kernels."""
    return _kept(IN_TOOLS)


def _kept(modules: tuple[str, ...]) -> WarmProcess:
    process = WarmProcess(*modules)
    atexit.register(process.close)
    return process
