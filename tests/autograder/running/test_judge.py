"""The judge, the student process and the wire between them, run for real."""

import dataclasses
import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import psutil
import pytest

from autograder.model.outcomes import ENDED
from autograder.reading.plan import Step
from autograder.rpc.messages import Job
from autograder.running.processes import Zygote
from autograder.running.run import Run
from autograder.sandbox.limits import Limits
from tests.autograder.judging import LIMITS, job, judge, results, run_to_its_end

DOUBLE = "def f(x): return 2 * x"
DOUBLE_TESTS = [
    "assert torch.allclose(f(torch.ones(3)), torch.full((3,), 2.0))",
    "assert f(np.arange(3)).tolist() == [0, 2, 4]",
    "assert f(21) == 42",
]


@pytest.mark.parametrize(
    "answer",
    [
        "def f(x): return x + x",
        "f = lambda x: x * 2.0 if not isinstance(x, int) else x * 2",
        "class F:\n    def __call__(self, x): return 2 * x\nf = F()",
        "from functools import partial\ndef g(a, x): return a * x\nf = partial(g, 2)",
        "def helper(x): return x\ndef f(x):\n    print('hello')\n    return helper(x) * 2",
    ],
)
def test_accepts_every_way_of_being_right(zygote: Zygote, answer: str) -> None:
    assert results(judge(zygote, DOUBLE, DOUBLE_TESTS, answer)) == ["passed"] * 3


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ("def f(x): return 3 * x", "failed"),
        ("def f(x): raise ValueError('no')", "raised"),
        ("def f(x): raise NotImplementedError", "unanswered"),
        ("def g(x): return 2 * x", "unanswered"),
        ("def f(x) return 2 * x", "raised"),
        ("import sys\ndef f(x): sys.exit(0)", "raised"),
        ("import os\ndef f(x): os._exit(0)", "crashed"),
        ("import ctypes\ndef f(x): ctypes.string_at(0)", "crashed"),
        ("def f(x):\n    hog = bytearray(1 << 40)", "memory"),
        ("def f(x): return torch.zeros(1 << 40)", "memory"),
        ("class Yes:\n    def __eq__(self, other): return True\ndef f(x): return Yes()", "interface"),
        ("f = 2", "interface"),
    ],
)
def test_names_what_went_wrong(zygote: Zygote, answer: str, result: str) -> None:
    run = judge(zygote, DOUBLE, DOUBLE_TESTS, answer)
    assert results(run) == [result] * 3
    assert all(report.message for report in run.tests.values())


SHOWN = {"to the student": ("f_0",), "after a hidden test, to the executor alone": ()}


@pytest.fixture(scope="module")
def ended_when_run_again(zygote: Zygote) -> dict[str, Run]:
    """What is said of a cell that ends the process when it is run again, by what is shown; at once, for each waits ten seconds."""
    zygote.wait()  # from here on a process takes a hundredth of a second
    later = time.time() + 10
    answer = f"import os, time\ndef f(x):\n    time.sleep(max(0, {later} - time.time()))\n    os._exit(0)"
    steps = (
        Step("own", "student", f"import os, time\nif time.time() >= {later}: os._exit(0)"),
        Step("f", "student", answer, "f"),
        Step("f_0", "test", "f(1)", "f"),
    )
    jobs = [Job((steps,), None, ("f",), LIMITS, shown) for shown in SHOWN.values()]
    with ThreadPoolExecutor(len(jobs)) as threads:
        return dict(zip(SHOWN, threads.map(partial(run_to_its_end, zygote), jobs), strict=True))


@pytest.mark.parametrize("shown", SHOWN)
def test_a_cell_that_ends_the_process_when_it_is_run_again_is_said(
    ended_when_run_again: dict[str, Run], shown: str
) -> None:
    """Else a process that the system killed then would cost points without anybody having a reason to run the job again."""
    run = ended_when_run_again[shown]
    assert results(run) == ["crashed"]
    assert (run.cell_errors, run.ended) == (({"own": ENDED}, set()) if SHOWN[shown] else ({}, {"own"}))


def test_an_endless_loop_costs_its_own_test_only(zygote: Zygote) -> None:
    run = judge(zygote, DOUBLE, DOUBLE_TESTS, "def f(x):\n    while isinstance(x, int): pass\n    return 2 * x")
    assert results(run) == ["passed", "passed", "timeout"]
    assert "loop" in run.tests["f_2"].message


def test_a_cell_that_never_ends_is_left_behind(zygote: Zygote) -> None:
    run = judge(zygote, DOUBLE, DOUBLE_TESTS, "while True: pass", limits=Limits(cell_seconds=3))
    assert results(run) == ["raised"] * 3
    assert "loop" in run.tests["f_0"].message


def test_after_a_crash_the_later_tests_keep_their_points(zygote: Zygote) -> None:
    answer = "import os\ndef f(x): return os._exit(1) if isinstance(x, np.ndarray) else 2 * x"
    run = judge(zygote, DOUBLE, DOUBLE_TESTS, answer)
    assert results(run) == ["passed", "crashed", "passed"]


def test_a_job_can_end_at_the_first_test_that_is_lost(zygote: Zygote) -> None:
    manifest = run_to_its_end(zygote, job(DOUBLE, DOUBLE_TESTS, None)).manifest
    wrong = job("def f(x): return 3 * x if isinstance(x, np.ndarray) else 2 * x", DOUBLE_TESTS, manifest)
    run = run_to_its_end(zygote, dataclasses.replace(wrong, passes=wrong.passes * 2, until_lost=True))
    assert (run.finished, run.students) == (True, 1)
    assert results(run) == ["passed", "failed"]


def test_trials_run_one_after_the_other_in_one_process_each_to_its_first_lost_test(zygote: Zygote) -> None:
    answers = [
        "def f(x): return 3 * x",
        "def f(x): return 3 * x if isinstance(x, np.ndarray) else 2 * x",
        DOUBLE,
        "def f(x):\n    while True: pass",
        DOUBLE,
    ]
    whole = job(DOUBLE, DOUBLE_TESTS, run_to_its_end(zygote, job(DOUBLE, DOUBLE_TESTS, None)).manifest)
    ((imports, answer, *tests),) = whole.passes
    trials = tuple((dataclasses.replace(answer, source=source), *tests) for source in answers)
    run = run_to_its_end(
        zygote, dataclasses.replace(whole, passes=((imports,),), trials=trials, limits=Limits(cell_seconds=3))
    )
    ended = {number: [test.result.value for test in tests.values()] for number, tests in run.trials.items()}
    assert ended == {0: ["failed"], 1: ["passed", "failed"], 2: ["passed"] * 3, 3: ["timeout"]}
    assert (run.finished, run.students, run.tests) == (True, 1, {})


FORGERIES = {
    "patched compare functions": """
        import torch.testing, builtins
        torch.allclose = torch.equal = lambda *a, **k: True
        builtins.all = lambda *a: True
        """,
    "an AST transformer that deletes tests": """
        import ast
        class Empty(ast.NodeTransformer):
            def visit_Assert(self, node): return None
            def visit_Module(self, node): return ast.Module([], [])
        get_ipython().ast_transformers.append(Empty())
        """,
    "an input transformer": "get_ipython().input_transformers_cleanup.append(lambda lines: [])",
    "patched checks": """
        from course import checks
        for name in dir(checks):
            if callable(getattr(checks, name)):
                setattr(checks, name, lambda *a, **k: None)
        """,
    "a float that equals everything": """
        class Any(float):
            def __eq__(self, other): return True
            def __sub__(self, other): return 0.0
        def f(x): return Any(1)
        """,
    "a tensor subclass": """
        class T(torch.Tensor):
            @classmethod
            def __torch_function__(cls, *a, **k): return True
        def f(x): return torch.zeros(3).as_subclass(T)
        """,
    "zeroing what the test compares with": """
        def f(x):
            if isinstance(x, torch.Tensor): x.zero_()
            return x
        """,
    "frames of its own": """
        import os
        for d in range(3, 64):
            try: os.write(d, b'\\0' * 64)
            except OSError: pass
        """,
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forger_earns_nothing(zygote: Zygote, forgery: str) -> None:
    tests = [
        "assert torch.allclose(f(torch.ones(3)), torch.full((3,), 2.0))",
        "x = torch.ones(3)\ny = f(x)\nassert torch.equal(y, 2 * x)",
        "assert f(21) == 42",
    ]
    assert "passed" not in results(judge(zygote, DOUBLE, tests, forgery))


def test_a_test_that_swallows_exceptions_cannot_hide_a_crash(zygote: Zygote) -> None:
    test = """
        try:
            f(1)
        except Exception:
            pass
        """
    run = judge(zygote, DOUBLE, [test], "import os\ndef f(x): os._exit(0)")
    assert results(run) == ["crashed"]
    run = judge(zygote, DOUBLE, [test.replace("Exception", "BaseException")], "import os\ndef f(x): os._exit(0)")
    assert results(run) == ["crashed"]


def test_gradients_cross_the_wire(zygote: Zygote) -> None:
    tests = [
        "x = torch.randn(4, dtype=torch.float64, requires_grad=True)\nassert torch.autograd.gradcheck(f, (x,))",
        "x = torch.ones(2, requires_grad=True)\nf(f(x)).sum().backward()\nassert x.grad.tolist() == [4.0, 4.0]",
        "x = torch.ones(2, requires_grad=True)\ny = f(x)\nassert not f(x.detach()).requires_grad and y.requires_grad",
        "x = torch.ones(2, requires_grad=True)\nwith torch.no_grad():\n    assert not f(x).requires_grad",
    ]
    assert results(judge(zygote, DOUBLE, tests, "def f(x): return x + x")) == ["passed"] * 4
    wrong = "def f(x): return 2 * x.detach() + 0 * x"
    assert results(judge(zygote, DOUBLE, tests, wrong)) == ["failed", "failed", "passed", "passed"]


LAYOUTS = {
    "transposed": "torch.arange(6.0).view(2, 3).t()",
    "channels last": "torch.arange(48.0).view(2, 4, 2, 3).permute(0, 3, 1, 2)",
    "every other column": "torch.arange(14.0).view(2, 7)[:, ::2]",
    "in the graph": "torch.arange(6.0).requires_grad_().view(2, 3).t()",
}


@pytest.mark.parametrize("made", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_a_tensor_keeps_its_layout_in_memory(zygote: Zygote, made: str) -> None:
    """So that `view` fails in the judge where it fails in a kernel, and `reshape` doesn't."""
    test = f"x = {made}\nassert torch.equal(f(x), x.reshape(-1))\nx.detach()[0] += 1\nassert torch.equal(f(x), x.reshape(-1))"
    reference = "def f(x): return x.reshape(-1)"
    assert results(judge(zygote, reference, [test], reference)) == ["passed"]
    run = judge(zygote, reference, [test], "def f(x): return x.view(-1)")
    assert results(run) == ["raised"]
    assert "view" in run.tests["f_0"].message
    plain = "def f(x): return x.reshape(-1) if x.stride() != x.contiguous().stride() else x.tolist()"
    assert results(judge(zygote, reference, [test], plain)) == ["passed"]


def test_an_expanded_tensor_still_travels(zygote: Zygote) -> None:
    test = "x = torch.arange(3.0).expand(2, 3)\nassert f(x).tolist() == [0, 2, 4, 0, 2, 4]"
    reference = "def f(x): return 2 * x.reshape(-1)"
    assert results(judge(zygote, reference, [test], "def f(x): return (x + x).flatten()")) == ["passed"]


NET = """
class Net(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.layer = nn.Linear(n, 1)
    def forward(self, x):
        return self.layer(x)
"""
NET_TESTS = [
    "net = Net(3)\nassert isinstance(net, nn.Module)\nassert net(torch.ones(2, 3)).shape == (2, 1)",
    "net = Net(3)\nassert sum(p.numel() for p in net.parameters()) == 4",
    "net = Net(2)\nassert set(net.state_dict()) == {'layer.weight', 'layer.bias'}",
    """
    torch.manual_seed(0)
    net = Net(1)
    x = torch.linspace(-1, 1, 16)[:, None]
    optimizer = torch.optim.SGD(net.parameters(), lr=0.5)
    for _ in range(60):
        optimizer.zero_grad()
        loss = ((net(x) - (3 * x + 1)) ** 2).mean()
        loss.backward()
        optimizer.step()
    assert loss.item() < 1e-3
    """,
    """
    torch.manual_seed(7)
    a = Net(3).layer.weight
    torch.manual_seed(7)
    b = Net(3).layer.weight
    assert torch.equal(a, b)
    """,
]


def test_modules_train_from_the_judge(zygote: Zygote) -> None:
    assert results(judge(zygote, NET, NET_TESTS, NET, ("Net",))) == ["passed"] * 5
    frozen = NET.replace("return self.layer(x)", "return self.layer(x).detach() + 0 * x.sum()")
    assert results(judge(zygote, NET, NET_TESTS, frozen, ("Net",)))[3] != "passed"


def test_functions_and_errors_travel_both_ways(zygote: Zygote) -> None:
    reference = "def f(g, x):\n    if x is None: raise IndexError('none')\n    return g(x) + 1"
    tests = [
        "assert f(lambda v: v * 10, 4) == 41",
        "assert torch.equal(f(torch.sin, torch.zeros(2)), torch.ones(2))",
        "try:\n    f(abs, None)\nexcept IndexError:\n    pass\nelse:\n    raise AssertionError('no error')",
    ]
    assert results(judge(zygote, reference, tests, reference)) == ["passed"] * 3
    assert results(judge(zygote, reference, tests, "def f(g, x): return g(x or 0) + 1"))[2] == "failed"


def test_arguments_change_only_where_the_reference_changes_them(zygote: Zygote) -> None:
    reference = "def f(items):\n    items.append(1)\n    return len(items)"
    tests = ["items = []\nassert f(items) == 1 and items == [1]"]
    assert results(judge(zygote, reference, tests, reference)) == ["passed"]
    assert results(judge(zygote, reference, tests, "def f(items): return 1")) == ["failed"]


LEAVES_RANDOM_STATES_ALONE = """
    import random
    torch.rand(3), np.random.rand(3), random.random()  # somebody has drawn from all three already
    before = torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()
    f(3)
    assert torch.equal(before[0], torch.get_rng_state())
    assert before[1] == np.random.get_state()[1].tolist()
    assert before[2] == random.getstate()
"""


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ("def f(n): return torch.rand(n, generator=torch.Generator().manual_seed(1))", "passed"),
        ("def f(n):\n    with torch.random.fork_rng():\n        return torch.rand(n)", "passed"),
        ("def f(n): return torch.rand(n)", "failed"),
        ("def f(n):\n    torch.manual_seed(n)\n    return torch.ones(n)", "failed"),
        ("def f(n):\n    np.random.seed(n)\n    return torch.ones(n)", "failed"),
        ("def f(n):\n    import random\n    return torch.ones(n) * random.random()", "failed"),
    ],
)
def test_a_test_sees_whether_the_answer_leaves_global_random_states_alone(
    zygote: Zygote, answer: str, result: str
) -> None:
    assert results(judge(zygote, "def f(n): return torch.ones(n)", [LEAVES_RANDOM_STATES_ALONE], answer)) == [result]


def test_a_seed_set_by_the_test_holds_for_the_answer_each_time(zygote: Zygote) -> None:
    test = """
        drawn = []
        for _ in range(3):
            torch.manual_seed(7)
            drawn.append(f(5).tolist())
        torch.manual_seed(7)
        assert drawn == 3 * [torch.rand(5).tolist()]
        assert f(5).tolist() != drawn[0]
    """
    reference = "def f(n): return torch.rand(n)"
    assert results(judge(zygote, reference, [test], reference)) == ["passed"]


def test_data_in_place_of_an_object_is_told_by_the_test_itself(zygote: Zygote) -> None:
    """Forgetting `return` is the most common way of giving None where a module belongs."""
    test = "checks.check(f, 3).is_a(nn.Module, hint='Return a module.')"
    reference = "def f(n): return nn.Linear(n, n)"
    run = judge(zygote, reference, [test], "def f(n): nn.Linear(n, n)")
    assert results(run) == ["failed"]
    assert "None" in run.tests["f_0"].message
    assert "Return a module." in run.tests["f_0"].hint
    run = judge(zygote, reference, [test + ".result.weight.shape[0]"], "def f(n): return torch.ones(n)")
    assert results(run) == ["failed"]


def test_students_see_nothing_of_the_course(zygote: Zygote, tmp_path: Path) -> None:
    if "namespaces" not in zygote.wait():
        pytest.skip("this system gives no namespaces; every record says so")
    root = Path(__file__).parents[2]
    secret = tmp_path / "gradebook.db"
    secret.write_text("grades")
    secret.chmod(0o644)
    hidden = [secret, root / "pyproject.toml", root / "tests", root / "autograder", Path("/etc/passwd")]
    answer = f"""
        import os
        def f(x):
            return [p for p in {[str(path) for path in hidden]} if os.path.exists(p)]
        """
    run = judge(zygote, "def f(x): return []", ["assert f(1) == [], f(1)"], answer)
    assert results(run) == ["passed"], run.tests


def test_students_reach_no_network(zygote: Zygote) -> None:
    if "namespaces" not in zygote.wait():
        pytest.skip("this system gives no namespaces; every record says so")
    server = socket.create_server(("127.0.0.1", 0))
    with server:
        answer = f"""
            import socket
            def f(x):
                try:
                    socket.create_connection(("127.0.0.1", {server.getsockname()[1]}), timeout=1).close()
                except OSError:
                    return "no way out"
                return "connected"
            """
        run = judge(zygote, "def f(x): return 'no way out'", ["assert f(1) == 'no way out'"], answer)
    assert results(run) == ["passed"], run.tests


def test_the_process_tree_ends_with_the_submission(zygote: Zygote) -> None:
    mark = f"sleeper-{os.getpid()}"
    answer = f"""
        import subprocess, sys
        def f(x):
            subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", "{mark}"], start_new_session=True)
            return 1
        """
    run = judge(zygote, "def f(x): return 1", ["assert f(1) == 1"], answer)
    assert results(run) == ["passed"], run.tests
    if "namespaces" in zygote.wait():
        zygote.students.wait()
        lines = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
        assert not [line for line in lines if mark in line]


def test_processes_that_together_use_too_much_memory_are_ended(zygote: Zygote) -> None:
    answer = """
        import os, time
        def f(x):
            if x < 3:
                return 2 * x
            for _ in range(8):
                if os.fork() == 0:
                    hog = bytearray(os.urandom(1 << 20) * 60)  # 60 MB each, well under a process's limit
                    time.sleep(300)
            time.sleep(300)
        """
    tests = ["assert f(1) == 2", "assert f(3) == 6", "assert f(2) == 4"]
    limits = Limits(cell_seconds=300, submission_seconds=600, memory=256 << 20)
    run = judge(zygote, "def f(x): return 2 * x", tests, answer, limits=limits)
    assert results(run) == ["passed", "crashed", "passed"], run.tests
    assert run.out_of_memory


def test_a_process_with_a_modest_child_is_left_alone(zygote: Zygote) -> None:
    answer = """
        import subprocess, sys
        def f(x):
            code = f"import time; time.sleep(0.5); print({x} * 2)"
            return int(subprocess.run([sys.executable, "-c", code], capture_output=True).stdout)
        """
    run = judge(zygote, "def f(x): return 2 * x", ["assert f(3) == 6"], answer, limits=Limits(memory=256 << 20))
    assert results(run) == ["passed"], run.tests
    assert not run.out_of_memory


def test_students_get_nothing_of_the_graders_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LMS_TOKEN", "a-secret")
    with Zygote() as zygote:
        # What a process was started with stays in its memory, and so in the memory of all that it forks.
        started_with = Path(f"/proc/{zygote._process.pid}/environ").read_bytes()
        zygote._process.terminate()  # there is nothing to warm up for
    assert b"a-secret" not in started_with
    assert b"PATH=" in started_with


def test_limits_alone_still_contain_loops_crashes_and_memory() -> None:
    answers = {
        "def f(x): return x + x": "passed",
        "def f(x):\n    while True: pass": "timeout",
        "import os\ndef f(x): os._exit(0)": "crashed",
        "def f(x):\n    hog = bytearray(1 << 40)": "memory",
        "import os\ndef f(x): return 2 * x if os.getuid() else 0": "passed",
    }
    with Zygote(["namespaces", "landlock", "seccomp"]) as zygote:
        assert zygote.wait().partition(" (")[0] == "limits"  # for an ordinary user with a word about shared memory
        for answer, result in answers.items():
            assert results(judge(zygote, DOUBLE, DOUBLE_TESTS[2:], answer)) == [result], answer


def test_what_a_student_s_process_leaves_running_ends_with_it(zygote: Zygote) -> None:
    """Be it by the namespace that it is the first process of, or by the user that it alone is."""
    mark = f"left-running-{os.getpid()}"
    answer = f"""
        import os, subprocess, sys
        def f(x):
            subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)", "{mark}"], start_new_session=True)
            return 2 * x
        """
    run = judge(zygote, "def f(x): return 2 * x", ["assert f(1) == 2"], answer)
    assert results(run) == ["passed"], run.tests
    if "namespaces" not in run.isolation and os.geteuid() != 0:
        pytest.skip("this system gives an ordinary user nothing to end them with")
    end = time.monotonic() + 60
    while left := [p for p in psutil.process_iter(["cmdline"]) if mark in (p.info["cmdline"] or [])]:
        assert time.monotonic() < end, left
        time.sleep(0.1)
