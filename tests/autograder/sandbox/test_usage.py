"""Time on the processor that is a process's own, and time that others had meanwhile."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from autograder.running.executors import LocalExecutor
from autograder.sandbox import usage
from autograder.sandbox.usage import ready_time_of, usable_cores

# ---- time that a busy machine takes

# The kernel counts a wait when it is over, and so the whole of one that had begun before anybody looked: as many seconds at most.
LONGEST_WAIT = 0.2


@contextlib.contextmanager
def looping(*more: int) -> Iterator[list[subprocess.Popen]]:
    """Processes that compute for ever on one core: one, and as many beside it as there are in `more`."""
    core = min(os.sched_getaffinity(0))
    command = [sys.executable, "-c", f"import os; os.sched_setaffinity(0, {{{core}}})\nwhile True: pass"]
    processes = [subprocess.Popen(command, start_new_session=True) for _ in (0, *more)]  # each has its share
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_time_on_a_core_that_others_have_is_counted_as_ready() -> None:
    with looping(1, 2) as processes:
        start = time.monotonic()
        ready = ready_time_of(processes[0].pid)
        while time.monotonic() - start < 120 and ready.seconds() < 1.5:
            time.sleep(0.05)
        assert 1.5 <= ready.seconds() <= time.monotonic() - start + LONGEST_WAIT
        ready.close()
    assert ready.seconds() >= 1.5


CROWD = """import os, sys
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
for _ in range(8):
    if os.fork() == 0:
        while True: pass
print("there", flush=True)
while True: pass
"""


@pytest.mark.parametrize("neighbours", [0, 3])
def test_what_a_process_s_own_crowd_takes_is_not_counted(neighbours: int) -> None:
    with contextlib.ExitStack() as cleanup:
        crowd = subprocess.Popen([sys.executable, "-c", CROWD], stdout=subprocess.PIPE, start_new_session=True)
        cleanup.callback(crowd.communicate)
        cleanup.callback(os.killpg, crowd.pid, signal.SIGKILL)
        if neighbours:
            cleanup.enter_context(looping(*range(neighbours - 1)))
        assert crowd.stdout.readline()
        family = [crowd.pid, *usage.descendants(crowd.pid)]
        ready, start = ready_time_of(crowd.pid), time.monotonic()
        used = before = sum(map(usage.processor_seconds, family))
        while used - before < 2.25 and time.monotonic() - start < 120:
            time.sleep(0.1)
            used, seconds = sum(map(usage.processor_seconds, family)), ready.seconds()
        others = time.monotonic() - start - (used - before)  # had the core for the rest of the time
        assert seconds < others + 1.5  # and for two seconds it has itself waited for its crowd


STARTS_ANOTHER = """import os, subprocess, sys
core = min(os.sched_getaffinity(0))
command = f"import os; os.sched_setaffinity(0, {{{core}}}); print('there', flush=True)" + "\\nwhile True: pass"
subprocess.run([sys.executable, "-c", command])
"""


def test_a_process_waits_with_one_that_it_started() -> None:
    """`!python script.py` takes as long as the script, and the script waits for other submissions."""
    waiting = subprocess.Popen([sys.executable, "-c", STARTS_ANOTHER], stdout=subprocess.PIPE, start_new_session=True)
    try:
        assert waiting.stdout.readline()
        with looping(1):
            start = time.monotonic()
            ready = ready_time_of(waiting.pid)
            while time.monotonic() - start < 120 and ready.seconds() < 1.5:
                time.sleep(0.3)
            assert 1.5 <= ready.seconds() <= time.monotonic() - start + LONGEST_WAIT
    finally:
        os.killpg(waiting.pid, signal.SIGKILL)
        waiting.communicate()


def test_a_process_that_waits_is_not_ready() -> None:
    sleeper = subprocess.Popen(
        [sys.executable, "-c", "import time; print('there', flush=True); time.sleep(60)"], stdout=subprocess.PIPE
    )
    try:
        assert sleeper.stdout.readline()
        while psutil.Process(sleeper.pid).status() != psutil.STATUS_SLEEPING:
            time.sleep(0.05)  # others may have the core between its last word and its sleep
        ready = ready_time_of(sleeper.pid)
        time.sleep(0.5)
        assert ready.seconds() < 0.1
    finally:
        sleeper.kill()
        sleeper.communicate()


def test_a_chain_of_thousands_of_processes_is_seen_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has started the next: who follows them by recursion sees none of them."""
    monkeypatch.setattr(usage, "children", lambda pid: [pid + 1] if pid < 5000 else [])
    assert list(usage.descendants(1)) == list(range(2, 5001))


def test_what_the_machine_has_left_and_whom_it_has_ended_is_read() -> None:
    assert 1 << 20 < usage.bytes_available() < os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert usage.killed_for_memory() >= 0


def test_a_process_that_is_gone_was_never_ready() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert ready_time_of(gone.pid).seconds() == 0


# ---- cores that this process may use


def system(root: Path, groups: str, files: dict[str, str]) -> Path:
    """Write what the kernel would show below /proc and /sys."""
    for name, text in {
        "proc/self/cgroup": groups,
        **{f"sys/fs/cgroup/{name}": text for name, text in files.items()},
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.fixture
def eight_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(8)))


V1 = "5:devices:/\n4:cpu,cpuacct:/class/one\n0::/\n"


@pytest.mark.parametrize(
    ("groups", "files", "cores"),
    [
        ("0::/class/one\n", {}, 8),
        ("0::/class/one\n", {"class/one/cpu.max": "max 100000\n"}, 8),
        ("0::/class/one\n", {"class/one/cpu.max": "350000 100000\n"}, 3),
        ("0::/class/one\n", {"class/one/cpu.max": "50000 100000\n"}, 1),
        ("0::/class/one\n", {"class/one/cpu.max": "max 100000\n", "class/cpu.max": "200000 100000\n"}, 2),
        ("0::/class/one\n", {"class/one/cpu.max": "1600000 100000\n"}, 8),
        ("0::/\n", {"cpu.max": "200000 100000\n"}, 2),
        ("0::/seen/from/outside\n", {"cpu.max": "200000 100000\n"}, 2),
        (
            V1,
            {"cpu,cpuacct/class/one/cpu.cfs_quota_us": "-1\n", "cpu,cpuacct/class/one/cpu.cfs_period_us": "100000\n"},
            8,
        ),
        (
            V1,
            {"cpu,cpuacct/class/one/cpu.cfs_quota_us": "20000\n", "cpu,cpuacct/class/one/cpu.cfs_period_us": "10000\n"},
            2,
        ),
        (V1, {"cpu/cpu.cfs_quota_us": "300000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 3),
        (V1, {"unified/cpu.max": "400000 100000\n"}, 4),
    ],
)
def test_the_quota_of_a_control_group_bounds_the_cores(
    tmp_path: Path, eight_cores: None, groups: str, files: dict[str, str], cores: int
) -> None:
    assert usable_cores(system(tmp_path, groups, files)) == cores


def test_without_control_groups_the_affinity_counts(tmp_path: Path, eight_cores: None) -> None:
    assert usable_cores(tmp_path) == 8


def test_a_pinned_process_grades_one_submission_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {3})
    assert LocalExecutor().max_workers == 1
    assert LocalExecutor(5).max_workers == 5
