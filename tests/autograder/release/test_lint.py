"""Tests that cannot be trusted in the judge are found by their text; tests that can are left alone."""

from pathlib import Path

import pytest

from autograder.errors import UnitError
from autograder.model.units import Kind, list_units, load_unit
from autograder.release.build import make_release, to_save
from autograder.release.lint import BETTER, Finding, findings
from tests.autograder import small_unit
from tests.autograder.small_unit import NAME

SHARED = ["import math\nimport torch\nimport numpy as np\nfrom torch import nn\nfrom course import check, checks"]
ANSWERS = frozenset(["f", "Net"])

REFUSED = {
    "torch.cumsum = None\nf(1)": (1, "patch", "changes torch.cumsum"),
    "f(1)\nnn.functional.relu = print": (2, "patch", "changes torch.nn.functional.relu"),
    "import builtins\nbuiltins.sum = None\nf(1)": (2, "patch", "changes builtins.sum"),
    "checks.check = None\nf(1)": (1, "patch", "changes course.checks.check"),
    "np.sum, x = None, 1\nf(1)": (1, "patch", "changes numpy.sum"),
    "del math.exp\nf(1)": (1, "patch", "changes math.exp"),
    "def g():\n    torch.sum = None\ng()\nf(1)": (2, "patch", "changes torch.sum"),
    "setattr(torch, 'sum', None)\nf(1)": (1, "patch", "changes torch"),
    "import sys\nsys.modules['torch'] = None\nf(1)": (2, "patch", "changes sys.modules"),
    "torch.__dict__['sum'] = None\nf(1)": (1, "patch", "changes torch.__dict__"),
    "from unittest import mock\nf(1)": (1, "patch", "imports unittest.mock"),
    "import unittest.mock\nf(1)": (1, "patch", "imports unittest.mock"),
    "from unittest.mock import patch\nf(1)": (1, "patch", "imports unittest.mock.patch"),
    "from pytest import MonkeyPatch\nf(1)": (1, "patch", "imports pytest.MonkeyPatch"),
    "import pytest\npatch = pytest.MonkeyPatch()\nf(1)": (2, "patch", "calls pytest.MonkeyPatch"),
    "old = f\ndel f\nold(1)": (2, "patch", "deletes the answer f"),
    "f = print\nf(1)": (1, "patch", "replaces the answer f"),
    "import pytest\nwith pytest.raises(BaseException):\n    f(1)": (2, "swallow", "swallows every exception"),
    "def print(*a): pass\nf(1)": (1, "patch", "in place of print"),
    "input = lambda: '3'\nf(1)": (1, "patch", "in place of input"),
    "import inspect\nassert 'for' not in inspect.getsource(f)": (2, "source", "calls inspect.getsource"),
    "from inspect import getsource as g\nassert 'for' not in g(f)": (2, "source", "calls inspect.getsource"),
    "assert 'cumsum' not in f.__code__.co_names": (1, "source", "looks at __code__"),
    "import dis\ndis.dis(f)": (2, "source", "calls dis.dis"),
    "import ast\nast.parse(f(1))": (2, "source", "calls ast.parse"),
    "x = torch.ones(1)\nassert f(x) is not x": (2, "identity", "by identity"),
    "y = f(1)\nz = [y]\nassert z[0] is y": (3, "identity", "by identity"),
    "assert id(f(1)) == 1": (1, "identity", "the id"),
    "assert isinstance(f(1), Net)": (1, "class", "asks isinstance"),
    "assert isinstance(f(1), (int, Net))": (1, "class", "asks isinstance"),
    "check(f, 1).is_a(Net)": (1, "class", "asks is_a"),
    "eval(f(1))": (1, "text", "gives eval"),
    "code = f(1)\nexec(code, {})": (2, "text", "gives exec"),
    "for name in f(1):\n    __import__(name)": (2, "text", "gives __import__"),
    "import subprocess\nsubprocess.run(f(1))": (2, "text", "gives subprocess.run"),
    "import pickle\npickle.dumps(f(1))": (2, "copy", "gives pickle.dumps"),
    "import copy\nother = copy.deepcopy(f(1))": (2, "copy", "gives copy.deepcopy"),
    "from copy import deepcopy\nnet = Net()\nold = deepcopy(net)": (3, "copy", "gives copy.deepcopy"),
    "torch.save(Net(), 'net.pt')": (1, "copy", "gives torch.save"),
    "f(1)\nassert open('out.txt').read() == '1'": (2, "file", "calls open"),
    "from pathlib import Path\nf(Path('a'))": (2, "file", "calls pathlib.Path"),
    "import os\nf(1)\nassert os.path.exists('x')": (3, "file", "calls os.path.exists"),
    "f(1)\nnp.load('x.npy')": (2, "file", "calls numpy.load"),
    "f(1)\ntorch.load('x.pt')": (2, "file", "calls torch.load"),
    "assert 'f' in globals()": (1, "around", "uses globals"),
    "vars(f(1))": (1, "around", "uses vars"),
    "assert f(1).__dict__ == {}": (1, "around", "looks at __dict__"),
    "get_ipython().run_cell('f(1)')\nf": (1, "around", "uses get_ipython"),
    "import __main__\n__main__.f(1)\nf": (1, "around", "imports __main__"),
    "try:\n    f(1)\nexcept:\n    pass": (1, "swallow", "swallows every exception"),
    "try:\n    f(1)\nexcept (ValueError, BaseException):\n    pass": (1, "swallow", "swallows every exception"),
    "def g():\n    return f(1)\ntry:\n    g()\nexcept BaseException as error:\n    print(error)": (
        3,
        "swallow",
        "swallows",
    ),
    "def g():\n    try:\n        f(1)\n    finally:\n        return 1\ng()": (2, "swallow", "by way of finally"),
    "import contextlib\nwith contextlib.suppress(BaseException):\n    f(1)": (2, "swallow", "swallows every exception"),
    "assert 1 + 1 == 2": (1, "unused", "uses no answer"),
}

FINE = [
    "check(f, 1).equals(2)",
    "assert f(1) is None and f(2) is not None and f(3) is True",
    "assert f(1).dtype is torch.float32 and type(f(1)) is int",
    "x = torch.ones(1)\ny = x\nassert x is y and f(1) == 1",
    "assert isinstance(Net(), nn.Module) and isinstance(f(1), tuple | list)",
    "net = Net()\nnet.eval()\nnet.weight = 1\nx = torch.ones(1)\nx.grad = None\nx[0] = 2\nf(x)",
    "import pytest\nwith pytest.raises(ValueError):\n    f(1)\nassert f(2) == pytest.approx(3)",
    "try:\n    f(1)\nexcept ValueError:\n    pass",
    "try:\n    f(1)\nexcept Exception as error:\n    assert 'name' in str(error)",
    "try:\n    f(1)\nexcept BaseException:\n    print('!')\n    raise",
    "try:\n    import scipy\nexcept BaseException:\n    pass\nf(1)",
    "import io, contextlib\nwith contextlib.redirect_stdout(io.StringIO()) as out:\n    f(1)",
    "import contextlib\nwith contextlib.suppress(ValueError):\n    f(1)",
    "class Double:\n    def __init__(self): self.x = 1\n    def next(self): return 1\nf(Double)",
    "import copy\nnet = nn.Linear(1, 1)\nsame = copy.deepcopy(net)\nf(net)",
    "sum = f(1)\ninput = torch.ones(1)",
    "import inspect\nassert len(inspect.signature(f).parameters) == 2",
    "ops = {'add': 1}\nassert eval('1 + 1') == f(2)",
    "torch.backends.cudnn.deterministic = True\nf(1)",
    "check(f, 1).uses_no('torch.cumsum')",
]


@pytest.mark.parametrize(
    ("source", "finding"), REFUSED.items(), ids=[source.replace("\n", "; ")[:60] for source in REFUSED]
)
def test_what_cannot_be_trusted_is_found(source: str, finding: tuple[int, str, str]) -> None:
    line, why, words = finding
    seen = [one for one in findings(source, ANSWERS, SHARED) if one.why == why]
    assert [one.line for one in seen] == [line]
    assert words in seen[0].what


def test_every_kind_of_finding_has_an_example() -> None:
    assert {why for _, why, _ in REFUSED.values()} == set(BETTER)


@pytest.mark.parametrize("source", FINE)
def test_what_can_be_trusted_is_left_alone(source: str) -> None:
    assert findings(source, ANSWERS, SHARED) == []


def test_a_cell_that_is_not_python_gives_no_imports() -> None:
    assert findings("torch.sum = 1\nf", ANSWERS, ["import torch ("]) == []
    for shared in (SHARED, ["%pip install torch\nimport torch"]):
        assert findings("torch.sum = 1\nf", ANSWERS, shared) == [Finding(1, "changes torch.sum", "patch")]


def test_the_course_s_own_tests_can_be_trusted(root: Path) -> None:
    for name in list_units(root):
        unit = load_unit(root, name)
        shared = [cell.source for cell in unit.of_kind(Kind.SHARED)]
        for test in unit.tests:
            assert findings(test.source, unit.answer_names, shared) == [], test.id


def test_a_release_with_such_tests_is_refused_in_a_sentence_for_each(tmp_path: Path) -> None:
    notebook = small_unit.notebook()
    cells = {cell.id: cell for cell in notebook.cells}
    cells["double-two"].source = "math.sqrt = None\nassert double(2) == 4"
    cells["total-empty"].source += "\n"
    cells["total-empty"].source = cells["total-empty"].source.replace(
        "assert total([]) == 0", "import inspect\ninspect.getsource(total)"
    )
    small_unit.write_unit(tmp_path, notebook)
    with pytest.raises(UnitError) as refused:
        make_release(tmp_path, NAME)
    first, second = str(refused.value).split("\n")
    assert "the test 'double_two', line 1, changes math.sqrt: the answer runs in another process" in first
    assert "the test 'total_empty', line 4, calls inspect.getsource" in second
    assert "uses_no(" in first
    assert "uses_no(" in second
    assert not (tmp_path / "release" / NAME / f"{NAME}.ipynb").exists()


def test_a_unit_that_was_released_before_can_still_be_graded(tmp_path: Path) -> None:
    notebook = small_unit.notebook()
    next(cell for cell in notebook.cells if cell.id == "double-two").source = "math.sqrt = None\nassert double(2) == 4"
    small_unit.write_unit(tmp_path, notebook)
    assert to_save(load_unit(tmp_path, NAME)).cells
