"""The two units that habits are tried on: one of plain Python, one with PyTorch, which takes a kernel three times as long to start.

Each has a locked cell of imports, a cell of the lesson that binds data, a cell tagged demo, an answer in words, and exercises with
one visible and one hidden test each.
"""

from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tests.autograder.small_unit import metadata

POINTS = (2, 3)  # of the visible and of the hidden test of an exercise


@dataclass(frozen=True)
class Exercise:
    """One exercise: its stub with the solution in it, its tests, and a right answer."""

    stub: str
    shown: str
    hidden: str
    right: str


@dataclass(frozen=True)
class Lesson:
    """A unit as its author wrote it."""

    name: str
    imports: str
    data: str
    demo: str
    exercises: dict[str, Exercise]
    modules: tuple[str, ...] = ()  # large ones that it imports

    @property
    def tests(self) -> list[str]:
        """The grade ids of the tests, in order."""
        return [f"{name}_{which}" for name in self.exercises for which in ("shown", "more")]

    def notebook(self) -> NotebookNode:
        """The source notebook."""
        v4 = nbformat.v4
        cells = [
            v4.new_markdown_cell("# A lesson", id="title"),
            v4.new_code_cell(self.imports, id="imports", metadata=metadata("imports", grade=False, solution=False)),
            v4.new_code_cell(self.data, id="data"),
        ]
        for name, exercise in self.exercises.items():
            cells.append(v4.new_markdown_cell(f"## Exercise `{name}`", id=f"{name}-task"))
            marks = metadata(name, grade=False, solution=True, locked=False)
            cells.append(v4.new_code_cell(exercise.stub, id=name, metadata=marks))
            hidden = f"# Hidden test.\n### BEGIN HIDDEN TESTS\n{exercise.hidden}\n### END HIDDEN TESTS"
            for which, source, points in zip(("shown", "more"), (exercise.shown, hidden), POINTS, strict=True):
                marks = metadata(f"{name}_{which}", grade=True, solution=False, points=points)
                cells.append(v4.new_code_cell(source, id=f"{name}-{which}", metadata=marks))
            if len(cells) < 9:
                cells.append(v4.new_code_cell(self.demo, id="demo", metadata={"tags": ["demo"]}))
        marks = metadata("reflection", grade=True, solution=True, points=0, locked=False)
        cells.append(v4.new_markdown_cell("Your thoughts here.", id="reflection", metadata=marks))
        kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
        return v4.new_notebook(cells=cells, metadata=kernel)

    def write(self, course: Path) -> None:
        """Write the unit's source into a course folder."""
        path = course / "source" / self.name / f"{self.name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(self.notebook(), path)


def _exercise(head: str, solution: str, shown: str, hidden: str, right: str = "") -> Exercise:
    stub = f"{head}\n    ### BEGIN SOLUTION\n{solution}\n    ### END SOLUTION"
    return Exercise(stub, shown, hidden, right or f"{head}\n{solution}")


PLAIN = Lesson(
    name="92_habits",
    imports="import math",
    data='data = [3, 1, 2]\ntable = {"one": 1}',
    demo="shown = [n**2 for n in data]\nprint(shown)",
    exercises={
        "double": _exercise(
            'def double(x):\n    """Twice a number."""',
            "    return 2 * x",
            "sure = double(2)\nassert sure == 4, 'twice two is four'\npairs = [(x, double(x)) for x in (0, 1)]\n"
            "assert pairs == [(0, 0), (1, 2)]",
            "for n in (-3, 10.5):\n    assert double(n) == 2 * n",
        ),
        "total": _exercise(
            'def total(xs):\n    """The sum of a list of numbers."""',
            "    return sum(xs)",
            "assert total([1, 2, 3]) == 6, f'total([1, 2, 3]) gave {total([1, 2, 3])}'",
            "assert total([]) == 0\nassert total([0.5, 0.25]) == 0.75",
        ),
        "roots": _exercise(
            'def roots(xs):\n    """The square roots of a list of numbers."""',
            "    return [math.sqrt(x) for x in xs]",
            "assert roots([4, 9]) == [2, 3]",
            "assert roots([]) == []\nassert roots([2])[0] ** 2 - 2 < 1e-9",
        ),
        "tally": _exercise(
            'class Tally:\n    """Counts words: add(word), most() for the word added most often."""\n',
            "    def __init__(self):\n        self.counts = {}\n\n    def add(self, word):\n"
            "        self.counts[word] = self.counts.get(word, 0) + 1\n\n    def most(self):\n"
            "        return max(self.counts, key=self.counts.get)",
            "t = Tally()\nfor word in 'to be or not to be to'.split():\n    t.add(word)\nassert t.most() == 'to'",
            "t = Tally()\nt.add('one')\nassert t.most() == 'one'\nu = Tally()\nu.add('two')\nassert u.most() == 'two'",
        ),
    },
)

TORCH = Lesson(
    name="93_habits_torch",
    imports="import torch\nfrom torch import nn",
    modules=("torch",),
    data="w = torch.zeros(2)\na = torch.ones(2, requires_grad=True)\nu = (a * a).sum()",
    demo="print(w + a)",
    exercises={
        "scale": _exercise(
            'def scale(x):\n    """Twice a tensor, in its own dtype."""',
            "    return 2 * x",
            "x = torch.tensor([1.0, 2.0])\nassert torch.equal(scale(x), torch.tensor([2.0, 4.0]))",
            "x = torch.full((3,), -0.5)\nassert scale(x).dtype == torch.ones(1).dtype\nassert scale(x).tolist() == [-1.0] * 3",
        ),
        "slope": _exercise(
            'def slope(f, x):\n    """The slope of f at the number x, by autograd, as a number."""',
            "    x = torch.tensor(float(x), requires_grad=True)\n    f(x).backward()\n    return x.grad.item()",
            "assert slope(lambda t: t**2, 3.0) == 6.0",
            "assert slope(torch.sin, 0.0) == 1.0\nassert slope(lambda t: 5 * t, 2) == 5.0",
        ),
        "line": _exercise(
            'class Line(nn.Module):\n    """One linear layer from two numbers to one."""\n',
            "    def __init__(self):\n        super().__init__()\n        self.linear = nn.Linear(2, 1)\n\n"
            "    def forward(self, x):\n        return self.linear(x)",
            "line = Line()\nassert line(torch.zeros(4, 2)).shape == (4, 1)",
            "line = Line()\nassert sum(p.numel() for p in line.parameters()) == 3\nline(torch.ones(5, 2)).sum().backward()\n"
            "assert all(p.grad is not None for p in line.parameters())",
        ),
        "noise": _exercise(
            'def noise(n):\n    """n numbers of a normal distribution, from PyTorch\'s own generator."""',
            "    return torch.randn(n)",
            "torch.manual_seed(7)\nfirst = noise(5)\nassert first.shape == (5,)\ntorch.manual_seed(7)\n"
            "assert torch.equal(first, noise(5))",
            "assert abs(noise(1000).mean().item()) < 0.2",
        ),
    },
)

UNITS = {"plain": PLAIN, "torch": TORCH}
