"""Which grader this is: what was graded by another is graded again, and machines that grade together must be of one kind."""

import hashlib
import importlib.metadata
import importlib.util
from pathlib import Path


def grader_digest() -> str:
    """Changes whenever the grader, the checks or torch change: what was graded before is then graded again."""
    course = importlib.util.find_spec("course")  # found and not imported: that would import torch
    assert course is not None
    found = hashlib.sha256()
    files = [*Path(__file__).parent.glob("*.py"), *Path(str(course.origin)).parent.rglob("*.py")]
    for path in sorted(files):
        found.update(path.read_bytes())
    for package in ("torch", "numpy"):
        found.update(importlib.metadata.version(package).encode())
    return found.hexdigest()
