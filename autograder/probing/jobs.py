"""The job of one variant: which cells are run with it, and what it may spend. Runs nothing."""

import dataclasses

from autograder.model.units import Unit
from autograder.probing.alone import steps_alone, with_variant
from autograder.probing.variants import Kind, Lose, Variant
from autograder.rpc.messages import Job
from autograder.rpc.rules import Manifest
from autograder.running.job import make_job
from autograder.sandbox.limits import Limits, limits_with

LEAST_SECONDS = 1.0  # what a mutant's test may take; an endless one costs that
TIMES = 20  # so many times what the slowest test of the exercise takes with the reference solution


def job_of(unit: Unit, variant: Variant, manifest: Manifest) -> Job:
    """Return the job of one variant.

    What is planted in an answer looks as if it might use anything, and then every cell of the lesson would be run: which cells have to
    run is read off the reference.
    """
    steps = tuple(steps_alone(unit, variant.exercise))
    limits = _limits(unit, variant, manifest)
    if variant.kind is Kind.MUTANT or variant.helper:
        job = make_job(unit, with_variant(steps, variant), manifest, limits)
    else:
        job = make_job(unit, steps, manifest, limits)
        job = dataclasses.replace(job, passes=tuple(tuple(with_variant(steps, variant)) for steps in job.passes))
    return dataclasses.replace(job, until_lost=variant.lose is Lose.ONE)


def job_of_reference(unit: Unit, exercise: str, manifest: Manifest, limits: Limits) -> Job:
    """Return the job in which the reference answers this exercise."""
    return make_job(unit, steps_alone(unit, exercise), manifest, limits)


def _limits(unit: Unit, variant: Variant, manifest: Manifest) -> Limits:
    """Return what a variant may spend: a mutant little, for some never end."""
    if variant.kind is not Kind.MUTANT:
        return Limits()
    slowest = max(manifest.seconds[test.id] for test in unit.tests_of(variant.exercise))
    return limits_with(float(round(max(LEAST_SECONDS, TIMES * slowest))))
