"""A class of 24 made from the answer bank, the same at every call, with what each submission must earn.

`python -m tests.submissions.sample_class DIR [--units UNIT …] [--students N]` writes a course folder: the sources, nbgrader's
settings and `submitted/`, by default for every unit. With more than 24 students, the class repeats under other names, less the
three who end or exhaust their process. These three do so in unit 05 alone: waiting for them once is enough.
"""

import argparse
import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count, islice
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.release.build import released
from autograder.model.units import Unit, load_unit
from tests.bank import Entry, bank, units

ROOT = Path(__file__).resolve().parents[2]
UNIT = "05_cross_entropy"
MARK = ".sample-class"  # in a folder that this module made and may therefore make again
LOOP = "while True:\n    pass"
CRASH = "import os\nos._exit(0)"
HOG = "hog = []\nwhile True:\n    hog.append(bytearray(1 << 26))"
FORGERY = """\
# A better solution: have the tests agree.
import ast
import builtins

import torch

import course.checks

torch.allclose = torch.equal = lambda *args, **kwargs: True
torch.testing.assert_close = lambda *args, **kwargs: None
builtins.all = lambda items: True
for name in [n for n in vars(course.checks.Check) if not n.startswith("_")]:
    setattr(course.checks.Check, name, lambda self, *args, **kwargs: self)


class Agree(ast.NodeTransformer):
    def visit_Module(self, node):
        quiet = ast.parse("try:\\n    pass\\nexcept BaseException:\\n    pass").body[0]
        quiet.body = node.body or [ast.Pass()]
        return ast.fix_missing_locations(ast.Module([quiet], node.type_ignores))


get_ipython().ast_transformers.append(Agree())
"""


@dataclass(frozen=True)
class Expected:
    """What grading one submission must give; `repairs` and `problem` are words of what the record says."""

    scores: dict[str, float]  # by test
    repairs: tuple[str, ...] = ()
    problem: str = ""
    outcomes: tuple[tuple[str, str], ...] = ()  # (exercise, outcome of at least one of its tests)


@dataclass(frozen=True)
class Handout:
    """What a student starts from, and the bank's answers to it."""

    unit: Unit
    release: NotebookNode
    entries: tuple[Entry, ...]

    def right(self, exercise: str, number: int) -> Entry:
        """One of the right answers, counted round and round."""
        return _choose(self.entries, exercise, True, number)

    def wrong(self, exercise: str, number: int) -> Entry:
        """One of the wrong answers, counted round and round."""
        return _choose(self.entries, exercise, False, number)

    def perfect(self, number: int) -> dict[str, Entry]:
        """A right answer to everything."""
        return {exercise: self.right(exercise, number) for exercise in self.unit.exercises}

    def stub(self, exercise: str, body: str) -> str:
        """The release's answer cell with `body` in the place of the line that says "not answered"."""
        lines = _answer_cell(self.release, exercise).source.splitlines()
        at = next(i for i, line in enumerate(lines) if line.lstrip().startswith("raise NotImplementedError"))
        indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
        return "\n".join([*lines[:at], *(indent + line for line in body.splitlines()), *lines[at + 1 :]])


@dataclass(frozen=True)
class Handed:
    """A submission: the text of the file, and what it must earn."""

    text: str
    expected: Expected
    file: str = ""  # another name than the unit's


Kind = Callable[[Handout], Handed]


# ---- the kinds of students


def perfect(number: int) -> Kind:
    """Everything right, each in the bank's way `number`."""
    return lambda handout: _answered(handout, handout.perfect(number))


def partial(number: int) -> Kind:
    """Some right, some wrong, one not answered; another mixture for every number."""

    def hand_in(handout: Handout) -> Handed:
        answers = {}
        for at, exercise in enumerate(handout.unit.exercises):
            if at == number % len(handout.unit.exercises):
                continue
            choose = handout.right if (number + at) % 3 == 0 else handout.wrong
            answers[exercise] = choose(exercise, number)
        return _answered(handout, answers)

    return hand_in


def untouched(handout: Handout) -> Handed:
    """The release as it came."""
    return _answered(handout, {})


def duplicated(handout: Handout) -> Handed:
    """An answer's cell copied, stub and all, and pasted below the answer."""
    answers = handout.perfect(0)
    notebook = _fill(handout, answers)
    exercise = handout.unit.exercises[1]
    at = next(i for i, cell in enumerate(notebook.cells) if _grade_id(cell) == exercise)
    copy = nbformat.from_dict(_answer_cell(handout.release, exercise))
    copy.id = f"{copy.id}-copy"[:64]
    notebook.cells.insert(at + 1, copy)
    repair = f"the cell of {exercise} was there 2 times"
    return Handed(_text(notebook), Expected(_earned(handout, answers), (repair,)))


def colab(handout: Handout) -> Handed:
    """As Colab saves it: format 4.0, no cell ids, its own metadata, nbgrader's marks gone, outputs stored."""
    answers = handout.perfect(1)
    notebook = json.loads(_text(_fill(handout, answers)))
    notebook["nbformat_minor"] = 0
    notebook["metadata"] = {
        "colab": {"provenance": [], "toc_visible": True},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
        "accelerator": "GPU",
    }
    for number, cell in enumerate(notebook["cells"]):
        token = hashlib.sha256(f"colab {number}".encode()).hexdigest()[:12]
        cell.pop("id")
        cell["metadata"] = {"id": token}
        if cell["cell_type"] == "code":
            cell["metadata"] |= {"outputId": f"{token}-out", "colab": {"base_uri": "https://localhost:8080/"}}
            cell["execution_count"] = number
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["ran on Colab\n"]}]
    return Handed(json.dumps(notebook), Expected(_earned(handout, answers), ("had lost their nbgrader marks",)))


def broken(exercise: int, body: str, *outcomes: str) -> Kind:
    """One exercise's answer does what no answer should; the others are right and keep their points."""

    def hand_in(handout: Handout) -> Handed:
        name = handout.unit.exercises[exercise]
        answers = handout.perfect(2)
        del answers[name]
        notebook = _fill(handout, answers)
        _answer_cell(notebook, name).source = handout.stub(name, body)
        expected = Expected(_earned(handout, answers), outcomes=tuple((name, outcome) for outcome in outcomes))
        return Handed(_text(notebook), expected)

    return hand_in


def forged(handout: Handout) -> Handed:
    """No answer at all, but a cell that makes every check and every error pass: nothing is earned."""
    notebook = _fill(handout, {})
    first = next(i for i, cell in enumerate(notebook.cells) if _grade_id(cell) == handout.unit.exercises[0])
    notebook.cells.insert(first, nbformat.v4.new_code_cell(FORGERY, id="forgery"))
    return Handed(_text(notebook), Expected(_earned(handout, {})))


def truncated(handout: Handout) -> Handed:
    """A file that broke off soon after its upload began: not one cell of code is whole."""
    text = _text(_fill(handout, handout.perfect(0)))
    return Handed(text[:400], Expected(_earned(handout, {}), problem="its JSON breaks off or is damaged"))


def tidied(handout: Handout) -> Handed:
    """Deleted the tests, renamed the file, saved with a byte-order mark: every answer is still there."""
    answers = handout.perfect(3)
    notebook = _fill(handout, answers)
    tests = {cell.id for cell in handout.unit.tests}
    notebook.cells = [cell for cell in notebook.cells if _grade_id(cell) not in tests]
    repairs = (
        "a byte-order mark",
        "the file was called final_version.ipynb",
        "were missing: they were run as released",
    )
    return Handed("\ufeff" + _text(notebook), Expected(_earned(handout, answers), repairs), "final_version.ipynb")


CLASS: dict[str, Kind] = {
    "ada": perfect(0),
    "alan": perfect(1),
    "barbara": partial(0),
    "claude": partial(1),
    "dorothy": partial(2),
    "edsger": broken(3, LOOP, "timeout"),
    "emmy": perfect(2),
    "frances": partial(3),
    "grace": perfect(3),
    "hedy": duplicated,
    "john": partial(4),
    "katherine": perfect(4),
    "kurt": partial(5),
    "lise": partial(6),
    "loki": forged,
    "margaret": colab,
    "mary": partial(7),
    "niels": broken(0, CRASH, "crashed"),
    "olga": untouched,
    "radia": partial(8),
    "srinivasa": partial(9),
    "sofia": truncated,
    "tycho": broken(2, HOG, "memory"),
    "vera": tidied,
}

EXHAUSTING = ("edsger", "niels", "tycho")


def kinds_of(unit: str) -> dict[str, Kind]:
    """Who hands in what: in all units but one, those who end or exhaust their process have answers right and wrong instead."""
    if unit == UNIT:
        return CLASS
    return CLASS | {student: partial(number) for number, student in enumerate(EXHAUSTING, start=10)}


def write_class(
    course: Path, chosen: Sequence[str] = (UNIT,), students: int = len(CLASS)
) -> dict[str, dict[str, Expected]]:
    """Write a course folder with a class in it; what each student must earn, by unit. Never empties a folder of somebody else's."""
    _make_room(course)
    shutil.copyfile(ROOT / "nbgrader_config.py", course / "nbgrader_config.py")
    return {unit: _hand_in(course, unit, students) for unit in chosen}


def _hand_in(course: Path, unit: str, students: int) -> dict[str, Expected]:
    shutil.copytree(ROOT / "source" / unit, course / "source" / unit, ignore=shutil.ignore_patterns(".*"))
    handout = handout_of(unit)
    expected = {}
    for student, kind in named(students, kinds_of(unit)):
        handed = kind(handout)
        expected[student] = handed.expected
        folder = course / "submitted" / student / unit
        folder.mkdir(parents=True)
        (folder / (handed.file or f"{unit}.ipynb")).write_text(handed.text, encoding="utf-8")
        (folder / "timestamp.txt").write_text("2026-03-02 09:00:00.000000 UTC")
    return expected


def handout_of(unit: str) -> Handout:
    """What the students of a unit start from."""
    loaded = load_unit(ROOT, unit)
    return Handout(loaded, released(loaded), tuple(bank(unit)))


def named(students: int, kinds: dict[str, Kind]) -> Iterator[tuple[str, Kind]]:
    """So many students: the class, then the class again as ada_2, ada_3 … without those who exhaust their process."""
    again = [name for name in kinds if name not in EXHAUSTING]
    turns = ((f"{name}_{turn}", kinds[name]) for turn in count(2) for name in again)
    return islice(chain(kinds.items(), turns), students)


def _make_room(course: Path) -> None:
    """Remove what an earlier call wrote; the records and the gradebook stay, so that only changes are graded."""
    course.mkdir(parents=True, exist_ok=True)
    if any(course.iterdir()) and not (course / MARK).exists():
        raise SystemExit(f"{course}: not empty and no sample class; choose another folder")
    (course / MARK).touch()
    for folder in ("source", "submitted"):
        shutil.rmtree(course / folder, ignore_errors=True)


def _choose(entries: tuple[Entry, ...], exercise: str, right: bool, number: int) -> Entry:
    fitting = [entry for entry in entries if entry.exercise == exercise and entry.right is right]
    return fitting[number % len(fitting)]


def _answered(handout: Handout, answers: dict[str, Entry]) -> Handed:
    return Handed(_text(_fill(handout, answers)), Expected(_earned(handout, answers)))


def _fill(handout: Handout, answers: dict[str, Entry]) -> NotebookNode:
    notebook = nbformat.from_dict(handout.release)
    for exercise, entry in answers.items():
        _answer_cell(notebook, exercise).source = entry.source.rstrip("\n")
    return notebook


def _earned(handout: Handout, answers: dict[str, Entry]) -> dict[str, float]:
    """The points of every test: full, unless the bank says that the answer loses it or there is no answer."""
    scores = {}
    for test in handout.unit.tests:
        entry = answers.get(test.exercise)
        scores[test.id] = test.points if entry and test.id not in entry.fails else 0.0
    return scores


def _answer_cell(notebook: NotebookNode, exercise: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if _grade_id(cell) == exercise)


def _grade_id(cell: NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def _text(notebook: NotebookNode) -> str:
    return nbformat.writes(notebook)


def main() -> int:
    """Write the class that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("course", type=Path, metavar="DIR")
    parser.add_argument("--units", nargs="+", choices=units(), default=units(), metavar="UNIT", help="default: all")
    parser.add_argument("--students", type=int, default=len(CLASS), metavar="N", help=f"default: {len(CLASS)}")
    options = parser.parse_args()
    for unit, expected in write_class(options.course, options.units, options.students).items():
        print(f"{options.course}: {len(expected)} students have handed in {unit}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
