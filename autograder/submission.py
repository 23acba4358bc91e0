"""Find the submissions of a unit, read each as data, and graft its answers onto the pristine notebook. Runs nothing."""

import ast
import contextlib
import difflib
import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path
from typing import Any

import dateutil.parser

from autograder.errors import CourseError, SubmissionError
from autograder.units import INSTALL_ID, INSTALL_MARK, Cell, Kind, Unit, defined_names

MAX_BYTES = 100_000_000
MAX_CELLS = 2_000
MAX_SOURCE = 1_000_000  # characters of a cell
CONFLICT = re.compile(r"^<<<<<<< .*?\n(.*?)^=======\n(.*?)^>>>>>>> .*?(?:\n|\Z)", re.MULTILINE | re.DOTALL)
CELLS = re.compile(r'"cells"\s*:\s*\[\s*')
BETWEEN_CELLS = re.compile(r"[\s,]*")
ALIKE = 0.75  # ratio of difflib's from which two cells are taken to be the same cell, edited


@dataclass(frozen=True)
class Submission:
    """One student's folder for one unit."""

    student: str
    unit: str
    folder: Path


@dataclass(frozen=True)
class Handed:
    """A submission's notebook as it was read: code and markdown cells only, in order."""

    cells: tuple["HandedCell", ...]
    digest: str
    submitted_at: str = ""
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True)
class HandedCell:
    """One cell as handed in. Its grade_id and id are claims, no more."""

    source: str
    code: bool
    grade_id: str = ""
    id: str = ""


@dataclass(frozen=True)
class Step:
    """A cell to be run: where, and which exercise a test belongs to.

    `run` is "student", "both" (there and beside the tests), "test", or "lesson": an unchanged cell of the lesson, run beside
    the student's only where their code needs it.
    """

    id: str
    run: str
    source: str
    exercise: str = ""


@dataclass(frozen=True)
class Graft:
    """The pristine notebook with the student's answers: what is run, what is shown, what was repaired."""

    steps: tuple[Step, ...]
    answers: dict[str, str]  # by the id of the answer or manually graded cell
    own: tuple[
        tuple[str, str], ...
    ]  # the student's own cells: the id of the cell that each comes before ("": the end), source
    repairs: tuple[str, ...]


def find_submissions(submitted: Path, unit: str) -> list[Submission]:
    """Each `submitted/<student>/<unit>/`, by student; raises CourseError where there is none."""
    if not submitted.is_dir():
        raise CourseError(
            f"{submitted}: no such folder; put submissions into {submitted}/<student>/{unit}/{unit}.ipynb"
        )
    try:
        students = sorted(path.name for path in submitted.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError as error:
        raise CourseError(f"{submitted}: cannot be read ({error.strerror}); mend its permissions") from error
    found = [Submission(name, unit, submitted / name / unit) for name in students if (submitted / name / unit).is_dir()]
    if not found:
        raise CourseError(f"{submitted}: nobody has handed in {unit}; looked for {submitted}/<student>/{unit}/")
    return found


# ---- reading


def read_submission(submission: Submission) -> Handed:
    """Read the notebook of a submission; raises SubmissionError saying what is wrong and what to do."""
    path, repairs = _choose_file(submission)
    handed = read_notebook(path)
    return replace(handed, repairs=(*repairs, *handed.repairs), submitted_at=_submitted_at(submission))


def read_notebook(path: Path) -> Handed:
    """Read one notebook as data; raises SubmissionError saying what is wrong and what to do."""
    data = _read_file(path)
    notebook, repairs = _parse(path, data)
    if "\ufeff" in data[:3].decode("utf-8", errors="ignore"):
        repairs = (*repairs, "a byte-order mark at the beginning of the file was left out")
    return Handed(tuple(_cells(path, notebook)), hashlib.sha256(data).hexdigest(), repairs=repairs)


def _choose_file(submission: Submission) -> tuple[Path, list[str]]:
    folder, wanted = submission.folder, f"{submission.unit}.ipynb"
    for place in (folder, folder.parent):
        if place.is_symlink():
            raise SubmissionError(f"{place}: a link, perhaps to somebody else's work; hand in the folder itself")
    try:
        notebooks = sorted(path for path in folder.iterdir() if path.suffix == ".ipynb")
    except OSError as error:
        raise SubmissionError(f"{folder}: cannot be read ({error.strerror}); mend its permissions") from error
    if any(path.name == wanted for path in notebooks):
        others = [path.name for path in notebooks if path.name != wanted]
        told = [f"{wanted} was graded; {', '.join(others)} beside it was not"] if others else []
        return folder / wanted, told
    if len(notebooks) == 1:
        return notebooks[0], [f"the file was called {notebooks[0].name}, not {wanted}"]
    if notebooks:
        names = ", ".join(path.name for path in notebooks)
        raise SubmissionError(f"{folder}: {len(notebooks)} notebooks ({names}); keep one and call it {wanted}")
    raise SubmissionError(f"{folder}: no notebook; hand in {wanted}")


def _read_file(path: Path) -> bytes:
    """The bytes of a regular file, opened without following a link."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise SubmissionError(
            f"{path}: cannot be opened ({error.strerror}); hand in a plain file, not a link"
        ) from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise SubmissionError(f"{path}: not a plain file; hand in the notebook itself")
        if status.st_size > MAX_BYTES:
            raise SubmissionError(
                f"{path}: {status.st_size:,} bytes, over {MAX_BYTES:,}; clear the outputs and hand in again"
            )
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(MAX_BYTES)
    finally:
        os.close(descriptor)


def _parse(path: Path, data: bytes) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The notebook, and what had to be done to read it."""
    again = "open it in JupyterLab, save it, and hand in again"
    repairs: tuple[str, ...] = ()
    try:
        text = data.decode("utf-8-sig")
        notebook = json.loads(text)
    except UnicodeDecodeError as error:
        raise SubmissionError(f"{path}: not text in UTF-8 (byte {error.start}); {again}") from error
    except (ValueError, RecursionError) as error:
        mended = _one_side(text) or _as_far_as_it_goes(text)
        if mended is None:
            where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else type(error).__name__
            raise SubmissionError(
                f"{path}: not a notebook, its JSON breaks off or is damaged ({where}); {again}"
            ) from error
        notebook, repair = mended
        repairs = (repair,)
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise SubmissionError(f"{path}: JSON, but not a notebook of format 4 (it has no cells); {again}")
    if len(notebook["cells"]) > MAX_CELLS:
        raise SubmissionError(f"{path}: {len(notebook['cells']):,} cells, over {MAX_CELLS:,}; delete what is not yours")
    return notebook, repairs


def _one_side(text: str) -> tuple[Any, str] | None:
    """A notebook with the marks of a merge in it: one side of each conflict, the first that is a notebook."""
    if not all(re.search(f"^{mark}", text, re.MULTILINE) for mark in ("<<<<<<< ", "=======$", ">>>>>>> ")):
        return None
    for side, name in enumerate(("first", "second")):
        with contextlib.suppress(ValueError, RecursionError):
            return json.loads(CONFLICT.sub(lambda match, side=side: match[side + 1], text)), (  # type: ignore[misc]
                f"the file held the marks of a merge; the {name} side of each conflict was taken"
            )
    return None


def _as_far_as_it_goes(text: str) -> tuple[Any, str] | None:
    """The cells before the place where a file breaks off, if there is code among them."""
    start = CELLS.search(text)
    at = start.end() if start else len(text)
    cells: list[Any] = []
    with contextlib.suppress(ValueError, RecursionError):
        while len(cells) <= MAX_CELLS:
            cell, at = json.JSONDecoder().raw_decode(text, at)
            cells.append(cell)
            at = BETWEEN_CELLS.match(text, at).end()  # type: ignore[union-attr]
    if not any(isinstance(cell, dict) and cell.get("cell_type") == "code" for cell in cells):
        return None
    return {"cells": cells}, f"the file is damaged after its cell {len(cells)}; the cells before were graded"


def _cells(path: Path, notebook: dict[str, Any]) -> Iterator[HandedCell]:
    for node in notebook["cells"]:
        if not isinstance(node, dict):
            continue
        source = node.get("source", "")
        if isinstance(source, list):
            source = "".join(line for line in source if isinstance(line, str))
        if not isinstance(source, str):
            raise SubmissionError(
                f"{path}: a cell that holds no text; open it in JupyterLab, save it, and hand in again"
            )
        if len(source) > MAX_SOURCE:
            raise SubmissionError(f"{path}: a cell of over {MAX_SOURCE:,} characters; shorten it and hand in again")
        metadata = node.get("metadata")
        metadata = metadata if isinstance(metadata, dict) else {}
        grader = metadata.get("nbgrader")
        grade_id = grader.get("grade_id") if isinstance(grader, dict) else ""
        identity = node.get("id") or metadata.get("id")  # Colab keeps a cell's id among its metadata
        yield HandedCell(source, node.get("cell_type") == "code", _text(grade_id), _text(identity))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _submitted_at(submission: Submission) -> str:
    """UTC, from nbgrader's timestamp.txt; empty without one, for a file's own time says when it was copied here."""
    try:
        stamp = dateutil.parser.parse((submission.folder / "timestamp.txt").read_text()[:100].strip())
    except (OSError, ValueError, OverflowError):
        return ""
    return stamp.astimezone(UTC).isoformat() if stamp.tzinfo else stamp.replace(tzinfo=UTC).isoformat()


# ---- grafting


def graft(unit: Unit, released: dict[str, str], handed: Handed) -> Graft:
    """Put the student's answers into the pristine notebook.

    `released`: what the release shows in each cell, by id (a stub in the place of an answer).
    Raises SubmissionError for a notebook that has nothing of this unit.
    """
    matching = _Matching(unit, released, handed)
    matching.match()
    steps = tuple(matching.steps())
    return Graft(steps, matching.answers(), tuple(matching.own), (*handed.repairs, *matching.repairs))


class _Matching:
    """Which handed-in cell stands for which cell of the unit."""

    def __init__(self, unit: Unit, released: dict[str, str], handed: Handed) -> None:
        self.unit = unit
        self.released = released
        self.handed = handed.cells
        self.repairs: list[str] = []
        self.of: dict[str, int] = {}  # id of the unit's cell -> index of the handed-in cell, the first of a split one
        self.sources: dict[str, str] = {}  # id of an answer -> what the student wrote
        self.taken: set[int] = set()
        self.own: list[tuple[str, str]] = []

    def match(self) -> None:
        """By grade_id, then by the cell's own id or its unchanged text, then by what an answer defines and by likeness."""
        lost = [cell for cell in self.unit.of_kind(Kind.ANSWER, Kind.MANUAL) if not self._by_grade_id(cell)]
        if len(lost) == len(self.unit.of_kind(Kind.ANSWER, Kind.MANUAL)) and not self._is_of_this_unit():
            raise SubmissionError(
                f"the notebook has none of the exercises of {self.unit.name}; is it another unit's? Hand in {self.unit.name}.ipynb"
            )
        for cell in self.unit.cells:
            if cell.kind not in (Kind.ANSWER, Kind.MANUAL):
                self._by_likeness(cell)
        found = [cell for cell in lost if self._by_content(cell)]
        missing = [cell.id for cell in lost if cell not in found]
        if found:
            ids = ", ".join(cell.id for cell in found)
            self.repairs.append(f"the cells of {ids} had lost their nbgrader marks and were found by what they hold")
        if missing:
            self.repairs.append(f"no cell was found for {', '.join(missing)}: it counts as not answered")

    def _by_grade_id(self, cell: Cell) -> bool:
        named = [i for i, h in enumerate(self.handed) if h.grade_id == cell.id]
        claims = [i for i in named if self.handed[i].code == (cell.kind is Kind.ANSWER)]
        if named and not claims:
            self.repairs.append(f"the cell of {cell.id} had become one of another type")
            claims = named
        if not claims:
            return False
        changed = [i for i in claims if _bare(self.handed[i].source) != _bare(self.released[cell.id])]
        parts = self._whole(cell, changed) if changed else claims[-1:]
        if len(parts) > 1:
            self.repairs.append(f"the cell of {cell.id} was split; its {len(parts)} parts were joined")
        elif len(claims) > 1:
            which = "the last one that was changed" if changed else "the last one"
            self.repairs.append(f"the cell of {cell.id} was there {len(claims)} times; {which} was graded")
        self._take(cell, parts)
        others = {i for i in claims if i not in changed or self._is_another_version(i, parts)}
        self.taken.update(
            others
        )  # what defines something else, a helper perhaps, is run as a cell of the student's own
        return True

    def _take(self, cell: Cell, parts: list[int]) -> None:
        """Let these cells, joined, be the answer."""
        self.of[cell.id] = parts[0]
        self.sources[cell.id] = "\n".join(self.handed[i].source for i in parts)
        self.taken.update(parts)

    def _whole(self, cell: Cell, claims: list[int]) -> list[int]:
        """The fewest of the last of these cells that are Python together and define the answer, with the rest of a split one."""
        if cell.kind is not Kind.ANSWER:
            return claims[-1:]
        names = set(defined_names(self.released[cell.id]))
        for first in range(len(claims) - 1, -1, -1):
            parts = claims[first:]
            if names <= set(defined_names(self._joined(parts))):
                return parts + self._rest(parts)
        return claims[-1:] + self._rest(claims[-1:])

    def _rest(self, parts: list[int]) -> list[int]:
        """The cell below, without marks, if it makes sense only as the end of this one."""
        below = parts[-1] + 1
        if below >= len(self.handed) or not self.handed[below].code or self.handed[below].grade_id:
            return []
        alone, together = self._joined([below]), self._joined([*parts, below])
        return [below] if alone.strip() and not _parses(alone) and _parses(together) else []

    def _joined(self, parts: list[int]) -> str:
        return "\n".join(self.handed[i].source for i in parts)

    def _is_another_version(self, index: int, parts: list[int]) -> bool:
        return set(defined_names(self.handed[index].source)) <= set(defined_names(self._joined(parts)))

    def _is_of_this_unit(self) -> bool:
        """Whether a notebook without any of the unit's marks holds its answers or its locked cells all the same."""
        names = {name for h in self.handed if h.code for name in defined_names(h.source)}
        fixed = {_bare(self.released[c.id]) for c in self.unit.of_kind(Kind.TEST, Kind.PLAIN, Kind.DEMO)}
        same = sum(_bare(h.source) in fixed for h in self.handed if h.code)
        return bool(names & self.unit.answer_names) or same >= 3

    def _by_likeness(self, cell: Cell) -> None:
        """A cell that is not an answer: by its id, by its grade_id, or by its text."""
        text = _bare(self.released[cell.id])
        free = [i for i in range(len(self.handed)) if i not in self.taken]
        same_id = [i for i in free if cell.id in (self.handed[i].grade_id, self.handed[i].id)]
        same_text = [i for i in free if text and _bare(self.handed[i].source) == text]
        if same_id or same_text:
            self.of[cell.id] = (same_id or same_text)[0]
            # Copies of a test or a demo are no work of the student's: none of them is run as an extra cell.
            self.taken.update(same_id, same_text)

    def _by_content(self, cell: Cell) -> bool:
        """An answer that lost its marks: the last cell that defines its names, else the one most like its stub."""
        free = [i for i, h in enumerate(self.handed) if i not in self.taken and h.code == (cell.kind is Kind.ANSWER)]
        names = set(defined_names(self.released[cell.id]))
        defining = [i for i in free if names and names <= set(_names_even_if_broken(self.handed[i].source))]
        if not defining:
            ratios = {i: _ratio(self.released[cell.id], self.handed[i].source) for i in free}
            defining = [i for i, ratio in ratios.items() if ratio >= ALIKE]
        changed = [i for i in defining if _bare(self.handed[i].source) != _bare(self.released[cell.id])]
        if not defining:
            return False
        self._take(cell, self._whole(cell, (changed or defining)[-1:]))
        return True

    def answers(self) -> dict[str, str]:
        """What the student wrote, by the id of the cell."""
        return self.sources

    def steps(self) -> Iterator[Step]:
        """What is run, in order: the unit's cells, the student's own cells before the cell that they came before."""
        extra = [i for i, h in enumerate(self.handed) if h.code and i not in self.taken and self._is_own(h)]
        for cell in self.unit.cells:
            if cell.kind in (Kind.TEXT, Kind.MANUAL, Kind.DEMO):
                continue
            at = self.of.get(cell.id)
            while at is not None and extra and extra[0] < at:
                yield self._own(extra.pop(0), cell.id)
            if cell.kind is Kind.TEST:
                yield Step(cell.id, "test", cell.source, cell.exercise)
            elif cell.kind is Kind.SHARED:
                yield Step(cell.id, "both", cell.source)
            elif cell.kind is Kind.ANSWER:
                if at is not None:
                    yield Step(cell.id, "student", self.sources[cell.id], cell.id)
            elif at is None or _bare(self.handed[at].source) == _bare(cell.source):
                yield Step(cell.id, "lesson", cell.source)
            else:
                yield Step(cell.id, "student", self.handed[at].source)
        for index in extra:
            yield self._own(index, "")

    def _own(self, index: int, before: str) -> Step:
        self.own.append((before, self.handed[index].source))
        return Step(f"own_{index}", "student", self.handed[index].source)

    def _is_own(self, handed: HandedCell) -> bool:
        """Whether a code cell is the student's own, not the kit's or a cell of the lesson that was edited a little."""
        if handed.id == INSTALL_ID or handed.source.startswith(INSTALL_MARK):
            return False
        if not handed.source.strip() or _lines_of_merge(handed.source):
            return False
        lesson = self.unit.of_kind(Kind.TEST, Kind.DEMO)
        return all(_ratio(self.released[cell.id], handed.source) < ALIKE for cell in lesson)


def _lines_of_merge(source: str) -> bool:
    return any(line.startswith(("<<<<<<< ", ">>>>>>> ")) for line in source.splitlines())


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _names_even_if_broken(source: str) -> list[str]:
    """The names that a cell defines, also where a mistake keeps it from being parsed."""
    if _parses(source):
        return defined_names(source)
    heads = [line.split("(")[0].split(":")[0].split() for line in source.splitlines()]
    return [words[1] for words in heads if len(words) == 2 and words[0] in ("def", "class")]


def _bare(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def _ratio(old: str, new: str) -> float:
    if not old.strip() or not new.strip():
        return 0.0
    matcher = difflib.SequenceMatcher(None, old[:4000], new[:4000], autojunk=False)
    if matcher.real_quick_ratio() < ALIKE or matcher.quick_ratio() < ALIKE:
        return 0.0
    return matcher.ratio()
