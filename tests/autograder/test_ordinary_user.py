"""The suites of judge, sandbox and attacks once more without root's rights: an instructor grades under a name of their own."""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.autograder.sandbox.test_confine import SKIPPED_WITHOUT_NAMESPACES
from tests.conftest import ROOT

NOBODY = 65534
SUITES = ("sandbox/test_confine.py", "running/test_judge.py", "test_hostile.py")

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="these tests run without root's rights as it is")


def closed(path: Path) -> Path | None:
    """The outermost folder above a path that others may not enter."""
    return next((folder for folder in reversed(path.parents) if not folder.stat().st_mode & 0o001), None)


def opened(paths: list[Path], keep: Path) -> str:
    """Commands, for a mount namespace of its own, that show these paths to everybody in place of the closed folders around them."""
    commands = ["set -e"]
    hidden = {path: folder for path in paths if (folder := closed(path))}
    for number, path in enumerate(hidden):
        commands += [f"mkdir -p {keep}/{number}", f"mount --bind {shlex.quote(str(path))} {keep}/{number}"]
    commands += [f"mount -t tmpfs -o mode=755 none {shlex.quote(str(folder))}" for folder in set(hidden.values())]
    for number, path in enumerate(hidden):
        commands += [f"mkdir -p {shlex.quote(str(path))}", f"mount --move {keep}/{number} {shlex.quote(str(path))}"]
    return "\n".join(commands)


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder of the ordinary user's own; pytest's are closed to others."""
    with tempfile.TemporaryDirectory(prefix="ordinary-") as folder:
        os.chown(folder, NOBODY, NOBODY)
        yield Path(folder)


@pytest.mark.parametrize("suite", SUITES)
def test_an_ordinary_user_s_grader_holds_as_well(suite: str, home: Path, tmp_path: Path) -> None:
    if not all(map(shutil.which, ("unshare", "setpriv", "mount"))):
        pytest.skip("util-linux is not here to become an ordinary user with")
    tests = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", f"--basetemp={home / 'tests'}"]
    tests += [str(ROOT / "tests" / "autograder" / suite)]
    become = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--inh-caps=-all"]
    command = shlex.join(["env", f"HOME={home}", f"TMPDIR={home}", *become, *tests])
    paths = sorted({Path(sys.base_prefix), Path(sys.prefix), ROOT}, key=lambda path: len(path.parts))
    script = f"{opened(paths, tmp_path / 'keep')}\nexec {command}"
    done = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
    skipped = [line for line in done.stdout.splitlines() if line.startswith("SKIPPED")]
    assert all(SKIPPED_WITHOUT_NAMESPACES in line for line in skipped), skipped
