"""Everyday habits of honest students: the grader gives what a real kernel gives, or more, and says nothing that is not so."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.grade import grade
from autograder.model.outcomes import Result
from autograder.model.records import Record
from autograder.model.units import load_unit
from autograder.release.build import released
from autograder.running.executors import LocalExecutor
from tests.conftest import scope_of
from tests.submissions.habits import FOLDER, Habit, habits
from tests.submissions.habits.kernel import Ran, run_in_kernels
from tests.submissions.habits.unit import UNITS, Lesson

HABITS = habits()
MAGIC = re.compile(r"(?:^|= )\s*(%{1,2})(\w+|!)", re.MULTILINE)
STOPPED = re.compile(r"stopped with (\w+)")


def name_of(habit: Habit) -> str:
    return f"{habit.kind}-{habit.name}"


every_habit = pytest.mark.parametrize("habit", HABITS, ids=name_of)


@dataclass(frozen=True)
class Tried:
    """What a kernel and the grader made of every habit, by student."""

    kernels: dict[str, Ran]
    records: dict[str, Record]


@pytest.fixture(scope="module")
def try_with_others(tmp_path_factory: pytest.TempPathFactory, executor: LocalExecutor) -> Callable[[Habit], Tried]:
    """Tries a habit together with those that share its process in a parallel run, all of them once."""
    done: dict[str, Tried] = {}

    def try_with_others(habit: Habit) -> Tried:
        scope = scope_of(nodeid(habit))
        if scope not in done:
            chosen = [other for other in HABITS if scope_of(nodeid(other)) == scope]
            done[scope] = try_all(tmp_path_factory.mktemp("course"), chosen, executor)
        return done[scope]

    return try_with_others


def nodeid(habit: Habit) -> str:
    """Return what pytest calls a test of a habit, but for the test's name."""
    return f"tests/autograder/{Path(__file__).name}::test[{name_of(habit)}]"


@pytest.fixture
def tried(habit: Habit, try_with_others: Callable[[Habit], Tried]) -> Tried:
    return try_with_others(habit)


def try_all(course: Path, chosen: list[Habit], executor: LocalExecutor) -> Tried:
    kernels: dict[str, Ran] = {}
    records: dict[str, Record] = {}
    for lesson in UNITS.values():
        mine = [habit for habit in chosen if habit.lesson is lesson]
        if mine:
            folders = hand_in_all(course, lesson, mine)
            kernels |= run_in_kernels(load_unit(course, lesson.name), folders, *lesson.modules)
            records |= {record.student: record for record in grade(course, lesson.name, executor=executor)}
    return Tried(kernels, records)


def hand_in_all(course: Path, lesson: Lesson, chosen: list[Habit]) -> dict[str, Path]:
    lesson.write(course)
    release = released(load_unit(course, lesson.name))
    folders = {habit.student: course / "submitted" / habit.student / lesson.name for habit in chosen}
    for habit in chosen:
        habit.hand_in(release, folders[habit.student])
    return folders


def passed(record: Record) -> frozenset[str]:
    return frozenset(test.grade_id for test in record.tests if test.outcome is Result.PASSED)


def said(record: Record) -> str:
    return "\n".join([record.problem, *record.repairs, *record.notes, *(test.message for test in record.tests)])


@every_habit
def test_a_habit_earns_what_a_kernel_gives(tried: Tried, habit: Habit) -> None:
    ran, record = tried.kernels[habit.student], tried.records[habit.student]
    more = habit.recovered | habit.beyond
    assert not more & ran.passed, "a kernel passes what is said to be recovered"
    if habit.differs:
        assert passed(record) != ran.passed, "it does not differ any more"
        assert habit.differs in said(record)
    else:
        assert passed(record) == ran.passed | more, (said(record), ran.stopped)
    assert record.repairs or record.notes or not habit.recovered, "what was recovered is not named"


@every_habit
def test_every_repair_that_is_named_was_one(tried: Tried, habit: Habit) -> None:
    record = tried.records[habit.student]
    missing = [words for words in habit.repairs if not any(words in repair for repair in record.repairs)]
    false = [repair for repair in record.repairs if not any(words in repair for words in habit.repairs)]
    assert (missing, false) == ([], [])


@every_habit
def test_no_cell_is_said_to_have_stopped_that_did_not(tried: Tried, habit: Habit) -> None:
    ran, record = tried.kernels[habit.student], tried.records[habit.student]
    kinds = {error.partition(":")[0] for _, error in ran.stopped}
    false = [note for note in record.notes if (kind := STOPPED.search(note)) and kind[1] not in kinds]
    missing = [words for words in habit.notes if not any(words in note for note in record.notes)]
    assert (missing, false) == ([], [])


def test_there_are_enough_habits_of_every_kind() -> None:
    assert len(HABITS) >= 160
    assert len({habit.what for habit in HABITS}) == len(HABITS)
    ours = {path for path in FOLDER.glob("*/*") if path.is_file() and path.parent.name != "__pycache__"}
    assert {path.suffix for path in ours} == {".ipy"}


def test_every_magic_of_a_kernel_is_tried(magics: set[str]) -> None:
    used = {
        "".join(magic)
        for habit in HABITS
        for heading, source in habit.cells
        if not heading.startswith("file: ")
        for magic in MAGIC.findall(source)
    }
    assert magics - used == set()


@pytest.fixture(scope="module")
def magics(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    listed = """\
magics = get_ipython().magics_manager.lsmagic()
print(*(f"%{name}" for name in magics["line"]), *(f"%%{name}" for name in magics["cell"]))"""
    habit = Habit("", "lists_magics", "", "plain", (("end", listed),))
    course = tmp_path_factory.mktemp("magics")
    folders = hand_in_all(course, habit.lesson, [habit])
    ran = run_in_kernels(load_unit(course, habit.lesson.name), folders)[habit.student]
    found = {word for word in ran.printed.split() if word.startswith("%")}
    assert len(found) > 100
    return found
