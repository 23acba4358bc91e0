"""What each student has before the penalty for lateness: the points that `results` prints."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from autograder.model.marks import Mark, mark
from autograder.model.records import Record
from autograder.model.reviews import Review
from autograder.model.units import BY_HAND, Unit


def points_before_penalty(course: Path, unit: Unit, records: Iterable[Record]) -> dict[str, Mark]:
    """Return the points by student, with those that a person gave where the unit has cells for a person to grade."""
    reviews: dict[str, Review] = {}
    if any(cell.points for cell in unit.of_kind(*BY_HAND)):
        from autograder.gradebook.reviews import read_reviews  # imports nbgrader, which takes a second

        reviews = {student: replace(review, late_penalty=0.0) for student, review in read_reviews(course, unit).items()}
    return {record.student: mark(unit, record, reviews.get(record.student, Review())) for record in records}
