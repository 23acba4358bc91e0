"""The author's solution of each exercise with a sentence on why, for pages that students get after a unit's deadline.

Why stands in the source notebook, as the comment that begins a solution: `# Why: …`, over as many lines as it takes.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from autograder.errors import CourseError, UnitError
from autograder.gradebook.reviews import last_deadline
from autograder.model.units import Kind, Unit
from autograder.release.leaks import marker_faults

MARK = re.compile(r"^[ \t]*### (?:BEGIN|END) SOLUTION[ \t]*\n?", re.MULTILINE)
WHY = re.compile(r"^[ \t]*# Why: (?P<words>.*(?:\n[ \t]*# .*)*)\n?", re.MULTILINE)


@dataclass(frozen=True)
class Solution:
    """What an author would answer, as a student would write it."""

    code: str
    why: str = ""


def solutions_after_deadline(course: Path, unit: Unit) -> dict[str, Solution]:
    """Return the unit's solutions by exercise; raise CourseError while any deadline in nbgrader's gradebook lies ahead."""
    deadline = last_deadline(course, unit)
    if deadline is not None and datetime.now(UTC) < deadline:
        raise CourseError(
            f"{unit.name}: its last deadline is {deadline:%d %B %Y, %H:%M} UTC, by nbgrader's due date and extensions; "
            "write pages with solutions after it, or now without --solutions"
        )
    return solutions_of(unit)


def solutions_of(unit: Unit) -> dict[str, Solution]:
    """Return the author's solutions by exercise; raise UnitError where markers are wrong, which could show a test."""
    if faults := marker_faults(unit):
        raise UnitError("\n".join(faults))
    return {cell.id: _solution(cell.source) for cell in unit.of_kind(Kind.ANSWER)}


def _solution(source: str) -> Solution:
    code = MARK.sub("", source)
    reason = WHY.search(code)
    if reason is None:
        return Solution(code.rstrip())
    words = re.sub(r"\s*\n\s*# ", " ", reason["words"])
    return Solution((code[: reason.start()] + code[reason.end() :]).rstrip(), words)
