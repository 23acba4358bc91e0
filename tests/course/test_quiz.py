"""Questions: what they show, and that each stored one has feedback and is asked."""

import re
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from IPython.core.formatters import DisplayFormatter

from course import quiz
from tests.conftest import ROOT

QUESTION = quiz.Question(
    "Is 1 < 2 in `torch`?",
    {"yes": "Even `1 <= 2`.", "no": "Count again."},
    right="yes",
)


class Texts(HTMLParser):
    """Collect the tags and the text of a piece of HTML."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data + "\n"


def test_each_option_has_its_feedback() -> None:
    assert QUESTION.feedback("yes") == "✓ Right. Even `1 <= 2`."
    assert QUESTION.feedback("no") == "✗ Not so. Count again."


def test_an_option_unfolds_to_its_feedback() -> None:
    data, _ = DisplayFormatter().format(QUESTION)
    assert sorted(data) == ["text/html", "text/plain"]
    page = Texts(data["text/html"])
    assert page.tags.count("details") == page.tags.count("summary") == 2
    assert page.tags.count("code") == 2
    assert "script" not in page.tags
    assert "Is 1 < 2 in " in page.text
    assert "✗ Not so. Count again." in page.text


def test_plain_text_does_not_give_the_answer_away() -> None:
    assert str(QUESTION) == "Is 1 < 2 in `torch`?\n  - yes\n  - no"


def test_a_right_option_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="'maybe' is not one of \\['yes', 'no'\\]"):
        quiz.Question("Well?", {"yes": "", "no": ""}, right="maybe")


@pytest.mark.parametrize("path", sorted(quiz.QUESTIONS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_stored_question_has_feedback_for_three_options_or_more(path: Path) -> None:
    for name in tomllib.loads(path.read_text()):
        question = quiz.ask(path.stem, name)
        assert len(question.options) >= 3
        assert all(len(words) > 20 for words in question.options.values())


def test_every_stored_question_is_asked_in_its_notebook_and_no_other() -> None:
    for path in sorted(quiz.QUESTIONS.glob("*.toml")):
        notebook = nbformat.read(ROOT / "source" / path.stem / f"{path.stem}.ipynb", as_version=4)
        asked = re.findall(r'quiz\.ask\("(\w+)", "(\w+)"\)', "\n".join(cell.source for cell in notebook.cells))
        assert sorted(asked) == sorted((path.stem, name) for name in tomllib.loads(path.read_text()))


def test_a_question_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="no question 'colour'; choose one of: slide_bug, "):
        quiz.ask("05_cross_entropy", "colour")
    with pytest.raises(ValueError, match="no questions for '5'; choose a unit from: "):
        quiz.ask("5", "slide_bug")
