"""Run many variants one after the other in one student's process: most of what a variant costs is a process of its own.

Only what is sure is said here: a variant is caught if it lost a test, and the reference, run last in the same process, lost none, so no
variant has left anything behind that makes right answers wrong. Every other variant is to be run by itself.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from autograder.model.outcomes import Result
from autograder.model.units import Unit
from autograder.probing.jobs import job_of_reference
from autograder.probing.variants import Kind, Lose, Variant
from autograder.reading.plan import Step
from autograder.rpc.messages import Job, TestEnded
from autograder.rpc.rules import Manifest
from autograder.running.executors import Executor

SIZE = 20  # variants in one process
ROUNDS = SIZE  # of one batch, each without the variants that broke the process in the one before: to run all by themselves takes longer
# The end of a process and too little memory can have causes outside.
SURE = (Result.FAILED, Result.RAISED, Result.UNANSWERED, Result.INTERFACE, Result.TIMEOUT)

Steps = tuple[Step, ...]


@dataclass(frozen=True)
class Batch:
    """Variants that need the same cells above them. `trials`: each one's steps from its own cell on; `reference`: the reference's."""

    above: Job
    trials: Mapping[Variant, Steps]
    reference: Steps
    hidden: frozenset[str]  # the ids of hidden tests


def batches(unit: Unit, jobs: Mapping[Variant, Job], manifest: Manifest) -> Iterator[Batch]:
    """Yield those variants that have to lose one test only, and need no cells that the reference does not need."""
    alike: dict[tuple[Kind, str, Steps], dict[Variant, Steps]] = defaultdict(dict)
    for variant, job in jobs.items():
        if variant.lose is Lose.ONE and len(job.passes) == 1:
            cell = variant.cell or variant.exercise
            above, trial = _parted(job.passes[0], cell)
            alike[variant.kind, cell, above][variant] = trial
    hidden = frozenset(test.id for test in unit.tests if test.hidden)
    for (_, cell, above), trials in alike.items():
        first = next(iter(trials))
        reference = job_of_reference(unit, first.exercise, manifest, jobs[first].limits)
        if len(reference.passes) == 1 and _parted(reference.passes[0], cell)[0] == above:
            job = dataclasses.replace(reference, passes=(above,))
            variants = list(trials)
            for start in range(0, len(variants), SIZE):
                part = {variant: trials[variant] for variant in variants[start : start + SIZE]}
                yield Batch(job, part, _parted(reference.passes[0], cell)[1], hidden)


def _parted(steps: Steps, cell: str) -> tuple[Steps, Steps]:
    """Return the steps above a cell, and those from it on."""
    place = next(place for place, step in enumerate(steps) if step.id == cell)
    return steps[:place], steps[place:]


def caught_together(batch: Batch, executor: Executor) -> set[Variant]:
    """Run a batch; return the variants that are surely caught."""
    left = list(batch.trials)
    caught: set[Variant] = set()
    for _ in range(ROUNDS):
        trials = (*(batch.trials[variant] for variant in left), batch.reference)
        run = executor.run(dataclasses.replace(batch.above, trials=trials))
        ended = [list(run.trials.get(number, {}).values()) for number in range(len(trials))]
        seen = {
            variant for variant, tests in zip(left, ended, strict=False) if _is_caught(variant, tests, batch.hidden)
        }
        if not run.finished:
            break
        if ended[-1]:
            return caught | seen if _all_passed(ended[-1], batch.reference) else set()
        # The process was broken by the last variant with a report, or by the one after it, whose cell did not come to its end.
        silent = next(number for number, tests in enumerate(ended) if not tests)
        broke = left[max(silent - 1, 0) : silent + 1]
        caught |= seen.intersection(broke)
        left = [variant for variant in left if variant not in broke]
    return set()


def _is_caught(variant: Variant, tests: list[TestEnded], hidden: frozenset[str]) -> bool:
    """Return whether the last test was lost as it should be: for a mimic that is a hidden one, for it was made to pass the others."""
    return bool(tests) and tests[-1].result in SURE and (variant.kind is Kind.MUTANT or tests[-1].id in hidden)


def _all_passed(tests: list[TestEnded], steps: Steps) -> bool:
    return [test.id for test in tests if test.result is Result.PASSED] == [
        step.id for step in steps if step.run == "test"
    ]
