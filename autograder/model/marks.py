"""What counts in the end: the tests' points and what a person set or added, less the penalty for lateness."""

from dataclasses import dataclass

from autograder.model.outcomes import TestOutcome
from autograder.model.records import Record
from autograder.model.reviews import ManualGrade, Review
from autograder.model.units import BY_HAND, Cell, Unit


@dataclass(frozen=True)
class Mark:
    """One student's points for one unit."""

    student: str
    unit: str
    score: float  # after the penalty, never below 0
    max_score: float
    penalty: float = 0.0
    waiting: bool = False  # an answer or task that carries points has yet to be graded by a person


def mark(unit: Unit, record: Record, review: Review) -> Mark:
    """Add up a submission's points."""
    manual = unit.of_kind(*BY_HAND)
    earned = sum(points_of(test, review) for test in record.tests) + sum(manual_grade(c, review).points for c in manual)
    return Mark(
        student=record.student,
        unit=unit.name,
        score=max(0.0, earned - review.late_penalty),
        max_score=record.max_score + sum(cell.points for cell in manual),
        penalty=review.late_penalty,
        waiting=any(cell.points and manual_grade(cell, review).waiting for cell in manual),
    )


def points_of(test: TestOutcome, review: Review) -> float:
    """Return the points for a test: a person's replace those of the grader, and extra credit comes on top."""
    grade = review.cells.get(test.grade_id)
    if grade is None:
        return test.score
    return (test.score if grade.score is None else grade.score) + grade.extra_credit


def manual_grade(cell: Cell, review: Review) -> ManualGrade:
    """Return what a person gave for a written answer or a task; one that waits where nobody has looked yet."""
    return review.cells.get(cell.id, ManualGrade(cell.id, waiting=True))
