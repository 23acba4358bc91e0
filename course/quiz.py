"""Ungraded questions with instant feedback: an option unfolds to show the feedback on it. And walks, checked step by step.

Plain HTML does this in JupyterLab, VS Code and Colab, and also where widgets stay blank: in a notebook that is opened
again without running it, in an exported page, in a PDF.
"""

import html
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

QUESTIONS = Path(__file__).parent / "questions"  # not in the notebooks, where a cell would show its own answer
RIGHT, WRONG, OPEN = "✓", "✗", "·"
CLOSE = 1e-6  # how far a number may be from the right one: readers may round


@dataclass(frozen=True)
class Question:
    """A question and the feedback on each option."""

    text: str
    options: Mapping[str, str]
    right: str

    def __post_init__(self) -> None:
        if self.right not in self.options:
            raise ValueError(f"the right option {self.right!r} is not one of {list(self.options)}; copy it exactly")

    def feedback(self, option: str) -> str:
        """Return the feedback for readers who choose `option`."""
        mark, verdict = (RIGHT, "Right.") if option == self.right else (WRONG, "Not so.")
        return f"{mark} {verdict} {self.options[option]}"

    def as_html(self) -> str:
        """Return the question as HTML that needs no kernel and no script."""
        folded = "".join(
            f"<details><summary>{_html(option)}</summary><p>{_html(self.feedback(option))}</p></details>"
            for option in self.options
        )
        return f"<div><p><b>{_html(self.text)}</b></p>{folded}</div>"

    def __str__(self) -> str:
        return "\n".join([self.text, *(f"  - {option}" for option in self.options)])

    __repr__ = __str__

    _repr_html_ = as_html


@dataclass(frozen=True)
class Step:
    """A number that a reader works out, why it is right, and what other numbers come from."""

    right: float
    why: str
    mistakes: Mapping[str, str]  # the mistaken number, as it is written in TOML, and what it looks like

    def is_right(self, number: Any) -> bool:
        """Say whether the number is the right one."""
        return _same(number, self.right)

    def mistake(self, number: Any) -> str:
        """Return what a wrong number looks like."""
        known = (words for wrong, words in self.mistakes.items() if _same(number, float(wrong)))
        return next(known, "Take this step again: the gradient of the result that it went into, times one slope.")


@dataclass(frozen=True)
class Walk:
    """Steps that build on each other, beside a reader's numbers. It prints as one line per step.

    Only the first wrong step gets its message: the steps after it were taken from a wrong number.
    """

    steps: Mapping[str, Step]
    numbers: Mapping[str, Any]

    def __post_init__(self) -> None:
        if unknown := [name for name in self.numbers if name not in self.steps]:
            raise ValueError(f"{unknown[0]!r} is no step here; the steps are {', '.join(self.steps)}")

    @property
    def first_open(self) -> str:
        """The name of the first step that is wrong or has no number yet; empty where all are right."""
        return next((name for name, step in self.steps.items() if not step.is_right(self.numbers.get(name))), "")

    def __str__(self) -> str:
        return "\n".join(self._line(name, step) for name, step in self.steps.items())

    def _line(self, name: str, step: Step) -> str:
        number, names, stop = self.numbers.get(name), list(self.steps), self.first_open
        if stop and names.index(name) > names.index(stop):
            return f"{OPEN} {name}: waits for {stop}."
        if name != stop:
            return f"{RIGHT} {name}: {_shown(number)}. {step.why}"
        if number is None:
            return f"{OPEN} {name}: your number is missing."
        return f"{WRONG} {name}: {_shown(number)}. {step.mistake(number)}"

    __repr__ = __str__


def ask(unit: str, name: str) -> Question:
    """Return the question `name` from `questions/<unit>.toml`; raise ValueError if there is none."""
    return Question(**_entry(unit, name))


def walk(unit: str, name: str, numbers: Mapping[str, Any]) -> Walk:
    """Return the walk `name` from `questions/<unit>.toml` beside a reader's numbers; raise ValueError if there is none."""
    return Walk({step: Step(**fields) for step, fields in _entry(unit, name)["steps"].items()}, numbers)


def _entry(unit: str, name: str) -> dict[str, Any]:
    path = QUESTIONS / f"{unit}.toml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in QUESTIONS.glob("*.toml")))
        raise ValueError(f"there are no questions for {unit!r}; choose a unit from: {known}")
    questions = tomllib.loads(path.read_text(encoding="utf-8"))
    if name not in questions:
        raise ValueError(f"{path.name} has no question {name!r}; choose one of: {', '.join(questions)}")
    return questions[name]


def _same(number: Any, other: float) -> bool:
    try:
        return abs(float(number) - other) < CLOSE
    except (TypeError, ValueError):
        return False


def _shown(number: Any) -> str:
    """Return a number as a reader would write it."""
    try:
        return f"{float(number):g}".replace("-", "−")
    except (TypeError, ValueError):
        return repr(number)


def _html(text: str) -> str:
    """Escape `text` for HTML, and show what is between backticks as code."""
    pieces = html.escape(text, quote=False).split("`")
    return "".join(f"<code>{piece}</code>" if i % 2 else piece for i, piece in enumerate(pieces))
