"""Write a kit as a folder or as a zip. What it did not write itself, it neither changes nor removes."""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from autograder.errors import CourseError
from autograder.kit.contents import Files
from autograder.model.files import PART, in_part, read_json, read_plain, writing
from autograder.model.records import LONGEST_NAME
from autograder.model.text import is_encodable

MARKER = ".mlp-kit.json"  # says which files a kit in this folder has, and what was in them: the instructor's, not part of the kit
COMMENT = b"mlp-course kit"  # by which a zip is known as one of ours
SHOWN = 3
FIXED_TIME = (1980, 1, 1, 0, 0, 0)  # the same kit is the same zip

Written = dict[str, list[str]]  # by path, the digests of what we wrote there


def write_folder(files: Files, folder: Path) -> None:
    """Write the kit into a folder, or bring one that was made there before up to date.

    Raises CourseError for a folder that holds something else, or a file of the kit that somebody has changed.
    """
    before = _marked(folder)
    _refuse_changed(folder, before, files)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        # While it is at work, both versions are ours: when it is killed, the next run can go on.
        both = {
            name: before.get(name, []) + ([_digest(files[name])] if name in files else []) for name in {*before, *files}
        }
        _write_marker(folder, both)
        for name, content in files.items():
            _write(folder / name, content)
        for name in before.keys() - files.keys():
            _remove(folder, name)
        _write_marker(folder, {name: [_digest(content)] for name, content in files.items()})


def zip_beside(folder: Path) -> Path:
    """Return the zip that takes the place of a folder, with its name; raises CourseError for a folder without one."""
    name = folder.name if folder.name != ".." else ""
    if not name:
        raise CourseError(f"{folder}: the zip would have no name; give one, such as kit")
    return folder.with_name(f"{name}.zip")


def write_zip(files: Files, path: Path) -> None:
    """Write the kit as a zip that unpacks into one folder; raises CourseError where another file has that name."""
    if os.path.lexists(path) and not _is_ours(path):
        raise CourseError(f"{path}: a file that is no kit has this name; move it away, or give another name")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with in_part(path) as part, zipfile.ZipFile(part, "x", zipfile.ZIP_DEFLATED) as archive:
            archive.comment = COMMENT
            for name, content in files.items():
                entry = zipfile.ZipInfo(f"{path.stem}/{name}", FIXED_TIME)
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o100644 << 16
                archive.writestr(entry, content)


def _marked(folder: Path) -> Written:
    """Return what a kit that lies in a folder has written; nothing for a folder that is empty or not there."""
    marker = folder / MARKER
    try:
        if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
            return {}
        written = {str(name): list(map(str, digests)) for name, digests in read_json(marker).items()}
        if odd := [name for name in written if not _is_inside(name)]:
            raise ValueError(f"{MARKER} names {odd[0][:50]!r}")
        return written
    except FileNotFoundError:
        raise CourseError(
            f"{folder}: holds something that is no kit; give a folder that is empty or not there yet"
        ) from None
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise CourseError(f"{folder}: cannot be read as a kit ({error}); give another folder") from error


def _is_inside(name: str) -> bool:
    """Return whether a name can be that of a file in the kit's folder: what a marker names is replaced or removed."""
    parts = name.split("/")
    return (
        is_encodable(name)
        and "\0" not in name
        and all(part not in ("", ".", "..") and len(os.fsencode(part)) <= LONGEST_NAME for part in parts)
    )


def _refuse_changed(folder: Path, before: Written, files: Files) -> None:
    """Raise CourseError for files in the kit's places that are not what we wrote there, such as a notebook with answers."""
    changed = []
    for name in sorted({*before, *files}):
        path = folder / name
        with _explained(path), contextlib.suppress(FileNotFoundError, NotADirectoryError):
            if any(place.is_symlink() for place in (path, *(folder / parent for parent in _folders_of(name)))):
                raise CourseError(f"{path}: a link lies here; remove it, or give another folder")
            digest = _digest(read_plain(path)) if not path.is_dir() else ""
            ours = digest in before.get(name, []) or (name in files and digest == _digest(files[name]))
            if not ours:
                changed.append(name)
    if changed:
        more = f" and {len(changed) - SHOWN} more" if len(changed) > SHOWN else ""
        raise CourseError(
            f"{folder}: {', '.join(changed[:SHOWN])}{more} changed since the kit was made; move what you need away, "
            f"or give another folder"
        )


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CourseError(
            f"{path}: cannot be read ({error.strerror or error}); move it away, or give another folder"
        ) from error


def _write(path: Path, content: bytes) -> None:
    """Write a file whole; leave one that is so already as it is."""
    if path.is_file() and read_plain(path) == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=PART)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(part, 0o644)
        os.replace(part, path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def _write_marker(folder: Path, written: Mapping[str, list[str]]) -> None:
    _write(folder / MARKER, (json.dumps(dict(sorted(written.items())), indent=1) + "\n").encode())


def _remove(folder: Path, name: str) -> None:
    """Remove a file that the kit no longer has, and the folders that are empty then."""
    (folder / name).unlink(missing_ok=True)
    for parent in _folders_of(name):
        shutil.rmtree(folder / parent / "__pycache__", ignore_errors=True)
        with contextlib.suppress(OSError):
            (folder / parent).rmdir()


def _folders_of(name: str) -> list[PurePosixPath]:
    """Return the folders in the kit that a file of it lies in, the innermost first."""
    return [parent for parent in PurePosixPath(name).parents if parent.name]


def _is_ours(path: Path) -> bool:
    try:
        if not path.is_file():
            return False
        with zipfile.ZipFile(path) as archive:
            return archive.comment == COMMENT
    except (OSError, zipfile.BadZipFile):
        return False


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
