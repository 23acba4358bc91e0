"""Which system calls a student's process may make: all but those that no exercise needs and an attack might use. Linux only.

libseccomp makes the filter once, in the warm process; each student's process only installs it. A refused call fails with EPERM,
as it would for lack of a right.
"""

import contextlib
import ctypes
import errno
import os
from collections.abc import Iterator

from autograder.sandbox import calls

# What no notebook has any business with: mounts, namespaces, other processes' memory, keys, modules, clocks.
REFUSED = """
    acct add_key bpf chroot clock_adjtime clock_settime delete_module fanotify_init finit_module fsconfig fsmount fsopen
    fspick init_module io_uring_enter io_uring_register io_uring_setup ioperm iopl kcmp kexec_file_load kexec_load keyctl
    lookup_dcookie mount mount_setattr move_mount name_to_handle_at nfsservctl open_by_handle_at open_tree perf_event_open
    personality pidfd_getfd pivot_root process_vm_readv process_vm_writev ptrace quotactl quotactl_fd reboot request_key
    setdomainname sethostname setns settimeofday swapoff swapon syslog umount umount2 unshare uselib userfaultfd vhangup
""".split()
NEW_NAMESPACES = (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)  # linux/sched.h
AF_UNIX, AF_INET, AF_INET6 = 1, 2, 10
MAX_FAMILY = 64

# libseccomp's own numbers (seccomp.h).
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
EQUAL, MASKED_EQUAL, GREATER = 4, 7, 6
OPTIMIZE, BINARY_TREE = 8, 2

SET_MODE_FILTER = 1  # linux/seccomp.h
BYTES_PER_STEP = 8  # struct sock_filter


class _Comparison(ctypes.Structure):
    """struct scmp_arg_cmp"""

    _fields_ = (
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    )


class _Program(ctypes.Structure):
    """struct sock_fprog"""

    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))


def compiled(network: bool) -> bytes:
    """Return the filter as the kernel reads it; empty where there is no libseccomp.

    `network`: whether Internet sockets may be made.
    """
    try:
        library = ctypes.CDLL("libseccomp.so.2")
    except OSError:
        return b""
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(ALLOW)))
    try:
        library.seccomp_attr_set(context, OPTIMIZE, BINARY_TREE)
        for name, error, comparisons in _rules(network):
            number = library.seccomp_syscall_resolve_name(name.encode())
            if number >= 0:  # else this machine has no such call
                array = (_Comparison * len(comparisons))(*comparisons)
                if library.seccomp_rule_add_array(
                    context, ctypes.c_uint32(ERRNO | error), number, len(comparisons), array
                ):
                    return b""
        return _exported(library, context)
    finally:
        library.seccomp_release(context)


def install(steps: bytes) -> None:
    """Bind this process and all that it will start to the filter. There is no way back.

    Needs no_new_privs. Raises OSError.
    """
    buffer = ctypes.create_string_buffer(steps, len(steps))
    program = _Program(len(steps) // BYTES_PER_STEP, ctypes.cast(buffer, ctypes.c_void_p))
    calls.syscall("seccomp", SET_MODE_FILTER, 0, ctypes.byref(program))


def _rules(network: bool) -> Iterator[tuple[str, int, list[_Comparison]]]:
    """Yield the refused calls, each with the error that it gives and the arguments for which it gives it."""
    for name in REFUSED:
        yield name, errno.EPERM, []
    for flag in NEW_NAMESPACES:
        yield "clone", errno.EPERM, [_Comparison(0, MASKED_EQUAL, flag, flag)]
    yield "clone3", errno.ENOSYS, []  # its flags lie in memory, where no filter can look; the C library then uses clone
    allowed = (AF_UNIX, AF_INET, AF_INET6) if network else (AF_UNIX,)
    for family in set(range(MAX_FAMILY)) - set(allowed):
        yield "socket", errno.EPERM, [_Comparison(0, EQUAL, family, 0)]
    yield "socket", errno.EPERM, [_Comparison(0, GREATER, MAX_FAMILY - 1, 0)]


def _exported(library: ctypes.CDLL, context: ctypes.c_void_p) -> bytes:
    descriptor = os.memfd_create("filter")
    with contextlib.closing(os.fdopen(descriptor, "rb")) as file:
        if library.seccomp_export_bpf(context, descriptor):
            return b""
        file.seek(0)
        return file.read()
