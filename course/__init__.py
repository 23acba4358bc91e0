"""Everything that a notebook of this course imports: one line, `from course import ...`, serves it."""

from course import plots, quiz, widgets
from course.checks import CheckFailed, check, check_value, compare_steps

__all__ = ["CheckFailed", "check", "check_value", "compare_steps", "plots", "quiz", "widgets"]
