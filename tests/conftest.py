"""What every test shares."""

import os
import sys
from pathlib import Path

import pytest

# Set before anything imports them: no window for a figure, and Jupyter's own folders where the platform puts them.
os.environ.setdefault("MPLBACKEND", "agg")
os.environ.setdefault("JUPYTER_PLATFORM_DIRS", "1")
# nbgrader calls `alembic` by name, so the environment has to be on the path even where nobody activated it.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The course folder of this checkout."""
    return ROOT


def one_worker_per(what: str) -> pytest.MarkDecorator:
    """Keep tests together in one process of a parallel run, because what they share is expensive to make."""
    return pytest.mark.xdist_group(what)
