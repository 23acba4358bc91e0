"""`python -m autograder VERB`: verbs and flags.

Run from the course folder. Exit status: 0 when every submission has a record, whatever the grades; 1 from `check` alone, for a
notebook with something to fix; 2 for anything that a person has to fix first (said in one sentence); 130 after Ctrl-C; 141
when the reader of the output has closed it, as `head` does, which is what a shell reports of `cat` and `git` then.
"""

import argparse
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from autograder import verbs
from autograder.command import run
from autograder.student_cli import add_check

LONGEST_CELL = 3600  # seconds
# Those of autograder.results.export, which takes a while to import.
SYSTEMS = ("canvas", "moodle", "blackboard", "gradescope", "csv")
# Those of autograder.collecting.recognise, which takes a while to import.
SOURCES = ("canvas", "moodle", "gradescope", "blackboard", "github", "exchange", "zip_collect", "folders")


def main(arguments: list[str] | None = None) -> int:
    """Run one verb and return the exit status."""
    return run(_parser(), arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m autograder", description="Release, grade and give feedback.")
    adding = parser.add_subparsers(required=True, metavar="VERB")

    verb = adding.add_parser("release", help="make the students' notebooks from source/")
    verb.add_argument("units", nargs="*", metavar="UNIT", help="default: all units")
    verb.set_defaults(run=verbs.release)

    verb = adding.add_parser("collect", help="take a system's zip or folder of submissions into submitted/")
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
    verb.set_defaults(run=verbs.collect)

    verb = adding.add_parser("new", help="make a source notebook to start from")
    verb.add_argument("unit", metavar="UNIT", help="the new unit's name, such as 11_convolution")
    verb.set_defaults(run=verbs.new)

    verb = adding.add_parser("grade", help="grade every submission of a unit (on Linux)")
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
    verb.set_defaults(run=verbs.grade)

    verb = adding.add_parser("results", help="print the grades")
    verb.add_argument("units", nargs="+", metavar="UNIT")
    verb.add_argument("--json", action="store_true", help="one line per submission, each a JSON object")
    verb.set_defaults(run=verbs.results)

    verb = adding.add_parser("feedback", help="write a page for each student")
    verb.add_argument("units", nargs="+", metavar="UNIT")
    verb.add_argument(
        "--solutions",
        action="store_true",
        help="show the author's solution below each exercise, folded; not before the unit's last deadline",
    )
    verb.add_argument(
        "--for",
        dest="source",
        type=Path,
        metavar="SOURCE",
        help="put the pages into a zip too, for the system (Canvas, Moodle) from which this download of submissions is",
    )
    verb.set_defaults(run=verbs.feedback)

    verb = adding.add_parser("report", help="write a page about the class")
    verb.add_argument("units", nargs="+", metavar="UNIT")
    verb.set_defaults(run=verbs.report)

    verb = adding.add_parser("export", help="write the marks for a learning management system")
    verb.add_argument("units", nargs="+", metavar="UNIT")
    verb.add_argument("--to", required=True, choices=SYSTEMS, help="the system whose format to write")
    verb.set_defaults(run=verbs.export)

    verb = adding.add_parser(
        "probe", help="make wrong and right answers from the reference and show which the tests misjudge (on Linux)"
    )
    verb.add_argument("units", nargs="+", metavar="UNIT")
    verb.add_argument("--workers", type=_positive, metavar="N", help="how many at once (default: one per usable core)")
    verb.add_argument("--json", action="store_true", help="one line per unit, a JSON object")
    verb.set_defaults(run=verbs.probe)

    add_check(adding)

    verb = adding.add_parser("kit", help="make what students get: a folder, a zip or a git branch")
    verb.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="where to write it (default: kit/)")
    verb.add_argument("--zip", action="store_true", help="write DIR.zip, not a folder")
    verb.add_argument(
        "--branch", metavar="NAME", help="commit it to this git branch, ready to push; with DIR, a folder too"
    )
    verb.add_argument("--units", nargs="+", default=[], metavar="UNIT", help="default: all units")
    verb.set_defaults(run=verbs.kit)

    verb = adding.add_parser("site", help="make a web site of all units, without answers")
    verb.add_argument("folder", nargs="?", type=Path, default=Path("site"), metavar="DIR", help="default: site/")
    verb.set_defaults(run=verbs.site)
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
