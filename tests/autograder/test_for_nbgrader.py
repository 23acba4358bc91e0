"""nbgrader's and formgrader's own ways to grade and to release give what our commands give."""

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.grade import grade
from autograder.model.records import Record, read_record
from autograder.model.units import load_unit
from autograder.release.build import released
from autograder.running.executors import LocalExecutor
from tests.autograder import small_unit
from tests.autograder.small_unit import NAME, RIGHT, hand_in

# As the server extension of formgrader makes it; then what its buttons call.
FORMGRADER = """
import json, sys
from nbgrader.apps import NbGraderAPI
from nbgrader.apps.baseapp import NbGrader
from nbgrader.coursedir import CourseDirectory

app = NbGrader()
app.load_config_file()
folders = CourseDirectory(config=app.config)
folders._load_config(app.config)
api = NbGraderAPI(folders, config=app.config)
for student in sys.argv[2:]:
    print(json.dumps(api.autograde(sys.argv[1], student)))
"""
THOUGHT = {"think": "I thought about it."}
CLASS = {
    "ben": {"double": "def double(x):\n    return x * x", "total": "def total(xs):\n    return sum(xs) / 0"},
    "cy": RIGHT | THOUGHT,  # whose file is damaged, see below
}
ROWS = """select student_id, base_cell.name, auto_score, manual_score, needs_manual_grade from grade x
    join submitted_notebook on submitted_notebook.id = x.notebook_id
    join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id
    join base_cell on base_cell.id = x.cell_id order by 1, 2"""
COMMENTS = ROWS.replace("auto_score, manual_score, needs_manual_grade from grade", "auto_comment from comment")


@pytest.fixture
def course(tmp_path: Path, root: Path) -> Path:
    """A course with a class, in which a file has a byte-order mark and another name, so that nbgrader alone cannot grade it."""
    shutil.copy(root / "nbgrader_config.py", tmp_path)
    with (tmp_path / "nbgrader_config.py").open("a") as file:
        file.write("\nc.ExecutePreprocessor.timeout = 2\n")
    small_unit.write_unit(tmp_path)
    for student, answers in CLASS.items():
        path = hand_in(tmp_path, student, released(load_unit(tmp_path, NAME)), answers)
    path.with_name("final (1).ipynb").write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    path.unlink()
    return tmp_path


def press_autograde(course: Path, *students: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-c", FORMGRADER, NAME, *students]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def rows(course: Path) -> list[list[tuple[Any, ...]]]:
    database = sqlite3.connect(course / "gradebook.db")
    try:
        return [database.execute(query).fetchall() for query in (ROWS, COMMENTS)]
    finally:
        database.close()


def without_times(record: Record | None) -> dict[str, Any]:
    assert record is not None
    return {key: value for key, value in record.summary().items() if key != "seconds"}


def graded_cells(course: Path, student: str) -> list[tuple[str, list[Any]]]:
    notebook = nbformat.read(course / "autograded" / student / NAME / f"{NAME}.ipynb", as_version=4)
    return [(cell.source, cell.get("outputs", [])) for cell in notebook.cells]


def test_the_button_gives_the_points_the_record_and_the_comments_of_our_command(
    course: Path, tmp_path_factory: pytest.TempPathFactory, executor: LocalExecutor
) -> None:
    twin = shutil.copytree(course, tmp_path_factory.mktemp("twin") / "course")
    ours = grade(twin, NAME, executor=executor)
    *pressed, of_nobody = press_autograde(course, *CLASS, "zoe")
    assert all(answer["success"] for answer in pressed), pressed
    assert rows(course) == rows(twin)
    for record in ours:
        assert without_times(read_record(course, NAME, record.student)) == without_times(record)
        assert graded_cells(course, record.student) == graded_cells(twin, record.student)
    assert [record.score for record in ours] == [4, 20]
    assert "ben: 4 of 20 points" in pressed[0]["log"]
    assert "final (1).ipynb" in pressed[1]["log"]
    assert not of_nobody["success"]
    assert f"none of those students has handed in {NAME}" in of_nobody["log"]
