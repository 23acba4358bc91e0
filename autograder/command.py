"""How a verb ends: what its exit status says, and errors in one sentence, whatever the machine is like on that day."""

import argparse
import contextlib
import errno
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NoReturn

from rich.markup import escape

from autograder.errors import CourseError
from autograder.interpreter import not_imported
from autograder.model.text import first_line, readable
from autograder.terminal import OutputClosed, closing_noticed, discard_output, errors, usable_streams

Run = Callable[[argparse.Namespace], int | None]

STOPPED = "stopped; what was done is kept, and the same command continues from here"
NO_FOLDER = (
    "the folder that you are in is not there any more; go to the course folder (cd), then run the same command again"
)
REFUSED = "{} ({}); {}, then run the same command again: what was done is kept"
ROOM = "make room or mend the permissions"
NO_MEMORY = "end other programs or give this one more memory (ulimit -v)"
NO_PROCESSES = "end other programs or allow more processes (ulimit -u)"
MORE_FILES = "end other programs or allow more open files (ulimit -n)"
# What to do about an OSError that is not about one file.
REMEDIES = {
    errno.ENOMEM: NO_MEMORY,
    errno.EAGAIN: NO_PROCESSES,
    errno.EMFILE: MORE_FILES,
    errno.ENFILE: MORE_FILES,
}
NO_THREAD = "can't start new thread"  # as Python says it
FAILED = "this program itself failed ({}), which is no mistake of yours; what was done is kept; {}"
KEPT_IN = "report it with the file {}, which says where"
SIGNAL_STATUS = 128  # and the signal's number, as a shell reports a program that a signal ended
ENDINGS = ("SIGTERM", "SIGHUP")  # of a machine that shuts down, and of a terminal that is closed; Windows has no SIGHUP
# What Jupyter, IPython and matplotlib are told by these variables they else look for below the home folder, in these folders.
KEPT_AT_HOME = {
    "JUPYTER_RUNTIME_DIR": (".local/share/jupyter/runtime",),
    "IPYTHONDIR": (".ipython",),
    "MPLCONFIGDIR": (".config/matplotlib", ".cache/matplotlib"),
}


def run(parser: argparse.ArgumentParser, arguments: list[str] | None) -> int:
    """Run the verb that the arguments name and return the exit status. `parser` gives each verb a default `run`."""
    usable_streams()
    try:
        with _stopped_by_signals(), _home_to_write_to():
            return _run(parser, arguments)
    except KeyboardInterrupt as error:
        _print_error(STOPPED)
        return SIGNAL_STATUS + (error.args[0] if error.args else signal.SIGINT)
    except OutputClosed:
        discard_output()
        return SIGNAL_STATUS + 13  # SIGPIPE
    except Exception as error:
        _say(_in_words(error))
        return 2
    finally:
        discard_output()


def _run(parser: argparse.ArgumentParser, arguments: list[str] | None) -> int:
    if not (sys.argv[1:] if arguments is None else arguments):
        # argparse alone would only say that a verb is missing, and not which there are.
        parser.print_help(sys.stderr)
        return 2
    options = _parsed(parser, arguments)
    try:
        os.getcwd()
    except FileNotFoundError as error:
        raise CourseError(NO_FOLDER) from error
    status = options.run(options) or 0
    with closing_noticed():
        sys.stdout.flush()  # what cannot be written is noticed here, and not after the end
    return status


def _in_words(error: Exception) -> str:
    """Return an error in one sentence, whatever it is: what is wrong, where, and what to do next."""
    if isinstance(error, CourseError):
        return str(error)
    if isinstance(error, ImportError):  # a verb imports what it needs when it runs
        return not_imported(error)
    if isinstance(error, MemoryError):
        return REFUSED.format("the system refused", "no memory is left", NO_MEMORY)
    if NO_THREAD in str(error):
        return REFUSED.format("the system refused", NO_THREAD, NO_PROCESSES)
    if isinstance(error, OSError):
        where = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else "the system refused"
        remedy = REMEDIES.get(error.errno or 0, ROOM)
        return REFUSED.format(where, error.strerror or first_line(error), remedy)
    return FAILED.format(f"{type(error).__name__}: {first_line(error)}", _kept(error))


def _kept(error: Exception) -> str:
    """Keep the traceback in a file for whoever mends this program; return what to do with it."""
    try:
        handle, path = tempfile.mkstemp(prefix="autograder-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(traceback.format_exception(error))
    except OSError:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        return f"report it: {frame.filename}, line {frame.lineno}"
    return KEPT_IN.format(path)


def _say(sentence: str) -> None:
    """Print an error, which may quote names and texts that strangers chose."""
    _print_error(f"[bold red]error:[/] {escape(readable(sentence))}")


def _print_error(markup: str) -> None:
    with contextlib.suppress(OSError, OutputClosed):  # nobody can be told anything any more
        errors().print(markup, soft_wrap=True, highlight=False)


@contextlib.contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Let other signals that ask for an end stop a verb as Ctrl-C does, so that nothing is left lying about."""

    def stop(number: int, _frame: object) -> NoReturn:
        raise KeyboardInterrupt(number)

    before = {}
    for number in (getattr(signal, name) for name in ENDINGS if hasattr(signal, name)):
        if signal.getsignal(number) == signal.SIG_DFL:  # else somebody wants it otherwise, such as nohup
            with contextlib.suppress(ValueError):  # not the main thread
                before[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _home_to_write_to() -> Iterator[None]:
    """Where a folder below the home folder cannot be made or written to, have another in its place until the end."""
    home = Path(os.path.expanduser("~"))
    closed = [
        name
        for name, folders in KEPT_AT_HOME.items()
        if name not in os.environ
        and not (home.is_absolute() and home.is_dir() and all(_is_writable(home / one) for one in folders))
    ]
    with contextlib.ExitStack() as cleanup:
        if closed:
            with contextlib.suppress(OSError):  # whoever needs the folder says what is wrong
                other = tempfile.TemporaryDirectory(prefix="home-", ignore_cleanup_errors=True)
                cleanup.enter_context(other)
                folders = {name: str(Path(other.name, name.lower())) for name in closed}
                os.environ.update(folders)
                cleanup.callback(_forget, closed)
        yield


def _forget(names: Iterable[str]) -> None:
    for name in names:
        os.environ.pop(name, None)


def _is_writable(folder: Path) -> bool:
    """Whether a folder can be written to, or be made."""
    there = next((place for place in (folder, *folder.parents) if os.path.exists(place)), folder)
    return os.access(there, os.W_OK | os.X_OK)


def _parsed(parser: argparse.ArgumentParser, arguments: list[str] | None) -> argparse.Namespace:
    with closing_noticed():
        try:
            return parser.parse_args(arguments)
        finally:
            sys.stdout.flush()  # of `--help`, which exits; at Python's end it would be too late to notice a closed pipe
