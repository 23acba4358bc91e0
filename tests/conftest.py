"""What every test shares."""

import os
from pathlib import Path

import pytest

# Set before anything imports them: no window for a figure, and Jupyter's own folders where the platform puts them.
os.environ.setdefault("MPLBACKEND", "agg")
os.environ.setdefault("JUPYTER_PLATFORM_DIRS", "1")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The course folder of this checkout."""
    return ROOT
