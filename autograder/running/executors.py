"""Where jobs are run. An executor takes a job and returns a `Run`; this one is for this machine, `cluster.py` has one for Dask."""

import threading
from collections.abc import Sequence
from typing import Protocol, Self

from autograder.errors import GraderError
from autograder.model.outcomes import ENDED, Result
from autograder.rpc.messages import Job
from autograder.running.processes import Zygote
from autograder.running.run import Run, run_job
from autograder.sandbox.usage import usable_cores

MAX_RUNS = 3  # of one job whose processes are killed
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


class LocalExecutor:
    """This machine: every judge and student's process is forked from one warm process, or from the next when that was killed."""

    def __init__(self, max_workers: int | None = None) -> None:
        self.max_workers = max_workers or usable_cores()
        self._lock = threading.Lock()
        self._zygote: Zygote | None = None
        self._deaths = 0  # since a job was last finished

    @property
    def zygote(self) -> Zygote:
        """The warm process, started when it is first asked for."""
        with self._lock:
            if self._zygote is None:
                self._zygote = Zygote()
            return self._zygote

    def start(self) -> None:
        """Start the warm process, which takes seconds to warm up; do nothing where it has been started."""
        _ = self.zygote

    def run(self, job: Job, contents: Sequence[bytes] = ()) -> Run:
        """Run one submission's cells and tests, again where its processes were killed from outside.

        The system does that when memory is short, or an operator by mistake; no student may lose points by it. Raises
        GraderError where the warm process dies again and again.
        """
        cut_short: list[Run] = []
        while True:
            run = self._try(job, contents)
            if run is not None:
                if not _may_be_cut_short(run, cut_short):
                    return run
                cut_short.append(run)

    def shutdown(self) -> None:
        """End the warm process and all that was forked from it."""
        with self._lock:
            if self._zygote is not None:
                self._zygote.close()
                self._zygote = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.shutdown()

    def _try(self, job: Job, contents: Sequence[bytes]) -> Run | None:
        """Run a job once; return None where the warm process was gone."""
        zygote = self.zygote
        try:
            run = run_job(zygote, job, contents)
        except GraderError as error:
            self._replace(zygote, error)
            return None
        self._deaths = 0 if run.finished else self._deaths
        return run

    def _replace(self, dead: Zygote, error: GraderError) -> None:
        with self._lock:
            if self._zygote is dead:
                self._deaths += 1
                if self._deaths >= MAX_DEATHS:
                    raise error
                dead.close()
                self._zygote = Zygote()


def _may_be_cut_short(run: Run, earlier: list[Run]) -> bool:
    """Whether a process of this run may have been killed from outside, so that the job has to be run again.

    A judge that ends by itself says why. The end of a student's process looks the same whether its own code caused it or not:
    it is believed once two runs end at the same places.
    """
    if len(earlier) >= MAX_RUNS - 1:
        return False
    if not run.finished:
        return not run.out_of_time and not run.judge_output
    ends = _ends(run)
    seen = [_ends(other) for other in earlier if other.finished]
    return bool(ends) and ends not in seen and not run.out_of_memory


def _ends(run: Run) -> set[str]:
    """Return the ids of the cells and tests in which a student's process ended."""
    cells = {cell for cell, error in run.cell_errors.items() if error == ENDED}
    return cells | run.ended | {name for name, test in run.tests.items() if test.result is Result.CRASHED}
