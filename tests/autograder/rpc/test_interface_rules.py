"""What the judge lets a student's process do to a test: nothing that the reference's did not, and no error gets lost."""

import pytest

from autograder.running.processes import Zygote
from autograder.sandbox.limits import Limits
from tests.autograder.judging import judge, results
from tests.plain_kernel import run_cells

# ---- errors that a test swallows

SWALLOWING = {
    "except Exception": "try:\n    f(1) == 2\nexcept Exception:\n    pass",
    "except BaseException": "try:\n    f(1) == 2\nexcept BaseException:\n    pass",
    "a bare except": "try:\n    f(1) == 2\nexcept:\n    pass",
    "finally return": "def g():\n    try:\n        return f(1) == 2\n    finally:\n        return 2\ng()",
    "suppress": "import contextlib\nwith contextlib.suppress(BaseException):\n    f(1) == 2",
    "a thread": "import threading\nt = threading.Thread(target=lambda: f(1) == 2)\nt.start()\nt.join()",
    "a thread left alone": "import threading\nthreading.Thread(target=lambda: f(1) == 2).start()",
    "the name alone": "try:\n    f\nexcept BaseException:\n    pass",
    "a second try": "for _ in range(2):\n    try:\n        f(1) == 2\n    except BaseException:\n        pass",
}
AFTERWARDS = "assert f(2) == 4"
HONEST = "def f(x): return 2 * x"
RUDE = {
    "crashed": "import os\ndef f(x):\n    if x == 1: os._exit(0)\n    return 2 * x",
    "timeout": "def f(x):\n    while x == 1: pass\n    return 2 * x",
    "interface": "class Odd:\n    pass\ndef f(x): return Odd() if x == 1 else 2 * x",
}
# With the student's side taken over, each reply is the attacker's: these are refused whatever they answer.
TAKEN_OVER = """
import gc
def take_over(reply):
    for student in [o for o in gc.get_objects() if type(o).__name__ == "Student"]:
        student._answers = dict.fromkeys(student._answers, lambda *a: reply)
def f(x): return 2 * x
take_over({reply})
"""


def swallow(zygote: Zygote, way: str, answer: str) -> list[str]:
    return results(judge(zygote, HONEST, [SWALLOWING[way], AFTERWARDS], answer, limits=Limits(cell_seconds=3)))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("way", [way for way in SWALLOWING if way != "the name alone"])
@pytest.mark.parametrize("result", ["crashed", "interface"])
def test_a_test_that_swallows_an_error_does_not_pass(zygote: Zygote, way: str, result: str) -> None:
    assert swallow(zygote, way, RUDE[result]) == [result, "passed"]


@pytest.mark.parametrize("way", ["except BaseException", "suppress", "a thread"])
def test_a_test_that_swallows_a_time_out_does_not_pass(zygote: Zygote, way: str) -> None:
    assert swallow(zygote, way, RUDE["timeout"]) == ["timeout", "passed"]


# ---- exceptions that a test swallows, or takes for the end of a loop

LOOPS = {
    "all": "assert all(map(lambda x: f(x) == 2 * x, [1, 2, 3]))",
    "all of the answer itself": "assert all(map(f, [1, 2, 3]))",
    "list": "assert list(map(f, [1, 2, 3])) in ([2, 4, 6], [])",
    "for": "for got, x in zip(map(f, [1, 2]), [1, 2]):\n    assert got == 2 * x",
    "next with a default": "assert next(map(f, [1]), 2) == 2",
    "a generator": "assert all(f(x) == 2 * x for x in [1, 2])",
    "a generator's own loop": "def values():\n    yield from map(f, [1, 2])\nassert all(v == 2 * x for v, x in zip(values(), [1, 2]))",
    "suppress": "import contextlib\nwith contextlib.suppress(Exception):\n    assert f(1) == 2",
    "suppress all": "import contextlib\nwith contextlib.suppress(BaseException):\n    assert f(1) == 2",
    "except": "try:\n    got = f(1)\nexcept Exception:\n    got = 2\nassert got == 2",
    "except that of an empty answer": "try:\n    got = f(1)\nexcept NotImplementedError:\n    got = 2\nassert got == 2",
    "a check without an assertion": "check(f, 1)",
}
ENDS = (
    *("StopIteration", "StopIteration(2)", "StopAsyncIteration", "GeneratorExit", "SystemExit(0)", "KeyboardInterrupt"),
    *("NotImplementedError", "NotImplementedError('TODO')", "ValueError", "type('Own', (StopIteration,), {})"),
)


@pytest.mark.parametrize("end", ENDS)
def test_an_exception_in_place_of_an_answer_never_passes(zygote: Zygote, end: str) -> None:
    run = judge(zygote, HONEST, [*LOOPS.values()], f"def f(x): raise {end}")
    ended = dict(zip(LOOPS, results(run), strict=True))
    assert set(ended.values()) <= {"raised", "unanswered", "failed"}, ended


def test_an_exception_in_the_middle_of_an_iterator_never_ends_it(zygote: Zygote) -> None:
    reference = "class f:\n    def __init__(self, n): self.n = n\n    def __iter__(self): return iter(range(self.n))"
    answer = "class f:\n    def __init__(self, n): self.n = n\n    def __iter__(self): return self\n    def __next__(self): raise {}"
    tests = ["for got, wanted in zip(f(3), range(3)):\n    assert got == wanted"]
    for end in ("GeneratorExit", "ValueError", "NotImplementedError"):
        assert results(judge(zygote, reference, tests, answer.format(end)))[0] in ("raised", "unanswered")


PROMISED = [
    "try:\n    f(-1)\nexcept NotImplementedError:\n    pass\nelse:\n    raise AssertionError('negative numbers are not taken')",
    "try:\n    f(-2)\nexcept ValueError as error:\n    assert 'below' in str(error)\nelse:\n    raise AssertionError",
    "assert f(2) == 4",
]


def test_an_exception_that_the_reference_raises_too_is_a_promise(zygote: Zygote) -> None:
    answer = """
        def f(x):
            if x == -1: raise NotImplementedError('negative numbers')
            if x < 0: raise ValueError('below zero')
            return 2 * x
        """
    assert results(judge(zygote, answer, PROMISED, answer)) == ["passed"] * 3
    assert results(judge(zygote, answer, PROMISED, HONEST)) == ["failed", "failed", "passed"]


NO_RUNTIME_ERROR = (
    *("StopIteration", "StopAsyncIteration", "GeneratorExit", "SystemExit", "KeyboardInterrupt", "BaseException"),
    *(
        "type('Own', (StopIteration,), {})",
        "type('Own', (BaseException,), {})",
        "BaseExceptionGroup('', [SystemExit()])",
    ),
)


@pytest.mark.parametrize("end", NO_RUNTIME_ERROR)
def test_what_ends_loops_and_programs_is_no_other_exception(zygote: Zygote, end: str) -> None:
    """Nor does it pass for one that a test asks for."""
    reference = "def f(x): raise RuntimeError('no')"
    tests = ["check(f, 1).raises(RuntimeError)", "try:\n    f(1)\nexcept RuntimeError:\n    pass"]
    run = judge(zygote, reference, tests, f"def f(x): raise {end}")
    assert results(run) == ["raised", "raised"], run.tests
    kind = end.partition("(")[0]
    assert (kind if kind != "type" else "StopIteration" if "Stop" in end else "BaseException") in run.tests[
        "f_1"
    ].message


REPLIES = [
    "[]",
    "['Value', 1]",
    "{'kind': 'Value'}",
    "{'kind': 'Failed'}",
    "{'kind': 'CallBack'}",
    "{'kind': 'Failed', 'error': {'kind': 'StudentError', 'classes': 1, 'text': 2, 'where': 3}, 'printed': 4}",
    "{'kind': 'NotDefined', 'name': 1}",
    "{'kind': 'Operated', 'value': None, 'mutable': 1, 'changes': [], 'printed': '', 'used': [], 'rebound': []}",
    "{'kind': 'TestBegun', 'named': {'f': 1}}",
    "{'kind': 'TestBegun', 'named': {'f': ['list', []]}}",
    "{'kind': 'TestBegun', 'named': [['f', {'kind': 'Handle'}]]}",
    "{'kind': 'RunCell', 'source': 'f = 1'}",
]


@pytest.mark.parametrize("reply", REPLIES)
def test_a_reply_out_of_shape_is_no_error_of_the_test(zygote: Zygote, reply: str) -> None:
    """Neither one that a test can swallow, nor one that ends the judge."""
    tests = [SWALLOWING["except Exception"], SWALLOWING["the name alone"], "f"]
    run = judge(zygote, HONEST, tests, TAKEN_OVER.format(reply=reply))
    assert results(run) == ["interface"] * 3, run.tests
    assert run.finished


def test_an_alarm_that_a_test_swallows_comes_again(zygote: Zygote) -> None:
    """A loop over what the student gave, without asking for more: no reply is waited for that could be late."""
    test = """
        count = f(1)
        for _ in range(2):
            try:
                while count: pass
            except BaseException:
                pass
        """
    run = judge(
        zygote,
        "def f(x): return 0 if x == 1 else 4",
        [test, AFTERWARDS],
        "def f(x): return 5 - x",
        limits=Limits(cell_seconds=3),
    )
    assert results(run) == ["timeout", "failed"]


@pytest.mark.parametrize("result", ["crashed", "timeout"])
def test_what_is_written_into_a_message_may_fail(zygote: Zygote, result: str) -> None:
    """The text of an assertion is made after the test has ended: it asks the student's object for its text."""
    does = {"crashed": "import os; os._exit(0)", "timeout": "\n        while True: pass"}[result]
    answer = f"""
class Odd:
    def __str__(self): {does}
    def double(self): return 1
def f(x): return Odd()
"""
    reference = "class Odd:\n    def double(self): return 2\ndef f(x): return Odd()"
    tests = ["odd = f(1)\nif odd.double() != 2:\n    raise AssertionError(odd)", "assert f(1).double() in (1, 2)"]
    run = judge(zygote, reference, tests, answer, limits=Limits(cell_seconds=3))
    assert results(run) == [result, "passed"]


def test_a_number_that_python_does_not_write_is_no_way_to_end_the_judge(zygote: Zygote) -> None:
    run = judge(
        zygote,
        "def f(x): return 2",
        ["n = f(1)\nassert n == 2, n ** 4", "assert f(1) > 1"],
        "def f(x): return 10 ** 3000",
    )
    assert results(run) == ["failed", "passed"]


def test_a_test_that_ends_itself_fails_alone(zygote: Zygote) -> None:
    tests = ["import sys\nif f(1) != 2:\n    sys.exit(0)", "assert f(2) == 4"]
    assert results(judge(zygote, HONEST, tests, "def f(x): return 4")) == ["failed", "passed"]


def test_an_error_inside_a_function_of_the_tests_leaves_nothing_behind(zygote: Zygote) -> None:
    """The student's own `with` around the call is still open when the test has ended."""
    class_of_its_own = "class Odd:\n    def __init__(self, n): self.n = n\n"
    reference = "def f(g, x): return g(x)"
    answer = (
        class_of_its_own
        + "level = 0\ndef f(g, x):\n    global level\n    level += 1\n    try:\n        return g(Odd(x) if x == 1 else x + level - 1)\n    finally:\n        level -= 1"
    )
    tests = ["f(lambda v: v + 1, 1)", "assert f(lambda v: v + 1, 2) == 3"]
    assert results(judge(zygote, reference, tests, answer)) == ["interface", "passed"]


# ---- bounds

FILLS = {
    "large tensors": "def f(x): return torch.zeros(4 << 20) + x",
    "many small tensors": "def f(x): return [torch.zeros(1) for _ in range(5000)]",
    "many objects": "class Odd: pass\ndef f(x): return [Odd() for _ in range(20000)]",
    "long texts": "def f(x): return 'x' * (6 << 20)",
    "printed text": "def f(x):\n    print('x' * 90000)\n    return x",
    "large numbers": "def f(x): return [10 ** 3900] * 1500",
    "a large array": "def f(x): return np.zeros(4 << 20)",
}


@pytest.mark.parametrize("answer", FILLS.values(), ids=FILLS.keys())
def test_answers_that_fill_the_judge_cost_their_own_test_only(zygote: Zygote, answer: str) -> None:
    """The test keeps all that it gets; each answer alone is within the bounds."""
    gathers = "kept = []\nfor i in range(100):\n    kept.append(f(i))\nassert kept[0] == 0"
    limits = Limits(cell_seconds=15, memory=256 << 20)
    second = "assert f is not None"
    run = judge(zygote, "def f(x): return x", [gathers, second, gathers, second], answer, limits=limits)
    assert results(run)[1::2] == ["passed"] * 2, (run.tests, run.judge_output)
    assert set(results(run)[::2]) <= (
        {"passed"} if "print" in answer else {"interface", "memory", "timeout", "failed"}
    ), run.tests


def test_calls_of_the_tests_own_functions_are_bounded(zygote: Zygote) -> None:
    answer = "def f(g):\n    while True: g(torch.zeros(1 << 18))"
    tests = ["assert f(lambda x: x + 1) == 1", "assert f(lambda x: 1) == 1"]
    limits = Limits(cell_seconds=6, memory=256 << 20)
    run = judge(zygote, "def f(g): return 1", tests, answer, limits=limits)
    assert results(run)[0] in ("interface", "timeout"), run.tests
    assert run.finished


def test_a_small_frame_cannot_fill_the_memory(zygote: Zygote) -> None:
    """One buffer of 30 MB, named a hundred times as an array of its own."""
    attack = """
import gc
from autograder.rpc.messages import Operate, Operated
def f(x): return 2 * x
def forged(request, incoming, outgoing, printed):
    outgoing.buffers.append(bytes(30 << 20))
    return Operated(["list", [["array", "uint8", [30 << 20], 0]] * 100], [], [], "", [False] * 3, [])
for student in [o for o in gc.get_objects() if type(o).__name__ == "Student"]:
    student._answers[Operate] = forged
"""
    run = judge(zygote, HONEST, ["assert f(1) == 2", "f"], attack, limits=Limits(memory=256 << 20))
    assert results(run) == ["interface", "passed"], run.tests
    assert "several values" in run.tests["f_0"].message


# ---- arguments changed in place

IN_PLACE = {
    "a tensor": ("x = torch.ones(3)\nassert f(x).tolist() == [2, 2, 2]", "x *= 2; return x", "return 2 * x"),
    "one in a list": ("x = [torch.ones(3)]\nassert f(x) == 6", "x[0] *= 2; return x[0].sum().item()", "return 6"),
    "a list": ("x = [3, 1]\nassert f(x) == [1, 3]", "x.sort(); return x", "return sorted(x)"),
    "a dict": ("x = {'a': 1}\nassert f(x) == 1", "return x.pop('a')", "return x['a']"),
    "one in a dict": (
        "x = {'a': np.ones(2)}\nassert f(x) == 4",
        "x['a'] += 1; return x['a'].sum()",
        "return 4.0",
    ),
    "an array": ("x = np.ones(2)\nassert f(x).tolist() == [2, 2]", "x += 1; return x", "return x + 1"),
    "a module": (
        "x = nn.Linear(1, 1)\nassert f(x) == 1",
        "torch.nn.init.ones_(x.weight); return x.weight.item()",
        "return 1",
    ),
}


@pytest.mark.parametrize(("test", "changes", "keeps"), IN_PLACE.values(), ids=IN_PLACE.keys())
def test_an_argument_changed_in_place_costs_nothing_but_is_remarked(
    zygote: Zygote, test: str, changes: str, keeps: str
) -> None:
    """As in a kernel: the answer is right. The test's own value stays as it was, so that nobody can overwrite what it expects."""
    reference, answer = f"def f(x): {keeps}", f"def f(x): {changes}"
    run = judge(zygote, reference, [test], answer)
    assert results(run) == ["passed"]
    assert run.tests["f_0"].changed == ("argument 1",)
    again = judge(zygote, reference, [test], reference)
    assert again.tests["f_0"].changed == ()
    told = run_cells(zygote, [("i", "import torch, numpy as np\nfrom torch import nn"), ("f", answer), ("t", test)])
    assert told["t"] is None


def test_no_change_is_remarked_where_the_reference_changes_its_argument(zygote: Zygote) -> None:
    reference = "def f(x, y): x.append(y)"
    run = judge(zygote, reference, ["x = [float('nan')]\nf(x, y=np.ones(1) * np.nan)\nassert len(x) == 2"], reference)
    assert results(run) == ["passed"]
    assert run.tests["f_0"].changed == ()


@pytest.mark.parametrize(
    "made", ["[float('nan')]", "np.array([np.nan])", "torch.tensor([float('nan')])", "{1: [float('nan')]}"]
)
def test_nan_is_no_change(zygote: Zygote, made: str) -> None:
    run = judge(zygote, "def f(x): return 1", [f"assert f({made}) == 1"], "def f(x): return 1")
    assert run.tests["f_0"].changed == ()


def test_overwriting_what_the_test_expects_earns_nothing(zygote: Zygote) -> None:
    test = "x = torch.ones(3)\nwanted = x.view(3)\nassert torch.equal(f(x), 2 * wanted)"
    run = judge(zygote, HONEST, [test], "def f(x): return x.zero_()")
    assert results(run) == ["failed"]


STEP = "def f(w, x, y):\n    with torch.no_grad(): w -= x.T @ (x @ w - y)"
TWO_STEPS = """
class f:
    def __init__(self, w, x): self.w, self.x = w, x
    def step(self):
        with torch.no_grad(): self.w -= self.x.mean(0)
"""
OF_THE_DATA = "w, x, y = torch.ones(2), torch.eye(2), torch.zeros(2)\nf(w, x, y)\nassert torch.equal(w, 1 - x.T @ (x @ torch.ones(2) - y))"
BEYOND_THE_REFERENCE = {
    "the data of a step": (STEP, OF_THE_DATA, "def f(w, x, y):\n    x.zero_(); y.zero_()"),
    "the data, by another shape": (
        STEP,
        OF_THE_DATA,
        "def f(w, x, y):\n    x.data, y.data = torch.zeros(0, 2), torch.zeros(0)",
    ),
    "what an earlier call was given": (
        TWO_STEPS,
        "w, x = torch.zeros(2), torch.ones(3, 2)\nf(w, x).step()\nassert torch.equal(w, -x.mean(0))",
        "class f:\n    def __init__(self, w, x): self.x = x\n    def step(self): self.x.zero_()",
    ),
    "another list": (
        "def f(xs, ys): xs.sort()",
        "xs, ys = [2, 1], [2, 1]\nf(xs, ys)\nassert xs == sorted(ys)",
        "def f(xs, ys):\n    xs.clear(); ys.clear()",
    ),
    "another array": (
        "def f(a, b): a += b",
        "a, b = np.zeros(2), np.ones(2)\nf(a, b)\nassert (a == b).all()",
        "def f(a, b): b[:] = 0",
    ),
}


@pytest.mark.parametrize(
    ("reference", "test", "answer"), BEYOND_THE_REFERENCE.values(), ids=BEYOND_THE_REFERENCE.keys()
)
def test_where_the_reference_changes_one_argument_no_other_is_overwritten(
    zygote: Zygote, reference: str, test: str, answer: str
) -> None:
    assert results(judge(zygote, reference, [test], answer)) == ["failed"]
    run = judge(zygote, reference, [test], reference)
    assert results(run) == ["passed"]
    assert run.tests["f_0"].changed == ()


def test_what_the_reference_changes_may_be_given_away_earlier(zygote: Zygote) -> None:
    """And by a class of another make: what counts is where the test gave it away."""
    test = "w, x = torch.zeros(2), torch.ones(3, 2)\no = f(w, x)\nfor _ in range(3):\n    o.step()\nassert torch.equal(w, -3 * x.mean(0))"
    answer = """
        class f:
            def __init__(self, w, x):
                self.both = {"w": w, "x": x}
            def step(self):
                self.both["w"].sub_(self.both["x"].sum(0) / 3)
        """
    assert results(judge(zygote, TWO_STEPS, [test], answer)) == ["passed"]


def test_arrays_in_a_list_are_as_the_reference_leaves_them(zygote: Zygote) -> None:
    step = "def f(arrays):\n    arrays[0] += arrays[1]"
    test = "arrays = [np.zeros(2), np.ones(2)]\nf(arrays)\nassert arrays[0].tolist() == [1, 1]"
    assert results(judge(zygote, step, [test], step)) == ["passed"]
    assert results(judge(zygote, step, [test], "def f(arrays): pass")) == ["failed"]


def test_names_of_classes_make_and_import_nothing(zygote: Zygote) -> None:
    """Modules that make what they are asked for would keep it, and some take seconds to import."""
    answer = """
        kinds = [type(f"k{i}", (), {"__module__": "torch.ops", "__qualname__": f"asked_for_{i}"}) for i in range(10)]
        f = type("f", tuple(kinds), {})
        """
    test = "made = f()\nassert not isinstance(made, nn.Module)\nassert not [name for name in vars(torch.ops) if name.startswith('asked')]"
    assert results(judge(zygote, "class f: pass", [test], answer)) == ["passed"]


def test_an_exception_on_the_way_back_is_none_that_a_test_swallows(zygote: Zygote) -> None:
    test = "import contextlib\nx = torch.ones(1, requires_grad=True)\nwith contextlib.suppress(Exception):\n    f(x).backward()"
    answer = """
        class Refuses(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x): return 2 * x
            @staticmethod
            def backward(ctx, gradient): raise ValueError
        f = Refuses.apply
        """
    assert results(judge(zygote, HONEST, [test], answer)) == ["raised"]
    assert results(judge(zygote, answer, [test], answer)) == ["passed"]


# ---- honest answers whose class is another than the reference's

SPLIT = "from collections import namedtuple\nSplit = namedtuple('Split', 'train test')\n"
HISTORY = "class History:\n    def __init__(self): self.losses = [3, 2]\n    def last(self): return self.losses[-1]\n"
HISTORY_DICT = "class History(dict):\n    @property\n    def losses(self): return self['losses']\n    def last(self): return self.losses[-1]\n"
VECTOR = "class Vector:\n    def __init__(self, v): self.v = v\n    def __add__(self, o): return Vector([a + b for a, b in zip(self.v, o.v)])\n    def norm(self): return sum(a * a for a in self.v)\n"
VECTOR_LIST = "class Vector(list):\n    def __add__(self, o): return Vector([a + b for a, b in zip(self, o)])\n    def norm(self): return sum(a * a for a in self)\n"
SAME_IN_A_KERNEL = {
    "a named tuple has names": (
        SPLIT + "def f(x): return Split(x, x + 1)",
        "s = f(1)\na, b = s\nassert s.train == a == 1 and s.test == b == 2 and s == (1, 2) and len(s) == 2",
        "from typing import NamedTuple\nclass S(NamedTuple):\n    train: int\n    test: int\ndef f(x): return S(x, x + 1)",
    ),
    "an object for a named tuple": (
        SPLIT + "def f(x): return Split(x, x + 1)",
        "assert f(1).train == 1 and f(1).test == 2",
        "class S:\n    def __init__(self, a, b): self.train, self.test = a, b\ndef f(x): return S(x, x + 1)",
    ),
    "a named tuple for a tuple": (
        "def f(x): return x, x + 1",
        "a, b = f(1)\nassert (a, b) == f(1) and isinstance(f(1), tuple) and not hasattr(f(1), 'shape')",
        SPLIT + "def f(x): return Split(x, x + 1)",
    ),
    "a named tuple for an object": (
        "class S:\n    def __init__(self, a, b): self.train, self.test = a, b\ndef f(x): return S(x, x + 1)",
        "assert f(1).train == 1 and f(1).test == 2",
        SPLIT + "def f(x): return Split(x, x + 1)",
    ),
    "a dict subclass for an object": (
        HISTORY + "def f(x): return History()",
        "h = f(1)\nassert h.losses == [3, 2] and h.last() == 2",
        HISTORY_DICT + "def f(x): return History(losses=[3, 2])",
    ),
    "an object for a dict subclass": (
        HISTORY_DICT + "def f(x): return History(losses=[3, 2])",
        "h = f(1)\nassert h.losses == [3, 2] and h.last() == 2",
        HISTORY + "def f(x): return History()",
    ),
    "a dict subclass back to the answer": (
        HISTORY + "def f(x): return History() if x is None else x.last()",
        "assert f(f(None)) == 2",
        HISTORY_DICT + "def f(x): return History(losses=[3, 2]) if x is None else x.last()",
    ),
    "a list subclass with operators of its own": (
        VECTOR + "def f(x): return Vector([x, x])",
        "assert (f(1) + f(2)).norm() == 18",
        VECTOR_LIST + "def f(x): return Vector([x, x])",
    ),
    "operators of its own in the reference": (
        VECTOR_LIST + "def f(x): return Vector([x, x])",
        "assert (f(1) + f(2)).norm() == 18",
        VECTOR + "def f(x): return Vector([x, x])",
    ),
    "a list subclass that can be called": (
        "class P:\n    def __init__(self, c): self.c = c\n    def __call__(self, x): return self.c[0] + self.c[1] * x\ndef f(c): return P(c)",
        "assert f([1, 2])(3) == 7",
        "class P(list):\n    def __call__(self, x): return self[0] + self[1] * x\ndef f(c): return P(c)",
    ),
    "a dict subclass that changes itself": (
        "class H(dict):\n    def add(self, v): self.setdefault('loss', []).append(v)\ndef f(x): return H()",
        "h = f(1)\nh.add(3)\nh.add(2)\nassert h['loss'] == [3, 2] and len(h['loss']) == 2",
        "class H:\n    def __init__(self): self.kept = []\n    def add(self, v): self.kept = [*self.kept, v]\n"
        "    def __getitem__(self, k): return self.kept\ndef f(x): return H()",
    ),
    "a defaultdict that the answer fills": (
        "def f(h=None, v=0):\n    if h is None:\n        return {}\n    h.setdefault('loss', []).append(v)",
        "h = f()\nf(h, 3)\nf(h, 2)\nassert h['loss'] == [3, 2] and list(h) == ['loss']",
        "from collections import defaultdict\ndef f(h=None, v=0):\n    if h is None:\n        return defaultdict(list)\n"
        "    h['loss'].append(v)",
    ),
    "a counter": (
        "from collections import Counter\nf = lambda x: Counter(x)",
        "c = f('aab')\nassert c['a'] == 2 and c['z'] == 0 and c == {'a': 2, 'b': 1} and c.most_common(1) == [('a', 2)]",
        "import collections\ndef f(x):\n    c = collections.Counter()\n    for k in x: c[k] += 1\n    return c",
    ),
    "a defaultdict for a dict": (
        "def f(x): return {'a': 2}",
        "assert f(1) == {'a': 2} and 'b' not in f(1) and f(1).get('b') is None",
        "from collections import defaultdict\ndef f(x):\n    d = defaultdict(int)\n    d['a'] += 2\n    return d",
    ),
    "an ordered dict for an object": (
        "class D:\n    def __getitem__(self, k): return 2\ndef f(x): return D()",
        "assert f(1)['a'] == 2",
        "from collections import OrderedDict\ndef f(x): return OrderedDict(a=2)",
    ),
    "a ModuleList for a list of layers": (
        "def f(n): return [nn.Linear(1, n), nn.Linear(n, 1)]",
        "layers = f(3)\nassert len(layers) == 2 and layers[0].weight.shape == (3, 1)\nx = torch.ones(1, 1)\nfor layer in layers:\n    x = layer(x)\nassert x.shape == (1, 1)",
        "def f(n): return nn.ModuleList([nn.Linear(1, n), nn.Linear(n, 1)])",
    ),
    "a Sequential for a list of layers": (
        "def f(n): return [nn.Linear(1, n), nn.ReLU()]",
        "assert [type(layer).__name__ != 'x' for layer in f(2)] == [True, True] and isinstance(f(2)[1], nn.ReLU)",
        "def f(n): return nn.Sequential(nn.Linear(1, n), nn.ReLU())",
    ),
    "a list for a ModuleList": (
        "def f(n): return nn.ModuleList([nn.Linear(1, n), nn.Linear(n, 1)])",
        "layers = f(3)\nassert len(layers) == 2 and layers[1](layers[0](torch.ones(1, 1))).shape == (1, 1)",
        "def f(n): return [nn.Linear(1, n), nn.Linear(n, 1)]",
    ),
    "a ModuleDict for a dict": (
        "def f(n): return {'a': nn.Linear(1, n)}",
        "assert f(2)['a'].weight.shape == (2, 1) and set(f(2)) == {'a'}",
        "def f(n): return nn.ModuleDict({'a': nn.Linear(1, n)})",
    ),
    "a deque for a list": (
        "def f(n): return list(range(n))",
        "assert list(f(3)) == [0, 1, 2] and f(3)[1] == 1 and len(f(3)) == 3",
        "from collections import deque\ndef f(n): return deque(range(n))",
    ),
    "a range for a list": ("def f(n): return [0, 1, 2]", "assert list(f(3)) == [0, 1, 2]", "def f(n): return range(n)"),
    "what max gives for a tuple": (
        "def f(x): return x.max(), x.argmax()",
        "a, b = f(torch.tensor([1.0, 3.0]))\nassert a == 3 and b == 1",
        "def f(x): return x.max(0)",
    ),
    "what max gives in the reference": (
        "def f(x): return x.max(0)",
        "m = f(torch.tensor([1.0, 3.0]))\nassert m.values == 3 and m.indices == m[1] == 1",
        "def f(x): return torch.max(x, dim=0)",
    ),
}


@pytest.mark.parametrize(("reference", "test", "answer"), SAME_IN_A_KERNEL.values(), ids=SAME_IN_A_KERNEL.keys())
def test_a_class_of_ones_own_is_as_good_as_in_a_kernel(zygote: Zygote, reference: str, test: str, answer: str) -> None:
    run = judge(zygote, reference, [test], answer)
    assert results(run) == ["passed"], run.tests
    told = run_cells(zygote, [("imports", "import torch\nfrom torch import nn"), ("f", answer), ("t", test)])
    assert told == {"imports": None, "f": None, "t": None}


FORGED_KIN = {
    "equal to everything": (
        "class T(tuple):\n    def __eq__(self, o): return True\ndef f(x): return T((9, 9))",
        "failed",
    ),
    "of every length": ("class T(tuple):\n    def __len__(self): return 2\ndef f(x): return T((1,))", "failed"),
    "without names": ("class T(tuple): pass\ndef f(x): return T((1, 2))", "raised"),
    "names that are objects": (
        "class Yes:\n    def __eq__(self, o): return True\n"
        "class T(tuple):\n    train = Yes()\ndef f(x): return T((1, 2))",
        "interface",
    ),
    "an object that is equal": (
        "class T:\n    train = 1\n    def __eq__(self, o): return True\ndef f(x): return T()",
        "interface",
    ),
}


@pytest.mark.parametrize(("answer", "result"), FORGED_KIN.values(), ids=FORGED_KIN.keys())
def test_kin_of_plain_data_are_what_they_hold(zygote: Zygote, answer: str, result: str) -> None:
    test = "s = f(1)\nassert s == (1, 2)\nassert s.train == 1"
    run = judge(zygote, SPLIT + "def f(x): return Split(x, x + 1)", [test], answer)
    assert results(run) == [result], run.tests
