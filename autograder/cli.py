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
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rich.markup import escape

from autograder.command import run
from autograder.errors import CourseError, PartlyDone, UnitError
from autograder.model.marks import Mark
from autograder.model.outcomes import FULL, NOTHING_RAN
from autograder.model.records import Record, Records, read_records
from autograder.model.units import find_unit, list_units, load_unit
from autograder.results.points import points_before_penalty
from autograder.results.table import table_of
from autograder.student_cli import add_check
from autograder.terminal import errors, output, progress_bar, write_lines

LONGEST_CELL = 3600  # seconds
SYSTEMS = ("canvas", "moodle", "gradescope", "csv")  # those of autograder.results.export, which takes a while to import
# Those of autograder.collecting.recognise, which takes a while to import.
SOURCES = ("canvas", "moodle", "gradescope", "blackboard", "github", "exchange", "zip_collect", "folders")
LOUD = (
    "[bold red]This system cannot isolate students' code fully: it offers only {}. Every record says so. "
    "See “What the guarantee rests on” in README.md.[/]"
)
OPEN_TO_OTHERS = (
    "[bold red]Whoever can reach {} can read the hidden tests and run programs on its workers: use a tls:// address, as "
    "“More than one machine” in docs/instructors.md describes.[/]"
)
NEXT_STEPS = (
    "Edit it in JupyterLab, where nbgrader's Create Assignment panel shows what each cell is for. Then: python -m autograder probe {0}, "
    "and python -m autograder release {0}."
)
REFERENCES_NOT_RUN = "The reference solutions were not run, for that needs Linux: grade runs them first, and refuses a unit whose reference loses a test."
NEEDS_LINUX = "{} needs Linux to isolate students' code; on this system run it as “In a container” in docs/instructors.md describes"


def main(arguments: list[str] | None = None) -> int:
    """Run one verb and return the exit status."""
    return run(_parser(), arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m autograder", description="Release, grade and give feedback.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    verb = verbs.add_parser("release", help="make the students' notebooks from source/")
    verb.add_argument("units", nargs="*", metavar="UNIT", help="default: all units")
    verb.set_defaults(run=_release)

    verb = verbs.add_parser("collect", help="take a system's zip or folder of submissions into submitted/")
    verb.add_argument("source", type=Path, metavar="SOURCE", help="the zip or folder")
    verb.add_argument(
        "unit", nargs="?", default="", metavar="UNIT", help="default: each notebook says which unit it is of"
    )
    verb.add_argument(
        "--from", dest="system", choices=SOURCES, default="", help="default: seen from the names of the files"
    )
    verb.add_argument("--submitted", type=Path, metavar="DIR", help="where submissions lie (default: submitted/)")
    verb.add_argument(
        "--zone",
        type=_zone,
        default="UTC",
        metavar="ZONE",
        help="of times without one, such as Europe/Berlin (default: UTC)",
    )
    verb.set_defaults(run=_collect)
    verb = verbs.add_parser("new", help="make a source notebook to start from")
    verb.add_argument("unit", metavar="UNIT", help="the new unit's name, such as 11_convolution")
    verb.set_defaults(run=_new)

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
    verb.add_argument(
        "--solutions",
        action="store_true",
        help="show the author's solution below each exercise, folded; not before the unit's last deadline",
    )
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

    add_check(verbs)

    verb = verbs.add_parser("kit", help="make what students get: a folder, a zip or a git branch")
    verb.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="where to write it (default: kit/)")
    verb.add_argument("--zip", action="store_true", help="write DIR.zip, not a folder")
    verb.add_argument(
        "--branch", metavar="NAME", help="commit it to this git branch, ready to push; with DIR, a folder too"
    )
    verb.add_argument("--units", nargs="+", default=[], metavar="UNIT", help="default: all units")
    verb.set_defaults(run=_kit)

    verb = verbs.add_parser("site", help="make a web site of all units, without answers")
    verb.add_argument("folder", nargs="?", type=Path, default=Path("site"), metavar="DIR", help="default: site/")
    verb.set_defaults(run=_site)
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


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise argparse.ArgumentTypeError(f"no time zone is called {name!r}; give one such as Europe/Berlin") from error


def _release(options: argparse.Namespace) -> None:
    from autograder.publish import publish, references

    course = Path.cwd()
    refused: list[UnitError] = []
    with references(course) as run_reference:
        # Without a unit, find_unit says what is missing where there is no source folder.
        for name in options.units or list_units(course) or [find_unit(course, "")]:
            try:
                path = publish(course, name, run_reference)
                output().print(f"released {escape(str(path.relative_to(course)))}", highlight=False)
            except UnitError as error:
                refused.append(error)
    if run_reference is None:
        output().print(REFERENCES_NOT_RUN, soft_wrap=True, highlight=False)
    if refused:
        raise CourseError("\n".join(map(str, refused)))


def _new(options: argparse.Namespace) -> None:
    from autograder.release.skeleton import write_skeleton

    course = Path.cwd()
    path = write_skeleton(course, options.unit)
    output().print(f"wrote {escape(str(path.relative_to(course)))}", highlight=False)
    output().print(NEXT_STEPS.format(escape(options.unit)), soft_wrap=True, highlight=False)


def _collect(options: argparse.Namespace) -> int:
    from autograder.collecting.collect import collect
    from autograder.collecting.table import sentences_of, table_of

    with progress_bar() as progress:
        collected = collect(
            Path.cwd(),
            options.source,
            options.unit,
            options.submitted,
            system=options.system,
            zone=options.zone,
            progress=progress,
        )
    output().print(table_of(collected))
    problems = sentences_of(collected)
    for sentence in problems:
        errors().print(f"[bold red]not placed:[/] {sentence}", soft_wrap=True, highlight=False)
    return 2 if problems else 0


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
    from autograder.results.feedback import NO_SOLUTIONS, write_feedback
    from autograder.results.solutions import solutions_after_deadline

    course = Path.cwd()
    units = [load_unit(course, name) for name in options.units]
    # All at once: no page is written before it is known that every unit's solutions may be shown.
    solutions = {unit.name: solutions_after_deadline(course, unit) for unit in units} if options.solutions else {}
    partly: list[PartlyDone] = []
    for unit in units:
        records = read_records(course, unit.name)
        _note_damaged(partly, records, f"{unit.name}: feedback is written")
        with progress_bar() as progress:
            try:
                pages = write_feedback(course, unit, records, progress, solutions.get(unit.name, NO_SOLUTIONS))
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


def _kit(options: argparse.Namespace) -> None:
    from autograder.kit.branch import commit_to_branch
    from autograder.kit.contents import kit_files
    from autograder.kit.write import write_folder, write_zip
    from autograder.release.stamp import read_kit

    course = Path.cwd()
    folder = options.folder or Path("kit")
    files = kit_files(course, options.units)
    say = output()
    if options.zip:
        archive = folder.with_name(f"{folder.name}.zip")
        write_zip(files, archive)
        say.print(f"wrote {escape(str(archive))}: {len(files)} files", highlight=False)
    elif options.folder or not options.branch:
        write_folder(files, folder)
        say.print(f"wrote {escape(str(folder))}: {len(files)} files", highlight=False)
    if options.branch:
        commit = commit_to_branch(files, course, options.branch)
        kit = read_kit(course)
        where = f"https://github.com/{kit.repository}" if kit.repository else "REPOSITORY"
        say.print(f"branch {escape(options.branch)} is at {commit[:10]}; publish it with", highlight=False)
        say.print(f"    git push {where} {escape(options.branch)}:{kit.branch}", highlight=False)


def _site(options: argparse.Namespace) -> None:
    from autograder.site.build import make_site

    with progress_bar() as progress:
        site = make_site(Path.cwd(), options.folder, progress)
    for warning in site.warnings:
        errors().print(f"[yellow]warning:[/] {escape(warning)}", soft_wrap=True, highlight=False)
    output().print(f"wrote {escape(str(site.index))}", highlight=False)
