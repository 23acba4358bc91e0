"""The steps of a calculation beside those of the reader, in a table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from course.showing import difference_in_words, show
from course.values import same_numbers


@dataclass(frozen=True)
class StepTable:
    """The steps of a calculation beside their expected values. It prints as a table."""

    steps: tuple[tuple[str, Any, Any], ...]  # name, expected, got

    @property
    def first_wrong(self) -> str:
        """The name of the first step that differs, or an empty string."""
        return next((name for name, expected, got in self.steps if not same_numbers(expected, got)), "")

    def rows(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield name, expected value, actual value and difference of each step, as text."""
        for name, expected, got in self.steps:
            difference = "" if same_numbers(expected, got) else difference_in_words(expected, got)
            yield name, show(expected), show(got), difference

    def __str__(self) -> str:
        table = [("step", "expected", "got", "difference"), *self.rows()]
        widths = [max(len(row[i]) for row in table) for i in range(4)]
        return "\n".join(
            "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in table
        )

    __repr__ = __str__


def compare_steps(expected: Mapping[str, Any], got: Mapping[str, Any]) -> StepTable:
    """Return a table of the steps in `expected` beside yours: look first at the first step that differs."""
    return StepTable(tuple((name, value, got.get(name)) for name, value in expected.items()))
