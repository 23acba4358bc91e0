"""What a student may read about a test: on a feedback page, and in whatever else leaves the course folder."""

import re
from dataclasses import replace
from pathlib import Path

from autograder.model.outcomes import Result, TestOutcome
from autograder.model.records import Record
from autograder.model.text import readable
from autograder.model.units import GIVEN_ID, Cell, Unit
from autograder.results.verdicts import VERDICTS

LONGEST_MESSAGE = 4_000  # characters
# What authors write before the words on a test, and what a release puts around them, behind which it folds the test.
BEFORE = r"^(?:@title (?:hidden|check)\b[^:]*:?|@title|hidden test[^:]*:?)\s*"
TITLE = re.compile(rf"{BEFORE}|\s*\([\d.]+ points?\)$", re.IGNORECASE)


def what_went_wrong(test: TestOutcome) -> tuple[str, str]:
    """Return why a test failed in a sentence, and the test's message where it has several lines; either may be empty.

    A hidden test's message may quote the test, so of a hidden test only the author's hint is used.
    """
    if test.outcome in (Result.PASSED, Result.UNANSWERED):
        return "", ""
    hint = cut(test.hint, LONGEST_MESSAGE)
    message = "" if test.hidden else cut(test.message, LONGEST_MESSAGE).strip("\n")
    if not message:
        return hint or VERDICTS[test.outcome][1], ""
    if "\n" not in message:
        return message if hint in message else f"{message}\n{hint}", ""
    return ("" if hint in message else hint), message


def name_of(test: str, exercise: str, source: str) -> str:
    """Return the comment that a test begins with, which students see too; without one, the words of the test's id if it has any."""
    first = source.split("\n", 1)[0]
    if first.startswith("# ") and (words := TITLE.sub("", first.removeprefix("# ")).strip(" .")):
        return words
    return "test" if GIVEN_ID.fullmatch(test) else test.removeprefix(f"{exercise}_").replace("_", " ")


def test_in_words(unit: Unit, test: Cell) -> str:
    """Return the id of a test if its author chose one; else its exercise and the comment that it begins with."""
    if not GIVEN_ID.fullmatch(test.id):
        return test.id
    return f"{unit.exercise_in_words(test.exercise)}: {name_of(test.id, test.exercise, test.source)}"


def without_paths(record: Record, course: Path) -> Record:
    """Return the record with this machine's paths shortened to begin at the course folder."""

    def short(words: str) -> str:
        return words.replace(f"{course.absolute()}/", "")

    repairs, notes = tuple(map(short, record.repairs)), tuple(map(short, record.notes))
    return replace(record, problem=short(record.problem), repairs=repairs, notes=notes)


def cut(text: str, longest: int) -> str:
    """Return the text without control characters, cut to `longest` characters with a remark that it was cut."""
    text = readable(text[: 2 * longest])
    return text if len(text) <= longest else f"{text[:longest]}\n… (cut here)"
