"""Who a process runs as, and the rights that it gives up. Linux only; no step can be undone."""

import errno
import itertools
import os
import signal
import struct
from pathlib import Path

from autograder.sandbox import calls

CAP_DAC_READ_SEARCH, CAP_SETPCAP = 1 << 2, 1 << 8  # linux/capability.h
CAPABILITY_VERSION_3 = 0x20080522


def become(user: int) -> None:
    """Go on as a user, in the group of the same number and in no other."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def empty_bounding_set() -> None:
    """Give up every capability that a program with rights of its own could bring back.

    Call it before a change of user, which takes the right to do so (CAP_SETPCAP). A process that never had this right leaves
    the set as it is: no_new_privs alone then keeps programs from bringing rights.
    """
    if not _effective_capabilities() & CAP_SETPCAP:
        return
    for capability in itertools.count():
        try:
            held = calls.prctl("PR_CAPBSET_READ", capability)
        except OSError as error:
            if error.errno == errno.EINVAL and capability > 0:  # one past the last that this kernel knows
                return
            raise
        if held:
            calls.prctl("PR_CAPBSET_DROP", capability)


def keep_capabilities() -> None:
    """Let the permitted capabilities outlast the next change of user."""
    calls.prctl("PR_SET_KEEPCAPS", 1)


def set_capabilities(kept: int) -> None:
    """Give up all capabilities but those whose bits are set in `kept` (of the first 32)."""
    header = struct.pack("Ii", CAPABILITY_VERSION_3, 0)  # 0: this process
    # Effective, permitted and inheritable: the low words, then the high words.
    calls.syscall("capset", header, struct.pack("6I", kept, kept, 0, 0, 0, 0))


def refuse_new_privileges() -> None:
    """Set no_new_privs: no program that is started from here on brings rights of its own."""
    calls.prctl("PR_SET_NO_NEW_PRIVS", 1)


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends. A change of user clears this."""
    calls.prctl("PR_SET_PDEATHSIG", signal.SIGKILL)


def adopt_orphans() -> None:
    """Have whatever its children leave running become its own child, as if it were the first of a namespace: a watch sees it."""
    calls.prctl("PR_SET_CHILD_SUBREAPER", 1)


def _effective_capabilities() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1], 16) for line in lines if line.startswith("CapEff:"))
