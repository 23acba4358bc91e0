"""The end of a process, and of what it leaves running, where no namespace ends that."""

import os
import signal
import subprocess

import pytest

from autograder.running import forked
from autograder.sandbox.limits import FIRST_UID

USER = FIRST_UID + 9_999

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root has other users' processes, see the module")


def test_all_processes_of_a_user_are_ended() -> None:
    crowd = [subprocess.Popen(["sleep", "600"], user=USER, group=USER, extra_groups=[]) for _ in range(3)]
    forked._end_all_of(USER)
    assert [process.wait() for process in crowd] == [-signal.SIGKILL] * 3


def test_nobody_is_looked_for_again_and_again_who_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Root ends every student's process in this way: twenty programs for each took two seconds per submission."""
    rounds: list[object] = []
    run = subprocess.run
    monkeypatch.setattr(forked.subprocess, "run", lambda *args, **options: rounds.append(args) or run(*args, **options))
    with subprocess.Popen(["true"], user=USER, group=USER, extra_groups=[]):  # ends, and is not waited for
        forked._end_all_of(USER)
    assert len(rounds) <= 2
