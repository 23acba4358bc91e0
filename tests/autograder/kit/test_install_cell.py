"""The cell on top of a published notebook: on Colab and Kaggle it installs the kit from its git branch, elsewhere it changes nothing.

The real cell runs in IPython with the real pip and git, offline: git finds the kit's address in a repository on this machine. Of Colab
there is what the cell looks at, a loaded module `google.colab`.
"""

import os
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
done = InteractiveShell.instance().run_cell({cell!r})
done.raise_error()
print("installed:", *sorted(path.name for path in __import__("pathlib").Path({target!r}).glob("*")))
"""


@dataclass(frozen=True)
class Hosted:
    """A service that runs notebooks, and how it can be told."""

    code: str = ""
    variable: str = ""


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
    code = SETTING.format(not_installed=NOT_INSTALLED, colab=service.code, cell=cell, target=str(target))
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=where, env=environment, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_on_colab_the_kit_and_nothing_else_is_installed(published: Files, repository: Path, tmp_path: Path) -> None:
    said = run_install_cell(published, repository, tmp_path, COLAB)
    assert "installed: autograder course mlp_course-0.1.0.dist-info\n" in said
    assert "not installed" not in said
    assert (tmp_path / "installed" / "course" / "digits" / "mnist_5000.npz").is_file()
    record = (tmp_path / "installed" / "mlp_course-0.1.0.dist-info" / "METADATA").read_text()
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
    (tmp_path / "course.py").write_text("")  # installed already: the cell has nothing to do
    assert run_install_cell(published, repository, tmp_path, Hosted(variable=variable)) == "installed:\n"
    (tmp_path / "course.py").unlink()
    said = run_install_cell(published, tmp_path / "unreachable", tmp_path, Hosted(variable=variable))
    assert "Switch the internet on" in said


def test_elsewhere_nothing_is_installed_and_a_missing_course_is_said(
    published: Files, repository: Path, tmp_path: Path
) -> None:
    said = run_install_cell(published, repository, tmp_path, Hosted())
    assert "start with: make lab" in said
    assert "installed:\n" in said
