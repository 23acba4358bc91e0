"""Answers that are alike and answers that are not, against figures made by hand."""

import dataclasses

import numpy as np
import pytest

from autograder.model.outcomes import Result
from autograder.model.records import Record
from autograder.model.units import Unit
from autograder.results import likeness
from autograder.results.answers import answers_of
from autograder.results.likeness import likenesses, normal_form
from tests.autograder.results.small_class import OTHER, record
from tests.autograder.small_unit import RIGHT


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (OTHER["ada"], OTHER["ben"], True),
        (OTHER["ada"], OTHER["cy"], False),
        ("a = 1\nb = a + 2\nprint(b)", "x = 1\ny = x + 2\nprint(y)", True),
        ("a = 1\nb = a + 2\nprint(b)", "x = 1\ny = x + 2\nprint(x)", False),
        ("a = 1\nb = a + 2\nprint(b)", "a = 1\nb = a + 2\nround(b)", False),
    ],
)
def test_programs_are_the_same_up_to_names_comments_and_layout(one: str, other: str, alike: bool) -> None:
    assert (normal_form(one) == normal_form(other)) is alike
    assert normal_form(one)


@pytest.mark.parametrize("source", ["", "return return", "x = 1", "def f(x): return x"])
def test_what_is_too_short_or_no_python_is_like_nothing(source: str) -> None:
    assert normal_form(source) == ""


def test_those_who_share_rare_answers_are_found_and_no_others(unit: Unit) -> None:
    ways = [f"def double(x):\n    y = [x, x, {n} - {n}]\n    return sum(y)" for n in range(20)]
    class_of_20 = [
        record(unit, f"s{n:02}", (1, 0, 1, 1), RIGHT | {"double": way, "total": way.replace("double", "total")})
        for n, way in enumerate(ways)
    ]
    assert likenesses(class_of_20) == []
    copied = answers_of(class_of_20[7])
    answers = {"double": copied["double"].replace("y", "total"), "total": copied["total"]}
    (pair,) = likenesses([*class_of_20, record(unit, "zoe", (1, 0, 1, 1), answers)])
    assert pair.students == ("s07", "zoe")
    assert (pair.exercises, pair.to_the_letter, pair.wrong) == (("double", "total"), ("total",), ("double",))
    assert pair.bits == pytest.approx(2 * np.log2(21 / 2))


def test_an_answer_that_everybody_gives_and_one_that_nobody_gave_are_no_sign(unit: Unit) -> None:
    everybody = "def double(x):\n    y = [x, x]\n    return sum(y) + 0"
    many = [record(unit, f"s{n:02}", (1, 1, 1, 1), RIGHT | {"double": everybody}) for n in range(30)]
    assert likenesses(many) == []
    stubs = [record(unit, f"s{n:02}", (0, 0, 0, 0), {}) for n in range(2)]
    stubs = [
        dataclasses.replace(one, tests=tuple(dataclasses.replace(t, outcome=Result.UNANSWERED) for t in one.tests))
        for one in stubs
    ]
    assert likenesses(stubs) == []


def test_one_shared_answer_in_a_small_class_is_no_sign(unit: Unit, records: list[Record]) -> None:
    assert np.log2(len(records) / 2) < likeness.STRIKING
    assert likenesses(records) == []
