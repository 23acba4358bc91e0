"""The pipeline from submissions to records and gradebook: find, read, match, plan, run, score, record. Does only what is not done yet."""

import contextlib
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import as_completed
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from autograder.errors import CourseError, PartlyDone, SubmissionError
from autograder.gradebook.limits import limits_of
from autograder.gradebook.process import GradebookProcess
from autograder.model.files import make_private_folder, sweep, write_whole, writing
from autograder.model.lock import locked
from autograder.model.outcomes import NOTHING_RAN, Result
from autograder.model.progress import Progress, no_progress
from autograder.model.records import Record, as_json, read_record, records_folder, write_record
from autograder.model.text import encodable, readable
from autograder.model.units import Unit, list_units, load_unit
from autograder.reading.assemble import assemble
from autograder.reading.find import Submission, find_submissions
from autograder.reading.graft import NOTHING, answers_in, graft
from autograder.reading.submission import read_submission, submission_digest, time_of
from autograder.reading.timestamp import TimeStamp, is_about_the_time
from autograder.rpc.rules import Manifest
from autograder.running import scores
from autograder.running.cluster import ClusterExecutor
from autograder.running.executors import Executor, LocalExecutor, several_at_once
from autograder.running.job import make_job
from autograder.running.manifest import grader_version, kept_manifest
from autograder.running.second_look import run_with_second_look
from autograder.sandbox.limits import Limits

BUSY = (
    "{}: another grader is at work on this unit (process {}); wait until it is done, or end it, then run the same command "
    "again: it goes on from there"
)
FAILED = "the grader itself failed on this submission ({}), which is no fault of the student; the instructor can grade it again"
FAILURES = "failures.log"  # beside the records: for the instructor alone, since a traceback may show anything
KEPT = "what was graded so far is kept: make room or mend the permissions, then run the same command again"


@dataclass(frozen=True)
class Batch:
    """What all submissions of one grading run share. `released`: what the release shows in each cell, by id."""

    course: Path
    unit: Unit
    grader_digest: str
    released: dict[str, str]
    manifest: Manifest
    limits: Limits


def open_executor(workers: int | None = None, scheduler: str | None = None) -> Executor:
    """Return where to run submissions: this machine, or the Dask cluster at the address `scheduler`.

    `workers`: how many submissions at once; by default one per core that this process may use, on a cluster two per thread of its workers.
    """
    return ClusterExecutor(scheduler, workers) if scheduler else LocalExecutor(workers)


def everybody(_student: str) -> bool:
    """Return that a student's submission is to be graded."""
    return True


def grade(
    course: Path,
    name: str,
    submitted: Path | None = None,
    *,
    force: bool = False,
    wanted: Callable[[str], bool] = everybody,
    limits: Limits | None = None,
    executor: Executor | None = None,
    progress: Progress = no_progress,
) -> list[Record]:
    """Grade every submission of a unit by the students who are wanted; return their records, by student.

    A submission whose record was made from the same file, the same source and the same grader is not graded again,
    unless `force`. Several units should share one `executor`, for it takes seconds to start; without one, this machine is
    used. Raises CourseError, also where another grader is at work on the unit; PartlyDone, with the records, where every submission is
    graded but nbgrader's gradebook has not taken all of them.
    """
    unit = load_unit(course, name)
    folder = records_folder(course, unit.name)
    with writing(folder, KEPT):
        make_private_folder(folder.parent)
        make_private_folder(folder)
    with contextlib.ExitStack() as cleanup:
        cleanup.enter_context(locked(folder / ".lock", BUSY.format(unit.name, "{}")))
        sweep(folder)
        submitted = submitted or course / "submitted"
        handed_in = find_submissions(submitted, unit.name, list_units(course))
        submissions = [submission for submission in handed_in if wanted(submission.student)]
        if not submissions:
            raise CourseError(
                f"{submitted}: none of those students has handed in {unit.name}; collect their work first"
            )
        limits = limits or limits_of(course)
        version = grader_version(limits)
        records = [] if force else list(_graded_before(course, unit, version, submissions))
        graded = {record.student for record in records}
        waiting = [submission for submission in submissions if submission.student not in graded]
        gradebook = GradebookProcess(course, unit, force, lambda done: progress("gradebook", done, len(submissions)))
        cleanup.enter_context(gradebook)
        for record in records:
            gradebook.show(record)
        if waiting:
            progress("starting", 0, len(waiting))
            gradebook.start()
            executor = executor or cleanup.enter_context(LocalExecutor())
            executor.start()
            released = gradebook.released_sources()  # while the executor starts
            manifest = kept_manifest(course, unit, version, executor, limits)
            batch = Batch(course, unit, version, released, manifest, limits)

            def take(record: Record) -> None:
                gradebook.show(record)
                records.append(record)

            _grade_all(batch, waiting, executor, progress, take)
    records.sort(key=lambda record: record.student)
    if gradebook.refused:
        raise PartlyDone(f"{unit.name}: all is graded, and nbgrader's gradebook has it", gradebook.refused, records)
    return records


# ---- what was graded before


def _graded_before(course: Path, unit: Unit, version: str, submissions: list[Submission]) -> Iterator[Record]:
    """Yield the records that were made from the same submission, the same source and the same grader."""
    for submission in submissions:
        record = read_record(course, unit.name, submission.student)
        if record is None or record.unit_digest != unit.digest or record.grader_digest != version:
            continue
        if any(test.outcome is Result.BROKEN for test in record.tests):  # our own process ended: that is no result
            continue
        try:
            if _is_same_submission(submission, record):
                yield _with_time_of_today(course, submission, record)
        except CourseError:
            raise
        except Exception:  # it is graded again, and what goes wrong then becomes its record
            continue


def _with_time_of_today(course: Path, submission: Submission, record: Record) -> Record:
    """Return the record with the time of handing in that timestamp.txt gives now; write it where that has changed."""
    stamp = time_of(submission)
    repairs = [repair for repair in record.repairs if not is_about_the_time(repair)]
    today = replace(record, submitted_at=stamp.utc, repairs=(*repairs, *stamp.repairs))
    if (today.submitted_at, set(today.repairs)) == (record.submitted_at, set(record.repairs)):
        return record
    with writing(records_folder(course, record.unit), KEPT):
        write_record(course, today)
    return today


def _is_same_submission(submission: Submission, record: Record) -> bool:
    """Whether a record was made from the notebook that is there now, or has the reason why it cannot be read."""
    try:
        if not record.problem:
            return submission_digest(submission) == record.submission_digest
        read_submission(submission)
    except SubmissionError as error:
        return bool(record.problem) and str(error).endswith(record.problem)
    return False


# ---- the class


def _grade_all(
    batch: Batch,
    submissions: list[Submission],
    executor: Executor,
    progress: Progress,
    take: Callable[[Record], object],
) -> None:
    """Grade several submissions at once; each record is on disk when `take` gets it, and so is why the grader failed on one."""
    failures: list[str] = []
    with contextlib.suppress(OSError):
        (records_folder(batch.course, batch.unit.name) / FAILURES).unlink()  # of an earlier run
    with several_at_once(executor, len(submissions)) as pool:
        futures = [pool.submit(grade_one, batch, submission, executor) for submission in submissions]
        for done, future in enumerate(as_completed(futures), 1):
            graded = future.result()
            failures += filter(None, [graded.failure])
            with writing(records_folder(batch.course, batch.unit.name), KEPT):
                write_record(batch.course, graded.record)
                if graded.failure:
                    write_whole(
                        records_folder(batch.course, batch.unit.name) / FAILURES, "\n".join(failures), private=True
                    )
            progress("grading", done, len(submissions))
            take(graded.record)


# ---- one submission


@dataclass(frozen=True)
class GradedOne:
    """A submission's record, and for the instructor the traceback where the grader itself failed on it."""

    record: Record
    failure: str = ""


def grade_one(batch: Batch, submission: Submission, executor: Executor) -> GradedOne:
    """Read, match, plan, run and score one submission, whatever it holds.

    Raises CourseError alone, where no other submission could be graded either.
    """
    try:
        record = _grade_one(batch, submission, executor)
        as_json(record)  # what cannot be written is found here and not by the one thread that writes
    except SubmissionError as error:
        return GradedOne(_record_unread(batch, submission, error))
    except CourseError:
        raise
    except Exception as error:  # the wall round this submission: the others are graded
        trace = "".join(traceback.format_exception(error, limit=-20))
        return GradedOne(_record_failed(batch, submission, error), f"{submission.student!r}\n{readable(trace)}")
    return GradedOne(record)


def _grade_one(batch: Batch, submission: Submission, executor: Executor) -> Record:
    start = time.monotonic()
    unit = batch.unit
    handed = read_submission(submission, partial(answers_in, unit, batch.released))
    grafted = graft(unit, batch.released, handed)
    job = make_job(unit, grafted.steps, batch.manifest, batch.limits, handed.files)
    run = run_with_second_look(executor, unit, job, grafted.written, tuple(handed.files.values()))
    tests = scores.outcomes(unit, run)
    return Record(
        student=submission.student,
        unit=unit.name,
        tests=tests,
        isolation=run.isolation,
        repairs=tuple(map(encodable, grafted.repairs)),
        notes=tuple(map(encodable, scores.notes(unit, run, tests))),
        seconds=round(time.monotonic() - start, 3),
        submission_digest=handed.digest,
        unit_digest=unit.digest,
        grader_digest=batch.grader_digest,
        submitted_at=handed.submitted_at,
        notebook=assemble(unit, batch.released, grafted, handed.cells),
    )


def _record_unread(batch: Batch, submission: Submission, error: SubmissionError) -> Record:
    """Return the record of a submission that could not be read: no points, and the reason without this machine's paths."""
    problem = encodable(str(error)).replace(f"{batch.course.absolute()}/", "")  # students read it too
    return _record_without_points(batch, submission, problem, Result.NOT_RUN)


def _record_failed(batch: Batch, submission: Submission, error: Exception) -> Record:
    """Return the record of a submission on which the grader failed; it is graded again at the next run.

    An exception's text may hold anything, a hidden test too: students read its class alone.
    """
    return _record_without_points(batch, submission, FAILED.format(type(error).__name__), Result.BROKEN)


def _record_without_points(batch: Batch, submission: Submission, problem: str, outcome: Result) -> Record:
    stamp = TimeStamp()
    with contextlib.suppress(Exception):  # it may be what could not be read
        stamp = time_of(submission)
    return Record(
        student=submission.student,
        unit=batch.unit.name,
        tests=scores.ungraded(batch.unit, problem, outcome),
        isolation=NOTHING_RAN,
        repairs=stamp.repairs,
        problem=problem,
        unit_digest=batch.unit.digest,
        grader_digest=batch.grader_digest,
        submitted_at=stamp.utc,
        notebook=assemble(batch.unit, batch.released, NOTHING),
    )
