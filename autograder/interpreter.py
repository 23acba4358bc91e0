"""The Python that runs the grader: whether it is new enough, what it lacks, and where it looks for modules.

This works in every Python from 3.6 on, for it has to say of one that it is too old. And it imports nothing but what Python itself has
loaded by then: a file of the working directory would take the place of anything else.
"""

import os
import sys
from importlib.machinery import ModuleSpec, PathFinder

OLDEST = (3, 11)
OURS = ("autograder", "course")
FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # that holds both
ACTIVATE = (
    "activate the environment in which the course is installed (source .venv/bin/activate; on Windows "
    ".venv\\Scripts\\activate), then run the same command again"
)


def too_old() -> str:
    """Return that this Python is too old, and what to do; an empty text where it is new enough."""
    if sys.version_info >= OLDEST:
        return ""
    version = ".".join(map(str, sys.version_info[:2]))
    return f"this needs Python 3.11 or newer, and {sys.executable} is Python {version}; {ACTIVATE}"


def not_imported(error: ImportError) -> str:
    """Return which package is missing or damaged, and what to do."""
    package = (error.name or "").partition(".")[0] or "a package"
    if isinstance(error, ModuleNotFoundError):
        return f"{package} is not installed for {sys.executable}; install it there, or {ACTIVATE}"
    return f"{package} cannot be loaded by {sys.executable} ({error}); install it again, or {ACTIVATE}"


class OursFirst:
    """Finds the packages of the course in the folder that this one is in, whichever others are installed."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> "ModuleSpec | None":
        """Return where a package of ours is; None for all others."""
        return PathFinder.find_spec(fullname, [FOLDER]) if path is None and fullname in OURS else None


def leave_out_working_directory() -> None:
    """Import nothing but our own packages from the folder in which `python -m autograder` was called.

    Python puts that folder before all others, so a `random.py` that lies there would take the place of Python's own module. Nothing
    changes where another program imports this package.
    """
    is_ours = any(one.partition(".")[0] == "autograder" for one in getattr(sys, "orig_argv", ()))
    if sys.argv[:1] != ["-m"] or not is_ours:  # so it is while Python looks for the module that it is to run
        return
    try:
        here = os.getcwd()
    except OSError:  # the folder is gone
        return
    if sys.path[:1] == [here]:
        del sys.path[0]
        sys.meta_path.insert(0, OursFirst())
