"""What students get, and nothing else: enough to run the notebooks and `check`, and no secret."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
import yaml
from nbgrader.utils import compute_checksum

from autograder.errors import CourseError, UnitError
from autograder.kit.contents import Files, kit_files
from autograder.kit.needed import needed_modules
from autograder.kit.secrets import refuse_secrets, shown_secret
from autograder.kit.write import write_folder
from autograder.model.units import load_unit
from autograder.release.leaks import bare, secrets_of
from tests.autograder import small_unit
from tests.autograder.small_unit import NAME, RIGHT
from tests.conftest import ROOT

RELEASED = f"release/{NAME}/{NAME}.ipynb"
GRADERS = ("nbgrader", "sqlalchemy", "alembic", "nh3", "jinja2", "nbconvert", "distributed", "pygments")
PACKAGES_OF = {
    "PIL": "matplotlib",
    "IPython": "ipykernel",
    "traitlets": "ipykernel",
    "jupyter_client": "nbclient",
    "jupyter_core": "nbclient",
}  # what comes with what is required


def test_a_kit_holds_what_students_need_and_nothing_else(files: Files) -> None:
    top = {name.split("/")[0] for name in files}
    assert top == {
        *("release", "course", "autograder", "start.ipynb"),
        *("README.md", "LICENSE", "Makefile", "pyproject.toml", "environment.yml", ".gitignore"),
    }
    assert {name for name in files if name.startswith("release/")} == {RELEASED, f"release/{NAME}/numbers.csv"}
    rooms = {name.split("/")[1] for name in files if name.startswith("autograder/") and name.count("/") > 1}
    assert rooms == {"model", "reading", "results", "sandbox"}
    assert not any("__pycache__" in name or name.startswith("autograder/release") for name in files)


def test_the_checksums_of_a_release_are_those_of_what_it_shows(files: Files) -> None:
    """nbgrader's checksum of an answer cell is made from the stub, so nobody can try a solution against it."""
    notebook = nbformat.reads(files[RELEASED].decode(), as_version=4)
    marked = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("checksum")]
    assert {cell.metadata.nbgrader.grade_id for cell in marked} >= {*RIGHT, *small_unit.TESTS}
    assert all(cell.metadata.nbgrader.checksum == compute_checksum(cell) for cell in marked)


def test_the_kit_requires_what_its_modules_import_in_the_versions_that_we_require(files: Files) -> None:
    project = tomllib.loads(files["pyproject.toml"].decode())["project"]
    required = {re.split(r"[^A-Za-z0-9_-]", line)[0]: line for line in project["dependencies"]}
    imported = {name for path, content in files.items() if path.endswith(".py") for name in imports(content.decode())}
    foreign = imported - {*sys.stdlib_module_names, "course", "autograder", "google"}
    assert {PACKAGES_OF.get(name, name) for name in foreign} <= {*required}
    assert not {*GRADERS} & {*required}
    ours = {
        re.split(r"[^A-Za-z0-9_-]", line)[0]: line
        for line in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    }
    assert {*required} <= {*ours}
    assert "torch" in required
    assert required["torch"] != "torch", "without its bound, pip would be content with any version"


def imports(source: str) -> set[str]:
    nodes = list(ast.walk(ast.parse(source)))
    plain = {alias.name.split(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module.split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom) and node.module}


def test_conda_installs_the_kit_and_nothing_beside_it(files: Files) -> None:
    project = tomllib.loads(files["pyproject.toml"].decode())["project"]
    environment = yaml.safe_load(files["environment.yml"].decode())
    assert environment["dependencies"] == [f"python{project['requires-python']}", "pip", {"pip": ["-e .[lab]"]}]
    assert "lab" in project["optional-dependencies"]


def test_links_in_the_kit_s_readme_lead_somewhere(files: Files, published: Files) -> None:
    for kit in (files, published):
        for target in re.findall(r"\]\(([^)#:]+)\)", kit["README.md"].decode()):
            assert target in kit
        assert "$" not in kit["README.md"].decode()
    assert b"Colab" not in files["README.md"].split(b"## How to work")[0]


def test_modules_that_only_the_sandbox_needs_stay_here() -> None:
    needed = needed_modules(ROOT / "autograder")
    assert needed["cli.py"].name == "student_cli.py"
    assert {"reading/graft.py", "model/units.py", "sandbox/limits.py"} <= {*needed}
    assert not any(name.startswith(("running", "rpc", "gradebook", "release", "kit", "grade")) for name in needed)


# ---- check, in the kit


@pytest.fixture(scope="module")
def kit(files: Files, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("with a blank") / "kit"
    write_folder(files, folder)
    return folder


def run_in(kit: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the kit's own `python -m autograder` where neither this repository nor what the grader else requires is installed."""
    without = "sys.meta_path[:] = [finder for finder in sys.meta_path if 'editable' not in str(finder).lower()]"
    hide = "; ".join(f"sys.modules[{name!r}] = None" for name in GRADERS)
    code = f"import sys; {without}; {hide}; import runpy; sys.argv[1:] = {list(arguments)}; runpy.run_module('autograder', run_name='__main__')"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=kit, env=environment, capture_output=True, text=True, timeout=600)


def test_check_works_in_the_kit_without_the_grader(kit: Path) -> None:
    notebook = nbformat.read(kit / RELEASED, as_version=4)
    for cell in notebook.cells:
        cell.source = RIGHT.get(cell.id, cell.source)
    own = kit / "work" / NAME / f"{NAME}.ipynb"
    own.parent.mkdir(parents=True)
    nbformat.write(notebook, own)
    done = run_in(kit, "check", str(own.relative_to(kit)))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed  double_two" in done.stdout
    assert "2 more tests are hidden" in done.stdout
    assert not done.stderr


def test_the_kit_has_no_other_verb_and_says_so(kit: Path) -> None:
    other = run_in(kit, "grade", NAME)
    assert other.returncode == 2
    assert "choose from 'check'" in other.stderr or "choose from check" in other.stderr
    isolated = run_in(kit, "check", "--isolated", RELEASED)
    assert (isolated.returncode, isolated.stdout) == (2, "")
    assert "needs the grader, which is not part of the students' kit" in " ".join(isolated.stderr.split())


# ---- secrets

LONG = "return sum(value for value in xs if value is not None)"


def course_with(tmp_path: Path, long: str = LONG) -> Path:
    notebook = small_unit.notebook()
    total = next(cell for cell in notebook.cells if cell.id == "total")
    total.source = total.source.replace("return sum(xs)", long)
    small_unit.write_unit(tmp_path, notebook)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"Hint: {LONG}\n", "shows the solution of 'total' in 90_small"),
        ("It is tested with\n    assert double(-3)  ==  -6\n", "shows the hidden tests of 'double_negative'"),
    ],
)
def test_a_file_that_shows_a_secret_stops_the_kit(tmp_path: Path, text: str, words: str) -> None:
    course = course_with(tmp_path)
    (course / "LICENSE").write_text(text)
    with pytest.raises(CourseError, match=r"the kit's LICENSE shows"):
        kit_files(course)
    with pytest.raises(CourseError, match=words):
        kit_files(course)


def test_a_secret_of_a_unit_that_is_not_in_the_kit_stops_it_too(tmp_path: Path) -> None:
    course = course_with(tmp_path)
    small_unit.write_unit(course, name="91_other")
    (course / "source" / "91_other" / "notes.py").write_text(LONG)
    with pytest.raises(CourseError, match=r"release/91_other/notes\.py shows the solution of 'total' in 90_small"):
        kit_files(course, ["91_other"])


def test_a_notebook_s_strings_are_searched_as_they_read(tmp_path: Path) -> None:
    unit = load_unit(course_with(tmp_path, 'return sum(value for value in xs if value != "none at all")'), NAME)
    cell = nbformat.v4.new_code_cell(
        'if xs:\n    return sum(\n        value for value in xs if value != "none at all"\n    )'
    )
    text = nbformat.writes(nbformat.v4.new_notebook(cells=[cell]))
    assert '\\"none at all\\"' in text
    with pytest.raises(CourseError, match=r"other\.ipynb shows the solution of 'total'"):
        refuse_secrets({"other.ipynb": text.encode()}, [unit])


def test_one_common_line_of_a_long_answer_gives_nothing_away(tmp_path: Path) -> None:
    lines = (
        "first = [value for value in xs if value]",
        "second = sorted(first, reverse=True)",
        "return sum(second) + 0.0 * len(first)",
    )
    secrets = secrets_of(load_unit(course_with(tmp_path, "\n    ".join(lines)), NAME))
    assert shown_secret(bare(lines[0]), secrets) is None
    assert shown_secret(bare("\n".join(lines[:2])), secrets)


def test_a_unit_that_cannot_be_released_stops_the_kit(tmp_path: Path) -> None:
    with pytest.raises(UnitError, match="no unit here; run this from the course folder"):
        kit_files(tmp_path)
    notebook = small_unit.notebook()
    notebook.cells[0].source += "\nassert double(-3) == -6"
    small_unit.write_unit(tmp_path, notebook)
    with pytest.raises(UnitError, match="shows the hidden test"):
        kit_files(tmp_path)


# ---- the start page's notebook


def test_the_start_page_is_the_same_in_each_kit_and_folds_its_code(files: Files, published: Files) -> None:
    assert files["start.ipynb"] == published["start.ipynb"]
    start = nbformat.reads(files["start.ipynb"].decode(), as_version=4)
    nbformat.validate(start)
    code = next(cell for cell in start.cells if cell.cell_type == "code")
    assert code.metadata.jupyter.source_hidden
    assert "start_page()" in code.source


def test_the_readme_lists_the_units_with_links_where_they_are_published(files: Files, published: Files) -> None:
    assert "| A small unit |  | 20 |" in files["README.md"].decode()
    address = f"https://colab.research.google.com/github/someone/mlp-kit/blob/term/{RELEASED}"
    assert f"| [A small unit]({address}) |  | 20 |" in published["README.md"].decode()
