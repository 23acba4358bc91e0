"""The command line on a machine's bad days: it says one sentence or simply works, and leaves nothing half done."""

import argparse
import ast
import contextlib
import errno
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpec

from autograder import check
from autograder.collecting.place import HALF, LOCK, Status, Submitted, Work
from autograder.command import run as run_verb
from autograder.errors import CourseError
from autograder.grade import grade
from autograder.gradebook.process import GradebookProcess
from autograder.interpreter import too_old
from autograder.kit.write import write_zip as write_kit
from autograder.model.files import in_part, writing
from autograder.model.lock import locked
from autograder.model.records import Record
from autograder.model.units import load_unit
from autograder.release.build import released
from autograder.running.executors import LocalExecutor
from autograder.sandbox.limits import Limits
from course.saving import save_answers
from course.start import start_page
from tests.autograder.collecting.made import write_zip
from tests.autograder.never_lost import main_in
from tests.autograder.small_unit import NAME, RIGHT, hand_in, write_unit
from tests.autograder.test_records_on_disk import mounted, room
from tests.conftest import ROOT

ENDLESS = {"double": "while True:\n    pass"}
CELL_SECONDS = "600"  # what that cell is given
SECONDS_TO_STOP = 120.0  # on a busy machine; who waited for the cell would need far longer


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory, executor: LocalExecutor) -> Path:
    """A released unit that two students handed in, graded."""
    folder = tmp_path_factory.mktemp("graded")
    write_unit(folder)
    release = released(load_unit(folder, NAME))
    for student in ("ada", "zoë"):
        hand_in(folder, student, release, RIGHT)
    grade(folder, NAME, executor=executor)
    (folder / "release" / NAME).mkdir(parents=True)
    nbformat.write(release, folder / "release" / NAME / f"{NAME}.ipynb")
    handed_in = (folder / "submitted" / "ada" / NAME / f"{NAME}.ipynb").read_bytes()
    write_zip(folder / "work.zip", {f"ada/{NAME}.ipynb": handed_in, f"new/{NAME}.ipynb": handed_in})
    (folder / "students.csv").write_text("id\nada\nzoë\nnew\n", encoding="utf-8")
    return folder


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Path:
    return shutil.copytree(graded, tmp_path / "course")


def run(course: Path, command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a shell's command line, in which `grader` stands for ours."""
    return subprocess.run(
        ["bash", "-c", command.replace("grader", f"'{sys.executable}' -m autograder")],
        cwd=course,
        env=os.environ | environment,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence with which a command failed."""
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    return line


# ---- what a command writes to


@pytest.mark.parametrize("verb", [f"results {NAME}", f"results {NAME} --json", f"export {NAME} --to csv"])
def test_an_output_that_takes_nothing_is_said(course: Path, verb: str) -> None:
    assert "No space left on device" in sentence(run(course, f"grader {verb} >/dev/full"))


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_no_file_of_the_course(course: Path, closed: str) -> None:
    """Were it left closed, the first file that is opened would have its number, and be printed to."""
    files = {path: path.read_bytes() for path in course.rglob("*") if path.is_file()}
    done = run(course, f"grader results {NAME} {closed}")
    assert (done.returncode, done.stderr) == (0, "")
    assert {path: path.read_bytes() for path in course.rglob("*") if path.is_file()} == files


def test_errors_that_nobody_can_be_told_end_a_command_all_the_same(course: Path) -> None:
    assert run(course, f"grader results {NAME} nothing 2>/dev/full").returncode == 2


def test_a_terminal_that_lacks_letters_shows_them_in_another_way(course: Path) -> None:
    done = run(course, f"grader results {NAME}", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "zo\\xeb" in done.stdout


def test_names_of_files_are_read_in_utf_8_whatever_the_locale(course: Path) -> None:
    done = run(course, f"grader results {NAME}", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert (done.returncode, done.stderr) == (0, "")
    assert "zoë" in done.stdout


def test_a_folder_that_is_gone_is_said(course: Path) -> None:
    assert "is not there any more; go to the course folder" in sentence(
        run(course, "mkdir gone; cd gone; rmdir ../gone; grader results 05")
    )


# ---- where nobody may write


@pytest.mark.parametrize("home", ["/proc/nobody", ""], ids=["no home", "no such variable"])
def test_check_needs_no_home_folder(course: Path, home: str) -> None:
    closed = f"HOME={home}" if home else "unset HOME;"
    done = run(course, f"{closed} grader check submitted/ada/{NAME}/{NAME}.ipynb")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Passed  double_two" in done.stdout


def test_what_the_shell_asks_of_python_and_matplotlib_changes_no_check(course: Path) -> None:
    """Without `assert`, wrong answers would pass."""
    path = course / "submitted" / "ada" / NAME / f"{NAME}.ipynb"
    path.write_text(path.read_text().replace("return x + x", "return x + 9"))
    done = run(course, f"grader check submitted/ada/{NAME}/{NAME}.ipynb", PYTHONOPTIMIZE="1", MPLBACKEND="TkAgg")
    assert done.returncode == 1, done.stderr
    assert "Failed  double_two" in done.stdout


# ---- a Python that will not do, and modules that are not the ones that are meant


def test_a_package_that_is_not_installed_is_named_with_what_to_do(course: Path) -> None:
    command = [sys.executable, "-S", "-m", "autograder", "results", NAME]  # without what is installed
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True)
    assert "rich is not installed for " in sentence(done)
    assert "source .venv/bin/activate" in done.stderr


def test_a_python_that_is_too_old_is_said_and_can_read_what_says_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not too_old()
    monkeypatch.setattr(sys, "version_info", (3, 10, 12, "final", 0))
    assert "Python 3.11 or newer" in too_old()
    assert " is Python 3.10; activate" in too_old()
    for name in ("__init__", "__main__", "interpreter", "slow_import"):
        ast.parse((ROOT / "autograder" / f"{name}.py").read_text(), feature_version=(3, 6))


def test_files_in_the_folder_take_no_module_s_place(course: Path) -> None:
    for name in ("random", "rich", "nbformat", "nbgrader", "torch", "course"):
        (course / f"{name}.py").write_text("raise RuntimeError('not the one that is meant')\n")
    (course / "records" / NAME / "ada.json").unlink()
    done = run(course, f"grader results {NAME}; grader grade {NAME}")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (KeyError("x"), r"this program itself failed \(KeyError: 'x'\).* report it with the file \S+\.txt"),
        (MemoryError(), r"no memory is left\); end other programs"),
        (RuntimeError("can't start new thread"), r"can't start new thread\); .*ulimit -u"),
        (OSError(errno.EMFILE, "Too many open files"), r"Too many open files\); .*ulimit -n"),
        (ModuleNotFoundError("No module named 'nbgrader'", name="nbgrader.api"), r"nbgrader is not installed for "),
        (ImportError("undefined symbol", name="torch"), r"torch cannot be loaded by .*undefined symbol"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_whatever_goes_wrong_is_one_sentence(
    error: Exception, words: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_options: argparse.Namespace) -> None:
        raise error

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    parser = argparse.ArgumentParser()
    parser.set_defaults(run=fail)
    parser.add_argument("verb")
    assert run_verb(parser, ["verb"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert re.search(words, line)
    for kept in tmp_path.glob("*.txt"):
        assert "in fail" in kept.read_text()


# ---- the kernel of `check`


def test_check_runs_in_its_own_python_whatever_kernel_has_that_name(course: Path) -> None:
    spec = course / "jupyter" / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text('{"argv": ["/nowhere/python", "{connection_file}"], "display_name": "x", "language": "python"}')
    done = run(course, f"grader check submitted/ada/{NAME}/{NAME}.ipynb", JUPYTER_PATH=str(course / "jupyter"))
    assert (done.returncode, done.stderr) == (0, "")


def test_check_needs_no_network_not_even_with_itself(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "LOOPBACK", "192.0.2.1")  # which no machine has
    assert main_in(course, "check", f"submitted/ada/{NAME}/{NAME}.ipynb") == 0


def test_a_kernel_that_does_not_start_is_said_with_what_may_be_in_its_way(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ends = KernelSpec(argv=["false"], display_name="x", language="python")
    monkeypatch.setattr(check._ThisPython, "kernel_spec", ends)
    (course / "submitted" / "ada" / NAME / "numpy.py").touch()
    assert main_in(course, "check", f"submitted/ada/{NAME}/{NAME}.ipynb") == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "no Python could be started for it" in said
    assert "numpy.py beside the notebook takes the place of the package of that name: rename it" in said


# ---- what nobody may look into


def test_a_source_that_nobody_may_look_into_is_not_called_missing(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    unit = course / "source" / NAME
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path) != unit)
    assert main_in(course, "results", "91_other") == 2
    assert f"{unit}: cannot be looked into; mend its permissions" in "".join(capsys.readouterr().err.splitlines())

    def refuse(path: Path) -> str:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr("autograder.model.units.read_words", refuse)
    assert main_in(course, "results", NAME) == 2
    assert f"{NAME}.ipynb: cannot be read (Permission denied); put the notebook there, and" in capsys.readouterr().err


def test_a_notebook_of_another_name_than_its_folder_is_named(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unit = course / "source" / NAME
    (unit / f"{NAME}.ipynb").rename(unit / "Untitled.ipynb")
    for name in (NAME, "other"):
        assert main_in(course, "results", name) == 2
        said = "".join(capsys.readouterr().err.splitlines())
        assert f"{unit}: holds no {NAME}.ipynb; give its notebook (Untitled.ipynb?) that name" in said
    write_unit(course, name="91_other")
    assert main_in(course, "results", NAME) == 2
    assert f"holds no {NAME}.ipynb" in capsys.readouterr().err
    assert main_in(course, "results", "nothing") == 2
    assert "choose one of: 91_other" in capsys.readouterr().err


def test_a_notebook_that_jupyterlab_cannot_open_is_to_be_restored(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = course / "source" / NAME / f"{NAME}.ipynb"
    whole = path.read_bytes()
    for damaged in (b"", whole[:200], b"<<<<<<< HEAD\n" + whole, whole.decode().encode("utf-16")):
        path.write_bytes(damaged)
        assert main_in(course, "results", NAME) == 2
        assert "restore it (as with git restore)" in capsys.readouterr().err
    path.write_bytes(b"\xef\xbb\xbf" + whole)  # as Notepad writes it
    assert main_in(course, "results", NAME) == 0


def test_a_student_s_folder_that_nobody_may_look_into_is_named(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Submitted.place

    def refuse(submitted: Submitted, work: Work) -> Status:
        if work.student == "ada":
            raise PermissionError(errno.EACCES, "Permission denied", str(submitted.folder / "ada"))
        return place(submitted, work)

    monkeypatch.setattr(Submitted, "place", refuse)
    assert main_in(course, "collect", "work.zip") == 2
    said = capsys.readouterr()
    assert "submitted/ada cannot be looked into (Permission denied); mend its permissions" in said.err
    assert (course / "submitted" / "new" / NAME / f"{NAME}.ipynb").is_file()


@pytest.mark.parametrize("empty", ["folder", "zip"])
def test_a_source_without_a_file_is_said(course: Path, empty: str, capsys: pytest.CaptureFixture[str]) -> None:
    write_zip(course / "zip", {})
    (course / "folder").mkdir()
    assert main_in(course, "collect", empty) == 2
    assert capsys.readouterr().err == f"error: {empty}: holds no file; give the download of your system\n"


# ---- ends


def stopped(course: Path, number: signal.Signals) -> tuple[int, str, float]:
    """Send a grader a signal once it has graded ada; return its exit status, what it said, and the seconds that it took to end."""
    record = course / "records" / NAME / "ada.json"
    record.unlink()
    # Whoever started these tests may ignore signals, as nohup does.
    command = ["env", "--default-signal", sys.executable, "-m", "autograder", "grade", NAME]
    command += ["--workers", "2", "--cell-seconds", CELL_SECONDS]
    with subprocess.Popen(command, cwd=course, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None and not record.exists():
            time.sleep(0.1)
        process.send_signal(number)
        start = time.monotonic()
        try:
            _, said = process.communicate(timeout=200)
        finally:
            process.kill()
        return process.returncode, said, time.monotonic() - start


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_grader_that_is_stopped_ends_soon_with_a_sentence_and_the_next_one_goes_on(
    course: Path, number: signal.Signals
) -> None:
    release = nbformat.read(course / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    hand_in(course, "endless", release, ENDLESS)
    status, said, seconds = stopped(course, number)
    assert status == 128 + number
    assert said == "stopped; what was done is kept, and the same command continues from here\n"
    assert seconds < SECONDS_TO_STOP
    hand_in(course, "endless", release, RIGHT)
    assert main_in(course, "grade", NAME) == 0


def test_what_runs_is_ended_too_when_the_interrupt_comes_while_a_record_is_taken(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_gradebook: GradebookProcess, _record: Record) -> None:
        raise KeyboardInterrupt

    release = nbformat.read(course / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    hand_in(course, "endless", release, ENDLESS)
    (course / "records" / NAME / "ada.json").unlink()
    monkeypatch.setattr(GradebookProcess, "show", interrupted)
    limits = Limits(cell_seconds=float(CELL_SECONDS), submission_seconds=2 * float(CELL_SECONDS))
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt), LocalExecutor(2) as executor:
        grade(course, NAME, force=True, limits=limits, executor=executor)
    assert time.monotonic() - start < SECONDS_TO_STOP


@contextlib.contextmanager
def ignored(number: signal.Signals) -> Iterator[None]:
    """What is started meanwhile ignores a signal, as under nohup."""
    before = signal.signal(number, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(number, before)


def test_a_signal_that_somebody_ignores_stops_nothing(course: Path) -> None:
    """Whenever it comes: it is sent again and again, from before the grader could choose to heed it until its end."""
    command = [sys.executable, "-m", "autograder", "results", NAME]
    with ignored(signal.SIGHUP):
        process = subprocess.Popen(command, cwd=course, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    with process:
        while process.poll() is None:
            process.send_signal(signal.SIGHUP)
            time.sleep(0.01)
        assert process.stderr is not None
        assert (process.returncode, process.stderr.read()) == (0, "")


# ---- two at once, and what one that was killed left


def test_a_second_collect_is_told_that_another_is_at_work(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with locked(course / "submitted" / LOCK):
        assert main_in(course, "collect", "work.zip") == 2
    assert "another collect is at work here" in " ".join(capsys.readouterr().err.split())
    left = course / "submitted" / f"{HALF}x" / "new"
    left.mkdir(parents=True)
    assert main_in(course, "collect", "work.zip") == 0
    assert not left.exists()


# ---- a full disk


@pytest.mark.parametrize(
    "arguments", [["collect", "work.zip"], ["release", NAME], ["kit"], ["kit", "--zip"], ["new", "92_new"]]
)
def test_on_a_full_disk_nothing_is_half_written_and_the_next_run_does_it(
    graded: Path, tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    course = tmp_path / "small"
    course.mkdir()
    with mounted("-t", "tmpfs", "-o", "size=6m", "none", str(course)):
        shutil.copytree(graded, course, dirs_exist_ok=True)
        shutil.copyfile(ROOT / "LICENSE", course / "LICENSE")
        shutil.rmtree(course / "release")
        with room(course, 0):
            assert main_in(course, *arguments) == 2
            said = capsys.readouterr().err
            assert said.startswith("error: ")
            assert "No space left on device" in said
            assert said.count("\n") == 1
            assert not [*course.rglob("*.part"), *course.rglob(f"{HALF}*"), *course.rglob("*.zip.*")]
        assert main_in(course, *arguments) == 0


def test_a_copy_of_answers_is_whole_or_not_there(
    graded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    with mounted("-t", "tmpfs", "-o", "size=1m", "none", str(folder)):
        shutil.copytree(graded / "release", folder / "release")
        shutil.copyfile(graded / "release" / NAME / f"{NAME}.ipynb", folder / f"{NAME}.ipynb")
        monkeypatch.chdir(folder)
        with room(folder, 0):
            assert save_answers() is None
            assert "No space left on device" in capsys.readouterr().out
            assert "No space left on device" in start_page().note
            assert not [path for path in folder.rglob("*") if "saved/" in str(path) or path.suffix == ".part"]
        monkeypatch.chdir("/")


def test_what_stood_there_stays_where_its_successor_cannot_be_written(tmp_path: Path) -> None:
    for old in (tmp_path / "file", tmp_path / "folder" / "page"):
        old.parent.mkdir(exist_ok=True)
        old.write_text("old")
    for path in (tmp_path / "file", tmp_path / "folder"):
        with contextlib.suppress(OSError), in_part(path) as part:
            part.mkdir() if path.is_dir() else part.write_text("new")
            raise OSError
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]
    assert (tmp_path / "file").read_text() == (tmp_path / "folder" / "page").read_text() == "old"
    with in_part(tmp_path / "folder") as part:
        part.mkdir()
    assert not [*(tmp_path / "folder").iterdir()]


def test_of_a_folder_that_cannot_be_copied_one_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "from").mkdir()
    for name in "ab":
        (tmp_path / "from" / name).symlink_to(tmp_path / "nowhere")
    with pytest.raises(CourseError, match=r"to/[ab]: cannot be written \(.*No such file") as error, writing(tmp_path):
        shutil.copytree(tmp_path / "from", tmp_path / "to")
    assert str(error.value).count(str(tmp_path / "to")) == 1


def test_a_zip_of_the_kit_that_cannot_be_written_leaves_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "kit.zip"
    write_kit({"a": b"1"}, path)
    before = path.read_bytes()
    with pytest.raises(TypeError):
        write_kit({"a": b"2", "b": None}, path)  # type: ignore[dict-item]
    assert path.read_bytes() == before
    assert [*tmp_path.iterdir()] == [path]
