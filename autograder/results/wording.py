"""What a student may read about a test: in a feedback page, and in whatever else leaves the house."""

import re
from dataclasses import replace
from pathlib import Path

from autograder.model.outcomes import Result, TestOutcome
from autograder.model.records import Record
from autograder.model.text import readable

LONGEST_MESSAGE = 4_000  # characters
HIDDEN_TEST = re.compile(r"^hidden test[^:]*:?\s*", re.IGNORECASE)

# What is said of an outcome in two words, and in a sentence where the test's author said nothing.
VERDICTS = {
    Result.PASSED: ("Passed", ""),
    Result.FAILED: ("Failed", "The result is not what the exercise asks for."),
    Result.RAISED: ("Stopped with an exception", "Your code raised an exception."),
    Result.UNANSWERED: ("Not answered", "This exercise has no answer yet."),
    Result.INTERFACE: ("Wrong kind of value", "Your code gave an object where a number, tensor or list belongs."),
    Result.TIMEOUT: ("Out of time", "Your code did not come to its end in the time allowed."),
    Result.CRASHED: ("Python ended", "Your code ended the Python process."),
    Result.MEMORY: ("Out of memory", "Your code needed more memory than allowed."),
    Result.BROKEN: ("Test is broken", "The test itself failed; this is not your fault. Please tell your instructor."),
    Result.NOT_RUN: ("Did not run", "This test did not run."),
}


def what_went_wrong(test: TestOutcome) -> tuple[str, str]:
    """In a sentence, and as the test laid it out. A hidden test's message may quote the test; its hint is its author's."""
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
    """The comment that a test begins with, which students have too, else what its id says."""
    first = source.split("\n", 1)[0]
    if first.startswith("# ") and (words := HIDDEN_TEST.sub("", first.removeprefix("# ")).strip(" .")):
        return words
    return test.removeprefix(f"{exercise}_").replace("_", " ")


def without_paths(record: Record, course: Path) -> Record:
    """The record with paths of this machine cut down to the course folder."""

    def short(words: str) -> str:
        return words.replace(f"{course.absolute()}/", "")

    repairs, notes = tuple(map(short, record.repairs)), tuple(map(short, record.notes))
    return replace(record, problem=short(record.problem), repairs=repairs, notes=notes)


def cut(text: str, longest: int) -> str:
    """Text without control characters and no longer than that; what is missing is said."""
    text = readable(text[: 2 * longest])
    return text if len(text) <= longest else f"{text[:longest]}\n… (cut here)"
