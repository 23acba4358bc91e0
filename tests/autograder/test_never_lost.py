"""Killed at any moment and run again, grading comes to the same as undisturbed, and nothing is done twice.

python -m tests.autograder.test_never_lost 50    # kills the grader alone, so often
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from autograder.sandbox.usage import children, descendants
from tests.autograder.never_lost import main_in, outcome, record_files, write_class
from tests.autograder.small_unit import NAME

STUDENTS = 44
# 50 in all. Judges and students one at a time and none twice in a submission: at the same place, that would be taken for its own doing.
KILLS = {
    "1": {"grader": 2, "zygote": 1, "gradebook": 1, "judge": 20, "student": 20},
    "3": {"grader": 3, "zygote": 2, "gradebook": 1},
}
PROGRAMS = {"zygote": "autograder.running.warm", "gradebook": "autograder.gradebook.warm"}
PATIENCE = 600.0  # seconds for anything that must happen some time, on a machine with other things to do


class Grader:
    """`python -m autograder grade`, and the processes that it starts."""

    def __init__(self, course: Path, workers: str) -> None:
        self.mark = course / "tmp" / str(time.monotonic_ns())  # in the environment of all of them
        self.mark.mkdir(parents=True)
        command = [sys.executable, "-m", "autograder", "grade", NAME, "--workers", workers]
        environment = os.environ | {"TMPDIR": str(self.mark)}
        self._zygote: psutil.Process | None = None
        self.said = self.mark / "said"
        with self.said.open("w") as said:
            self.process = subprocess.Popen(command, cwd=course, env=environment, stdout=said, stderr=said)

    @property
    def status(self) -> int | None:
        """The exit status; None while it runs."""
        return self.process.poll()

    def find(self, role: str) -> list[psutil.Process]:
        """The processes that do this now."""
        if self.status is not None:
            return []
        if role == "grader":
            return [psutil.Process(self.process.pid)]
        with suppress(psutil.Error):
            if role in PROGRAMS:
                started = _processes(children(self.process.pid))
                programs = [program for program in started if PROGRAMS[role] in program.cmdline()]
                if role == "gradebook":
                    return [writer for warm in programs for writer in _processes(children(warm.pid))]
                return programs
            if self._zygote is None or not self._zygote.is_running():
                self._zygote = next(iter(self.find("zygote")), None)
            forked = _processes(descendants(self._zygote.pid)) if self._zygote else []
            return [child for child in forked if _is_student(child) is (role == "student")]
        return []

    def left(self) -> list[int]:
        """The processes of this run that there still are."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.environ().get("TMPDIR") == str(self.mark) and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process.pid)
        return found


def _processes(pids: Iterable[int]) -> list[psutil.Process]:
    """Return those that are still there. Found by the kernel's lists of children: psutil's own way reads all of /proc each time."""
    processes = []
    for pid in pids:
        with suppress(psutil.Error):
            processes.append(psutil.Process(pid))
    return processes


def _is_student(process: psutil.Process) -> bool:
    """Students' processes, and they alone, may not gain privileges."""
    with suppress(OSError):
        return "NoNewPrivs:\t1" in Path(f"/proc/{process.pid}/status").read_text()
    return False


def wait_until(happened: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


class Chaos:
    """Kill one process after the other of a run that is started again whenever it has ended."""

    def __init__(self, course: Path, workers: str, seed: int) -> None:
        self.course = course
        self.workers = workers
        self.random = random.Random(seed)
        self.seen: dict[str, tuple[int, int]] = {}
        self.may_fail = False  # the process that writes the gradebook was killed: the run says so at its end
        self.grader = Grader(course, workers)

    def run(self, kills: dict[str, int]) -> None:
        """Kill so many of each in some order."""
        plan = [role for role, number in kills.items() for _ in range(number)]
        self.random.shuffle(plan)
        for role in plan:
            self._kill(role)
            self.check()

    def finish(self) -> None:
        """Let it come to its end, as often as it takes."""
        while self._end() != 0:
            self.grader = Grader(self.course, self.workers)

    def check(self) -> None:
        """Every record is whole, and none that was there before was made again."""
        for student, path in record_files(self.course).items():
            status = path.stat()
            json.loads(path.read_text(encoding="utf-8"))
            assert self.seen.setdefault(student, (status.st_ino, status.st_mtime_ns)) == (
                status.st_ino,
                status.st_mtime_ns,
            ), f"{student} was graded again"

    def _kill(self, role: str) -> None:
        while True:
            self._wait(role)
            for process in self.grader.find(role)[:1]:
                with suppress(psutil.Error):
                    process.kill()
                    if self._hit(role):
                        return
            if self.grader.status is not None:
                self._more_work()

    def _wait(self, role: str) -> None:
        """For some moment: while it starts, when some more are graded, or when all are."""
        wait_until(lambda: self.grader.find(role) or self.grader.status is not None, f"no {role}")
        if role in ("judge", "student"):
            time.sleep(self.random.uniform(0, 0.03))
            return
        few = len(record_files(self.course)) + self.random.randrange(4)
        enough = min(STUDENTS, self.random.choice([0, few, STUDENTS]) if role == "grader" else few)
        there = [process.pid for process in self.grader.find(role)]
        wait_until(
            lambda: (
                len(record_files(self.course)) >= enough
                or self.grader.status is not None
                or not any(map(psutil.pid_exists, there))
            ),
            "it hangs",
        )
        time.sleep(self.random.uniform(0, 1.5 if enough == 0 else 0.3))

    def _hit(self, role: str) -> bool:
        """Go on after a kill; whether it came before the process ended by itself."""
        done = len(record_files(self.course))
        if role == "grader":
            killed = self.grader
            if killed.process.wait() != -signal.SIGKILL:
                return False
            self.grader = Grader(self.course, self.workers)  # at once, whatever the killed one's processes still do
            wait_until(lambda: not killed.left(), f"the killed grader left {killed.left()}")
        elif role == "gradebook":
            self.may_fail = True
        elif role in ("judge", "student"):
            # One kill per submission, see KILLS. The first record to come may be that of the submission before, which had ended and was
            # not written yet: the grader's own thread writes records while the next submission runs.
            wait_until(lambda: len(record_files(self.course)) > done + 1 or self.grader.status is not None, "it hangs")
        return True

    def _more_work(self) -> None:
        """The run has ended: lose some records and start again."""
        self._end()
        self.check()
        records = record_files(self.course)
        for student in self.random.sample(sorted(records), k=len(records) // 2):
            records[student].unlink()
            del self.seen[student]
        self.grader = Grader(self.course, self.workers)

    def _end(self) -> int:
        status = self.grader.process.wait(PATIENCE)
        said = self.grader.said.read_text()
        if status and self.may_fail:
            assert "the process that writes nbgrader's gradebook ended early; run the same command again" in said
            assert "Traceback" not in said
        else:
            assert status == 0, said
        self.may_fail = False
        wait_until(lambda: not self.grader.left(), "it left processes")
        return status


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class that nobody has graded."""
    return write_class(tmp_path_factory.mktemp("untouched"), STUDENTS)


@pytest.fixture(scope="module")
def undisturbed(untouched: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What grading comes to when nothing happens."""
    return grade_undisturbed(untouched, tmp_path_factory.mktemp("undisturbed") / "course")


def grade_undisturbed(untouched: Path, course: Path) -> dict[str, object]:
    grader = Grader(shutil.copytree(untouched, course), "1")
    assert grader.process.wait(PATIENCE) == 0, grader.said.read_text()
    return outcome(course)


def grade_disturbed(untouched: Path, course: Path, workers: str, kills: dict[str, int], seed: int) -> dict[str, object]:
    """Grade, kill so many processes on the way, and go on to the end."""
    chaos = Chaos(shutil.copytree(untouched, course), workers, seed)
    chaos.run(kills)
    chaos.finish()
    chaos.check()
    found = outcome(course)
    assert not [*course.glob("records/*/.*.part"), *course.glob("autograded/*/*/.*.part")]
    assert main_in(course, "grade", NAME) == 0  # nothing is left to do
    chaos.check()
    return found


@pytest.mark.parametrize("workers", KILLS)
def test_killed_fifty_times_it_comes_to_the_same(
    untouched: Path, undisturbed: dict[str, object], tmp_path: Path, workers: str
) -> None:
    found = grade_disturbed(untouched, tmp_path / "course", workers, KILLS[workers], seed=int(workers))
    for what, told in undisturbed.items():
        assert found[what] == told, what


def test_fifty_kills_are_fifty() -> None:
    assert sum(number for kills in KILLS.values() for number in kills.values()) == 50


def main() -> int:
    """Kill the grader alone, as often as the command line says; takes some seconds a kill."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    with tempfile.TemporaryDirectory() as folder:
        untouched = write_class(Path(folder, "untouched"), STUDENTS)
        expected = grade_undisturbed(untouched, Path(folder, "undisturbed"))
        found = grade_disturbed(untouched, Path(folder, "course"), "2", {"grader": kills}, seed=kills)
    print(f"the grader was killed {kills} times; {'all is the same' if found == expected else 'SOMETHING DIFFERS'}")
    return 0 if found == expected else 1


if __name__ == "__main__":
    sys.exit(main())
