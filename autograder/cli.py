"""`python -m autograder VERB`: verbs and flags. This module alone prints and exits.

Run from the course folder. Exit status: 0 when every submission has a record, whatever the grades; 1 from `check` alone, for a
notebook with something to fix; 2 for anything that a person has to fix first (said in one sentence); 130 after Ctrl-C; 141
when the reader of the output has closed it, as `head` does, which is what a shell reports of `cat` and `git` then.

Each verb imports what it needs when it runs, for `grade` needs Linux and the other verbs run on every system.
"""

import argparse
import json
import sys
from pathlib import Path
from textwrap import indent
from typing import Any

from rich.markup import escape

from autograder.errors import CourseError, PartlyDone
from autograder.model.marks import Mark
from autograder.model.outcomes import FULL, NOTHING_RAN, Result
from autograder.model.records import Record, Records, read_records
from autograder.model.text import readable
from autograder.model.units import find_unit, list_units, load_unit
from autograder.results.points import points_before_penalty
from autograder.results.table import one_line, table_of
from autograder.results.wording import VERDICTS
from autograder.terminal import (
    OutputClosed,
    closing_noticed,
    discard_output,
    errors,
    output,
    progress_bar,
    write_lines,
)

LONGEST_CELL = 3600  # seconds
SYSTEMS = ("canvas", "moodle", "gradescope", "csv")  # those of autograder.results.export, which takes a while to import
LOUD = (
    "[bold red]This system cannot isolate students' code fully: it offers only {}. Every record says so. "
    "See “What the guarantee rests on” in README.md.[/]"
)
OPEN_TO_OTHERS = (
    "[bold red]Whoever can reach {} can read the hidden tests and run programs on its workers: use a tls:// address, as "
    "“More than one machine” in README.md describes.[/]"
)
RAN_WITH_YOUR_RIGHTS = "The notebook ran with your own rights; for one that is not yours, add --isolated."
RAN_ISOLATED = "The notebook ran in the grader's sandbox ({})."
ISOLATED_NEEDS_LINUX = (
    "check --isolated needs Linux; on this system run it as “In a container” in README.md describes, or, if the notebook is your own, "
    "without --isolated"
)
NEEDS_LINUX = (
    "{} needs Linux to isolate students' code; on this system run it as “In a container” in README.md describes"
)


def main(arguments: list[str] | None = None) -> int:
    """Run one verb and return the exit status."""
    try:
        options = _parse(arguments)
        return options.run(options) or 0
    except CourseError as error:
        errors().print(f"[bold red]error:[/] {escape(str(error))}", soft_wrap=True, highlight=False)
        return 2
    except KeyboardInterrupt:
        errors().print("stopped; what was done is kept, and the same command continues from here", soft_wrap=True)
        return 130
    except OutputClosed:
        discard_output()
        return 141


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    with closing_noticed():
        try:
            return _parser().parse_args(arguments)
        finally:
            sys.stdout.flush()  # of `--help`, which exits; at Python's end it would be too late to notice a closed pipe


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m autograder", description="Release, grade and give feedback.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    verb = verbs.add_parser("release", help="make the students' notebooks from source/")
    verb.add_argument("units", nargs="*", metavar="UNIT", help="default: all units")
    verb.set_defaults(run=_release)

    verb = verbs.add_parser("grade", help="grade every submission of a unit (on Linux)")
    verb.add_argument("units", nargs="+", metavar="UNIT")
    verb.add_argument("--submitted", type=Path, metavar="DIR", help="where submissions lie (default: submitted/)")
    verb.add_argument("--workers", type=_positive, metavar="N", help="how many at once (default: one per usable core)")
    verb.add_argument(
        "--cell-seconds",
        type=_seconds,
        metavar="S",
        help="how long one cell may take (default: timeout in nbgrader_config.py, else 30)",
    )
    verb.add_argument("--scheduler", metavar="ADDRESS", help="a Dask cluster to grade on, such as tcp://10.0.0.1:8786")
    verb.add_argument("--force", action="store_true", help="grade again what has not changed")
    verb.set_defaults(run=_grade)

    verb = verbs.add_parser("results", help="print the grades")
    verb.add_argument("units", nargs="+", metavar="UNIT")
    verb.add_argument("--json", action="store_true", help="one line per submission, each a JSON object")
    verb.set_defaults(run=_results)

    verb = verbs.add_parser("feedback", help="write a page for each student")
    verb.add_argument("units", nargs="+", metavar="UNIT")
    verb.set_defaults(run=_feedback)

    verb = verbs.add_parser("report", help="write a page about the class")
    verb.add_argument("units", nargs="+", metavar="UNIT")
    verb.set_defaults(run=_report)

    verb = verbs.add_parser("export", help="write the marks for a learning management system")
    verb.add_argument("units", nargs="+", metavar="UNIT")
    verb.add_argument("--to", required=True, choices=SYSTEMS, help="the system whose format to write")
    verb.set_defaults(run=_export)

    verb = verbs.add_parser(
        "probe", help="make wrong and right answers from the reference and show which the tests misjudge (on Linux)"
    )
    verb.add_argument("units", nargs="+", metavar="UNIT")
    verb.add_argument("--workers", type=_positive, metavar="N", help="how many at once (default: one per usable core)")
    verb.add_argument("--json", action="store_true", help="one line per unit, a JSON object")
    verb.set_defaults(run=_probe)

    verb = verbs.add_parser("check", help="look at one notebook as a student: its shape and its visible checks")
    verb.add_argument("notebook", type=Path, metavar="NOTEBOOK")
    verb.add_argument(
        "--isolated", action="store_true", help="run it in the grader's sandbox (on Linux), not with your own rights"
    )
    verb.set_defaults(run=_check)
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 1 <= number <= LONGEST_CELL:
        raise argparse.ArgumentTypeError(f"from 1 to {LONGEST_CELL}")
    return number


def _release(options: argparse.Namespace) -> None:
    from autograder.release.build import make_release

    course = Path.cwd()
    # Without a unit, find_unit says what is missing where there is no source folder.
    for name in options.units or list_units(course) or [find_unit(course, "")]:
        path = make_release(course, name)
        output().print(f"released {escape(str(path.relative_to(course)))}", highlight=False)


def _grade(options: argparse.Namespace) -> None:
    if sys.platform != "linux":
        raise CourseError(NEEDS_LINUX.format("grade"))
    from autograder.grade import grade, limits_of, open_executor
    from autograder.running.cluster import is_open_to_others

    course = Path.cwd()
    if options.scheduler and is_open_to_others(options.scheduler):
        errors().print(OPEN_TO_OTHERS.format(escape(options.scheduler)), soft_wrap=True, highlight=False)
    limits = limits_of(course, options.cell_seconds)
    partly: list[PartlyDone] = []
    with open_executor(options.workers, options.scheduler) as executor:
        for name in options.units:
            with progress_bar() as progress:
                try:
                    records = grade(
                        course,
                        name,
                        options.submitted,
                        force=options.force,
                        limits=limits,
                        executor=executor,
                        progress=progress,
                    )
                except PartlyDone as error:
                    partly.append(error)
                    records = error.done
            for isolation in sorted({record.isolation for record in records} - {FULL, NOTHING_RAN}):
                errors().print(LOUD.format(isolation), soft_wrap=True)
            output().print(escape(_graded_in_words(records)), highlight=False)
    _raise_all(partly)


def _graded_in_words(records: list[Record]) -> str:
    unit = records[0].unit
    failed = sum(record.failed for record in records)
    unread = sum(bool(record.problem) for record in records) - failed
    words = [f"{unit}: {len(records)} submissions graded"]
    if unread:
        words.append(f"{unread} could not be read")
    if failed:
        words.append(f"the grader failed on {failed}, see records/{unit}/failures.log; the same command tries again")
    return "; ".join(words)


def _raise_all(partly: list[PartlyDone]) -> None:
    """Raise what was left undone in several units as one error."""
    if partly:
        raise CourseError("\n".join(map(str, partly)))


def _results(options: argparse.Namespace) -> None:
    course = Path.cwd()
    partly: list[PartlyDone] = []
    for name in options.units:
        unit = load_unit(course, name)
        records = read_records(course, unit.name)
        marks = points_before_penalty(course, unit, records)
        if options.json:
            write_lines(json.dumps(_summary(record, marks[record.student])) for record in records)
        else:
            output().print(table_of(unit, list(records), marks))
        _note_damaged(partly, records, f"{unit.name}: the grades are printed")
    _raise_all(partly)


def _note_damaged(partly: list[PartlyDone], records: Records, done: str) -> None:
    """Note the records that were left out because they cannot be read."""
    if records.damaged:
        partly.append(PartlyDone(done, records.damaged, ours=False))


def _summary(record: Record, counted: Mark) -> dict[str, Any]:
    """Return what `results --json` says about one submission, with the points that a person gave."""
    points = {"score": counted.score, "max_score": counted.max_score, "waiting_for_a_person": counted.waiting}
    return record.summary() | points


def _feedback(options: argparse.Namespace) -> None:
    from autograder.results.feedback import write_feedback

    course = Path.cwd()
    partly: list[PartlyDone] = []
    for name in options.units:
        unit = load_unit(course, name)
        records = read_records(course, unit.name)
        _note_damaged(partly, records, f"{unit.name}: feedback is written")
        with progress_bar() as progress:
            try:
                pages = write_feedback(course, unit, records, progress)
            except PartlyDone as error:
                partly.append(error)
                pages = error.done
        output().print(
            escape(f"{unit.name}: {len(pages)} pages in feedback/<student>/{unit.name}/{unit.name}.html"),
            highlight=False,
        )
    _raise_all(partly)


def _report(options: argparse.Namespace) -> None:
    from autograder.results.report import write_report

    course = Path.cwd()
    partly: list[PartlyDone] = []
    for name in options.units:
        try:
            path = write_report(course, load_unit(course, name))
        except PartlyDone as error:
            partly.append(error)
            path = error.done
        output().print(f"wrote {escape(str(path.relative_to(course)))}", highlight=False)
    _raise_all(partly)


def _export(options: argparse.Namespace) -> None:
    from autograder.results.export import export

    course = Path.cwd()
    units = {unit.name: unit for unit in (load_unit(course, name) for name in options.units)}
    first, *more = export(course, list(units.values()), options.to)
    others = f" and {len(more)} more" if more else ""
    output().print(f"wrote {escape(str(first.relative_to(course)))}{others}", highlight=False)


def _probe(options: argparse.Namespace) -> int:
    if sys.platform != "linux":
        raise CourseError(NEEDS_LINUX.format("probe"))
    from autograder.grade import open_executor
    from autograder.probing.equivalents import read_equivalents
    from autograder.probing.probe import probe
    from autograder.probing.table import lines_of, probed_table

    course = Path.cwd()
    survived = False
    with open_executor(options.workers) as executor:
        for name in options.units:
            unit = load_unit(course, name)
            with progress_bar() as progress:
                probed = probe(unit, read_equivalents(course, unit.name), executor, progress)
            survived |= bool(probed.survivors)
            if options.json:
                write_lines([json.dumps(probed.summary())])
            else:
                output().print(probed_table(unit, probed))
                for line in lines_of(probed):
                    output().print(line, highlight=False)
    return 1 if survived else 0


def _check(options: argparse.Namespace) -> int:
    if options.isolated and sys.platform != "linux":
        raise CourseError(ISOLATED_NEEDS_LINUX)
    from autograder.check import check
    from autograder.sandbox.limits import CELL_SECONDS

    with progress_bar() as progress:
        report = check(options.notebook, Path.cwd(), progress, isolated=options.isolated)
    say = output()
    for repair in report.repairs:
        say.print(f"[yellow]would be repaired:[/] {one_line(repair)}", highlight=False)
    for checked in report.checks:
        color = "green" if checked.outcome is Result.PASSED else "red"
        say.print(f"[{color}]{VERDICTS[checked.outcome][0]}[/]  {checked.test.id}", highlight=False)
        if checked.message:
            say.print(escape(indent(readable(checked.message), "    ")), highlight=False)
    say.print(f"{report.hidden} more tests are hidden until grading.", highlight=False)
    say.print(f"One cell may take {CELL_SECONDS:g} seconds, here and in grading.", highlight=False)
    say.print(RAN_ISOLATED.format(report.isolation) if report.isolation else RAN_WITH_YOUR_RIGHTS, highlight=False)
    return 0 if report.passed else 1
