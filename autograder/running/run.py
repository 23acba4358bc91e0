"""Run one submission's cells and tests with a judge and students' processes.

Nothing here imports torch, holds a student's object or believes a student's process: only the judge's reports count.
"""

import contextlib
import math
import os
import socket
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from autograder.errors import GraderError, SetupError
from autograder.model.outcomes import ENDED, Aside, Result, with_group
from autograder.model.text import first_line
from autograder.rpc.faults import PeerGone, PeerTimeout, WireError
from autograder.rpc.frames import SHORTAGES, send_descriptors
from autograder.rpc.messages import (
    CellStopped,
    CellWentOn,
    Done,
    Job,
    ProcessEnded,
    StudentGiven,
    StudentWanted,
    TestEnded,
    table,
)
from autograder.rpc.rules import Manifest
from autograder.running.forked import SHARED_MEMORY, Process
from autograder.running.processes import Zygote
from autograder.sandbox import disk
from autograder.sandbox.cgroups import FOLDERS_IN_MEMORY, Group
from autograder.sandbox.limits import Limits
from autograder.sandbox.usage import ReadyTime
from autograder.sandbox.watch import Watch, takes_none

MOST_DELAY = 50  # times a submission's limit: by so much at most the end of its judge is put off, see stopwatch.py
GRACE = 10.0  # seconds over a submission's limit after which the judge itself is believed to hang


@dataclass
class Run:
    """What the judge reported. There is a `manifest` if the job had none: then the reference solution was recorded."""

    isolation: str = ""  # what kept the student's code in
    tests: dict[str, TestEnded] = field(default_factory=dict)
    trials: dict[int, dict[str, TestEnded]] = field(default_factory=dict)  # the tests of each trial, by its number
    cell_errors: dict[str, str] = field(default_factory=dict)
    asides: dict[str, list[Aside]] = field(default_factory=dict)  # by the cell that went on
    ended: set[str] = field(default_factory=set)  # what else was run when a process ended; for the executor alone
    failed_for_sure: set[str] = field(default_factory=set)  # tests that failed while no process had ended: see again.py
    given_up: tuple[str, ...] = ()  # exercises whose tests no judge has survived: likewise
    gained: tuple[str, ...] = ()  # the exercises whose tests are a second run's: see second_look.py
    a_process_ended: bool = False
    students: int = 0  # processes of the student's
    ran_nothing: bool = False  # each of them was killed before it could: there was nothing to keep in
    finished: bool = False
    out_of_time: bool = False
    out_of_memory: bool = False  # the student's processes together used more than the limit, and were ended
    memory_was_short: bool = False  # the system killed processes meanwhile, of whomever; see executors.py
    manifest: Manifest | None = None
    judge_output: str = ""
    failure: GraderError | None = None  # why it could not go on: something of the grader's own, and no student's fault


def run_job(zygote: Zygote, job: Job, contents: Sequence[bytes] = ()) -> Run:
    """Give the job to a judge, and give the judge a student's process whenever it asks; end them all at the end.

    `contents`: those of the job's files. Where a process cannot be made, the run has what was reported before, and its `failure`.
    """
    run = Run()
    try:
        _run(zygote, job, contents, run)
    except GraderError as error:
        run.failure = error
    except (OSError, RuntimeError) as error:  # no file, folder or thread can be had
        run.failure = SetupError(f"the system refuses what its processes need ({first_line(error)})")
    return run


def _run(zygote: Zygote, job: Job, contents: Sequence[bytes], run: Run) -> None:
    limits = job.limits
    run.isolation = zygote.wait()
    with contextlib.ExitStack() as cleanup:
        students = _StudentProcesses(zygote, limits, partial(_home, run.isolation, cleanup))
        core = cleanup.enter_context(zygote.cores.borrow())
        judge = zygote.judges.take(limits, core)
        judge_ready = ReadyTime(judge.process.pidfd)
        as_it_was = False
        try:
            shares = len(job.passes) + 1  # of the cells in each pass, and of the tests
            judge.channel.deadline = time.monotonic() + shares * limits.submission_seconds + GRACE
            judge.channel.delay = lambda: min(
                judge_ready.seconds() + students.delay, MOST_DELAY * limits.submission_seconds
            )
            judge.channel.send(job, contents)
            while not run.finished:
                report = table.read(judge.channel.receive()[0], "judge")
                if isinstance(report, StudentWanted):
                    students.give_next(judge.socket)
                    zygote.students.prepare(limits)  # judge and student are at work meanwhile
                else:
                    _note(run, report)
            as_it_was = report.as_it_was
        except WireError as error:  # tests without a report earn nothing
            run.out_of_time = isinstance(error, PeerTimeout)
        finally:
            students.end()
            judge_ready.close()
            run.students = students.given
            run.out_of_memory = students.out_of_memory
            if students.unwatched:
                run.failure = SetupError(f"its process could not be watched ({students.unwatched})")
            run.ran_nothing = students.ran_nothing
            if students.counted:
                run.isolation = with_group(run.isolation)
            run.judge_output = judge.output.text()
            if as_it_was:
                zygote.judges.give_back(judge, limits, core)
            else:
                judge.kill()


class _StudentProcesses:
    """The student's processes of one submission, one after the other, each watched for the memory that it uses."""

    def __init__(self, zygote: Zygote, limits: Limits, new_home: Callable[[], str]) -> None:
        self._alone = "namespaces" in zygote.wait()
        self._pool = zygote.students
        self._limits = limits
        self._new_home = new_home
        self._at_work: Process | None = None
        self._home = ""  # its folder on the machine's disk
        self._watches: list[Watch] = []
        self._groups: list[Group | None] = []
        self._counted: list[bool | None] = []  # of each, see `Group.counts`
        self._ready: list[ReadyTime] = []
        self._giving = 0.0  # seconds that the judge has waited for its processes

    @property
    def delay(self) -> float:
        """How many seconds of the submission's time others had: who forks processes, and who had the cores."""
        return self._giving + sum(ready.seconds() for ready in self._ready)

    @property
    def given(self) -> int:
        """How many processes the judge was given."""
        return len(self._watches)

    @property
    def out_of_memory(self) -> bool:
        """Whether one of them, with all that it started, used more memory than the limit."""
        return any(watch.exceeded for watch in self._watches) or any(group and group.exceeded for group in self._groups)

    @property
    def unwatched(self) -> str:
        """Why one of them was ended that nobody could watch; empty where there was none."""
        return next((watch.failed for watch in self._watches if watch.failed), "")

    @property
    def counted(self) -> bool:
        """Whether a control group was seen to count the memory of each of those that have ended, and have run anything."""
        return any(self._counted) and False not in self._counted

    @property
    def ran_nothing(self) -> bool:
        """Whether each was ended before it ran anything."""
        return bool(self._counted) and all(counted is None for counted in self._counted)

    def give_next(self, control: socket.socket) -> None:
        """Give the judge a fresh process; raise PeerGone where the judge is gone, SetupError where no process can be had."""
        start = time.monotonic()
        self._end_last()
        self._home = self._new_home()
        student = self._pool.take(self._limits, self._home)
        process = student.process
        self._groups.append(process.group)
        try:
            self._watches.append(self._watch(process))
        except BaseException:
            process.kill()
            student.socket.close()
            raise
        with student.socket:
            try:
                send_descriptors(control, StudentGiven(process.pid), [student.socket.fileno()])
            except OSError as error:
                process.kill()
                if error.errno in SHORTAGES:
                    raise SetupError(f"its process could not be given to its judge ({error})") from error
                raise PeerGone(f"the judge is gone ({error})") from error  # it was killed meanwhile
        self._at_work = process
        self._ready.append(ReadyTime(process.pidfd))
        self._giving += time.monotonic() - start

    def _watch(self, process: Process) -> Watch:
        limits, home = self._limits, self._home
        return Watch(
            process.pidfd,
            limits.memory,
            process.end_others,
            self._alone,
            process.group,
            self._disk_of(home, process.user) if home else takes_none,
            math.inf if self._alone or process.user else limits.processes,
        )

    def _disk_of(self, home: str, user: int) -> Callable[[list[int]], bool]:
        """Return what says whether processes take more of the machine's disk than they may.

        `user`: the one that the submission alone is; 0 where it is the grader's, and then nobody knows whose a file in shared memory is.
        """
        folders, owner = ([home, SHARED_MEMORY], user) if user else ([home], os.geteuid())
        most = FOLDERS_IN_MEMORY * self._limits.scratch
        return lambda family: disk.is_over(folders, owner, family, most, self._limits.memory)

    def end(self) -> None:
        """End the process that is at work."""
        for ready in self._ready:
            ready.close()
        if self._at_work is not None:
            self._note_group(self._at_work)
            self._pool.end(self._at_work)

    def _end_last(self) -> None:
        if self._at_work is not None:
            self._ready[-1].close()
            self._note_group(self._at_work)
            self._at_work.kill()
            self._at_work = None  # for it is gone even if giving the next one fails
            if self._home:
                disk.remove(Path(self._home))

    def _note_group(self, process: Process) -> None:
        self._counted.append(process.group is not None and process.group.counts)


def _home(isolation: str, cleanup: contextlib.ExitStack) -> str:
    """Return an empty folder for the files of a student's process that has no file system of its own; removed by `cleanup`."""
    if "namespaces" in isolation:
        return ""
    folder = tempfile.mkdtemp(prefix="student-")
    cleanup.callback(disk.remove, Path(folder))
    return folder


def _note(run: Run, report: TestEnded | CellStopped | CellWentOn | ProcessEnded | Done) -> None:
    match report:
        case TestEnded():
            tests = run.tests if report.trial is None else run.trials.setdefault(report.trial, {})
            tests[report.id] = report
            run.a_process_ended |= report.result is Result.CRASHED
            if report.trial is None and report.result is Result.FAILED and not run.a_process_ended:
                run.failed_for_sure.add(report.id)
        case CellStopped():
            run.cell_errors.setdefault(report.id, report.error)
            run.a_process_ended |= report.error == ENDED
        case CellWentOn():
            run.asides[report.id] = report.asides
        case ProcessEnded():
            run.ended.add(report.id)
            run.a_process_ended = True
        case Done():
            run.finished = True
            run.manifest = report.manifest
