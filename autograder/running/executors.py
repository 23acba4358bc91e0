"""Where jobs are run. An executor takes a job and returns a `Run`; this one is for this machine, `cluster.py` has one for Dask."""

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, Self

from autograder.errors import GraderError, SetupError
from autograder.rpc.messages import Job
from autograder.running.again import Runs
from autograder.running.processes import Zygote
from autograder.running.run import Run, run_job
from autograder.running.turns import Turns
from autograder.sandbox.usage import killed_for_memory, usable_cores

SECONDS_TO_RECOVER = 1.0  # for a system that could not make a process, before it is asked again
ENDED = "the grader was stopped; run the same command again: it goes on from there"
MAX_DEATHS = 5  # of the warm process, without a finished job between them


class Executor(Protocol):
    """Runs jobs, one in each thread that calls it. A context manager that starts nothing before it has to."""

    @property
    def max_workers(self) -> int:
        """How many jobs it runs at once."""

    def start(self) -> None:
        """Start what jobs need, without waiting for it; do nothing where that has been started."""

    def run(self, job: Job, contents: Sequence[bytes] = ()) -> Run:
        """Run one submission's cells and tests. `contents`: those of the job's files."""

    def shutdown(self) -> None:
        """End what was started."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...


@contextlib.contextmanager
def several_at_once(executor: Executor, most: int) -> Iterator[ThreadPoolExecutor]:
    """Threads for `most` jobs of an executor at once; where the block ends with an error, those that wait are not begun.

    Ctrl-C anywhere in the block ends the executor and what runs with it: else the jobs that run would be waited for. A generator must not
    yield from within the block, for Ctrl-C in the code that takes what it yields does not reach the block.
    """
    pool = ThreadPoolExecutor(max_workers=max(1, min(executor.max_workers, most)))
    try:
        yield pool
    except KeyboardInterrupt:
        executor.shutdown()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


class LocalExecutor:
    """This machine: every judge and student's process is forked from one warm process, or from the next when that was killed."""

    def __init__(self, max_workers: int | None = None) -> None:
        self.max_workers = max_workers or usable_cores()
        self._lock = threading.Lock()
        self._zygote: Zygote | None = None
        self._deaths = 0  # since a job was last finished
        self._turns = Turns()
        self._closed = False

    @property
    def zygote(self) -> Zygote:
        """The warm process, started when it is first asked for; GraderError where this executor has been shut down."""
        with self._lock:
            if self._closed:
                raise GraderError(ENDED)
            if self._zygote is None:
                self._zygote = Zygote()
            return self._zygote

    def start(self) -> None:
        """Start the warm process, which takes seconds to warm up; do nothing where it has been started."""
        _ = self.zygote

    def run(self, job: Job, contents: Sequence[bytes] = ()) -> Run:
        """Run one submission's cells and tests, again where its processes were killed from outside or could not be made.

        Where another submission may have taken what this one lacked, that is done while no other runs.
        Where no process can be made even then, the run that comes back says why. Raises GraderError where the warm process dies again
        and again.
        """
        runs = Runs(job)
        while True:
            run = self._try(runs.next_job(), contents, alone=runs.next_is_alone)
            warm_process_died = run.failure is not None and not isinstance(run.failure, SetupError)
            if not runs.note(run, counts=not warm_process_died):
                return runs.result(run)
            if run.failure is not None and not warm_process_died:
                time.sleep(SECONDS_TO_RECOVER)

    def shutdown(self) -> None:
        """End the warm process and all that was forked from it."""
        with self._lock:
            self._closed = True
            if self._zygote is not None:
                self._zygote.close()
                self._zygote = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.shutdown()

    def _try(self, job: Job, contents: Sequence[bytes], alone: bool) -> Run:
        """Run a job once, beside others or `alone`. Where the warm process is gone, have another in its place."""
        with self._turns.alone() if alone else self._turns.beside_others():
            zygote, killed = self.zygote, killed_for_memory()
            run = run_job(zygote, job, contents)
            run.memory_was_short = killed_for_memory() != killed
        if run.failure is not None and not isinstance(run.failure, SetupError):
            self._replace(zygote, run.failure)
        self._deaths = 0 if run.finished else self._deaths
        return run

    def _replace(self, dead: Zygote, error: GraderError) -> None:
        with self._lock:
            if self._zygote is dead and not self._closed:
                self._deaths += 1
                if self._deaths >= MAX_DEATHS:
                    raise error
                dead.close()
                self._zygote = Zygote()
