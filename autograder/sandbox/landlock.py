"""Which files a student's process may read and write, held by the kernel's Landlock. Linux only.

It is a second wall inside namespaces, and the first one where there are none. Newer kernels also keep the process from
sending signals to others, and from TCP where its network is the machine's. https://docs.kernel.org/userspace-api/landlock.html
"""

import os
import stat
import struct
from collections.abc import Iterable

from autograder.sandbox import calls

# linux/landlock.h
ASK_VERSION, PATH_BENEATH = 1, 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = (1 << bit for bit in range(4))
MAKE_CHAR, MAKE_BLOCK = 1 << 6, 1 << 11
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV  # the other rights are for folders only
READ = EXECUTE | READ_FILE | READ_DIR
RIGHTS_BY_VERSION = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
BIND_TCP, CONNECT_TCP = 1, 2  # from version 4
ABSTRACT_SOCKETS, SIGNALS = 1, 2  # from version 6
HOLDS_SIGNALS = 6


def version() -> int:
    """Return the version of Landlock that this kernel speaks; 0 for none."""
    try:
        return calls.syscall("landlock_create_ruleset", None, 0, ASK_VERSION)
    except OSError:  # an older kernel, or one that has it switched off
        return 0


def confine(
    readable: Iterable[str], writable: Iterable[str], devices: Iterable[str] = (), own_network: bool = False
) -> None:
    """Bind this process and all that it will start to these files and folders. There is no way back.

    `own_network`: whether nobody else is in its network, so that its servers and their clients are its own.
    Paths that do not exist are left out. Needs no_new_privs. Raises OSError.
    """
    speaks = version()
    rights = RIGHTS_BY_VERSION[min(speaks, max(RIGHTS_BY_VERSION))]
    attributes = struct.pack(
        "QQQ",
        rights,
        BIND_TCP | CONNECT_TCP if speaks >= 4 and not own_network else 0,
        ABSTRACT_SOCKETS | SIGNALS if speaks >= HOLDS_SIGNALS else 0,
    )
    size = len(attributes) if speaks >= HOLDS_SIGNALS else 16 if speaks >= 4 else 8
    ruleset = calls.syscall("landlock_create_ruleset", attributes, size, 0)
    for paths, allowed in (
        (readable, READ),
        (writable, rights & ~(MAKE_CHAR | MAKE_BLOCK)),
        (devices, READ_FILE | WRITE_FILE),
    ):
        for path in paths:
            _allow(ruleset, path, allowed & rights)
    calls.syscall("landlock_restrict_self", ruleset, 0)
    os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= ON_FILES
        rule = struct.pack("=Qi", rights, descriptor)
        calls.syscall("landlock_add_rule", ruleset, PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)
