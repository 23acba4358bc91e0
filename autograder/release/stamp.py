"""Where students get the course, and the cells on top of a release that lead there: a badge for Colab and an install cell."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode
from traitlets.config import Config

from autograder.errors import CourseError
from autograder.model.files import read_toml
from autograder.model.units import BADGE_ID, BADGE_MARK, INSTALL_ID, INSTALL_MARK, LOOK_MARK

SETTINGS = "pyproject.toml"
TABLE = "mlp-course"
REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
BRANCH = re.compile(r"[A-Za-z0-9._][A-Za-z0-9._/-]*")
COLAB = "https://colab.research.google.com/github/{repository}/blob/{branch}/{path}"
BADGE = f"""\
{BADGE_MARK}(https://colab.research.google.com/assets/colab-badge.svg)]({{address}})

*On Colab, choose File > Save a copy in Drive first. To keep a copy of your answers at any time, run
`from course import save_answers; save_answers()` in a cell of your own.*"""
# A file beside the notebook is loaded before an installed package of its name.
IN_THE_WAY = """
for name in ("course", "torch", "torchvision", "numpy", "matplotlib", "ipywidgets"):
    spec = importlib.util.find_spec(name)
    if spec and spec.origin and os.path.dirname(os.path.abspath(spec.origin)) == os.getcwd():
        print(f"{spec.origin} takes the place of the package {name}: rename that file, then restart the kernel.")"""
# --no-deps: all that the course needs is there, and pip must not replace the service's own PyTorch and NumPy by others.
INSTALL = f"""\
{INSTALL_MARK}
import importlib.util
import os
import sys

hosted = "google.colab" in sys.modules or {{{{"KAGGLE_KERNEL_RUN_TYPE", "DEEPNOTE_PROJECT_ID"}}}} & set(os.environ)
old = sys.version_info < (3, 11)
if hosted and not old and not importlib.util.find_spec("course"):
    %pip install --quiet --no-deps "git+https://github.com/{{repository}}@{{branch}}"
    importlib.invalidate_caches()
if not importlib.util.find_spec("course"):
    again = "Switch the internet on (on Kaggle in the settings of the notebook) and run this cell again."
    newer = "It needs Python 3.11 or newer: choose a newer runtime (on Colab, Runtime > Change runtime type)."
    local = "Choose the kernel of the kit's .venv, or start with: make lab"
    print("The package course is not installed for this kernel.", local if not hosted else newer if old else again)\
{IN_THE_WAY.replace("{", "{{").replace("}", "}}")}"""
LOOK = f"""\
{LOOK_MARK}
import importlib.util
import os

if not importlib.util.find_spec("course"):
    local = "Choose the kernel of the kit's .venv, or start with: make lab"
    print("The package course is not installed for this kernel.", local)\
{IN_THE_WAY}"""


@dataclass(frozen=True)
class Kit:
    """Where students get the course: a branch of a GitHub repository that holds what `python -m autograder kit` makes."""

    repository: str = ""
    branch: str = "main"

    def on_colab(self, path: str) -> str:
        """Return the address at which Colab opens a notebook of the kit."""
        return COLAB.format(repository=self.repository, branch=self.branch, path=path)


def read_kit(course: Path) -> Kit:
    """Read `[tool.mlp-course]` of the course folder's `pyproject.toml` (`repository = "owner/name"`, `branch`).

    Without it the kit has no repository, and releases have no badge. Raises CourseError for anything else.
    """
    path = course / SETTINGS
    try:
        table = read_toml(path).get("tool", {}).get(TABLE, {})
        kit = Kit(**table)
    except FileNotFoundError:
        return Kit()
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise CourseError(
            f'{path}: cannot be read ({error}); [tool.{TABLE}] takes repository = "owner/name" and branch = "main"'
        ) from error
    if table and not (REPOSITORY.fullmatch(str(kit.repository)) and BRANCH.fullmatch(str(kit.branch))):
        raise CourseError(
            f'{path}: {kit.repository!r} at {kit.branch!r} is no repository; write repository = "owner/name" in [tool.{TABLE}]'
        )
    return kit


def top_cells(kit: Kit, path: str) -> list[NotebookNode]:
    """Return the badge and the install cell for the notebook at this path of the kit; none if the kit has no repository."""
    if not kit.repository:
        return []
    badge = BADGE.format(address=kit.on_colab(path))
    install = INSTALL.format(repository=kit.repository, branch=kit.branch)
    return [
        nbformat.v4.new_markdown_cell(badge, id=BADGE_ID),
        nbformat.v4.new_code_cell(install, id=INSTALL_ID, metadata=FOLDED),
    ]


def look_cell() -> NotebookNode:
    """Return the cell that stands in the install cell's place in a kit without a repository: it only says what is missing."""
    return nbformat.v4.new_code_cell(LOOK, id=INSTALL_ID, metadata=FOLDED)


FOLDED = {"jupyter": {"source_hidden": True}, "cellView": "form"}  # in JupyterLab and in Colab


class StampKit(NbGraderPreprocessor):
    """Put an "Open in Colab" badge and an install cell at the top if the kit has a repository."""

    repository = Unicode("", help="The students' kit on GitHub, owner/name.").tag(config=True)
    branch = Unicode("main", help="The branch of the kit.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        unit = resources["nbgrader"]["notebook"]
        nb.cells[:0] = top_cells(Kit(self.repository, self.branch), f"release/{unit}/{unit}.ipynb")
        return nb, resources


def stamp_settings(kit: Kit) -> Config:
    """Return the settings with which nbgrader stamps the same kit."""
    config = Config()
    config.StampKit.repository = kit.repository
    config.StampKit.branch = kit.branch
    return config
