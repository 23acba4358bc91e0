"""The whole answer bank, in the judge and in a plain kernel: right answers keep every point, wrong ones lose the named tests."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.grade import grade
from autograder.model.outcomes import Result
from autograder.model.records import Record
from autograder.model.units import Kind, Unit, load_unit
from autograder.release.build import released
from autograder.running.processes import Zygote
from tests.bank import Entry, bank, read_answers, units
from tests.conftest import ROOT
from tests.plain_kernel import run_cells

ENTRIES = [entry for unit in units() for entry in bank(unit)]
every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.unit}-{entry.label}")
every_unit = pytest.mark.parametrize("name", units())


@cache
def unit_of(name: str) -> Unit:
    return load_unit(ROOT, name)


def with_answer(unit: Unit, entry: Entry) -> nbformat.NotebookNode:
    """The release with this answer, and the reference's answers to everything else."""
    notebook = released(unit)
    for cell, node, reference in zip(unit.cells, notebook.cells, unit.notebook.cells, strict=True):
        if cell.kind is Kind.ANSWER:
            node.source = entry.source if cell.id == entry.exercise else reference.source
    return notebook


def hand_in(course: Path, student: str, entry: Entry) -> None:
    folder = course / "submitted" / student / entry.unit
    folder.mkdir(parents=True)
    nbformat.write(with_answer(unit_of(entry.unit), entry), folder / f"{entry.unit}.ipynb")


def student_of(entry: Entry) -> str:
    return f"entry{bank(entry.unit).index(entry):03}"


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, Record]]:
    """Every entry of a unit graded as a submission of its own, when its first test asks for it; by student."""

    @cache
    def records(name: str) -> dict[str, Record]:
        course = tmp_path_factory.mktemp(name)
        shutil.copytree(ROOT / "source" / name, course / "source" / name)
        for entry in bank(name):
            hand_in(course, student_of(entry), entry)
        return {record.student: record for record in grade(course, name)}

    return records


@every_entry
def test_the_judge_agrees_with_the_bank(graded: Callable[[str], dict[str, Record]], entry: Entry) -> None:
    record = graded(entry.unit)[student_of(entry)]
    seen = {t.grade_id: t.hint if t.hidden else t.message for t in record.tests if t.outcome is not Result.PASSED}
    assert sorted(seen) == sorted(entry.fails), seen
    assert not record.repairs
    for test, words in seen.items():
        assert entry.words in words, f"what the student sees of {test}: {words}"


@every_entry
def test_a_plain_kernel_agrees_with_the_bank(zygote: Zygote, entry: Entry) -> None:
    unit = unit_of(entry.unit)
    kinds = (Kind.SHARED, Kind.PLAIN, Kind.ANSWER, Kind.TEST)
    cells = [(cell.id, entry.source if cell.id == entry.exercise else cell.source) for cell in unit.of_kind(*kinds)]
    errors = {name: error for name, error in run_cells(zygote, cells).items() if error is not None}
    assert sorted(errors) == sorted(entry.fails), errors
    for test, words in errors.items():
        assert entry.words in words, f"what the student sees of {test}: {words}"


@every_unit
def test_every_exercise_has_three_right_and_five_wrong_answers(name: str) -> None:
    for exercise in unit_of(name).exercises:
        answers = [entry for entry in bank(name) if entry.exercise == exercise]
        different = {ast.dump(ast.parse(entry.source)) for entry in answers}
        assert len(different) == len(answers), f"{exercise}: two answers are the same"
        assert sum(entry.right for entry in answers) >= 3, exercise
        assert sum(not entry.right for entry in answers) >= 5, exercise


@every_unit
def test_every_test_is_failed_by_an_answer_and_every_failed_test_exists(name: str) -> None:
    """A test that no known mistake fails may as well not be there."""
    tests = {test.id: test.exercise for test in unit_of(name).tests}
    failed = {(test, entry.exercise) for entry in bank(name) for test in entry.fails}
    assert failed == set(tests.items())


@every_unit
def test_real_nbgrader_agrees_on_a_right_and_a_wrong_answer(name: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "source" / name, tmp_path / "source" / name)
    shutil.copyfile(ROOT / "nbgrader_config.py", tmp_path / "nbgrader_config.py")
    answers = {
        "right": next(entry for entry in bank(name) if entry.right),
        "wrong": next(entry for entry in bank(name) if not entry.right),
    }
    for student, entry in answers.items():
        hand_in(tmp_path, student, entry)
    for verb in ("generate_assignment", "autograde"):
        command = [sys.executable, "-m", "nbgrader", verb, name]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=500)
        assert done.returncode == 0, done.stderr
    unit = unit_of(name)
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
        for student, entry in answers.items():
            notebook = gradebook.find_submission_notebook(name, name, student)
            scores = {found.name: found.auto_score for found in notebook.grades if found.cell.cell_type == "code"}
            assert scores == {test.id: 0 if test.id in entry.fails else test.points for test in unit.tests}


def test_a_heading_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "softmax.py"
    path.write_text("# %% rigth: a misspelt heading\nx = 1\n")
    with pytest.raises(ValueError, match=r"softmax.py: 'rigth: a misspelt heading' is neither 'right: NAME' nor"):
        list(read_answers(path))


def test_headings_are_read_in_full(tmp_path: Path) -> None:
    path = tmp_path / "softmax.py"
    path.write_text(
        "# %% right: loop-free\na = 1\n\n# %% wrong: over rows -> softmax_rows, softmax_dim: along: the\nb = 2\n"
    )
    right, wrong = read_answers(path)
    assert (right.name, right.right, right.source, right.fails) == ("loop-free", True, "a = 1\n", ())
    assert (wrong.name, wrong.right, wrong.source, wrong.words) == ("over rows", False, "b = 2\n", "along: the")
    assert wrong.fails == ("softmax_rows", "softmax_dim")
