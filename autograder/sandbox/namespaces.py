"""Namespaces for a process of its own: users, processes, network, IPC, mounts, and a root folder in memory. Linux only."""

import os
import stat
import struct
from pathlib import Path

from autograder.sandbox import calls
from autograder.sandbox.privileges import die_with_parent

# linux/sched.h
CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
# linux/mount.h, linux/fcntl.h
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE, MS_SLAVE, MNT_DETACH = 32, 4096, 16384, 1 << 18, 1 << 19, 2
AT_RECURSIVE, AT_FDCWD = 0x8000, -100

PROGRAM = "/proc/self/exe"  # leads to the program of this process, past every root folder
SCRATCH = "/scratch"
WRITABLE = (SCRATCH, "/tmp", "/dev/shm")
DEVICES = tuple(f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom"))
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


def continue_as_first() -> None:
    """Go on as root of a user namespace and as process 1 of a process namespace in it; the calling process only waits."""
    become_root_of_a_namespace(CLONE_NEWPID)
    pid = os.fork()
    if pid:
        close_all_but()
        os._exit(exit_status(pid))
    die_with_parent()


def become_root_of_a_namespace(others: int = 0) -> None:
    """Go on as root of a user namespace in which there is nobody else. `others`: flags of namespaces to make with it."""
    uid, gid = os.getuid(), os.getgid()
    calls.libc("unshare", CLONE_NEWUSER | others, purpose="unshare user")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
    Path("/proc/self/gid_map").write_text(f"0 {gid} 1")


def in_namespace_of_one_user() -> bool:
    """Return whether only one user is known here: the one who started the grader."""
    return Path("/proc/self/uid_map").read_text().split()[2] == "1"


def has_read_only_program() -> bool:
    """Return whether nobody can change the mode or the times of this process's program by PROGRAM."""
    return bool(os.statvfs(PROGRAM).f_flag & os.ST_RDONLY)


def show_program_read_only() -> None:
    """Go on in mounts of its own, in which the program of this process is read-only for whoever is started from it."""
    path = os.readlink(PROGRAM)
    calls.libc("unshare", CLONE_NEWNS, purpose="unshare mounts")
    _mount("none", "/", None, MS_REC | MS_SLAVE)
    _mount(path, path, None, MS_BIND)
    _make_read_only(path)


def fork_as_first() -> int:
    """Fork a child that is process 1 of a namespace of its own; the caller stays in the namespace that it is in."""
    own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    pid = -1
    try:
        calls.libc("unshare", CLONE_NEWPID, purpose="unshare pid")
        try:
            pid = os.fork()
        finally:
            if pid:  # in the caller, where there is no child too
                calls.libc("setns", own, CLONE_NEWPID, purpose="setns pid")
    finally:
        os.close(own)
    return pid


def unshare_the_rest() -> None:
    """Leave the network, IPC, host name, mounts and control groups of the machine behind."""
    flags = CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS | CLONE_NEWCGROUP
    calls.libc("unshare", flags)


def exit_status(pid: int) -> int:
    """Wait for a child and return its exit status; for one that a signal ended, a number that is not 0."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 0xFF


def close_all_but(*kept: int) -> None:
    """Close every descriptor but the first three and those that are kept."""
    first = 3
    for descriptor in sorted(kept):
        if descriptor > first:
            calls.syscall("close_range", first, descriptor - 1, 0)
        first = max(first, descriptor + 1)
    calls.syscall("close_range", first, 0xFFFFFFFF, 0)


def build_root(scratch: int, owner: int | None, view: list[str]) -> None:
    """Go on in a root folder in memory that shows the system and the `view` read-only and has room to write in WRITABLE.

    `scratch`: the size of each folder to write in, in bytes. `owner`: the user whose these folders are; this one if None.
    """
    root = "/tmp"  # any folder will do: the mount covers it in this namespace alone
    os.umask(0o022)  # the user who comes to live here may be another than the one whose umask this was
    _mount("none", "/", None, MS_REC | MS_PRIVATE)
    shown = {path: _opened(path) for path in (*SYSTEM, *view) if os.path.lexists(path)}  # before the mount covers any
    _mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, "size=2m,mode=0755,nr_inodes=4k")
    # The folders to write in come first: what is shown may lie inside one of them (a checkout under /tmp).
    options = f"size={scratch},nr_inodes=16k,mode=0700" + ("" if owner is None else f",uid={owner},gid={owner}")
    for folder in WRITABLE:
        os.makedirs(root + folder, exist_ok=True)
        _mount("tmpfs", root + folder, "tmpfs", MS_NOSUID | MS_NODEV, options)
    for path, original in shown.items():
        _show(original, root + path)
    for device in DEVICES:
        Path(root + device).touch()
        _mount(device, root + device, None, MS_BIND)
        _make_read_only(root + device)  # it can be written to all the same; the next one would see its times
    os.symlink("/proc/self/fd", root + "/dev/fd")
    os.makedirs(root + "/proc")
    _mount("proc", root + "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    _change_root(root)
    _mount("none", "/", None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV)
    os.chdir(SCRATCH)


def _opened(path: str) -> int | str:
    """Return a descriptor of a file or folder; for a link, where it points."""
    return os.readlink(path) if os.path.islink(path) else os.open(path, os.O_PATH)


def _show(original: int | str, place: str) -> None:
    """Bind a file or folder, given by its descriptor, read-only at its place; or make a link again, given by its target."""
    os.makedirs(os.path.dirname(place), exist_ok=True)
    if isinstance(original, str):
        os.symlink(original, place)
        return
    if os.path.exists(place):  # it lies in a folder that is shown already
        os.close(original)
        return
    source = f"/proc/self/fd/{original}"
    if os.path.isdir(source):
        os.makedirs(place, exist_ok=True)
    else:
        Path(place).touch()
    _mount(source, place, None, MS_BIND | MS_REC)
    os.close(original)
    _make_read_only(place, MS_NOSUID | MS_NODEV)


def open_null_again() -> None:
    """Have those of the first three descriptors that lead to a device of the machine lead to the null device of this root folder."""
    for descriptor in range(3):
        if stat.S_ISCHR(os.fstat(descriptor).st_mode):
            null = os.open(os.devnull, os.O_RDWR)
            os.dup2(null, descriptor)
            os.close(null)


def _make_read_only(place: str, also: int = 0) -> None:
    """Make a mount and those below it read-only. `also`: other flags for them."""
    attributes = struct.pack("QQQQ", MS_RDONLY | also, 0, 0, 0)
    calls.syscall("mount_setattr", AT_FDCWD, place, AT_RECURSIVE, attributes, len(attributes))


def _change_root(root: str) -> None:
    old = "/.old"
    os.makedirs(root + old)
    calls.syscall("pivot_root", root, root + old)
    os.chdir("/")
    calls.libc("umount2", old, MNT_DETACH)
    os.rmdir(old)


def _mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    calls.libc("mount", source, target, kind, flags, options, purpose=f"mount {target}")
