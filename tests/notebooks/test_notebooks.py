"""The notebooks as a reader runs them, and the release as its readers get it."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from autograder.model.units import Kind, Unit, list_units, load_unit
from autograder.release.build import make_release
from tests.conftest import ROOT
from tests.notebooks.tidy import CHECKED, is_checked, problems
from tests.warm.processes import kernels, tools

UNITS = list_units(ROOT)
POINTS = 20  # of each unit of the course, besides its reflection question
SECONDS = 900  # per cell, on a machine with other things to do
ID = re.compile(r"[a-z][a-z0-9_]*")
SECRET = re.compile(r"### BEGIN (SOLUTION|HIDDEN TESTS)\n(.*?)### END \1", re.DOTALL)

every_unit = pytest.mark.parametrize("name", UNITS)


# pytest in a process of its own; importing `autograder` first puts off three seconds of imports, see autograder/slow_import.py.
PYTEST = "import sys, autograder, pytest; sys.exit(pytest.main(sys.argv[1:]))"


@dataclass(frozen=True)
class Played:
    """What nbval says of a notebook's cells of code, in order: why each failed, or an empty text; and all that it printed."""

    failures: tuple[str, ...]
    output: str


def nbval(path: Path, warm: bool = True) -> Played:
    """Run a notebook and compare the outputs of its marked cells; this project's pytest settings do not apply.

    `warm`: pytest and the kernel are forked from processes that have imported what they need.
    """
    report = path.with_suffix(".xml")
    options = ["--nbval-lax", f"--nbval-cell-timeout={SECONDS}", "-p", "no:cacheprovider", "-c", "/dev/null", "-q"]
    options += [f"--junitxml={report}", f"--rootdir={path.parent}", str(path)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}  # two threads of a small net wait for each other
    command = [sys.executable, "-c", PYTEST]
    if warm:
        command, environment["JUPYTER_PATH"] = tools().command("pytest"), kernels().specs
    done = subprocess.run(
        [*command, *options], cwd=path.parent, env=environment, capture_output=True, text=True, check=False
    )
    cells = ElementTree.parse(report).iter("testcase")
    return Played(tuple("".join(cell.itertext()) for cell in cells), done.stdout + done.stderr)


@every_unit
def test_a_unit_is_worth_20_points_and_the_id_of_a_test_begins_with_its_exercise(name: str) -> None:
    unit = load_unit(ROOT, name)
    assert unit.max_score == POINTS
    assert unit.exercises == [answer.id for answer in unit.of_kind(Kind.ANSWER)]
    assert all(ID.fullmatch(cell.id) for cell in (*unit.tests, *unit.of_kind(Kind.ANSWER, Kind.MANUAL)))
    assert all(test.id.startswith(f"{test.exercise}_") for test in unit.tests)


def release_of(name: str) -> Path:
    return ROOT / "release" / name / f"{name}.ipynb"


@pytest.fixture(scope="module")
def there_and_back(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Played, int]]:
    """A unit's source run by nbval to its last cell and, cell by cell, back to its first; and how many cells of code it has.

    On the way back no output is compared.
    """

    @cache
    def run(name: str) -> tuple[Played, int]:
        folder = shutil.copytree(ROOT / "source" / name, tmp_path_factory.mktemp("source") / name)
        notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
        code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
        for number, cell in enumerate(reversed(code)):
            again = nbformat.v4.new_code_cell(cell.source.replace(CHECKED, ""), id=f"again-{number}")
            notebook.cells.append(again)
        nbformat.write(notebook, folder / f"{name}.ipynb")
        return nbval(folder / f"{name}.ipynb"), len(code)

    return run


@every_unit
def test_the_source_runs_and_prints_what_it_stores(
    there_and_back: Callable[[str], tuple[Played, int]], name: str
) -> None:
    played, cells = there_and_back(name)
    assert len(played.failures) == 2 * cells, played.output[-4000:]
    assert not any(played.failures[:cells])
    assert sum(map(is_checked, load_unit(ROOT, name).notebook.cells)) >= 3


def test_a_stored_output_that_is_not_printed_is_found(tmp_path: Path) -> None:
    cell = nbformat.v4.new_code_cell(f"{CHECKED}\nprint(2 + 2)", execution_count=1)
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="5\n")]
    path = tmp_path / "wrong.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    (failure,) = nbval(path, warm=False).failures  # the plain way is tried too
    assert "mismatch" in failure


@every_unit
def test_the_release_stops_nowhere_but_at_its_stubs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    unit = load_unit(ROOT, name)
    notebook = nbformat.read(release_of(name), as_version=4)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("JUPYTER_PATH", kernels().specs)
    NotebookClient(notebook, timeout=SECONDS, startup_timeout=SECONDS, allow_errors=True).execute()
    kinds = {cell.id: cell for cell in unit.cells}
    stopped = set()
    for node in notebook.cells:
        for error in (out for out in node.get("outputs", []) if out.output_type == "error"):
            cell = kinds[node.metadata.get("nbgrader", {}).get("grade_id") or node.id]
            assert cell.kind is Kind.TEST, f"{cell.id}: {error.ename}: {error.evalue}"
            assert error.ename == "NotImplementedError", f"{cell.id}: {error.evalue}"
            stopped.add(cell.exercise)
    assert stopped == set(unit.exercises)


@every_unit
def test_every_cell_can_be_run_again_after_the_last(
    there_and_back: Callable[[str], tuple[Played, int]], name: str
) -> None:
    """Readers go back: no cell may live on names that a later one has given to something else."""
    played, cells = there_and_back(name)
    assert len(played.failures) == 2 * cells, played.output[-4000:]
    assert not any(played.failures[cells:])


def test_a_cell_that_cannot_be_run_again_is_found(tmp_path: Path) -> None:
    cells = [nbformat.v4.new_code_cell(source) for source in ("x = 1", "x + 1", "x = 'text'", "x + 1")]
    path = tmp_path / "again.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    assert [bool(failure) for failure in nbval(path).failures] == [False, False, False, True]


@every_unit
def test_the_release_is_what_the_source_makes(name: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "source" / name, tmp_path / "source" / name)
    shutil.copyfile(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    make_release(tmp_path, name)
    made, stored = (folder_of(course / "release" / name) for course in (tmp_path, ROOT))
    assert made.keys() == stored.keys()
    for file, content in made.items():
        assert stored[file] == content, f"release/{name}/{file} is not what source/ makes; run: make release"


def folder_of(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and ".ipynb_checkpoints" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@every_unit
def test_the_release_holds_no_answer_and_no_hidden_test(name: str) -> None:
    unit = load_unit(ROOT, name)
    shown = {line.strip() for node in unit.notebook.cells for line in SECRET.sub("", node.source).splitlines()}
    secret = {
        line.strip()
        for node in unit.notebook.cells
        for _, part in SECRET.findall(node.source)
        for line in part.split("\n")
    }
    secret = {line for line in secret - shown if len(line) > 8}
    assert len(secret) > 2 * len(unit.exercises)
    for path in folder_of(ROOT / "release" / name):
        strings = strings_of(ROOT / "release" / name / path)
        lines = {line.strip() for text in strings for line in text.splitlines()}
        within = {line for line in secret if len(line) > 25 and any(line in text for text in strings)}
        assert not (secret & lines) | within, f"{path} shows them"
        assert not [text for text in strings if "BEGIN SOLUTION" in text or "HIDDEN TESTS" in text]


def strings_of(path: Path) -> list[str]:
    """Every text in a file: in a notebook sources, outputs and metadata, as they read once decoded."""
    if path.suffix != ".ipynb":
        return [path.read_bytes().decode(errors="ignore")]
    return list(_texts(nbformat.read(path, as_version=4)))


def _texts(node: NotebookNode | list | str | None) -> list[str]:
    if isinstance(node, dict):
        return [text for value in node.values() for text in _texts(value)]
    if isinstance(node, list):
        return [text for value in node for text in _texts(value)]
    return [node] if isinstance(node, str) else []


def test_the_course_package_defines_no_answer() -> None:
    answers = {name for unit in UNITS for name in answer_names(load_unit(ROOT, unit))}
    for path in sorted((ROOT / "course").rglob("*.py")):
        tree = ast.parse(path.read_text())
        # Methods don't count: `Ensemble.accuracy` answers no exercise that asks for a function `accuracy(net, loader)`.
        named = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        assert not named & answers, f"{path} defines a graded answer"


def answer_names(unit: Unit) -> frozenset[str]:
    return unit.answer_names


@every_unit
def test_stored_notebooks_are_tidy(name: str) -> None:
    assert not list(problems(load_unit(ROOT, name).path, keep_checked=True))
    assert not list(problems(release_of(name), keep_checked=False))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda cell: cell.update(execution_count=3), "outputs or counts of a run"),
        (lambda cell: cell.update(source="print(1)"), "outputs or counts of a run"),
        (lambda cell: cell.update(outputs=[]), "stores no output"),
        (lambda cell: cell.pop("id"), "cells without an id"),
    ],
)
def test_untidy_notebooks_are_named(tmp_path: Path, change, words: str) -> None:  # type: ignore[no-untyped-def]
    cell = nbformat.v4.new_code_cell(f"{CHECKED}\nprint(1)", execution_count=1)
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="1\n")]
    path = tmp_path / "one.ipynb"
    notebook = nbformat.v4.new_notebook(cells=[cell])
    nbformat.write(notebook, path)
    assert not list(problems(path, keep_checked=True))
    change(cell)
    path.write_text(nbformat.v4.writes_json(notebook))
    assert any(words in problem for problem in problems(path, keep_checked=True))
