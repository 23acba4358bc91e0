"""The manifest of a unit: what its reference solution does in each test, recorded once and kept beside the records."""

import json
from pathlib import Path

from autograder.errors import GraderError, ReferenceSolutionError, SetupError
from autograder.model.files import read_json, write_whole, writing
from autograder.model.outcomes import Result, TestOutcome
from autograder.model.records import records_folder
from autograder.model.units import Unit
from autograder.model.version import grader_digest
from autograder.reading.plan import reference_steps
from autograder.rpc.faults import ProtocolError
from autograder.rpc.rules import Manifest
from autograder.rpc.schema import as_json, read_as
from autograder.running import scores
from autograder.running.executors import Executor
from autograder.running.job import make_job
from autograder.sandbox.limits import Limits

REMEDY = "make room or mend the permissions, then run the same command again"


def grader_version(limits: Limits) -> str:
    """Return what a grade depends on beside unit and submission: the grader, and what a submission may spend."""
    version = grader_digest()
    # What ran out of time under other limits may not do so under these.
    return version if limits == Limits() else f"{version} {limits.cell_seconds:g} s"


def kept_manifest(course: Path, unit: Unit, version: str, executor: Executor, limits: Limits) -> Manifest:
    """Return the manifest beside the records if it is of this source and this version of the grader; else record it anew, and keep it there.

    Raises CourseError where the file cannot be written, ReferenceSolutionError as `record_manifest` does.
    """
    path = records_folder(course, unit.name) / ".manifest.json"
    key = f"{unit.digest} {version}"
    manifest = _read(path, key)
    if manifest is None:
        manifest = record_manifest(unit, executor, limits)
        with writing(path, REMEDY):
            write_whole(path, json.dumps({"key": key, "manifest": manifest}, default=as_json), private=True)
    return manifest


def record_manifest(unit: Unit, executor: Executor, limits: Limits) -> Manifest:
    """Run the reference solution and return what it does.

    Raises ReferenceSolutionError, with a line for each test that it does not pass, and GraderError where it could not be run.
    """
    run = executor.run(make_job(unit, reference_steps(unit), None, limits))
    if run.failure is not None:
        raise SetupError(
            f"{unit.name}: nothing can be graded, for no process can be set up for the reference solution ({run.failure}); mend "
            "that and run the same command again"
        )
    if not run.finished and not run.out_of_time:
        last_words = (run.judge_output.strip().splitlines() or ["without a word"])[-1]
        if "LockedCellError: " in last_words:
            raise ReferenceSolutionError(
                f"{unit.path}: {last_words.partition('LockedCellError: ')[2]}; mend the cell, or install what it imports where the "
                "grader runs"
            )
        raise GraderError(
            f"{unit.name}: nothing can be graded, for the judge ended while it ran the reference solution ({last_words}); run the "
            "same command again, and look for a test that ends its own process"
        )
    lost = [outcome for outcome in scores.outcomes(unit, run) if outcome.outcome is not Result.PASSED]
    if lost:
        raise ReferenceSolutionError("\n".join(_lost_in_words(unit, outcome) for outcome in lost))
    assert run.manifest is not None
    return run.manifest


def _lost_in_words(unit: Unit, outcome: TestOutcome) -> str:
    reason = " ".join(outcome.message.split()) or outcome.outcome.value
    return (
        f"{unit.path}: the reference solution does not pass the test {outcome.grade_id!r} ({reason}); mend the test or the solution of "
        f"{outcome.exercise!r}"
    )


def _read(path: Path, key: str) -> Manifest | None:
    """Return the manifest that was kept under this key; None where there is none, or the file is damaged."""
    try:
        kept = read_json(path)
        return read_as(Manifest, kept["manifest"]) if kept["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError, ProtocolError):
        return None
