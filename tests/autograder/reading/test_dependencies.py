"""What cells use of each other."""

import sys

import pytest

from autograder.reading.dependencies import needed_cells, only_what_defines, order_matters
from autograder.reading.names import names_in

LESSONS = {
    "constants": "eps = 1e-9\nz = 3",
    "helper": "def clip(x):\n    return max(x, eps)",
    "figure": "values = [clip(v) for v in range(3)]\nprint(values)",
    "seed": "import torch\ntorch.manual_seed(0)",
    "magic": "%run 1",
    "patch": "torch.flag = 1",
}
ALWAYS = {"seed", "magic", "patch"}


@pytest.mark.parametrize(
    ("code", "needed"),
    [
        ("def f(x): return 2 * x", set()),
        ("def f(z): return z", set()),  # its own z
        ("def f(x): return z * x", {"constants"}),
        ("def f(x): return clip(x)", {"helper", "constants"}),
        ("def f(x):\n    def g(): return eps\n    return g()", {"constants"}),
        ("class F:\n    def f(self): return values", {"figure", "helper", "constants"}),
        ("g = lambda v: clip(v)", {"helper", "constants"}),
        ("f = [eps for _ in range(3)]", {"constants"}),
        ("def f(x) return eps", set()),  # a mistake: the cell never runs
    ],
)
def test_only_what_is_used_is_needed(code: str, needed: set[str]) -> None:
    assert needed_cells(LESSONS, {}, [code]) == needed | ALWAYS


@pytest.mark.parametrize(
    "code", ["f = eval('clip')", "f = globals()['clip']", "%run other.py", "get_ipython()", "import sys\nsys.modules"]
)
def test_code_that_can_look_everywhere_gets_everything(code: str) -> None:
    assert needed_cells(LESSONS, {}, [code]) == set(LESSONS)


IMPORTS = "import torch\nfrom torch import nn"


@pytest.mark.parametrize(
    ("cells", "matters"),
    [
        (["def f(x): return torch.exp(x)", "def g(x): return x"], False),
        (["def helper(x): return x", "def f(x): return helper(x)", "def g(x): return helper(x)"], False),
        (["eps = 1", "def f(x): return eps * x", "def g(x): return x"], False),
        (["y = f(1)", "y = g(2)", "def f(x): return x"], False),  # what the answers do not rest on may change
        (["eps = 1", "def f(x): return eps * x", "eps = 2", "def g(x): return x"], True),
        (["def f(x): return x", "def g(x): return x", "f = g"], True),
        (["def f(x): return x", "def f(x): return 2 * x"], True),
        (["seen = []", "def f(x): return seen", "seen.append(1)"], True),
        (["def f(x): return torch.ones(x)", "torch.set_default_dtype(torch.float64)"], True),
        (["def f(x): return nn.Linear(x, 1)", "nn.Linear = None"], True),
        (["def f(x): return x", "torch = None"], False),
        (["class F(nn.Module):\n    def __init__(self): self.inner = nn.ReLU()\ndef f(x): return F()(x)"], False),
        (["w = torch.ones(2)\nw.requires_grad = True", "def f(x): return x"], False),
        (["def f(x):\n    nn.Linear.forward = None\n    return x"], True),
        (["def f(x, seed): return torch.randn(x)", "torch.manual_seed(1)", "torch.set_num_threads(1)"], False),
        (["def f(x): return torch.exp(x)", "import numpy as torch"], True),
        (["def f(x): return later(x)", "def later(x): return x"], True),  # f fails right after its own cell
        (["def f(x): return g(x)", "def g(x): return x"], True),
        (["def f(x): return x", "with warnings.catch_warnings():\n    warnings.simplefilter('error')"], False),
        (["def f(x): return x", "with torch.no_grad():\n    torch.set_default_dtype(torch.float64)"], True),
        (["def f(x): return x", "exec('f = None')"], True),
        (["def f(x): return x", "%reset -f"], True),
    ],
)
def test_order_matters_only_where_answers_could_change(cells: list[str], matters: bool) -> None:
    assert order_matters([IMPORTS, *cells], frozenset({"f", "g"})) is matters


# ---- cells that no answer needs

ANSWER = "def f(x): return [x, *data]"
DATA = "data = [1, 2]\nw = torch.zeros(2)"


@pytest.mark.parametrize(
    ("answer", "own", "needed"),
    [
        ("def f(x): return x", "print(f(2))", False),
        ("def f(x): return x", "model = f(3)\nfor _ in range(9):\n    model = f(model)", False),
        ("def f(x): return x", "f = max", True),
        ("def f(x): return x", "f.cache = {}", True),
        ("def f(x): return x", "%matplotlib inline", True),
        ("def f(x): return x", "open('a.txt', 'w').close()", True),
        (
            "def f(x): return x",
            "with warnings.catch_warnings():\n    warnings.simplefilter('ignore')\n    print(f(2))",
            False,
        ),
        ("def f(x): return x", "with warnings.catch_warnings():\n    pass\nwarnings.simplefilter('ignore')", True),
        (
            "def f(x): return x",
            "with warnings.catch_warnings():\n    def g(): warnings.simplefilter('ignore')\ng()",
            True,
        ),
        ("def f(x): return x", "with torch.random.fork_rng():\n    torch.manual_seed(0)\n    print(f(2))", False),
        ("def f(x): return x", "with torch.no_grad():\n    torch.manual_seed(0)", True),
        ("def f(x): return x", "with torch.set_grad_enabled(False):\n    print(f(2))", False),
        ("def f(x): return x", "torch.set_grad_enabled(False)\nwith torch.no_grad():\n    print(f(2))", True),
        ("def f(x): return x", "with np.printoptions(precision=3):\n    np.set_printoptions(precision=2)", False),
        ("def f(x): return x", "with plt.rc_context():\n    plt.rcParams['font.size'] = 20", False),
        ("def f(x): return x", "with torch.autograd.graph.saved_tensors_hooks(f, f): pass", False),
        ("def f(x): return x", "torch.save(f(2), 'a.pt')", True),
        ("def f(x): return x", "%%time\nprint(f(2))", False),
        (ANSWER, "data.append(3)", True),
        (ANSWER, "data[0] = 3", True),
        (ANSWER, "same = data\nsame.append(3)", True),
        (ANSWER, "f(2)", True),  # it may change the data
        (ANSWER, "print(other)", False),
        ("def f(x): return w + x", "w.fill_(2)", True),
        ("def f(x, seen={}): return seen", "f(2)", True),  # the default keeps what it was given
        ("class K:\n    known = {}\ndef f(x): return K.known", "class L(K): pass", True),
        ("class K:\n    size = 2\ndef f(x): return K.size", "class L(K): pass", False),
        ("import numpy as np\ndef f(x): return np.log(x)", "np.seterr(all='raise')", True),
        ("def setup(): np.seterr(all='raise')\ndef f(x): return x", "setup()", True),
        ("def setup(): np.seterr(all='raise')\ndef f(x): return x", "def again(): setup()", False),
        ("FACTOR = 2\ndef f(x): return FACTOR * x", "print(FACTOR)", False),
    ],
)
def test_an_own_cell_is_needed_if_it_may_change_what_an_answer_uses(answer: str, own: str, needed: bool) -> None:
    assert ("own" in needed_cells({"data": DATA}, {"own": own}, [answer], frozenset({"f"}))) is needed


def test_data_may_be_changed_under_another_name() -> None:
    lessons = {"a": "a = torch.ones(2)", "u": "u = (a * a).sum()", "other": "v = 2 * torch.ones(1)"}
    own = {"back": "u.backward()", "print": "print(v)"}
    assert needed_cells(lessons, own, ["def f(x): return a.grad * x"]) == {"a", "u", "back"}
    assert needed_cells(lessons, own, ["def f(x): return 2 * x"]) == set()


def test_of_a_cell_only_what_defines_a_name_is_taken() -> None:
    source = "import math\nimport time\n\nroot = math.sqrt\n\n\n@time.cache\ndef f(x):\n    return x\n\n\ndef g(x):\n    return root(x)\nprint(f(2))"
    assert only_what_defines(source, frozenset({"g"})) == "import math\nroot = math.sqrt\ndef g(x):\n    return root(x)"
    assert only_what_defines("%run a.py\nf = 1", frozenset({"f"})) == "%run a.py\nf = 1"


@pytest.mark.parametrize(
    "cell",
    ["lines = !ls", "n = %factor 2", "a, b = !echo {x}", "x = 1\nsaid = !echo $x", "twice = _1", "old = _i3", "_ih"],
)
def test_a_cell_that_only_ipython_understands_may_do_anything(cell: str) -> None:
    assert names_in(cell).unsure


@pytest.mark.parametrize(
    "cell", ["same = x != 1", "rest = x % 2", "a = 'x = !ls'", "_1 = 2\nb = _1", "def f(x) return x"]
)
def test_what_only_looks_like_ipython_is_sure(cell: str) -> None:
    assert not names_in(cell).unsure


AT_ONCE = [
    ("class A(Base):\n    x = helper\n    def m(self): return later", {"Base", "helper"}),
    ("def f(x: kind = start) -> list: return later", {"kind", "start", "list"}),
    ("xs = [helper(x) for x in data]\ng = lambda x: later", {"helper", "data"}),
]
if sys.version_info >= (3, 12):  # older parsers do not know type parameters
    AT_ONCE += [
        ("class A[T: bound](Base):\n    x = helper\n    def m(self): return later", {"Base", "helper"}),
        ("def f[T](x: T = start) -> list: return later", {"start", "list"}),
        ("type Rows = later", set()),
    ]
if sys.version_info >= (3, 14):  # there, annotations are looked up when somebody asks for them
    AT_ONCE = [(source, names - {"kind", "list"}) for source, names in AT_ONCE]


@pytest.mark.parametrize(
    ("source", "bound", "used"),
    [
        ("xs = [h(x) for x in data]", {"xs"}, {"h", "data"}),
        ("xs = {h(x): x for x in data}", {"xs"}, {"h", "data"}),
        ("print({x for x in data})", set(), {"print", "data"}),
        ("x = 1\nxs = [x for x in data]", {"x", "xs"}, {"data"}),
        ("xs = [[y for y in x if y in z] for x in data]", {"xs"}, {"z", "data"}),
        ("print(f'{[x for x in data]!r:>{width}}')", set(), {"print", "data", "width"}),
        ("class A:\n    v = [a + b for a in c]", {"A"}, {"b", "c"}),
        ("def f(n): return [i + y for i in range(n)]", {"f"}, {"y", "range"}),
        ("xs = [x async for x in data]", {"xs"}, {"data"}),
    ],
)
def test_what_a_comprehension_binds_is_its_own(source: str, bound: set[str], used: set[str]) -> None:
    names = names_in(source)
    assert (names.bound, names.used) == (bound, used)


@pytest.mark.parametrize(("source", "names"), AT_ONCE)
def test_what_is_needed_when_a_cell_runs_is_told_from_what_is_needed_later(source: str, names: set[str]) -> None:
    assert names_in(source).at_once == names


@pytest.mark.parametrize(
    ("own", "needed"),
    [
        ("helpers.prepare(2)", True),
        ("helpers.TABLE['two'] = 2", True),
        ("import other", False),
        ("import helpers", True),  # whatever it does when it is imported
    ],
)
def test_a_module_of_the_student_s_own_holds_data(own: str, needed: bool) -> None:
    answer = "import helpers\ndef f(x): return helpers.TABLE[x]"
    found = needed_cells({}, {"own": own}, [answer], frozenset({"f"}), frozenset({"helpers"}))
    assert ("own" in found) is needed
    assert "own" not in needed_cells({}, {"own": "helpers.prepare(2)"}, [answer], frozenset({"f"}))


def test_order_matters_where_what_a_module_of_the_student_s_own_holds_may_change() -> None:
    cells = ["from helpers import TABLE", "def f(x): return TABLE[x]", "TABLE['two'] = 3"]
    assert order_matters(cells, frozenset({"f"}), frozenset({"helpers"}))
    assert not order_matters(cells, frozenset({"f"}))
