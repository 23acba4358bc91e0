"""The pipeline: find, read, repair, run, score, record; then nbgrader's gradebook. Does only what was not done before."""

import contextlib
import dataclasses
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat

from autograder.errors import CourseError, ReferenceSolutionError, SubmissionError
from autograder.gradebook.process import GradebookProcess
from autograder.model.files import sweep, write_whole
from autograder.model.lock import locked
from autograder.model.outcomes import NOTHING_RAN, Result
from autograder.model.records import Record, read_record, records_folder, write_record
from autograder.model.units import Kind, Unit, load_unit
from autograder.model.version import grader_digest
from autograder.reading.dependencies import needed_lessons, order_matters
from autograder.reading.find import Submission, find_submissions, longest_first, read_submission
from autograder.reading.graft import Graft, graft
from autograder.reading.plan import Step
from autograder.reading.read import Handed
from autograder.rpc.faults import ProtocolError
from autograder.rpc.messages import Job
from autograder.rpc.rules import Manifest
from autograder.rpc.schema import as_json, read_as
from autograder.running import scores
from autograder.running.executors import Cluster, Engine, Local
from autograder.running.run import Run
from autograder.sandbox.limits import Limits

IN_PLACE = "changes {} in place, which costs no points; whoever calls it may need the old value, so work on a copy"

BUSY = (
    "{}: another grader is at work on this unit (process {}); wait until it is done, or end it, then run the same command "
    "again: it goes on from there"
)

OPTIMIZERS = re.compile(r"\boptim\b|\bfit(_many)?\(")

Progress = Callable[[str, int, int], None]  # what is being done, how many are done, of how many


@dataclass(frozen=True)
class Class:
    """What every submission of one grading run shares."""

    course: Path
    unit: Unit
    limits: Limits
    grader_digest: str

    @cached_property
    def released(self) -> dict[str, str]:
        """What the release shows in each cell."""
        from autograder.release.build import (
            released_sources,  # imports nbgrader: a second or two, while the zygote warms up
        )

        return released_sources(self.unit)


def grade(
    course: Path,
    name: str,
    submitted: Path | None = None,
    workers: int | None = None,
    force: bool = False,
    limits: Limits | None = None,
    scheduler: str | None = None,
    progress: Progress = lambda _what, _done, _total: None,
) -> list[Record]:
    """Grade every submission of a unit and give all its records, by student.

    A submission whose record was made from the same file, the same source and the same grader is not graded again,
    unless `force`. `workers`: how many at once; one a core where not given. `scheduler`: the address of a Dask cluster to run
    on. Raises CourseError, also where another grader is at work on the unit.
    """
    unit = load_unit(course, name)
    with locked(records_folder(course, unit.name) / ".lock", BUSY.format(unit.name, "{}")):
        return _grade_alone(course, unit, submitted, workers, force, limits, scheduler, progress)


def _grade_alone(
    course: Path,
    unit: Unit,
    submitted: Path | None,
    workers: int | None,
    force: bool,
    limits: Limits | None,
    scheduler: str | None,
    progress: Progress,
) -> list[Record]:
    sweep(records_folder(course, unit.name))
    group = Class(course, unit, limits or Limits(), grader_digest())
    submissions = find_submissions(submitted or course / "submitted", unit.name)
    records, waiting = [], []
    for submission in submissions:
        old = None if force else _still_good(group, submission)
        if old is None:
            waiting.append(submission)
        else:
            records.append(old)
    with GradebookProcess(course, unit, force, lambda done: progress("gradebook", done, len(submissions))) as gradebook:
        for record in records:
            gradebook.show(record)
        if waiting:
            gradebook.start()
            for record in _grade_waiting(group, waiting, workers, scheduler, progress):
                gradebook.show(record)
                records.append(record)
    return sorted(records, key=lambda record: record.student)


def record_manifest(engine: Engine, unit: Unit, limits: Limits) -> Manifest:
    """Run the reference solution and write down what it does; raises ReferenceSolutionError where it fails a test."""
    run = engine.run(job(unit, reference_steps(unit), None, limits))
    for outcome in scores.outcomes(unit, run):
        if outcome.outcome is not Result.PASSED:
            raise ReferenceSolutionError(
                f"{unit.path}: the reference solution does not pass the test {outcome.grade_id!r} "
                f"({outcome.message}); mend the test or the solution"
            )
    assert run.manifest is not None
    return run.manifest


def job(unit: Unit, steps: Iterable[Step], manifest: Manifest | None, limits: Limits) -> Job:
    """What the judge needs. Visible tests come first: nothing that a student can read is said after a hidden test has run.

    Where the order of the cells matters, the hidden tests get a pass of their own, each right after its answer, in a fresh
    process; else they follow at the end of the only pass.
    """
    hidden = {test.id for test in unit.tests if test.hidden}
    wanted = list(_with_needed_lessons(unit, list(steps)))
    visible_pass = [step for step in wanted if step.id not in hidden]
    if order_matters([step.source for step in wanted if step.run != "test"], unit.answer_names):
        passes = [visible_pass, [step for step in wanted if step.run != "test" or step.id in hidden]]
    else:
        passes = [visible_pass + [step for step in wanted if step.id in hidden]]
    return Job(tuple(map(tuple, passes)), manifest, tuple(sorted(unit.answer_names)), limits)


def _with_needed_lessons(unit: Unit, steps: list[Step]) -> Iterator[Step]:
    """The steps without the lesson cells that nothing uses: half of what a perfect submission would cost."""
    lessons = {step.id: step.source for step in steps if step.run == "lesson"}
    needed = needed_lessons(lessons, [step.source for step in steps if step.run == "student"], unit.answer_names)
    for step in steps:
        if step.run != "lesson":
            yield step
        elif step.id in needed:
            yield dataclasses.replace(step, run="student")


def uses_optimizers(unit: Unit) -> bool:
    """Whether a cell of the unit trains something with one of PyTorch's optimizers, as far as its text shows."""
    cells = unit.of_kind(Kind.ANSWER, Kind.PLAIN, Kind.SHARED, Kind.TEST)
    return any(OPTIMIZERS.search(cell.source) for cell in cells)


def reference_steps(unit: Unit) -> Iterator[Step]:
    """The unit's own cells as steps: what a perfect student's notebook would run."""
    where = {Kind.ANSWER: "student", Kind.PLAIN: "lesson", Kind.SHARED: "both", Kind.TEST: "test"}
    for cell in unit.of_kind(*where):
        yield Step(cell.id, where[cell.kind], cell.source, cell.exercise or cell.id)


# ---- one submission


def grade_one(group: Class, submission: Submission, engine: Engine, manifest: Manifest) -> Record:
    """Read, repair, run and score one submission. Never raises for what a student handed in."""
    start = time.monotonic()
    try:
        handed = read_submission(submission)
        grafted = graft(group.unit, group.released, handed)
    except SubmissionError as error:
        told = str(error).replace(f"{group.course.absolute()}/", "")  # students read it too
        return _unread(group, submission, told)
    run = engine.run(job(group.unit, grafted.steps, manifest, group.limits))
    tests = scores.outcomes(group.unit, run)
    return Record(
        student=submission.student,
        unit=group.unit.name,
        tests=tests,
        isolation=run.isolation,
        repairs=grafted.repairs,
        notes=(*scores.remarks(tests), *_notes(group.unit, run)),
        seconds=round(time.monotonic() - start, 3),
        submission_digest=handed.digest,
        unit_digest=group.unit.digest,
        grader_digest=group.grader_digest,
        submitted_at=handed.submitted_at,
        notebook=_assemble(group, grafted),
    )


def _unread(group: Class, submission: Submission, problem: str) -> Record:
    return Record(
        student=submission.student,
        unit=group.unit.name,
        tests=scores.unread(group.unit, problem),
        isolation=NOTHING_RAN,
        problem=problem,
        unit_digest=group.unit.digest,
        grader_digest=group.grader_digest,
        notebook=_assemble(group, Graft((), {}, (), ())),
    )


def _notes(unit: Unit, run: Run) -> Iterator[str]:
    for cell, error in run.cell_errors.items():
        which = f"the cell of {cell}" if cell in unit.exercises else "a cell beside the exercises"
        yield f"{which} stopped with {error}"
    for exercise in unit.exercises:
        reports = [run.tests[test.id] for test in unit.tests if test.exercise == exercise and test.id in run.tests]
        if changed := dict.fromkeys(which for report in reports for which in report.changed):
            yield f"{exercise}: {IN_PLACE.format(' and '.join(changed))}"
    if not run.finished:
        last = run.judge_output.strip().splitlines()[-1:] or ["it hung"]
        yield f"the judge was ended before its last test ({last[0][:300]})"


def _assemble(group: Class, grafted: Graft) -> dict[str, Any]:
    """The notebook as graded: the unit's cells, the student's answers in their places, the student's own cells."""
    own: dict[str, list[dict[str, Any]]] = {}
    for number, (before, source) in enumerate(grafted.own):
        own.setdefault(before, []).append(nbformat.v4.new_code_cell(source, id=f"own-{number}"))
    cells = []
    for cell, node in zip(group.unit.cells, group.unit.notebook.cells, strict=True):
        if cell.kind in (Kind.ANSWER, Kind.MANUAL):
            node = {**node, "source": grafted.answers.get(cell.id, group.released[cell.id])}
        cells += [*own.get(cell.id, []), node]
    return {**group.unit.notebook, "cells": cells + own.get("", [])}


# ---- the class


def _still_good(group: Class, submission: Submission) -> Record | None:
    """The record of an earlier run, if nothing that it was made from has changed."""
    old = read_record(group.course, group.unit.name, submission.student)
    if old is None or old.unit_digest != group.unit.digest or old.grader_digest != group.grader_digest:
        return None
    if any(test.outcome is Result.BROKEN for test in old.tests):  # our own process ended: no result
        return None
    try:
        handed: Handed = read_submission(submission)
    except SubmissionError as error:
        return old if old.problem and str(error).endswith(old.problem) else None
    return old if old.submission_digest == handed.digest else None


def _grade_waiting(
    group: Class, waiting: list[Submission], workers: int | None, scheduler: str | None, progress: Progress
) -> Iterator[Record]:
    """Grade several at once; each record is on disk when it is given."""
    progress("starting", 0, len(waiting))
    with contextlib.closing(
        Cluster(scheduler, workers) if scheduler else Local(workers, uses_optimizers(group.unit))
    ) as engine:
        group.released  # noqa: B018  made here, once, not by the first workers at the same time
        manifest = _manifest(group, engine)
        pool = ThreadPoolExecutor(max_workers=max(1, min(engine.at_once, len(waiting))))
        try:
            jobs = [(group, submission, engine, manifest) for submission in longest_first(waiting)]
            futures = [pool.submit(grade_one, *arguments) for arguments in jobs]
            for done, future in enumerate(as_completed(futures), 1):
                record = future.result()
                _write(group, record)
                progress("grading", done, len(waiting))
                yield record
        finally:
            pool.shutdown(cancel_futures=True)


def _manifest(group: Class, engine: Engine) -> Manifest:
    """The manifest of this source and this grader: recorded once, then kept beside the records."""
    path = records_folder(group.course, group.unit.name) / ".manifest.json"
    key = f"{group.unit.digest} {group.grader_digest}"
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["key"] == key:
            return read_as(Manifest, kept["manifest"])
    except (OSError, ValueError, KeyError, TypeError, ProtocolError):
        pass  # none yet, or of another source: recorded again
    manifest = record_manifest(engine, group.unit, group.limits)
    _no_space(lambda: write_whole(path, json.dumps({"key": key, "manifest": manifest}, default=as_json)), path)
    return manifest


def _write(group: Class, record: Record) -> None:
    _no_space(lambda: write_record(group.course, record), records_folder(group.course, group.unit.name))


def _no_space(write: Callable[[], Any], where: Path) -> None:
    try:
        write()
    except OSError as error:
        raise CourseError(
            f"{where}: cannot be written ({error.strerror}); what was graded so far is kept: make room or mend the permissions, then run the same command again"
        ) from error
