"""A course of one small unit, with all that a page can show."""

from pathlib import Path

from nbformat import NotebookNode

from tests.autograder import small_unit

# A dot, as PNG.
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SHOWS = f"""\
from IPython.display import HTML, display

display({{"image/png": "{DOT}", "text/plain": "words"}}, metadata={{"image/png": {{"alt": "a red dot", "width": 40}}}}, raw=True)
display(HTML("<details><summary>four</summary><p>Right.</p></details>"))
print("twice twenty-one is", double(21))
from course.figures import describe
from course.widgets import Choice, Slider, explorer

inputs = {{"height": Slider(1, 0, 2, 1, "height"), "style": Choice("-", {{"whole": "-", "dotted": ":"}}, "style of the line")}}
explorer(lambda ax, height, style: describe(ax, f"height {{height}}, {{style}}").plot([0, 1], [height] * 2, style), inputs)"""
TEXT = """\
# 90 · A small unit

**Time** about 5 minutes.

Half of $x$ is $\\frac{x}{2}$, and

$$\\sum_{i=1}^{n} x_i = x_1 + \\dots + x_n.$$"""
LONG_ANSWER = '''\
def total(xs):
    """The sum of a list of numbers."""
    ### BEGIN SOLUTION
    result_so_far = 0
    for one_number in xs:
        result_so_far = result_so_far + one_number
    return result_so_far
    ### END SOLUTION'''
CHECK = "print('a check ran')\nassert double(2) == 4, 'twice two is four'"


def notebook() -> NotebookNode:
    made = small_unit.notebook()
    by_id = {cell.id: cell for cell in made.cells}
    show = by_id["show"]
    made.cells.remove(show)
    made.cells.insert(1 + made.cells.index(by_id["double-negative"]), show)
    show.source = SHOWS
    by_id["title"].source = TEXT
    by_id["total"].source = LONG_ANSWER
    by_id["double-two"].source = CHECK
    return made


def write_course(course: Path) -> Path:
    """Write a course of one unit with pages of its own; return its folder."""
    small_unit.write_unit(course, notebook())
    texts = course / "docs" / "site"
    texts.mkdir(parents=True)
    (texts / "index.md").write_text("# A small course\n\nRead the [glossary](glossary.md).\n")
    entry = "- **double**: Twice a number. ([90](../release/90_small/90_small.ipynb))\n"
    (course / "docs" / "glossary.md").write_text(f"# Glossary\n\n{entry}")
    return course
