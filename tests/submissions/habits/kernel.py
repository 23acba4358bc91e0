"""The oracle: a student's notebook in a real kernel, with the hidden tests in its test cells, as `nbgrader autograde` would run it."""

import asyncio
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode

from autograder.model.units import Kind, Unit
from tests.submissions.habits import grade_id
from tests.submissions.habits.forked import KernelServer, provisioner

SECONDS = 60  # per cell
AT_ONCE = 2
# What each kernel imports when it starts, and one for PyTorch when it first trains; a fork has it already. Nothing that looks at
# the environment when it is imported, as matplotlib does.
FOR_ALL = (
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "encodings.idna",
    "http.server",
    "ipykernel.debugger",
    "pydoc",
    "sqlite3",
    "tornado.platform.asyncio",
    "tornado.queues",
    "xmlrpc.server",
)
WITH = {"torch": ("torch._dynamo", "torch.fx.experimental.symbolic_shapes")}
USAGE = re.compile(r"^UsageError: .*", re.MULTILINE)  # it ends a cell, but IPython only writes it
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Ran:
    """What a kernel made of a notebook."""

    passed: frozenset[str]  # the ids of the tests
    stopped: tuple[tuple[str, str], ...] = ()  # of every other cell that an exception ended: its id, the exception
    printed: str = ""
    died: bool = False


def run_in_kernels(unit: Unit, folders: Mapping[str, Path], *modules: str) -> dict[str, Ran]:
    """Run the notebook of each folder of a student, with what lies beside it, in a kernel of its own.

    `modules`: what the unit imports, imported once for all kernels.
    """
    with _settings() as environment, KernelServer(*FOR_ALL, *_with(modules)) as server:
        return asyncio.run(_run_some_at_once(unit, folders, environment, server))


def _with(modules: tuple[str, ...]) -> list[str]:
    """Return the modules, each with what else is imported with it sooner or later."""
    return [part for module in modules for part in (module, *WITH.get(module, ()))]


async def _run_some_at_once(
    unit: Unit, folders: Mapping[str, Path], environment: dict[str, str], server: KernelServer
) -> dict[str, Ran]:
    places = asyncio.Semaphore(AT_ONCE)

    async def run(folder: Path) -> Ran:
        async with places:
            return await run_in_kernel(unit, folder, environment, server)

    return dict(zip(folders, await asyncio.gather(*map(run, folders.values())), strict=True))


async def run_in_kernel(
    unit: Unit, handed_in: Path, environment: dict[str, str], server: KernelServer | None = None
) -> Ran:
    """Run one notebook from top to bottom, in a copy of its folder; in a kernel started from nothing if no server is given."""
    with tempfile.TemporaryDirectory(prefix="kernel-", ignore_cleanup_errors=True) as own:
        folder = Path(shutil.copytree(handed_in, Path(own, "work")))
        path = folder / f"{unit.name}.ipynb"
        notebook = with_tests(unit, nbformat.read(path, as_version=4))
        nbformat.write(notebook, path)
        client = NotebookClient(
            notebook,
            timeout=SECONDS,
            startup_timeout=120,
            interrupt_on_timeout=True,
            allow_errors=True,
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
            resources={"metadata": {"path": str(folder)}},
        )
        manager = client.create_kernel_manager()
        manager.transport, manager.ip = "ipc", f"{own}/socket"  # others on this machine take ports too
        if server is not None:
            manager.provisioner = provisioner(manager, server)
        died = False
        try:
            await client.async_execute(env={**environment, "HOME": own, "IPYTHONDIR": f"{own}/.ipython"})
        except DeadKernelError:
            died = True
        return _told(unit, notebook, died)


def with_tests(unit: Unit, notebook: NotebookNode) -> NotebookNode:
    """Return the notebook with its test cells and locked cells as the unit's author wrote them, hidden tests and all."""
    theirs = {cell.id: cell.source for cell in unit.of_kind(Kind.TEST, Kind.SHARED)}
    for cell in notebook.cells:
        cell.source = theirs.get(grade_id(cell), cell.source)
    return notebook


@contextmanager
def _settings() -> Iterator[dict[str, str]]:
    """The environment of a kernel that reaches nothing but its own folder: no package index, no network."""
    nowhere = "http://127.0.0.1:9"
    with tempfile.TemporaryDirectory(prefix="matplotlib-") as fonts:
        yield {
            **{name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
            "PIP_NO_INDEX": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "UV_OFFLINE": "1",
            **dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy"), nowhere),
            "MPLCONFIGDIR": fonts,
        }


def _told(unit: Unit, notebook: NotebookNode, died: bool) -> Ran:
    tests = {test.id: False for test in unit.tests}
    stopped, printed = [], []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        errors = [output for output in cell.outputs if output.output_type == "error"]
        name = grade_id(cell)
        if name in tests:
            tests[name] = cell.execution_count is not None and not errors
        written = "".join(output.text for output in cell.outputs if output.output_type == "stream")
        told = [f"{error.ename}: {error.evalue}" for error in errors] + USAGE.findall(written)
        stopped += [(name or cell.id, error) for error in told if name not in tests]
        printed.append(written)
    return Ran(
        passed=frozenset(test for test, passed in tests.items() if passed),
        stopped=tuple(stopped),
        printed=COLOURS.sub("", "".join(printed)),
        died=died,
    )
