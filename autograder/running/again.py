"""What several runs of one job come to: whether it has to be run again, with what left out, and which results count. Pure.

The system may kill a submission's processes when memory is short, and an operator by mistake; no student may lose points by it. But the
end of a process looks the same whoever caused it, and an answer may end its own to get another try.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from autograder.model.outcomes import ENDED, Result, weakest
from autograder.rpc.messages import Job, TestEnded
from autograder.running.forked import OVERDUE
from autograder.running.readable import as_first_said, met_hidden_test
from autograder.running.run import Run

MAX_RUNS = 3  # of one job whose processes are killed or cannot be made


@dataclass
class Runs:
    """The runs of one job so far."""

    job: Job
    _first: Run | None = field(init=False, default=None)  # to meet a hidden test
    _cut_short: list[Run] = field(init=False, default_factory=list)
    # Tests that fail in any case, as they first ended.
    _failed: dict[str, TestEnded] = field(init=False, default_factory=dict)
    # Exercises in whose tests a judge has ended without a word.
    _unsurvived: list[str] = field(init=False, default_factory=list)
    _given_up: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self._given_up = [*self.job.given_up]

    def next_job(self) -> Job:
        """Return the job as it is to be run next."""
        return replace(self.job, silent=self.job.silent or self._first is not None, given_up=tuple(self._given_up))

    @property
    def next_is_alone(self) -> bool:
        """Whether the job's next run is to be made while no other job runs, since another may have taken what the last one lacked.

        Without that, a submission that fills the machine could make the judge of its neighbour end twice at the same place.
        """
        return bool(self._cut_short) and _may_be_anothers_doing(self._cut_short[-1])

    def note(self, run: Run, counts: bool = True) -> bool:
        """Take note of a run; return whether the job has to be run again. `counts`: whether that is one of MAX_RUNS."""
        if self._first is None and met_hidden_test(self.job, run):
            self._first = run
        for test in run.failed_for_sure:
            self._failed.setdefault(test, run.tests[test])
        if not counts or self._gives_up(run):
            return True
        if not _has_to_be_run_again(run, self._cut_short):
            return False
        self._cut_short.append(run)
        return True

    def result(self, run: Run) -> Run:
        """Return the last run, with the words that the first one had for students, and without what only another try has won."""
        if self._first is not None and self._first is not run:
            run = as_first_said(self._first, run, self.job.shown)
        lost = {name: test for name, test in self._failed.items() if name in run.tests}
        ran = [other for other in self._cut_short if other.students and not other.ran_nothing]
        held = weakest(run.isolation, *(other.isolation for other in ran))
        return replace(run, tests={**run.tests, **lost}, isolation=held, given_up=tuple(self._given_up))

    def _gives_up(self, run: Run) -> bool:
        """Whether an exercise is left out from now on, since no judge survives its tests: the others are to have theirs."""
        if self.job.manifest is None or run.failure is not None or run.finished or run.out_of_time:
            return False
        exercise = _exercise_at(self.job, run)
        overdue = OVERDUE in run.judge_output
        if not exercise or exercise in self._given_up or (run.judge_output and not overdue):
            return False
        if not overdue and exercise not in self._unsurvived:
            self._unsurvived.append(exercise)
            return False
        self._given_up.append(exercise)
        return True


def _exercise_at(job: Job, run: Run) -> str:
    """Return the exercise of the first test that a run has not come to the end of; empty where there is none."""
    tests = (step for steps in job.passes for step in steps if step.run == "test")
    return next((step.exercise for step in tests if step.id not in run.tests), "")


def _has_to_be_run_again(run: Run, earlier: Sequence[Run]) -> bool:
    """Whether a process of this run could not be made, or may have been killed from outside.

    A judge that ends by itself says why. The end of a student's process looks the same whether its own code caused it or not:
    it is believed once two runs end at the same places.
    """
    if len(earlier) >= MAX_RUNS - 1:
        return False
    if run.failure is not None:
        return True
    if not run.finished:
        return not run.out_of_time and not run.judge_output
    ends = _ends(run)
    seen = [_ends(other) for other in earlier if other.finished]
    return bool(ends) and ends not in seen and not run.out_of_memory


def _may_be_anothers_doing(run: Run) -> bool:
    """Whether a run that is to be made again may have lacked what other submissions held: memory, or room for processes."""
    return run.failure is not None or not run.finished or run.memory_was_short


def _ends(run: Run) -> set[str]:
    """Return the ids of the cells and tests in which a student's process ended."""
    cells = {cell for cell, error in run.cell_errors.items() if error == ENDED}
    return cells | run.ended | {name for name, test in run.tests.items() if test.result is Result.CRASHED}
