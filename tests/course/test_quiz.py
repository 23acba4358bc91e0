"""Questions: static where nothing is live, and feedback for every option."""

import subprocess
import sys
from html.parser import HTMLParser

import pytest

from course import quiz

QUESTION = quiz.ask(
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
    assert QUESTION.feedback("yes") == "✓ Yes. Even `1 <= 2`."
    assert QUESTION.feedback("no") == "✗ No. Count again."


def test_without_a_kernel_the_answer_unfolds() -> None:
    bundle = QUESTION._repr_mimebundle_()
    assert sorted(bundle) == ["text/html", "text/plain"]
    page = Texts(bundle["text/html"])
    assert page.tags.count("details") == page.tags.count("summary") == 2
    assert page.tags.count("code") == 2
    assert "script" not in page.tags
    assert "Is 1 < 2 in " in page.text
    assert "✗ No. Count again." in page.text


def test_plain_text_does_not_give_the_answer_away() -> None:
    assert str(QUESTION) == "Is 1 < 2 in `torch`?\n  - yes\n  - no"


def test_the_widget_tells_at_once_and_lets_one_try_again() -> None:
    box = QUESTION.as_widget()
    heading, choices, says = box.children
    assert "1 &lt; 2" in heading.value
    assert choices.value is None
    assert says.value == ""
    choices.value = "no"
    assert "✗ No. Count again." in says.value
    choices.value = "yes"
    assert "✓ Yes. Even <code>1 &lt;= 2</code>." in says.value


def test_a_right_option_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="'maybe' is not one of \\['yes', 'no'\\]"):
        quiz.ask("Well?", {"yes": "", "no": ""}, right="maybe")


def test_in_a_kernel_the_question_is_live_and_still_has_its_static_form() -> None:
    code = """
from ipykernel.inprocess.manager import InProcessKernelManager
manager = InProcessKernelManager()
manager.start_kernel()
shell = manager.kernel.shell
shell.run_cell("from course import quiz; q = quiz.ask('Q?', {'a': 'x', 'b': 'y'}, right='a')")
from course import quiz
print(sorted(shell.user_ns["q"]._repr_mimebundle_()))
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True)
    expected = "['application/vnd.jupyter.widget-view+json', 'text/html', 'text/plain']"
    assert expected in done.stdout, done.stderr
