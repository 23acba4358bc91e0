"""Where jobs run: on this machine, or on the workers of a Dask cluster. Either way a job goes in and a `Run` comes out."""

import os
import threading
from concurrent.futures import CancelledError
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Protocol

from autograder.errors import CourseError
from autograder.runner import Run, Zygote, run_job
from autograder.sandbox import Limits
from autograder.version import grader_digest

if TYPE_CHECKING:
    from distributed import Client

PATIENCE = 30.0  # seconds to find the scheduler and a first worker
TRIES = 3  # more workers that a job is given to when one is lost half-way


class Engine(Protocol):
    """Runs jobs, from several threads at once."""

    at_once: int

    def run(self, job: dict[str, Any], limits: Limits) -> Run:
        """Run one submission's cells and tests."""

    def close(self) -> None:
        """End what was started."""


class Local:
    """This machine: one warm process, from which every judge and student is forked."""

    def __init__(self, workers: int | None = None) -> None:
        self.at_once = workers or os.cpu_count() or 1
        self._zygote = Zygote()

    def run(self, job: dict[str, Any], limits: Limits) -> Run:
        """Run one submission's cells and tests here."""
        return run_job(self._zygote, job, limits)

    def close(self) -> None:
        """End the warm process."""
        self._zygote.close()


class Cluster:
    """The workers of a Dask cluster, each with a warm process of its own.

    A worker needs this package and the course in the same version, and nothing else: notebooks are read and records written
    where `grade` was called. A job whose worker is lost goes to another one.
    """

    def __init__(self, address: str, workers: int | None = None) -> None:
        self.address = address
        self._client = _connect(address)
        threads = sum(self._client.nthreads().values())
        self.at_once = workers or 2 * threads  # so that no worker waits for this machine to read the next notebook

    def run(self, job: dict[str, Any], limits: Limits) -> Run:
        """Run one submission's cells and tests on some worker."""
        try:
            future = self._client.submit(_run_on_worker, job, limits, self._version, pure=False, retries=TRIES)
            return future.result()
        except (OSError, CancelledError, self._lost) as error:
            raise CourseError(
                f"{self.address}: the cluster is gone ({_first_line(error)}); what was graded is kept: mend it and run the "
                "same command again"
            ) from error

    def close(self) -> None:
        """Leave the cluster as it is."""
        self._client.close()

    @cached_property
    def _version(self) -> str:
        return grader_digest()

    @cached_property
    def _lost(self) -> type[Exception]:
        from distributed import KilledWorker

        return KilledWorker


def _connect(address: str) -> "Client":
    try:
        from distributed import Client
    except ImportError as error:
        raise CourseError(
            "--scheduler needs Dask here and on every worker; run there, in the course folder: pip install '.[cluster]'"
        ) from error
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise CourseError(
            f"{address}: no Dask scheduler answers ({_first_line(error)}); start one with `dask scheduler` and give its address"
        ) from error
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError as error:
        client.close()
        raise CourseError(f"{address}: no worker there; start some with `dask worker {address}`") from error
    return client


# ---- on a worker

_own_version = cache(grader_digest)
_lock = threading.Lock()
_zygotes: dict[str, Zygote] = {}


def _run_on_worker(job: dict[str, Any], limits: Limits, version: str) -> Run:
    if _own_version() != version:
        raise CourseError(
            "a worker of the cluster has another version of the grader, the course or torch; make them alike"
        )
    return run_job(_zygote(), job, limits)


def _zygote() -> Zygote:
    """The warm process of this worker, started with its first job and ended with it."""
    with _lock:
        if "warm" not in _zygotes:
            _zygotes["warm"] = Zygote()
        return _zygotes["warm"]


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
