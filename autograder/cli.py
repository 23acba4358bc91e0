"""`python -m autograder VERB`: verbs and flags. This module alone prints and exits.

Run from the course folder. Exit status: 0 when every submission has a record, whatever the grades; 1 from `check` alone, for a
notebook with something to mend; 2 for anything that a person has to mend first (said in one sentence); 130 after Ctrl-C.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import indent

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from autograder.errors import CourseError
from autograder.model.outcomes import FULL, NOTHING_RAN, Result
from autograder.model.records import Record, read_records
from autograder.model.text import readable
from autograder.model.units import find_unit, list_units, load_unit
from autograder.results.wording import VERDICTS

SYSTEMS = ("canvas", "moodle", "gradescope", "csv")  # those of autograder.results.export, which takes a while to import
LOUD = (
    "[bold red]This system does not give the grader all that keeps students' code in: it has only {}. Every record says so. "
    "See “What the guarantee rests on” in README.md.[/]"
)


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options) or 0
    except CourseError as error:
        _errors().print(f"[bold red]error:[/] {escape(str(error))}", soft_wrap=True, highlight=False)
        return 2
    except KeyboardInterrupt:
        _errors().print("stopped; what was done is kept, and the same command goes on from here", soft_wrap=True)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m autograder", description="Release, grade and give feedback.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    verb = verbs.add_parser("release", help="make the students' notebooks from source/")
    verb.add_argument("units", nargs="*", metavar="UNIT", help="all units where none is named")
    verb.set_defaults(run=_release)

    verb = verbs.add_parser("grade", help="grade every submission of a unit")
    verb.add_argument("units", nargs="+", metavar="UNIT")
    verb.add_argument("--submitted", type=Path, metavar="DIR", help="where submissions lie (default: submitted/)")
    verb.add_argument("--workers", type=_positive, metavar="N", help="how many at once (default: one a core)")
    verb.add_argument("--scheduler", metavar="ADDRESS", help="a Dask cluster to grade on, such as tcp://10.0.0.1:8786")
    verb.add_argument("--force", action="store_true", help="grade again what has not changed")
    verb.set_defaults(run=_grade)

    verb = verbs.add_parser("results", help="print the grades")
    verb.add_argument("units", nargs="+", metavar="UNIT")
    verb.add_argument("--json", action="store_true", help="one JSON object a line for each submission")
    verb.set_defaults(run=_results)

    verb = verbs.add_parser("feedback", help="write a page for each student")
    verb.add_argument("units", nargs="+", metavar="UNIT")
    verb.set_defaults(run=_feedback)

    verb = verbs.add_parser("report", help="write a page about the class")
    verb.add_argument("units", nargs="+", metavar="UNIT")
    verb.set_defaults(run=_report)

    verb = verbs.add_parser("export", help="write the marks for a learning management system")
    verb.add_argument("units", nargs="+", metavar="UNIT")
    verb.add_argument("--to", required=True, choices=SYSTEMS, help="whose format")
    verb.set_defaults(run=_export)

    verb = verbs.add_parser("check", help="look at one notebook as a student: its shape and its visible checks")
    verb.add_argument("notebook", type=Path, metavar="NOTEBOOK")
    verb.set_defaults(run=_check)
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _release(options: argparse.Namespace) -> None:
    from autograder.release.build import make_release

    course = Path.cwd()
    # Without a unit, find_unit says what is missing where there is no source folder.
    for name in options.units or list_units(course) or [find_unit(course, "")]:
        path = make_release(course, name)
        _say().print(f"released {path.relative_to(course)}", highlight=False)


def _grade(options: argparse.Namespace) -> None:
    from autograder.grade import grade

    for name in options.units:
        with _progress() as progress:
            records = grade(
                Path.cwd(),
                name,
                options.submitted,
                options.workers,
                options.force,
                scheduler=options.scheduler,
                progress=progress,
            )
        for isolation in sorted({record.isolation for record in records} - {FULL, NOTHING_RAN}):
            _errors().print(LOUD.format(isolation), soft_wrap=True)
        unread = sum(bool(record.problem) for record in records)
        told = f"; {unread} could not be read" if unread else ""
        _say().print(f"{records[0].unit}: {len(records)} submissions graded{told}", highlight=False)


def _results(options: argparse.Namespace) -> None:
    course = Path.cwd()
    for name in options.units:
        unit = load_unit(course, name)
        records = list(read_records(course, unit.name))
        if options.json:
            for record in records:
                sys.stdout.write(json.dumps(record.summary()) + "\n")
        else:
            _say().print(_table(unit.name, unit.exercises, records))


def _table(unit: str, exercises: list[str], records: list[Record]) -> Table:
    table = Table(title=unit, caption=f"{len(records)} submissions", row_styles=["", "dim"])
    table.add_column("student", no_wrap=True)
    for exercise in exercises:
        table.add_column(exercise, justify="right")
    table.add_column("total", justify="right", style="bold")
    table.add_column("note", overflow="fold")
    for record in records:
        points = [f"{record.exercise_score(exercise):g}" for exercise in exercises]
        notes = _plain("; ".join(filter(None, [record.problem, *record.repairs, *record.notes])))
        table.add_row(_plain(record.student), *points, f"{record.score:g}/{record.max_score:g}", notes)
    return table


def _plain(text: str) -> str:
    """Text of a student's as it may stand in a terminal: no control sequences, no markup."""
    return escape(" ".join(readable(text).split()))


def _feedback(options: argparse.Namespace) -> None:
    from autograder.results.feedback import write_feedback

    course = Path.cwd()
    for name in options.units:
        unit = load_unit(course, name)
        with _progress() as progress:
            pages = write_feedback(course, unit, read_records(course, unit.name), progress)
        _say().print(
            f"{unit.name}: {len(pages)} pages in feedback/<student>/{unit.name}/{unit.name}.html", highlight=False
        )


def _report(options: argparse.Namespace) -> None:
    from autograder.results.report import write_report

    course = Path.cwd()
    for name in options.units:
        _say().print(f"wrote {write_report(course, load_unit(course, name)).relative_to(course)}", highlight=False)


def _export(options: argparse.Namespace) -> None:
    from autograder.results.export import export

    course = Path.cwd()
    units = {unit.name: unit for unit in (load_unit(course, name) for name in options.units)}
    first, *more = export(course, list(units.values()), options.to)
    others = f" and {len(more)} more like it" if more else ""
    _say().print(f"wrote {first.relative_to(course)}{others}", highlight=False)


def _check(options: argparse.Namespace) -> int:
    from autograder.check import check

    with _progress() as progress:
        report = check(options.notebook, Path.cwd(), progress)
    say = _say()
    for repair in report.repairs:
        say.print(f"[yellow]would be repaired:[/] {_plain(repair)}", highlight=False)
    for checked in report.checks:
        color = "green" if checked.outcome is Result.PASSED else "red"
        say.print(f"[{color}]{VERDICTS[checked.outcome][0]}[/]  {checked.test.id}", highlight=False)
        if checked.message:
            say.print(escape(indent(readable(checked.message), "    ")), highlight=False)
    say.print(f"{report.hidden} more tests are hidden until grading.", highlight=False)
    return 0 if report.passed else 1


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar with the time left, on standard error, so that standard output stays the result alone."""
    columns = [
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    ]
    console = _errors()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        tasks: dict[str, TaskID] = {}

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                for earlier in tasks.values():
                    bar.update(earlier, visible=False)
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield show


def _say() -> Console:
    return Console(soft_wrap=not sys.stdout.isatty(), width=None if sys.stdout.isatty() else 200)


def _errors() -> Console:
    return Console(stderr=True)
