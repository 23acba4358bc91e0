"""One import line serves a notebook, and quickly."""

import subprocess
import sys

import course


def test_all_public_names_are_there() -> None:
    assert all(hasattr(course, name) for name in course.__all__)


def test_importing_the_course_is_cheap() -> None:
    """0.3 s is the promise; modules that would break it are named here so that the test does not hang on a clock."""
    code = "import torch, sys; before = set(sys.modules); import course; print(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"sklearn", "pandas", "ipywidgets", "matplotlib.pyplot", "torchvision", "nbgrader", "IPython"}
    assert not heavy & set(done.stdout.split())
