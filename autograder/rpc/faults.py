"""What can go wrong between two processes.

WireError
├── ProtocolError     the peer sent something that is not a frame of plain data, or not a message of the table
│   └── TooLarge      the peer sent more than this side is ready to hold
├── PeerGone          the peer's end of the channel is closed
└── PeerTimeout       the peer did not answer before the deadline
"""


class WireError(BaseException):
    """Base of what can go wrong between the processes.

    A BaseException, so that the `except Exception` of a test cannot swallow it (the connection latches it besides).
    """


class ProtocolError(WireError):
    """The peer sent something that is not a frame of plain data, or not a message of the table."""


class TooLarge(ProtocolError):
    """The peer sent more than this side is ready to hold."""


class PeerGone(WireError):
    """The peer's end of the channel is closed."""


class PeerTimeout(WireError):
    """The peer did not answer before the deadline."""
