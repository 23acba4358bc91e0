"""Read a folder that strangers filled: plain files alone, no link followed, no pipe waited for."""

import os
from collections.abc import Iterator
from pathlib import Path

from autograder.collecting.entries import (
    LEFT_BY_PROGRAMS,
    MAX_ENTRIES,
    CannotRead,
    Contents,
    Entry,
    LeftOut,
    decoded,
    left_by_programs,
    safe_path,
    too_large,
    without_clashes,
)
from autograder.errors import CourseError
from autograder.reading.plain_file import NotPlain, read_plain_file

MAX_DEPTH = 20


def read_folder(folder: Path) -> Contents:
    """Return what a folder holds, at any depth; raises CourseError where there is too much."""
    entries: list[Entry] = []
    left_out: list[LeftOut] = []
    for item in _walk(folder, folder, 0):
        if len(entries) + len(left_out) >= MAX_ENTRIES:
            raise CourseError(f"{folder}: over {MAX_ENTRIES:,} files; hand over a smaller folder")
        if isinstance(item, LeftOut):
            left_out.append(item)
        else:
            entries.append(item)
    different = without_clashes(entries)
    return Contents(different.entries, (*left_out, *different.left_out))


def _walk(root: Path, folder: Path, depth: int) -> Iterator[Entry | LeftOut]:
    try:
        with os.scandir(folder) as scanned:
            inside = sorted(scanned, key=lambda entry: entry.name)
    except OSError as error:
        yield LeftOut(_shown(root, folder), f"it cannot be read ({error.strerror}); mend its permissions")
        return
    for entry in inside:
        path = Path(entry.path)
        name = _shown(root, path)
        try:
            name = safe_path(name)
        except CannotRead as error:
            yield LeftOut(name, str(error))
            continue
        if left_by_programs(name):
            yield LeftOut(name, LEFT_BY_PROGRAMS, expected=True)
        elif entry.is_symlink():
            yield LeftOut(name, "a link, not a file")
        elif entry.is_dir(follow_symlinks=False):
            if depth < MAX_DEPTH:
                yield from _walk(root, path, depth + 1)
            else:
                yield LeftOut(name, f"it lies over {MAX_DEPTH} folders deep")
        elif entry.is_file(follow_symlinks=False):
            yield _entry(root, path, name)
        else:
            yield LeftOut(name, "a device or pipe, not a file")


def _entry(root: Path, path: Path, name: str) -> Entry:
    def read(most: int) -> bytes:
        try:
            data = read_plain_file(path, most, root)
        except NotPlain as error:
            raise CannotRead("no plain file") from error
        except OSError as error:
            raise CannotRead(f"it cannot be read ({error.strerror})") from error
        if data is None:
            raise too_large(most)
        return data

    return Entry(name, read)


def _shown(root: Path, path: Path) -> str:
    return decoded(os.fsencode(path.relative_to(root)))
