"""What lies in the kit: the content of each file by its path, before anything is written."""

import importlib.metadata
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Template

import nbformat
from nbformat import NotebookNode

import course as course_package
from autograder.errors import CourseError
from autograder.kit.needed import needed_modules
from autograder.kit.secrets import refuse_secrets
from autograder.kit.start import start_notebook, unit_table
from autograder.model.files import read_plain
from autograder.model.units import Unit, list_units, load_unit
from autograder.release.build import data_files, released
from autograder.release.stamp import Kit, look_cell, read_kit

Files = Mapping[str, bytes]

PROJECT = "mlp-course"
# What the notebooks and `check` import; the grader's other requirements stay here.
FOR_NOTEBOOKS = (
    *("torch", "torchvision", "numpy", "matplotlib", "ipykernel", "ipywidgets", "nbclient", "nbformat", "rich"),
)
FOR_LAB = ("jupyterlab",)  # what Colab, Kaggle and VS Code have no use for
TEMPLATES = Path(__file__).parent / "templates"
NAMES = {"gitignore": ".gitignore", "environment.yml": "environment.yml", "Makefile": "Makefile"}
NOT_COPIED = ("__pycache__", ".ipynb_checkpoints")
README_ON_COLAB = """\
## In the browser, with nothing to install

Each unit above opens on Colab. Run its first cell: it installs the course and leaves Colab's own PyTorch as it is. Choose
File > Save a copy in Drive before you write anything. `save_answers()`, from `course`, keeps a copy of your answers at any time. Kaggle
and Deepnote work too (on Kaggle, switch the internet on).

"""


def kit_files(course: Path, names: Iterable[str] = ()) -> Files:
    """Return the kit's files, with these units or with all of them.

    Raises UnitError for a unit that cannot be released, CourseError where a file would show a secret.
    """
    every = {name: load_unit(course, name) for name in list_units(course)}
    chosen = [load_unit(course, name) for name in names] or list(every.values())
    if not chosen:
        load_unit(course, "")  # says what is missing
    kit = read_kit(course)
    files: dict[str, bytes] = {}
    for unit in chosen:
        files |= _release(unit, kit)
    files |= _course() | _check()
    table = unit_table({unit.name: files[_notebook(unit)] for unit in chosen}, kit)
    files |= {"start.ipynb": start_notebook()} | _project(course, table, README_ON_COLAB if kit.repository else "")
    refuse_secrets(files, every.values())
    return dict(sorted(files.items()))


def _notebook(unit: Unit) -> str:
    return f"release/{unit.name}/{unit.name}.ipynb"


def _release(unit: Unit, kit: Kit) -> dict[str, bytes]:
    files = {
        f"release/{unit.name}/{file.relative_to(unit.path.parent).as_posix()}": _content(file)
        for file in data_files(unit)
    }
    notebook = released(unit, kit)
    if not kit.repository:
        notebook.cells.insert(_first_code(notebook), look_cell())
    text = nbformat.writes(notebook).rstrip("\n") + "\n"
    return files | {_notebook(unit): text.encode()}


def _first_code(notebook: NotebookNode) -> int:
    """Return the place of a notebook's first code cell, which in most imports the course."""
    return next((place for place, cell in enumerate(notebook.cells) if cell.cell_type == "code"), 0)


def _course() -> dict[str, bytes]:
    folder = Path(str(course_package.__file__)).parent
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not set(NOT_COPIED) & set(path.parts))
    return {f"course/{path.relative_to(folder).as_posix()}": _content(path) for path in files}


def _check() -> dict[str, bytes]:
    modules = needed_modules(Path(__file__).parents[1])
    return {f"autograder/{name}": _content(path) for name, path in modules.items()}


def _project(course: Path, table: str, on_colab: str) -> dict[str, bytes]:
    filled = {
        "pyproject.toml": _template("project.toml").substitute(
            version=importlib.metadata.version(PROJECT),
            notebooks=_as_toml(_requirements(FOR_NOTEBOOKS)),
            lab=_as_toml(_requirements(FOR_LAB)),
        ),
        "README.md": _template("README.md").substitute(units=table, on_colab=on_colab),
    }
    plain = {name: _content(TEMPLATES / template) for template, name in NAMES.items()}
    return plain | {name: text.encode() for name, text in filled.items()} | {"LICENSE": _licence(course)}


def _template(name: str) -> Template:
    return Template((TEMPLATES / name).read_text(encoding="utf-8"))


def _requirements(names: Iterable[str]) -> list[str]:
    """Return what this project requires of these packages, so that the kit asks for the same versions.

    Of one that it does not name in the version that is installed here, any version will do.
    """
    wanted = {
        re.split(r"[^A-Za-z0-9_-]", one, maxsplit=1)[0]: one for one in importlib.metadata.requires(PROJECT) or []
    }
    return [wanted.get(name, name) for name in names]


def _as_toml(lines: Iterable[str]) -> str:
    return "".join(f'    "{line}",\n' for line in lines)


def _licence(course: Path) -> bytes:
    """Return the licence of the course folder, else that of the checkout which runs here, else the installed one.

    An editable installation has no copy of its own, but its checkout has.
    """
    own = course / "LICENSE"
    for place in (own, Path(__file__).parents[2] / "LICENSE"):
        if place.is_file():
            return _content(place)
    text = importlib.metadata.distribution(PROJECT).read_text("licenses/LICENSE")
    if text is None:
        raise CourseError(
            f"{own}: there is no licence here; students need one, so put the file LICENSE into this folder"
        )
    return text.encode()


def _content(path: Path) -> bytes:
    try:
        return read_plain(path)
    except OSError as error:
        raise CourseError(f"{path}: cannot be read ({error.strerror}); mend it, or move it away") from error
