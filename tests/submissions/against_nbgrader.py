"""What plain `nbgrader autograde` makes of the hostile submissions that are safe to run without a sandbox; a table of both.

    python -m tests.submissions.against_nbgrader

Forgeries, leaks and claims only: nbgrader runs a submission with the rights of whoever grades, so what deletes files, kills
processes or fills memory is left out. Takes minutes: nbgrader starts a kernel for each. Prints Markdown.
"""

import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from nbgrader.api import Gradebook

from autograder.grade import grade
from autograder.release import released
from autograder.sandbox import Limits
from autograder.units import load_unit
from tests.submissions.hostile import attacks, files
from tests.submissions.target import NAME, write_target

KINDS = ("forgery", "leaks")
CLAIMS = (
    files.more_points,
    files.emptied_tests,
    files.own_tests,
    files.swapped_ids,
    files.pasted_outputs,
    files.modules_beside,
)
UNSAFE = (
    "leaks_searches_the_disk",
    "leaks_searches_its_memory",
)  # without a sandbox they would read this whole machine
TIMEOUT = "c = get_config()\nc.ExecutePreprocessor.timeout = 20\n"


def main() -> int:
    """Grade with both and print who gave a point too many."""
    with tempfile.TemporaryDirectory(prefix="against-") as folder:
        course = Path(folder)
        honest = hand_in(course)
        (course / "nbgrader_config.py").write_text(TIMEOUT)
        nbgrader(course, "generate_assignment")
        nbgrader(course, "autograde")
        theirs = scores(course)
        (course / "gradebook.db").unlink()
        ours = {record.student: record.score for record in grade(course, NAME, limits=Limits(cell_seconds=3))}
    print(f"nbgrader {version('nbgrader')}, torch {version('torch')}, Python {sys.version.split()[0]}\n")
    print("| submission | deserves | nbgrader | here |\n|---|---|---|---|")
    for student, deserved in sorted(honest.items()):
        given = [f"{table[student]:g}" if student in table else "nothing: it stopped" for table in (theirs, ours)]
        print(f"| {student} | {' or '.join(f'{points:g}' for points in sorted(deserved))} | {' | '.join(given)} |")
    for name, table in (("nbgrader", theirs), ("here", ours)):
        held = sum(table.get(student) in deserved for student, deserved in honest.items())
        print(f"\n{name}: {held} of {len(honest)} got what they deserve")
    return 0


def hand_in(course: Path) -> dict[str, set[float]]:
    """Write the course; what each student's honest part deserves."""
    write_target(course)
    release = released(load_unit(course, NAME))
    deserved = {}
    for attack in attacks():
        if attack.kind in KINDS and attack.points and attack.student not in UNSAFE:
            attack.write(release, course / "submitted" / attack.student / NAME / f"{NAME}.ipynb")
            deserved[attack.student] = {sum(points.values()) for points in attack.points}
    for claim in CLAIMS:
        must = claim(course / "submitted" / f"file_{claim.__name__}" / NAME, release)
        deserved[f"file_{claim.__name__}"] = {must.points}
    return deserved


def nbgrader(course: Path, verb: str) -> None:
    """Run one of nbgrader's commands; that it stops at an odd notebook is part of the finding."""
    subprocess.run([sys.executable, "-m", "nbgrader", verb, NAME], cwd=course, capture_output=True, timeout=3000)


def scores(course: Path) -> dict[str, float]:
    """What nbgrader's gradebook holds."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        return {found.student.id: found.score for found in gradebook.assignment_submissions(NAME)}


if __name__ == "__main__":
    sys.exit(main())
