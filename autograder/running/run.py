"""Run one submission's cells and tests with a judge and students' processes.

Nothing here imports torch, holds a student's object or believes a student's process: only the judge's reports count.
"""

import contextlib
import socket
import tempfile
import time
from dataclasses import dataclass, field

from autograder.rpc.faults import PeerGone, PeerTimeout, WireError
from autograder.rpc.frames import send_descriptors
from autograder.rpc.messages import CellStopped, Done, Job, StudentGiven, StudentWanted, TestEnded, table
from autograder.rpc.rules import Manifest
from autograder.running.forked import Process
from autograder.running.processes import Zygote
from autograder.sandbox.limits import Limits
from autograder.sandbox.usage import Watch

GRACE = 10.0  # seconds over a submission's limit after which the judge itself is believed to hang


@dataclass
class Run:
    """What the judge reported. There is a `manifest` if the job had none: then the reference solution was recorded."""

    isolation: str = ""  # what kept the student's code in
    tests: dict[str, TestEnded] = field(default_factory=dict)
    cell_errors: dict[str, str] = field(default_factory=dict)
    students: int = 0
    finished: bool = False
    out_of_time: bool = False
    out_of_memory: bool = False  # the student's processes together used more than the limit, and were ended
    manifest: Manifest | None = None
    judge_output: str = ""
    seconds: float = 0.0


def run_job(zygote: Zygote, job: Job) -> Run:
    """Give the job to a judge, and give the judge a student's process whenever it asks; end them all at the end."""
    start, limits = time.monotonic(), job.limits
    run = Run(zygote.wait())
    with contextlib.ExitStack() as cleanup:
        home = _home(run.isolation, cleanup)
        core = cleanup.enter_context(zygote.cores.borrow())
        judge = zygote.judges.take(limits, core)
        as_it_was = False
        student: Process | None = None
        watches: list[Watch] = []
        try:
            judge.channel.deadline = start + limits.submission_seconds + GRACE
            judge.channel.send(job)
            while not run.finished:
                report = table.read(judge.channel.receive()[0], "judge")
                if isinstance(report, StudentWanted):
                    if student is not None:
                        student.kill()
                        student = None  # for it is gone even if giving the next one fails
                    student = _give_student(zygote, judge.socket, limits, home)
                    watches.append(Watch(student.pidfd, limits.memory))
                    run.students += 1
                    zygote.students.prepare(limits)  # judge and student are at work meanwhile
                else:
                    _note(run, report)
            as_it_was = report.as_it_was
        except WireError as error:  # tests without a report earn nothing
            run.out_of_time = isinstance(error, PeerTimeout)
        finally:
            if student is not None:
                zygote.students.end(student)
            run.judge_output = judge.output.text()
            if as_it_was:
                zygote.judges.give_back(judge, limits, core)
            else:
                judge.kill()
        run.out_of_memory = any(watch.exceeded for watch in watches)
    run.seconds = time.monotonic() - start
    return run


def _home(isolation: str, cleanup: contextlib.ExitStack) -> str:
    """Return a folder for the files of a student's process that has no file system of its own; removed by `cleanup`."""
    if "namespaces" in isolation:
        return ""
    folder = tempfile.TemporaryDirectory(prefix="student-", ignore_cleanup_errors=True)
    return cleanup.enter_context(folder)


def _note(run: Run, report: TestEnded | CellStopped | Done) -> None:
    match report:
        case TestEnded():
            run.tests[report.id] = report
        case CellStopped():
            run.cell_errors.setdefault(report.id, report.error)
        case Done():
            run.finished = True
            run.manifest = report.manifest


def _give_student(zygote: Zygote, control: socket.socket, limits: Limits, home: str) -> Process:
    student = zygote.students.take(limits, home)
    with student.socket:
        try:
            send_descriptors(control, StudentGiven(student.process.pid), [student.socket.fileno()])
        except OSError as error:  # the judge was killed meanwhile
            student.process.kill()
            raise PeerGone(f"the judge is gone ({error})") from error
    return student.process
