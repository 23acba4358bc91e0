"""Check that stored notebooks hold no leftovers of a run: nbstripout, with our rule of what may stay.

`python -m tests.notebooks.tidy` names what is not tidy and exits with 1; `--fix` writes it tidy.
"""

import argparse
import copy
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbstripout import strip_output

from autograder.model.units import COMPARED_MARK as CHECKED

LEFTOVERS = ["metadata.widgets", "cell.metadata.execution", "cell.metadata.ExecuteTime"]
ROOT = Path(__file__).resolve().parents[2]


def tidy(notebook: NotebookNode, keep_checked: bool) -> NotebookNode:
    """A copy without outputs, counts and traces of a run; ids stay, as do the outputs that nbval compares (counted 1)."""
    clean = copy.deepcopy(notebook)
    for cell in clean.cells:
        if keep_checked and is_checked(cell):
            cell.metadata["keep_output"] = True
    strip_output(clean, keep_output=False, keep_count=False, keep_id=True, extra_keys=LEFTOVERS)
    for cell in clean.cells:
        cell.metadata.pop("keep_output", None)
        if keep_checked and is_checked(cell) and cell.outputs:
            _count_one(cell)
    return clean


def _count_one(cell: NotebookNode) -> None:
    """nbval takes an output without a count for one that was never run; any other count would be a trace of a run."""
    cell.execution_count = 1
    for output in cell.outputs:
        if output.output_type == "execute_result":
            output.execution_count = 1


def is_checked(cell: NotebookNode) -> bool:
    """Whether nbval compares what this cell prints."""
    return cell.cell_type == "code" and cell.source.split("\n", 1)[0].strip() == CHECKED


def problems(path: Path, keep_checked: bool) -> Iterator[str]:
    """What is wrong with one notebook, a sentence each."""
    stored = json.loads(path.read_text(encoding="utf-8"))
    ids = [cell.get("id", "") for cell in stored["cells"]]
    if stored["nbformat_minor"] < 5 or not all(ids) or len(set(ids)) < len(ids):
        yield f"{path}: cells without an id of their own; save it with JupyterLab, which writes notebook format 4.5"
        return
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    if tidy(notebook, keep_checked) != notebook:
        yield f"{path}: holds outputs or counts of a run; run: make format"
    for cell in notebook.cells if keep_checked else []:
        if is_checked(cell) and not cell.outputs:
            yield f"{path}: the cell {cell.id!r} is compared by nbval but stores no output; run it and save"


def notebooks() -> Iterator[tuple[Path, bool]]:
    """Every stored notebook, and whether it may keep the outputs that nbval compares."""
    for folder, keep_checked in (("source", True), ("release", False)):
        for path in sorted((ROOT / folder).glob("*/*.ipynb")):
            yield path, keep_checked


def main() -> int:
    """Check or mend; the number is the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fix", action="store_true", help="write them tidy")
    fix = parser.parse_args().fix
    found = []
    for path, keep_checked in notebooks():
        if fix:
            notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
            clean = tidy(notebook, keep_checked)
            if clean != notebook:
                nbformat.write(clean, path)
        found += problems(path, keep_checked)
    print("\n".join(found), file=sys.stderr, end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
