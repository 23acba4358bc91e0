"""Questions: what they show, and that each stored one has feedback and is asked."""

import re
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
import torch
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


def _stored(path: Path, key: str) -> list[str]:
    """Return the names of the questions (`options`) or walks (`steps`) of a unit."""
    return [name for name, entry in tomllib.loads(path.read_text()).items() if key in entry]


@pytest.mark.parametrize("path", sorted(quiz.QUESTIONS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_stored_question_has_feedback_for_three_options_or_more(path: Path) -> None:
    for name in _stored(path, "options"):
        question = quiz.ask(path.stem, name)
        assert len(question.options) >= 3
        assert all(len(words) > 20 for words in question.options.values())


def test_every_stored_question_is_asked_in_its_notebook_and_no_other() -> None:
    for path in sorted(quiz.QUESTIONS.glob("*.toml")):
        notebook = nbformat.read(ROOT / "source" / path.stem / f"{path.stem}.ipynb", as_version=4)
        source = "\n".join(cell.source for cell in notebook.cells)
        for call, key in (("ask", "options"), ("walk", "steps")):
            asked = re.findall(rf'quiz\.{call}\("(\w+)", "(\w+)"[,)]', source)
            assert sorted(asked) == sorted((path.stem, name) for name in _stored(path, key))


def test_a_question_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="no question 'colour'; choose one of: slide_bug, "):
        quiz.ask("05_cross_entropy", "colour")
    with pytest.raises(ValueError, match="no questions for '5'; choose a unit from: "):
        quiz.ask("5", "slide_bug")


# ---- a walk, step by step

WALK = {"ŷ": 4, "m": 4.0, "b": torch.tensor(4.0), "w": 12, "x": 8}


def _walked(**numbers: object) -> str:
    return str(quiz.walk("01_autograd", "walk_back", WALK | numbers))


def test_the_stored_walk_is_autograds_and_no_mistake_is_right() -> None:
    w, x, b = (torch.tensor(value, requires_grad=True) for value in (2.0, 3.0, 1.0))
    m = w * x
    y = b + m
    gradients = torch.autograd.grad((y - 5) ** 2, [y, m, b, w, x])
    walk = quiz.walk("01_autograd", "walk_back", dict(zip("ŷmbwx", gradients, strict=True)))
    assert walk.first_open == ""
    for step in walk.steps.values():
        assert step.mistakes
        assert not any(step.is_right(wrong) for wrong in step.mistakes)


def test_right_steps_say_why() -> None:
    lines = _walked().splitlines()
    assert [line[:5] for line in lines] == ["✓ ŷ: ", "✓ m: ", "✓ b: ", "✓ w: ", "✓ x: "]
    assert lines[3] == "✓ w: 12. The gradient of m, times the other factor, x = 3."


def test_the_first_wrong_step_is_named_with_its_mistake_and_later_ones_wait() -> None:
    lines = _walked(w=8, x=99).splitlines()
    assert lines[3].startswith("✗ w: 8. That is 4 · 2, with w itself as the slope.")
    assert lines[4] == "· x: waits for w."


def test_a_wrong_number_that_no_mistake_explains_gets_the_rule() -> None:
    assert "✗ m: −3.5. Take this step again" in _walked(m=-3.5)
    assert "✗ m: 'four'. Take this step again" in _walked(m="four")


def test_before_anything_is_filled_in_the_walk_says_where_to_begin_and_gives_nothing_away() -> None:
    walk = str(quiz.walk("01_autograd", "walk_back", dict.fromkeys("ŷmbwx")))
    assert walk.splitlines()[0] == "· ŷ: your number is missing."
    assert not re.search(r"\d", walk)


def test_a_name_that_is_no_step_is_refused() -> None:
    with pytest.raises(ValueError, match="'y' is no step here; the steps are ŷ, m, b, w, x"):
        _walked(y=4)
