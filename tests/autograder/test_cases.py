"""Submissions that lost points or got false notes, made after public bug reports: what is expected of each is what comes."""

import csv
import re
import shutil
from functools import cache
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from autograder.grade import grade
from autograder.model.records import Record
from autograder.model.units import Unit, load_unit
from autograder.reading.find import Submission
from autograder.reading.submission import read_submission
from autograder.release.build import released
from autograder.running.executors import LocalExecutor
from tests.autograder.never_lost import main_in
from tests.autograder.real_nbgrader import run_nbgrader
from tests.autograder.small_unit import NAME, RIGHT, hand_in, metadata, notebook, write_unit
from tests.submissions.habits import Habit, edited, read_habit, write_files

REPOSITORY = Path(__file__).parents[2]
CASES = [read_habit(path) for path in sorted(Path(REPOSITORY, "tests/submissions/cases").glob("*.ipy"))]
SOLUTION = re.compile(r"^ *### (?:BEGIN|END) SOLUTION\n?", re.MULTILINE)

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@cache
def unit_of_the_course(name: str) -> Unit:
    return load_unit(REPOSITORY, name)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory, executor: LocalExecutor) -> dict[str, Record]:
    course = tmp_path_factory.mktemp("course")
    found: dict[str, Record] = {}
    for name in dict.fromkeys(case.unit for case in CASES):
        shutil.copytree(REPOSITORY / "source" / name, course / "source" / name)
        for case in CASES:
            if case.unit == name:
                hand_in_case(case, course / "submitted" / case.name / name)
        found |= {record.student: record for record in grade(course, name, executor=executor)}
    return found


def hand_in_case(case: Habit, folder: Path) -> None:
    unit = unit_of_the_course(case.unit)
    answers = {cell.id: SOLUTION.sub("", cell.source) for cell in unit.cells if cell.id in unit.exercises}
    folder.mkdir(parents=True)
    nbformat.write(edited(released(unit), answers, case.cells), folder / f"{unit.name}.ipynb")
    write_files(case.cells, folder)


@every_case
def test_a_case_earns_what_it_deserves(records: dict[str, Record], case: Habit) -> None:
    record = records[case.name]
    assert record.score == case.points, (record.notes, record.repairs)


@every_case
def test_a_case_gets_no_false_note(records: dict[str, Record], case: Habit) -> None:
    record = records[case.name]
    assert not [note for note in record.notes if "stopped with" in note]
    assert not [repair for repair in record.repairs if not any(words in repair for words in case.repairs)]
    assert all(any(words in repair for repair in record.repairs) for words in case.repairs)


# ---- students who are looked for in vain


@pytest.fixture
def course(tmp_path: Path, one_warm_process: None) -> Path:
    write_unit(tmp_path)
    return tmp_path


def small_release(course: Path) -> NotebookNode:
    return released(load_unit(course, NAME))


@pytest.mark.parametrize("where", [f"{NAME}.ipynb", f"90_Small/{NAME}.ipynb"], ids=["loose file", "capital letters"])
def test_a_student_with_an_odd_folder_is_graded_or_named(
    course: Path, where: str, capsys: pytest.CaptureFixture[str]
) -> None:
    good = hand_in(course, "ann", small_release(course), RIGHT)
    odd = course / "submitted" / "bob" / where
    odd.parent.mkdir(parents=True)
    shutil.copyfile(good, odd)
    for verb in (["grade", NAME], ["results", NAME], ["export", NAME, "--to", "csv"], ["report", NAME]):
        main_in(course, *verb)
    told = capsys.readouterr()
    assert "bob" in told.out + told.err
    assert "bob" in (course / "export" / "marks.csv").read_text()
    assert "bob" in (course / "report" / f"{NAME}.html").read_text()


# ---- time of handing in


@pytest.mark.parametrize(
    ("stamp", "utc"),
    [
        ("2024-03-10 12:00:00 UTC", "2024-03-10T12:00:00+00:00"),
        ("2024-03-10 12:00 CET", "2024-03-10T11:00:00+00:00"),
        ("2024-07-10 12:00 CEST", "2024-07-10T10:00:00+00:00"),
        ("2016-01-30-20-30-10", "2016-01-30T20:30:10+00:00"),
        ("2024-03-10T12:00:00+02:00", "2024-03-10T10:00:00+00:00"),
    ],
)
def test_a_time_stamp_is_read_in_its_own_zone_and_format(course: Path, stamp: str, utc: str) -> None:
    path = hand_in(course, "ann", small_release(course), RIGHT)
    path.with_name("timestamp.txt").write_text(stamp)
    assert read_submission(Submission("ann", NAME, path.parent)).submitted_at == utc


@pytest.mark.parametrize("stamp", ["10/03/2024 23:59", "10.03.2024 23:59", "yesterday"])
def test_a_time_stamp_that_could_be_two_days_is_named_and_not_guessed(course: Path, stamp: str) -> None:
    path = hand_in(course, "ann", small_release(course), RIGHT)
    path.with_name("timestamp.txt").write_text(stamp)
    handed = read_submission(Submission("ann", NAME, path.parent))
    if stamp[2] == ".":  # so only days come first
        assert handed.submitted_at.startswith("2024-03-10") or stamp in "".join(handed.repairs)
    else:
        assert (handed.submitted_at, stamp in "".join(handed.repairs)) == ("", True)


def test_a_due_date_that_was_extended_counts_without_force(course: Path) -> None:
    config = (REPOSITORY / "nbgrader_config.py").read_text()
    (course / "nbgrader_config.py").write_text(f'{config}\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    path = hand_in(course, "ann", small_release(course), RIGHT)
    path.with_name("timestamp.txt").write_text("2024-03-10 12:00:00 UTC")
    run_nbgrader(course, "db", "assignment", "add", NAME, "--duedate=2024-03-01 00:00:00 UTC")
    assert exported_after_grading(course) == 0
    run_nbgrader(course, "db", "assignment", "add", NAME, "--duedate=2025-03-01 00:00:00 UTC")
    assert exported_after_grading(course) == 20


def test_a_time_stamp_that_was_corrected_counts_without_force(course: Path) -> None:
    config = (REPOSITORY / "nbgrader_config.py").read_text()
    (course / "nbgrader_config.py").write_text(f'{config}\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    stamp = hand_in(course, "ann", small_release(course), RIGHT).with_name("timestamp.txt")
    stamp.write_text("2024-03-10 12:00:00 UTC")
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        gradebook.add_assignment(NAME, duedate="2024-03-01 00:00:00 UTC")
    assert exported_after_grading(course) == 0
    stamp.write_text("2024-02-10 12:00:00 UTC")
    assert exported_after_grading(course) == 20


def exported_after_grading(course: Path) -> float:
    assert main_in(course, "grade", NAME) == 0
    return exported(course)["score"]


def exported(course: Path) -> dict[str, float]:
    assert main_in(course, "export", NAME, "--to", "csv") == 0
    with (course / "export" / "marks.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    return {name: float(row[name]) for name in ("score", "max_score")}


# ---- cells that a person grades


def test_a_manually_graded_cell_of_code_is_run_and_shown(tmp_path: Path, executor: LocalExecutor) -> None:
    changed = notebook()
    marks = metadata("plot", grade=True, solution=True, points=3, locked=False)
    stub = "### BEGIN SOLUTION\ncurve = [1, 2]\n### END SOLUTION"
    changed.cells.insert(3, nbformat.v4.new_code_cell(stub, id="plot", metadata=marks))
    write_unit(tmp_path, changed)
    answers = {"plot": "curve = [2, 3]", "double": "def double(x):\n    return curve[0] * x", "total": RIGHT["total"]}
    hand_in(tmp_path, "ann", small_release(tmp_path), answers)
    (record,) = grade(tmp_path, NAME, executor=executor)
    assert record.repairs == ()
    assert record.score == 20, record.notes
    assert "curve = [2, 3]" in [cell["source"] for cell in record.notebook["cells"]]


def test_a_manually_graded_task_counts_once_a_person_has_graded_it(tmp_path: Path, executor: LocalExecutor) -> None:
    changed = notebook()
    marks = {**metadata("draw", grade=False, solution=False, points=5)["nbgrader"], "task": True, "points": 5}
    changed.cells.append(nbformat.v4.new_markdown_cell("Draw the curve.", id="draw", metadata={"nbgrader": marks}))
    write_unit(tmp_path, changed)
    hand_in(tmp_path, "ann", small_release(tmp_path), RIGHT)
    (record,) = grade(tmp_path, NAME, executor=executor)
    assert record.score == 20
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
        given = gradebook.find_grade("draw", NAME, NAME, "ann")
        assert given.needs_manual_grade
        given.manual_score, given.needs_manual_grade = 4, False
        gradebook.db.commit()
    assert exported(tmp_path) == {"score": 24, "max_score": 25}
