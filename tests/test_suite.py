"""What `tests/conftest.py` adds to pytest: how tests are divided among processes, and that nothing is skipped unnoticed."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, ModulesAndUnits, unit_of

SKIPPED = "import pytest\ndef test_it(): pytest.skip('no Chromium here')\n"
UNITS = """
import pytest
@pytest.mark.parametrize("unit", ["04_mlp", "05_cross_entropy", "neither"])
def test_it(unit): pass
"""


def run_pytest(folder: Path, source: str, *options: str) -> subprocess.CompletedProcess:
    (folder / "test_one.py").write_text(source)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider", "-c", "/dev/null"]
    return subprocess.run([*command, f"--rootdir={folder}", str(folder), *options], cwd=ROOT, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("options", "counts"),
    [((), "1 skipped"), (("--may-skip", "Chromium"), "1 skipped"), (("--may-skip", "namespaces"), "1 failed")],
)
def test_only_what_may_be_skipped_is(tmp_path: Path, options: tuple[str, ...], counts: str) -> None:
    assert counts in run_pytest(tmp_path, SKIPPED, *options).stdout


def test_one_unit_of_all_may_be_run(tmp_path: Path) -> None:
    assert "3 passed" in run_pytest(tmp_path, UNITS).stdout
    assert "2 passed, 1 deselected" in run_pytest(tmp_path, UNITS, "--unit", "04_mlp").stdout


def test_a_test_knows_its_unit() -> None:
    assert unit_of("tests/x.py::test_y[05_cross_entropy-softmax-right-the loop]") == "05_cross_entropy"
    assert unit_of("tests/x.py::test_y[colab-04_mlp]") == "04_mlp"
    assert unit_of("tests/x.py::test_y[12_students]") == unit_of("tests/x.py::test_y") == ""


def test_what_shares_a_fixture_stays_together(pytestconfig: pytest.Config) -> None:
    scope = ModulesAndUnits(pytestconfig)._split_scope
    bank = "tests/autograder/test_bank.py"
    assert scope(f"{bank}::test_a[04_mlp-net]") == scope(f"{bank}::test_b[04_mlp-net]")
    assert scope(f"{bank}::test_a[04_mlp-net]") != scope(f"{bank}::test_a[05_cross_entropy-kl]")
    other = "tests/autograder/test_sample_class.py"
    assert scope(f"{other}::test_a[04_mlp-ada]") == scope(f"{other}::test_b[05_cross_entropy-ada]") == scope(f"{other}::c")
