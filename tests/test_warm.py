"""A program forked from a warm process is to whoever starts it what a new process would be."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.processes import has_ended
from tests.warm.processes import WarmProcess, kernels

PATIENCE = 300  # seconds
PROGRAM = """\
import os, signal, sys, time
print(input(), sys.argv[1:], sys.path[0], os.environ["COLOUR"], "json" in sys.modules, flush=True)
print("an error", file=sys.stderr, flush=True)
try:
    if sys.argv[1] != "sleep":
        exec(sys.argv[1])
    else:
        print(os.getpid(), flush=True)
        time.sleep(600)
except KeyboardInterrupt:
    sys.exit("interrupted")
"""


@pytest.fixture(scope="module")
def warm() -> Iterator[WarmProcess]:
    process = WarmProcess("json")
    yield process
    process.close()


def start(command: list[str], folder: Path) -> subprocess.Popen[str]:
    """Start the program and let it read its first line."""
    (folder / "program.py").write_text(PROGRAM)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    environment = os.environ | {"COLOUR": "red"}
    process = subprocess.Popen(command, cwd=folder, env=environment, text=True, start_new_session=True, **pipes)
    assert process.stdin
    process.stdin.write("read\n")
    process.stdin.flush()
    return process


def run(command: list[str], folder: Path) -> tuple[int, str, str]:
    process = start(command, folder)
    out, error = process.communicate(timeout=PATIENCE)
    return process.returncode, out, error


@pytest.mark.parametrize(
    "does", ["pass", "sys.exit(7)", "os.kill(os.getpid(), signal.SIGSEGV)", "sys.exit('words')", "os._exit(3)"]
)
def test_a_forked_program_reads_prints_and_ends_as_one_started_from_nothing(
    warm: WarmProcess, tmp_path: Path, does: str
) -> None:
    code, out, error = run(warm.command("program", does), tmp_path)
    assert (code, out.replace("True", "False"), error) == run([sys.executable, "-m", "program", does], tmp_path)
    assert out.endswith("red True\n"), "json has been imported"


def test_an_exception_is_printed_and_fails_the_program(warm: WarmProcess, tmp_path: Path) -> None:
    code, _, error = run(warm.command("program", "1 / 0"), tmp_path)
    assert (code, error.splitlines()[-1]) == (1, "ZeroDivisionError: division by zero")


@pytest.mark.parametrize(
    ("number", "code", "says"),
    [(signal.SIGINT, 1, "interrupted"), (signal.SIGTERM, -signal.SIGTERM, ""), (signal.SIGKILL, -signal.SIGKILL, "")],
)
def test_a_signal_reaches_the_program(
    warm: WarmProcess, tmp_path: Path, number: signal.Signals, code: int, says: str
) -> None:
    process = start(warm.command("program", "sleep"), tmp_path)
    assert process.stdout
    _, pid = process.stdout.readline(), int(process.stdout.readline())
    os.killpg(process.pid, number)
    _, error = process.communicate(timeout=PATIENCE)
    assert (process.returncode, error.removeprefix("an error\n").strip()) == (code, says)
    wait_for_the_end_of(pid)


def test_a_program_ends_with_whoever_started_it(warm: WarmProcess, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    command = warm.command("program", "sleep")
    starter = f"import subprocess; subprocess.Popen({command!r}).wait()"
    process = start([sys.executable, "-c", starter], tmp_path)
    assert process.stdout
    _, pid = process.stdout.readline(), int(process.stdout.readline())
    process.kill()
    process.communicate(timeout=PATIENCE)
    wait_for_the_end_of(pid)


def test_all_programs_end_with_the_warm_process(tmp_path: Path) -> None:
    warm = WarmProcess()
    process = start(warm.command("program", "sleep"), tmp_path)
    assert process.stdout
    _, pid = process.stdout.readline(), int(process.stdout.readline())
    warm.close()
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    wait_for_the_end_of(pid)


def wait_for_the_end_of(pid: int) -> None:
    end = time.monotonic() + PATIENCE
    while not has_ended(pid):
        assert time.monotonic() < end, "the program still runs"
        time.sleep(0.01)


def test_a_warm_kernel_knows_what_a_new_one_knows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What modules choose when they are imported, random numbers and widgets among it."""
    cells = [
        "import gc, os, random, sys, numpy, matplotlib.pyplot as plt\nos.getcwd(), 'course' in sys.modules, __name__, gc.isenabled()",
        "import ipywidgets\nsorted(get_ipython().kernel.comm_manager.targets)",
        "plt.plot([1, 2])\nNone",
        "random.random(), numpy.random.rand()",
    ]
    monkeypatch.delenv("MPLBACKEND", raising=False)  # the tests' own setting; the kernel is to choose as in a notebook
    new = outputs(cells, tmp_path)
    monkeypatch.setenv("JUPYTER_PATH", kernels().specs)
    warm, again = outputs(cells, tmp_path), outputs(cells, tmp_path)
    assert new[:2] == warm[:2]
    assert [set(output.data) for output in new[2]] == [set(output.data) for output in warm[2]]
    assert warm[3][0].data != again[3][0].data


def outputs(cells: list[str], folder: Path) -> list[list[nbformat.NotebookNode]]:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=300, startup_timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    return [cell.outputs for cell in notebook.cells]
