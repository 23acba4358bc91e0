"""How a verb ends: what its exit status says, and errors in one sentence."""

import argparse
import sys
from collections.abc import Callable

from rich.markup import escape

from autograder.errors import CourseError
from autograder.model.text import readable
from autograder.terminal import OutputClosed, closing_noticed, discard_output, errors

Run = Callable[[argparse.Namespace], int | None]


def run(parser: argparse.ArgumentParser, arguments: list[str] | None) -> int:
    """Run the verb that the arguments name and return the exit status. `parser` gives each verb a default `run`."""
    try:
        if not (sys.argv[1:] if arguments is None else arguments):
            # argparse alone would only say that a verb is missing, and not which there are.
            parser.print_help(sys.stderr)
            return 2
        options = _parsed(parser, arguments)
        return options.run(options) or 0
    except CourseError as error:
        # It may quote names and texts that strangers chose.
        errors().print(f"[bold red]error:[/] {escape(readable(str(error)))}", soft_wrap=True, highlight=False)
        return 2
    except KeyboardInterrupt:
        errors().print("stopped; what was done is kept, and the same command continues from here", soft_wrap=True)
        return 130
    except OutputClosed:
        discard_output()
        return 141


def _parsed(parser: argparse.ArgumentParser, arguments: list[str] | None) -> argparse.Namespace:
    with closing_noticed():
        try:
            return parser.parse_args(arguments)
        finally:
            sys.stdout.flush()  # of `--help`, which exits; at Python's end it would be too late to notice a closed pipe
