"""nbgrader itself, as an instructor calls it: the oracle for what we make of its files and its database."""

import os
import subprocess
import sys
from pathlib import Path

from tests.warm.processes import kernels, tools


def run_nbgrader(course: Path, *arguments: str, warm: bool = True) -> str:
    """Run `nbgrader ARGUMENTS` in a course folder; fails the test where nbgrader fails.

    `warm`: nbgrader, the `alembic` that it calls and its kernels are forked from processes that have imported what they need.
    """
    # nbgrader calls other programs of its environment, which need not be activated here.
    folders = [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}  # two threads of a small net wait for each other
    command = [sys.executable, "-m", "nbgrader"]
    if warm:
        command = tools().command("nbgrader")
        folders.insert(0, tools().program("alembic"))
        if "autograde" in arguments:
            environment["JUPYTER_PATH"] = kernels().specs
    done = subprocess.run(
        [*command, *arguments],
        cwd=course,
        env={**environment, "PATH": os.pathsep.join(folders)},
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr
