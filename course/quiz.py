"""Ungraded questions with instant feedback: buttons where widgets run, unfolding answers everywhere else."""

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

RIGHT, WRONG = "✓", "✗"


@dataclass(frozen=True)
class Question:
    """A question and, for each option, what to tell whoever chooses it."""

    text: str
    options: Mapping[str, str]
    right: str
    tried: list[str] = field(default_factory=list, compare=False)  # options chosen so far, for the live question

    def __post_init__(self) -> None:
        if self.right not in self.options:
            raise ValueError(f"the right option {self.right!r} is not one of {list(self.options)}; copy it exactly")

    def feedback(self, option: str) -> str:
        """Return what to say to whoever chooses `option`."""
        mark, verdict = (RIGHT, "Yes.") if option == self.right else (WRONG, "No.")
        return f"{mark} {verdict} {self.options[option]}"

    def as_html(self) -> str:
        """Return the question as static HTML: an option unfolds to its feedback. Needs no kernel and no script."""
        folded = "".join(
            f"<details><summary>{_html(option)}</summary><p>{_html(self.feedback(option))}</p></details>"
            for option in self.options
        )
        return f"<div><p><b>{_html(self.text)}</b></p>{folded}</div>"

    def as_widget(self) -> Any:
        """Return the question as an ipywidgets box: choosing an option shows its feedback."""
        import ipywidgets  # here, so that `import course` stays fast

        heading = ipywidgets.HTML(f"<b>{_html(self.text)}</b>")
        says = ipywidgets.HTML()
        wide = {"width": "max-content", "max_width": "100%"}
        choices = ipywidgets.RadioButtons(options=list(self.options), value=None, layout=wide)

        def tell(change: dict[str, Any]) -> None:
            self.tried.append(change["new"])
            says.value = f'<div role="status">{_html(self.feedback(change["new"]))}</div>'

        choices.observe(tell, names="value")
        return ipywidgets.VBox([heading, choices, says])

    def __str__(self) -> str:
        return "\n".join([self.text, *(f"  - {option}" for option in self.options)])

    __repr__ = __str__

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """Offer the widget and the static forms; each front end shows the richest that it can."""
        static = {"text/plain": str(self), "text/html": self.as_html()}
        return {**_live(self), **static}


def ask(text: str, options: Mapping[str, str], *, right: str) -> Question:
    """Return a question to put at the end of a cell; `options` maps each option to its feedback."""
    return Question(text, options, right)


def _live(question: Question) -> dict[str, Any]:
    """Return the widget's own mime bundle in a notebook's kernel, nothing anywhere else."""
    try:
        from IPython import get_ipython
    except ImportError:
        return {}
    if not hasattr(get_ipython(), "kernel"):
        return {}
    bundle = question.as_widget()._repr_mimebundle_()
    return bundle[0] if isinstance(bundle, tuple) else bundle


def _html(text: str) -> str:
    """Escape text, and set what stands between backticks as code."""
    pieces = html.escape(text, quote=False).split("`")
    return "".join(f"<code>{piece}</code>" if i % 2 else piece for i, piece in enumerate(pieces))
