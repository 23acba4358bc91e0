"""Read what a student handed in beside the notebook: modules, data and pictures that its cells use. Runs nothing."""

import hashlib
import os
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.model.text import listed
from autograder.reading.plain_file import NotPlain, read_plain_file

MAX_FILES = 200
MAX_TOGETHER = 32 << 20  # bytes
MAX_ENTRIES = 2_000  # names of a folder that are looked at
MAX_DEPTH = 5  # folders in one another
MAX_FOLDERS = 200
NOTEBOOKS = ".ipynb"
TIME_STAMP = "timestamp.txt"
SECRET = (
    "submission_secret.txt"  # of nbgrader's exchange; one of the files, so that what is handed in anew is graded anew
)
# What notebook servers, Python, systems and archives leave behind; folders whose names begin with a dot are left out too.
LEFT_BEHIND = frozenset({"__pycache__", "__MACOSX", "desktop.ini", "Thumbs.db", TIME_STAMP})
LEFT_HIDDEN = re.compile(r"\.(?:DS_Store|localized|(?:_|#|~lock|nfs).*)")


@dataclass(frozen=True)
class FilesBeside:
    """Files by their names, a file in folders as `folder/folder/name`; and what was left out, and why."""

    contents: dict[str, bytes] = field(default_factory=dict)
    repairs: tuple[str, ...] = ()


def files_beside(notebook: Path, own_folder: bool = True, below: Path | None = None) -> FilesBeside:
    """Return the regular files in a notebook's folder and in the folders inside it, other notebooks among them; no link is followed.

    `own_folder`: whether the folder is the submission's own. Otherwise the folders and notebooks in it are other submissions', and are
    left out without a word. `below`: the folder below which no part of a path may be a link, by default the notebook's. An OSError of
    the folder itself is raised.
    """
    contents: dict[str, bytes] = {}
    left_out: dict[str, list[str]] = {}
    room = MAX_TOGETHER
    for name, path in _candidates(notebook, own_folder):
        try:
            name.encode()
            if len(contents) >= MAX_FILES:
                reason = f"more than {MAX_FILES} files lay beside the notebook"
            else:
                content = read_plain_file(path, room, below or notebook.parent)
                reason = f"the files beside the notebook had over {MAX_TOGETHER >> 20} MB together"
                if content is not None:
                    contents[name] = content
                    room -= len(content)
                    continue
        except UnicodeEncodeError:
            name, reason = name.encode(errors="replace").decode(), "its name could not be read"
        except NotPlain:
            reason = "only plain files are read, no links"
        except OSError as error:
            reason = f"it could not be read ({error.strerror})"
        left_out.setdefault(reason, []).append(name)
    return FilesBeside(contents, tuple(_left_out(names, reason) for reason, names in left_out.items()))


def digest_with(digest: str, files: Mapping[str, bytes]) -> str:
    """Return the digest of a submission, given that of its notebook; the same where there are no other files."""
    if not files:
        return digest
    together = hashlib.sha256(digest.encode())
    for name, content in sorted(files.items()):
        together.update(f"{len(name.encode())} {name} {len(content)} ".encode())
        together.update(content)
    return together.hexdigest()


def _candidates(notebook: Path, own_folder: bool) -> Iterator[tuple[str, Path]]:
    """Yield the names and paths of what may be read, those in the folder itself first, then those in one folder, and so on."""
    waiting = deque([("", notebook.parent)])
    looked_at = 0
    while waiting and looked_at <= MAX_FOLDERS:
        inside, folder = waiting.popleft()
        looked_at += 1
        for path in _entries(folder):
            if not inside and (path.name == notebook.name or (not own_folder and NOTEBOOKS in path.name.lower())):
                continue
            name = f"{inside}{path.name}"
            is_folder = path.is_dir() and not path.is_symlink()
            if is_folder and name.count("/") < MAX_DEPTH:
                waiting += [(f"{name}/", path)] if own_folder else []
            else:
                yield name, path


def _entries(folder: Path) -> list[Path]:
    """Return what is in a folder, in the order of names, without what programs leave behind."""
    with os.scandir(folder) as entries:
        names = [entry.name for _, entry in zip(range(MAX_ENTRIES), entries, strict=False)]
    wanted = [folder / name for name in sorted(names) if name not in LEFT_BEHIND and not LEFT_HIDDEN.fullmatch(name)]
    return [path for path in wanted if path.name[0] != "." or not path.is_dir()]


def _left_out(names: list[str], reason: str) -> str:
    return f"{listed(names)} beside the notebook {'was' if len(names) == 1 else 'were'} left out: {reason}"
