"""Frames between two processes that share nothing else: a JSON head and raw buffers. Nothing is ever unpickled.

What a tree may hold is for `values.py`; this module knows only frames, deadlines and the ways a peer can fail.
"""

import json
import select
import socket
import struct
import time
from collections.abc import Sequence
from typing import Any

MAX_FRAME = 128 << 20  # bytes
HEAD = struct.Struct(">IQ")

Buffers = list[bytes]


class WireError(BaseException):
    """Base of what can go wrong between the processes.

    A BaseException, so that the `except Exception` of a test cannot swallow it (the connection latches it besides).
    """


class ProtocolError(WireError):
    """The peer sent something that is not a frame of plain data."""


class PeerGone(WireError):
    """The peer's end of the channel is closed."""


class PeerTimeout(WireError):
    """The peer did not answer before the deadline."""


class Channel:
    """Frames over a stream socket. `deadline` (of time.monotonic) bounds every wait; None waits for ever."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.deadline: float | None = None

    def send(self, tree: Any, buffers: Sequence[bytes] = ()) -> None:
        """Send one frame."""
        head = json.dumps([tree, [len(b) for b in buffers]]).encode()
        data = b"".join([HEAD.pack(len(head), sum(map(len, buffers))), head, *buffers])
        view = memoryview(data)
        try:
            while view:
                self._wait(write=True)
                view = view[self.sock.send(view, socket.MSG_NOSIGNAL | socket.MSG_DONTWAIT) :]
        except BlockingIOError:
            raise PeerTimeout from None
        except (BrokenPipeError, ConnectionError):
            raise PeerGone from None

    def receive(self) -> tuple[Any, Buffers]:
        """Receive one frame; raises PeerGone, PeerTimeout or ProtocolError."""
        head_size, body_size = HEAD.unpack(self._read(HEAD.size))
        if head_size + body_size > MAX_FRAME:
            raise ProtocolError(f"a frame of {head_size + body_size:,} bytes; at most {MAX_FRAME:,} are allowed")
        head = self._read(head_size)
        try:
            tree, sizes = json.loads(head)
        except (ValueError, TypeError, RecursionError) as error:
            raise ProtocolError(f"the head of a frame is not JSON ({type(error).__name__})") from None
        if type(sizes) is not list or any(type(n) is not int or n < 0 for n in sizes) or sum(sizes) != body_size:
            raise ProtocolError("the sizes in a frame's head do not add up")
        body = self._read(body_size)
        buffers, at = [], 0
        for size in sizes:
            buffers.append(body[at : at + size])
            at += size
        return tree, buffers

    def close(self) -> None:
        """Close this end."""
        self.sock.close()

    def _wait(self, write: bool = False) -> None:
        left = None if self.deadline is None else max(0.0, self.deadline - time.monotonic())
        ends: list[socket.socket] = [self.sock]
        if not any(select.select([] if write else ends, ends if write else [], [], left)):
            raise PeerTimeout

    def _read(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            self._wait()
            try:
                piece = self.sock.recv(min(size - len(data), 1 << 20))
            except ConnectionError:
                raise PeerGone from None
            if not piece:
                raise PeerGone
            data += piece
        return bytes(data)
