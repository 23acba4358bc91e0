"""The whole answer bank, in the judge and in a plain kernel: right answers keep every point, wrong ones lose the named tests.

The judge grades each answer in a notebook that has at most one for each exercise, and only such as cannot reach each other. That a
mistake costs no other exercise anything is tested with notebooks in which every second exercise has a wrong answer and the others
that of the reference.
"""

import ast
import shutil
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.grade import grade
from autograder.model.outcomes import Result, TestOutcome
from autograder.model.records import Record
from autograder.model.units import Kind, Unit, load_unit
from autograder.probing.alone import belongs_to, rests_on
from autograder.reading.names import names_in
from autograder.release.build import released
from autograder.running.executors import LocalExecutor
from autograder.running.processes import Zygote
from autograder.sandbox.limits import Limits
from tests.autograder.real_nbgrader import run_nbgrader
from tests.bank import Entry, bank, units
from tests.conftest import ROOT
from tests.plain_kernel import PlainKernel, run_cells

LIMITS = Limits(cell_seconds=60, submission_seconds=600)  # every answer of the bank ends; the machine may be busy
# nbgrader counts by the clock.
PATIENT = (
    "--ExecutePreprocessor.timeout=900",
    "--ExecutePreprocessor.iopub_timeout=120",
    "--ExecutePreprocessor.startup_timeout=120",
)
IN_A_KERNEL = (Kind.SHARED, Kind.PLAIN, Kind.ANSWER, Kind.TEST)
ENTRIES = {unit: bank(unit) for unit in units()}


def every(entries: Iterable[Entry]) -> pytest.MarkDecorator:
    """Run a test for each of these answers."""
    return pytest.mark.parametrize("entry", list(entries), ids=lambda entry: f"{entry.unit}-{entry.label}")


every_entry = every(entry for entries in ENTRIES.values() for entry in entries)
every_unit = pytest.mark.parametrize("name", units())
every_half = pytest.mark.parametrize("half", [0, 1], ids=["first_and_third", "second_and_fourth"])


@cache
def unit_of(name: str) -> Unit:
    return load_unit(ROOT, name)


@cache
def release_of(name: str) -> nbformat.NotebookNode:
    return released(unit_of(name))


@cache
def others_needed(entry: Entry) -> frozenset[str]:
    """The other exercises that must be answered too."""
    return frozenset(rests_on(unit_of(entry.unit), entry.exercise, entry.source))


def wrong_in(name: str, half: int) -> list[Entry]:
    """The first wrong answer to every second exercise of a unit."""
    answers = [next(e for e in ENTRIES[name] if e.exercise == x and not e.right) for x in unit_of(name).exercises]
    return answers[half::2]


def with_answers(entries: Iterable[Entry], name: str, others: Iterable[str]) -> nbformat.NotebookNode:
    """The release with these answers, and the reference's answers to these other exercises."""
    answers = {entry.exercise: entry.source for entry in entries}
    notebook = nbformat.from_dict(release_of(name))
    for cell, node in zip(unit_of(name).cells, notebook.cells, strict=True):
        if cell.id in answers:
            node.source = answers[cell.id]
        elif cell.id in others:
            node.source = cell.source
    return notebook


def without_demos(name: str, notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with its demos emptied: no test depends on them, and they take most of the time."""
    for cell, node in zip(unit_of(name).cells, notebook.cells, strict=True):
        if cell.kind is Kind.DEMO:
            node.source = ""
    return notebook


def hand_in(course: Path, student: str, name: str, notebook: nbformat.NotebookNode) -> None:
    folder = course / "submitted" / student / name
    folder.mkdir(parents=True)
    text = nbformat.v4.writes_json(notebook)  # `nbformat.write` would validate it, which takes longer than grading
    (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")


@cache
def notebooks_of(name: str) -> list[list[Entry]]:
    """The answers of a unit, in as few notebooks as can hold them."""
    notebooks: list[list[Entry]] = []
    for entry in ENTRIES[name]:
        for answers in notebooks:
            if all(may_stand_together(entry, other) for other in answers):
                answers.append(entry)
                break
        else:
            notebooks.append([entry])
    return notebooks


def may_stand_together(one: Entry, other: Entry) -> bool:
    """Whether two answers are to exercises that rest on no other, and neither binds or sets what the other uses."""
    if one.exercise == other.exercise or others_needed(one) or others_needed(other):
        return False
    first, second = names_in(one.source), names_in(other.source)
    if any(code.unsure or code.sets or code.changes_everything for code in (first, second)):
        return False
    return first.bound.isdisjoint(second.bound | second.used) and second.bound.isdisjoint(first.used)


def place_of(entry: Entry) -> int:
    """The number of the notebook that holds this answer."""
    return next(place for place, answers in enumerate(notebooks_of(entry.unit)) if entry in answers)


def student_at(place: int) -> str:
    return f"notebook{place:03}"


@pytest.fixture(scope="module")
def graded(
    tmp_path_factory: pytest.TempPathFactory, executor: LocalExecutor, pytestconfig: pytest.Config
) -> Callable[[str], dict[str, Record]]:
    """Every entry of a unit, or of the exercise that was asked for, graded when its first test asks for it; by student."""
    asked = pytestconfig.getoption("exercise")

    @cache
    def records(name: str) -> dict[str, Record]:
        course = tmp_path_factory.mktemp(name)
        shutil.copytree(ROOT / "source" / name, course / "source" / name)
        for place, packed in enumerate(notebooks_of(name)):
            answers = [entry for entry in packed if asked in (None, entry.exercise)]
            if not answers:
                continue
            others = set().union(*map(others_needed, answers))
            hand_in(course, student_at(place), name, with_answers(answers, name, others))
        for half in (0, 1):
            notebook = with_answers(wrong_in(name, half), name, unit_of(name).exercises)
            hand_in(course, f"half{half}", name, notebook)
        return {record.student: record for record in grade(course, name, limits=LIMITS, executor=executor)}

    return records


@every_entry
def test_the_judge_agrees_with_the_bank(graded: Callable[[str], dict[str, Record]], entry: Entry) -> None:
    place, reference = place_of(entry), others_needed(entry)
    record, answered = graded(entry.unit)[student_at(place)], {e.exercise for e in notebooks_of(entry.unit)[place]}
    for test in record.tests:
        if test.exercise not in answered:
            assert test.outcome is (Result.PASSED if test.exercise in reference else Result.UNANSWERED), test
    compare(entry, {test.grade_id: test.hint if test.hidden else test.message for test in lost(record, entry.exercise)})
    assert not record.repairs


@every_unit
@every_half
def test_a_mistake_costs_no_other_exercise_anything(
    graded: Callable[[str], dict[str, Record]], name: str, half: int
) -> None:
    record, wrong = graded(name)[f"half{half}"], wrong_in(name, half)
    seen = {test.grade_id: test.hint if test.hidden else test.message for test in lost(record)}
    compare_all(wrong, seen)
    assert record.score == record.max_score - sum(test.points for test in unit_of(name).tests if test.id in seen)


def lost(record: Record, exercise: str = "") -> list[TestOutcome]:
    """The tests that were not passed, of one exercise or of all."""
    of_it = (test for test in record.tests if not exercise or test.exercise == exercise)
    return [test for test in of_it if test.outcome is not Result.PASSED]


def compare(entry: Entry, seen: dict[str, str]) -> None:
    """Compare the tests that an answer lost, and what the student sees of each, with what the bank says."""
    compare_all([entry], seen)


def compare_all(entries: Iterable[Entry], seen: dict[str, str]) -> None:
    """Compare the tests that several answers of one notebook lost, likewise."""
    expected = {test: entry.words for entry in entries for test in entry.fails}
    assert sorted(seen) == sorted(expected), seen
    for test, words in seen.items():
        assert expected[test] in words, f"what the student sees of {test}: {words}"


@pytest.fixture(scope="module")
def lesson_before(zygote: Zygote) -> Iterator[Callable[[Entry], PlainKernel]]:
    """A kernel in which the lesson has run up to an answer, and the answers that it rests on; kept for the next answer."""
    kept: dict[tuple[tuple[str, str], ...], PlainKernel] = {}

    def kernel_for(entry: Entry) -> PlainKernel:
        cells = tuple(lesson_cells(entry))
        if cells not in kept or not kept[cells].running:
            while kept:
                kept.popitem()[1].close()
            kernel = kept[cells] = PlainKernel(zygote)
            assert not any(kernel.run(cells).values())
        return kept[cells]

    yield kernel_for
    for kernel in kept.values():
        kernel.close()


def lesson_cells(entry: Entry) -> Iterator[tuple[str, str]]:
    """What runs above an answer, without the exercises that it does not rest on."""
    others = others_needed(entry)
    for cell in unit_of(entry.unit).of_kind(Kind.SHARED, Kind.PLAIN, Kind.ANSWER):
        if cell.id == entry.exercise:
            return
        if cell.kind is not Kind.ANSWER or cell.id in others:
            yield cell.id, cell.source


def exercise_cells(entry: Entry) -> Iterator[tuple[str, str]]:
    """An answer and its tests, and what stands between them."""
    cells = unit_of(entry.unit).of_kind(*IN_A_KERNEL)
    places = [place for place, cell in enumerate(cells) if belongs_to(cell, {entry.exercise})]
    for cell in cells[places[0] : places[-1] + 1]:
        yield cell.id, entry.source if cell.id == entry.exercise else cell.source


@every_entry
def test_a_plain_kernel_agrees_with_the_bank(lesson_before: Callable[[Entry], PlainKernel], entry: Entry) -> None:
    kernel = lesson_before(entry)
    with kernel.copied():
        seen = kernel.run(exercise_cells(entry))
    compare(entry, {name: error for name, error in seen.items() if error is not None})


@every_unit
@every_half
def test_in_a_plain_kernel_too_a_mistake_costs_no_other_exercise_anything(zygote: Zygote, name: str, half: int) -> None:
    wrong = wrong_in(name, half)
    answers = {entry.exercise: entry.source for entry in wrong}
    cells = unit_of(name).of_kind(*IN_A_KERNEL)
    seen = run_cells(zygote, [(cell.id, answers.get(cell.id, cell.source)) for cell in cells])
    compare_all(wrong, {test: error for test, error in seen.items() if error is not None})


SOFTMAX = "def helper(z): return z\ndef softmax(z): return helper(z).softmax(-1)"


@pytest.mark.parametrize(
    ("source", "together"),
    [
        ("def one_hot(y, k): return torch.eye(k)[y]", True),
        ("def helper(z): return 2 * z\ndef one_hot(y, k): return helper(y)", False),
        ("def one_hot(y, k): return helper(y)", False),
        ("torch.set_grad_enabled(False)\ndef one_hot(y, k): return torch.eye(k)[y]", False),
        ("def one_hot(y, k): return softmax(y)", False),
    ],
)
def test_answers_that_could_reach_each_other_are_graded_apart(source: str, together: bool) -> None:
    one = Entry("05_cross_entropy", "softmax", "with a helper", True, SOFTMAX)
    other = Entry("05_cross_entropy", "one_hot", "of torch", True, source)
    assert may_stand_together(one, other) is may_stand_together(other, one) is together


@every_unit
def test_every_exercise_has_three_right_and_five_wrong_answers(name: str) -> None:
    for exercise in unit_of(name).exercises:
        answers = [entry for entry in ENTRIES[name] if entry.exercise == exercise]
        different = {ast.dump(ast.parse(entry.source)) for entry in answers}
        assert len(different) == len(answers), f"{exercise}: two answers are the same"
        assert sum(entry.right for entry in answers) >= 3, exercise
        assert sum(not entry.right for entry in answers) >= 5, exercise


@every_unit
def test_every_test_is_failed_by_an_answer_and_every_failed_test_exists(name: str) -> None:
    """A test that no known mistake fails may as well not be there."""
    tests = {test.id: test.exercise for test in unit_of(name).tests}
    failed = {(test, entry.exercise) for entry in ENTRIES[name] for test in entry.fails}
    assert failed == set(tests.items())


@every_unit
def test_real_nbgrader_agrees_on_a_right_and_a_wrong_answer(name: str, tmp_path: Path) -> None:
    """Both are answers to exercises of one notebook, which is otherwise the reference solution.

    For the first unit nbgrader and its kernel are started from nothing.
    """
    warm = name != units()[0]
    shutil.copytree(ROOT / "source" / name, tmp_path / "source" / name)
    config = (ROOT / "nbgrader_config.py").read_text()
    theirs = config.replace("take_over_autograde()\n", "").replace("[CheckBeforeRelease, ", "[")
    (tmp_path / "nbgrader_config.py").write_text(theirs)
    wrong = next(entry for entry in ENTRIES[name] if not entry.right)
    right = next(entry for entry in ENTRIES[name] if entry.right and entry.exercise != wrong.exercise)
    notebook = without_demos(name, with_answers([wrong, right], name, unit_of(name).exercises))
    path = tmp_path / "submitted" / "ada" / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)
    run_nbgrader(tmp_path, "generate_assignment", name, warm=warm)
    run_nbgrader(tmp_path, "autograde", name, *PATIENT, warm=warm)
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
        grades = gradebook.find_submission_notebook(name, name, "ada").grades
        scores = {grade.name: grade.auto_score for grade in grades if grade.cell.cell_type == "code"}
    assert scores == {test.id: 0 if test.id in wrong.fails else test.points for test in unit_of(name).tests}
