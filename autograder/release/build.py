"""Make a unit's release for students from its source notebook, with nbgrader's own preprocessors; refuse leaks.

`nbgrader_config.py` gives nbgrader the same preprocessors, so formgrader's "Generate" button makes the same file.
"""

import copy
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.nbgraderformat import MetadataValidator, SchemaTooOldError
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
    NbGraderPreprocessor,
)
from nbgrader.utils import find_all_files
from traitlets.config import Config

from autograder.errors import CourseError, UnitError
from autograder.model.files import in_part, read_plain, write_whole, writing
from autograder.model.text import first_line, is_encodable
from autograder.model.units import Unit, faults, read_unit
from autograder.release.folding import DropComparedMarks, FoldTests
from autograder.release.leaks import leaks, leaks_in_text, marker_faults, secrets_of
from autograder.release.lint import untrustworthy
from autograder.release.scope import out_of_sight
from autograder.release.stamp import Kit, StampKit, read_kit, stamp_settings

CODE_STUB = (
    'raise NotImplementedError("Not answered yet: write your code in place of this line, then run the cell again.")'
)
TEXT_STUB = "Write your answer here, in place of this line."
IGNORED = CourseDirectory().ignore


# ---- steps of our own among nbgrader's


class CheckUnit(NbGraderPreprocessor):
    """Refuse a unit that could misgrade a student or whose markers are wrong; note its cells, and what the release must not show."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        unit = Unit(resources["nbgrader"]["notebook"], _source_path(resources), nb)
        _refuse(unfit(unit))
        resources["autograder_secrets"] = secrets_of(unit)
        resources["autograder_unit"] = unit  # its cells have been read: they stay as they are now
        return nb, resources


class RefuseUntrustworthyTests(NbGraderPreprocessor):
    """Refuse tests that cannot be trusted in the judge. A unit that was released before can still be graded."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        unit = resources["autograder_unit"]
        _refuse([*untrustworthy(unit), *out_of_sight(unit)])
        return nb, resources


class ClearState(NbGraderPreprocessor):
    """Remove what running a notebook leaves in its metadata: widget states and times."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        nb.metadata.pop("widgets", None)
        for cell in nb.cells:
            for key in ("execution", "ExecuteTime"):
                cell.metadata.pop(key, None)
        return nb, resources


class RefuseLeaks(NbGraderPreprocessor):
    """Refuse a release that still shows what students must not see."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        _refuse(leaks(_source_path(resources), resources["autograder_secrets"], nb))
        return nb, resources


def _refuse(reasons: list[str]) -> None:
    if reasons:
        raise UnitError("\n".join(reasons))


def _source_path(resources: Any) -> Path:
    name = resources["nbgrader"]["notebook"]
    return resources.get("autograder_source") or Path("source", name, f"{name}.ipynb")


# Between the two lists nbgrader saves the cells in its database.
BEFORE_SAVING = [CheckUnit, LockCells, ClearSolutions, ClearOutput, ClearState, CheckCellMetadata, ComputeChecksums]
AS_SHOWN = [ClearHiddenTests, ClearMarkScheme, DropComparedMarks, FoldTests]  # what is left is what students see
AFTER_SAVING = [RefuseUntrustworthyTests, *AS_SHOWN, ComputeChecksums, CheckCellMetadata, RefuseLeaks, StampKit]


def nbgrader_settings(kit: Kit) -> Config:
    """Return the settings with which nbgrader makes the same release."""
    config = stamp_settings(kit)
    config.ClearSolutions.code_stub = {"python": CODE_STUB}
    config.ClearSolutions.text_stub = TEXT_STUB
    return config


# ---- refusals


def refusals(unit: Unit) -> list[str]:
    """Return a sentence for each reason for which a unit's release is refused: where it is, what is wrong, what to do. Runs nothing."""
    misshapen = [*unfit(unit), *_refused_marks(unit)]
    left = [] if misshapen else _leaks(unit)  # what would be left of regions whose markers are wrong says nothing
    return [*misshapen, *untrustworthy(unit), *out_of_sight(unit), *left, *_leaking_files(unit)]


def unfit(unit: Unit) -> list[str]:
    """Return a sentence for each fault in the shape of a unit: format, marks, ids, points, markers."""
    reasons = [*faults(unit), *marker_faults(unit)]
    if unit.notebook.nbformat_minor < 5:
        reasons.insert(
            0, f"{unit.path}: its cells have no ids; save it with JupyterLab, which writes notebook format 4.5"
        )
    return reasons


def _refused_marks(unit: Unit) -> Iterator[str]:
    validator = MetadataValidator()
    for cell, node in zip(unit.cells, unit.notebook.cells, strict=True):
        try:
            validator.validate_cell(node)
        except SchemaTooOldError:  # one of the faults
            continue
        except Exception as error:  # jsonschema's ValidationError and others
            yield f"{unit.path}: nbgrader refuses the marks of the cell {cell.id!r} ({first_line(error)}); set its type again in nbgrader's panel"


def _leaks(unit: Unit) -> list[str]:
    try:
        shown = _processed(unit, [*BEFORE_SAVING, *AS_SHOWN, ComputeChecksums, CheckCellMetadata], Kit())
    except UnitError as error:
        return [str(error)]
    return leaks(unit.path, secrets_of(unit), shown)


# ---- the release


def to_save(unit: Unit) -> NotebookNode:
    """Return the unit as nbgrader's database holds it: answers replaced by stubs, hidden tests still there."""
    return _processed(unit, BEFORE_SAVING, Kit())


def released(unit: Unit, kit: Kit | None = None) -> NotebookNode:
    """Return the unit as students get it; raises UnitError rather than leak. Pure."""
    return _processed(unit, BEFORE_SAVING + AFTER_SAVING, kit or Kit())


def released_sources(unit: Unit) -> dict[str, str]:
    """Return what the release shows in each cell, by the cell's id; for grading, so no leak is refused."""
    notebook = _processed(unit, [*BEFORE_SAVING, *AS_SHOWN], Kit())
    return {cell.id: node.source for cell, node in zip(unit.cells, notebook.cells, strict=True)}


def make_release(course: Path, name: str) -> Path:
    """Write a unit's release without running anything; return the notebook's path.

    Raises UnitError with every reason why the unit is refused, CourseError where the folder cannot be written.
    """
    unit = read_unit(course, name)
    _refuse(refusals(unit))
    return write_release(course, unit)


def write_release(course: Path, unit: Unit) -> Path:
    """Write `release/<unit>/<unit>.ipynb` and the source folder's data files; return the notebook's path."""
    notebook = released(unit, read_kit(course))
    folder = course / "release" / unit.name
    path = folder / f"{unit.name}.ipynb"
    with writing(folder):
        copy_data_files(unit, folder)
        write_whole(path, nbformat.writes(notebook).rstrip("\n") + "\n")
        path.chmod(0o644)
    return path


def _processed(unit: Unit, steps: list[type[NbGraderPreprocessor]], kit: Kit) -> NotebookNode:
    """Return a copy of the unit's notebook after these steps."""
    config = nbgrader_settings(kit)
    notebook: NotebookNode = copy.deepcopy(unit.notebook)
    resources: dict[str, Any] = {
        "nbgrader": {"notebook": unit.name, "assignment": unit.name},
        "autograder_source": unit.path,
    }
    for step in steps:
        try:
            notebook, resources = step(config=config).preprocess(notebook, resources)
        except UnitError:
            raise
        except Exception as error:  # nbgrader's steps raise RuntimeError, ValueError and jsonschema's ValidationError
            reason = first_line(error)
            raise UnitError(f"{unit.path}: nbgrader's {step.__name__} refuses it ({reason}); fix the cell") from error
    return notebook


def data_files(unit: Unit) -> list[Path]:
    """Return the files beside the source notebook that belong to it: all but notebooks and caches.

    Raises UnitError for a name that no zip and no repository can hold.
    """
    files = [Path(file) for file in sorted(find_all_files(str(unit.path.parent), [*IGNORED, "*.ipynb"]))]
    if odd := next((file for file in files if not is_encodable(str(file))), None):
        raise UnitError(f"{odd}: the name of the file is not in UTF-8; rename it")
    return files


def copy_data_files(unit: Unit, folder: Path) -> None:
    """Copy a unit's data files into a folder, each whole."""
    for file in data_files(unit):
        target = folder / file.relative_to(unit.path.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        with in_part(target) as part:
            shutil.copyfile(file, part)


def _leaking_files(unit: Unit) -> Iterator[str]:
    secrets = secrets_of(unit)
    for file in data_files(unit):
        try:
            text = read_plain(file).decode("utf-8", errors="ignore")
        except OSError as error:
            raise CourseError(f"{file}: cannot be read ({error.strerror}); fix its permissions") from error
        yield from leaks_in_text(str(file), secrets, text)
