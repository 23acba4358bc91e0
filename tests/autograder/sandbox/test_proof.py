"""Attempts in a child: what came of them counts, and the end of the child by a signal says nothing."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.sandbox.namespaces import exit_status
from autograder.sandbox.proof import MAX_TRIES, holds_in_a_child


def raises() -> int:
    raise OSError


@pytest.mark.parametrize(("attempt", "holds"), [(lambda: 0, True), (lambda: 1, False), (raises, False)])
def test_an_attempt_is_made_once(attempt: Callable[[], int], holds: bool, tmp_path: Path) -> None:
    tries = tmp_path / "tries"

    def counted() -> int:
        with tries.open("a") as file:
            file.write("x")
        return attempt()

    assert holds_in_a_child(counted) is holds
    assert tries.read_text() == "x"


@pytest.mark.parametrize("whose", ["own", "child's"])
@pytest.mark.parametrize(("kills", "holds"), [(MAX_TRIES - 1, True), (MAX_TRIES, False)])
def test_an_attempt_that_a_signal_ended_is_made_again(kills: int, holds: bool, whose: str, tmp_path: Path) -> None:
    left = [tmp_path / str(number) for number in range(kills)]
    for path in left:
        path.touch()

    def attempt() -> int:
        if path := next(filter(Path.exists, left), None):
            path.unlink()
            ended = os.getpid() if whose == "own" else os.fork()
            if ended == 0:
                signal.pause()
            os.kill(ended, signal.SIGKILL)
            return exit_status(ended)
        return 0

    assert holds_in_a_child(attempt) is holds
