"""What every test shares, and how a parallel run divides the tests among its processes."""

import os
import re
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

# Set before anything imports them: no window for a figure, and Jupyter's own folders where the platform puts them.
os.environ.setdefault("MPLBACKEND", "agg")
os.environ.setdefault("JUPYTER_PLATFORM_DIRS", "1")
# nbgrader calls `alembic` by name, so the environment has to be on the path even where nobody activated it.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])

ROOT = Path(__file__).resolve().parent.parent
UNITS = {path.name for path in (ROOT / "source").iterdir()}
UNIT = re.compile(r"\[.*?\b(\d\d_[a-z_]+)")
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
    "autograder/test_probe.py",
    "autograder/test_never_lost.py",
    "autograder/test_habits.py",
    "autograder/test_sample_class.py",
    "autograder/reading/test_repair.py",
    "autograder/test_bank.py",
    "autograder/test_hostile.py",
    "autograder/running/test_executors.py",
    "autograder/test_cases.py",
    "course/test_training.py",
    "autograder/sandbox/test_confine.py",
    "notebooks/test_notebooks.py",
)

# How long an example takes says nothing on a machine with other things to do.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fuzz", settings.get_profile("patient"), max_examples=10_000, print_blob=True)  # make fuzz
settings.load_profile("patient")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--may-skip",
        action="append",
        metavar="WORDS",
        help="a test that is skipped fails, unless its reason holds these words (may be given several times)",
    )
    parser.addoption("--unit", metavar="NAME", help="of the tests that there are for each unit, run those for this one")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    allowed = item.config.getoption("may_skip")
    if report.skipped and allowed is not None and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2]
        if not any(words in reason for words in allowed):
            report.outcome, report.longrepr = "failed", f"must not be skipped here, and was: {reason}"
    return report


@pytest.fixture(scope="session")
def root() -> Path:
    """The course folder of this checkout."""
    return ROOT


class ModulesAndUnits(LoadScopeScheduling):
    """Keeps together the tests that share an expensive fixture: those of a module, or of a unit in a module."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


@pytest.hookimpl(optionalhook=True)  # where xdist is switched off, nobody asks
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ModulesAndUnits:
    config.option.loadscopereorder = False  # xdist would begin with the modules that have the most tests
    return ModulesAndUnits(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if wanted := config.getoption("unit"):
        others = {item for item in items if unit_of(item.nodeid) not in ("", wanted)}
        config.hook.pytest_deselected(items=list(others))
        items[:] = [item for item in items if item not in others]
    if hasattr(config, "workerinput"):  # in a process of a parallel run
        items.sort(key=_rank)


def unit_of(nodeid: str) -> str:
    """The unit of the course that a test is for; empty for most."""
    found = UNIT.search(nodeid)
    return found[1] if found and found[1] in UNITS else ""


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
