"""A variant of a reference answer: what it is, and which tests it has to lose or to pass."""

import difflib
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a variant was made, and so what the tests have to say of it."""

    MUTANT = "mutant"  # one small mistake
    MIMIC = "mimic"  # right for the arguments of the visible checks, wrong elsewhere
    DISGUISE = "disguise"  # right, written in another way


class Lose(StrEnum):
    """How many tests a variant has to lose."""

    NONE = "none"
    ONE = "one"
    EVERY_HIDDEN = "every hidden"  # and no visible one: it was made to pass these


@dataclass(frozen=True)
class Variant:
    """One answer to one exercise.

    `change` names it within the exercise, and stays the same when lines are moved. `reference` and `shown` are what a person reads:
    the reference in the same layout, and this answer without what was planted in it. `helper` is a cell of its own above the answer.
    `cell` is the id of the answer's cell where the exercise is not named by it, since it has several answers.
    """

    exercise: str
    kind: Kind
    change: str
    source: str
    reference: str
    shown: str
    lose: Lose
    helper: str = ""
    cell: str = ""

    @property
    def diff(self) -> str:
        """The reference and this answer as a unified diff."""
        lines = difflib.unified_diff(
            self.reference.splitlines(), self.shown.splitlines(), "reference", self.kind.value, lineterm="", n=2
        )
        return "\n".join(lines)
