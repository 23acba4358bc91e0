"""What every test shares, and how a parallel run divides the tests among its processes."""

import os
import re
import sys
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

import tests.warm.sockets  # noqa: F401  no kernel of a test waits for a port
from autograder.model.garbage import no_search_for_garbage

# Set before anything imports them: no window for a figure, and Jupyter's own folders where the platform puts them.
os.environ.setdefault("MPLBACKEND", "agg")
os.environ.setdefault("JUPYTER_PLATFORM_DIRS", "1")
# One thread per process, kernels and commands included. The nets here are so small that two threads mostly wait for each other: on a
# busy machine, trainings of two seconds took minutes. A test that needs more calls torch.set_num_threads.
for library in ("OMP", "MKL", "OPENBLAS"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")
# What whoever starts the tests wants of programs with a terminal or a proxy is not for the programs that are tested.
for name in ("FORCE_COLOR", "NO_COLOR", "COLUMNS", "LINES", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
    os.environ.pop(name, None)
for name in ("no_proxy", "NO_PROXY"):
    os.environ[name] = ",".join(filter(None, [os.environ.get(name), "127.0.0.1,localhost"]))
# nbgrader calls `alembic` by name, so the environment has to be on the path even where nobody activated it.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])

ROOT = Path(__file__).resolve().parent.parent
UNITS = {path.name for path in (ROOT / "source").iterdir()}
UNIT = re.compile(r"\[.*?\b(\d\d_[a-z_]+)")
ANSWER = re.compile(r"\[\d\d_[a-z_]+-([^-]+)-(?:right|wrong)-")
SPLIT_BY_UNIT = (
    "autograder/test_bank.py",
    "autograder/test_probe.py",
    "autograder/test_sample_class.py",
    "notebooks/test_notebooks.py",
)  # too long for one process
# Likewise: the kinds of habits that share a process; all others share one too.
HABITS = "autograder/test_habits.py"
KINDS_TOGETHER = (("torch",), ("definitions", "edits", "files", "kernel"))
# Begun first, so that no core is idle at the end of a parallel run.
SLOWEST = (
    "autograder/test_habits.py",
    "autograder/test_sample_class.py",
    "autograder/test_never_lost.py",
    "autograder/test_probe.py",
    "autograder/test_bank.py",
    "autograder/test_hostile.py",
    "autograder/test_cases.py",
    "autograder/reading/test_repair.py",
    "notebooks/test_notebooks.py",
    "browser/test_browser.py",
    "test_guides.py",
    "course/test_widgets.py",
    "autograder/running/test_executors.py",
    "autograder/running/test_judge.py",
    "autograder/rpc/test_interface_rules.py",
)
MODULES_SHOWN = 10  # at the end of a run that shows its slowest tests

# How long an example takes says nothing on a machine with other things to do. The examples are the same in each run, for whoever changes
# a page must not be stopped by a fault elsewhere that chance finds today. `make test ARGS="--hypothesis-profile anew"` and `make fuzz` draw others.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("patient", PATIENT, derandomize=True, database=None)
settings.register_profile("anew", PATIENT, derandomize=False, print_blob=True)
settings.register_profile("fuzz", PATIENT, derandomize=False, max_examples=10_000, print_blob=True)  # make fuzz
settings.load_profile("patient")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--may-skip",
        action="append",
        metavar="WORDS",
        help="a test that is skipped fails, unless its reason holds these words (may be given several times)",
    )
    parser.addoption("--unit", metavar="NAME", help="of the tests that there are for each unit, run those for this one")
    parser.addoption("--exercise", metavar="NAME", help="of the answers in the bank, run those to this exercise")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes by their number: a test's name must be the same in every process, and a zip holds the time at which it was made."""
    return f"{argname} of {len(val)} bytes" if isinstance(val, bytes) else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    allowed = item.config.getoption("may_skip")
    if report.skipped and allowed is not None and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2]
        if not any(words in reason for words in allowed):
            report.outcome, report.longrepr = "failed", f"must not be skipped here, and was: {reason}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say after `--durations` which modules took longest, fixtures included: hundreds of short tests are seen there alone."""
    if config.getoption("durations") is None:
        return
    reports = [report for kind in terminalreporter.stats.values() for report in kind if hasattr(report, "duration")]
    seconds: Counter[str] = Counter()
    for report in reports:
        seconds[report.nodeid.split("::")[0]] += report.duration
    terminalreporter.section(f"{sum(seconds.values()):.0f} s in tests; slowest modules")
    for module, took in seconds.most_common(MODULES_SHOWN):
        terminalreporter.write_line(f"{took:.2f}s {module}")


@pytest.fixture(scope="session")
def root() -> Path:
    """The course folder of this checkout."""
    return ROOT


class ModulesAndUnits(LoadScopeScheduling):
    """Keeps together the tests that share an expensive fixture: those of a module, or of a unit in a module."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return one more than the cores that may be used: some test always waits for a limit of time, a kernel or a browser."""
    return len(os.sched_getaffinity(0)) + 1


@pytest.hookimpl(optionalhook=True)  # where xdist is switched off, nobody asks
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ModulesAndUnits:
    config.option.loadscopereorder = False  # xdist would begin with the modules that have the most tests
    return ModulesAndUnits(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    unit, exercise = config.getoption("unit"), config.getoption("exercise")
    others = {
        item
        for item in items
        if (unit and unit_of(item.nodeid) not in ("", unit))
        or (exercise and exercise_of(item.nodeid) not in ("", exercise))
    }
    if others:
        config.hook.pytest_deselected(items=list(others))
        items[:] = [item for item in items if item not in others]
    if hasattr(config, "workerinput"):  # in a process of a parallel run
        items.sort(key=_rank)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage in what is imported and collected, which lasts until the end: that took a fifth of this process's time."""
    with no_search_for_garbage():
        return (yield)


def unit_of(nodeid: str) -> str:
    """The unit of the course that a test is for; empty for most."""
    found = UNIT.search(nodeid)
    return found[1] if found and found[1] in UNITS else ""


def exercise_of(nodeid: str) -> str:
    """The exercise to which a test's answer of the bank is; empty for tests of anything else."""
    answer = ANSWER.search(nodeid)
    return answer[1] if answer and unit_of(nodeid) else ""


def scope_of(nodeid: str) -> str:
    """The tests that a test must share a process with have the same."""
    module = nodeid.split("::")[0]
    if module.endswith(HABITS):
        kind = nodeid.partition("[")[2].partition("-")[0]
        return " ".join([module, *next((kinds for kinds in KINDS_TOGETHER if kind in kinds), ())])
    return f"{module} {unit_of(nodeid)}" if module.endswith(SPLIT_BY_UNIT) else module


def _rank(item: pytest.Item) -> int:
    """The place of a test's module among the slowest; the others come after them in their own order."""
    name = item.path.relative_to(ROOT / "tests").as_posix()
    return SLOWEST.index(name) if name in SLOWEST else len(SLOWEST)
