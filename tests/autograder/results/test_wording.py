"""The words that results use for a test are its author's, however a release has folded it."""

import pytest

from autograder.results.wording import name_of


@pytest.mark.parametrize(
    ("first_line", "words"),
    [
        ("# Hidden test, 1 point: small numbers.", "small numbers"),
        ("# @title Hidden: small numbers (1 point)", "small numbers"),
        ("# @title Hidden test, 0.5 points: small numbers.", "small numbers"),
        ("# @title Check: two steps, one at 0.1 (1.5 points)", "two steps, one at 0.1"),
        ("# Check that it holds: twice", "Check that it holds: twice"),
        ("# @title Hidden, 6 points", "of one"),
        ("# @title Check, 4 points", "of one"),
        ("assert mean([1]) == 1", "of one"),
    ],
    ids=[
        "source",
        "hidden",
        "an earlier release",
        "check",
        "a comment",
        "hidden, no words",
        "check, no words",
        "no title",
    ],
)
def test_a_test_is_called_by_the_words_that_it_begins_with(first_line: str, words: str) -> None:
    assert name_of("mean_of_one", "mean", f"{first_line}\nassert mean([2, 4]) == 3") == words
