"""The list of system calls says one thing of each, and what it leaves out is not there."""

import ctypes
import errno
import subprocess
import sys
from collections import Counter

import pytest

from autograder.sandbox import seccomp, system_calls
from autograder.sandbox.system_calls import (
    ADDRESSES,
    ALLOWED,
    FORBIDDEN,
    MISSING,
    OWNERS_CHANGES,
    OWNERS_CUTS,
    OWNERS_PROCESSES,
    SENDING_FILES,
    SETTING_TIMES,
    WITHOUT_EFFECT,
)
from tests.conftest import ROOT

# Prints for each call whether it failed, and how: in a child, for some of them end or change a process that they succeed in.
TRY_ALL = """
import ctypes, os, sys
from autograder.sandbox import privileges, seccomp
privileges.refuse_new_privileges()
seccomp.install(seccomp.compiled(namespaces=False, alone=False, own_user=False))
libc = ctypes.CDLL(None, use_errno=True)
for number in map(int, sys.argv[1:]):
    result = libc.syscall(number, -1, -1, -1, -1, -1, -1)
    print(ctypes.get_errno() if result < 0 else 0)
"""


def test_no_call_stands_in_two_lists() -> None:
    every = Counter(
        (
            *ALLOWED,
            *ADDRESSES,
            *FORBIDDEN,
            *MISSING,
            *WITHOUT_EFFECT,
            *OWNERS_CHANGES,
            *OWNERS_CUTS,
            *OWNERS_PROCESSES,
            *SENDING_FILES,
            *SETTING_TIMES,
            "clone",
            "fcntl",
            "ioctl",
            "prctl",
            "socket",
            "socketpair",
            "setsockopt",
        )
    )
    assert [call for call, times in every.items() if times > 1] == []


@pytest.mark.parametrize(
    ("calls", "error"),
    [
        (FORBIDDEN, errno.EPERM),
        (ADDRESSES, errno.EPERM),
        (MISSING, errno.ENOSYS),
        (WITHOUT_EFFECT, 0),
        (OWNERS_CHANGES, 0),
        (SETTING_TIMES, 0),
        (OWNERS_CUTS, errno.EPERM),
        (tuple(OWNERS_PROCESSES), errno.EPERM),
        (SENDING_FILES, errno.EPERM),
        (("ioctl",), errno.ENOSYS),
    ],
)
def test_each_call_of_a_list_fails_as_the_list_says(calls: tuple[str, ...], error: int) -> None:
    if not seccomp.compiled(namespaces=False):
        pytest.skip("this system has no libseccomp")
    library = ctypes.CDLL("libseccomp.so.2")
    numbers = {call: library.seccomp_syscall_resolve_name(call.encode()) for call in calls}
    known = {call: number for call, number in numbers.items() if number >= 0}
    assert known
    command = [sys.executable, "-c", TRY_ALL, *map(str, known.values())]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True)
    assert dict(zip(known, map(int, done.stdout.split()), strict=True)) == dict.fromkeys(known, error)


def test_the_filter_that_cannot_be_made_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that libseccomp refuses must not leave a filter with a hole."""
    if not seccomp.compiled(namespaces=True):
        pytest.skip("this system has no libseccomp")
    twice = (system_calls.Condition(0, 1), system_calls.Condition(0, 2))  # it takes one condition for each argument
    rules = [*system_calls.rules(namespaces=True, alone=True, own_user=True), system_calls.Rule("kcmp", None, twice)]
    monkeypatch.setattr(system_calls, "rules", lambda *_: rules)
    assert seccomp.compiled(namespaces=True) == b""
