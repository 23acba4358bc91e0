"""The pipeline from a folder of submissions to records, run for real on a small class."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.errors import CourseError, ReferenceSolutionError
from autograder.grade import grade, limits_of
from autograder.model.outcomes import Result
from autograder.model.records import Record, read_record, read_records
from autograder.model.units import load_unit
from autograder.release.build import released
from autograder.running.executors import LocalExecutor
from autograder.sandbox.limits import CELL_SECONDS, Limits
from tests.autograder.never_lost import main_in
from tests.autograder.small_unit import NAME, RIGHT, hand_in, notebook, write_unit

HARDCODED = "def double(x):\n    return 4"
IN_PLACE = "def total(xs):\n    xs.append(0)\n    return sum(xs)"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    write_unit(tmp_path)
    release = released(load_unit(tmp_path, NAME))
    hand_in(tmp_path, "ada", release, RIGHT)
    hand_in(tmp_path, "bob", release, {"double": HARDCODED, "total": IN_PLACE})
    hand_in(tmp_path, "cleo", release, {})
    hand_in(tmp_path, "dan", release, RIGHT).write_text("{")
    return tmp_path


def totals(records: list[Record]) -> dict[str, float]:
    return {record.student: record.score for record in records}


def cli(course: Path, *arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "autograder", *arguments]
    return subprocess.run(command, cwd=course, capture_output=True, text=True, timeout=600)


def test_grades_a_class_and_does_only_what_changed(course: Path, executor: LocalExecutor) -> None:
    seen: list[tuple[str, int, int]] = []
    records = grade(course, NAME, executor=executor, progress=lambda *told: seen.append(told))
    assert totals(records) == {"ada": 20, "bob": 14, "cleo": 0, "dan": 0}
    assert ("grading", 4, 4) in seen
    ada, bob, cleo, dan = records
    assert {test.outcome for test in ada.tests} == {Result.PASSED}
    assert [t.grade_id for t in bob.tests if t.outcome is not Result.PASSED] == ["double_negative"]
    assert [note for note in bob.notes if note.startswith("total: changes argument 1 in place, which costs no points")]
    assert not ada.notes
    assert {test.outcome for test in cleo.tests} == {Result.UNANSWERED}
    assert "its JSON breaks off" in dan.problem
    assert {test.outcome for test in dan.tests} == {Result.NOT_RUN}
    assert list(read_records(course, NAME)) == records

    stamps = {path.name: path.stat().st_mtime_ns for path in (course / "records" / NAME).iterdir()}
    hand_in(course, "cleo", released(load_unit(course, NAME)), RIGHT)
    (course / "records" / NAME / "bob.json").write_text('{"version": 1')
    again = grade(course, NAME, executor=executor)
    assert totals(again) == {"ada": 20, "bob": 14, "cleo": 20, "dan": 0}
    changed = {p.name for p in (course / "records" / NAME).iterdir() if p.stat().st_mtime_ns != stamps.get(p.name)}
    assert changed == {"bob.json", "cleo.json", ".gradebook.json", ".lock"}


def test_an_answer_may_use_what_the_lesson_defined(course: Path, executor: LocalExecutor) -> None:
    hand_in(course, "bob", released(load_unit(course, NAME)), {**RIGHT, "double": "def double(x): return lesson * x"})
    assert totals(grade(course, NAME, executor=executor))["bob"] == 20


def test_a_changed_test_is_graded_again(course: Path, executor: LocalExecutor) -> None:
    grade(course, NAME, executor=executor)
    changed = notebook()
    for cell in changed.cells:
        cell.source = cell.source.replace("double(-3) == -6", "double(2) == 4")
    write_unit(course, changed)
    assert totals(grade(course, NAME, executor=executor))["bob"] == 20


def test_a_reference_that_fails_its_own_test_grades_nobody(course: Path, executor: LocalExecutor) -> None:
    wrong = notebook()
    for cell in wrong.cells:
        cell.source = cell.source.replace("return 2 * x", "return 3 * x")
    write_unit(course, wrong)
    with pytest.raises(ReferenceSolutionError, match=r"does not pass the test 'double_two'.*mend the test or the sol"):
        grade(course, NAME, executor=executor)
    assert read_record(course, NAME, "ada") is None


def test_records_and_gradebook_are_for_their_owner_alone(course: Path, executor: LocalExecutor) -> None:
    """They quote hidden tests. Folders of earlier versions are closed too."""
    (course / "records").mkdir(mode=0o755)
    (course / "gradebook.db").touch(mode=0o644)
    grade(course, NAME, executor=executor)
    written = [course / "gradebook.db", course / "records", *(course / "records").rglob("*")]
    assert len(written) > 8
    assert [path for path in written if path.stat().st_mode & 0o077] == []


def test_a_folder_that_cannot_be_written_is_said(course: Path, executor: LocalExecutor) -> None:
    (course / "records").write_text("a file where a folder belongs")
    with pytest.raises(CourseError, match=r"cannot be written .* run the same command again"):
        grade(course, NAME, executor=executor)


def test_hidden_tests_never_speak_for_the_student(course: Path, executor: LocalExecutor) -> None:
    spy = "def double(x):\n    if x == 2: return 4\n    raise ValueError(f'the hidden test calls double({x})')"
    hand_in(course, "bob", released(load_unit(course, NAME)), {**RIGHT, "double": spy})
    bob = next(record for record in grade(course, NAME, executor=executor) if record.student == "bob")
    (test,) = [t for t in bob.tests if t.grade_id == "double_negative"]
    assert test.outcome is Result.RAISED
    assert test.hint == "your code raised an exception"  # the class could be chosen by the argument
    later = "def total(xs):\n    raise ValueError(f'double was called with {seen}')"
    spy = "seen = []\ndef double(x):\n    seen.append(x)\n    return 2 * x"
    hand_in(course, "bob", released(load_unit(course, NAME)), {"double": spy, "total": later})
    bob = next(record for record in grade(course, NAME, executor=executor) if record.student == "bob")
    told = " ".join(t.message if not t.hidden else t.hint for t in bob.tests)
    assert "[2]" in told  # what the visible test called it with
    assert "-3" not in told


def test_the_command_line_keeps_its_contract(course: Path) -> None:
    graded = cli(course, "grade", NAME)
    assert graded.returncode == 0, graded.stderr
    assert "4 submissions graded; 1 could not be read" in graded.stdout
    lines = cli(course, "results", NAME, "--json").stdout.splitlines()
    told = [json.loads(line) for line in lines]
    assert [t["student"] for t in told] == ["ada", "bob", "cleo", "dan"]
    assert set(told[0]) >= {"student", "unit", "score", "max_score", "isolation", "repairs", "tests", "seconds"}
    assert set(told[0]["tests"][0]) == {"grade_id", "score", "max_score", "outcome", "message"}
    table = cli(course, "results", NAME)
    assert "14/20" in table.stdout
    assert "breaks off" in table.stdout
    pages = cli(course, "feedback", NAME)
    assert pages.returncode == 0, pages.stderr
    assert (course / "feedback" / "ada" / NAME / f"{NAME}.html").exists()


def test_the_table_of_grades_is_safe_to_print(
    course: Path, executor: LocalExecutor, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = "raise ValueError('\\x1b[2J\\x1b]0;owned\\x07 [red]bold[/red]')"
    hand_in(course, "bob", released(load_unit(course, NAME)), {**RIGHT, "double": evil})
    grade(course, NAME, executor=executor)
    assert main_in(course, "results", NAME) == 0
    table = capsys.readouterr().out
    assert "[red]bold[/red]" in table.replace("\n", "")
    assert "\x1b" not in table
    assert "\x07" not in table


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["grade", "91"], f"no unit is called '91'; choose one of: {NAME}"),
        (["grade", NAME, "--submitted", "nowhere"], "nowhere: no such folder"),
        (["results", NAME], "nothing graded yet; run: python -m autograder grade"),
        (["release", "x"], "no unit is called 'x'"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_status_2(
    course: Path, arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main_in(course, *arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert sentence in said
    assert said.count("\n") == 1


# ---- how long a cell may take


def test_a_cell_may_take_as_long_as_in_check_unless_the_course_says_otherwise(course: Path) -> None:
    assert limits_of(course) == Limits()
    assert Limits().cell_seconds == CELL_SECONDS == 30
    for text, seconds in (
        ("c.ExecutePreprocessor.timeout = 45", 45),
        ("c.Execute.timeout = 50", 50),
        ("c.ExecutePreprocessor.startup_timeout = 120", 30),
        ("# c.ExecutePreprocessor.timeout = 45", 30),
        ("c.ExecutePreprocessor.timeout = None", 30),
        ("c.ExecutePreprocessor.timeout = -1", 30),
    ):
        (course / "nbgrader_config.py").write_text(f"c = get_config()\n{text}\n")
        assert limits_of(course).cell_seconds == seconds
    assert limits_of(course, 12).cell_seconds == 12
    assert limits_of(course, 12).submission_seconds == Limits().submission_seconds
    assert limits_of(course, 120).submission_seconds == 480


def test_a_cell_that_needs_longer_gets_it_and_what_ran_out_of_time_is_graded_again(
    course: Path, executor: LocalExecutor
) -> None:
    slow = {**RIGHT, "double": "import time\nfactor = (time.sleep(2), 2)[1]\ndef double(x):\n    return factor * x"}
    hand_in(course, "ada", released(load_unit(course, NAME)), slow)
    short, long = (limits_of(course, seconds) for seconds in (1, 60))
    assert totals(grade(course, NAME, executor=executor, limits=short))["ada"] < 20
    assert totals(grade(course, NAME, executor=executor, limits=long))["ada"] == 20


def test_the_time_for_a_cell_is_a_number_of_seconds(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main_in(course, "grade", NAME, "--cell-seconds", "0")
    assert (end.value.code, "from 1 to 3600" in capsys.readouterr().err) == (2, True)
