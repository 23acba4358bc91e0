"""The watch counts a whole family, lets it have one's share of the processor, and ends with its process."""

import contextlib
import errno
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace

import psutil
import pytest

from autograder.running.processes import Zygote
from autograder.sandbox.limits import Limits
from autograder.sandbox.usage import descendants, has_more_maps, share_of_files
from autograder.sandbox.watch import Watch, bytes_held, family_bytes, threads
from tests.autograder.judging import judge, results

FAMILY = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); time.sleep(600)"
HOG = "import os, time; hog = os.urandom(1 << 20) * 100; time.sleep(600)"
# Each process shares what it holds with a child that does nothing else, so none of them holds anything alone.
PAIRS = """
import os, time
def f():
    for _ in range(8):
        if os.fork() == 0:
            hog = os.urandom(1 << 20) * 100
            os.fork()
            time.sleep(600)
    time.sleep(600)
"""
# Sockets that wait for a reader hold the kernel's memory, which belongs to no process.
SOCKETS = """
import os, socket, time
def f():
    for _ in range(40):
        if os.fork() == 0:
            pairs = [socket.socketpair() for _ in range(100)]
            time.sleep(600)
    time.sleep(600)
"""
HOGS = """
import os, time
def f():
    for _ in range(8):
        if os.fork() == 0:
            hog = os.urandom(1 << 20) * 60
            time.sleep(600)
    time.sleep(600)
"""
# Each map of shared memory is an open file to the machine, and none of the process's descriptors.
MAPS = """
import mmap, time
maps = [mmap.mmap(-1, mmap.PAGESIZE) for _ in range(6_000)]
time.sleep(600)
"""
# Each process gives back a large block that it shares with its parent, and takes as much of its own.
DROPS = """
import mmap, os, time
block = mmap.mmap(-1, 100 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
block.write(os.urandom(1 << 20) * 100)
def f():
    for _ in range(10):
        if os.fork() == 0:
            block.madvise(mmap.MADV_DONTNEED)
            hog = os.urandom(1 << 20) * 100
            time.sleep(600)
    time.sleep(600)
"""
CROWD = """
import os, time
for _ in range(20):
    if os.fork() == 0:
        time.sleep(600)
print("there", flush=True)
time.sleep(600)
"""


# The watch has to look before an answer that waits has used up its time; on a busy machine that may take a while.
PATIENT = Limits(cell_seconds=300, submission_seconds=600)


def start(code: str) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", code], start_new_session=True)


def until(condition) -> bool:  # type: ignore[no-untyped-def]
    """Whether it comes true within a while."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_a_family_is_found_and_its_memory_counted() -> None:
    process = start(FAMILY.replace("import time; time.sleep(600)", HOG))
    try:
        assert until(lambda: family_bytes(list(descendants(process.pid))) > 90 << 20)
        assert len(list(descendants(process.pid))) == 1
    finally:
        os.killpg(process.pid, 9)
        process.wait()
    assert list(descendants(process.pid)) == []
    assert family_bytes([process.pid]) == bytes_held(process.pid) == 0


def test_a_family_over_the_limit_is_ended_and_one_below_is_not() -> None:
    for most, ended in ((50 << 20, True), (4 << 30, False)):
        process = start(FAMILY.replace("import time; time.sleep(600)", HOG))
        pidfd = os.pidfd_open(process.pid)
        try:
            watch = Watch(pidfd, most)
            if ended:  # and its child with it, which may be gone before anybody has seen it
                assert until(lambda process=process: process.poll() is not None)
            else:
                assert until(lambda process=process: len(list(descendants(process.pid))) == 1)
                time.sleep(1)
                assert process.poll() is None
            assert watch.exceeded is ended
        finally:
            os.killpg(process.pid, 9)
            process.wait()
            os.close(pidfd)


def test_a_descriptor_that_is_closed_and_used_again_ends_nobody_else() -> None:
    """Who gave the watch its descriptor may close it at any time, and another process gets the number."""
    process, other = start(FAMILY.replace("import time; time.sleep(600)", HOG)), start("import time; time.sleep(600)")
    pidfd, of_other = os.pidfd_open(process.pid), os.pidfd_open(other.pid)
    ended: list[str] = []
    try:
        watch = Watch(pidfd, 50 << 20, lambda: ended.append("the others"))
        os.dup2(of_other, pidfd)  # both in one step: another thread could take the number in between
        assert until(lambda: process.poll() is not None)
        assert until(lambda: ended == ["the others"])
        assert watch.exceeded
        assert other.poll() is None
    finally:
        for started in (process, other):
            os.killpg(started.pid, 9)
            started.wait()
        os.close(of_other)
        os.close(pidfd)


def test_who_cannot_be_watched_is_ended() -> None:
    def cannot_look(_family: list[int]) -> bool:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    process = start("import time; time.sleep(600)")
    pidfd = os.pidfd_open(process.pid)
    ended: list[str] = []
    try:
        watch = Watch(pidfd, 4 << 30, lambda: ended.append("the others"), takes_disk=cannot_look)
        assert until(lambda: process.poll() is not None)
        assert until(lambda: ended == ["the others"])
        assert os.strerror(errno.EMFILE) in watch.failed
        assert not watch.exceeded
    finally:
        process.kill()
        process.wait()
        os.close(pidfd)


@pytest.mark.parametrize(("short", "ended"), [(0.0, True), (1.1, False)])
def test_who_holds_the_machine_s_open_files_by_maps_is_ended_where_they_are_short(
    short: float, ended: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To use up the files of the machine that runs the tests would hit whatever else runs on it, so the border is moved."""
    monkeypatch.setattr("autograder.sandbox.watch.SHORT_OF_FILES", short)
    monkeypatch.setattr("autograder.sandbox.watch.MOST_MAPS", 5_000)
    process = start(MAPS)
    pidfd = os.pidfd_open(process.pid)
    try:
        assert until(lambda: has_more_maps([process.pid], 5_000))
        watch = Watch(pidfd, 4 << 30)
        if ended:
            assert until(lambda: process.poll() is not None)
        else:
            time.sleep(1)
            assert process.poll() is None
        assert watch.exceeded is ended
    finally:
        process.kill()
        process.wait()
        os.close(pidfd)


def test_the_kernel_says_how_many_files_are_open() -> None:
    assert 0 < share_of_files() < 1


@pytest.mark.parametrize(("most", "ended"), [(10, True), (30, False)])
def test_a_crowd_where_nothing_else_bounds_it_is_ended(most: int, ended: bool) -> None:
    process = start(CROWD)
    pidfd = os.pidfd_open(process.pid)
    try:
        watch = Watch(pidfd, 4 << 30, most_tasks=most)
        if ended:
            assert until(lambda: process.poll() is not None)
            assert until(lambda: not members(process.pid))
        else:
            assert until(lambda: len(list(descendants(process.pid))) == 20)
            time.sleep(1)
            assert process.poll() is None
        assert watch.exceeded is ended
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        process.wait()
        os.close(pidfd)


def members(group: int) -> list[int]:
    """The processes of a group that have not ended."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
    return found


def test_the_watch_looks_before_its_time_where_memory_goes_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    process = start("import time; time.sleep(600)")
    pidfd = os.pidfd_open(process.pid)
    try:
        watch = Watch(pidfd, 1 << 30)
        left = iter(range(100 << 30, 0, -(100 << 20)))
        monkeypatch.setattr("autograder.sandbox.watch.bytes_available", lambda: next(left))
        begin = time.monotonic()
        assert not watch._ends_within(300)
        assert time.monotonic() - begin < 100
        monkeypatch.setattr("autograder.sandbox.watch.bytes_available", lambda: 100 << 30)
        process.kill()
        assert watch._ends_within(300)
    finally:
        process.kill()
        process.wait()
        os.close(pidfd)


def test_watches_end_with_what_they_watch_and_leave_no_descriptor() -> None:
    before, threads = len(os.listdir("/proc/self/fd")), threading.active_count()
    for number in range(30):
        process = start("pass" if number % 2 else FAMILY)
        pidfd = os.pidfd_open(process.pid)
        Watch(pidfd, 1 << 40)
        os.killpg(process.pid, 9)
        process.wait()
        os.close(pidfd)
    assert until(lambda: threading.active_count() <= threads)  # threads of other tests may end meanwhile
    assert until(lambda: len(os.listdir("/proc/self/fd")) <= before)


@pytest.mark.parametrize("kind", [PAIRS, SOCKETS], ids=["shared by pairs", "of sockets"])
def test_memory_that_no_process_holds_alone_counts_too(zygote: Zygote, kind: str) -> None:
    if kind is SOCKETS and "namespaces" not in zygote.wait():
        pytest.skip("there are no namespaces, so sockets cannot be counted")
    limits = replace(PATIENT, memory=512 << 20)
    run = judge(zygote, "def f(): return 1", ["assert f() == 1"], kind, limits=limits)
    assert results(run) == ["crashed"], run.tests
    assert run.out_of_memory


def test_others_that_share_the_warm_pages_hide_nothing(zygote: Zygote) -> None:
    """The more processes have a share of what the warm one holds, the less of it is in what a family holds."""
    with contextlib.ExitStack() as cleanup:
        for number in range(30):
            folder = cleanup.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
            home = "" if "namespaces" in zygote.wait() else folder
            student = zygote.students.take(Limits(submission_seconds=500 + number), home)
            cleanup.callback(student.process.kill)
            cleanup.enter_context(student.socket)
        limits = replace(PATIENT, memory=256 << 20)
        run = judge(zygote, "def f(): return 1", ["assert f() == 1"], HOGS, limits=limits)
    assert results(run) == ["crashed"], run.tests
    assert run.out_of_memory


def test_who_drops_what_the_warm_process_gave_hides_nothing(zygote: Zygote) -> None:
    limits = replace(PATIENT, memory=512 << 20)
    run = judge(zygote, "def f(): return 1", ["assert f() == 1"], DROPS, limits=limits)
    assert results(run) == ["crashed"], run.tests
    assert run.out_of_memory


def test_a_page_counts_once_where_it_may_be_looked_at() -> None:
    process = start(CROWD.replace("import os, time", "import os, time\nhog = os.urandom(1 << 20) * 100"))
    try:
        assert until(lambda: len(list(descendants(process.pid))) == 20)
        family = [process.pid, *descendants(process.pid)]
        assert 100 << 20 < family_bytes(family) < 300 << 20
        assert sum(map(bytes_held, family)) > 20 * (100 << 20)
    finally:
        os.killpg(process.pid, 9)
        process.wait()


def test_a_crowd_has_about_one_share_of_the_processor() -> None:
    process = start(CROWD)
    pidfd = os.pidfd_open(process.pid)
    try:
        Watch(pidfd, 4 << 30)
        assert until(lambda: len(list(descendants(process.pid))) == 20)
        tasks = [task for pid in (process.pid, *descendants(process.pid)) for task in threads(pid)]
        assert until(lambda: {os.getpriority(os.PRIO_PROCESS, task) for task in tasks} == {14})  # 1.25**14 is about 21
    finally:
        os.killpg(process.pid, 9)
        process.wait()
        os.close(pidfd)


# Each leaves its parent at once, so that it is nobody's descendant unless somebody takes it in.
ORPHANS = """
import os, time
def f():
    for _ in range(8):
        if os.fork() == 0:
            if os.fork() == 0:
                hog = os.urandom(1 << 20) * 60
                time.sleep(600)
            os._exit(0)
        os.wait()
    time.sleep(600)
"""


@pytest.mark.parametrize("leave_out", [(), ("namespaces", "cgroup")], ids=["all", "without namespaces"])
def test_memory_of_orphans_counts_too(zygote: Zygote, leave_out: tuple[str, ...]) -> None:
    with contextlib.ExitStack() as cleanup:
        warm = cleanup.enter_context(Zygote(leave_out)) if leave_out else zygote
        limits = replace(PATIENT, memory=256 << 20)
        run = judge(warm, "def f(): return 1", ["assert f() == 1"], ORPHANS, limits=limits)
    assert results(run) == ["crashed"], run.tests
    assert run.out_of_memory
