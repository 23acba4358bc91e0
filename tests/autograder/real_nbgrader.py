"""nbgrader itself, as an instructor calls it: the oracle for what we make of its files and its database."""

import os
import subprocess
import sys
from pathlib import Path


def run_nbgrader(course: Path, *arguments: str) -> str:
    """Run `nbgrader ARGUMENTS` in a course folder; fails the test where nbgrader fails."""
    # nbgrader calls other programs of its environment, which need not be activated here.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=course,
        env={**os.environ, "PATH": path, "OMP_NUM_THREADS": "1"},  # two threads of a small net wait for each other
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr
