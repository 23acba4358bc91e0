"""Descriptors that go from process to process, in a system that has no room for them for a while."""

import errno
import itertools
import os
import socket
from types import SimpleNamespace
from typing import Any

import pytest

from autograder.rpc import frames
from autograder.rpc.frames import receive_descriptors, send_descriptors


class Crowded(socket.socket):
    """A socket whose user has too many open files under way, for as many tries as it is told."""

    def __init__(self, descriptor: int, tries: int) -> None:
        super().__init__(fileno=descriptor)
        self.left = tries

    def sendmsg(self, *arguments: Any) -> int:
        if self.left > 0:
            self.left -= 1
            raise OSError(errno.ETOOMANYREFS, os.strerror(errno.ETOOMANYREFS))
        return super().sendmsg(*arguments)


def test_descriptors_wait_until_there_is_room_for_them() -> None:
    near, far = socket.socketpair()
    with far, Crowded(near.detach(), 3) as crowded:
        send_descriptors(crowded, ["here"], [0])
        message, descriptors = receive_descriptors(far, 1)
    assert (message, len(descriptors)) == (["here"], 1)
    os.close(descriptors[0])


def test_they_do_not_wait_for_ever_and_who_is_gone_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(0.0, 10.0)
    # Of this module alone: other threads of this process rest on the real clock.
    time = SimpleNamespace(monotonic=lambda: next(clock), sleep=lambda _seconds: None)
    monkeypatch.setattr("autograder.rpc.frames.time", time)
    near, far = socket.socketpair()
    with Crowded(near.detach(), 1000) as crowded:
        with pytest.raises(OSError, match=os.strerror(errno.ETOOMANYREFS)):
            send_descriptors(crowded, ["here"], [0])
        assert 1000 - crowded.left < frames.SECONDS_TO_RECOVER
        far.close()
        crowded.left = 0
        with pytest.raises(BrokenPipeError):
            send_descriptors(crowded, ["here"], [0])
