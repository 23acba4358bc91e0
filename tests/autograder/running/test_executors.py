"""A Dask cluster of one scheduler and two workers on this machine: the same records, also when a worker is lost."""

import dataclasses
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from autograder.errors import CourseError
from autograder.grade import grade
from autograder.model.records import Record
from autograder.model.units import load_unit
from autograder.release.build import released
from autograder.rpc.messages import Job
from autograder.running.cluster import ClusterExecutor
from autograder.running.executors import LocalExecutor
from autograder.sandbox.limits import Limits
from tests.autograder.small_unit import NAME, RIGHT, hand_in, write_unit

PATIENCE = 300  # seconds that two workers may take to start on a busy machine
SLOW = "import time\ndef double(x):\n    time.sleep(0.4)\n    return 2 * x"


@dataclass(frozen=True)
class Running:
    """A cluster and the processes of its workers."""

    address: str
    workers: list[subprocess.Popen]
    scratch: Path


def dask(*arguments: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "dask", *arguments, "--no-dashboard"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A scheduler, and no workers yet."""
    folder = tmp_path_factory.mktemp("cluster")
    where = folder / "scheduler.json"
    scheduler = dask("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(where))
    workers: list[subprocess.Popen] = []
    try:
        deadline = time.monotonic() + PATIENCE
        while not where.exists() or not where.read_text():
            assert scheduler.poll() is None, "the scheduler ended"
            assert time.monotonic() < deadline, "the scheduler did not start"
            time.sleep(0.1)
        yield Running(json.loads(where.read_text())["address"], workers, folder)
    finally:
        for process in (*workers, scheduler):
            end(process)


@pytest.fixture
def cluster(started: Running) -> Running:
    """The cluster with two workers; one that a test has ended is replaced."""
    started.workers[:] = [worker for worker in started.workers if worker.poll() is None]
    while len(started.workers) < 2:
        options = ["--nthreads", "1", "--no-nanny", "--local-directory", str(started.scratch)]
        started.workers.append(dask("worker", started.address, *options))
    wait_for_workers(started.address, 2)
    return started


def wait_for_workers(address: str, count: int) -> None:
    from distributed import Client

    with Client(address, timeout=PATIENCE, set_as_default=False) as client:
        client.wait_for_workers(count, timeout=PATIENCE)


def end(process: subprocess.Popen) -> None:
    process.kill()
    process.wait()


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path / "course"
    write_unit(folder)
    release = released(load_unit(folder, NAME))
    for number in range(12):
        answers = RIGHT | {"double": SLOW if number % 3 else "def double(x):\n    return 4"}
        hand_in(folder, f"s{number:02}", release, answers)
    hand_in(folder, "torn", release, RIGHT).write_text("{")
    return folder


def grade_on(cluster: Running, course: Path, **options: Any) -> list[Record]:
    with ClusterExecutor(cluster.address) as executor:
        return grade(course, NAME, executor=executor, **options)


def untimed(records: list[Record]) -> list[Record]:
    return [
        dataclasses.replace(r, seconds=0, tests=tuple(dataclasses.replace(t, seconds=0) for t in r.tests))
        for r in records
    ]


def test_a_cluster_gives_the_same_records(cluster: Running, course: Path, executor: LocalExecutor) -> None:
    here = grade(course, NAME, executor=executor)
    there = grade_on(cluster, course, force=True)
    assert untimed(there) == untimed(here)
    assert {record.score for record in there} == {0, 14, 20}


def test_a_worker_lost_half_way_costs_nobody_anything_and_leaves_no_process_behind(
    cluster: Running, course: Path, executor: LocalExecutor
) -> None:
    graded = 0
    warm: list[psutil.Process] = []

    def kill_one(what: str, done: int, _total: int) -> None:
        nonlocal graded
        if what == "grading":
            graded += 1
            if graded == 3:
                warm.extend(started_by(cluster.workers[0]))
                end(cluster.workers[0])

    there = grade_on(cluster, course, progress=kill_one)
    assert cluster.workers[0].poll() is not None
    _gone, alive = psutil.wait_procs(warm, timeout=PATIENCE)
    assert not alive
    assert untimed(there) == untimed(grade(course, NAME, force=True, executor=executor))


def started_by(worker: subprocess.Popen) -> list[psutil.Process]:
    """What a worker has started for its jobs, once it has."""
    deadline = time.monotonic() + PATIENCE
    while not (started := psutil.Process(worker.pid).children(recursive=True)):
        assert time.monotonic() < deadline, "the worker starts nothing"
        time.sleep(0.1)
    return started


def test_without_a_scheduler_that_is_said(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.running.cluster.CONNECT_SECONDS", 0.5)
    with (
        ClusterExecutor("tcp://127.0.0.1:9") as executor,
        pytest.raises(CourseError, match=r"tcp://127.0.0.1:9: no Dask scheduler answers .* start one with `dask sched"),
    ):
        grade(course, NAME, executor=executor)


def test_a_worker_of_another_version_is_refused(cluster: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.running.cluster.own_version", lambda: "another")
    with ClusterExecutor(cluster.address) as executor, pytest.raises(CourseError, match="another version"):
        executor.run(Job((), None, (), Limits()))


def test_the_command_line_takes_an_address(cluster: Running, course: Path) -> None:
    command = [sys.executable, "-m", "autograder", "grade", NAME, "--scheduler", cluster.address]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert "13 submissions graded; 1 could not be read" in done.stdout
