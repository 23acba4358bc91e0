"""What `tests/conftest.py` adds to pytest: dividing tests among processes, choosing some, skipping nothing unnoticed, saying what takes long."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, exercise_of, pytest_xdist_auto_num_workers, scope_of, unit_of

TESTS = """
import gc
import pytest

COLLECTED = gc.isenabled()

def test_in_a_browser():
    pytest.skip("no Chromium here")

@pytest.mark.parametrize("unit", ["04_mlp-net-right-a loop", "04_mlp-shapes-right-a loop", "05_cross_entropy", "neither"])
def test_it(unit):
    assert gc.isenabled() and not COLLECTED
"""
SLOW = """
import time, pytest

@pytest.fixture
def slow():
    time.sleep(3)

def test_it(slow): pass
"""


def run_tests(folder: Path, *options: str) -> str:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider", "-p", "no:nbval"]
    command += ["-c", "/dev/null", f"--rootdir={folder}", str(folder), *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout


@pytest.mark.parametrize(
    ("options", "counts"),
    [
        (("--may-skip", "Chromium"), "4 passed, 1 skipped"),
        (("--may-skip", "namespaces", "--unit", "04_mlp"), "1 failed, 3 passed, 1 deselected"),
        (("--unit", "04_mlp", "--exercise", "net"), "2 passed, 1 skipped, 2 deselected"),
    ],
)
def test_only_what_may_be_skipped_is_and_one_unit_may_be_run(tmp_path: Path, options: tuple, counts: str) -> None:
    (tmp_path / "test_one.py").write_text(TESTS)
    assert counts in run_tests(tmp_path, *options)


def test_with_the_slowest_tests_stand_the_slowest_modules_with_their_fixtures(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text(TESTS)
    (tmp_path / "test_slow.py").write_text(SLOW)
    lines = run_tests(tmp_path, "--durations=1").splitlines()
    title = next(number for number, line in enumerate(lines) if "slowest modules" in line)
    slow, other = (line.split("s ") for line in lines[title + 1 : title + 3])
    assert (slow[1], other[1]) == ("test_slow.py", "test_one.py")
    assert float(slow[0]) >= 3


def test_a_parallel_run_has_a_process_to_spare_while_tests_wait() -> None:
    assert pytest_xdist_auto_num_workers() == len(os.sched_getaffinity(0)) + 1


def test_a_test_knows_its_unit() -> None:
    assert unit_of("tests/x.py::test_y[05_cross_entropy-softmax-right-the loop]") == "05_cross_entropy"
    assert unit_of("tests/x.py::test_y[colab-04_mlp]") == "04_mlp"
    assert unit_of("tests/x.py::test_y[12_students]") == unit_of("tests/x.py::test_y") == ""


def test_an_answer_of_the_bank_knows_its_exercise() -> None:
    assert exercise_of("tests/x.py::test_y[05_cross_entropy-one_hot-wrong-a loop-free one]") == "one_hot"
    assert exercise_of("tests/x.py::test_y[05_cross_entropy]") == exercise_of("tests/x.py::test_y[left-right-a]") == ""


def test_what_shares_a_fixture_stays_together() -> None:
    bank = "tests/autograder/test_bank.py"
    assert scope_of(f"{bank}::test_a[04_mlp-net]") == scope_of(f"{bank}::test_b[04_mlp-net]")
    assert scope_of(f"{bank}::test_a[04_mlp-net]") != scope_of(f"{bank}::test_a[05_cross_entropy-kl]")
    other = "tests/autograder/test_check.py"
    assert scope_of(f"{other}::test_a[04_mlp-ada]") == scope_of(f"{other}::test_b[05_cross_entropy-ada]")
    assert scope_of(f"{other}::test_a[04_mlp-ada]") == scope_of(f"{other}::c")
    habits = "tests/autograder/test_habits.py"
    assert scope_of(f"{habits}::test_a[edits-x]") == scope_of(f"{habits}::test_b[kernel-y]")
    assert scope_of(f"{habits}::test_a[edits-x]") != scope_of(f"{habits}::test_a[magics-x]")
    assert scope_of(f"{habits}::test_a[magics-x]") == scope_of(f"{habits}::test_of_all")


def test_no_test_patches_a_method_that_python_looks_up_on_the_class() -> None:
    """Taking back the patch of an inherited one leaves `object`'s in the class: every test after it gets that."""
    patch = re.compile(r"""setattr\(\s*[\w.]+,\s*["']__\w+__["']|["'][\w.]+\.__\w+__["'],""")
    for path in (ROOT / "tests").rglob("*.py"):
        if not {"submissions", "answers"} & set(path.parts):
            assert "monkeypatch" not in (text := path.read_text()) or not patch.search(text), path
