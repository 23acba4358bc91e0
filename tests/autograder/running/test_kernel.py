"""A student's process is a notebook kernel, as far as a student can tell."""

import tempfile
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.model.outcomes import Aside
from autograder.reading.plan import Step
from autograder.rpc.messages import Job
from autograder.running.processes import Zygote
from autograder.running.run import Run
from autograder.sandbox.limits import Limits
from tests.autograder.judging import LIMITS, run_to_its_end

TEST = "assert f(21) == 42"


def run_cells(zygote: Zygote, *cells: str, test: str = TEST, limits: Limits = LIMITS) -> Run:
    """Run cells of a student's one after the other, and then one test of `f`."""
    steps = [Step(f"cell_{i}", "student", textwrap.dedent(cell)) for i, cell in enumerate(cells)]
    run = run_to_its_end(zygote, Job(((*steps, Step("f_0", "test", test, "f")),), None, ("f",), limits))
    assert run.finished, run
    return run


def passed(run: Run) -> bool:
    return run.tests["f_0"].result.value == "passed"


DOUBLE = "def f(x): return twice * x"

HABITS = {
    "an inline plot": "%matplotlib inline\ntwice = 2",
    "a plot for a front end that is gone": "%matplotlib notebook\ntwice = 2",
    "a plot in a window": "import matplotlib\nmatplotlib.use('TkAgg')\ntwice = 2",
    "a figure shown": "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\ntwice = 2",
    "an event loop for windows": "%gui qt\ntwice = 2",
    "the name of the shell": "twice = 2 * (get_ipython().__class__.__name__ == 'ZMQInteractiveShell')",
    "the application of the kernel": "twice = 2 if 'IPKernelApp' in get_ipython().config else None",
    "magics of a kernel": "%autosave 60\n%connect_info\n%qtconsole\n%subshell\n%edit\ntwice = 2",
    "a command": "!echo 2 > a.txt\n%ls\n%cat a.txt\ntwice = int(open('a.txt').read())",
    "the exit code of a command": "!exit 2\ntwice = _exit_code",
    "a signal that ends a command": "!kill -9 $$\ntwice = _exit_code + 11",
    "this Python in a command": '!python -c \'import torch; open("a.txt", "w").write("2")\'\ntwice = int(open(\'a.txt\').read())',
    "a display that is no output": """
        import contextlib, io
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            display({'a': 1})
        twice = 2 if printed.getvalue() == '' else 0
        """,
    "half a character printed": "print('\\ud800')\ntwice = 2",
    "captured output": "%%capture shown\nprint('hello')\ndisplay(3)",
    "numbered values": "2",
    "the garbage collector": "import gc\ntwice = 2 * gc.isenabled()",
}


@pytest.mark.parametrize("habit", HABITS.values(), ids=HABITS.keys())
def test_a_habit_works_as_in_a_kernel(zygote: Zygote, habit: str) -> None:
    after = {
        "2": "twice = Out[1] if _ == 2 else 0",
        HABITS["captured output"]: "twice = len(shown.outputs) + (shown.stdout == 'hello\\n')",
    }
    run = run_cells(zygote, habit, after.get(habit, "pass"), DOUBLE)
    assert passed(run), (run.tests, run.cell_errors)
    assert not run.cell_errors


PASSED_OVER = {
    "quit()\ntwice = 2": Aside.QUIT,
    "exit()\ntwice = 2": Aside.QUIT,
    "get_ipython().kernel.do_shutdown(True)\ntwice = 2": Aside.RESTART,
    "import IPython\nIPython.Application.instance().kernel.do_shutdown(restart=True)\ntwice = 2": Aside.RESTART,
    "%conda install numpy\ntwice = 2": Aside.CONDA,
    "%mamba install numpy\ntwice = 2": Aside.CONDA,
    "breakpoint()\ntwice = 2": Aside.DEBUGGER,
    "%debug\ntwice = 2": Aside.DEBUGGER,
    "!no-such-program\ntwice = 2": Aside.COMMAND,
    "%pip install no-such-package-here\ntwice = 2": Aside.COMMAND,
}


@pytest.mark.parametrize(("cell", "aside"), PASSED_OVER.items(), ids=PASSED_OVER.keys())
def test_what_is_not_there_is_named_and_the_cell_goes_on(zygote: Zygote, cell: str, aside: Aside) -> None:
    run = run_cells(zygote, cell, DOUBLE)
    assert passed(run), run.cell_errors
    assert run.asides == {"cell_0": [aside]}
    assert not run.cell_errors


@pytest.mark.parametrize("asks", ["input('? ')", "__import__('getpass').getpass()", "__import__('pdb').set_trace()"])
def test_a_cell_that_asks_somebody_ends_with_a_sentence(zygote: Zygote, asks: str) -> None:
    run = run_cells(zygote, f"twice = 2\n{asks}\n1", DOUBLE)
    assert passed(run)
    assert "nobody can type anything" in run.cell_errors["cell_0"]


def test_an_answer_that_asks_somebody_is_not_said_to_be_unanswered(zygote: Zygote) -> None:
    run = run_cells(zygote, "def f(x): return 2 * float(input())")
    assert run.tests["f_0"].result.value == "raised"
    assert "nobody can type anything" in run.tests["f_0"].message


def test_modules_in_the_working_directory_are_found_behind_all_others(zygote: Zygote) -> None:
    run = run_cells(
        zygote,
        "%%writefile helper.py\ntwice = 2",
        "%%writefile colorsys.py\nraise RuntimeError('a module of Python is hidden')",
        "import colorsys\nfrom helper import twice",
        DOUBLE,
    )
    assert passed(run), run.cell_errors


FILES = {"helper.py": b"twice = 2", "data/a.txt": b"2", "colorsys.py": b"raise RuntimeError('hides a module')"}


def with_files(zygote: Zygote, *steps: Step) -> Run:
    files = {name: number for number, name in enumerate(FILES)}
    job = Job((steps,), None, ("f",), LIMITS, ("f_0", "f_1"), files=files)
    run = run_to_its_end(zygote, job, tuple(FILES.values()))
    assert run.finished, run
    return run


def test_what_lies_beside_the_notebook_is_read_imported_and_written(zygote: Zygote) -> None:
    uses = """
        import colorsys, os
        from helper import twice
        assert colorsys.rgb_to_hsv(0, 0, 0) and twice == int(open("data/a.txt").read())
        with open("data/a.txt", "a") as file: file.write("0")
        os.rename("data/a.txt", "b.txt")
        def f(x): return twice * x if open("b.txt").read() == "20" else os.listdir()
        """
    run = with_files(zygote, Step("f", "student", textwrap.dedent(uses), "f"), Step("f_0", "test", TEST, "f"))
    assert passed(run), (run.tests, run.cell_errors)
    assert not run.cell_errors


@pytest.mark.parametrize("fixture", ["zygote", "open_zygote"], ids=["all", "without namespaces"])
def test_each_process_has_the_files_as_they_were_handed_in(
    fixture: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = "import os\nbefore = open('helper.py').read()\nopen('helper.py', 'w').write('no')\nos.makedirs('data/a')"
    answer = "def f(x): return 2 * x if before == 'twice = 2' and x != 1 else os._exit(0)"
    steps = (
        Step("own", "student", reads),
        Step("f", "student", answer, "f"),
        Step("f_1", "test", "f(1)", "f"),
        Step("f_0", "test", TEST, "f"),
    )
    zygote: Zygote = request.getfixturevalue(fixture)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    run = with_files(zygote, *steps)
    assert run.tests["f_1"].result.value == "crashed"
    assert passed(run), (run.tests, run.cell_errors)
    assert not run.cell_errors
    assert not list(tmp_path.iterdir())  # nothing is left of them


def test_no_submission_finds_another_s_files(zygote: Zygote) -> None:
    steps = [Step("f", "student", "import os\ndef f(x): return 2 * x if not os.listdir() else 0", "f")]
    assert not passed(with_files(zygote, *steps, Step("f_0", "test", TEST, "f")))
    assert passed(run_cells(zygote, steps[0].source))


def test_a_task_lives_on_in_the_next_cell(zygote: Zygote) -> None:
    start = "import asyncio\nasync def slow():\n    await asyncio.sleep(0.05)\n    return 2\ntask = asyncio.create_task(slow())"
    run = run_cells(zygote, start, "twice = await task", DOUBLE)
    assert passed(run), run.cell_errors


@pytest.mark.parametrize(
    "cell", ["np.set_printoptions(precision=2)", "await asyncio.sleep(0)\nnp.set_printoptions(precision=2)"]
)
def test_settings_of_a_cell_hold_in_the_next(zygote: Zygote, cell: str) -> None:
    run = run_cells(
        zygote, "import asyncio\nimport numpy as np", cell, "twice = np.get_printoptions()['precision']", DOUBLE
    )
    assert passed(run), run.cell_errors


def test_an_endless_recursion_ends_at_once(zygote: Zygote) -> None:
    run = run_cells(zygote, "def down(n): return down(n + 1)\ntwice = 2\ndown(0)", DOUBLE)
    assert passed(run)
    assert run.cell_errors["cell_0"].startswith("RecursionError")


# ---- cells that are ended half-way

SLOW = "import time\ndef times(x): return three(x) - x\ntwice = 2\ntime.sleep(60)\nfrom math import pi\ndef three(x): return 3 * x\nonce = 1\n"


def test_a_cell_that_runs_out_of_time_keeps_what_it_gave_and_what_it_only_defines(zygote: Zygote) -> None:
    run = run_cells(
        zygote,
        SLOW + "twice = 3 + 0",
        "def f(x): return times(x) if twice == 2 and pi and once else 0",
        limits=Limits(cell_seconds=3),
    )
    assert passed(run), (run.tests, run.cell_errors)
    assert "no answer within 3 s" in run.cell_errors["cell_0"]


def test_a_cell_that_ends_its_process_keeps_what_it_gave(zygote: Zygote) -> None:
    run = run_cells(zygote, "twice = 2\nimport os\nos._exit(0)", DOUBLE)
    assert passed(run), (run.tests, run.cell_errors)


def test_a_cell_that_python_does_not_begin_to_read_has_no_line(zygote: Zygote) -> None:
    run = run_cells(zygote, "x = '\0'", "def f(x): return 2 * x")
    assert run.cell_errors["cell_0"].startswith("SyntaxError: ")
    assert "None" not in run.cell_errors["cell_0"]
    assert passed(run)


def test_a_cell_that_breaks_again_is_left_out(zygote: Zygote) -> None:
    cell = "import os, threading, time\nthreading.Timer(0.3, os._exit, [1]).start()\ntime.sleep(60)"
    run = run_cells(zygote, cell, "def f(x): return 2 * x", limits=Limits(cell_seconds=3))
    assert passed(run), (run.tests, run.cell_errors)


def test_cells_do_not_use_up_the_time_of_tests(zygote: Zygote) -> None:
    limits = Limits(cell_seconds=4, submission_seconds=5)
    run = run_cells(zygote, "import time\ntime.sleep(3)", "time.sleep(3)", "def f(x): return 2 * x", limits=limits)
    assert passed(run), (run.tests, run.cell_errors)


# ---- what tests and cells share


def run_steps(zygote: Zygote, *passes: list[Step], shown: tuple[str, ...] = ()) -> dict[str, str]:
    run = run_to_its_end(zygote, Job(tuple(map(tuple, passes)), None, ("f", "g"), LIMITS, shown))
    assert run.finished, run
    return {test.id: test.result.value for test in run.tests.values()}


ANSWER = Step("f", "student", "def f(x): return 2 * x", "f")
SHOWN = Step("f_shown", "test", "sure = f(21)\nassert sure == 42", "f")
BELOW = Step("g", "student", "start = sure - 42\ndef g(x): return x + start", "g")
HIDDEN = Step("g_more", "test", "assert g(3) == 3", "g")


@pytest.mark.parametrize(("wanted", "result"), [(42, "passed"), (43, "failed")])
def test_names_that_a_visible_test_binds_are_there_below_it(zygote: Zygote, wanted: int, result: str) -> None:
    shown = replace(SHOWN, source=SHOWN.source.replace("== 42", f"== {wanted}"))
    ended = run_steps(zygote, [ANSWER, shown, BELOW], [ANSWER, BELOW, HIDDEN], shown=("f_shown",))
    assert ended == {"f_shown": result, "g_more": "passed"}


def test_names_of_a_hidden_test_never_reach_the_student_s_process(zygote: Zygote) -> None:
    ended = run_steps(zygote, [ANSWER, SHOWN, BELOW, HIDDEN])
    assert ended == {"f_shown": "passed", "g_more": "raised"}


TELLS_WHAT_IT_HAS_SEEN = {
    "an exception": "if seen: raise ValueError(seen)",
    "what is passed over": "if seen: get_ipython().run_line_magic('conda', 'install x')",
    "an end": "import os\nif seen: os._exit(0)",
    "a statement that takes long": "import time\nif seen: time.sleep(60)",
}


@pytest.mark.parametrize("cell", TELLS_WHAT_IT_HAS_SEEN.values(), ids=TELLS_WHAT_IT_HAS_SEEN.keys())
def test_nothing_is_said_of_a_cell_that_comes_after_a_hidden_test(zygote: Zygote, cell: str) -> None:
    answer = Step("f", "student", "seen = []\ndef f(x):\n    seen.append(x)\n    return 2 * x", "f")
    tells, after = Step("own:1", "student", cell), Step("g", "student", "def g(x): return x", "g")
    hidden, more = Step("f_more", "test", "assert f(777) == 1554", "f"), Step("g_more", "test", "assert g(3) == 3", "g")
    passes = ((answer, tells, after), (answer, hidden, tells, after, more))
    run = run_to_its_end(zygote, Job(passes, None, ("f", "g"), Limits(cell_seconds=3)))
    assert [test.result.value for test in run.tests.values()] == ["passed", "passed"]
    assert not run.cell_errors
    assert not run.asides
    assert run.ended == ({"own:1"} if "_exit" in cell else set())


def test_the_default_dtype_holds_in_tests_and_for_no_other_submission(zygote: Zygote) -> None:
    sets = "import torch\ntorch.set_default_dtype(torch.float64)\ndef f(x): return 2 * x"
    imports = Step("imports", "both", "import torch")
    test = "assert torch.ones(1).dtype == torch.{}\nassert f(torch.ones(1)).dtype == torch.{}"
    wide, usual = (Step("f_0", "test", test.format(name, name), "f") for name in ("float64", "float32"))
    assert run_steps(zygote, [imports, Step("f", "student", sets, "f"), wide]) == {"f_0": "passed"}
    assert run_steps(zygote, [imports, ANSWER, usual]) == {"f_0": "passed"}


def test_a_tensor_of_inference_mode_crosses(zygote: Zygote) -> None:
    answer = "import torch\ndef f(x):\n    with torch.inference_mode():\n        return 2 * x"
    test = "y = f(torch.ones(2))\nassert y.tolist() == [2, 2]\nassert f(y).tolist() == [4, 4]"
    steps = [Step("imports", "both", "import torch"), Step("f", "student", answer, "f"), Step("f_0", "test", test, "f")]
    assert run_steps(zygote, steps) == {"f_0": "passed"}
