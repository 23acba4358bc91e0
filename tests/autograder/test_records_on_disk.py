"""A disk that is full, a folder that is read-only, a file that is damaged: said in a sentence, and made good by running again."""

import contextlib
import dataclasses
import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from autograder.errors import GraderError
from autograder.grade import grade
from autograder.model.lock import locked
from autograder.model.outcomes import Result
from autograder.model.records import read_record, write_record
from autograder.model.units import load_unit
from autograder.reading.plan import reference_steps
from autograder.rpc.messages import Job, TestEnded
from autograder.running.executors import MAX_DEATHS, LocalExecutor
from autograder.running.job import make_job
from autograder.running.processes import Zygote
from autograder.running.run import Run
from autograder.sandbox.limits import Limits
from tests.autograder.never_lost import main_in, outcome, query, record_files, write_class
from tests.autograder.small_unit import NAME

STUDENTS = 6
OTHER = "91_other"
NOBODY = 65534
VERBS = {"feedback": ["feedback", NAME], "export": ["export", NAME, "--to", "csv"], "report": ["report", NAME]}


@pytest.fixture(autouse=True)
def one_warm_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own warm process serves every run in this process; starting one takes seconds."""
    if "zygote" not in request.fixturenames and "course" not in request.fixturenames:
        return
    zygote: Zygote = request.getfixturevalue("zygote")
    monkeypatch.setattr("autograder.running.executors.Zygote", lambda: zygote)
    monkeypatch.setattr(zygote, "close", lambda: None)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory, zygote: Zygote) -> Path:
    """A class that was graded undisturbed."""
    course = write_class(tmp_path_factory.mktemp("graded") / "course", STUDENTS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("autograder.running.executors.Zygote", lambda: zygote)
        patch.setattr(zygote, "close", lambda: None)
        grade(course, NAME)
    return course


@pytest.fixture(scope="module")
def undisturbed(graded: Path) -> dict[str, object]:
    return outcome(graded)


@pytest.fixture
def course(graded: Path, undisturbed: dict[str, object], tmp_path: Path) -> Path:
    """A copy of the graded class."""
    return shutil.copytree(graded, tmp_path / "course")


def same(course: Path, undisturbed: dict[str, object]) -> bool:
    found = outcome(course)
    for what, told in undisturbed.items():
        assert found[what] == told, what
    return not [*course.rglob("*.part")]


def stamps(course: Path) -> dict[str, int]:
    return {student: path.stat().st_ino for student, path in record_files(course).items()}


def fails(capsys: pytest.CaptureFixture[str], course: Path, *arguments: str) -> str:
    """The one sentence with which a command fails."""
    capsys.readouterr()
    assert main_in(course, *arguments) == 2
    told = capsys.readouterr().err
    assert told.startswith("error: ")
    assert told.count("\n") == 1
    return told


# ---- damaged files


def test_damaged_records_and_notes_are_made_again(course: Path, undisturbed: dict[str, object]) -> None:
    records = course / "records" / NAME
    before = stamps(course)
    whole = (records / "s01.json").read_bytes()
    (records / "s00.json").write_bytes(b"")
    (records / "s01.json").write_bytes(whole[: len(whole) // 2])
    (records / "s02.json").write_bytes(b"\0" * len(whole))
    (records / "s03.json").write_bytes(b"\xff\xfe[]")
    broken = read_record(course, NAME, "s04")
    assert broken is not None
    tests = tuple(dataclasses.replace(test, outcome=Result.BROKEN, score=0.0) for test in broken.tests)
    write_record(course, dataclasses.replace(broken, tests=tests))  # the grader's own process had ended
    manifest = json.loads((records / ".manifest.json").read_text())
    (records / ".manifest.json").write_text(json.dumps(manifest | {"manifest": None}))
    (records / ".gradebook.json").write_bytes(b"[" * 100)
    (records / ".half.part").write_text("{")
    grade(course, NAME)
    assert same(course, undisturbed)
    assert {student for student, inode in stamps(course).items() if inode == before[student]} == {"s05"}
    again = json.loads((records / ".manifest.json").read_text())
    assert again["manifest"]["operations"] == manifest["manifest"]["operations"]


@pytest.mark.parametrize("damage", ['{"key": ', "\0\0\0\0"])
def test_a_damaged_manifest_is_recorded_again(course: Path, damage: str, undisturbed: dict[str, object]) -> None:
    manifest = course / "records" / NAME / ".manifest.json"
    whole = json.loads(manifest.read_text())
    manifest.write_text(damage)
    record_files(course)["s01"].unlink()
    grade(course, NAME)
    again = json.loads(manifest.read_text())
    assert again["key"] == whole["key"]
    assert again["manifest"]["operations"] == whole["manifest"]["operations"]
    assert same(course, undisturbed)


def test_what_the_gradebook_lost_is_shown_again(course: Path, undisturbed: dict[str, object]) -> None:
    before = stamps(course)
    notebook = course / "autograded" / "s01" / NAME / f"{NAME}.ipynb"
    length = notebook.stat().st_size
    notebook.chmod(0o644)
    notebook.write_bytes(notebook.read_bytes()[: length // 2] + b"\0" * (length - length // 2))  # after a power cut
    shutil.rmtree(course / "autograded" / "s02")
    grade(course, NAME)
    assert same(course, undisturbed)
    (course / "gradebook.db").write_bytes(b"")
    grade(course, NAME)
    assert same(course, undisturbed)
    assert stamps(course) == before


def test_a_damaged_database_is_said_with_what_to_do(
    course: Path, undisturbed: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    whole = (course / "gradebook.db").read_bytes()
    for damaged in (b"no database" * 500, whole[:5000] + b"\xff" * (len(whole) - 5000)):
        (course / "gradebook.db").write_bytes(damaged)
        told = fails(capsys, course, "grade", NAME)
        assert "gradebook.db: nbgrader's database refuses" in told
        assert "restore a copy of it, or move it away: it is then rebuilt from the records" in told
    (course / "gradebook.db").unlink()
    assert main_in(course, "grade", NAME) == 0
    assert same(course, undisturbed)


# ---- disks


@contextlib.contextmanager
def mounted(*arguments: str) -> Iterator[None]:
    """A mount for a while; skips where that is not allowed."""
    if os.getuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root may mount what this test needs")
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"mounting is not allowed here ({done.stderr.strip()})")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", arguments[-1]], check=True)


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    folder.mkdir(exist_ok=True)
    if os.getuid() != 0:
        folder.chmod(0o555)
        yield
        folder.chmod(0o755)
        return
    with mounted("--bind", str(folder), str(folder)):
        subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
        yield


@contextlib.contextmanager
def room(course: Path, kilobytes: int) -> Iterator[None]:
    """Leave only so much room on the disk that a course lies on."""
    filler = course / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"\0" * 4096):
            pass
    os.truncate(filler, max(0, filler.stat().st_size - 1024 * kilobytes))
    yield
    filler.unlink()


@pytest.mark.parametrize("recorded", [False, True], ids=["nothing is graded", "the gradebook is missing"])
def test_on_a_full_disk_what_was_done_stays(
    graded: Path, undisturbed: dict[str, object], tmp_path: Path, zygote: Zygote, recorded: bool, capsys
) -> None:
    course = tmp_path / "small"
    course.mkdir()
    with mounted("-t", "tmpfs", "-o", "size=4m", "none", str(course)):
        write_class(course, STUDENTS)
        if recorded:
            shutil.copytree(graded / "records", course / "records")
        with room(course, 28):
            assert "is full" in (told := fails(capsys, course, "grade", NAME)) or "No space left" in told
            before = stamps(course)
            assert not [*course.rglob("*.part")]
            for path in record_files(course).values():
                json.loads(path.read_text())
        assert before
        assert (len(before) == STUDENTS) is recorded
        assert main_in(course, "grade", NAME) == 0
        assert same(course, undisturbed)
        after = stamps(course)
        assert {student: after[student] for student in before} == before


@pytest.mark.parametrize("verb", VERBS)
def test_pages_and_tables_on_a_full_disk(graded: Path, tmp_path: Path, verb: str, capsys) -> None:
    course = tmp_path / "small"
    course.mkdir()
    with mounted("-t", "tmpfs", "-o", "size=4m", "none", str(course)):
        shutil.copytree(graded, course, dirs_exist_ok=True)
        shutil.rmtree(course / "feedback")
        with room(course, 0):
            assert "No space left on device" in fails(capsys, course, *VERBS[verb])
        assert not [path for path in (course / verb).rglob("*") if path.is_file()]
        assert main_in(course, *VERBS[verb]) == 0


@pytest.mark.parametrize("folder", ["records", "autograded"])
def test_grading_into_a_read_only_folder(
    course: Path, undisturbed: dict[str, object], zygote: Zygote, folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = stamps(course)
    with read_only(course / folder):
        told = fails(capsys, course, "grade", NAME, "--force")
        assert folder in told
        assert "Read-only file system" in told or "Permission denied" in told
        if folder != "autograded":
            assert stamps(course) == kept
            assert main_in(course, "grade", NAME) == 0  # there is nothing to do, and nothing to write
    assert main_in(course, "grade", NAME) == 0
    assert same(course, undisturbed)


@pytest.mark.parametrize("verb", VERBS)
def test_pages_and_tables_in_a_read_only_folder(course: Path, verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(course / "feedback")
    with read_only(course / verb):
        assert f"{verb}/" in fails(capsys, course, *VERBS[verb])
        assert not list((course / verb).iterdir())
    assert main_in(course, *VERBS[verb]) == 0


@pytest.mark.parametrize("verb", VERBS)
def test_an_ordinary_user_s_closed_folder(course: Path, verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    if os.getuid() != 0:
        pytest.skip("the test before this one did it as an ordinary user")
    shutil.rmtree(course / "feedback")
    assert main_in(course, *VERBS[verb]) == 0  # imports all, from where the user below may not read
    shutil.rmtree(course / verb)
    (course / verb).mkdir(mode=0o555)
    for path in (course, *course.parents[:4]):
        path.chmod(path.stat().st_mode | 0o055)
    for path in (course / "gradebook.db", course / "records", *(course / "records").rglob("*")):
        os.chown(path, NOBODY, -1)  # they are for their owner alone
    os.seteuid(NOBODY)
    try:
        assert "Permission denied" in fails(capsys, course, *VERBS[verb])
    finally:
        os.seteuid(0)
    assert not list((course / verb).iterdir())


# ---- processes


def test_a_second_grader_is_told_that_another_is_at_work(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The lock ends with its holder however that ends: test_never_lost.py kills graders and starts others at once."""
    with locked(course / "records" / NAME / ".lock"):
        told = fails(capsys, course, "grade", NAME)
    assert f"another grader is at work on this unit (process {os.getpid()}); wait until it is done" in told
    assert main_in(course, "grade", NAME) == 0


def test_the_units_of_one_command_share_a_warm_process_that_starts_when_it_is_needed(
    tmp_path: Path, zygote: Zygote, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    course = write_class(tmp_path, STUDENTS, (NAME, OTHER))
    started: list[Zygote] = []

    def start() -> Zygote:
        started.append(zygote)
        return zygote

    monkeypatch.setattr("autograder.running.executors.Zygote", start)
    assert main_in(course, "grade", NAME, OTHER) == 0
    assert len(started) == 1
    assert main_in(course, "grade", NAME, OTHER) == 0  # there is nothing left to do
    assert len(started) == 1
    capsys.readouterr()
    assert main_in(course, "results", NAME, OTHER) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert [line for line in lines if line in (NAME, OTHER)] == [NAME, OTHER]  # the tables' headings
    assert main_in(course, "results", NAME, OTHER, "--json") == 0
    told = [json.loads(line)["unit"] for line in capsys.readouterr().out.splitlines()]
    assert told == [NAME] * STUDENTS + [OTHER] * STUDENTS


def test_two_units_at_once_share_a_gradebook(tmp_path: Path, zygote: Zygote) -> None:
    course = write_class(tmp_path, STUDENTS, (NAME, OTHER))
    failed: list[BaseException] = []

    def run(name: str) -> None:
        try:
            grade(course, name)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=[name]) for name in (NAME, OTHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    held = query(
        course, "select a.name, count(*) from submitted_assignment join assignment a on a.id = assignment_id group by 1"
    )
    assert held == [(NAME, STUDENTS), (OTHER, STUDENTS)]
    assert query(course, "select count(*) from student") == [(STUDENTS,)]


def test_an_end_is_believed_when_it_comes_twice_at_the_same_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """A submission that ends its own process, and that the system killed once besides, keeps its other points."""
    crash, right = (TestEnded("", result, "", "", 0.0, ()) for result in (Result.CRASHED, Result.PASSED))
    own = Run(tests={"first": crash, "second": right}, finished=True)
    cut = Run(tests={"first": crash, "second": crash}, finished=True)
    gone = Run(judge_output="")
    for runs in ([own, own], [own, cut, own], [cut, own, own], [gone, own, own], [own, gone, own]):
        with LocalExecutor() as executor:
            left = iter(runs)
            monkeypatch.setattr(executor, "_try", lambda *_, left=left, **__: next(left))
            assert executor.run(Job((), None, (), Limits())).tests == own.tests
            assert not [*left]


def test_a_warm_process_that_dies_again_and_again_is_given_up(tmp_path: Path) -> None:
    write_class(tmp_path, 1)
    unit = load_unit(tmp_path, NAME)
    mine = {process.pid for process in psutil.Process().children()}
    killed: set[int] = set()
    over = threading.Event()

    def kill_on_sight() -> None:
        while not over.is_set():
            for process in psutil.Process().children():
                with contextlib.suppress(psutil.Error):
                    if process.pid not in mine and "autograder.running.warm" in process.cmdline():
                        process.kill()
                        killed.add(process.pid)
            time.sleep(0.01)

    killer = threading.Thread(target=kill_on_sight)
    killer.start()
    try:
        with LocalExecutor() as executor, pytest.raises(GraderError, match=r"warm process .*; run"):
            executor.run(make_job(unit, reference_steps(unit), None, Limits()))
    finally:
        over.set()
        killer.join()
    assert len(killed) == MAX_DEATHS
