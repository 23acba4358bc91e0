"""What the tests of lost work share: a small class, and everything that grading it leaves behind."""

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from autograder.cli import main
from autograder.model.records import read_records
from autograder.model.units import load_unit
from autograder.release.build import released
from autograder.results.feedback import write_feedback
from tests.autograder.small_unit import NAME, RIGHT, hand_in, write_unit

SLOWLY = "import time\ndef double(x):\n    time.sleep(0.02)\n    return {}"
KINDS = (
    {"double": SLOWLY.format("2 * x"), "total": RIGHT["total"]},
    {"double": SLOWLY.format("x + 2")},
    {"double": "import os\ndef double(x): os._exit(3)", "total": RIGHT["total"]},
    {"double": SLOWLY.format("x + x"), "total": "def total(xs): return xs[0] + xs[1] + xs[2]"},
)
GRADES = """select student_id, base_cell.name, auto_score, manual_score, needs_manual_grade, max_score from grade
    join submitted_notebook on submitted_notebook.id = grade.notebook_id
    join base_cell on base_cell.id = cell_id join grade_cells on grade_cells.id = cell_id
    join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id order by 1, 2"""
COMMENTS = """select student_id, base_cell.name, auto_comment from comment
    join submitted_notebook on submitted_notebook.id = comment.notebook_id join base_cell on base_cell.id = cell_id
    join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id order by 1, 2"""


def write_class(course: Path, students: int, names: tuple[str, ...] = (NAME,)) -> Path:
    """A course in which so many have handed in, of whom one has nothing that can be read."""
    for name in names:
        write_unit(course, name=name)
        release = released(load_unit(course, name))
        for number in range(students):
            path = hand_in(course, f"s{number:02}", release, KINDS[number % len(KINDS)], name)
        path.write_text("{")
    return course


def record_files(course: Path) -> dict[str, Path]:
    """The records on disk by student."""
    return {path.stem: path for path in (course / "records" / NAME).glob("[!.]*.json")}


def outcome(course: Path) -> dict[str, object]:
    """All that grading the class came to, but for how long it took: equal for two courses that hold the same."""
    records = {}
    for student, path in record_files(course).items():
        told = json.loads(path.read_text(encoding="utf-8"))
        del told["seconds"]
        for test in told["tests"]:
            del test["seconds"]
        records[student] = told
    unit = load_unit(course, NAME)
    pages = write_feedback(course, unit, read_records(course, NAME))
    shown = sorted((course / "autograded").rglob("*.ipynb"))
    return {
        "records": records,
        "grades": query(course, GRADES),
        "comments": query(course, COMMENTS),
        "pages": {str(path.relative_to(course)): path.read_text(encoding="utf-8") for path in pages},
        "autograded": {str(path.relative_to(course)): path.read_text(encoding="utf-8") for path in shown},
    }


def main_in(course: Path, *arguments: str) -> int:
    """The exit status of a command run in a course folder."""
    before = Path.cwd()
    os.chdir(course)
    try:
        return main(list(arguments))
    finally:
        os.chdir(before)


def query(course: Path, sql: str) -> list[tuple]:
    """What gradebook.db says."""
    with closing(sqlite3.connect(course / "gradebook.db")) as database:
        return database.execute(sql).fetchall()
