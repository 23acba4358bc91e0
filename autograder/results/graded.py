"""Graded submissions with what people gave and who handed in: what reports and exports are made from."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.gradebook.reviews import read_people, read_reviews
from autograder.model.marks import Mark, mark
from autograder.model.records import Record, read_records
from autograder.model.reviews import Person, Review
from autograder.model.units import Unit
from autograder.results.wording import without_paths


@dataclass(frozen=True)
class Graded:
    """One submission with everything that is known of its marks."""

    unit: Unit
    record: Record
    review: Review
    person: Person

    @property
    def mark(self) -> Mark:
        """What counts in the end."""
        return mark(self.unit, self.record, self.review)


def read_graded(course: Path, units: Iterable[Unit]) -> list[Graded]:
    """Return every graded submission, ordered by unit and student; raises RecordError where a unit has none."""
    people = read_people(course)
    graded = []
    for unit in units:
        reviews = read_reviews(course, unit)
        for record in read_records(course, unit.name):
            record = without_paths(record, course)
            review, person = reviews.get(record.student, Review()), people.get(record.student, Person())
            graded.append(Graded(unit, record, review, person))
    return graded
