"""A lock keeps others out while its process lives, says who holds it, and never stands in the way where it cannot be had."""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.errors import CourseError
from autograder.model.lock import locked
from tests.conftest import ROOT

HOLDS = """
import sys, time
from pathlib import Path
from autograder.model.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""
# Takes the lock again as soon as it has given it back, as a grader does that writes record after record, until each of two has had ten turns.
TAKES_TURNS = """
import sys, time
from pathlib import Path
from autograder.model.lock import locked
turns = Path(sys.argv[2])
while min(turns.read_text().count(name) for name in "ab") < 10:
    with locked(Path(sys.argv[1])):
        print(sys.argv[3], flush=True)
        time.sleep(0.02)
"""
LONGEST = 100  # seconds for that; two that take turns need half a second of a quiet machine


def start(code: str, *arguments: object, stdout: int = subprocess.PIPE) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=stdout)


def test_who_may_not_wait_is_told_which_process_holds_the_lock(tmp_path: Path) -> None:
    with start(HOLDS, tmp_path / "lock") as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(CourseError, match=f"^busy with {holder.pid}$"), locked(tmp_path / "lock", "busy with {}"):
            pass
        holder.kill()
    with locked(tmp_path / "lock", "busy with {}"):  # the lock has ended with its process
        assert (tmp_path / "lock").read_text() == str(os.getpid())


def test_who_waits_for_too_long_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    with start(HOLDS, tmp_path / "lock") as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        said = rf"lock: locked for 0.2 s by process {holder.pid}; end that process, then run the same command again"
        with pytest.raises(CourseError, match=said), locked(tmp_path / "lock", seconds=0.2):
            pass
        holder.kill()
    with locked(tmp_path / "lock"):  # who gave up does not get the lock later and keep it
        pass


def test_who_only_locks_the_file_is_named_too(tmp_path: Path) -> None:
    """The file names who held the lock last, which need not be who holds it now."""
    code = (
        "import fcntl, sys, time; f = open(sys.argv[1]); fcntl.flock(f, 1); print('held', flush=True); time.sleep(60)"
    )
    with locked(tmp_path / "lock"):
        pass
    with start(code, tmp_path / "lock") as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(CourseError, match=f"^busy with {holder.pid}$"), locked(tmp_path / "lock", "busy with {}"):
            pass
        holder.kill()


def test_nobody_else_can_open_the_file(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.touch(0o666)
    path.chmod(0o666)
    with locked(path):
        assert path.stat().st_mode & 0o777 == 0o600


def test_who_waits_gets_the_lock_when_its_holder_ends(tmp_path: Path) -> None:
    with start(HOLDS, tmp_path / "lock") as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with start(HOLDS, tmp_path / "lock") as next_one:
            assert next_one.stdout is not None
            time.sleep(0.5)
            assert next_one.poll() is None
            holder.kill()
            assert next_one.stdout.readline() == "held\n"
            next_one.kill()


def test_who_waits_comes_to_its_turn_however_often_another_wants_one(tmp_path: Path) -> None:
    """How regularly they take turns is the machine's affair."""
    with contextlib.ExitStack() as stack:
        turns = stack.enter_context((tmp_path / "turns").open("a"))
        both = [
            stack.enter_context(start(TAKES_TURNS, tmp_path / "lock", turns.name, name, stdout=turns.fileno()))
            for name in "ab"
        ]
        for process in both:
            stack.callback(process.kill)
        assert [process.wait(timeout=LONGEST) for process in both] == [0, 0]


def test_where_the_file_cannot_be_made_there_is_no_lock(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with locked(tmp_path / "file" / "lock", "busy with {}"), locked(tmp_path / "file" / "lock", "busy with {}"):
        assert (tmp_path / "file").is_file()


def test_without_fcntl_the_models_can_be_imported_and_files_written(tmp_path: Path) -> None:
    """As on Windows, which has neither the module nor os.fchmod."""
    code = """
import importlib, os, pkgutil, sys
sys.modules["fcntl"] = sys.modules["resource"] = None
import nbformat
del os.fchmod, os.pread, os.pwrite, os.uname
import autograder.model, autograder.sandbox.limits, autograder.sandbox.usage
for module in pkgutil.iter_modules(autograder.model.__path__):
    importlib.import_module(f"autograder.model.{module.name}")
from pathlib import Path
with autograder.model.lock.locked(Path(sys.argv[1], "lock"), "busy"):
    autograder.model.files.write_whole(Path(sys.argv[1], "a", "file"), "text")
print(sorted(os.listdir(sys.argv[1])), autograder.sandbox.limits.Limits().processes)
"""
    with start(code, tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.read() == "['a'] 64\n"
