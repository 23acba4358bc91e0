"""The process that writers of nbgrader's gradebook are forked from: to import nbgrader takes seconds, a fork milliseconds.

Run as `python -m autograder.gradebook.warm DESCRIPTOR`; `new_writer` is the grader's side. A writer reads students' names from its
standard input, each a JSON string on its own line, and prints a line as soon as the gradebook holds that student's record. For a
line with `null` it prints what the release shows in each cell. At the end it prints a line for each record that could not be written,
if there are any, and a last one.
"""

import atexit
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TextIO

from autograder.errors import CourseError
from autograder.model.garbage import no_search_for_garbage
from autograder.model.records import Record, read_record
from autograder.model.units import Unit, load_unit

ERROR = "error: "  # how the last line of a writer begins that gave up
REFUSED = "refused: "  # how a line about one record begins; a student's name and the reason follow in JSON
RELEASED = "released: "  # how the line begins that says what the release shows, in JSON
DONE = "done"  # the last line of a writer that did not give up
MAX_REQUEST = 1 << 16  # bytes: a path and a name


@dataclass(frozen=True)
class Writer:
    """The grader's ends of the pipes to a process that writes records of one unit."""

    requests: TextIO
    lines: TextIO


def new_writer(course: Path, unit: str) -> Writer:
    """Start a process that writes records of a unit. It is there when the warm process has imported nbgrader, and nobody waits for that."""
    global _warm
    with _lock:
        if _warm is not None:
            with contextlib.suppress(OSError):  # it was killed, so another takes its place
                return _warm.fork(course, unit)
            _warm.close()
        _warm = _Warm()
        return _warm.fork(course, unit)


@atexit.register
def end_warm_process() -> None:
    """End the warm process, if there is one; its writers go on."""
    global _warm
    with _lock:
        if _warm is not None:
            _warm.close()
            _warm = None


class _Warm:
    """The grader's handle on the warm process."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "autograder.gradebook.warm", str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)

    def fork(self, course: Path, unit: str) -> Writer:
        """Ask for a writer; raise OSError where the warm process is gone."""
        request = json.dumps([str(course.absolute()), unit]).encode()
        (reads, requests), (lines, prints) = os.pipe(), os.pipe()
        writer = Writer(
            os.fdopen(requests, "w", encoding="utf-8", errors="replace"),
            os.fdopen(lines, encoding="utf-8", errors="replace"),
        )
        try:
            socket.send_fds(self._socket, [request], [reads, prints])
        except OSError:
            writer.requests.close()
            writer.lines.close()
            raise
        finally:
            os.close(reads)
            os.close(prints)
        return writer

    def close(self) -> None:
        """End the process and wait for its end."""
        self._socket.close()
        self._process.terminate()
        self._process.wait()


_lock = threading.Lock()
_warm: _Warm | None = None


# ---- in the warm process


def serve(control: socket.socket) -> None:
    """Fork a writer per request until the grader hangs up."""
    with no_search_for_garbage():
        import autograder.gradebook.writer  # noqa: F401  # imports nbgrader, which is what this process is for

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the grader handles Ctrl-C and closes a writer's standard input
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # a writer that has ended is nobody's to wait for
    while True:
        request, descriptors, _, _ = socket.recv_fds(control, MAX_REQUEST, 2)
        if not request:
            return
        with contextlib.suppress(OSError):  # the pipes close without a last line, and the grader says so
            if os.fork() == 0:
                control.close()
                _write(*json.loads(request), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _write(course: str, unit: str, reads: int, prints: int) -> None:
    """Be the writer; never return."""
    status = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(reads, 0)
        os.dup2(prints, 1)
        os.close(reads)
        os.close(prints)
        os.chdir(course)
        with open(0, encoding="utf-8") as names, open(1, "w", encoding="utf-8", errors="backslashreplace") as lines:
            write_requested(Path(course), load_unit(Path(course), unit), names, lines)
        status = 0
    except BrokenPipeError:  # the grader is gone, and nobody reads what is printed
        pass
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(status)


def write_requested(course: Path, unit: Unit, names: TextIO, lines: TextIO) -> None:
    """Write the records of the students who are named until no more names come; touch nothing before the first one."""
    from autograder.gradebook.writer import write_gradebook
    from autograder.release.build import released_sources

    def say(line: str) -> None:
        print(line, file=lines, flush=True)

    def say_released() -> None:
        say(f"{RELEASED}{json.dumps(released_sources(unit))}")

    refused: dict[str, str] = {}
    records = _records(course, unit, names, say_released)
    try:
        if first := next(records, None):
            refused = write_gradebook(course, unit, chain([first], records), lambda name: say(json.dumps(name)))
    except CourseError as error:
        say(f"{ERROR}{error}")
        return
    for one in refused.items():
        say(f"{REFUSED}{json.dumps(one)}")
    say(DONE)


def _records(course: Path, unit: Unit, names: TextIO, say_released: Callable[[], None]) -> Iterator[Record]:
    """Yield the record of each student who is named; answer the other requests."""
    for line in names:
        student = json.loads(line)
        if student is None:
            say_released()
        elif record := read_record(course, unit.name, student):
            yield record


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
