"""The cell on top of a published notebook: on Colab and Kaggle it installs the kit from its git branch, elsewhere it changes nothing.

The real cell runs in IPython with the real pip and git, offline: git finds the kit's address in a repository on this machine. Of Colab
there is what the cell looks at, a loaded module `google.colab`.
"""

import importlib.metadata
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

from autograder.kit.branch import commit_to_branch
from autograder.kit.contents import Files
from tests.autograder.small_unit import NAME

ADDRESS = "https://github.com/someone/mlp-kit"
NOT_INSTALLED = "sys.meta_path[:] = [finder for finder in sys.meta_path if 'editable' not in str(finder).lower()]"
SETTING = """\
import sys, types
{not_installed}
sys.path.append({target!r})
{colab}
from IPython.core.interactiveshell import InteractiveShell
{later}
done = InteractiveShell.instance().run_cell({cell!r})
done.raise_error()
print("installed:", *sorted(path.name for path in __import__("pathlib").Path({target!r}).glob("*")))
"""


@dataclass(frozen=True)
class Hosted:
    """A service that runs notebooks, and how it can be told."""

    code: str = ""
    variable: str = ""
    later: str = ""  # code that runs once IPython is there


COLAB = Hosted("sys.modules['google.colab'] = types.ModuleType('google.colab')")


@pytest.fixture(scope="module")
def repository(published: Files, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kit as it was pushed: on the branch that the setting names."""
    folder = tmp_path_factory.mktemp("pushed")
    subprocess.run(["git", "init", "--quiet", "--initial-branch", "main", folder], check=True)
    commit_to_branch(published, folder, "term")
    return folder


def run_install_cell(published: Files, repository: Path, where: Path, service: Hosted) -> str:
    """Run the install cell as this service would and return what it prints and what is installed then."""
    notebook = nbformat.reads(published[f"release/{NAME}/{NAME}.ipynb"].decode(), as_version=4)
    cell = next(cell.source for cell in notebook.cells if cell.id == "colab-install")
    target = where / "installed"
    environment = (
        {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        | {
            "PIP_TARGET": str(target),
            "PIP_NO_INDEX": "1",
            "PIP_NO_BUILD_ISOLATION": "0",  # for pip this switches isolation off: setuptools is here, and there is no network
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.file://{repository}.insteadOf",
            "GIT_CONFIG_VALUE_0": ADDRESS,
            "IPYTHONDIR": str(where / "ipython"),
        }
    )
    if service.variable:
        environment[service.variable] = "1"
    code = SETTING.format(
        not_installed=NOT_INSTALLED, colab=service.code, later=service.later, cell=cell, target=str(target)
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=where, env=environment, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_on_colab_the_kit_and_nothing_else_is_installed(published: Files, repository: Path, tmp_path: Path) -> None:
    said = run_install_cell(published, repository, tmp_path, COLAB)
    information = f"mlp_course-{importlib.metadata.version('mlp-course')}.dist-info"
    assert f"installed: autograder course {information}\n" in said
    assert "not installed" not in said
    assert (tmp_path / "installed" / "course" / "digits" / "mnist_5000.npz").is_file()
    record = (tmp_path / "installed" / information / "METADATA").read_text()
    assert "Requires-Dist: torch" in record, "without --no-deps pip would have asked for it"
    code = "import sys; sys.path.insert(0, sys.argv[1]); import course; print(course.__file__, len(course.digits().y))"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, str(tmp_path / "installed")], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(tmp_path / "installed" / "course" / "__init__.py"), "5000"]


@pytest.mark.parametrize("variable", ["KAGGLE_KERNEL_RUN_TYPE", "DEEPNOTE_PROJECT_ID"])
def test_other_services_are_known_by_their_environment(
    published: Files, repository: Path, tmp_path: Path, variable: str
) -> None:
    (tmp_path / "course").mkdir()  # installed already: the cell has nothing to do
    (tmp_path / "course" / "__init__.py").write_text("")
    assert run_install_cell(published, repository, tmp_path, Hosted(variable=variable)) == "installed:\n"
    shutil.rmtree(tmp_path / "course")
    said = run_install_cell(published, tmp_path / "unreachable", tmp_path, Hosted(variable=variable))
    assert "Switch the internet on" in said


def test_elsewhere_nothing_is_installed_and_a_missing_course_is_said(
    published: Files, repository: Path, tmp_path: Path
) -> None:
    (tmp_path / "torch.py").write_text("")
    said = run_install_cell(published, repository, tmp_path, Hosted())
    assert "start with: make lab" in said
    assert f"{tmp_path / 'torch.py'} takes the place of the package torch: rename that file" in said
    assert "installed:\n" in said


def test_a_runtime_that_is_too_old_is_said_before_pip_fails_on_it(
    published: Files, repository: Path, tmp_path: Path
) -> None:
    old = Hosted(COLAB.code, later="sys.version_info = (3, 10, 12, 'final', 0)")
    said = run_install_cell(published, repository, tmp_path, old)
    assert "It needs Python 3.11 or newer: choose a newer runtime" in said
    assert said.endswith("installed:\n")


def test_without_an_address_a_cell_above_the_first_import_says_which_kernel_to_choose(
    files: Files, repository: Path, tmp_path: Path
) -> None:
    notebook = nbformat.reads(files[f"release/{NAME}/{NAME}.ipynb"].decode(), as_version=4)
    assert [cell.id for cell in notebook.cells if cell.cell_type == "code"][:2] == ["colab-install", "imports"]
    assert notebook.cells[0].cell_type == "markdown"
    said = run_install_cell(files, repository, tmp_path, Hosted())
    assert said.startswith("The package course is not installed for this kernel. Choose the kernel of the kit's .venv")
    (tmp_path / "course.py").write_text("")
    said = run_install_cell(files, repository, tmp_path, Hosted())
    assert said.startswith(f"{tmp_path / 'course.py'} takes the place of the package course: rename that file")
