"""The variants that no test has to refuse, because no argument that the exercise promises tells them from a right answer.

They stand in `tests/answers/<unit>/equivalent.toml`, each with the reason:

    [[equivalent]]
    exercise = "softmax"
    change = "the words of the table of survivors"
    reason = "why no argument tells it from the reference"
"""

from dataclasses import dataclass
from pathlib import Path

from autograder.errors import CourseError
from autograder.model.files import read_toml

FILE = "tests/answers/{}/equivalent.toml"


@dataclass(frozen=True)
class Equivalent:
    """One entry of the list."""

    exercise: str
    change: str
    reason: str


def read_equivalents(course: Path, unit: str) -> tuple[Equivalent, ...]:
    """Return the list of a unit, empty where there is no file; raise CourseError where it cannot be read."""
    path = course / FILE.format(unit)
    try:
        entries = tuple(Equivalent(**entry) for entry in read_toml(path).get("equivalent", []))
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise CourseError(f"{path}: cannot be read ({error.strerror}); mend it, or delete it") from error
    except (ValueError, TypeError) as error:
        raise CourseError(f"{path}: {error}; each [[equivalent]] has an exercise, a change and a reason") from error
    for entry in entries:
        if not all(isinstance(words, str) and words.strip() for words in (entry.exercise, entry.change, entry.reason)):
            raise CourseError(
                f"{path}: an entry without words; each [[equivalent]] has an exercise, a change and a reason"
            )
    return entries
