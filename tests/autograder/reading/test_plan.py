"""The order in which a submission's cells are run."""

from autograder.reading.plan import Step, helpers_first


def own(number: int, source: str) -> Step:
    return Step(f"own_{number}", "student", source)


ANSWER = Step("double", "student", "def double(x):\n    return twice(x)", "double")
TEST = Step("double_two", "test", "assert double(2) == 4", "double")


def ids(*steps: Step) -> list[str]:
    return [step.id for step in helpers_first(steps)[0]]


def test_a_helper_below_runs_first_and_that_is_said() -> None:
    steps, moved = helpers_first([ANSWER, TEST, own(1, "def twice(x):\n    return x + x")])
    assert [step.id for step in steps] == ["own_1", "double", "double_two"]
    assert moved == ("the cell that defines twice stands below double, which uses it: it was run first",)


def test_a_helper_s_helper_and_imports_run_before_it() -> None:
    late = [own(1, "def twice(x):\n    return plus(x, x)"), own(2, "from operator import add as plus")]
    assert ids(ANSWER, TEST, *late) == ["own_2", "own_1", "double", "double_two"]


def test_what_is_defined_above_is_not_looked_for_below() -> None:
    lesson = Step("lesson", "lesson", "def twice(x):\n    return 2 * x")
    again = own(1, "def twice(x):\n    return 3 * x")
    assert ids(lesson, ANSWER, TEST, again) == ["lesson", "double", "double_two", "own_1"]


def test_data_and_what_nobody_uses_stay_where_they_are() -> None:
    assert ids(ANSWER, TEST, own(1, "twice = max"), own(2, "def other():\n    pass")) == [
        "double",
        "double_two",
        "own_1",
        "own_2",
    ]


def test_cells_that_need_each_other_end_somewhere() -> None:
    one, two = own(1, "def twice(x):\n    return other(x)"), own(2, "def other(x):\n    return twice(x)")
    assert sorted(ids(ANSWER, TEST, one, two)) == ["double", "double_two", "own_1", "own_2"]
