"""The notebook that a student opens first, and the table of units for the kit's README.

The notebook is the same in each kit: students run and save it, so a later kit that changed it would get into their way.
"""

from collections.abc import Mapping

import nbformat

from autograder.release.stamp import FOLDED, Kit
from course.start import outline

WELCOME = """\
# Multilayer perceptrons, hands on

**Run the next cell** (click on it, then Shift+Enter). It makes your own copy of each notebook in the folder `work/` and lists the units
with what you have done. A click on a unit opens your copy."""
PROGRESS = """\
# @title Your units: run this cell
try:
    from course import start_page
except ModuleNotFoundError as error:
    print(f"{error.name} is not installed for this kernel. Choose the kernel of .venv, or start with: make lab")
else:
    display(start_page())"""
HOW = """\
**How to work.** Read, predict, run, compare. Where a cell says `raise NotImplementedError`, write your answer in place of that line.
The cell below your answer checks it. A check that fails says what it called, what came back and what was expected.

**Before you hand in** a unit, such as 01_autograd, run this in a terminal in this folder:

`python -m autograder check work/01_autograd/01_autograd.ipynb`

It runs the checks as grading does and says what would have to be repaired. **Hand in** the notebook from `work/`, under its own name.

**To begin a unit again**, move your copy out of `work/` and run the cell above: it makes a new one."""


def start_notebook() -> bytes:
    """Return the start page."""
    v4 = nbformat.v4
    cells = [
        v4.new_markdown_cell(WELCOME, id="welcome"),
        v4.new_code_cell(PROGRESS, id="progress", metadata=FOLDED),
        v4.new_markdown_cell(HOW, id="how-to"),
    ]
    kernel = {"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}}
    return (nbformat.writes(v4.new_notebook(cells=cells, metadata=kernel)).rstrip("\n") + "\n").encode()


def unit_table(notebooks: Mapping[str, bytes], kit: Kit) -> str:
    """Return a table of these released notebooks, with links to Colab where the kit has a repository."""
    lines = ["| unit | minutes | points |", "|:--|--:|--:|"]
    for name, content in notebooks.items():
        unit = outline(name, nbformat.reads(content.decode(), as_version=4).cells)
        title = unit.title.replace("|", "\\|")
        address = kit.on_colab(f"release/{name}/{name}.ipynb")
        shown = f"[{title}]({address})" if kit.repository else title
        lines.append(f"| {shown} | {unit.minutes} | {unit.points:g} |")
    return "\n".join(lines)
