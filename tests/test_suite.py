"""What `tests/conftest.py` adds to pytest: how tests are divided among processes, and that nothing is skipped unnoticed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, scope_of, unit_of

TESTS = """
import pytest

def test_in_a_browser():
    pytest.skip("no Chromium here")

@pytest.mark.parametrize("unit", ["04_mlp", "05_cross_entropy", "neither"])
def test_it(unit): pass
"""


@pytest.mark.parametrize(
    ("options", "counts"),
    [
        (("--may-skip", "Chromium"), "3 passed, 1 skipped"),
        (("--may-skip", "namespaces", "--unit", "04_mlp"), "1 failed, 2 passed, 1 deselected"),
    ],
)
def test_only_what_may_be_skipped_is_and_one_unit_may_be_run(tmp_path: Path, options: tuple, counts: str) -> None:
    (tmp_path / "test_one.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider", "-p", "no:nbval"]
    command += ["-c", "/dev/null", f"--rootdir={tmp_path}", str(tmp_path), *options]
    assert counts in subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout


def test_a_test_knows_its_unit() -> None:
    assert unit_of("tests/x.py::test_y[05_cross_entropy-softmax-right-the loop]") == "05_cross_entropy"
    assert unit_of("tests/x.py::test_y[colab-04_mlp]") == "04_mlp"
    assert unit_of("tests/x.py::test_y[12_students]") == unit_of("tests/x.py::test_y") == ""


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
