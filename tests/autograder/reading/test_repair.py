"""No honest submission loses an answer to damage, however it came about; where one cannot be recovered, the record names it."""

import ast
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random

import nbformat
import pytest

from autograder.errors import SubmissionError
from autograder.grade import grade
from autograder.model.records import Record
from autograder.reading.find import Submission
from autograder.reading.graft import Graft, graft
from autograder.reading.pieces import Piece
from autograder.reading.submission import read_submission
from autograder.release.stamp import Kit, top_cells
from autograder.running.executors import LocalExecutor
from tests.bank import units
from tests.conftest import ROOT
from tests.submissions import damage
from tests.submissions.damage import ANSWERS, BYTES, CELLS, PLACE, TEXT
from tests.submissions.frontends import FRONT_ENDS, KEEP_MARKS, FrontEnd
from tests.submissions.honest import REFLECTION, handout, helped_by, honest, shown

UNITS = ("05_cross_entropy", "04_mlp", "03_universal_approximation")
SEEDS = 300
SEVERAL = (
    damage.keep_an_older_version,
    damage.paste_a_stub,
    damage.paste_everything_again,
    damage.split_an_answer,
    damage.split_an_answer_in_three,
    damage.split_an_answer_within_a_line,
    damage.split_an_answer_and_lose_marks,
    damage.merge_with_an_older_version,
    damage.merge_inside_an_answer,
    damage.saved_twice,
)  # after these an answer is more than one cell
HARMLESS = (
    damage.paste_locked_cells_again,
    damage.delete_tests,
    damage.delete_half_of_the_lesson,
    damage.shuffle,
    damage.move_an_answer,
    damage.put_the_answers_last,
    damage.turn_upside_down,
    damage.make_the_lesson_code,
    damage.make_tests_text,
    damage.give_new_ids,
    damage.tamper_with_marks,
    damage.ask_for_another_kernel,
    damage.write_an_older_format_4,
    damage.write_format_3,
    damage.sources_as_lists,
    damage.windows_lines_in_cells,
    damage.spaces_at_the_ends_of_lines,
    damage.a_picture_in_a_text,
    damage.outputs_by_the_megabyte,
    damage.windows_lines,
    damage.on_one_line,
    damage.files_beside,
)  # to answers found by grade_id; what else they break, nbgrader finds only when it runs the notebook
LOSING = (
    damage.cut_off,
    damage.lose_the_beginning,
    damage.a_hole,
    damage.zeros_in_the_middle,
    damage.bad_bytes,
    damage.cut_within_a_character,
    damage.windows_1252,
)  # what they take away is nowhere else


@dataclass(frozen=True)
class Case:
    """An honest notebook, and what was done to it."""

    unit: str
    damages: tuple[Callable, ...]
    honest: str = field(repr=False)  # the text of the undamaged file
    answers: dict[str, tuple[str, str]] = field(repr=False)  # what kind of cell each answer was, and its text
    path: Path

    @property
    def loses(self) -> bool:
        """Whether a part of the file is gone for good."""
        return any(done in LOSING for done in self.damages)

    def hides_versions(self, after: Graft) -> bool:
        """Whether a newer version or a second half of an answer may have been in a part that is gone, which is said."""
        told = any("is damaged after its cell" in words for words in after.repairs)
        return told and self.loses and any(done in SEVERAL for done in self.damages)


def case(seed: int, tmp_path: Path, damages: tuple[Callable, ...] | None = None) -> Case:
    """The honest notebook of this seed, damaged: by up to four damages drawn at random, or by those given."""
    rng = Random(seed)
    unit = UNITS[seed % len(UNITS)]
    notebook = honest(unit, rng)
    untouched = damage.text_of(notebook)
    answers = {cell[ANSWERS]: (cell["cell_type"], cell["source"]) for cell in damage.answers_in(notebook)}
    drawn = drawn_for(rng) if damages is None else damages
    for change in [change for change in drawn if change in CELLS]:
        if damage.answers_in(notebook):
            change(notebook, rng)
    text = damage.text_of(notebook)
    if damage.write_format_3 in drawn:
        text = damage.as_format_3(text)
    for change in [change for change in drawn if change in TEXT]:
        text = change(text, rng)
    data = text.encode()
    for change in [change for change in drawn if change in BYTES]:
        data = change(text, rng)
    path = tmp_path / "submitted" / "ada" / unit / f"{unit}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    for change in [change for change in drawn if change in PLACE]:
        change(path, rng)
    return Case(unit, drawn, untouched, answers, path)


def drawn_for(rng: Random) -> tuple[Callable, ...]:
    """One to four damages: mostly to cells, at most one to the bytes and one to the place."""
    count = rng.choice([1, 2, 2, 3, 3, 4])
    pool = [*CELLS, *TEXT, *BYTES, *PLACE]
    while True:
        found = tuple(rng.sample(pool, k=count))
        if all(sum(change in sort for change in found) <= 1 for sort in (BYTES, PLACE)):
            return found


def read(unit: str, folder: Path) -> Graft:
    return graft(handout(unit).unit, shown(unit), read_submission(Submission("ada", unit, folder)))


def undamaged(case: Case, tmp_path: Path) -> Graft:
    folder = tmp_path / "undamaged"
    folder.mkdir()
    (folder / f"{case.unit}.ipynb").write_text(case.honest)
    return read(case.unit, folder)


def same(one: str, other: str) -> bool:
    """Whether two texts are the same program, or the same words where they are none."""
    return Piece(one).bare == Piece(other).bare or _meaning(one) == _meaning(other)


@cache
def _meaning(source: str) -> object:
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return tuple(source.split())
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            node.value.value = "".join(node.value.value.split())  # a split changes lines of a docstring
    return ast.dump(tree)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_an_answer_is_recovered_or_named(seed: int, tmp_path: Path) -> None:
    made = case(seed, tmp_path)
    before = undamaged(made, tmp_path)
    assert not before.repairs
    try:
        after = read(made.unit, made.path.parent)
    except SubmissionError:
        if not made.loses:
            raise
        return
    whole = {name for name, answer in before.answers.items() if same(answer, after.answers.get(name, ""))}
    for name in before.answers.keys() - whole:
        stops = name in after.answers and not Piece(after.answers[name]).parses  # and grading will say so of this cell
        assert is_named(name, after) or stops or made.hides_versions(after), (name, made, after.repairs, after.answers)
    for _, source in before.own:
        exercise = helped_by(source)
        if exercise in whole:
            assert made.loses or runs_in_time(source, exercise, after), (made, after.repairs, source)


def is_named(name: str, after: Graft | Record) -> bool:
    """Whether the repairs say something of this answer."""
    return any(name in re.findall(r"\w+", words) for words in after.repairs)


def runs_in_time(helper: str, exercise: str, after: Graft) -> bool:
    """Whether a helper is run before the tests of the answer that rests on it."""
    order = [step.id for step in after.steps]
    places = [order.index(step.id) for step in after.steps if same(step.source, helper)]
    tests = [order.index(step.id) for step in after.steps if step.run == "test" and step.exercise == exercise]
    return bool(places) and min(places) < min(tests)


# ---- each damage by itself


@pytest.mark.parametrize("change", [*CELLS, *TEXT, *BYTES, *PLACE], ids=lambda change: change.__name__)
def test_a_damage_changes_something_that_plain_tools_need(change: Callable, tmp_path: Path) -> None:
    """Else there would be nothing to repair, and the property above would hold of nothing."""
    made = [case(seed, tmp_path / str(seed), (change,)) for seed in range(6)]
    assert any(not one.path.exists() or one.path.read_bytes() != one.honest.encode() for one in made) or change in PLACE
    lost = [words for one in made if (words := lost_to_plain_tools(one))]
    assert bool(lost) is (change not in HARMLESS), lost


def lost_to_plain_tools(made: Case) -> str:
    """What goes wrong where a notebook is read by its name with nbformat, and its answers are found by grade_id alone."""
    try:
        notebook = nbformat.read(made.path, as_version=4)
        nbformat.validate(notebook)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    for name, (kind, source) in made.answers.items():
        claims = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == name]
        if len(claims) != 1 or claims[0].cell_type != kind or not same(claims[0].source, source):
            return f"{name}: {len(claims)} cells"
    return ""


# ---- the whole way


def test_damage_changes_no_score(tmp_path: Path, executor: LocalExecutor) -> None:
    """Real grading: what was recovered earns what it earned, what was not is named, and nobody gains."""
    unit = UNITS[0]
    shutil.copytree(ROOT / "source" / unit, tmp_path / "source" / unit)
    cases = {f"damaged_{seed}": case(seed, tmp_path / str(seed)) for seed in range(0, 12 * len(UNITS), len(UNITS))}
    for student, made in cases.items():
        shutil.copytree(made.path.parent, tmp_path / "submitted" / student / unit)
        whole = tmp_path / "submitted" / student.replace("damaged", "whole") / unit
        whole.mkdir(parents=True)
        (whole / f"{unit}.ipynb").write_text(made.honest)
    records = {record.student: record for record in grade(tmp_path, unit, executor=executor)}
    for student, made in cases.items():
        before, after = records[student.replace("damaged", "whole")], records[student]
        assert not before.repairs
        for exercise in handout(unit).unit.exercises:
            lost = before.exercise_score(exercise) - after.exercise_score(exercise)
            told = (*after.repairs, after.problem)
            assert lost == 0 or (lost > 0 and (after.problem or is_named(exercise, after))), (exercise, made, told)
    assert (
        sum(record.score == records[student.replace("damaged", "whole")].score for student, record in records.items())
        >= 18
    )


# ---- as front ends save


@pytest.mark.parametrize("unit", units())
@pytest.mark.parametrize("front_end", FRONT_ENDS, ids=lambda front_end: front_end.__name__)
def test_every_front_end_s_file_is_read_in_full(front_end: FrontEnd, unit: str, tmp_path: Path) -> None:
    answers = write_saved(front_end, unit, tmp_path)
    after = read(unit, tmp_path)
    assert {name: Piece(source).bare for name, source in after.answers.items()} == answers
    assert not after.own
    if front_end in KEEP_MARKS:
        assert after.repairs == ()
    else:
        (said,) = after.repairs
        assert (
            said == f"the cells of {', '.join(answers)} had lost their nbgrader marks and were found by what they hold"
        )


def write_saved(front_end: FrontEnd, unit: str, folder: Path) -> dict[str, str]:
    """Write the file of a student who answered everything rightly in a published kit's notebook; the answers, as they compare."""
    start = handout(unit)
    notebook = json.loads(nbformat.writes(start.release))
    answers = {exercise: entry.source for exercise, entry in start.perfect(1).items()} | {"reflection": REFLECTION}
    for cell, made in zip(start.unit.cells, notebook["cells"], strict=True):
        made["source"] = answers.get(cell.id, "".join(made["source"]))
    on_top = top_cells(Kit("someone/kit"), f"release/{unit}/{unit}.ipynb")  # the badge and the install cell
    notebook["cells"][:0] = json.loads(json.dumps(on_top))
    (folder / f"{unit}.ipynb").write_text(front_end(notebook), encoding="utf-8")
    return {name: Piece(source).bare for name, source in answers.items()}


def test_every_front_end_s_file_earns_all_points(tmp_path: Path, executor: LocalExecutor) -> None:
    unit = UNITS[0]
    shutil.copytree(ROOT / "source" / unit, tmp_path / "source" / unit)
    for front_end in FRONT_ENDS:
        folder = tmp_path / "submitted" / front_end.__name__ / unit
        folder.mkdir(parents=True)
        write_saved(front_end, unit, folder)
    records = grade(tmp_path, unit, executor=executor)
    assert {record.student: record.score for record in records} == {f.__name__: 20 for f in FRONT_ENDS}
