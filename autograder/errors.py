"""Every error that is meant for a person. Each message says what is wrong, where, and what to do next.

CourseError                 the base: the command line prints it on one line and exits with 2
├── UnitError               a unit is unknown, or its source notebook is not fit to be released or graded
│   └── ReferenceSolutionError  the reference solution does not pass its own tests
├── SubmissionError         one submission cannot be read; the rest of the batch goes on
├── RecordError             grades are asked for that nobody has made yet
├── PartlyDone              something was done for all of a class but the few that it names
└── GraderError             the grader's own machinery failed (never the student's fault)
    └── SetupError          the system did not let it make a process for a submission
"""

from collections.abc import Mapping
from typing import Any

SHOWN = 3  # of the students for whom something could not be done


class CourseError(Exception):
    """Base of the errors that the command line shows as one sentence."""


class UnitError(CourseError):
    """A unit that is unknown or whose source notebook is not fit for release or grading."""


class ReferenceSolutionError(UnitError):
    """The reference solution fails a test of its own unit, so nobody can be graded by it."""


class SubmissionError(CourseError):
    """One submission that cannot be read."""


class RecordError(CourseError):
    """A record of a graded submission that is missing or damaged."""


class PartlyDone(CourseError):
    """Something that was done for all of a class but a few; `done` is what came of it."""

    def __init__(self, what: str, refused: Mapping[str, str], done: Any = None, *, ours: bool = True) -> None:
        """`refused`: why it was not done, by student. `ours`: whether these reasons may be faults of the grader's own."""
        some = "; ".join(f"{student} ({why})" for student, why in sorted(refused.items())[:SHOWN])
        more = f" and {len(refused) - SHOWN} more" if len(refused) > SHOWN else ""
        super().__init__(f"{what}, but not for {some}{more}{'; please report this' if ours else ''}")
        self.done = done


class GraderError(CourseError):
    """The grader's own machinery failed; no student is to blame."""


class SetupError(GraderError):
    """A process for a submission that could not be made, or did not get ready; no student's code has run in it."""
