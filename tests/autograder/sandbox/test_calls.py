"""A system call that fails is never taken for one that succeeded, and a process whose walls do not stand runs nothing."""

import errno
import os
import subprocess
import sys

import pytest

from autograder.sandbox import calls, seccomp
from tests.conftest import ROOT

# Before each piece of code: the process loses the right to change its own rights.
WITHOUT_RIGHTS = """
import os
from autograder.sandbox import calls, privileges
if os.getuid() == 0:
    privileges.become(65534)
privileges.set_capabilities(0)
try:
    {}
except OSError as error:
    print(error)
"""
REFUSES_CLOSE_RANGE = """
from autograder.sandbox import namespaces, privileges, seccomp, system_calls
privileges.refuse_new_privileges()
system_calls.ALLOWED = [call for call in system_calls.ALLOWED if call != "close_range"]
system_calls.FORBIDDEN += ("close_range",)
seccomp.install(seccomp.compiled(namespaces=True))
namespaces.close_all_but(5)
"""
# Forks a student without namespaces and prints its exit status and output. An open file stands for what it must not reach.
STUDENT = """
import os, tempfile
from autograder.sandbox.confine import Isolation, fork_student
from autograder.sandbox.limits import Limits

secret = os.open("pyproject.toml", os.O_RDONLY)
kept = os.open(os.devnull, os.O_RDONLY)
ours, theirs = os.pipe()

def is_open(number):
    try:
        return bool(os.fstat(number))
    except OSError:
        return False

def run():
    print("ran with", ["kept" if number == kept else number for number in range(256) if is_open(number)])

with tempfile.TemporaryDirectory() as home:
    child = fork_student(run, kept, theirs, Limits(), Isolation(seccomp={!r}), 1, [], home, lambda error: None)
    os.close(theirs)
    output = open(ours).read()
    print(os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1]), output)
"""


def printed(code: str) -> str:
    """Return the last line that a Python process of its own prints, errors included."""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300)
    return (done.stdout + done.stderr).strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ('calls.prctl("PR_CAPBSET_DROP", 0)', "prctl PR_CAPBSET_DROP: Operation not permitted"),
        ('calls.libc("mount", "none", "/tmp", "tmpfs", 0, None, purpose="mount /tmp")', "mount /tmp: Operation not permitted"),
        ('calls.libc("setns", 0, 0)', "setns: "),
        ('calls.syscall("pivot_root", "/", "/")', "pivot_root: Operation not permitted"),
        ('calls.syscall("close_range", 9, 8, 0)', "close_range: Invalid argument"),
        ('calls.syscall("landlock_restrict_self", -1, 0)', "landlock_restrict_self: "),
        ("privileges.set_capabilities(1)", "capset: Operation not permitted"),
    ],
)  # fmt: skip
def test_a_call_that_fails_raises_and_is_named(code: str, error: str) -> None:
    assert error in printed(WITHOUT_RIGHTS.format(code))


def test_what_succeeds_gives_its_result() -> None:
    descriptor = calls.libc("dup", 1)
    os.close(descriptor)
    assert descriptor > 2
    assert calls.prctl("PR_CAPBSET_READ", 0) in (0, 1)
    with pytest.raises(OSError, match="prctl PR_CAPBSET_READ") as raised:
        calls.prctl("PR_CAPBSET_READ", 1000)
    assert raised.value.errno == errno.EINVAL


def test_descriptors_that_cannot_be_closed_are_an_error() -> None:
    if not seccomp.compiled(namespaces=True):
        pytest.skip("this system has no libseccomp to refuse the call with")
    assert printed(REFUSES_CLOSE_RANGE) == "PermissionError: [Errno 1] close_range: Operation not permitted"


def test_a_process_that_never_could_empty_its_bounding_set_goes_on_without() -> None:
    assert printed(WITHOUT_RIGHTS.format("privileges.empty_bounding_set(); print('went on')")) == "went on"


def test_a_student_s_process_in_which_a_step_fails_runs_nothing() -> None:
    """The last step is made to fail: what is no filter can never be installed."""
    assert printed(STUDENT.format(b"no filter")) == "1 OSError: [Errno 22] seccomp: Invalid argument"


def test_only_the_descriptor_that_is_kept_reaches_a_student() -> None:
    assert printed(STUDENT.format(b"")) == "0 ran with [0, 1, 2, 'kept']"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("proof.demand_namespaces(proof.namespaces())", "the namespaces pid, net, ipc, mnt, uts, cgroup are shared with the grader"),
        ("proof.demand_restrictions(False, 0, False)", "new privileges are not refused"),
        ("privileges.refuse_new_privileges(); proof.demand_restrictions(True, 0, False)", "the seccomp filter is not there"),
    ],
)  # fmt: skip
def test_a_wall_that_does_not_stand_is_seen(code: str, said: str) -> None:
    assert said in printed(WITHOUT_RIGHTS.replace("import calls", "import calls, proof").format(code))


@pytest.mark.skipif(os.getuid() != 0, reason="only root has rights to lose")
def test_rights_that_are_left_are_seen() -> None:
    code = """
from autograder.sandbox import privileges, proof
privileges.refuse_new_privileges()
{}
proof.demand_restrictions(False, 0, True)
"""
    assert "capabilities are left in CapPrm, CapEff, CapBnd" in printed(code.format(""))
    assert "capabilities are left in CapBnd" in printed(code.format("privileges.set_capabilities(0)"))
