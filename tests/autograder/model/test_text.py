"""What strangers wrote, made fit to be shown."""

import pytest

from autograder.model.text import encodable, first_line, readable


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("one\ntwo"), "one"),
        (ValueError("\n  one  \n"), "one"),
        (ValueError(), "ValueError"),
        (ValueError("x" * 300), "x" * 200),
    ],
)
def test_an_error_is_told_in_one_short_line(error: Exception, line: str) -> None:
    assert first_line(error) == line


def test_lone_surrogates_become_encodable() -> None:
    assert encodable("a\ud800b") == "a?b"


def test_colours_control_characters_and_turned_reading_are_taken_out() -> None:
    assert readable("\x1b[31mred\x1b[0m\r\nnext\r\x00\u202eright\ttab") == "red\nnext\nright\ttab"
