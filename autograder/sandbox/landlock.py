"""Which files a student's process may read and write, by the kernel's Landlock: a second wall inside namespaces, the first without.

https://docs.kernel.org/userspace-api/landlock.html. Newer kernels also keep it from TCP and from signals to others.
"""

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # system calls, the same on every machine
ASK_VERSION, PATH_BENEATH = 1, 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = (1 << bit for bit in range(4))
MAKE_CHAR, MAKE_BLOCK = 1 << 6, 1 << 11
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
ON_FILES = (
    EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
)  # what can be allowed on a file; the rest is for folders
READ = EXECUTE | READ_FILE | READ_DIR
RIGHTS_BY_VERSION = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
BIND_TCP, CONNECT_TCP = 1, 2  # from version 4
ABSTRACT_SOCKETS, SIGNALS = 1, 2  # from version 6

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def version() -> int:
    """The version of Landlock that this kernel speaks; 0 for none."""
    return max(0, _libc.syscall(CREATE_RULESET, None, 0, ASK_VERSION))


def confine(readable: Iterable[str], writable: Iterable[str], devices: Iterable[str] = ()) -> None:
    """Bind this process and all that it will start to these files and folders; there is no way back.

    Paths that are not there are left out. Needs no_new_privs. Raises OSError.
    """
    speaks = version()
    rights = RIGHTS_BY_VERSION[min(speaks, max(RIGHTS_BY_VERSION))]
    attributes = struct.pack(
        "QQQ",
        rights,
        BIND_TCP | CONNECT_TCP if speaks >= 4 else 0,
        ABSTRACT_SOCKETS | SIGNALS if speaks >= 6 else 0,
    )
    ruleset = _call(CREATE_RULESET, attributes, len(attributes) if speaks >= 6 else 16 if speaks >= 4 else 8, 0)
    for paths, allowed in (
        (readable, READ),
        (writable, rights & ~(MAKE_CHAR | MAKE_BLOCK)),
        (devices, READ_FILE | WRITE_FILE),
    ):
        for path in paths:
            _allow(ruleset, path, allowed & rights)
    _call(RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= ON_FILES
        _call(ADD_RULE, ruleset, PATH_BENEATH, struct.pack("=Qi", rights, place), 0)
    finally:
        os.close(place)


def _call(number: int, *arguments: object) -> int:
    result = int(_libc.syscall(number, *arguments))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"landlock: {os.strerror(error)}")
    return result
