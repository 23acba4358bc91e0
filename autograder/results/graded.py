"""Graded submissions with what people gave and who handed in: what reports and exports are made from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import PartlyDone
from autograder.gradebook.reviews import read_reviews
from autograder.gradebook.roster import Student, read_roster
from autograder.model.marks import Mark, mark
from autograder.model.records import Record, read_records
from autograder.model.reviews import Review
from autograder.model.units import Unit
from autograder.results.wording import without_paths


@dataclass(frozen=True)
class Graded:
    """One submission with everything that is known of its marks."""

    unit: Unit
    record: Record
    review: Review
    student: Student

    @property
    def mark(self) -> Mark:
        """What counts in the end."""
        return mark(self.unit, self.record, self.review)


@dataclass(frozen=True)
class GradedClass:
    """Every graded submission, by unit and student. `damaged`: why a record could not be read, by the name of its file."""

    submissions: tuple[Graded, ...]
    damaged: Mapping[str, str]

    def raise_damaged(self, what: str, done: Any) -> None:
        """Raise PartlyDone where a record was left out: `what` is done, and `done` came of it."""
        if self.damaged:
            raise PartlyDone(what, self.damaged, done, ours=False)


def read_graded(course: Path, units: Iterable[Unit]) -> GradedClass:
    """Read every graded submission; raises RecordError where a unit has none that can be read."""
    students = read_roster(course).students
    graded: list[Graded] = []
    damaged: dict[str, str] = {}
    for unit in units:
        reviews = read_reviews(course, unit)
        records = read_records(course, unit.name)
        damaged |= {f"{student} in {unit.name}": reason for student, reason in records.damaged.items()}
        for record in records:
            record = without_paths(record, course)
            review = reviews.get(record.student, Review())
            student = students.get(record.student, Student(record.student))
            graded.append(Graded(unit, record, review, student))
    return GradedClass(tuple(graded), damaged)
