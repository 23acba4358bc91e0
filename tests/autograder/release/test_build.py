"""The release is what nbgrader itself makes with our settings, byte for byte, and shows nothing that it must not."""

import base64
import copy
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.errors import CourseError, UnitError
from autograder.model.units import load_unit
from autograder.release.build import CODE_STUB, make_release, released, released_sources, to_save
from autograder.release.stamp import Kit, read_kit
from tests.autograder import small_unit
from tests.autograder.real_nbgrader import run_nbgrader
from tests.autograder.small_unit import NAME

FOLDED = [test.replace("_", "-") for test in small_unit.TESTS]
SETTING = '[tool.mlp-course]\nrepository = "someone/mlp-kit"\nbranch = "main"\n'


def _cell(notebook: NotebookNode, identity: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == identity)


def _released(course: Path, change: Callable[[NotebookNode], object]) -> NotebookNode:
    notebook = small_unit.notebook()
    change(notebook)
    small_unit.write_unit(course, notebook)
    return released(load_unit(course, NAME))


@pytest.mark.parametrize("kit", ["", SETTING], ids=["no kit", "kit"])
def test_release_is_what_nbgrader_makes_with_our_settings(tmp_path: Path, root: Path, kit: str) -> None:
    small_unit.write_unit(tmp_path)
    (tmp_path / "source" / NAME / "numbers.csv").write_text("1,2\n")
    config = (root / "nbgrader_config.py").read_text()
    if kit:
        (tmp_path / "pyproject.toml").write_text(kit)
        config = config.replace(
            "[CheckBeforeRelease, ", "["
        )  # it runs the reference, which a kit changes nothing about
    (tmp_path / "nbgrader_config.py").write_text(config)
    ours = make_release(tmp_path, NAME)
    before = {path.name: path.read_bytes() for path in ours.parent.iterdir()}
    run_nbgrader(tmp_path, "generate_assignment", NAME, "--force")
    assert {path.name: path.read_bytes() for path in ours.parent.iterdir()} == before
    assert set(before) == {f"{NAME}.ipynb", "numbers.csv"}


def test_release_without_badge_is_what_plain_nbgrader_makes_but_for_stubs_and_folded_tests(tmp_path: Path) -> None:
    small_unit.write_unit(tmp_path)
    run_nbgrader(tmp_path, "generate_assignment", NAME)
    theirs = nbformat.read(tmp_path / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    ours = released(load_unit(tmp_path, NAME))
    stub = "# YOUR CODE HERE\n    raise NotImplementedError()"
    for cell in theirs.cells:
        cell.source = cell.source.replace(stub, CODE_STUB)
        own = _cell(ours, cell.id)
        if cell.id in FOLDED:
            cell.source = own.source
            cell.metadata.update(jupyter={"source_hidden": True}, cellView="form")
        if cell.id in ("double", "total", "think", *FOLDED):  # a checksum is made from the text
            cell.metadata.nbgrader.checksum = own.metadata.nbgrader.checksum
    _cell(theirs, "think").source = _cell(ours, "think").source
    assert theirs == ours


def test_release_is_the_same_each_time_and_its_file_readable_by_all(tmp_path: Path) -> None:
    small_unit.write_unit(tmp_path)
    path = make_release(tmp_path, NAME)
    first = path.read_bytes()
    assert make_release(tmp_path, "90").read_bytes() == first
    assert path.stat().st_mode & 0o777 == 0o644
    assert [cell.id for cell in nbformat.read(path, 4).cells] == [cell.id for cell in small_unit.notebook().cells]


def test_release_leaves_the_unit_as_it_was(tmp_path: Path) -> None:
    small_unit.write_unit(tmp_path)
    unit = load_unit(tmp_path, NAME)
    before = copy.deepcopy(unit.notebook)
    released(unit)
    assert unit.notebook == before


def test_release_holds_stubs_and_visible_tests_but_no_hidden_ones(tmp_path: Path) -> None:
    small_unit.write_unit(tmp_path)
    unit = load_unit(tmp_path, NAME)
    shown = released_sources(unit)
    assert shown["double_two"] == "# @title Check, 4 points\n" + small_unit.TESTS["double_two"][2]
    assert shown["double_negative"] == "# @title Hidden, 6 points"
    namespace: dict = {}
    exec(shown["double"], namespace)
    with pytest.raises(NotImplementedError, match="write your code in place of this line"):
        namespace["double"](2)
    hidden = [cell.source for cell in to_save(unit).cells if "BEGIN HIDDEN TESTS" in cell.source]
    assert len(hidden) == 2


def test_a_test_is_folded_behind_a_line_that_says_what_it_is(tmp_path: Path) -> None:
    def change(notebook: NotebookNode) -> None:
        _cell(notebook, "double-two").source = 'check(double, 2).equals(4).passed("twice two", "negative numbers")'
        _cell(
            notebook, "double-negative"
        ).source = "# Below 0.\n### BEGIN HIDDEN TESTS\nassert double(-3) == -6\n### END HIDDEN TESTS"

    notebook = _released(tmp_path, change)
    folded = [cell.id for cell in notebook.cells if cell.metadata.get("jupyter", {}).get("source_hidden")]
    assert folded == [cell.id for cell in notebook.cells if cell.metadata.get("cellView") == "form"] == FOLDED
    assert _cell(notebook, "double-two").source.splitlines()[0] == "# @title Check: twice two (4 points)"
    assert _cell(notebook, "double-negative").source.startswith("# @title Hidden, 6 points\n# Below 0.")


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("check(double, 2).equals(4).passed('in single quotes')", "# @title Check: in single quotes (4 points)"),
        ('check(double, 2).passed("in \\"quotes\\"", "more")', '# @title Check: in "quotes" (4 points)'),
        (
            'check(double, 2).passed(\n    "in two "\n    "parts",\n    "more",\n)',
            "# @title Check: in two parts (4 points)",
        ),
        ("assert double(2) == 4", "# @title Check, 4 points"),
    ],
)
def test_a_title_says_what_the_check_proves_however_it_is_written(tmp_path: Path, source: str, title: str) -> None:
    notebook = _released(tmp_path, lambda notebook: _cell(notebook, "double-two").update(source=source))
    assert _cell(notebook, "double-two").source.splitlines()[0] == title


@pytest.mark.parametrize(
    ("first", "title"),
    [
        ("# Hidden test, 1 point: below 0, and far below it.", "# @title Hidden: below 0, and far below it (6 points)"),
        ("# Hidden test: a case at 10:30", "# @title Hidden: a case at 10:30 (6 points)"),
        ("# Hidden test, 6 points.", "# @title Hidden, 6 points"),
    ],
)
def test_the_title_of_a_hidden_test_begins_with_what_it_looks_at(tmp_path: Path, first: str, title: str) -> None:
    def change(notebook: NotebookNode) -> None:
        cell = _cell(notebook, "double-negative")
        cell.source = cell.source.replace("# Hidden test.", first)

    assert _cell(_released(tmp_path, change), "double-negative").source == title


def test_the_line_that_our_tests_read_stays_here(tmp_path: Path) -> None:
    def change(notebook: NotebookNode) -> None:
        _cell(notebook, "lesson").source = "# NBVAL_CHECK_OUTPUT\n" + _cell(notebook, "lesson").source

    assert _cell(_released(tmp_path, change), "lesson") == _cell(_released(tmp_path, lambda _notebook: None), "lesson")


def test_outputs_widget_states_and_times_are_dropped(tmp_path: Path) -> None:
    def run(notebook: NotebookNode) -> None:
        cell = _cell(notebook, "lesson")
        cell.outputs, cell.execution_count = [nbformat.v4.new_output("stream", text="2.0")], 7
        cell.metadata.execution = {"iopub.execute_input": "2026-01-01T00:00:00Z"}
        notebook.metadata.widgets = {"application/vnd.jupyter.widget-state+json": {"state": {"a": "return 2 * x"}}}

    assert _released(tmp_path, run) == _released(tmp_path, lambda _notebook: None)


def test_kit_puts_a_badge_and_an_install_cell_on_top(tmp_path: Path) -> None:
    small_unit.write_unit(tmp_path)
    (tmp_path / "pyproject.toml").write_text(SETTING)
    badge, install, title = nbformat.read(make_release(tmp_path, NAME), 4).cells[:3]
    address = f"https://colab.research.google.com/github/someone/mlp-kit/blob/main/release/{NAME}/{NAME}.ipynb"
    assert f"({address})" in badge.source
    assert '"git+https://github.com/someone/mlp-kit@main"' in install.source
    assert title.source == "# A small unit"


def test_without_a_kit_nothing_points_anywhere(tmp_path: Path) -> None:
    small_unit.write_unit(tmp_path)
    assert read_kit(tmp_path) == Kit()
    assert "http" not in make_release(tmp_path, NAME).read_text()


@pytest.mark.parametrize(
    "text",
    [
        "[tool.mlp-course]\nrepository = 3",
        "[tool.mlp-course]\nrepo = 'a/b'",
        "[tool",
        "[tool.mlp-course]\nrepository = 'a/b\" ; rm'",
        "[tool.mlp-course]\nrepository = 'a/b'\nbranch = '-d'",
        "tool = 3",
    ],
)
def test_a_kit_that_is_no_repository_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(CourseError, match=r"pyproject\.toml: .*owner/name"):
        read_kit(tmp_path)


# ---- leaks


def _put(identity: str, text: str) -> Callable[[NotebookNode], None]:
    def change(notebook: NotebookNode) -> None:
        _cell(notebook, identity).source += text

    return change


def _swap(identity: str, old: str, new: str) -> Callable[[NotebookNode], None]:
    def change(notebook: NotebookNode) -> None:
        cell = _cell(notebook, identity)
        assert old in cell.source
        cell.source = cell.source.replace(old, new)

    return change


LONG = "return sum(value for value in xs if value is not None)"
LONG_ANSWER = _swap("total", "return sum(xs)", LONG)


def _both(*changes: Callable[[NotebookNode], object]) -> Callable[[NotebookNode], None]:
    def change(notebook: NotebookNode) -> None:
        for one in changes:
            one(notebook)

    return change


def _attach(identity: str, name: str, data: str, kind: str = "text/plain") -> Callable[[NotebookNode], None]:
    def change(notebook: NotebookNode) -> None:
        _cell(notebook, identity).attachments = {name: {kind: data}}

    return change


def _mark(identity: str, key: str, value: object) -> Callable[[NotebookNode], None]:
    return lambda notebook: _cell(notebook, identity).metadata.update({key: value})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_swap("double", "### BEGIN SOLUTION", "## BEGIN SOLUTION"), "write '### BEGIN SOLUTION'"),
        (_swap("double", "### BEGIN SOLUTION", "### begin solution"), "write '### BEGIN SOLUTION'"),
        (_swap("double", "### END SOLUTION", "### END SOLUTIONS"), "write '### END SOLUTION'"),
        (_swap("double", "### END SOLUTION", "# ENDSOLUTION"), "write '### END SOLUTION'"),
        (_swap("double", "### END SOLUTION", "### END SOLUTON"), "write '### END SOLUTION'"),
        (_swap("double", "\n    ### END SOLUTION", ""), "add '### END SOLUTION'"),
        (_swap("double", "    ### BEGIN SOLUTION\n", ""), "was not begun"),
        (_swap("double", "    ### END SOLUTION", "### END HIDDEN TESTS"), "HIDDEN TESTS region"),
        (_put("double", "\n    ### BEGIN SOLUTION\n    ### END SOLUTION\n    ### END SOLUTION"), "was not begun"),
        (_swap("double", "    return 2", "    ### BEGIN SOLUTION\n    return 2"), "inside another"),
        (_swap("double-negative", "### BEGIN HIDDEN TESTS", "### BEGIN HIDDEN TEST"), "write '### BEGIN HIDDEN TESTS'"),
        (_swap("double-negative", "### BEGIN HIDDEN TESTS", "    ### BEGIN HIDDEN TESTS"), "BEGIN HIDDEN TESTS"),
        (_swap("double-negative", "### BEGIN HIDDEN TESTS", "#BEGIN HIDDEN TESTS"), "write '### BEGIN HIDDEN TESTS'"),
        (_swap("double-negative", "\n### END HIDDEN TESTS", ""), "add '### END HIDDEN TESTS'"),
        (_put("lesson", "\n### BEGIN HIDDEN TESTS\n1\n### END HIDDEN TESTS"), "is a plain cell"),
        (_put("lesson", "\n### BEGIN SOLUTION\n1\n### END SOLUTION"), "is a plain cell"),
        (_put("title", "\n### BEGIN MARK SCHEME\nGood answers name three.\n### END MARK SCHEME"), "Mark scheme region"),
        (_put("lesson", "\n### AUTOTEST double(3)"), "AUTOTEST"),
        (_swap("double-negative", "# Hidden test.\n", ""), "empty for students"),
        (
            _swap("double-two", "assert", "if True:\n### BEGIN HIDDEN TESTS\n    assert"),
            "add '### END HIDDEN TESTS'",
        ),
        (
            _both(
                _swap("double-two", "assert", "if True:\n### BEGIN HIDDEN TESTS\n    assert"),
                _put("double-two", "\n### END HIDDEN TESTS"),
            ),
            "no longer Python",
        ),
        (_both(LONG_ANSWER, _put("lesson", f"\ndef other(xs):\n    {LONG}")), "shows the answer of 'total'"),
        (_both(LONG_ANSWER, _put("title", f"\nTry `{LONG}`.")), "'title' shows the answer of 'total'"),
        (
            _both(LONG_ANSWER, _put("title", "\nreturn sum( value for value in xs\n   if value is not None )")),
            "'title' shows the answer of 'total'",
        ),
        (_both(LONG_ANSWER, _mark("lesson", "notes", {"old": [f"was: {LONG}"]})), "'lesson' shows the answer"),
        (
            _both(LONG_ANSWER, lambda notebook: notebook.metadata.update({"draft": LONG})),
            "metadata shows the answer of 'total'",
        ),
        (
            _both(
                LONG_ANSWER,
                _put("title", "![](attachment:a.txt)"),
                _attach("title", "a.txt", base64.b64encode(LONG.encode()).decode()),
            ),
            "'title' shows the answer of 'total'",
        ),
        (_attach("think", "answer.png", "iVBORw0KGgo=", "image/png"), "keeps the attachment 'answer.png'"),
        (_put("lesson", "\n# try assert double(-3) == -6"), "shows the hidden test of 'double_negative'"),
        (
            _both(
                _swap("think", "Your thoughts here.", "Large scores overflow, so the largest is taken off first."),
                _put("title", "\nLarge scores overflow, so the largest is taken off first."),
            ),
            "shows the answer of 'think'",
        ),
        (lambda notebook: notebook.update(nbformat_minor=4), "notebook format 4.5"),
        (
            lambda notebook: _cell(notebook, "double").metadata.nbgrader.pop("locked"),
            "nbgrader refuses the marks of the cell 'double'",
        ),
    ],
)
def test_a_leaking_or_broken_unit_is_refused_in_one_sentence(
    tmp_path: Path, change: Callable[[NotebookNode], None], words: str
) -> None:
    notebook = small_unit.notebook()
    change(notebook)
    if notebook.nbformat_minor < 5:
        for cell in notebook.cells:
            cell.pop("id")
    small_unit.write_unit(tmp_path, notebook)
    with pytest.raises(UnitError) as caught:
        make_release(tmp_path, NAME)
    message = str(caught.value)
    assert words in message
    assert str(tmp_path / "source" / NAME) in message
    assert "\n" not in message
    assert not (tmp_path / "release").exists()


@pytest.mark.parametrize(
    "change",
    [
        _put("title", "\n## Hidden tests\nAt the end, hidden tests look at large scores."),
        _put("title", "\nBegin with the shapes; the solution comes to you in the end."),
        _put("lesson", "\n# begin with an empty list\nxs = []"),
        _put("lesson", "\ndef double_all(xs):\n    return [2 * x for x in xs]"),
    ],
)
def test_ordinary_words_are_no_leak(tmp_path: Path, change: Callable[[NotebookNode], None]) -> None:
    _released(tmp_path, change)


def test_a_data_file_that_holds_an_answer_is_refused(tmp_path: Path) -> None:
    notebook = small_unit.notebook()
    LONG_ANSWER(notebook)
    path = small_unit.write_unit(tmp_path, notebook)
    (path.parent / "paired.py").write_text(f"def total(xs):\n    {LONG}\n")
    with pytest.raises(UnitError, match=r"paired\.py shows the answer of 'total'"):
        make_release(tmp_path, NAME)
    assert not (tmp_path / "release").exists()


def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path) -> None:
    small_unit.write_unit(tmp_path)
    (tmp_path / "release").write_text("a file where a folder belongs")
    with pytest.raises(CourseError, match=r"release.*cannot be written"):
        make_release(tmp_path, NAME)


def test_a_leak_stops_the_release_but_not_the_grading_of_what_was_released(tmp_path: Path) -> None:
    notebook = small_unit.notebook()
    _both(LONG_ANSWER, _put("title", f"\nTry `{LONG}`."))(notebook)
    small_unit.write_unit(tmp_path, notebook)
    unit = load_unit(tmp_path, NAME)
    with pytest.raises(UnitError):
        released(unit)
    assert CODE_STUB in released_sources(unit)["total"]
