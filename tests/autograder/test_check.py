"""The self-check: what a student learns of a notebook before handing it in, from the release alone."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import nbformat
import pytest
from nbformat import NotebookNode

from autograder import check as checking
from autograder.check import check, look
from autograder.errors import CourseError, SubmissionError
from autograder.grade import grade
from autograder.model.outcomes import Result
from autograder.reading.plan import Step
from autograder.release.build import make_release
from autograder.running.executors import LocalExecutor
from autograder.running.processes import Zygote
from tests.autograder import small_unit
from tests.autograder.never_lost import main_in
from tests.autograder.small_unit import NAME, RIGHT
from tests.conftest import ROOT
from tests.submissions import damage
from tests.submissions.damage import OWN, text_of
from tests.submissions.frontends import KEEP_MARKS, FrontEnd
from tests.submissions.honest import honest
from tests.submissions.sample_class import UNIT


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
        (
            "def double(x)\n    return 2 * x",
            Result.RAISED,
            "double is not defined, because its cell stopped with SyntaxError: expected ':' (line 1: def double(x)); Python 3.",
        ),
    ],
)
def test_what_is_wrong_is_said_of_that_exercise_alone(kit: Path, answer: str, outcome: Result, words: str) -> None:
    report = check(written(kit, RIGHT | {"double": answer}), kit)
    double, total = report.checks
    assert double.outcome is outcome
    assert words in double.message
    assert total.outcome is Result.PASSED
    assert not report.passed


def test_a_cell_that_stops_is_named_in_the_words_of_a_record(
    kit: Path, tmp_path: Path, executor: LocalExecutor
) -> None:
    """The record's words come from the grader's own process, these from a kernel."""
    answers = {
        "double": "with open('missing.txt') as file:\n    twice = int(file.read())\n\n\ndef double(x):\n    return twice * x",
        "total": "def total(xs)\n    return sum(xs)",
    }
    report = check(written(kit, answers), kit)
    small_unit.write_unit(tmp_path)
    small_unit.hand_in(tmp_path, "ann", nbformat.read(release_of(kit), as_version=4), answers)
    (record,) = grade(tmp_path, NAME, executor=executor)
    assert report.notes == record.notes
    assert len(report.notes) == 2
    assert "must lie beside the notebook when you hand in" in report.notes[0]
    total = report.checks[1].message
    assert total == next(test.message for test in record.tests if test.grade_id == "total_three")


def test_the_line_of_an_answer_that_raised_is_named(kit: Path) -> None:
    inner = "def inner(x):\n    raise ValueError('no')\n\n\ndef double(x):\n    return inner(x)"
    double = check(written(kit, RIGHT | {"double": inner}), kit).checks[0]
    assert double.message == "your code raised ValueError: no (line 2: raise ValueError('no'))"


def test_what_would_be_repaired_is_said(kit: Path) -> None:
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
    foreign = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 1")])
    nbformat.write(foreign, tmp_path / "other.ipynb")
    with pytest.raises(
        CourseError, match=r"other.ipynb: neither its name nor its cells are those of a unit; if it is one of 90_"
    ):
        check(tmp_path / "other.ipynb", kit)
    with pytest.raises(CourseError, match="no release here; run this from the folder that holds release/"):
        check(written(kit, RIGHT), tmp_path)
    half = written(kit, RIGHT)
    half.write_text(half.read_text()[:300])
    with pytest.raises(SubmissionError, match="its JSON breaks off"):
        check(half, kit)


def test_an_answer_that_ends_python_is_named(kit: Path) -> None:
    path = written(kit, RIGHT | {"double": "import os\nos._exit(1)"})
    with pytest.raises(SubmissionError, match="the cell of double ended Python; fix it and check again"):
        check(path, kit)


@pytest.mark.parametrize(
    "answer",
    [
        "while True:\n    try:\n        while True:\n            pass\n    except KeyboardInterrupt:\n        pass",
        "class Silent(Exception):\n    def __str__(self):\n        raise self\nraise Silent",
    ],
    ids=["it ignores the interrupt", "the kernel cannot say how it ended"],
)
def test_a_cell_that_cannot_be_stopped_is_named(kit: Path, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    execute = checking._Kernel._execute

    def execute_impatiently(kernel: checking._Kernel, step: Step) -> NotebookNode | None:
        """Only where it is that cell's turn: others may take longer on a busy machine."""
        if step.id == "total":
            monkeypatch.setattr(checking, "CELL_SECONDS", 2)
            monkeypatch.setattr(checking, "SECONDS_TO_STOP", 1)
            kernel._client.timeout = 2
        return execute(kernel, step)

    monkeypatch.setattr(checking._Kernel, "_execute", execute_impatiently)
    with pytest.raises(SubmissionError, match="the cell of total could not be stopped; fix it and check again"):
        check(written(kit, RIGHT | {"total": answer}), kit)


@pytest.mark.parametrize("folder", [".", "/", ""])
def test_a_folder_is_no_notebook(kit: Path, folder: str) -> None:
    with pytest.raises(SubmissionError, match="not a plain file; hand in the notebook itself"):
        check(Path(folder), kit)


def test_the_notebook_is_left_as_it_is(kit: Path) -> None:
    path = written(kit, {"double": "def double(x):\n    print('hello')\n    return 0"})
    before = path.read_bytes()
    check(path, kit)
    assert path.read_bytes() == before


@pytest.mark.parametrize(("answers", "status", "words"), [(RIGHT, 0, "Passed"), ({}, 1, "Not answered")])
def test_the_command_line_says_it_by_its_exit_status(kit: Path, answers: dict, status: int, words: str) -> None:
    path = written(kit, answers)
    command = [sys.executable, "-m", "autograder", "check", path.name]
    done = subprocess.run(command, cwd=kit, capture_output=True, text=True, timeout=600)
    assert done.returncode == status, done.stderr
    assert f"{words}  double_two" in done.stdout
    assert "2 more tests are hidden until grading" in done.stdout
    assert not done.stderr


def test_the_install_cell_of_a_kit_is_no_work_of_the_student_s(kit: Path) -> None:
    """Colab keeps a cell's id in its metadata."""
    (kit / "author").mkdir()
    small_unit.write_unit(kit / "author")
    (kit / "author" / "pyproject.toml").write_text('[tool.mlp-course]\nrepository = "somebody/kit"\n')
    stamped = json.loads(make_release(kit / "author", NAME).read_text())
    (install,) = [cell for cell in stamped["cells"] if cell["id"] == "colab-install"]
    assert "%pip" in "".join(install["source"])

    def add(notebook: NotebookNode) -> None:
        node = nbformat.from_dict(install)
        node.source = "".join(install["source"]).replace("%pip", "raise SystemError('ran') #") + "\nraise SystemError"
        notebook.cells.insert(0, node)

    assert check(written(kit, RIGHT, add), kit).passed


# ---- what front ends do to a notebook, on a real unit


def rename_an_answer(notebook: dict, rng: Random) -> None:
    cell = next(cell for cell in notebook["cells"] if cell["id"] == "kl")
    cell["source"] = "def kullback_leibler(p, q):\n    return p"


def empty_an_answer(notebook: dict, rng: Random) -> None:
    next(cell for cell in notebook["cells"] if cell["id"] == "kl")["source"] = ""


def change_the_imports(notebook: dict, rng: Random) -> None:
    next(cell for cell in notebook["cells"] if cell["id"] == "imports")["source"] += "\nimport statistics"


def put_helpers_last(notebook: dict, rng: Random) -> None:
    notebook["cells"].sort(key=lambda cell: cell.get("metadata") == {} and "my_" in cell["source"])


def print_a_lot(notebook: dict, rng: Random) -> None:
    cell = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 12_000_000}]


HINTS: dict[Callable, str] = {
    damage.paste_an_answer_again: r"the cell of \w+ was there 2 times; the last one( that was changed( above its tests)?)? was graded",
    damage.paste_a_stub: r"the cell of \w+ was there 2 times; the last one( that was changed( above its tests)?)? was graded",
    damage.split_an_answer: r"the cell of \w+ was split; its 2 parts were joined",
    damage.delete_an_answer: r"no cell was found for \w+: it counts as not answered",
    damage.make_an_answer_text: r"the cell of \w+ had become one of another type",
    damage.lose_all_marks: r"the cells of softmax, .* had lost their nbgrader marks",
    damage.lose_all_metadata: r"the cells of softmax, .* had lost their nbgrader marks",
    damage.merge_inside_an_answer: "the file held the marks of a merge",
    damage.merge_with_an_older_version: "the file held the marks of a merge",
    damage.cut_off: r"the file is damaged after its cell \d+; the cells before were graded",
    damage.commas_too_many: "surplus commas .* were left out",
    damage.text_around_it: "text around the notebook was left out",
    damage.byte_order_mark: "a byte-order mark at the beginning of the file was left out",
    damage.utf_16: "the file was encoded as UTF-16, not as UTF-8",
    damage.windows_1252: "the file was encoded as Windows-1252, not as UTF-8",
    damage.another_name: rf"the file is called .*, not {UNIT}.ipynb",
    rename_an_answer: "the cell of kl does not define kl",
    empty_an_answer: "the cell of kl does not define kl",
    change_the_imports: "the locked cell imports was changed",
    put_helpers_last: r"the cell that defines my_\w+ stands below \w+, which uses it",
    print_a_lot: "the file has 12 MB, most of it outputs; clear them",
}


@pytest.mark.parametrize("change", HINTS, ids=lambda change: change.__name__)
def test_each_damage_gets_a_hint_in_plain_words(change: Callable, tmp_path: Path) -> None:
    path = handed(tmp_path, change)
    _, _, hints = look(path, ROOT)
    assert any(re.search(HINTS[change], hint) for hint in hints), hints


@pytest.mark.parametrize("change", [None, damage.give_new_ids, damage.ask_for_another_kernel])
def test_what_costs_nobody_anything_gets_no_hint(change: Callable | None, tmp_path: Path) -> None:
    _, _, hints = look(handed(tmp_path, change, rests_on_a_helper=False), ROOT)
    assert hints == ()


def test_cells_in_another_order_get_the_hint_that_a_kernel_would_run_them_too_late(tmp_path: Path) -> None:
    _, _, hints = look(handed(tmp_path, damage.shuffle, rests_on_a_helper=False), ROOT)
    assert hints
    assert all(re.search("the cell of .* stood below its tests: it was run above them", hint) for hint in hints), hints


@pytest.mark.parametrize("front_end", KEEP_MARKS, ids=lambda front_end: front_end.__name__)
def test_a_front_end_that_keeps_the_marks_gets_no_hint(front_end: FrontEnd, tmp_path: Path) -> None:
    path = tmp_path / f"{UNIT}.ipynb"
    path.write_text(front_end(json.loads(text_of(honest(UNIT, Random(1))))))
    _, _, hints = look(path, ROOT)
    assert hints == ()


def handed(folder: Path, change: Callable | None, rests_on_a_helper: bool = True) -> Path:
    """An honest notebook of a real unit after one damage."""
    rng = Random(3)
    notebook = honest(UNIT, rng)
    if not rests_on_a_helper:
        notebook["cells"] = [cell for cell in notebook["cells"] if OWN not in cell]
    if change not in (*damage.TEXT, *damage.BYTES, *damage.PLACE, None):
        change(notebook, rng)
    text = text_of(notebook)
    if change in damage.TEXT:
        text = change(text, rng)
    path = folder / f"{UNIT}.ipynb"
    path.write_bytes(change(text, rng) if change in damage.BYTES else text.encode())
    if change in damage.PLACE:
        change(path, rng)
    return next(folder.iterdir())


def test_a_notebook_with_any_name_is_known_by_what_it_holds(tmp_path: Path) -> None:
    path = handed(tmp_path, None).rename(tmp_path / "final.ipynb")
    unit, _, hints = look(path, ROOT)
    assert unit.name == UNIT
    assert hints == (f"the file is called final.ipynb, not {UNIT}.ipynb",)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "an empty file; open it in JupyterLab"),
        (b"PK\x03\x04abc", "an archive, not a notebook: unpack it"),
        (b"<!DOCTYPE html>", "a web page, not the notebook: download the file itself"),
    ],
)
def test_a_file_that_is_no_notebook_is_called_what_it_is(data: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / f"{UNIT}.ipynb"
    path.write_bytes(data)
    with pytest.raises(SubmissionError, match=words):
        look(path, ROOT)


# ---- a stranger's notebook


def test_isolated_the_notebook_runs_in_the_sandbox(kit: Path, zygote: Zygote, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.running.executors.Zygote", lambda: zygote)
    monkeypatch.setattr(zygote, "close", lambda: None)
    (kit / "helper.py").write_text("def twice(x):\n    return 2 * x\n")
    secret = kit.parent / "secret"
    secret.write_text("not for notebooks")
    touch = f"open({str(secret)!r}, 'w').write('changed')"
    answers = {
        **RIGHT,
        "double": "from helper import twice as double",
        "total": f"{touch}\ndef total(xs): return sum(xs)",
    }
    path = written(kit, answers)
    report = check(path, kit, isolated=True)
    outcomes = {one.test.id: one.outcome for one in report.checks}
    assert outcomes == {
        "double_two": Result.PASSED,
        "total_three": Result.PASSED,
    }  # what a cell defines below an error is there
    assert report.isolation
    assert report.hidden == 2
    assert secret.read_text() == "not for notebooks"
    plain = check(path, kit)
    assert plain.isolation == ""
    assert secret.read_text() == "changed"


@pytest.mark.usefixtures("one_warm_process")
def test_it_is_said_with_whose_rights_the_notebook_runs(kit: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(kit, RIGHT)
    assert main_in(kit, "check", f"{NAME}.ipynb") == 0
    assert "ran with your own rights" in capsys.readouterr().out
    assert main_in(kit, "check", f"{NAME}.ipynb", "--isolated") == 0
    assert "ran in the grader's sandbox (" in capsys.readouterr().out


def test_tests_that_nbgrader_named_are_called_by_their_exercise_and_their_title(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = small_unit.notebook()
    for number, cell in enumerate(notebook.cells):
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.grade_id = f"cell-{number:016x}"
    small_unit.write_unit(tmp_path, notebook)
    released = make_release(tmp_path, NAME)
    assert main_in(tmp_path, "check", str(released)) == 1
    said = capsys.readouterr().out
    assert re.findall(r"^Not answered  (.*)$", said, re.MULTILINE) == [f"{name}: test" for name in RIGHT]
