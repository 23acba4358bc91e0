"""What each verb of the command line does: call the rooms and print what came of it.

Each verb imports what it needs when it runs, for `grade` and `probe` need Linux and the other verbs run on every system.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from rich.markup import escape

from autograder.errors import CourseError, PartlyDone, UnitError
from autograder.gradebook.roster import read_roster
from autograder.model.marks import Mark
from autograder.model.outcomes import is_weakened
from autograder.model.records import Record, Records, read_records
from autograder.model.text import readable
from autograder.model.units import find_unit, list_units, load_unit
from autograder.results.points import points_before_penalty
from autograder.results.table import table_of
from autograder.terminal import errors, output, progress_bar, write_lines

LOUD = (
    "[bold red]This system cannot isolate students' code fully: it offers only {}. Every record says so. "
    "See “What the guarantee rests on” in README.md.[/]"
)
OPEN_TO_OTHERS = (
    "[bold red]Whoever can reach {} can read the hidden tests and run programs on its workers: use a tls:// address, as "
    "“More than one machine” in docs/instructors.md describes.[/]"
)
NOT_LISTED = "[yellow]not in students.csv:[/] {}; add the student there, or take the row out before you import where somebody has left the course"
NEXT_STEPS = (
    "Edit it in JupyterLab, where nbgrader's Create Assignment panel shows what each cell is for. Then: python -m autograder probe {0}, "
    "and python -m autograder release {0}."
)
REFERENCES_NOT_RUN = "The reference solutions were not run, for that needs Linux: grade runs them first, and refuses a unit whose reference loses a test."
NEEDS_LINUX = "{} needs Linux to isolate students' code; on this system run it as “In a container” in docs/instructors.md describes"


def release(options: argparse.Namespace) -> None:
    """Make the students' notebooks of some units, or of all, and say everything that has to be mended first."""
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


def new(options: argparse.Namespace) -> None:
    """Write a source notebook to start from."""
    from autograder.release.skeleton import write_skeleton

    course = Path.cwd()
    path = write_skeleton(course, options.unit)
    output().print(f"wrote {escape(str(path.relative_to(course)))}", highlight=False)
    output().print(NEXT_STEPS.format(escape(options.unit)), soft_wrap=True, highlight=False)


def collect(options: argparse.Namespace) -> int:
    """Take in what a learning management system hands over; say what could not be placed."""
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


def grade(options: argparse.Namespace) -> None:
    """Grade every submission of some units."""
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
            for isolation in sorted({record.isolation for record in records if is_weakened(record.isolation)}):
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


def results(options: argparse.Namespace) -> None:
    """Print the grades."""
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
            missing = sorted(read_roster(course).listed - {*marks, *records.damaged})
            if missing:
                output().print(escape(f"not handed in: {', '.join(map(readable, missing))}"), highlight=False)
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


def feedback(options: argparse.Namespace) -> None:
    """Write a page for each student."""
    from autograder.collecting.handing_back import hand_back
    from autograder.results.feedback import NO_SOLUTIONS, write_feedback
    from autograder.results.solutions import solutions_after_deadline

    course = Path.cwd()
    if options.source and len(options.units) > 1:
        raise CourseError(
            "--for takes one unit: a download of submissions is of one assignment; name one unit at a time"
        )
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
        if options.source:
            archive = hand_back(course, unit.name, options.source)
            output().print(f"wrote {escape(str(archive.relative_to(course)))}", highlight=False)
    _raise_all(partly)


def report(options: argparse.Namespace) -> None:
    """Write a page about the class."""
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


def export(options: argparse.Namespace) -> None:
    """Write the marks for a learning management system."""
    from autograder.results.export import export

    course = Path.cwd()
    units = {unit.name: unit for unit in (load_unit(course, name) for name in options.units)}
    first, *more = export(course, list(units.values()), options.to)
    others = f" and {len(more)} more" if more else ""
    output().print(f"wrote {escape(str(first.relative_to(course)))}{others}", highlight=False)
    if list_of_students := read_roster(course).listed:
        graded = {record.student for unit in units for record in read_records(course, unit)}
        if strangers := sorted(graded - list_of_students):
            names = ", ".join(map(readable, strangers))
            errors().print(NOT_LISTED.format(escape(names)), soft_wrap=True, highlight=False)


def probe(options: argparse.Namespace) -> int:
    """Show which answers, made from the reference, the tests misjudge."""
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
                for line in lines_of(unit, probed):
                    output().print(line, highlight=False)
    return 1 if survived else 0


def kit(options: argparse.Namespace) -> None:
    """Write what students get."""
    from autograder.kit.branch import commit_to_branch
    from autograder.kit.contents import kit_files
    from autograder.kit.write import write_folder, write_zip, zip_beside
    from autograder.release.stamp import read_kit

    course = Path.cwd()
    folder = options.folder or Path("kit")
    files = kit_files(course, options.units)
    say = output()
    if options.zip:
        archive = zip_beside(folder)
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


def site(options: argparse.Namespace) -> None:
    """Write the course as static pages."""
    from autograder.site.build import make_site

    with progress_bar() as progress:
        site = make_site(Path.cwd(), options.folder, progress)
    for warning in site.warnings:
        errors().print(f"[yellow]warning:[/] {escape(warning)}", soft_wrap=True, highlight=False)
    output().print(f"wrote {escape(str(site.index))}", highlight=False)
