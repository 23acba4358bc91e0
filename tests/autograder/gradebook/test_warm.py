"""The process that writers of the gradebook are forked from."""

import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from autograder.errors import GraderError
from autograder.grade import grade
from autograder.gradebook.process import GradebookProcess
from autograder.model.units import load_unit
from autograder.release.build import released, released_sources
from autograder.running.executors import LocalExecutor
from tests.autograder.never_lost import query
from tests.autograder.small_unit import NAME, RIGHT, hand_in, write_unit
from tests.processes import has_ended

SHOWS_AND_WAITS = f"""
import sys
from pathlib import Path
from autograder.gradebook.process import GradebookProcess
from autograder.model.records import read_records
from autograder.model.units import load_unit
course = Path.cwd()
with GradebookProcess(course, load_unit(course, "{NAME}"), True, lambda _: None) as gradebook:
    for record in read_records(course, "{NAME}"):
        gradebook.show(record)
    print("shown", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return write_class(tmp_path)


def write_class(course: Path) -> Path:
    write_unit(course)
    release = released(load_unit(course, NAME))
    for student in ("ada", "bob"):
        hand_in(course, student, release, RIGHT)
    return course


def warm_processes(parent: int) -> list[psutil.Process]:
    """The warm processes of the gradebook that a process has started."""
    warm = []
    for child in psutil.Process(parent).children():
        with suppress(psutil.Error):  # it has ended, and is none of them
            if "autograder.gradebook.warm" in child.cmdline():
                warm.append(child)
    return warm


def in_gradebook(course: Path) -> list[tuple]:
    return query(course, "select student_id from submitted_assignment order by 1")


def writer_of(parent: int) -> psutil.Process:
    """The one process that writes now."""
    for _ in range(6000):
        (warm,) = warm_processes(parent)
        if writers := [child for child in warm.children() if not has_ended(child.pid)]:
            (writer,) = writers
            return writer
        time.sleep(0.01)
    raise AssertionError("no process writes")


def test_units_and_courses_share_it_and_another_takes_its_place(tmp_path: Path, executor: LocalExecutor) -> None:
    courses = [write_class(tmp_path / name) for name in ("first", "second", "third")]
    for course in courses[:2]:
        grade(course, NAME, executor=executor)
    (warm,) = warm_processes(os.getpid())
    warm.kill()
    psutil.wait_procs([warm])
    grade(courses[2], NAME, executor=executor)
    (other,) = warm_processes(os.getpid())
    assert other.pid != warm.pid
    assert [in_gradebook(course) for course in courses] == [[("ada",), ("bob",)]] * 3


def test_a_writer_that_was_killed_is_said(course: Path, executor: LocalExecutor) -> None:
    records = grade(course, NAME, executor=executor)

    def show_after_a_kill() -> None:
        with GradebookProcess(course, load_unit(course, NAME), True, lambda _: None) as gradebook:
            gradebook.start()
            writer_of(os.getpid()).kill()
            for record in records:
                gradebook.show(record)

    with pytest.raises(GraderError, match="ended early; run the same command again"):
        show_after_a_kill()


def test_a_writer_says_what_the_release_shows(course: Path) -> None:
    unit = load_unit(course, NAME)
    with GradebookProcess(course, unit, False, lambda _: None) as gradebook:
        assert gradebook.released_sources() == released_sources(unit)


def test_what_the_release_shows_is_known_without_a_writer_too(course: Path) -> None:
    unit = load_unit(course, NAME)

    def ask_after_a_kill() -> None:
        with GradebookProcess(course, unit, False, lambda _: None) as gradebook:
            gradebook.start()
            writer_of(os.getpid()).kill()
            assert gradebook.released_sources() == released_sources(unit)

    with pytest.raises(GraderError, match="ended early; run the same command again"):
        ask_after_a_kill()


def test_nothing_is_left_of_a_grader_that_was_killed(course: Path, executor: LocalExecutor) -> None:
    grade(course, NAME, executor=executor)
    command = [sys.executable, "-c", SHOWS_AND_WAITS]
    with subprocess.Popen(command, cwd=course, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "shown\n"
        theirs = [*warm_processes(process.pid), writer_of(process.pid)]
        process.kill()
    assert len(theirs) == 2
    for _ in range(6000):
        if all(has_ended(process.pid) for process in theirs):
            return
        time.sleep(0.01)
    raise AssertionError(theirs)
