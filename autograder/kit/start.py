"""The notebook that a student opens first: the units, how to work, and a cell that shows what is done."""

from collections.abc import Mapping

import nbformat

from autograder.release.stamp import FOLDED, Kit, top_cells
from course.start import Outline, outline

NAME = "start.ipynb"
WELCOME = """\
# Multilayer perceptrons, hands on

**Run the next cell** (click on it, then Shift+Enter). It makes your own copy of each notebook in the folder `work/` and lists the units
with what you have done. A click on a unit opens your copy."""
PROGRESS = """\
# @title Your units: run this cell
from course import start_page

start_page()"""
HOW = """\
**How to work.** Read, predict, run, compare. Where a cell says `raise NotImplementedError`, write your answer in place of that line.
The cell below your answer checks it. A check that fails says what it called, what came back and what was expected.

**Before you hand in**, run this in a terminal in this folder:

`python -m autograder check work/{first}/{first}.ipynb`

It runs the checks as grading does and says what would have to be repaired. **Hand in** the notebook from `work/`, under its own name.

**To begin a unit again**, move your copy out of `work/` and run the cell above: it makes a new one."""


def start_notebook(notebooks: Mapping[str, bytes], kit: Kit) -> bytes:
    """Return the start page for the units with these released notebooks."""
    units = [outline(name, nbformat.reads(content.decode(), as_version=4).cells) for name, content in notebooks.items()]
    v4 = nbformat.v4
    cells = [
        *top_cells(kit, NAME),
        v4.new_markdown_cell(WELCOME, id="welcome"),
        v4.new_code_cell(PROGRESS, id="progress", metadata=FOLDED),
        v4.new_markdown_cell(_table(units, kit), id="units"),
        v4.new_markdown_cell(HOW.format(first=units[0].name), id="how-to"),
    ]
    kernel = {"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}}
    return (nbformat.writes(v4.new_notebook(cells=cells, metadata=kernel)).rstrip("\n") + "\n").encode()


def _table(units: list[Outline], kit: Kit) -> str:
    """Return the units with minutes and points; with links to Colab where the kit has a repository."""
    lines = ["| unit | minutes | points |", "|:--|--:|--:|"]
    for unit in units:
        title = unit.title.replace("|", "\\|")
        address = kit.on_colab(f"release/{unit.name}/{unit.name}.ipynb")
        shown = f"[{title}]({address})" if kit.repository else title
        lines.append(f"| {shown} | {unit.minutes} | {unit.points:g} |")
    caption = "Each link opens the unit on Colab." if kit.repository else "The units:"
    return "\n".join([f"**{caption}**", "", *lines])
