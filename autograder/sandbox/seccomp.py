"""The filter that holds a student's process to the system calls of `system_calls.py`. Linux only.

libseccomp makes the filter once, in the warm process; each student's process only installs it.
"""

import contextlib
import ctypes
import errno
import os

from autograder.sandbox import calls, system_calls

# libseccomp's own numbers (seccomp.h).
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
NOT_EQUAL, MASKED_EQUAL = 1, 7
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


def compiled(namespaces: bool, alone: bool = True, own_user: bool = True) -> bytes:
    """Return the filter as the kernel reads it; empty where there is no libseccomp.

    `namespaces`, `alone`, `own_user`: as for `system_calls.rules`.
    """
    try:
        library = ctypes.CDLL("libseccomp.so.2")
    except OSError:
        return b""
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(ERRNO | errno.ENOSYS)))
    try:
        library.seccomp_attr_set(context, OPTIMIZE, BINARY_TREE)
        for rule in system_calls.rules(namespaces, alone, own_user):
            number = library.seccomp_syscall_resolve_name(rule.call.encode())
            if number < 0:  # this machine has no such call
                continue
            conditions = [_comparison(condition) for condition in rule.conditions]
            array = (_Comparison * len(conditions))(*conditions)
            action = ctypes.c_uint32(ALLOW if rule.error is None else ERRNO | rule.error)
            if library.seccomp_rule_add_array(context, action, number, len(conditions), array):
                return b""
        return _exported(library, context)
    finally:
        library.seccomp_release(context)


def _comparison(condition: system_calls.Condition) -> _Comparison:
    if condition.differs:
        return _Comparison(condition.argument, NOT_EQUAL, condition.value, 0)
    return _Comparison(condition.argument, MASKED_EQUAL, condition.mask, condition.value)


def install(steps: bytes) -> None:
    """Bind this process and all that it will start to the filter. There is no way back.

    Needs no_new_privs. Raises OSError.
    """
    buffer = ctypes.create_string_buffer(steps, len(steps))
    program = _Program(len(steps) // BYTES_PER_STEP, ctypes.cast(buffer, ctypes.c_void_p))
    calls.syscall("seccomp", SET_MODE_FILTER, 0, ctypes.byref(program))


def _exported(library: ctypes.CDLL, context: ctypes.c_void_p) -> bytes:
    descriptor = os.memfd_create("filter")
    with contextlib.closing(os.fdopen(descriptor, "rb")) as file:
        if library.seccomp_export_bpf(context, descriptor):
            return b""
        file.seek(0)
        return file.read()
