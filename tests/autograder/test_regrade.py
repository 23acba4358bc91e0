"""A test is changed after people have graded: points are new, what people gave and nbgrader's late penalty stay."""

from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.grade import grade
from autograder.model.marks import Mark
from autograder.model.units import load_unit
from autograder.release.build import released
from autograder.results.export import export
from autograder.results.graded import read_graded
from autograder.running.executors import LocalExecutor
from tests.autograder import small_unit
from tests.autograder.small_unit import NAME, RIGHT

THOUGHT = {"think": "I thought about it."}
SQUARES = {"double": "def double(x):\n    return x * x", "total": RIGHT["total"]} | THOUGHT
PLUGIN = """
from nbgrader.plugins import BasePlugin

class HalfAPointAnHour(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return total_seconds_late / 7200
"""
CONFIG = 'c = get_config()\nc.AssignLatePenalties.plugin_class = "late_points.HalfAPointAnHour"\n'


@pytest.fixture
def course(tmp_path: Path, executor: LocalExecutor) -> Path:
    """Two who squared instead of doubling, one of them three hours late; a person has graded what both wrote."""
    unit = small_unit.notebook()
    unit.cells[-1].metadata.nbgrader.points = 3
    small_unit.write_unit(tmp_path, unit)
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    (tmp_path / "late_points.py").write_text(PLUGIN)
    release = released(load_unit(tmp_path, NAME))
    for student, hour in (("ada", 11), ("ben", 15)):
        path = small_unit.hand_in(tmp_path, student, release, SQUARES)
        (path.parent / "timestamp.txt").write_text(f"2026-03-02 {hour}:00:00 UTC")
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
        gradebook.add_assignment(NAME, duedate="2026-03-02 12:00:00 UTC")
    grade(tmp_path, NAME, executor=executor)
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:  # as formgrader saves it
        for student, points in (("ada", 2.5), ("ben", 1)):
            thought = gradebook.find_grade("think", NAME, NAME, student)
            thought.manual_score, thought.needs_manual_grade = points, False
            gradebook.find_comment("double", NAME, NAME, student).manual_comment = f"Squared, {student}?"
        gradebook.db.commit()
    return tmp_path


def marks(course: Path) -> dict[str, Mark]:
    return {one.record.student: one.mark for one in read_graded(course, [load_unit(course, NAME)]).submissions}


def of_nbgrader(course: Path) -> dict[str, float]:
    """What formgrader and nbgrader's exports would show, less its penalty."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        found = gradebook.assignment_submissions(NAME)
        return {one.student.id: one.score - one.late_submission_penalty for one in found}


def test_people_s_points_and_penalties_outlast_a_changed_test(course: Path, executor: LocalExecutor) -> None:
    before = marks(course)
    # 4 for two, 0 for minus three, 10 for the sum, and the person's; 3 hours late are 1.5
    assert {student: mark.score for student, mark in before.items()} == {"ada": 16.5, "ben": 13.5}
    assert before["ben"].penalty == 1.5
    changed = small_unit.notebook()
    changed.cells[-1].metadata.nbgrader.points = 3
    for cell in changed.cells:
        cell.source = cell.source.replace("double(-3) == -6", "double(0) == 0")
    small_unit.write_unit(course, changed)
    grade(course, NAME, executor=executor)
    after = marks(course)
    assert {student: mark.score for student, mark in after.items()} == {"ada": 22.5, "ben": 19.5}
    assert {student: mark.penalty for student, mark in after.items()} == {"ada": 0, "ben": 1.5}
    assert of_nbgrader(course) == {"ada": 22.5, "ben": 19.5}
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        assert gradebook.find_comment("double", NAME, NAME, "ben").comment == "Squared, ben?"
        # nbgrader shows the answer to a person once more after every grading; the points stand until then.
        assert gradebook.find_grade("think", NAME, NAME, "ada").needs_manual_grade
    [csv] = export(course, [load_unit(course, NAME)], "csv")
    assert [line.split(",")[7] for line in csv.read_text().splitlines()[1:]] == ["22.5", "19.5"]
