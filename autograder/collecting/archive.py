"""Read a zip that strangers made: no more bytes than asked for, whatever it says of itself, and nothing written."""

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

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
from autograder.model.text import first_line

MAX_NESTED = 200 << 20  # bytes of a zip inside another, compressed
LONGEST_READ = 16 << 20  # bytes: what zipfile reads at once is the list of names, about 100 bytes for each
CHUNK = 1 << 20
IN_UTF8 = 0x800
ENCRYPTED = 0x1
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
BROKEN = "it is damaged; download or zip it again"
FAILURES = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


@contextmanager
def opened_zip(path: Path) -> Iterator[Contents]:
    """Yield what a zip on the disk holds; raises CannotRead."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise CannotRead(f"cannot be opened ({error.strerror}); mend its permissions") from error
    with file:
        yield _contents(file)


def read_nested(entry: Entry) -> Contents:
    """Return what a zip inside a source holds; raises CannotRead."""
    return _contents(io.BytesIO(entry.read(MAX_NESTED)))


def _contents(file: IO[bytes]) -> Contents:
    try:
        # The list of names is read at once and is as long as the archive says.
        archive = zipfile.ZipFile(cast(IO[bytes], _ReadsBounded(file)))
    except FAILURES as error:
        raise CannotRead(f"no zip that can be read ({first_line(error)}); download or zip it again") from error
    if len(archive.infolist()) > MAX_ENTRIES:
        raise CannotRead(f"it holds over {MAX_ENTRIES:,} files; hand over fewer at once")
    entries, left_out = [], []
    for info in archive.infolist():
        name = _name(info)
        try:
            if name.endswith(("/", "\\")):  # a folder
                continue
            path = safe_path(name)
            if left_by_programs(path):
                left_out.append(LeftOut(path, LEFT_BY_PROGRAMS, expected=True))
            else:
                _check(info)
                entries.append(_entry(archive, info, path))
        except CannotRead as error:
            left_out.append(LeftOut(name, str(error)))
    different = without_clashes(entries)
    return Contents(different.entries, (*left_out, *different.left_out))


def _check(info: zipfile.ZipInfo) -> None:
    """Raise CannotRead for anything but a plain file that can be read without a password."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise CannotRead("a link, not a file" if kind == stat.S_IFLNK else "a device or pipe, not a file")
    if info.flag_bits & ENCRYPTED:
        raise CannotRead("it is encrypted; ask for one without a password")
    if info.compress_type not in METHODS:
        raise CannotRead("it is compressed in an unusual way; zip it again in the ordinary way")


def _entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str) -> Entry:
    def read(most: int) -> bytes:
        if info.file_size > most:
            raise too_large(most)
        try:
            with archive.open(info) as file:
                return _read(file, most)
        except FAILURES as error:
            raise CannotRead(BROKEN) from error

    return Entry(path, read)


def _read(file: IO[bytes], most: int) -> bytes:
    """Return all of a file; what it says of its size proves nothing."""
    data = bytearray()
    while chunk := file.read(CHUNK):
        data += chunk
        if len(data) > most:
            raise too_large(most)
    return bytes(data)


def _name(info: zipfile.ZipInfo) -> str:
    """Return an entry's name; where it says nothing of its encoding, zipfile takes it for that of the first PCs."""
    if info.flag_bits & IN_UTF8 or info.orig_filename.isascii():
        return info.orig_filename
    return decoded(info.orig_filename.encode("cp437"))


class _ReadsBounded:
    """A file of which nobody reads a lot at once."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > LONGEST_READ:
            raise CannotRead("its list of names is too long; zip it again")
        return self._file.read(size)
