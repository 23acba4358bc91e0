"""The one way to make a system call that a guarantee rests on: where the call fails, OSError names it. Linux only.

What Python offers itself (`os.setresuid`, `os.dup2`, `resource.setrlimit`) raises as well and is called directly.
"""

import ctypes
import os

_X86 = os.uname().machine == "x86_64"

# System calls for which there may be no function in the C library. Linux numbers the newer ones alike on all machines.
NUMBERS = {
    "capset": 126 if _X86 else 91,
    "pivot_root": 155 if _X86 else 41,
    "seccomp": 317 if _X86 else 277,
    "close_range": 436,
    "mount_setattr": 442,
    "landlock_create_ruleset": 444,
    "landlock_add_rule": 445,
    "landlock_restrict_self": 446,
}

# linux/prctl.h
OPTIONS = {
    "PR_SET_PDEATHSIG": 1,
    "PR_SET_KEEPCAPS": 8,
    "PR_CAPBSET_READ": 23,
    "PR_CAPBSET_DROP": 24,
    "PR_SET_CHILD_SUBREAPER": 36,
    "PR_SET_NO_NEW_PRIVS": 38,
}

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def libc(function: str, *arguments: object, purpose: str = "") -> int:
    """Call a function of the C library and return its result; raise OSError where that is negative.

    Strings are encoded as file names are. `purpose` takes the place of the function's name in the error.
    """
    result = int(getattr(_libc, function)(*map(_as_c, arguments)))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{purpose or function}: {os.strerror(number)}")
    return result


def syscall(name: str, *arguments: object) -> int:
    """Make one of the system calls in NUMBERS; return its result or raise OSError."""
    return libc("syscall", NUMBERS[name], *arguments, purpose=name)


def prctl(option: str, argument: int = 0) -> int:
    """Make the system call `prctl` with one of the OPTIONS; return its result or raise OSError."""
    return libc("prctl", OPTIONS[option], argument, 0, 0, 0, purpose=f"prctl {option}")


def _as_c(argument: object) -> object:
    """Convert an argument; the kernel reads a whole register, so an integer must fill one."""
    if isinstance(argument, int):
        return ctypes.c_long(argument)
    return os.fsencode(argument) if isinstance(argument, str) else argument
