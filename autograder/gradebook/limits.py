"""What a submission may spend, as the course's settings say: a cell's time stands in nbgrader_config.py, by nbgrader's name."""

import re
from pathlib import Path

from autograder.model.files import read_plain
from autograder.sandbox.limits import Limits, limits_with

TIMEOUT = re.compile(r"^[^#\n]*\btimeout\b", re.MULTILINE)


def limits_of(course: Path, cell_seconds: float | None = None) -> Limits:
    """Return what a submission may spend: with this time for one cell, else with that of the course's nbgrader_config.py.

    nbgrader's name for it is `c.ExecutePreprocessor.timeout`. Raises CourseError where the file cannot be run.
    """
    if cell_seconds is None:
        cell_seconds = _configured_seconds(course)
    return Limits() if cell_seconds is None else limits_with(cell_seconds)


def _configured_seconds(course: Path) -> float | None:
    """Return the time for one cell in nbgrader_config.py; None where it names none, or the cells' time is not to be bounded."""
    try:
        text = read_plain(course / "nbgrader_config.py").decode()
    except (OSError, ValueError):
        return None
    if not TIMEOUT.search(text):  # running the file takes a second, for it imports nbgrader
        return None
    from autograder.gradebook.settings import read_settings  # imports nbgrader

    config = read_settings(course).config
    seconds = config.Execute.get("timeout") or config.ExecutePreprocessor.get("timeout")
    return float(seconds) if isinstance(seconds, int | float) and seconds > 0 else None
