"""Frames between two processes that share nothing else: a JSON head and raw buffers. Nothing is ever unpickled.

A frame is 12 bytes (the sizes of the head and of all buffers together, big-endian), the head, and the buffers one after the other. The
head is a JSON list: a message, and the size of each buffer. What a message may be is for `messages.py` to say; this module knows only
frames, deadlines and the ways in which a peer can fail.
"""

import array
import errno
import json
import socket
import struct
import time
from collections.abc import Callable, Sequence
from typing import Any

from autograder.rpc.faults import PeerGone, PeerTimeout, ProtocolError, TooLarge
from autograder.rpc.schema import as_json
from autograder.sandbox.waiting import ready

MAX_FRAME = 128 << 20  # bytes
MAX_DATAGRAM = 1 << 16  # bytes of a message that comes with descriptors
SIZES = struct.Struct(">IQ")
SMALL, LARGE = 1 << 14, 1 << 20  # bytes asked of the kernel at once
SHORTEST = 0.05  # seconds between two looks at a peer's processor time
# For a system in which one user has too many open files on their way from process to process, before that is given up.
SECONDS_TO_RECOVER = 60.0
# What the system says where it lacks something for now: that nobody is gone.
SHORTAGES = frozenset({errno.ETOOMANYREFS, errno.ENOMEM, errno.ENOBUFS})

Buffers = list[bytes | memoryview]

# One encoder for all: json.dumps would make one per message. What travels is a tree, so there is nothing circular to look for.
_in_json = json.JSONEncoder(default=as_json, check_circular=False).encode


class Channel:
    """Frames over a stream socket.

    `deadline` (of time.monotonic) bounds every wait; None waits for ever. `delay` returns the seconds that do not count, by which the
    deadline is put off. `left` returns the processor time that the peer still has, in seconds: a wait ends with it too. `max_frame` and `max_head`: the most bytes that a frame that comes in may have, and its JSON head,
    which takes many times its own size once it is read.
    """

    def __init__(self, sock: socket.socket, max_frame: int = MAX_FRAME, max_head: int = MAX_FRAME) -> None:
        self.sock = sock
        self.max_frame = max_frame
        self.max_head = max_head
        self.deadline: float | None = None
        self.delay: Callable[[], float] | None = None
        self.left: Callable[[], float] | None = None
        self._ahead = b""  # what came with the last frame's end

    def send(self, message: Any, buffers: Sequence[bytes | memoryview] = ()) -> None:
        """Send one frame."""
        head = _in_json([message, [len(b) for b in buffers]]).encode()
        data = b"".join([SIZES.pack(len(head), sum(map(len, buffers))), head, *buffers])
        view = memoryview(data)
        try:
            while view:
                try:
                    view = view[self.sock.send(view, socket.MSG_NOSIGNAL | socket.MSG_DONTWAIT) :]
                except BlockingIOError:  # the peer reads slowly
                    self._wait(write=True)
        except (BrokenPipeError, ConnectionError):
            raise PeerGone from None

    def receive(self) -> tuple[Any, Buffers]:
        """Return the message of one frame, as JSON gave it, and the buffers; raise PeerGone, PeerTimeout or ProtocolError."""
        head_size, body_size = SIZES.unpack(self._read(SIZES.size))
        if head_size + body_size > self.max_frame:
            raise TooLarge(f"a frame of {head_size + body_size:,} bytes; at most {self.max_frame:,} are allowed")
        if head_size > self.max_head:
            raise TooLarge(f"{head_size:,} bytes of lists and text; at most {self.max_head:,} are allowed")
        try:
            message, sizes = json.loads(self._read(head_size))
            body = self._read(body_size)
        except (ValueError, TypeError, RecursionError) as error:
            raise ProtocolError(f"the head of a frame is not JSON ({type(error).__name__})") from None
        except MemoryError:
            raise TooLarge("a frame for which there is no memory left") from None
        if type(sizes) is not list or any(type(n) is not int or n < 0 for n in sizes) or sum(sizes) != body_size:
            raise ProtocolError("the sizes in a frame's head do not add up")
        whole, at = memoryview(body), 0
        buffers: Buffers = []
        for size in sizes:
            buffers.append(whole[at : at + size])
            at += size
        return message, buffers

    def close(self) -> None:
        """Close this end."""
        self.sock.close()

    def _wait(self, write: bool = False) -> None:
        while not ready(self.sock, self._patience(), to_write=write):
            if self._patience() == 0.0:
                raise PeerTimeout

    def _patience(self) -> float | None:
        """Return the seconds to wait before the clocks are to be looked at again; 0 if one of them has run out."""
        bounds = [] if self.deadline is None else [self._until_deadline(self.deadline)]
        if self.left is not None:
            left = self.left()
            bounds.append(max(left, SHORTEST) if left > 0 else 0.0)
        return max(min(bounds), 0.0) if bounds else None

    def _until_deadline(self, deadline: float) -> float:
        left = deadline - time.monotonic()
        return left + self.delay() if left <= 0 and self.delay is not None else left

    def _read(self, size: int) -> bytearray:
        """Return so many bytes: first those that came before, and with the last ones what comes along, to ask the kernel less often."""
        data = bytearray(self._ahead[:size])
        self._ahead = self._ahead[size:]
        while len(data) < size:
            self._wait()
            try:
                piece = self.sock.recv(max(min(size - len(data), LARGE), SMALL))
            except ConnectionError:
                raise PeerGone from None
            if not piece:
                raise PeerGone
            more = size - len(data)
            self._ahead = piece[more:]
            data += piece[:more]
        return data


def send_descriptors(sock: socket.socket, message: Any, descriptors: Sequence[int] = ()) -> None:
    """Send one small message with open descriptors; raise OSError: one of SHORTAGES, or the peer is gone."""
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
    end = time.monotonic() + SECONDS_TO_RECOVER
    while True:
        try:
            sock.sendmsg([_in_json(message).encode()], rights)
            return
        except OSError as error:
            if error.errno != errno.ETOOMANYREFS or time.monotonic() > end:
                raise
            time.sleep(SHORTEST)  # others of this user have them; whoever reads them makes room


def receive_descriptors(sock: socket.socket, most: int) -> tuple[Any, list[int]]:
    """Return what `send_descriptors` sent at the other end, as JSON gave it; None where the peer hung up. Raise OSError."""
    data, ancillary, _, _ = sock.recvmsg(MAX_DATAGRAM, socket.CMSG_SPACE(most * array.array("i").itemsize))
    descriptors = array.array("i")
    for level, kind, rights in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.frombytes(rights)
    return json.loads(data) if data else None, list(descriptors)
