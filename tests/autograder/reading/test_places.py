"""Answers and helpers are found wherever in the notebook they were written, and the record says where that was not their place."""

from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.model.units import Unit, load_unit
from autograder.reading.find import Submission
from autograder.reading.graft import Graft, graft
from autograder.reading.plan import Step, reference_steps
from autograder.reading.submission import read_submission
from autograder.release.build import released, released_sources
from tests.autograder.small_unit import NAME, RIGHT, hand_in, metadata, notebook, write_unit

WRONG = "def double(x):\n    return 3 * x"
NEWER = "def double(x):\n    return 2 * x"
HELPER = "def twice(x):\n    return x + x"


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    write_unit(tmp_path)
    return load_unit(tmp_path, NAME)


@pytest.fixture
def handed_in(tmp_path: Path, unit: Unit) -> Path:
    return hand_in(tmp_path, "ada", released(unit), RIGHT)


class Editor:
    """A submission's notebook, by the ids of its cells."""

    def __init__(self, path: Path, unit: Unit) -> None:
        self.path, self.unit = path, unit
        self.notebook: NotebookNode = nbformat.read(path, as_version=4)
        self.stubs = released_sources(unit)

    def at(self, cell_id: str) -> int:
        return next(i for i, cell in enumerate(self.notebook.cells) if cell.id == cell_id)

    def write(self, cell_id: str, source: str) -> None:
        self.notebook.cells[self.at(cell_id)].source = source

    def leave(self, *cell_ids: str) -> None:
        for cell_id in cell_ids:
            self.write(cell_id, self.stubs[cell_id])

    def copy_below(self, cell_id: str, where: str, source: str, new_id: str = "copy") -> None:
        copied = nbformat.from_dict({**self.notebook.cells[self.at(cell_id)], "source": source, "id": new_id})
        self.notebook.cells.insert(self.at(where) + 1, copied)

    def end(self, source: str) -> None:
        self.notebook.cells.append(nbformat.v4.new_code_cell(source, id="at-the-end"))

    def graft(self) -> Graft:
        nbformat.write(self.notebook, self.path)
        return graft(self.unit, self.stubs, read_submission(Submission("ada", NAME, self.path.parent)))


@pytest.fixture
def editor(handed_in: Path, unit: Unit) -> Editor:
    return Editor(handed_in, unit)


def passed(steps: tuple[Step, ...]) -> list[str]:
    """Run the steps in one namespace, as a kernel would; return the tests that pass."""
    names: dict[str, object] = {}
    tests = []
    for step in steps:
        try:
            exec(step.source, names)
        except Exception:
            continue
        if step.run == "test":
            tests.append(step.id)
    return tests


ALL = ["double_two", "double_negative", "total_three", "total_empty"]


# ---- demos


def test_a_demo_runs_where_the_student_changed_it(editor: Editor) -> None:
    assert "show" not in [step.id for step in editor.graft().steps]
    editor.write("show", HELPER)
    assert Step("show", "student", HELPER) in editor.graft().steps


# ---- answers in cells that stand for something else


@pytest.mark.parametrize("where", ["total", "show", "lesson", "double-two", "double-negative"])
def test_an_answer_in_another_cell_counts_where_its_own_was_left(editor: Editor, where: str) -> None:
    editor.leave("double")
    index = editor.at(where)
    editor.notebook.cells[index].source = f"{NEWER}\n\n\n{editor.notebook.cells[index].source}"
    result = editor.graft()
    assert passed(result.steps) == ALL
    [said] = [repair for repair in result.repairs if "double" in repair]
    assert said.startswith("the cell of double was left as it was; ")
    assert said.endswith("was graded")


def test_two_answers_in_one_cell_at_the_end_count(editor: Editor) -> None:
    editor.leave("double", "total")
    editor.end("\n\n\n".join(RIGHT.values()))
    result = editor.graft()
    assert passed(result.steps) == ALL
    assert all(any(f"the cell of {name} was left as it was" in said for said in result.repairs) for name in RIGHT)


def test_an_answer_is_taken_out_of_another_s_cell_with_what_it_needs_alone(editor: Editor) -> None:
    editor.leave("double")
    editor.write(
        "total", f"import time\n{HELPER}\n{NEWER.replace('2 * x', 'twice(x)')}\n{RIGHT['total']}\ntime.sleep(9)"
    )
    assert editor.graft().answers["double"] == f"{HELPER}\n{NEWER.replace('2 * x', 'twice(x)')}"


def test_answers_gathered_in_one_cell_count_where_the_others_were_deleted(editor: Editor) -> None:
    editor.write("double", "\n\n\n".join(RIGHT.values()))
    del editor.notebook.cells[editor.at("total")]
    result = editor.graft()
    assert passed(result.steps) == ALL
    assert result.repairs == ("the cell of total was missing; the cell of double, which defines total, was graded",)


def test_what_nobody_defines_is_still_said_to_be_missing(editor: Editor) -> None:
    del editor.notebook.cells[editor.at("total")]
    assert editor.graft().repairs == ("no cell was found for total: it counts as not answered",)


# ---- what was written into the cells of tests


@pytest.mark.parametrize("where", ["above", "below"])
def test_a_helper_in_a_test_s_cell_is_a_cell_of_the_student_s_own(editor: Editor, where: str) -> None:
    test = editor.stubs["double_two"]
    editor.write("double-two", f"{HELPER}\n\n{test}" if where == "above" else f"{test}\n\n{HELPER}")
    result = editor.graft()
    assert HELPER in [step.source for step in result.steps if step.own]
    assert result.repairs == ("what was added to the locked cell double_two was run as a cell of its own",)


def test_of_a_test_that_was_changed_only_definitions_are_kept(editor: Editor) -> None:
    editor.write("double-two", f"{HELPER}\nassert double(2) == 5\nprint('changed')")
    assert [step.source for step in editor.graft().steps if step.own] == [HELPER]
    editor.write("double-two", "# assert double(2) == 4\nassert double(2) == 5")
    assert editor.graft().repairs == ()


# ---- repairs are named


def test_locked_cells_and_tests_that_are_missing_are_named(editor: Editor) -> None:
    del editor.notebook.cells[editor.at("double-two")]
    assert editor.graft().repairs == ("the locked cell double_two was missing: it was run as released",)
    del editor.notebook.cells[editor.at("imports")]
    result = editor.graft()
    assert result.repairs == ("the locked cells imports, double_two were missing: they were run as released",)
    assert passed(result.steps) == ALL


def test_an_answer_below_its_tests_runs_above_them_and_is_named(editor: Editor) -> None:
    editor.notebook.cells.append(editor.notebook.cells.pop(editor.at("double")))
    result = editor.graft()
    assert result.repairs == ("the cell of double stood below its tests: it was run above them",)
    assert passed(result.steps) == ALL


def test_parts_that_are_programs_of_their_own_are_called_a_split(editor: Editor) -> None:
    editor.copy_below("double", "lesson", "import operator")
    editor.write("double", "def double(x):\n    return operator.add(x, x)")
    result = editor.graft()
    assert result.repairs == ("the cell of double was split; its 2 parts were run one after the other",)
    assert passed(result.steps) == ALL


# ---- several copies


@pytest.mark.parametrize(("above", "below", "tests"), [(NEWER, WRONG, ALL), (WRONG, NEWER, ALL[2:])])
def test_of_several_copies_the_one_above_the_tests_counts(
    editor: Editor, above: str, below: str, tests: list[str]
) -> None:
    editor.write("double", above)
    editor.copy_below("double", "double-negative", below)
    result = editor.graft()
    assert passed(result.steps) == tests
    assert result.repairs == (
        "the cell of double was there 2 times; the last one that was changed above its tests was graded",
    )


def test_a_copy_between_two_tests_is_what_the_second_one_tests(editor: Editor) -> None:
    editor.write("double", NEWER)
    editor.copy_below("double", "double-two", WRONG)
    assert passed(editor.graft().steps) == ["double_two", *ALL[2:]]


# ---- answers that a person grades


def test_a_manually_graded_code_cell_is_run_and_shown(tmp_path: Path) -> None:
    source = notebook()
    marks = metadata("plot", grade=True, solution=True, points=0, locked=False)
    stub = "### BEGIN SOLUTION\nlevel = 1\n### END SOLUTION"
    source.cells.insert(-1, nbformat.v4.new_code_cell(stub, id="plot", metadata=marks))
    write_unit(tmp_path, source)
    unit = load_unit(tmp_path, NAME)
    assert "plot" in [step.id for step in reference_steps(unit)]
    path = hand_in(tmp_path, "ada", released(unit), {**RIGHT, "plot": "level = 2"})
    result = Editor(path, unit).graft()
    assert result.repairs == ()
    assert result.answers["plot"] == "level = 2"
    assert Step("plot", "student", "level = 2", "plot") in result.steps
    untouched = Editor(hand_in(tmp_path, "bob", released(unit), RIGHT), unit)
    assert "plot" not in [step.id for step in untouched.graft().steps]


def test_a_notebook_of_an_earlier_release_has_no_changed_lesson(tmp_path: Path, unit: Unit, handed_in: Path) -> None:
    """It held a line that our own tests read, and its tests were not folded."""
    lesson = next(cell for cell in unit.notebook.cells if cell.id == "lesson")
    lesson.source = "# NBVAL_CHECK_OUTPUT\n" + lesson.source
    earlier = Unit(unit.name, unit.path, unit.notebook)
    editor = Editor(handed_in, earlier)
    editor.write("lesson", lesson.source)
    for test in earlier.tests:
        shown = editor.stubs[test.id]
        editor.write(
            test.id.replace("_", "-"), shown.replace("# @title Check, 4 points\n", "").replace("# @title ", "# ")
        )
    grafted = editor.graft()
    assert grafted.repairs == ()
    assert [step.run for step in grafted.steps if step.id == "lesson"] == ["lesson"]
    assert [step.id for step in grafted.steps] == [step.id for step in reference_steps(earlier)]
