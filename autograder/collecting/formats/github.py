"""GitHub Classroom's clones: a folder per student, as `gh classroom clone student-repos` makes them.

A folder is called `<assignment>-<user name>`. The time is that of the last commit: the one that the student's machine
wrote into it, for a clone does not say when it was pushed.
"""

import itertools
import os
import re
import subprocess
import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path

from autograder.collecting.attempt import Attempt, Claim, Piece, Setting, Sorted
from autograder.collecting.entries import CannotRead, LeftOut, safe_path
from autograder.reading.plain_file import NotPlain, read_plain_file

GIT = ".git"
MAX_REFERENCES = 5_000_000  # bytes
MAX_COMMIT = 100_000  # bytes of a commit that are read
SECONDS = 20
HASH = re.compile(r"[0-9a-f]{40}")
COMMITTER = re.compile(rb"^committer [^\n]*> (\d{1,12}) [+-]\d{4}$", re.MULTILINE)


def clones(setting: Setting) -> set[str]:
    """Return the folders of a source that are clones."""
    paths = (left_out.path for left_out in setting.contents.left_out)
    return {path.split("/")[0] for path in paths if path.count("/") == 1 and path.endswith(f"/{GIT}")}


def sort(setting: Setting) -> Sorted:
    """Return one attempt per clone."""
    groups: dict[str, list[Piece]] = {}
    left_out = []
    for entry in setting.entries:
        folder, _, inside = entry.path.partition("/")
        if inside:
            groups.setdefault(folder, []).append(Piece(inside, entry))
        else:
            left_out.append(LeftOut(entry.path, "in no student's folder"))
    ends = _ends_of_assignment(list(groups))
    attempts = [
        Attempt(folder, (_claim(folder, ends),), tuple(pieces), _committed_at(setting, folder))
        for folder, pieces in groups.items()
    ]
    return Sorted(tuple(attempts), tuple(left_out))


def _claim(folder: str, ends: list[int]) -> Claim:
    """Return the claim of one of the names that may begin after the assignment's."""
    names = tuple(folder[end:] for end in ends if folder[end:]) if ends else _names_after_hyphens(folder)
    return Claim(folder, names, fallback=names[-1] if ends and names else "")


def _ends_of_assignment(folders: list[str]) -> list[int]:
    """Return where the assignment's name may end, given all folders: at a hyphen of what they have in common."""
    letters = enumerate(zip(*folders, strict=False)) if len(folders) > 1 else ()
    common = itertools.takewhile(lambda place: len(set(place[1])) == 1, letters)
    return [place + 1 for place, (letter, *_) in common if letter == "-"]


def _names_after_hyphens(folder: str) -> tuple[str, ...]:
    return tuple(folder[place + 1 :] for place, letter in enumerate(folder) if letter == "-")


def _committed_at(setting: Setting, folder: str) -> datetime | None:
    """Return when a clone's last commit was made; None where Git cannot say."""
    if setting.folder is None or folder not in clones(setting):
        return None
    clone = setting.folder / folder / GIT
    commit = _head(clone)
    text = _commit(clone / "objects", commit) if commit and not clone.is_symlink() else b""
    match = COMMITTER.search(text)
    try:
        return datetime.fromtimestamp(int(match[1]), UTC) if match else None
    except (ValueError, OverflowError, OSError):
        return None


def _head(clone: Path) -> str:
    """Return the hash of the commit that is checked out; empty where nothing says so."""
    try:
        text = _text(clone, "HEAD", 1_000)
        if text.startswith("ref: "):
            name = safe_path(text.removeprefix("ref: ").strip())
            packed = {line[41:].strip(): line[:40] for line in _text(clone, "packed-refs", MAX_REFERENCES).splitlines()}
            text = _text(clone, name, 1_000) or packed.get(name, "")
    except CannotRead:
        return ""
    return text.strip() if HASH.fullmatch(text.strip()) else ""


def _text(clone: Path, name: str, most: int) -> str:
    try:
        return (read_plain_file(clone / name, most, clone) or b"").decode(errors="replace")
    except (OSError, NotPlain):
        return ""


def _commit(objects: Path, commit: str) -> bytes:
    """Return the beginning of a commit; empty where Git does not find it.

    Git runs programs that a repository's own settings name, so it is given an empty repository and only looks into
    the clone's objects.
    """
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder)
        (empty / "HEAD").write_text("ref: refs/heads/main\n")
        (empty / "objects").mkdir()
        (empty / "refs").mkdir()
        environment = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
        environment |= {"GIT_DIR": folder, "GIT_OBJECT_DIRECTORY": str(objects.absolute()), "HOME": folder}
        environment |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": ""}
        try:
            with subprocess.Popen(
                ["git", "cat-file", "commit", commit],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            ) as process:
                return _beginning(process)
        except OSError:  # there is no Git here
            return b""


def _beginning(process: subprocess.Popen[bytes]) -> bytes:
    """Return the first bytes of a program's output, however much it writes and however long it takes."""
    assert process.stdout is not None
    timer = threading.Timer(SECONDS, process.kill)
    timer.start()
    try:
        return process.stdout.read(MAX_COMMIT)
    finally:
        timer.cancel()
        process.kill()
