"""What a student's or a judge's process goes through after it is forked, in order. Linux only.

All of it comes after the fork, so that the process finds torch warm. A student's process gets everything that this system
offers (`Isolation`): namespaces of its own with a read-only view of the system, the Python environment and `course/`, and scratch
space in memory; Landlock, which says the same about files once more, or alone; and a seccomp filter for system calls. In any
case it gets no new privileges, dies with its parent, and has limits on memory, processor time, file size, open files and
processes.
"""

import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from autograder.model.outcomes import LIMITS_ONLY
from autograder.sandbox import landlock, namespaces, privileges, proof, seccomp
from autograder.sandbox.limits import (
    BEFORE_OTHERS,
    FIRST_TO_END,
    FIRST_UID,
    Limits,
    limit_number_of_processes,
    limit_process,
    offer_to_end,
)
from autograder.sandbox.namespaces import DEVICES, SCRATCH, SYSTEM, WRITABLE

ENVIRONMENT = {
    "USER": "student",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "Agg",
    # What a notebook kernel sets, so that no command waits for somebody to turn the page.
    "TERM": "xterm-color",
    "PAGER": "cat",
    "GIT_PAGER": "cat",
    # There is no network: installers are to say so at once instead of trying again.
    "PIP_NO_INDEX": "1",
    "PIP_NO_INPUT": "1",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "UV_OFFLINE": "1",
}
OPEN_MEMORY = "what a submission writes to /dev/shm has no limit and is open to the next"
OPEN_SIGNALS = "it can send signals to your processes"
WITHOUT_NAMESPACES = ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/etc/passwd", "/sys/devices/system/cpu")


@dataclass(frozen=True)
class Child:
    """A process just forked: its id, and a descriptor that names it even after the id is used again."""

    pid: int
    pidfd: int


@dataclass(frozen=True)
class Isolation:
    """What this system offers to keep students' code in."""

    namespaces: bool = False
    landlock: bool = False
    seccomp: bytes = b""  # the filter; empty for none
    open_memory: bool = False  # whether what one process leaves in shared memory can be found by the next
    open_signals: bool = False  # whether it can send signals to other processes of the grader's user
    own_user: bool = True  # whether each process is a user of its own to the kernel, which counts much for each user

    def __str__(self) -> str:
        offered = {"namespaces": self.namespaces, "landlock": self.landlock, "seccomp": bool(self.seccomp)}
        means = ", ".join(name for name, there in offered.items() if there) or LIMITS_ONLY
        open_ = [
            words for words, is_open in ((OPEN_MEMORY, self.open_memory), (OPEN_SIGNALS, self.open_signals)) if is_open
        ]
        return f"{means} ({', and '.join(open_)})" if open_ else means


def prepare(leave_out: Collection[str] = ()) -> Isolation:
    """Make this process ready to fork students, and return what there is to keep them in, less what is left out.

    An ordinary user's process becomes process 1 of user and process namespaces of its own, in which it may make more. Whether
    namespaces and Landlock work is tried in a child and not guessed. This forks, so call it before anything large is imported.
    """
    with_namespaces = "namespaces" not in leave_out and proof.holds_in_a_child(_enter_as_a_student)
    with_landlock = "landlock" not in leave_out and proof.landlock_holds()
    # Root gives each student's process a user of its own, by whom what it leaves is found and removed.
    alone = with_namespaces or os.geteuid() == 0
    own_user = os.geteuid() == 0 and not namespaces.in_namespace_of_one_user()
    filter_ = b"" if "seccomp" in leave_out else seccomp.compiled(with_namespaces, alone, own_user)
    if with_namespaces and _enter_outer_namespaces():
        _start_anew()  # once: from then on its program is read-only
    signals_held = with_landlock and landlock.version() >= landlock.HOLDS_SIGNALS
    return Isolation(with_namespaces, with_landlock, filter_, not alone, not alone and not signals_held, own_user)


def fork_judge(
    run: Callable[[], None], kept: int, output: int, limits: Limits, core: int, fail: Callable[[BaseException], None]
) -> Child:
    """Fork the judge: trusted code that reads hostile data, so it has limits but sees the course. `fail`: as for a student."""

    def confine() -> None:
        os.sched_setaffinity(0, {core})
        offer_to_end(BEFORE_OTHERS)
        limit_process(limits)

    return _fork(run, kept, output, confine, os.fork, fail)


def fork_student(
    run: Callable[[], None],
    kept: int,
    output: int,
    limits: Limits,
    isolation: Isolation,
    slot: int,
    view: list[str],
    home: str,
    fail: Callable[[BaseException], None],
) -> Child:
    """Fork a student's process into its sandbox; `run` starts only after every step has succeeded, else `fail`.

    `kept`: the one descriptor that stays open. `output`: where the process prints. `slot`: gives it a user of its own.
    `view`: folders that it may read besides the system's. `home`: an empty folder for it to write in where there are no
    namespaces to give it one.
    """
    # Process 1 of its namespace, so that whatever it leaves running dies with it. It does without a process 1 that only
    # waits, because a fork of the warm process costs about 8 ms (its page tables).
    fork = namespaces.fork_as_first if isolation.namespaces else os.fork
    return _fork(run, kept, output, lambda: _confine(limits, isolation, slot, view, home), fork, fail)


def _fork(
    run: Callable[[], None],
    kept: int,
    output: int,
    confine: Callable[[], None],
    fork: Callable[[], int],
    fail: Callable[[BaseException], None],
) -> Child:
    pid = fork()
    if pid:
        return _named(pid)
    status = 1
    try:
        try:
            os.setsid()
            privileges.die_with_parent()
            os.dup2(output, 1)
            os.dup2(output, 2)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            namespaces.close_all_but(kept)
            confine()
        except BaseException as error:
            fail(error)
            raise
        run()
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 0
    except BaseException as error:
        with contextlib.suppress(BaseException):
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
    finally:
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _named(pid: int) -> Child:
    try:
        return Child(pid, os.pidfd_open(pid))
    except OSError:
        os.kill(pid, signal.SIGKILL)
        raise


def _confine(limits: Limits, isolation: Isolation, slot: int, view: list[str], home: str) -> None:
    user = FIRST_UID + slot
    capabilities = 0
    offer_to_end(FIRST_TO_END)
    if isolation.namespaces:
        outside = proof.namespaces()
        _enter_namespaces(limits.scratch, user, view)
        proof.demand_namespaces(outside)
        proof.demand_unchangeable_program()
        home, readable, writable = SCRATCH, ["/"], list(WRITABLE)
        alone = True
    else:
        alone = os.geteuid() == 0
        privileges.adopt_orphans()
        capabilities = _give_up_rights(user if alone else None, home)
        readable, writable = [*SYSTEM, *view, *WITHOUT_NAMESPACES], [home, "/dev/shm"]
    privileges.refuse_new_privileges()
    privileges.die_with_parent()  # once more: a change of user has cleared it
    _clean_environment(home)
    limit_process(limits)
    limit_number_of_processes(limits, beside_others=not alone)
    if isolation.landlock:
        landlock.confine(readable, writable, DEVICES)
    if isolation.seccomp:
        seccomp.install(isolation.seccomp)
    proof.demand_restrictions(bool(isolation.seccomp), capabilities, bounded=alone)


def _enter_namespaces(scratch: int, user: int, view: list[str]) -> None:
    """Go on in namespaces and a root folder of its own, without any rights: as `user` if this is root, else as who it is."""
    machine_root = not namespaces.in_namespace_of_one_user()
    namespaces.unshare_the_rest()
    namespaces.build_root(scratch, user if machine_root else None, view)
    namespaces.open_null_again()
    if machine_root:
        privileges.empty_bounding_set()
        privileges.become(user)
    else:
        # The kernel counts a user's processes in each user namespace apart, so a student's leave room for others'.
        namespaces.become_root_of_a_namespace()
        privileges.empty_bounding_set()  # a new user namespace begins with a full one
    privileges.set_capabilities(0)


def _give_up_rights(user: int | None, home: str) -> int:
    """Without namespaces: go on as `user` if one is given, to whom `home` then belongs; return the capabilities that are kept."""
    kept = 0
    if user is not None:
        if not _python_is_readable_by_all():  # in root's home, say: then reading, never writing, stays allowed
            kept = privileges.CAP_DAC_READ_SEARCH
            privileges.keep_capabilities()
        os.chown(home, user, user)
        privileges.empty_bounding_set()
        privileges.become(user)
    privileges.set_capabilities(kept)
    return kept


def _python_is_readable_by_all() -> bool:
    folders = (Path(sys.prefix), *Path(sys.base_prefix).parents)
    return all(os.stat(folder).st_mode & 0o005 == 0o005 for folder in folders)


def _clean_environment(home: str) -> None:
    os.environ.clear()
    os.environ.update(ENVIRONMENT, HOME=home, PATH=f"{Path(sys.executable).parent}:/usr/bin:/bin")
    os.environ["TMPDIR"] = tempfile.tempdir = "/tmp" if home == SCRATCH else home
    os.chdir(home)


def _enter_outer_namespaces() -> bool:
    """Go on in the namespaces that students' processes are to be forked in; return whether this process has to start its program anew.

    Where only one user is known, a student's process owns what this user owns. It sees that read-only, all but its own program.
    """
    if os.getuid() != 0:
        namespaces.continue_as_first()
    if not namespaces.in_namespace_of_one_user() or namespaces.has_read_only_program():
        return False
    namespaces.show_program_read_only()
    return True


def _start_anew() -> NoReturn:
    """Run the program of this process again, with the same arguments: the very file, whatever else leads to a Python."""
    os.execv(os.readlink(namespaces.PROGRAM), [sys.executable, *sys.orig_argv[1:]])


def _enter_as_a_student() -> int:
    """Do everything that a student's process does to enter its namespaces; return the exit status."""
    _enter_outer_namespaces()
    student = namespaces.fork_as_first()
    if student:
        return namespaces.exit_status(student)
    _enter_namespaces(1 << 20, FIRST_UID, [])
    return 0
