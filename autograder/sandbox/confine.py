"""What a forked process may see, use and spend. Linux only; every step after the fork, so that torch stays warm.

A student's process gets all of what this system gives (`Means`): namespaces of its own (user, process, network, IPC, mount) with a
read-only view of the system, the Python environment and `course/`, and scratch space in memory; Landlock, which says the same
about files again, or alone; a seccomp filter that refuses the kernel's odd doors. In any case: no new privileges, dead with its
parent, limits on memory, processor time, file size, open files and processes.
"""

import contextlib
import ctypes
import os
import resource
import signal
import struct
import sys
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from autograder.model.outcomes import LIMITS_ONLY
from autograder.sandbox import landlock, seccomp

# Linux's own numbers (linux/sched.h, mount.h, prctl.h).
CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE, MNT_DETACH = 32, 4096, 16384, 1 << 18, 2
PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAPBSET_READ, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 8, 23, 24, 38
CAP_DAC_READ_SEARCH = 1 << 2
SYS_MOUNT_SETATTR, SYS_CLOSE_RANGE, AT_RECURSIVE, AT_FDCWD = 442, 436, 0x8000, -100
SYS_PIVOT_ROOT, SYS_CAPSET = (155, 126) if os.uname().machine == "x86_64" else (41, 91)

FIRST_UID = 1_900_000_000  # far from any user of the machine; one for each process at a time
SYSTEM = (
    "/usr",
    "/lib",
    "/lib64",
    "/bin",
    "/sbin",
    "/etc/ld.so.cache",
    "/etc/alternatives",
    "/etc/localtime",
    "/etc/fonts",
)
IN_THE_OPEN = ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/etc/passwd", "/sys/devices/system/cpu")
WRITABLE = ("/scratch", "/tmp", "/dev/shm")
DEVICES = ("null", "zero", "full", "random", "urandom")

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


@dataclass(frozen=True)
class Limits:
    """What one submission may spend. Bytes and seconds."""

    cell_seconds: float = 10.0
    submission_seconds: float = 120.0
    memory: int = 1 << 30
    processes: int = 64
    file_size: int = 64 << 20
    open_files: int = 256
    scratch: int = 64 << 20


@dataclass(frozen=True)
class Child:
    """A process just forked: its id and a descriptor that names it even after the id is used again."""

    pid: int
    pidfd: int


@dataclass(frozen=True)
class Means:
    """What this system gives to keep students' code in."""

    namespaces: bool = False
    landlock: bool = False
    seccomp: bytes = b""  # the filter; empty for none

    def __str__(self) -> str:
        given = {"namespaces": self.namespaces, "landlock": self.landlock, "seccomp": bool(self.seccomp)}
        return ", ".join(name for name, there in given.items() if there) or LIMITS_ONLY


def prepare(leave_out: Collection[str] = ()) -> Means:
    """Make the calling process ready to fork students, and say what there is to keep them in, less what is left out.

    An ordinary user's process becomes process 1 of user and process namespaces of its own, where it may make more. Tried in a
    child first, not guessed. Call it before anything large is imported: it forks.
    """
    namespaces = "namespaces" not in leave_out and _works()
    filter_ = b"" if "seccomp" in leave_out else seccomp.compiled(network=namespaces)
    if namespaces and os.getuid() != 0:
        _go_on_as_first()
    return Means(namespaces, "landlock" not in leave_out and landlock.version() > 0, filter_)


def _works() -> bool:
    pid = os.fork()
    if pid == 0:
        try:
            if os.getuid() != 0:
                _go_on_as_first()
            student = _fork_as_first()
            if student == 0:
                _move_in(1 << 20, FIRST_UID, [])
                os._exit(0)
            os._exit(_status(student))
        except BaseException:
            os._exit(1)
    return _status(pid) == 0


def fork_judge(run: Callable[[], None], keep: int, output: int, limits: Limits, core: int) -> Child:
    """Fork the judge: trusted code that reads hostile data, so it has limits but sees the course."""

    def confine() -> None:
        os.sched_setaffinity(0, {core})
        _limit(limits)

    return _fork(run, keep, output, confine)


def fork_student(
    run: Callable[[], None],
    keep: int,
    output: int,
    limits: Limits,
    means: Means,
    slot: int,
    view: list[str],
    home: str,
) -> Child:
    """Fork a student process into its sandbox. `view`: folders it may read besides the system's.

    `home`: an empty folder of its own to write in, where there are no namespaces to give it one.
    """
    if not means.namespaces:
        return _fork(run, keep, output, lambda: _confine_in_the_open(limits, means, slot, view, home))
    # The student's process is process 1 of its namespace: whatever it leaves running dies with it. A fork of the warm
    # process costs about 8 ms (its page tables), so there is no separate init.
    return _fork(run, keep, output, lambda: _confine(limits, means, slot, view), _fork_as_first)


def _fork(
    run: Callable[[], None],
    keep: int,
    output: int,
    confine: Callable[[], None],
    fork: Callable[[], int] = os.fork,
) -> Child:
    pid = fork()
    if pid:
        return Child(pid, os.pidfd_open(pid))
    status = 1
    try:
        os.setsid()
        _die_with_parent()
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        _close_all_but(keep)
        confine()
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


# ---- the steps


def _confine_in_the_open(limits: Limits, means: Means, slot: int, view: list[str], home: str) -> None:
    """Without namespaces: a user of its own where root can give one, Landlock and seccomp where the kernel has them."""
    if os.geteuid() == 0:
        readable = all(
            os.stat(folder).st_mode & 0o005 == 0o005 for folder in (Path(sys.prefix), *Path(sys.base_prefix).parents)
        )
        os.chown(home, FIRST_UID + slot, FIRST_UID + slot)
        _libc.prctl(PR_SET_KEEPCAPS, 0 if readable else 1, 0, 0, 0)
        _become(FIRST_UID + slot)
        # A Python in root's own home can be read by nobody else: then reading (never writing) stays allowed.
        _set_capabilities(0 if readable else CAP_DAC_READ_SEARCH)
    _no_new_privileges()
    _die_with_parent()  # a change of user clears it
    _clean_environment(home)
    _limit(limits)
    if os.geteuid() >= FIRST_UID:
        _limit_processes(limits)
    if means.landlock:
        landlock.confine([*SYSTEM, *view, *IN_THE_OPEN], [home, "/dev/shm"], [f"/dev/{device}" for device in DEVICES])
    if means.seccomp:
        seccomp.install(means.seccomp)


def _confine(limits: Limits, means: Means, slot: int, view: list[str]) -> None:
    _move_in(limits.scratch, FIRST_UID + slot, view)
    _drop_capabilities()
    _no_new_privileges()
    _die_with_parent()  # a change of user clears it
    _clean_environment("/scratch")
    _limit(limits)
    _limit_processes(limits)
    if means.landlock:
        landlock.confine(["/"], WRITABLE, [f"/dev/{device}" for device in DEVICES])
    if means.seccomp:
        seccomp.install(means.seccomp)


def _move_in(scratch: int, uid: int, view: list[str]) -> None:
    """Go on in namespaces of its own, with a root folder of its own, as a user of its own: root chooses which."""
    root = not _in_user_namespace()
    _unshare_the_rest()
    _build_root(scratch, f",uid={uid},gid={uid}" if root else "", view)
    if root:
        _become(uid)
    else:
        _become_root_of_a_namespace()  # the kernel counts processes in each by themselves: a student's leave room for others'


def _go_on_as_first() -> None:
    """Go on as root of a user namespace and as process 1 of a process namespace in it; the caller's process only waits."""
    _become_root_of_a_namespace(CLONE_NEWPID)
    pid = os.fork()
    if pid:
        _close_all_but()
        os._exit(_status(pid))
    _die_with_parent()


def _become_root_of_a_namespace(others: int = 0) -> None:
    """Go on as root of a user namespace, in which there is nobody else; `others`: namespaces to make with it."""
    uid, gid = os.getuid(), os.getgid()
    _check(_libc.unshare(CLONE_NEWUSER | others), "unshare user")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
    Path("/proc/self/gid_map").write_text(f"0 {gid} 1")


def _fork_as_first() -> int:
    """Fork a child that is process 1 of a namespace of its own; the caller stays in the one it is in."""
    own = os.open("/proc/self/ns/pid", os.O_RDONLY)
    _check(_libc.unshare(CLONE_NEWPID), "unshare pid")
    pid = os.fork()
    if pid:
        _check(_libc.setns(own, CLONE_NEWPID), "setns pid")
    os.close(own)
    return pid


def _unshare_the_rest() -> None:
    flags = CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS | CLONE_NEWCGROUP
    _check(_libc.unshare(flags), "unshare")


def _in_user_namespace() -> bool:
    """Whether only one user is known here: the one who started the grader."""
    return Path("/proc/self/uid_map").read_text().split()[2] == "1"


def _status(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 0xFF


def _build_root(scratch: int, owner: str, view: list[str]) -> None:
    """A root folder in memory that shows the system read-only and has room to write in /scratch, /tmp and /dev/shm."""
    root = "/tmp"  # anything that exists: the mount covers it, and only in this namespace
    _mount("none", "/", None, MS_REC | MS_PRIVATE)
    shown = [path for path in (*SYSTEM, *view) if os.path.lexists(path)]
    # Opened and read before the mount covers them.
    found = {path: os.readlink(path) if os.path.islink(path) else os.open(path, os.O_PATH) for path in shown}
    _mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, "size=2m,mode=0755,nr_inodes=4k")
    # First the folders to write in: what is shown may lie inside one of them (a checkout under /tmp).
    for folder in WRITABLE:
        os.makedirs(root + folder, exist_ok=True)
        options = f"size={scratch},nr_inodes=16k,mode=0700{owner}"
        _mount("tmpfs", root + folder, "tmpfs", MS_NOSUID | MS_NODEV, options)
    for path in shown:
        _show(path, root, found[path])
    for device in DEVICES:
        Path(f"{root}/dev/{device}").touch()
        _mount(f"/dev/{device}", f"{root}/dev/{device}", None, MS_BIND)
    os.symlink("/proc/self/fd", root + "/dev/fd")
    os.makedirs(root + "/proc")
    _mount("proc", root + "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    os.makedirs(root + "/.old")
    _check(_libc.syscall(SYS_PIVOT_ROOT, root.encode(), (root + "/.old").encode()), "pivot_root")
    os.chdir("/")
    _check(_libc.umount2(b"/.old", MNT_DETACH), "umount")
    os.rmdir("/.old")
    _mount("none", "/", None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV)
    os.chdir("/scratch")


def _show(path: str, root: str, found: int | str) -> None:
    """Bind a file or folder (its descriptor is given) read-only at its own place under the new root; or make a link again."""
    place = root + path
    os.makedirs(os.path.dirname(place), exist_ok=True)
    if isinstance(found, str):
        os.symlink(found, place)
        return
    if os.path.exists(place):  # already inside a folder that is shown
        os.close(found)
        return
    source = f"/proc/self/fd/{found}"
    if os.path.isdir(source):
        os.makedirs(place, exist_ok=True)
    else:
        Path(place).touch()
    _mount(source, place, None, MS_BIND | MS_REC)
    os.close(found)
    read_only = struct.pack("QQQQ", MS_RDONLY | MS_NOSUID | MS_NODEV, 0, 0, 0)
    _check(_libc.syscall(SYS_MOUNT_SETATTR, AT_FDCWD, place.encode(), AT_RECURSIVE, read_only, 32), "mount_setattr")


def _become(uid: int) -> None:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def _drop_capabilities() -> None:
    capability = 0
    while _libc.prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0:
        _libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
        capability += 1
    _set_capabilities(0)


def _set_capabilities(kept: int) -> None:
    head = struct.pack("Ii", 0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    sets = struct.pack("6I", kept, kept, 0, 0, 0, 0)  # effective, permitted, inheritable: low words, then high words
    _check(_libc.syscall(SYS_CAPSET, head, sets), "capset")


def _no_new_privileges() -> None:
    _check(_libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")


def _die_with_parent() -> None:
    _check(_libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "pdeathsig")


def _clean_environment(home: str) -> None:
    os.environ.clear()
    os.environ.update(HOME=home, USER="student", PATH="/usr/bin:/bin", LANG="C.UTF-8", MPLBACKEND="Agg")
    os.environ["TMPDIR"] = tempfile.tempdir = "/tmp" if home == "/scratch" else home
    os.chdir(home)


def _limit(limits: Limits) -> None:
    pages = Path("/proc/self/statm").read_text().split()
    size, data = (int(pages[i]) * resource.getpagesize() for i in (0, 5))
    # DATA does not count shared maps, AS does; torch's own maps are there already and are not the student's.
    for what, most in (
        (resource.RLIMIT_DATA, data + limits.memory),
        (resource.RLIMIT_AS, size + limits.memory + (1 << 30)),
        (resource.RLIMIT_CPU, int(limits.submission_seconds) + 5),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        _at_most(what, most)


def _limit_processes(limits: Limits) -> None:
    """Only where the user is the student's alone: the limit counts every process of a user."""
    _at_most(resource.RLIMIT_NPROC, limits.processes)


def _at_most(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))


def _close_all_but(*keep: int) -> None:
    first = 3
    for descriptor in sorted(keep):
        if descriptor > first:
            _libc.syscall(SYS_CLOSE_RANGE, first, descriptor - 1, 0)
        first = descriptor + 1
    _libc.syscall(SYS_CLOSE_RANGE, first, 0xFFFFFFFF, 0)


def _mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    encoded = [None if text is None else text.encode() for text in (source, target, kind, options)]
    _check(_libc.mount(*encoded[:3], ctypes.c_ulong(flags), encoded[3]), f"mount {target}")


def _check(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
