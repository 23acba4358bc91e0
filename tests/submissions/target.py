"""The unit that hostile submissions attack: three small exercises, with words in solutions and hidden tests that must not get out."""

from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tests.autograder.small_unit import metadata

NAME = "91_target"
IMPORTS = "import torch\nfrom course import check"
STUBS = {
    "double": '''def double(x):
    """Twice x: a number or a tensor."""
    ### BEGIN SOLUTION
    return 2 * x  # reference-marker-0815
    ### END SOLUTION''',
    "total": '''def total(xs):
    """The sum of a list of numbers."""
    ### BEGIN SOLUTION
    return sum(xs)  # reference-marker-0815
    ### END SOLUTION''',
    "stack": '''class Stack:
    """Last in, first out: push(value), pop(), len()."""

    ### BEGIN SOLUTION
    def __init__(self):
        self.values = []  # reference-marker-0815

    def push(self, value):
        self.values.append(value)

    def pop(self):
        return self.values.pop()

    def __len__(self):
        return len(self.values)
    ### END SOLUTION''',
}
VISIBLE = {
    "double": "check(double, 2).equals(4, hint='Twice two is four.')\n"
    "check(double, torch.tensor([1.0, 2.0])).is_close([2.0, 4.0], hint='Twice each.')",
    "total": "check(total, [1, 2, 3]).equals(6, hint='1 + 2 + 3 is 6.')",
    "stack": "s = Stack()\ns.push(1)\ns.push(2)\nassert s.pop() == 2, 'the last one comes first'\nassert len(s) == 1",
}
HIDDEN = {
    "double": """\
for n in (-3, 4711, 0):
    check(double, n).equals(2 * n, hint="Twice any number.")
x = torch.ones(3, requires_grad=True)
double(x).sum().backward()
assert x.grad.tolist() == [2, 2, 2]
marker = "hidden-marker-4711" """.rstrip(),
    "total": """\
for xs in ([4711, 1], [], [0.5, 0.25]):
    check(total, xs).equals(sum(xs), hint="Any list.")
marker = "hidden-marker-4711" """.rstrip(),
    "stack": """\
s = Stack()
for value in (4711, "a", 3):
    s.push(value)
assert len(s) == 3
assert [s.pop() for _ in range(3)] == [3, "a", 4711]
assert len(s) == 0
marker = "hidden-marker-4711" """.rstrip(),
}
POINTS = {"double": (3, 4), "total": (3, 4), "stack": (3, 3)}  # of the visible and of the hidden test
RIGHT = {
    "double": "def double(x):\n    return x + x",
    "total": "def total(xs):\n    result = 0\n    for x in xs:\n        result += x\n    return result",
    "stack": """\
class Stack:
    def __init__(self):
        self.kept = None
        self.size = 0

    def push(self, value):
        self.kept, self.size = (value, self.kept), self.size + 1

    def pop(self):
        value, self.kept = self.kept
        self.size -= 1
        return value

    def __len__(self):
        return self.size""",
}
SECRETS = ("reference-marker", "hidden-marker", "neighbour-marker", "4711")


def notebook() -> NotebookNode:
    """The unit as its author wrote it."""
    v4 = nbformat.v4
    cells = [
        v4.new_markdown_cell("# A target", id="title"),
        v4.new_code_cell(IMPORTS, id="imports", metadata=metadata("imports", grade=False, solution=False)),
    ]
    for name, stub in STUBS.items():
        cells.append(v4.new_code_cell(stub, id=name, metadata=metadata(name, grade=False, solution=True, locked=False)))
        hidden = f"# Hidden test.\n### BEGIN HIDDEN TESTS\n{HIDDEN[name]}\n### END HIDDEN TESTS"
        for what, source, points in zip(("shown", "more"), (VISIBLE[name], hidden), POINTS[name], strict=True):
            marks = metadata(f"{name}_{what}", grade=True, solution=False, points=points)
            cells.append(v4.new_code_cell(source, id=f"{name}-{what}", metadata=marks))
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return v4.new_notebook(cells=cells, metadata=kernel)


def write_target(course: Path) -> Path:
    """Write the unit's source into a course folder."""
    path = course / "source" / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook(), path)
    return path
