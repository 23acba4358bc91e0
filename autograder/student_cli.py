"""The verb `check`, all that `python -m autograder` does in the students' kit, where this module is called `cli`.

What it imports goes with the kit: see autograder/kit/needed.py.
"""

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path
from textwrap import indent

from rich.markup import escape

from autograder.command import run
from autograder.errors import CourseError
from autograder.model.outcomes import Result
from autograder.model.text import readable
from autograder.results.verdicts import VERDICTS
from autograder.terminal import output, progress_bar

RAN_WITH_YOUR_RIGHTS = "The notebook ran with your own rights; for one that is not yours, add --isolated."
RAN_ISOLATED = "The notebook ran in the grader's sandbox ({})."
ISOLATED_NEEDS_LINUX = "check --isolated needs Linux, or a container as docs/instructors.md describes; for a notebook of your own, leave --isolated out"
ISOLATED_NEEDS_THE_GRADER = "check --isolated needs the grader, which is not part of the students' kit; if the notebook is your own, leave --isolated out"


def main(arguments: list[str] | None = None) -> int:
    """Run `check` and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m autograder", description="Check a notebook before you hand it in.")
    add_check(parser.add_subparsers(required=True, metavar="VERB"))
    return run(parser, arguments)


def add_check(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb `check`."""
    verb = verbs.add_parser("check", help="look at one notebook as a student: its shape and its visible checks")
    verb.add_argument("notebook", type=Path, metavar="NOTEBOOK")
    verb.add_argument(
        "--isolated", action="store_true", help="run it in the grader's sandbox (on Linux), not with your own rights"
    )
    verb.set_defaults(run=run_check)


def run_check(options: argparse.Namespace) -> int:
    """Check a notebook and print the report; return 1 if there is something to mend."""
    if options.isolated and sys.platform != "linux":
        raise CourseError(ISOLATED_NEEDS_LINUX)
    if options.isolated and not find_spec("autograder.running"):
        raise CourseError(ISOLATED_NEEDS_THE_GRADER)
    from autograder.check import check  # here, so that other verbs start without it
    from autograder.sandbox.limits import CELL_SECONDS

    with progress_bar() as progress:
        report = check(options.notebook, Path.cwd(), progress, isolated=options.isolated)
    say = output()
    for repair in report.repairs:
        one_line = " ".join(readable(repair).split())
        say.print(f"[yellow]would be repaired:[/] {escape(one_line)}", highlight=False)
    for note in report.notes:
        say.print(f"[yellow]when it ran:[/] {escape(' '.join(readable(note).split()))}", highlight=False)
    for checked in report.checks:
        color = "green" if checked.outcome is Result.PASSED else "red"
        say.print(f"[{color}]{VERDICTS[checked.outcome][0]}[/]  {escape(checked.name)}", highlight=False)
        if checked.message:
            say.print(escape(indent(readable(checked.message), "    ")), highlight=False)
    say.print(f"{report.hidden} more tests are hidden until grading.", highlight=False)
    say.print(f"One cell may take {CELL_SECONDS:g} seconds, here and in grading.", highlight=False)
    say.print(RAN_ISOLATED.format(report.isolation) if report.isolation else RAN_WITH_YOUR_RIGHTS, highlight=False)
    return 0 if report.passed else 1
