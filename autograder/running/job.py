"""The job that a judge is given: the only place where one is put together."""

from collections.abc import Iterable

from autograder.model.units import Unit
from autograder.reading.plan import Step, passes
from autograder.rpc.messages import Job
from autograder.rpc.rules import Manifest
from autograder.sandbox.limits import Limits


def make_job(
    unit: Unit, steps: Iterable[Step], manifest: Manifest | None, limits: Limits, files: Iterable[str] = ()
) -> Job:
    """Return what a judge needs to run these steps. Without a manifest, the judge records one: the steps are the reference's.

    `files`: the names of the files that were handed in; their contents go with the job, in this order.
    """
    files = tuple(files)
    return Job(
        passes=tuple(map(tuple, passes(unit, steps, files))),
        manifest=manifest,
        answers=tuple(sorted(unit.answer_names)),
        limits=limits,
        shown=tuple(test.id for test in unit.tests if not test.hidden),
        files={name: number for number, name in enumerate(files)},
    )
