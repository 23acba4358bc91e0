"""Modules that lie beside the notebook: the student's own imports find them before those of libraries, as in a kernel.

A kernel puts the working directory behind Python's own modules and before the installed ones. What libraries import looks there last.
"""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import FrameType, ModuleType

HERE = ""  # the working directory, on a path of folders with modules


class BesideFirst(MetaPathFinder):
    """Finds modules in the working directory for cells and for modules that lie there themselves.

    A file called `tabulate.py` is meant where a cell imports it, and would be in the way of a library that imports the library.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a module is, or None to go on looking."""
        if path is not None or fullname in sys.stdlib_module_names:
            return None
        if not _is_student_s(_who_imports(sys._getframe(1))):
            return None
        spec = PathFinder.find_spec(fullname, [HERE], target)
        return spec if spec is not None and spec.loader is not None else None  # a folder alone comes after all modules


def look_beside_first() -> None:
    """Let this process's imports find what lies in the working directory."""
    sys.path.append(HERE)
    sys.meta_path.insert(0, BesideFirst())


def _who_imports(frame: FrameType | None) -> FrameType | None:
    """Return the frame of the import statement, or of what asks for a module by its name."""
    while frame is not None and str(frame.f_globals.get("__name__")).partition(".")[0] == "importlib":
        frame = frame.f_back
    return frame


def _is_student_s(frame: FrameType | None) -> bool:
    """Whether a frame runs a cell, or a module that lies in the working directory."""
    if frame is None:
        return False
    if frame.f_globals.get("__name__") == "__main__":
        return True
    file = frame.f_globals.get("__file__")
    try:
        return isinstance(file, str) and Path(file).absolute().is_relative_to(Path.cwd())
    except OSError:  # the working directory is gone
        return False
