"""Control groups: where one can be had, the kernel bounds a submission's memory, and nothing of a group stays behind."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import Popen

import pytest

from autograder.running.processes import Zygote
from autograder.sandbox.cgroups import V1, V2, Group, Place, places
from autograder.sandbox.limits import Limits
from autograder.sandbox.watch import Watch
from tests.autograder.judging import judge, results
from tests.autograder.sandbox.test_watch import until
from tests.processes import has_ended

LIMITS = Limits(cell_seconds=300, submission_seconds=600, memory=256 << 20)
# Each file is below the limit on the size of files, and none of them belongs to a process.
FILES_IN_MEMORY = """
import os
block = os.urandom(1 << 20)
def f():
    folders = (".", "/tmp", "/dev/shm")
    try:
        open("/tmp/big", "wb").close()
    except PermissionError:
        folders = (".", "/dev/shm")  # without namespaces it has no /tmp of its own
    for folder in folders:
        with open(folder + "/big", "wb") as file:
            for _ in range(60):
                file.write(block)
    hog = block * 200
    return 1
"""
# One process, whose limits on memory of its own do not count shared maps; the watch leaves one process to the kernel.
SHARED = """
import mmap
def f():
    shared = mmap.mmap(-1, 1 << 30)
    for place in range(0, 1 << 30, 4096):
        shared[place] = 1
    return 1
"""


@pytest.fixture
def place() -> Place:
    nearest = Place.of_this_process()
    if nearest is None:
        pytest.skip("no control group can be made here; no record names one")
    return nearest


@pytest.fixture
def group(place: Place) -> Iterator[Group]:
    group = place.new(64 << 20)
    yield group
    group.remove()


@pytest.fixture
def sleeper() -> Iterator[Callable[[str], Popen[str]]]:
    """Start processes that wait for `release`, do what they are given and sleep."""
    started: list[Popen[str]] = []

    def start(code: str) -> Popen[str]:
        command = [sys.executable, "-c", f"import time; input(); {code}\ntime.sleep(600)"]
        started.append(Popen(command, stdin=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        with process:
            process.kill()


def release(process: Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.close()


def groups_of(place: Place, process: int = os.getpid()) -> list[str]:
    return [folder.name for folder in place.folder.iterdir() if f"-{process}-" in folder.name]


def test_a_record_names_the_group_where_the_kernel_counts(zygote: Zygote, place: Place) -> None:
    run = judge(zygote, "def f(): return 1", ["assert f() == 1"], "def f(): return 1")
    assert run.isolation == f"{zygote.wait()}, cgroup"


def test_a_record_names_no_group_where_none_was_made(zygote: Zygote, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits(cell_seconds=61)  # of its own: no process that waits has a group
    monkeypatch.setattr(zygote, "_place", None)
    run = judge(zygote, "def f(): return 1", ["assert f() == 1"], "def f(): return 1", limits=limits)
    assert run.isolation == zygote.wait()
    zygote.students.close()


def test_memory_that_no_other_limit_counts_is_bounded_by_the_kernel(zygote: Zygote, place: Place) -> None:
    run = judge(zygote, "def f(): return 1", ["assert f() == 1"], SHARED, limits=LIMITS)
    assert results(run) == ["crashed"], run.tests
    assert run.out_of_memory


def test_all_are_ended_once_the_kernel_has_ended_one(group: Group, sleeper: Callable[[str], Popen[str]]) -> None:
    process = sleeper("import os; os.fork() or bytearray(200 << 20)")
    pidfd = os.pidfd_open(process.pid)
    group.add(process.pid)
    Watch(pidfd, 1 << 40, group=group)
    release(process)
    assert process.wait(timeout=60) == -9
    assert until(lambda: group.exceeded)  # in version 2 the kernel ends all of them, and the watch has nothing to end
    os.close(pidfd)


def test_files_in_memory_and_all_that_one_process_may_have_are_within_the_limit(zygote: Zygote, place: Place) -> None:
    run = judge(zygote, "def f(): return 1", ["assert f() == 1"], FILES_IN_MEMORY, limits=LIMITS)
    assert results(run) == ["passed"], run.tests


def test_nothing_of_a_group_stays_behind(zygote: Zygote, place: Place) -> None:
    judge(zygote, "def f(): return 1", ["assert f() == 1"], "def f(): return 1", limits=LIMITS)
    zygote.students.close()
    assert groups_of(place) == []


def test_a_process_over_the_limit_is_ended_and_the_group_knows(
    group: Group, sleeper: Callable[[str], Popen[str]]
) -> None:
    process = sleeper("hog = bytearray(200 << 20)")
    assert group.counts is None  # nobody is in it; one that only waits may have taken a page already
    group.add(process.pid)
    assert not group.exceeded
    release(process)
    assert process.wait(timeout=60) == -9
    assert group.exceeded
    assert group.counts
    group.remove()
    assert group.exceeded  # what was seen is known afterwards too


def test_removing_a_group_ends_whoever_is_in_it(place: Place, sleeper: Callable[[str], Popen[str]]) -> None:
    group = place.new(64 << 20)
    process = sleeper("")
    group.add(process.pid)
    group.remove()
    assert process.wait(timeout=60) == -9
    assert until(lambda: groups_of(place) == [])


@pytest.mark.parametrize("number", [0, -1])
def test_a_process_that_has_no_number_here_is_not_put_into_a_group(group: Group, number: int) -> None:
    before = Path("/proc/self/cgroup").read_text()
    with pytest.raises(ProcessLookupError):
        group.add(number)
    assert Path("/proc/self/cgroup").read_text() == before


def test_groups_of_graders_that_were_killed_are_removed_and_no_others(place: Place) -> None:
    code = (
        "import os, sys, time; from autograder.sandbox.cgroups import Place; p = Place.of_this_process(); g = p.new(1 << 26);"
        "pid = os.fork();\n"
        "if pid: g.add(pid); print(pid, flush=True)\n"
        "time.sleep(600)"
    )
    before = groups_of(place)  # those of students' processes that wait
    own = place.new(64 << 20)
    grader = Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert grader.stdout is not None
    student = int(grader.stdout.readline())
    try:
        place.remove_left()
        assert len(groups_of(place, grader.pid)) == 1
        os.kill(student, 0)
    finally:
        with grader:
            grader.kill()
    place.remove_left()
    assert until(lambda: has_ended(student))
    place.remove_left()
    assert groups_of(place, grader.pid) == []
    assert len(groups_of(place)) == len(before) + 1
    own.remove()


def tree(root: Path, groups: str, files: dict[str, str]) -> Path:
    for path, text in {
        "proc/self/cgroup": groups,
        **{f"sys/fs/cgroup/{name}": text for name, text in files.items()},
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root / "sys/fs/cgroup"


def test_in_version_2_it_is_the_nearest_group_that_gives_memory_to_those_below_it(tmp_path: Path) -> None:
    scope = "user.slice/user@1000.service/app.slice/terminal.scope"
    top = tree(
        tmp_path,
        f"0::/{scope}\n",
        {
            f"{scope}/cgroup.subtree_control": "\n",
            f"{scope}/cgroup.procs": "7\n",
            f"{scope}/../cgroup.subtree_control": "memory pids\n",
            f"{scope}/../cgroup.procs": "",
            f"{scope}/../../cgroup.subtree_control": "cpu memory pids\n",
        },
    )
    assert list(places(tmp_path)) == [((top / scope).parent, V2)]  # of the one above it nobody may move processes


def test_in_version_1_it_is_the_own_group_even_where_another_hierarchy_is_of_version_2(tmp_path: Path) -> None:
    files = {"unified/cgroup.subtree_control": "", "unified/cgroup.procs": ""}
    files |= {"memory/box/cgroup.procs": "", "memory/box/memory.limit_in_bytes": "9\n"}
    top = tree(tmp_path, "4:memory:/box\n0::/\n", files)
    assert next(places(tmp_path)) == (top / "memory/box", V1)


def test_where_nothing_may_be_made_there_is_no_place(tmp_path: Path) -> None:
    tree(tmp_path, "0::/\n", {"cgroup.subtree_control": "cpu\n", "cgroup.procs": "1\n"})
    assert Place.of_this_process(tmp_path) is None
    tree(tmp_path, "0::/\n", {"cgroup.subtree_control": "cpu memory\n"})  # a group can be made, but it has no limit
    assert Place.of_this_process(tmp_path) is None
    assert [path.name for path in (tmp_path / "sys/fs/cgroup").iterdir() if path.is_dir()] == []
