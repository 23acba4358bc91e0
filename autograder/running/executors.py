"""Where jobs run: on this machine, or on the workers of a Dask cluster. Either way a job goes in and a `Run` comes out."""

import os
import threading
from concurrent.futures import CancelledError
from functools import cache, cached_property
from typing import TYPE_CHECKING, Protocol

from autograder.errors import CourseError, GraderError
from autograder.model.outcomes import ENDED, Result
from autograder.model.version import grader_digest
from autograder.rpc.messages import Job
from autograder.running.processes import Zygote
from autograder.running.run import Run, run_job

if TYPE_CHECKING:
    from distributed import Client

PATIENCE = 30.0  # seconds to find the scheduler and a first worker
TRIES = 3  # more workers that a job is given to when one is lost half-way; runs of a job whose processes are killed
DEATHS = 5  # of the warm process, one after the other and no job done between them
QUICK = 10.0  # seconds: a job that ends its own process sooner is run again to see whether it does so again


class Engine(Protocol):
    """Runs jobs, from several threads at once."""

    at_once: int

    def run(self, job: Job) -> Run:
        """Run one submission's cells and tests."""

    def close(self) -> None:
        """End what was started."""


class Local:
    """This machine: one warm process, from which every judge and student is forked."""

    def __init__(self, workers: int | None = None, optimizers: bool = True) -> None:
        """`optimizers`: whether to warm them up, see `processes.Zygote`."""
        self.at_once = workers or os.cpu_count() or 1
        self._warm = Warm(optimizers)

    def run(self, job: Job) -> Run:
        """Run one submission's cells and tests here."""
        return self._warm.run(job)

    def close(self) -> None:
        """End the warm process."""
        self._warm.close()


class Warm:
    """A warm process, and another when it is killed. Safe to use from several threads."""

    def __init__(self, optimizers: bool = True) -> None:
        self._lock = threading.Lock()
        self._optimizers = optimizers
        self._zygote = Zygote(optimizers=optimizers)
        self._deaths = 0  # since a job last came to its end

    def run(self, job: Job) -> Run:
        """Run one submission's cells and tests, again where its processes were killed from outside.

        The system does that when memory is short, an operator by mistake; it must cost no student points. Raises GraderError
        where the warm process dies again and again.
        """
        earlier: list[Run] = []
        while True:
            run = self._try(job)
            if run is not None:
                if not _cut_short(run, earlier):
                    return run
                earlier.append(run)

    def close(self) -> None:
        """End it."""
        self._zygote.close()

    def _try(self, job: Job) -> Run | None:
        """One run; None where the warm process was gone."""
        zygote = self._zygote
        try:
            run = run_job(zygote, job)
        except GraderError as error:
            self._replace(zygote, error)
            return None
        self._deaths = 0 if run.finished else self._deaths
        return run

    def _replace(self, dead: Zygote, error: GraderError) -> None:
        with self._lock:
            if self._zygote is dead:
                self._deaths += 1
                if self._deaths >= DEATHS:
                    raise error
                dead.close()
                self._zygote = Zygote(optimizers=self._optimizers)


def _cut_short(run: Run, earlier: list[Run]) -> bool:
    """Whether a process of this run may have been killed from outside.

    A judge that ends by itself says why. A student's process that ends cannot be told from one that was killed, so it is
    believed when it ends twice at the same places; not asked again of those that use up time first.
    """
    if len(earlier) >= TRIES - 1:
        return False
    if not run.finished:
        return not run.out_of_time and not run.judge_output
    ended = _ended(run)
    seen = [_ended(other) for other in earlier if other.finished]
    return bool(ended) and ended not in seen and not run.out_of_memory and run.seconds < QUICK


def _ended(run: Run) -> set[str]:
    """The cells and tests in which a student's process ended."""
    cells = {cell for cell, error in run.cell_errors.items() if error == ENDED}
    return cells | {name for name, test in run.tests.items() if test.result is Result.CRASHED}


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

    def run(self, job: Job) -> Run:
        """Run one submission's cells and tests on some worker."""
        try:
            future = self._client.submit(_run_on_worker, job, self._version, pure=False, retries=TRIES)
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
_kept: dict[str, Warm] = {}


def _run_on_worker(job: Job, version: str) -> Run:
    if _own_version() != version:
        raise CourseError(
            "a worker of the cluster has another version of the grader, the course or torch; make them alike"
        )
    return _warm().run(job)


def _warm() -> Warm:
    """The warm process of this worker, started with its first job and ended with it."""
    with _lock:
        if "warm" not in _kept:
            _kept["warm"] = Warm()
        return _kept["warm"]


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
