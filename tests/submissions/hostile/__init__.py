"""Hostile submissions, an attack a file; what each must earn stands on its first lines.

`<kind>/<name>.py`, in percent format:

    # What the attack does.
    # points: double=0 total=7 stack=6      (ways it may end are separated by |; `any`: whatever its honest part earns)
    # outcome: double timeout               (how a test of that exercise must have ended; may be left out)
    # %% double                             (the answer to that exercise; with nothing below it: not answered)
    # %% own before double                  (a cell of the student's own)

Exercises that a file does not name are answered rightly: what an attack breaks elsewhere is seen.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tests.submissions.target import POINTS, RIGHT

FOLDER = Path(__file__).parent
CELL = re.compile(r"^# %% (.+)$", re.MULTILINE)
MOST = {name: sum(points) for name, points in POINTS.items()}


@dataclass(frozen=True)
class Attack:
    """One attack: its cells, and what grading it must give."""

    kind: str
    name: str
    what: str
    cells: tuple[tuple[str, str], ...]  # heading, source
    points: tuple[dict[str, float], ...]  # by exercise; none: any
    outcome: tuple[str, ...] = ()  # an exercise, and ways one of its tests may have ended

    @property
    def student(self) -> str:
        """Who hands it in."""
        return f"{self.kind}_{self.name}"

    def write(self, release: NotebookNode, path: Path) -> None:
        """Write the submission, made from the release."""
        notebook = nbformat.from_dict(release)
        answers = dict(RIGHT) | {heading: source for heading, source in self.cells if heading in RIGHT}
        for cell in notebook.cells:
            if answers.get(grade_id(cell), ""):
                cell.source = answers[grade_id(cell)]
        for number, (heading, source) in enumerate(self.cells):
            if heading.startswith("own before "):
                at = next(i for i, c in enumerate(notebook.cells) if grade_id(c) == heading.removeprefix("own before "))
                notebook.cells.insert(at, nbformat.v4.new_code_cell(source, id=f"own-{number}"))
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)


def attacks() -> list[Attack]:
    """Every attack of the folder."""
    return list(_read())


def grade_id(cell: NotebookNode) -> str:
    """What nbgrader calls a cell; empty for cells without its marks."""
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def _read() -> Iterator[Attack]:
    for path in sorted(FOLDER.glob("*/*.py")):
        head, *parts = CELL.split(path.read_text())
        what, *told = [line.removeprefix("# ").strip() for line in head.strip().splitlines()]
        facts = dict(line.split(": ", 1) for line in told)
        cells = tuple((heading, source.strip("\n")) for heading, source in zip(parts[::2], parts[1::2], strict=True))
        ways = facts["points"].split(" | ") if facts["points"] != "any" else []
        points = tuple(
            {name: float(most) for name, _, most in (word.partition("=") for word in way.split())} for way in ways
        )
        yield Attack(path.parent.name, path.stem, what, cells, points, tuple(facts.get("outcome", "").split()))
