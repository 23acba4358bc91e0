"""Run a command in this folder without root's rights, as an instructor would who grades under a name of their own.

`python -m tests.ordinary_user COMMAND …`, as root; needs util-linux. Where this checkout or its Python lies in folders that are
closed to others, the command sees them all the same: in a mount namespace of its own.
"""

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOBODY = 65534
BECOME = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--inh-caps=-all"]


def closed(path: Path) -> Path | None:
    """The outermost folder above a path that others may not enter."""
    return next((folder for folder in reversed(path.parents) if not folder.stat().st_mode & 0o001), None)


def opened(paths: list[Path], keep: Path) -> Iterator[str]:
    """Commands, for a mount namespace of its own, that show these paths to everybody in place of the closed folders around them."""
    hidden = {path: folder for path in paths if (folder := closed(path))}
    for number, path in enumerate(hidden):
        yield f"mkdir -p {keep}/{number} && mount --bind {shlex.quote(str(path))} {keep}/{number}"
    for folder in set(hidden.values()):
        yield f"mount -t tmpfs -o mode=755 none {shlex.quote(str(folder))}"
    for number, path in enumerate(hidden):
        place = shlex.quote(str(path))
        yield f"mkdir -p {place} && mount --move {keep}/{number} {place}"


def run(command: list[str]) -> int:
    """Run a command as nobody, with a home of its own, and return its exit status."""
    paths = sorted({Path(sys.base_prefix), Path(sys.prefix), ROOT}, key=lambda path: len(path.parts))
    with tempfile.TemporaryDirectory() as keep, tempfile.TemporaryDirectory(prefix="ordinary-") as home:
        os.chown(home, NOBODY, NOBODY)
        own = {"HOME": home, "TMPDIR": home, "HYPOTHESIS_STORAGE_DIRECTORY": f"{home}/hypothesis"}
        settings = [f"{name}={value}" for name, value in own.items()]
        steps = ["set -e", *opened(paths, Path(keep)), shlex.join(["exec", "env", *settings, *BECOME, *command])]
        apart = ["unshare", "--mount", "--propagation", "private", "sh", "-c", "\n".join(steps)]
        return subprocess.run(apart, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    if os.getuid() != 0:
        sys.exit("only root can become another user; without root's rights, run the command itself")
    sys.exit(run(sys.argv[1:]))
