"""The answer bank: for every exercise, answers that are right and answers that are wrong in a known way.

`tests/answers/<unit>/<grade_id>.py`, in percent format. A cell is one answer, and its heading says what it must earn:

    # %% right: NAME
    # %% wrong: NAME -> TEST_ID: WORDS
    # %% wrong: NAME -> TEST_ID, TEST_ID: WORDS

A wrong answer loses exactly the tests named; what the student reads about each of them contains WORDS.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ANSWERS = Path(__file__).resolve().parent / "answers"
HEADING = re.compile(r"^# %% ?(.*)$", re.MULTILINE)
RIGHT = re.compile(r"right: (?P<name>[^:]+)")
WRONG = re.compile(r"wrong: (?P<name>.+?) -> (?P<fails>[a-z0-9_]+(?:, ?[a-z0-9_]+)*): (?P<words>.+)")


@dataclass(frozen=True)
class Entry:
    """One answer of the bank. A right one fails nothing."""

    unit: str
    exercise: str
    name: str
    right: bool
    source: str
    fails: tuple[str, ...] = ()
    words: str = ""

    @property
    def label(self) -> str:
        """What a test report calls it."""
        return f"{self.exercise}-{'right' if self.right else 'wrong'}-{self.name}"


def bank(unit: str) -> list[Entry]:
    """Every answer for a unit, in the order of the files."""
    return [entry for path in sorted((ANSWERS / unit).glob("*.py")) for entry in read_answers(path)]


def units() -> list[str]:
    """The units that have answers."""
    return sorted(path.name for path in ANSWERS.iterdir() if any(path.glob("*.py")))


def read_answers(path: Path) -> Iterator[Entry]:
    """The answers in one file; raises ValueError for a heading that is not one."""
    text = path.read_text()
    headings = list(HEADING.finditer(text))
    ends = [following.start() for following in headings[1:]] + [len(text)]
    for heading, end in zip(headings, ends, strict=True):
        yield _entry(path, heading[1].strip(), text[heading.end() : end].strip() + "\n")


def _entry(path: Path, heading: str, source: str) -> Entry:
    unit, exercise = path.parent.name, path.stem
    if right := RIGHT.fullmatch(heading):
        return Entry(unit, exercise, right["name"], True, source)
    if wrong := WRONG.fullmatch(heading):
        fails = tuple(name.strip() for name in wrong["fails"].split(","))
        return Entry(unit, exercise, wrong["name"], False, source, fails, wrong["words"])
    raise ValueError(f"{path}: {heading!r} is neither 'right: NAME' nor 'wrong: NAME -> TEST_ID: WORDS'")
