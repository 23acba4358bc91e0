"""Which grader this is: what another one graded is graded again, and machines that grade together must have the same one."""

import hashlib
import importlib.metadata
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

# What takes part in grading, as files and folders of the two packages. tests/autograder/model/test_version.py follows the
# imports and fails where something is missing here.
GRADER_PARTS = (
    "grade.py",
    "model/garbage.py",
    "model/outcomes.py",
    "model/remedies.py",
    "model/source.py",
    "model/text.py",
    "model/units.py",
    "reading",
    "release/build.py",  # what students were given, with which their cells are compared
    "release/folding.py",  # likewise
    "rpc",
    "running",
    "sandbox",
)
# All of `course` can be called by answers and tests. These parts draw, ask, save, or show how far a training or a student is.
COURSE_WITHOUT = (
    *("figures.py", "lecun.py", "plots", "progress.py", "questions", "quiz.py", "saving.py", "start.py", "widgets"),
)
COURSE_ENDINGS = (".py", ".npz")
LIBRARIES = ("numpy", "torch")
PYTHON = sys.version_info[:2]  # a newer one reads more programs, and adds up floats otherwise


def grader_digest() -> str:
    """Return a SHA-256 that changes whenever something changes that can change a grade."""
    course = importlib.util.find_spec("course")  # not imported, because that would import torch
    assert course is not None
    return digest(Path(__file__).parents[1], Path(str(course.origin)).parent)


def digest(grader: Path, course: Path) -> str:
    """Return the SHA-256 of what can change a grade, given the folders of the packages `autograder` and `course`."""
    result = hashlib.sha256()
    for folder, files in ((grader, grader_files(grader)), (course, course_files(course))):
        for path in files:
            content = path.read_bytes()
            result.update(f"{path.relative_to(folder).as_posix()} {len(content)}\n".encode())
            result.update(content)
    for library in LIBRARIES:
        result.update(importlib.metadata.version(library).encode())
    result.update(repr(PYTHON).encode())
    return result.hexdigest()


def grader_files(grader: Path) -> Iterator[Path]:
    """Yield the files of the package `autograder` that can change a grade."""
    for part in GRADER_PARTS:
        yield from [grader / part] if part.endswith(".py") else sorted((grader / part).rglob("*.py"))


def course_files(course: Path) -> Iterator[Path]:
    """Yield the files of the package `course` that can change a grade, data included."""
    for path in sorted(course.rglob("*")):
        if path.suffix in COURSE_ENDINGS and path.relative_to(course).parts[0] not in COURSE_WITHOUT:
            yield path
