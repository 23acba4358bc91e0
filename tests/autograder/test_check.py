"""The self-check: what a student learns of a notebook before handing it in, from the release alone."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.check import check
from autograder.errors import CourseError, SubmissionError
from autograder.records import Result
from autograder.release import make_release
from tests.autograder import small_unit
from tests.autograder.small_unit import NAME, RIGHT


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    """What a student has: the release, no source."""
    author = tmp_path / "author"
    small_unit.write_unit(author)
    (tmp_path / "kit" / "release" / NAME).mkdir(parents=True)
    make_release(author, NAME).rename(release_of(tmp_path / "kit"))
    return tmp_path / "kit"


def release_of(kit: Path) -> Path:
    return kit / "release" / NAME / f"{NAME}.ipynb"


def written(kit: Path, answers: dict[str, str], change=lambda notebook: None, name: str = NAME) -> Path:  # type: ignore[no-untyped-def]
    """The student's own copy with some answers, anywhere on the disk."""
    notebook: NotebookNode = nbformat.read(release_of(kit), as_version=4)
    for cell in notebook.cells:
        cell.source = answers.get(cell.id, cell.source)
    change(notebook)
    path = kit / f"{name}.ipynb"
    nbformat.write(notebook, path)
    return path


def test_right_answers_pass_and_hidden_tests_are_counted(kit: Path) -> None:
    report = check(written(kit, RIGHT), kit)
    assert [(checked.test.id, checked.outcome) for checked in report.checks] == [
        ("double_two", Result.PASSED),
        ("total_three", Result.PASSED),
    ]
    assert report.hidden == 2
    assert report.passed


@pytest.mark.parametrize(
    ("answer", "outcome", "words"),
    [
        ("def double(x):\n    return x ** 3", Result.FAILED, "twice two is four"),
        ("def double(x):\n    return x / 0", Result.RAISED, "ZeroDivisionError: division by zero"),
        ("def double(x):\n    raise NotImplementedError", Result.UNANSWERED, ""),
        ("def double(x)\n    return 2 * x", Result.RAISED, "NameError"),
    ],
)
def test_what_is_wrong_is_told_of_that_exercise_alone(kit: Path, answer: str, outcome: Result, words: str) -> None:
    report = check(written(kit, RIGHT | {"double": answer}), kit)
    double, total = report.checks
    assert double.outcome is outcome
    assert words in double.message
    assert total.outcome is Result.PASSED
    assert not report.passed


def test_what_would_be_repaired_is_told(kit: Path) -> None:
    def lose_marks(notebook: NotebookNode) -> None:
        for cell in notebook.cells:
            cell.metadata.pop("nbgrader", None)

    report = check(written(kit, RIGHT, lose_marks), kit)
    assert all(checked.outcome is Result.PASSED for checked in report.checks)
    assert "had lost their nbgrader marks" in report.repairs[0]
    assert not report.passed


def test_a_renamed_notebook_is_known_by_its_folder(kit: Path) -> None:
    path = kit / "mine" / NAME / "final.ipynb"
    path.parent.mkdir(parents=True)
    written(kit, RIGHT).rename(path)
    assert check(path, kit).repairs == (f"the file is called final.ipynb, not {NAME}.ipynb",)


def test_what_cannot_be_checked_is_said_in_one_sentence(kit: Path, tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"other.ipynb: not called like a unit; rename it to one of: 90_small.ipynb"):
        check(written(kit, RIGHT, name="other"), kit)
    with pytest.raises(CourseError, match="no release here; run this from the folder that holds release/"):
        check(written(kit, RIGHT), tmp_path)
    half = written(kit, RIGHT)
    half.write_text(half.read_text()[:300])
    with pytest.raises(SubmissionError, match="its JSON breaks off"):
        check(half, kit)


def test_an_answer_that_ends_python_is_named(kit: Path) -> None:
    path = written(kit, RIGHT | {"double": "import os\nos._exit(1)"})
    with pytest.raises(SubmissionError, match="the cell of double ended Python; mend it and check again"):
        check(path, kit)


def test_the_notebook_is_left_as_it_is(kit: Path) -> None:
    path = written(kit, {"double": "def double(x):\n    print('hello')\n    return 0"})
    before = path.read_bytes()
    check(path, kit)
    assert path.read_bytes() == before


@pytest.mark.parametrize(("answers", "status", "words"), [(RIGHT, 0, "Passed"), ({}, 1, "Not answered")])
def test_the_command_line_says_it_by_its_exit_status(kit: Path, answers: dict, status: int, words: str) -> None:
    path = written(kit, answers)
    command = [sys.executable, "-m", "autograder", "check", path.name]
    done = subprocess.run(command, cwd=kit, capture_output=True, text=True, timeout=100)
    assert done.returncode == status, done.stderr
    assert f"{words}  double_two" in done.stdout
    assert "2 more tests are hidden until grading" in done.stdout
    assert not done.stderr


def test_the_install_cell_of_a_kit_is_no_work_of_the_student_s(kit: Path) -> None:
    """Colab keeps a cell's id in its metadata."""
    (kit / "author").mkdir()
    small_unit.write_unit(kit / "author")
    (kit / "author" / "course.toml").write_text('[kit]\nrepository = "somebody/kit"\n')
    stamped = json.loads(make_release(kit / "author", NAME).read_text())
    (install,) = [cell for cell in stamped["cells"] if cell["id"] == "colab-install"]
    assert "%pip" in "".join(install["source"])

    def add(notebook: NotebookNode) -> None:
        node = nbformat.from_dict(install)
        node.source = "".join(install["source"]).replace("%pip", "raise SystemError('ran') #") + "\nraise SystemError"
        notebook.cells.insert(0, node)

    assert check(written(kit, RIGHT, add), kit).passed
