"""Where the imports of cells, of modules beside the notebook, and of libraries look for a module."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

CELL = "from autograder.running.own_modules import look_beside_first\nlook_beside_first()\n"


def run(folder: Path, source: str) -> str:
    command = [sys.executable, "-P", "-c", CELL + source]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("cell", ["import six", "import importlib\nsix = importlib.import_module('six')"])
def test_a_cell_means_the_module_beside_the_notebook(tmp_path: Path, cell: str) -> None:
    (tmp_path / "six.py").write_text("mine = True")
    assert run(tmp_path, f"{cell}\nprint(six.mine)") == "True\n"


def test_a_module_of_the_student_s_means_the_one_beside_it(tmp_path: Path) -> None:
    (tmp_path / "six.py").write_text("mine = True")
    (tmp_path / "helper.py").write_text("import six\nmine = six.mine")
    assert run(tmp_path, "import helper\nprint(helper.mine)") == "True\n"


def test_a_library_means_the_library(tmp_path: Path) -> None:
    library, work = tmp_path / "library", tmp_path / "work"
    library.mkdir()
    work.mkdir()
    (library / "asks.py").write_text("import other\nname = other.name")
    (library / "other.py").write_text("name = 'library'")
    (work / "other.py").write_text("name = 'mine'")
    there = f"import sys\nsys.path.insert(0, {str(library)!r})\n"
    assert run(work, f"{there}import asks\nprint(asks.name)") == "library\n"
    assert run(work, f"{there}import other\nprint(other.name)") == "mine\n"


def test_python_s_own_modules_come_first_as_in_a_kernel(tmp_path: Path) -> None:
    (tmp_path / "wave.py").write_text("raise SystemExit('shadowed')")
    assert run(tmp_path, "import wave\nprint(wave.open.__name__)") == "open\n"


def test_a_folder_hides_no_library(tmp_path: Path) -> None:
    (tmp_path / "six").mkdir()
    assert run(tmp_path, "import six\nprint(six.PY3)") == "True\n"


def test_imports_go_on_where_the_working_directory_is_gone(tmp_path: Path) -> None:
    gone = "import os\nos.mkdir('x')\nos.chdir('x')\nos.rmdir('../x')\nimport wave, cProfile\nprint(wave.__name__)"
    assert run(tmp_path, gone) == "wave\n"
