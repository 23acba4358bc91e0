"""What nbgrader's gradebook holds about people: students' names, and what instructors graded by hand."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ManualGrade:
    """What formgrader holds for one cell of one student; None where nobody has entered anything."""

    grade_id: str
    score: float | None = None  # a person's score; it replaces that of the tests
    auto_score: float | None = None
    extra_credit: float = 0.0
    max_score: float = 0.0
    waiting: bool = False  # a person has yet to grade it, or to look at it again
    comment: str = ""

    @property
    def points(self) -> float:
        """The points that count."""
        return (self.score if self.score is not None else self.auto_score or 0.0) + self.extra_credit


@dataclass(frozen=True)
class Review:
    """What formgrader holds for one student's submission, by the id of the cell."""

    cells: dict[str, ManualGrade] = field(default_factory=dict)
    late_penalty: float = 0.0


@dataclass(frozen=True)
class Person:
    """What nbgrader's gradebook knows about a student besides the id; empty where nobody has entered it."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""
