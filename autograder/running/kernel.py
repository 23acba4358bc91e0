"""The shell of a student's process: a notebook kernel's, with no front end behind it. It needs no sockets, no screen and nobody to ask.

Made once in the warm process; `open` is called in each process that is forked for a student. What a cell asks for that grading does
not have is passed over where that is harmless: `asides` then says what it was.
"""

import ast
import asyncio
import builtins
import contextlib
import contextvars
import getpass
import io
import os
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from multiprocessing.reduction import ForkingPickler
from typing import Any, NoReturn

import matplotlib.pyplot as plt
from ipykernel import zmqshell
from ipykernel.displayhook import ZMQShellDisplayHook
from ipykernel.eventloops import loop_map
from IPython.core.error import UsageError
from IPython.core.interactiveshell import ExecutionResult
from IPython.core.magic import line_cell_magic, line_magic, magics_class
from traitlets import Instance, Type
from traitlets.config import Application, Config

from autograder.model.outcomes import Aside
from autograder.model.remedies import NOBODY_ANSWERS
from autograder.running.own_modules import look_beside_first
from autograder.running.unfinished import StdinNotImplementedError, defines, misses_something

PIECE = 1 << 16  # bytes of a command's output that are read at once


class _DisplayHook(ZMQShellDisplayHook):  # type: ignore[misc]
    """Keeps the value of a cell (`_`, `Out`) and shows it to nobody."""

    msg = None


class _DisplayPublisher(zmqshell.ZMQDisplayPublisher):  # type: ignore[misc]
    """Shows nothing: like a kernel's, what is displayed does not go through `sys.stdout`."""

    def publish(self, data: Any, metadata: Any = None, **_: Any) -> None:
        """Check what is to be displayed and drop it."""
        self._validate_data(data, metadata)

    def clear_output(self, wait: bool = False) -> None:
        """Do nothing: there is no output."""


class _Kernel:
    """Stands in for the kernel that a shell belongs to: it knows its shell, and does not restart."""

    eventloop = None

    def __init__(self, shell: "ZMQInteractiveShell") -> None:
        self.shell = shell

    def do_shutdown(self, restart: bool = False) -> dict[str, Any]:
        """Go on where a cell asks for a fresh kernel, as after an installation."""
        self.shell.note(Aside.RESTART)
        return {"status": "ok", "restart": restart}


class _Application(Application):
    """Stands in for the kernel's application, by which cells find the kernel."""

    kernel = Instance(_Kernel)


@magics_class
class _Magics(zmqshell.KernelMagics):  # type: ignore[misc]
    """The magics that need what grading does not have."""

    @line_magic  # type: ignore[untyped-decorator]
    def conda(self, _line: str) -> None:
        """Pass over a line that installs packages."""
        self.shell.note(Aside.CONDA)

    mamba = line_magic("mamba")(conda)
    micromamba = line_magic("micromamba")(conda)

    @line_cell_magic  # type: ignore[untyped-decorator]
    def debug(self, _line: str = "", cell: str | None = None) -> None:
        """Pass over the debugger."""
        self.shell.note(Aside.DEBUGGER)

    @line_magic  # type: ignore[untyped-decorator]
    def connect_info(self, _line: str) -> None:
        """Say that nothing can be connected to this kernel."""
        print("No front end can be connected while a submission is graded.")

    qtconsole = line_magic("qtconsole")(connect_info)
    subshell = line_magic("subshell")(connect_info)


@dataclass(frozen=True)
class _Progress:
    """How far a cell is: `report` hears of each statement before it runs; `skipped` is left out."""

    report: Callable[[int], None]
    skipped: int | None

    def places(self, nodes: list[ast.stmt]) -> Iterator[int]:
        """Yield the places of the statements that are to be run."""
        for place, node in enumerate(nodes):
            if self.skipped is None or place < self.skipped or (place > self.skipped and defines(node)):
                yield place


class ZMQInteractiveShell(zmqshell.ZMQInteractiveShell):  # type: ignore[misc]
    """A kernel's shell without a front end. It has the name of its base class because libraries look for that name."""

    displayhook_class = Type(_DisplayHook)
    display_pub_class = Type(_DisplayPublisher)

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        self.asides: list[Aside] = []  # of the cell that runs
        self._progress: _Progress | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        super().__init__(*arguments, **keywords)

    def open(self, sends_files: bool = True) -> None:
        """Make this process a student's: cells share one event loop, and nothing waits for somebody at a keyboard.

        `sends_files`: whether it may send open files through a socket. Otherwise tensors go from process to process by value: to share
        their memory, PyTorch sends its file. And asyncio, from Python 3.12 on, does without the call by which files could be sent.
        """
        if not sends_files:
            _send_tensors_by_value()
            asyncio.selector_events._HAS_SENDMSG = False  # type: ignore[attr-defined]
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        self.loop_runner = partial(_run_to_its_end, self._loop)
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # in a kernel any text can be printed
        look_beside_first()
        builtins.input = getpass.getpass = _nobody_answers
        sys.breakpointhook = lambda *_, **__: self.note(Aside.DEBUGGER)
        plt.switch_backend = _forgiving(plt.switch_backend)  # type: ignore[assignment]

    def note(self, aside: Aside) -> None:
        """Remember what the running cell asked for in vain, once each."""
        print(aside)
        if aside not in self.asides:
            self.asides.append(aside)

    # ---- cells

    def run_cell(self, raw_cell: str, *arguments: Any, **keywords: Any) -> ExecutionResult:
        """Run a cell with the process's event loop at hand, as a kernel does: tasks live on in the cells that follow."""
        loop = self._loop
        if (
            loop is None or loop.is_closed() or asyncio._get_running_loop() is not None
        ):  # the last: a cell that runs another
            return super().run_cell(raw_cell, *arguments, **keywords)
        # What is not `async` runs outside any task, so that the settings it makes (of NumPy, say) hold afterwards.
        asyncio._set_running_loop(loop)
        try:
            return super().run_cell(raw_cell, *arguments, **keywords)
        finally:
            asyncio._set_running_loop(None)
            if not loop.is_closed():
                loop.run_until_complete(asyncio.sleep(0))  # tasks that the cell has started begin

    def run_student_cell(
        self, source: str, report: Callable[[int], None], skipped: int | None
    ) -> tuple[BaseException | None, list[Aside]]:
        """Run a cell; return the error that ended it and what it asked for in vain.

        `report` is called with the place of each top-level statement before it runs. `skipped`: the place of a statement that is left
        out, with what comes after it except imports and definitions; None where the whole cell is run.
        """
        self.asides, self._progress = [], _Progress(report, skipped)
        try:
            result = self.run_cell(source, store_history=True)
        finally:
            self._progress = None
            self.payload_manager.clear_payload()
        return result.error_before_exec or result.error_in_exec, self.asides

    async def run_ast_nodes(
        self,
        nodelist: list[ast.stmt],
        cell_name: str,
        interactivity: str = "last_expr",
        compiler: Any = compile,
        result: Any = None,
    ) -> bool | None:
        """Run the statements of a cell, and report each of them where that is asked for.

        Where one asks for what grading does not have, a library or the network perhaps, the imports and definitions below it are run
        all the same: on the student's machine they were.
        """
        progress, self._progress = self._progress, None  # a cell that this one runs is not reported
        if progress is None:
            raised: bool | None = await super().run_ast_nodes(nodelist, cell_name, interactivity, compiler, result)
            return raised
        last = len(nodelist) - 1
        stopped: BaseException | None = None
        for place in progress.places(nodelist):
            if stopped is not None and not defines(nodelist[place]):
                continue
            progress.report(place)
            shown = interactivity if place == last or interactivity == "all" else "none"
            if await super().run_ast_nodes([nodelist[place]], cell_name, shown, compiler, result):
                stopped = stopped or result.error_in_exec
                result.error_in_exec = stopped
                if not misses_something(stopped):
                    return True
        return stopped is not None

    # ---- what a front end would do

    def init_environment(self) -> None:
        """Leave the environment alone: the sandbox sets a student's process's own."""

    def init_magics(self) -> None:
        """Register the magics, and then those that need what is not there."""
        super().init_magics()
        self.register_magics(_Magics)
        self.magics_manager.register_alias("ed", "edit")

    def enable_gui(self, gui: str | None = None) -> None:
        """Accept every event loop that a kernel knows; none is needed without a screen."""
        if gui not in loop_map:
            raise UsageError(f"Invalid GUI request {gui!r}, valid ones are:{loop_map.keys()}")
        self.active_eventloop = gui

    def enable_matplotlib(self, gui: str | None = None) -> Any:
        """Accept every backend: one that is not installed here, `widget` for one, leaves figures where they are drawn now."""
        try:
            return super().enable_matplotlib(gui)
        except RuntimeError:
            return super().enable_matplotlib("inline")

    def ask_exit(self) -> None:
        """Go on after `quit()` or `exit()`."""
        self.note(Aside.QUIT)

    def debugger(self, force: bool = False) -> None:
        """Pass over the debugger that `%pdb on` asks for after an error."""
        if force or self.call_pdb:
            self.note(Aside.DEBUGGER)

    def system_piped(self, cmd: str) -> None:
        """Run a line of the shell with its output through a pipe: the sandbox has no terminals."""
        if cmd.rstrip().endswith("&"):
            raise OSError("Background processes not supported.")
        command = self.var_expand(cmd, depth=1)
        status = _run_in_shell(command)
        self.user_ns["_exit_code"] = status
        if status:
            self.note(Aside.COMMAND)
        if getattr(self, "system_raise_on_error", False) and status:
            raise subprocess.CalledProcessError(status, cmd)

    system = system_piped

    def showtraceback(self, exc_tuple: Any = None, *_: Any, **__: Any) -> None:
        """Keep an error for `%debug` and the like. Its traceback has no reader, and takes seconds for a deep recursion."""
        with contextlib.suppress(ValueError):  # `%tb`, and there was no error
            self._get_exc_info(exc_tuple)
            self.debugger()

    showsyntaxerror = showindentationerror = showtraceback

    def _format_exception_for_storage(self, *_: Any, **__: Any) -> dict[str, Any]:
        return {}


def make_shell() -> ZMQInteractiveShell:
    """Return this process's shell, with an empty `__main__` of its own for the cells."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "NoColor"
    main = types.ModuleType("__main__")
    shell: ZMQInteractiveShell = ZMQInteractiveShell.instance(config=config, user_module=main)
    shell.kernel = _Application.instance().kernel = _Kernel(shell)
    shell.extension_manager.load_extension("storemagic")  # as a kernel does
    shell.run_cell("None", store_history=False)  # the first cell compiles and imports more than later ones
    sys.modules["__main__"] = main
    return shell


def _send_tensors_by_value() -> None:
    reducers: dict[type, Any] = ForkingPickler._extra_reducers  # type: ignore[attr-defined]
    for kind in [kind for kind in reducers if kind.__module__.partition(".")[0] == "torch"]:
        del reducers[kind]


def _run_to_its_end(loop: asyncio.AbstractEventLoop, coroutine: Any) -> Any:
    """Run a cell that awaits something; what it sets in its task's context holds afterwards, as it would without a task."""
    asyncio._set_running_loop(None)
    context = contextvars.copy_context()
    try:
        return loop.run_until_complete(loop.create_task(coroutine, context=context))
    finally:
        asyncio._set_running_loop(loop)
        for variable, value in context.items():
            if variable.get(None) is not value:
                variable.set(value)


def _run_in_shell(command: str) -> int:
    """Run a command, print its output while it comes, and return its status: negative for the signal that ended it."""
    pipe, both = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(["/bin/sh", "-c", command], stdin=subprocess.DEVNULL, stdout=pipe, stderr=both) as process:
        assert process.stdout is not None
        while piece := os.read(process.stdout.fileno(), PIECE):
            sys.stdout.write(piece.decode(errors="replace"))
    sys.stdout.flush()
    status = process.returncode
    return 128 - status if status > 128 else status


def _nobody_answers(*_: Any, **__: Any) -> NoReturn:
    """Stand in for `input` and `getpass`."""
    raise StdinNotImplementedError(NOBODY_ANSWERS)


def _forgiving(switch_backend: Callable[[str], None]) -> Callable[[str], None]:
    """Return matplotlib's function with a way out: a backend that needs a screen leaves figures where they are drawn now."""

    def switch(newbackend: str) -> None:
        try:
            switch_backend(newbackend)
        except ImportError:
            with contextlib.suppress(Exception):
                switch_backend("agg")

    return switch
