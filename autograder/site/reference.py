"""What a unit's cells show when its answers are right. Neither answers nor tests are among them, and hidden tests are never run."""

import contextlib
import copy
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from autograder.errors import CourseError, UnitError
from autograder.model.files import read_json, read_plain, write_whole, writing
from autograder.model.text import first_line
from autograder.model.units import Kind, Unit
from autograder.release.build import copy_data_files, data_files, released

FRAMES_ASKED = "MLP_COURSE_FRAMES"  # course.widgets.frames: widgets then bring pictures of their positions
CELL_SECONDS = 600  # more than grading allows: nobody waits for it, and the machine may be busy
SHOWN_OF = (Kind.SHARED, Kind.PLAIN, Kind.DEMO)  # the kinds of cells whose outputs readers may see
LIBRARIES = ("ipykernel", "ipywidgets", "matplotlib", "numpy", "torch")

Outputs = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Reference:
    """A unit's release and the outputs of its cells, by the cells' ids."""

    unit: Unit
    release: NotebookNode
    outputs: Outputs


def run_reference(unit: Unit, cache: Path) -> Reference:
    """Return a unit's release with what its cells show; runs it only if nothing like it was run before.

    `cache` is a folder that is made where it is missing. Raises UnitError where a cell fails.
    """
    release = released(unit)
    kept = cache / f"{unit.name}-{_digest(unit, release)}.json"
    with contextlib.suppress(OSError, ValueError):  # none yet, or a damaged one
        return Reference(unit, release, _outputs(read_json(kept)))
    outputs = _run(unit, release)
    with writing(kept):
        cache.mkdir(parents=True, exist_ok=True)
        for outdated in cache.glob(f"{unit.name}-*.json"):
            outdated.unlink()
        write_whole(kept, json.dumps(outputs))
    return Reference(unit, release, outputs)


def _outputs(kept: Any) -> Outputs:
    """Return the outputs that a file of the cache holds; raise ValueError where they are none."""
    try:
        for outputs in kept.values():
            nbformat.validate(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=outputs)]))
    except Exception as error:  # what is no notebook breaks nbformat in many ways
        raise ValueError(first_line(error)) from error
    return {cell: [nbformat.from_dict(output) for output in outputs] for cell, outputs in kept.items()}


def answered(unit: Unit, release: NotebookNode) -> NotebookNode:
    """Return a release whose stubs are replaced by the reference's answers. Pure."""
    notebook = copy.deepcopy(release)
    for cell, node in zip(unit.cells, notebook.cells, strict=True):
        if cell.kind is Kind.ANSWER:
            node.source = cell.source
    return notebook


def _run(unit: Unit, release: NotebookNode) -> Outputs:
    notebook = answered(unit, release)
    with tempfile.TemporaryDirectory() as folder:
        copy_data_files(unit, Path(folder))
        client = NotebookClient(
            notebook,
            timeout=CELL_SECONDS,
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
            resources={"metadata": {"path": folder}},
        )
        # Not this person's settings of matplotlib and IPython, which readers would see.
        own = {name: f"{folder}/{name.lower()}" for name in ("MPLCONFIGDIR", "IPYTHONDIR")} | {FRAMES_ASKED: "1"}
        others = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}  # it would hide figures
        try:
            client.execute(env=others | own)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            raise UnitError(
                f"{unit.path}: with the reference's answers it does not run to its end ({first_line(error)}); mend the cell"
            ) from error
    return {
        node.id: node.outputs
        for cell, node in zip(unit.cells, notebook.cells, strict=True)
        if cell.kind in SHOWN_OF and node.outputs
    }


def _digest(unit: Unit, release: NotebookNode) -> str:
    """Return a name for all that can change an output."""
    result = hashlib.sha256(json.dumps(answered(unit, release)).encode())
    for path in [*data_files(unit), *_files_of_course()]:
        result.update(os.fsencode(path.name))
        try:
            result.update(read_plain(path))
        except OSError as error:
            raise CourseError(f"{path}: cannot be read ({error.strerror}); mend it, or move it away") from error
    for library in LIBRARIES:
        result.update(importlib.metadata.version(library).encode())
    return result.hexdigest()[:16]


def _files_of_course() -> list[Path]:
    course = importlib.util.find_spec("course")
    assert course is not None
    assert course.origin is not None
    return sorted(path for path in Path(course.origin).parent.rglob("*") if path.suffix in (".py", ".npz", ".toml"))
