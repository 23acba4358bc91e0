"""What is released can be graded, and what cannot be graded is not released: every reason is said at once."""

import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder import publish as publishing
from autograder.errors import UnitError
from autograder.for_nbgrader import CheckBeforeRelease
from autograder.grade import grade
from autograder.model.units import Unit
from autograder.publish import publish, references
from autograder.running.executors import LocalExecutor
from tests.autograder import small_unit
from tests.autograder.never_lost import main_in
from tests.autograder.small_unit import NAME, RIGHT, hand_in, write_unit


def changed(changes: dict[str, str]) -> NotebookNode:
    notebook = small_unit.notebook()
    for cell in notebook.cells:
        cell.source = changes.get(cell.id, cell.source)
    return notebook


def release(course: Path) -> Path:
    with references(course) as run_reference:
        return publish(course, NAME, run_reference)


def refused(course: Path, changes: dict[str, str]) -> list[str]:
    write_unit(course, changed(changes))
    with pytest.raises(UnitError) as caught:
        release(course)
    assert not (course / "release").exists()
    return str(caught.value).splitlines()


@pytest.mark.usefixtures("one_warm_process")
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"double": "def double(x):\n    return 3 * x"}, ["'double_two' (twice two is four)", "'double_negative'"]),
        (
            {"imports": "import pandas_of_nobody"},
            ["the locked cell 'imports' stopped beside the tests with ModuleNotFoundError"],
        ),
        (
            {"double-two": "old = double\ndel double\nassert old(2) == 4"},
            ["'double_two', line 2, deletes the answer double"],
        ),
        ({"double-two": "assert double(lesson) == 4"}, ["which only the ordinary cell 'lesson' defines"]),
        ({"imports": "print(double(2))"}, ["the locked cell 'imports' uses the answer double"]),
    ],
    ids=["wrong reference", "missing import", "deleted answer", "ordinary cell", "locked cell"],
)
def test_what_grade_would_refuse_is_not_released(tmp_path: Path, changes: dict[str, str], words: list[str]) -> None:
    lines = refused(tmp_path, changes)
    assert len(lines) == len(words)
    assert all(expected in line and "; " in line for line, expected in zip(lines, words, strict=True))


@pytest.mark.usefixtures("one_warm_process")
def test_everything_that_is_refused_is_said_at_once(tmp_path: Path) -> None:
    lines = refused(
        tmp_path,
        {
            "lesson": "lesson = 2\n# try assert double(-3) == -6",
            "double-two": "import pickle\npickle.dumps(double(2))",
            "total": "def total(xs):\n    ### BEGIN SOLUTION\n    return len(xs)\n    ### END SOLUTION",
        },
    )
    for words in (
        "shows the hidden test of 'double_negative'",
        "gives pickle.dumps",
        "does not pass the test 'total_three'",
    ):
        assert sum(words in line for line in lines) == 1, lines


@pytest.mark.usefixtures("one_warm_process")
def test_formgraders_generate_button_refuses_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = changed({"lesson": "lesson = 2\n# try assert double(-3) == -6", "total": "def total(xs):\n    return 0"})
    write_unit(tmp_path, notebook)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnitError) as caught:
        CheckBeforeRelease().preprocess(notebook, {"nbgrader": {"notebook": NAME}})
    with pytest.raises(UnitError) as expected:
        release(tmp_path)
    assert str(caught.value) == str(expected.value)
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.usefixtures("one_warm_process")
def test_magics_in_a_locked_cell_and_pytests_raises_are_fine(tmp_path: Path, executor: LocalExecutor) -> None:
    test = "import pytest\nwith pytest.raises(TypeError):\n    double(None)\nassert double(2) == 4"
    write_unit(tmp_path, changed({"imports": "%matplotlib inline\nimport math", "double-two": test}))
    path = release(tmp_path)
    answers = {**RIGHT, "double": "def double(x):\n    return 2 * x"}
    hand_in(tmp_path, "ann", nbformat.read(path, 4), answers)
    (record,) = grade(tmp_path, NAME, executor=executor)
    assert record.score == 20, record.notes


def with_given_ids(notebook: NotebookNode) -> dict[str, str]:
    """Give the marked cells the ids that nbgrader's panel gives them; return these by the ids that they had."""
    given = {}
    for number, cell in enumerate(cell for cell in notebook.cells if "nbgrader" in cell.metadata):
        marks = cell.metadata.nbgrader
        given[marks.grade_id] = marks.grade_id = f"cell-{number + 0x3C5B770CE3DC9362:016x}"
    return given


@pytest.mark.usefixtures("one_warm_process")
def test_a_unit_with_nbgraders_own_ids_is_released_graded_and_shown(
    tmp_path: Path, executor: LocalExecutor, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = small_unit.notebook()
    ids = with_given_ids(notebook)
    write_unit(tmp_path, notebook)
    path = release(tmp_path)
    hand_in(tmp_path, "ann", nbformat.read(path, 4), {ids["double"]: RIGHT["double"]})
    (record,) = grade(tmp_path, NAME, executor=executor)
    assert (record.score, record.exercise_score(ids["double"])) == (10, 10)
    for verb in ("results", "feedback", "report"):
        assert main_in(tmp_path, verb, NAME) == 0
    assert re.search(r"double +. +total", capsys.readouterr().out)
    page = (tmp_path / "feedback" / "ann" / NAME / f"{NAME}.html").read_text()
    assert ">double<" in re.sub(r"\s+", "", page)


def test_an_exercise_with_a_given_id_is_called_by_what_its_answers_define(tmp_path: Path) -> None:
    notebook = small_unit.notebook()
    ids = with_given_ids(notebook)
    unit = Unit(NAME, tmp_path, notebook)
    assert [unit.exercise_in_words(ids[name]) for name in ("double", "total")] == ["double", "total"]
    assert unit.exercise_in_words("softmax") == "softmax"


@pytest.mark.usefixtures("one_warm_process")
def test_two_answers_above_one_test_are_one_exercise(tmp_path: Path, executor: LocalExecutor) -> None:
    notebook = small_unit.notebook()
    places = {cell.id: place for place, cell in enumerate(notebook.cells)}
    del notebook.cells[places["double-two"] : places["double-negative"] + 1]
    write_unit(tmp_path, notebook)
    path = release(tmp_path)
    hand_in(
        tmp_path,
        "ann",
        nbformat.read(path, 4),
        {**RIGHT, "total": "def total(xs):\n    return sum(map(double, xs)) // 2"},
    )
    hand_in(tmp_path, "ben", nbformat.read(path, 4), {"total": "def total(xs):\n    return sum(map(double, xs)) // 2"})
    ann, ben = grade(tmp_path, NAME, executor=executor)
    assert (ann.score, ben.score) == (10, 4 * 0 + 6), (
        ann.notes,
        ben.notes,
    )  # of an empty list nothing is asked of double
    assert main_in(tmp_path, "feedback", NAME) == 0
    page = (tmp_path / "feedback" / "ann" / NAME / f"{NAME}.html").read_text()
    assert page.count("exercise-total") > 0
    assert "exercise-double" not in page


@pytest.mark.usefixtures("one_warm_process")
def test_what_the_reference_does_is_kept_for_grade(tmp_path: Path) -> None:
    write_unit(tmp_path)
    release(tmp_path)
    kept = tmp_path / "records" / NAME / ".manifest.json"
    before = kept.stat().st_mtime_ns
    release(tmp_path)
    assert main_in(tmp_path, "grade", NAME) == 2  # nobody has handed anything in
    assert kept.stat().st_mtime_ns == before


def test_without_linux_the_release_is_made_and_says_that_nothing_ran(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(publishing.sys, "platform", "darwin")
    write_unit(tmp_path)
    assert main_in(tmp_path, "release") == 0
    printed = capsys.readouterr().out
    assert f"released release/{NAME}/{NAME}.ipynb" in printed
    assert "were not run, for that needs Linux" in printed


@pytest.mark.usefixtures("one_warm_process")
def test_one_unit_that_is_refused_leaves_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_unit(tmp_path, name="91_good")
    write_unit(tmp_path, changed({"double": "def double(x):\n    return x"}))
    assert main_in(tmp_path, "release") == 2
    printed = capsys.readouterr()
    assert "released release/91_good/91_good.ipynb" in printed.out
    assert printed.err.count("does not pass") == 2
    assert NAME not in printed.out
