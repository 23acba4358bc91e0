"""The pipeline of a probe: make variants of each reference answer, run all of them in the judge, keep those that surprise."""

import dataclasses
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from autograder.model.outcomes import Result, TestOutcome
from autograder.model.progress import Progress, no_progress
from autograder.model.units import Kind as CellKind
from autograder.model.units import Unit
from autograder.probing.disguises import disguises
from autograder.probing.equivalents import Equivalent
from autograder.probing.jobs import job_of
from autograder.probing.mimics import mimics
from autograder.probing.mutants import mutants
from autograder.probing.together import batches, caught_together
from autograder.probing.variants import Kind, Lose, Variant
from autograder.rpc.messages import Job
from autograder.rpc.rules import Manifest
from autograder.running import scores
from autograder.running.executors import Executor, several_at_once
from autograder.running.manifest import record_manifest
from autograder.sandbox.limits import Limits


@dataclass(frozen=True)
class Survivor:
    """A variant that the tests did not treat as they should. `passed` and `lost`: the ids of tests."""

    exercise: str
    kind: Kind
    change: str
    diff: str
    passed: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True)
class Probed:
    """What became of a unit's variants. `stale`: entries of the list of equivalents that match no survivor any more."""

    unit: str
    made: dict[str, dict[Kind, int]]  # by exercise; those on the list are not counted
    survivors: tuple[Survivor, ...]
    equivalents: tuple[Survivor, ...]
    stale: tuple[Equivalent, ...]
    seconds: float

    def as_they_should_be(self, exercise: str, kind: Kind) -> int:
        """Return how many variants of a kind the tests treated as they should."""
        surprises = [one for one in self.survivors if one.exercise == exercise and one.kind is kind]
        return self.made[exercise][kind] - len(surprises)

    def summary(self) -> dict[str, Any]:
        """Return what `probe --json` says."""
        return dataclasses.asdict(self)


def probe(unit: Unit, listed: Iterable[Equivalent], executor: Executor, progress: Progress = no_progress) -> Probed:
    """Run every variant of a unit's reference answers; raise ReferenceSolutionError where the reference itself loses a test.

    `listed`: the variants that are known to be equivalent.
    """
    start = time.monotonic()
    progress("starting", 0, 1)
    executor.start()
    variants = list(variants_of(unit))
    manifest = record_manifest(unit, executor, Limits())
    surprises = _surprises(unit, variants, manifest, executor, progress)
    entries = {(entry.exercise, entry.change): entry for entry in listed}
    known = tuple(one for one in surprises if (one.exercise, one.change) in entries)
    used = {(one.exercise, one.change) for one in known}
    return Probed(
        unit.name,
        {exercise: _counts(variants, known, exercise) for exercise in unit.exercises},
        tuple(one for one in surprises if one not in known),
        known,
        tuple(entry for key, entry in entries.items() if key not in used),
        round(time.monotonic() - start, 1),
    )


def variants_of(unit: Unit) -> Iterator[Variant]:
    """Yield every variant of every reference answer."""
    from autograder.release.build import released_sources  # imports nbgrader, which takes a second or two

    released = released_sources(unit)
    for answer in unit.of_kind(CellKind.ANSWER):
        visible = [released[test.id] for test in unit.tests_of(answer.exercise)]
        for variant in (
            *mutants(answer.exercise, answer.source),
            *mimics(answer.exercise, answer.source, visible),
            *disguises(answer.exercise, answer.source),
        ):
            yield dataclasses.replace(variant, cell=answer.id)


def _counts(variants: Iterable[Variant], known: Iterable[Survivor], exercise: str) -> dict[Kind, int]:
    """Return how many variants there are of each kind, without those that are known to be equivalent."""
    made = Counter(variant.kind for variant in variants if variant.exercise == exercise)
    made.subtract(one.kind for one in known if one.exercise == exercise)
    return {kind: made[kind] for kind in Kind}


def _surprises(
    unit: Unit, variants: list[Variant], manifest: Manifest, executor: Executor, progress: Progress
) -> list[Survivor]:
    """Run several variants at once; return what is not as it should be, in the order of the variants."""
    jobs = {variant: job_of(unit, variant, manifest) for variant in variants}
    caught: set[Variant] = set()
    survivors = []
    with several_at_once(executor, len(variants)) as pool:
        for of_batch in pool.map(lambda batch: caught_together(batch, executor), batches(unit, jobs, manifest)):
            caught |= of_batch
            progress("probing", len(caught), len(variants))
        rest = [variant for variant in variants if variant not in caught]
        each = pool.map(lambda variant: _outcomes(unit, variant, jobs[variant], executor), rest)
        for done, (variant, outcomes) in enumerate(zip(rest, each, strict=True), len(caught) + 1):
            progress("probing", done, len(variants))
            if not _as_it_should_be(variant, outcomes):
                survivors.append(_survivor(variant, outcomes))
    return survivors


def _outcomes(unit: Unit, variant: Variant, job: Job, executor: Executor) -> tuple[TestOutcome, ...]:
    """Run one variant by itself; return the outcomes of its exercise's tests."""
    run = executor.run(job)
    return tuple(outcome for outcome in scores.outcomes(unit, run) if outcome.exercise == variant.exercise)


def _as_it_should_be(variant: Variant, outcomes: tuple[TestOutcome, ...]) -> bool:
    passed = [outcome for outcome in outcomes if outcome.outcome is Result.PASSED]
    if variant.lose is Lose.NONE:
        return len(passed) == len(outcomes)
    if variant.kind is Kind.MIMIC and any(outcome not in passed for outcome in outcomes if not outcome.hidden):
        return False  # it was made to pass these
    if variant.lose is Lose.ONE:
        return len(passed) < len(outcomes)
    return not any(outcome.hidden for outcome in passed)


def _survivor(variant: Variant, outcomes: tuple[TestOutcome, ...]) -> Survivor:
    passed = tuple(outcome.grade_id for outcome in outcomes if outcome.outcome is Result.PASSED)
    lost = tuple(outcome.grade_id for outcome in outcomes if outcome.grade_id not in passed)
    return Survivor(variant.exercise, variant.kind, variant.change, variant.diff, passed, lost)
