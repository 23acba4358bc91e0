"""Ungraded questions with instant feedback: an option unfolds to show the feedback on it.

Plain HTML does this in JupyterLab, VS Code and Colab, and also where widgets stay blank: in a notebook that is opened
again without running it, in an exported page, in a PDF.
"""

import html
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

QUESTIONS = Path(__file__).parent / "questions"  # not in the notebooks, where a cell would show its own answer
RIGHT, WRONG = "✓", "✗"


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


def ask(unit: str, name: str) -> Question:
    """Return the question `name` from `questions/<unit>.toml`; raise ValueError if there is none."""
    path = QUESTIONS / f"{unit}.toml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in QUESTIONS.glob("*.toml")))
        raise ValueError(f"there are no questions for {unit!r}; choose a unit from: {known}")
    questions = tomllib.loads(path.read_text(encoding="utf-8"))
    if name not in questions:
        raise ValueError(f"{path.name} has no question {name!r}; choose one of: {', '.join(questions)}")
    return Question(**questions[name])


def _html(text: str) -> str:
    """Escape `text` for HTML, and show what is between backticks as code."""
    pieces = html.escape(text, quote=False).split("`")
    return "".join(f"<code>{piece}</code>" if i % 2 else piece for i, piece in enumerate(pieces))
