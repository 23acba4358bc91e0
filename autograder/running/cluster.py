"""Run jobs on the workers of a Dask cluster, each of which has a warm process of its own.

A worker needs this package and the course in the same version as here, and nothing else: notebooks are read and records written
on the machine where `grade` was called.
"""

import ipaddress
import threading
from collections.abc import Sequence
from concurrent.futures import CancelledError
from functools import cache
from typing import TYPE_CHECKING, Self

from autograder.errors import CourseError
from autograder.model.text import first_line
from autograder.model.version import grader_digest
from autograder.rpc.messages import Job
from autograder.running.executors import LocalExecutor
from autograder.running.run import Run

if TYPE_CHECKING:
    from distributed import Client

SAFE_SCHEMES = ("tls", "wss", "inproc")
CONNECT_SECONDS = 30.0  # in which the scheduler must answer, and then a first worker
RETRIES = 3  # on other workers, of a job whose worker was lost
JOBS_PER_THREAD = 2  # so that no worker waits until this machine has read the next notebook

own_version = cache(grader_digest)


def is_open_to_others(address: str) -> bool:
    """Whether others on the network can read and change what goes to a scheduler: it is neither on this machine nor behind TLS."""
    scheme, _, rest = address.rpartition("://")
    host = rest.rpartition(":")[0].strip("[]") or rest
    if scheme in SAFE_SCHEMES or host == "localhost":
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name
        return True


class ClusterExecutor:
    """The workers of a Dask cluster. A job whose worker is lost is given to another one."""

    def __init__(self, address: str, max_workers: int | None = None) -> None:
        self.address = address
        self._max_workers = max_workers
        self._lock = threading.Lock()
        self._client: Client | None = None

    @property
    def max_workers(self) -> int:
        """How many jobs are given to the cluster at once."""
        return self._max_workers or JOBS_PER_THREAD * sum(self._connected().nthreads().values())

    def start(self) -> None:
        """Connect to the cluster; raises CourseError where it does not answer."""
        self._connected()

    def run(self, job: Job, contents: Sequence[bytes] = ()) -> Run:
        """Run one submission's cells and tests on some worker; raises CourseError where the cluster is gone."""
        from distributed import KilledWorker

        client = self._connected()
        try:
            future = client.submit(_run_on_worker, job, contents, own_version(), pure=False, retries=RETRIES)
            run: Run = future.result()
        except (OSError, CancelledError, KilledWorker) as error:
            raise CourseError(
                f"{self.address}: the cluster is gone ({first_line(error)}); what was graded is kept: mend it and run the "
                "same command again"
            ) from error
        return run

    def shutdown(self) -> None:
        """Leave the cluster as it is."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.shutdown()

    def _connected(self) -> "Client":
        with self._lock:
            if self._client is None:
                self._client = _connect(self.address)
            return self._client


def _connect(address: str) -> "Client":
    try:
        from distributed import Client
    except ImportError as error:
        raise CourseError(
            "--scheduler needs Dask here and on every worker; run there, in the course folder: pip install '.[cluster]'"
        ) from error
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise CourseError(
            f"{address}: no Dask scheduler answers ({first_line(error)}); start one with `dask scheduler` and give its address"
        ) from error
    try:
        client.wait_for_workers(1, timeout=CONNECT_SECONDS)
    except TimeoutError as error:
        client.close()
        raise CourseError(f"{address}: no worker there; start some with `dask worker {address}`") from error
    return client


# ---- on a worker

_lock = threading.Lock()
_executors: list[LocalExecutor] = []  # at most one: of this worker, started with its first job and ended with it


def _run_on_worker(job: Job, contents: Sequence[bytes], version: str) -> Run:
    if own_version() != version:
        raise CourseError(
            "a worker of the cluster has another version of the grader, the course or torch; make them alike"
        )
    return _executor_of_worker().run(job, contents)


def _executor_of_worker() -> LocalExecutor:
    with _lock:
        if not _executors:
            _executors.append(LocalExecutor())
        return _executors[0]
