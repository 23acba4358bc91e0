"""The manifest of a unit: what its reference solution does in each test, recorded once and kept beside the records."""

import json
from pathlib import Path

from autograder.errors import GraderError, ReferenceSolutionError, SetupError
from autograder.model.files import write_whole, writing
from autograder.model.outcomes import Result
from autograder.model.units import Unit
from autograder.reading.plan import reference_steps
from autograder.rpc.faults import ProtocolError
from autograder.rpc.rules import Manifest
from autograder.rpc.schema import as_json, read_as
from autograder.running import scores
from autograder.running.executors import Executor
from autograder.running.job import make_job
from autograder.sandbox.limits import Limits

REMEDY = "make room or mend the permissions, then run the same command again"


def kept_manifest(path: Path, key: str, unit: Unit, executor: Executor, limits: Limits) -> Manifest:
    """Return the manifest in a file if it was kept under this key; else record it anew and keep it there.

    `key` names the source and the grader. Raises CourseError where the file cannot be written, ReferenceSolutionError as
    `record_manifest` does.
    """
    manifest = _read(path, key)
    if manifest is None:
        manifest = record_manifest(unit, executor, limits)
        with writing(path, REMEDY):
            write_whole(path, json.dumps({"key": key, "manifest": manifest}, default=as_json), private=True)
    return manifest


def record_manifest(unit: Unit, executor: Executor, limits: Limits) -> Manifest:
    """Run the reference solution and return what it does.

    Raises ReferenceSolutionError where it does not pass a test, GraderError where it could not be run.
    """
    run = executor.run(make_job(unit, reference_steps(unit), None, limits))
    if run.failure is not None:
        raise SetupError(
            f"{unit.name}: nothing can be graded, for no process can be set up for the reference solution ({run.failure}); mend "
            "that and run the same command again"
        )
    if not run.finished and not run.out_of_time:
        last_words = (run.judge_output.strip().splitlines() or ["without a word"])[-1]
        raise GraderError(
            f"{unit.name}: nothing can be graded, for the judge ended while it ran the reference solution ({last_words}); run the "
            "same command again, and look for a test that ends its own process"
        )
    for outcome in scores.outcomes(unit, run):
        if outcome.outcome is not Result.PASSED:
            raise ReferenceSolutionError(
                f"{unit.path}: the reference solution does not pass the test {outcome.grade_id!r} "
                f"({outcome.message}); mend the test or the solution"
            )
    assert run.manifest is not None
    return run.manifest


def _read(path: Path, key: str) -> Manifest | None:
    """Return the manifest that was kept under this key; None where there is none, or the file is damaged."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return read_as(Manifest, kept["manifest"]) if kept["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError, ProtocolError):
        return None
