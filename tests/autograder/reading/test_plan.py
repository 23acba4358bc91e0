"""Which of a submission's cells are run, in which order and in which passes."""

from pathlib import Path

import pytest

from autograder.model.units import Unit, list_units, load_unit
from autograder.reading.plan import Step, helpers_first, passes, reference_steps
from tests.autograder.small_unit import NAME, write_unit
from tests.conftest import ROOT


def own(number: int, source: str) -> Step:
    return Step(f"own:{number}", "student", source)


ANSWER = Step("double", "student", "def double(x):\n    return twice(x)", "double")
TEST = Step("double_two", "test", "assert double(2) == 4", "double")


def ids(*steps: Step) -> list[str]:
    return [step.id for step in helpers_first(steps)[0]]


def test_a_helper_below_runs_first_and_that_is_said() -> None:
    steps, moved = helpers_first([ANSWER, TEST, own(1, "def twice(x):\n    return x + x")])
    assert [step.id for step in steps] == ["own:1", "double", "double_two"]
    assert moved == ("the cell that defines twice stands below double, which uses it: it was run first",)


def test_a_helper_s_helper_and_imports_run_before_it() -> None:
    late = [own(1, "def twice(x):\n    return plus(x, x)"), own(2, "from operator import add as plus")]
    assert ids(ANSWER, TEST, *late) == ["own:2", "own:1", "double", "double_two"]


def test_what_is_defined_above_is_not_looked_for_below() -> None:
    lesson = Step("lesson", "lesson", "def twice(x):\n    return 2 * x")
    again = own(1, "def twice(x):\n    return 3 * x")
    assert ids(lesson, ANSWER, TEST, again) == ["lesson", "double", "double_two", "own:1"]


def test_data_and_what_nobody_uses_stay_where_they_are() -> None:
    assert ids(ANSWER, TEST, own(1, "twice = max"), own(2, "def other():\n    pass")) == [
        "double",
        "double_two",
        "own:1",
        "own:2",
    ]


def test_cells_that_need_each_other_end_somewhere() -> None:
    one, two = own(1, "def twice(x):\n    return other(x)"), own(2, "def other(x):\n    return twice(x)")
    assert sorted(ids(ANSWER, TEST, one, two)) == ["double", "double_two", "own:1", "own:2"]


# ---- passes

SETUP = Step("imports", "both", "import math")
LESSON = Step("lesson", "lesson", "lesson = math.sqrt(4)")
DOUBLE = Step("double", "student", "def double(x):\n    return 2 * x", "double")
VISIBLE = Step("double_two", "test", "assert double(2) == 4", "double")
HIDDEN = Step("double_negative", "test", "assert double(-3) == -6", "double")
TOTAL = Step("total", "student", "def total(xs):\n    return sum(xs)", "total")


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    write_unit(tmp_path)
    return load_unit(tmp_path, NAME)


def ids_of_passes(unit: Unit, *steps: Step) -> list[list[str]]:
    return [[step.id for step in steps_of_pass] for steps_of_pass in passes(unit, steps)]


def test_hidden_tests_end_the_only_pass(unit: Unit) -> None:
    assert ids_of_passes(unit, SETUP, DOUBLE, HIDDEN, VISIBLE, TOTAL) == [
        ["imports", "double", "double_two", "total", "double_negative"]
    ]


def test_where_the_order_matters_hidden_tests_follow_their_answer_in_a_pass_of_their_own(unit: Unit) -> None:
    again = own(1, "def double(x):\n    return 0")
    assert ids_of_passes(unit, DOUBLE, VISIBLE, HIDDEN, again) == [
        ["double", "double_two", "own:1"],
        ["double", "double_negative", "own:1"],
    ]


def test_a_cell_of_the_lesson_runs_only_where_an_answer_uses_it(unit: Unit) -> None:
    assert ids_of_passes(unit, SETUP, LESSON, DOUBLE) == [["imports", "double"]]
    uses = Step("double", "student", "def double(x):\n    return lesson * x", "double")
    assert ids_of_passes(unit, SETUP, LESSON, uses) == [["imports", "lesson", "double"]]
    [[_, lesson, _]] = passes(unit, [SETUP, LESSON, uses])
    assert lesson.run == "student"


def test_a_demo_runs_only_where_a_cell_that_is_run_uses_what_it_binds(unit: Unit) -> None:
    demo = Step("show", "demo", "shown = lesson + 1")
    own_cell = own(1, "print(shown)")
    assert ids_of_passes(unit, SETUP, LESSON, demo, own_cell, DOUBLE) == [["imports", "double"]]
    uses = Step("double", "student", "def double(x):\n    return shown * x", "double")
    steps = passes(unit, [SETUP, LESSON, demo, uses])[0]
    assert [(step.id, step.run) for step in steps[1:]] == [(name, "student") for name in ("lesson", "show", "double")]
    moved, _ = helpers_first([demo, uses, VISIBLE, own(2, "shown = 1")])
    assert [step.id for step in moved] == ["show", "own:2", "double", "double_two"]  # as if the demo were not there


def test_the_reference_is_the_unit_s_own_cells_without_demos_and_text(unit: Unit) -> None:
    assert [(step.id, step.run) for step in reference_steps(unit)] == [
        ("imports", "both"),
        ("lesson", "lesson"),
        ("double", "student"),
        ("double_two", "test"),
        ("double_negative", "test"),
        ("total", "student"),
        ("total_three", "test"),
        ("total_empty", "test"),
    ]


# ---- what is needed only at the test


def test_a_constant_below_runs_first() -> None:
    steps, moved = helpers_first([ANSWER, TEST, own(1, "twice = 2")])
    assert [step.id for step in steps] == ["own:1", "double", "double_two"]
    assert moved == ("the cell that defines twice stands below double, which uses it: it was run first",)


def test_a_helper_between_an_answer_and_its_test_stands_early_enough() -> None:
    steps = [ANSWER, own(1, "def twice(x):\n    return x + x"), TEST]
    assert helpers_first(steps) == (tuple(steps), ())


def test_where_a_cell_calls_its_own_function_the_helper_is_needed_at_once() -> None:
    calls = Step("double", "student", f"{ANSWER.source}\nprint(double(2))", "double")
    assert ids(calls, own(1, "def twice(x):\n    return x + x"), TEST) == ["own:1", "double", "double_two"]


@pytest.mark.parametrize("name", list_units(ROOT))
def test_a_perfect_submission_runs_its_answers_and_tests_once_and_no_cell_of_the_lesson(name: str) -> None:
    """The lesson of a unit takes longer than its tests; one cell that seems to change what answers rest on would run all of it."""
    unit = load_unit(ROOT, name)
    lessons = {step.id for step in reference_steps(unit) if step.run == "lesson"}
    (steps,) = passes(unit, reference_steps(unit))
    assert lessons.isdisjoint(step.id for step in steps)
